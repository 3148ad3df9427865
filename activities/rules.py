"""Where an activity stands on a policy's scale, and what is owed for it. Values in, values out.

No rule knows an organisation: whatever differs comes from the policy. Where the policy does not answer, neither
does the rule. It says what a person has to look at, and never takes a default (S34).
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from activities.framework import ActivityKind, Band, Policy, Recognition, Role
from activities.policy_parts import BandRate
from eligibility.reasons import Reason, Refused, refuse_if

PENNY = Decimal("0.01")


@dataclass(frozen=True)
class Placing:
    """An activity's place on the scale. ``band`` is None when a person must decide; ``why`` then says how."""

    band: Band | None
    why: str
    source: str
    proposal: bool = False  # our own suggestion, which the source does not state


@dataclass(frozen=True)
class CostRule:
    """What a cost needs before it is paid back. ``rate`` is for one mile, and None where there is none."""

    mode: str
    title: str
    receipt_needed: bool
    agreement_needed: bool
    evidence: tuple[str, ...]
    rate: Decimal | None
    source: str
    proposal: bool


# The scale.


def place(
    policy: Policy, *, kind: str | None = None, role: str | None = None, scores: dict[str, int] | None = None
) -> Placing:
    """Where the policy places an activity (S24). Raises Refused for a kind, role or score it does not know.

    The kind answers first. Scores are read for an activity of no kind, and where its kind gives no band.
    """
    refuse_if(_words_not_known(policy, kind, role, scores or {}))
    if kind:
        by_kind = _place_by_kind(policy.kind(kind), role, policy)
        if by_kind.band or not scores:
            return by_kind
    if scores:
        return _place_by_scores(policy, scores)
    return Placing(None, "A person must decide. Choose the kind of activity, or fill in the score sheet.", "S34")


def override(placing: Placing, band_slug: str, reason: str, policy: Policy) -> Placing:
    """The band that staff chose instead, for a reason they give (S26). Raises Refused without one."""
    band = policy.band(band_slug)
    objections = []
    if not reason.strip():
        objections.append(Reason("S26", "Say why this activity belongs in another band."))
    if band is None:
        objections.append(_not_known("band", band_slug, [known.slug for known in policy.bands]))
    refuse_if(objections)
    suggested = placing.band.title if placing.band else "no band"
    return Placing(
        band, f"Staff chose this band. The policy suggested: {suggested}. Their reason: {reason.strip()}", "S26"
    )


def _words_not_known(policy: Policy, kind: str | None, role: str | None, scores: dict[str, int]) -> list[Reason]:
    found = []
    if kind and policy.kind(kind) is None:
        found.append(_not_known("kind of activity", kind, [known.slug for known in policy.kinds]))
    if role and role not in list(Role):
        found.append(_not_known("role", role, list(Role)))
    criteria = {criterion.slug: criterion for criterion in policy.criteria}
    for name, level in scores.items():
        if name not in criteria:
            found.append(_not_known("score", name, list(criteria)))
        elif type(level) is not int or not 0 <= level <= criteria[name].highest:
            found.append(
                Reason("S25", f"Score {name} from 0 to {criteria[name].highest}, as a whole number, not {level}.")
            )
    return found


def _not_known(what: str, word: str, known: list[str]) -> Reason:
    return Reason("S34", f'There is no {what} "{word}" in this policy. Use one of: {", ".join(known) or "(none)"}.')


def _place_by_kind(kind: ActivityKind, role: str | None, policy: Policy) -> Placing:
    if kind.role and role and role != kind.role:
        return _not_for_this_role(kind, role, policy)
    if kind.roles:
        return _place_by_role(kind, role, policy)
    if kind.scores:
        return _place_by_scores(policy, kind.scores)
    return Placing(policy.band(kind.band) if kind.band else None, kind.why, kind.source or "", kind.proposal)


def _not_for_this_role(kind: ActivityKind, role: str, policy: Policy) -> Placing:
    """Leading is not the same as going along, and a source that speaks of one is silent on the other (S35)."""
    neighbours = [policy.kind(slug).title for slug in kind.near]
    compare = f" Compare it with: {'; '.join(neighbours)}." if neighbours else ""
    why = (
        f'"{kind.title}" speaks of people who {kind.role}, not of those who {role}. A person must decide. '
        f"Look at how much time, skill and responsibility this part takes.{compare}"
    )
    return Placing(None, why, kind.source or "", kind.proposal)


def _place_by_role(kind: ActivityKind, role: str | None, policy: Policy) -> Placing:
    for placed in kind.roles:
        if placed.role == role:
            return Placing(policy.band(placed.band), placed.why, placed.source or kind.source or "", placed.proposal)
    roles = ", ".join(placed.role for placed in kind.roles)
    return Placing(None, f"{kind.why} A person must say which role this is: {roles}.", kind.source or "", kind.proposal)


def _place_by_scores(policy: Policy, scores: dict[str, int]) -> Placing:
    proposed = any(criterion.proposal for criterion in policy.criteria)
    sources = ", ".join(dict.fromkeys(criterion.source for criterion in policy.criteria if criterion.source))
    unanswered = [criterion.question for criterion in policy.criteria if criterion.slug not in scores]
    if unanswered:
        return Placing(
            None, f"A person must answer the rest of the score sheet: {' '.join(unanswered)}", sources, proposed
        )
    points = sum(criterion.weight * scores[criterion.slug] for criterion in policy.criteria)
    for band in policy.bands:
        if band.score and band.score.lowest <= points <= band.score.highest:
            why = (
                band.score.why
                or f"{points} points. {band.score.lowest} to {band.score.highest} points mean: {band.title}."
            )
            return Placing(band, why, band.score.source or sources, proposed or band.score.proposal)
    for unsettled in policy.unsettled:
        if unsettled.lowest <= points <= unsettled.highest:
            return Placing(None, unsettled.why, unsettled.source or sources, proposed or unsettled.proposal)
    raise AssertionError("A policy that was read has a band, or unsettled, for every number of points.")


# What is owed for time.


def rate_on(policy: Policy, band: Band, on: date) -> Decimal | None:
    """What a band pays on a day: per hour, per block or at once. None when the policy states no single amount (C6)."""
    rate = _band_rate(band, on)
    return rate and rate.amount


def full_amount(
    policy: Policy, band: Band, *, on: date, agreed_hours: Decimal | int | None, hours: Decimal | int | None
) -> Decimal | None:
    """All that is owed for somebody's time, in pounds, before they choose to take less.

    A voucher's price was agreed beforehand, so it follows the agreed hours (S32); everything else follows the hours
    done. None when something is owed but the policy states no rate, no unit, or the hours are not known.
    """
    if band.recognition in (Recognition.NONE, Recognition.CARD):
        return Decimal("0.00")
    rate = _band_rate(band, on)
    counted = agreed_hours if band.recognition == Recognition.VOUCHER else hours
    if rate is None or band.recognition is None:
        return None
    if band.recognition == Recognition.FLAT:
        return to_the_penny(rate.amount)
    if counted is None:
        return None
    if counted < 0:
        raise Refused(Reason("S69", "Hours cannot be less than nothing. Enter the hours again."))
    return _priced(rate, band.recognition, counted)


def _priced(rate: BandRate, recognition: Recognition, hours: Decimal | int) -> Decimal | None:
    if recognition == Recognition.FLAT_PER_BLOCK:
        started_blocks = (hours / rate.block_hours).to_integral_value(ROUND_CEILING)
        return to_the_penny(started_blocks * rate.amount)
    if recognition == Recognition.TIERS:
        return next((to_the_penny(tier.amount) for tier in rate.tiers if tier.holds(hours)), None)
    return to_the_penny(hours * rate.amount)


def counted_hours(policy: Policy, hours: Decimal) -> Decimal:
    """Hours done, rounded as the policy says (S73); as they are where it says nothing."""
    if policy.hours is None:
        return hours
    step = Decimal(policy.hours.round_to_minutes) / 60
    towards = ROUND_CEILING if policy.hours.rounding == "up" else ROUND_HALF_UP
    return ((hours / step).to_integral_value(towards) * step).quantize(Decimal("0.01"), ROUND_HALF_UP)


def to_the_penny(amount: Decimal) -> Decimal:
    """The one way we round: half a penny goes up, once per line, so that totals are sums of what is shown."""
    if not isinstance(amount, Decimal):
        raise TypeError("Money is a Decimal.")
    if not amount.is_finite():
        raise ValueError("Money is a finite amount.")
    return amount.quantize(PENNY, ROUND_HALF_UP)


def _band_rate(band: Band, on: date) -> BandRate | None:
    return next((rate for rate in band.rates if rate.holds_on(on)), None)


# What is owed for costs.


def mileage_rate(policy: Policy, mode: str, on: date) -> Decimal | None:
    """Pounds for one mile on the day of travel (S62). None when the policy states none."""
    cost = policy.cost(mode)
    rates = cost.rates if cost else ()
    return next((rate.amount for rate in rates if rate.holds_on(on)), None)


def cost_rule(policy: Policy, mode: str, on: date) -> CostRule | None:
    """What a cost by ``mode`` needs on a day (S63, S64). None when the policy does not name it: ask a person."""
    cost = policy.cost(mode)
    if cost is None:
        return None
    return CostRule(
        mode=cost.mode,
        title=cost.title,
        receipt_needed="receipt" in cost.evidence,
        agreement_needed=cost.agreement_needed,
        evidence=cost.evidence,
        rate=mileage_rate(policy, mode, on),
        source=cost.source or "",
        proposal=cost.proposal,
    )
