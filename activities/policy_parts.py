"""The parts of a payment policy: its bands, rates, kinds of activity, costs, calendar and promises.

A key that is left out means that the source is silent. Frozen, strict, and closed to keys nobody reads.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from activities.policy_values import (
    Amount,
    Hours,
    InexactDate,
    LengthOfBlock,
    Points,
    Slug,
    Text,
    TimeOfDay,
    Title,
    at_least_one,
    two_to_twenty,
)
from eligibility.rules import RuleSet


class Recognition(StrEnum):
    """How a band thanks or pays (S24)."""

    NONE = "none"
    CARD = "card"
    VOUCHER = "voucher"
    HOURLY = "hourly"
    FLAT = "flat"
    FLAT_PER_BLOCK = "flat-per-block"
    TIERS = "tiers"


class Choice(StrEnum):
    """The form in which somebody takes, or does not take, what a band offers (S31, S41, S57)."""

    PAYMENT = "payment"
    VOUCHER = "voucher"
    LOWER = "lower"
    DONATE = "donate"
    DECLINE = "decline"
    NONE = "none"


class Role(StrEnum):
    """Taking part in something, or leading it with the staff (S20, S35)."""

    ATTEND = "attend"
    FACILITATE = "facilitate"


class PromisedFact(StrEnum):
    """What a person is told, each with the clause that promises it."""

    SUBJECT = "subject"  # S37
    DURATION_AND_FREQUENCY = "duration-and-frequency"  # S38
    CLAIMABLE_COSTS = "claimable-costs"  # S39
    HOW_RECOGNISED = "how-recognised"  # S40
    CHOICES = "choices"  # S41, S57
    NOT_EMPLOYMENT = "not-employment"  # S42
    INDUCTION_AND_SUPERVISION = "induction-and-supervision"  # S43
    SUPPORTIVE_SURROUNDINGS = "supportive-surroundings"  # S44
    BENEFITS_SIGNPOSTING = "benefits-signposting"  # S45, S100
    TIME_FOR_ADVICE = "time-for-advice"  # S46
    SUPPORT_WITH_NEEDS = "support-with-needs"  # S47
    PAYMENT_CONTACT = "payment-contact"  # S48
    PURPOSE = "purpose"  # S79
    NAMED_CONTACT = "named-contact"  # S80
    COMMITMENT = "commitment"  # S81
    CONFIDENTIALITY = "confidentiality"  # S82
    DATE_TIME_FORMAT_PLACE = "date-time-format-place"  # S83
    VENUE_AND_ACCESS = "venue-and-access"  # S84
    AGENDA_WITH_BREAKS = "agenda-with-breaks"  # S85
    DISTRESSING_TOPICS = "distressing-topics"  # S86
    QUESTIONS_ANSWERED = "questions-answered"  # S87
    LINKS = "links"  # S88
    PAPERS_ON_REQUEST = "papers-on-request"  # S89
    ADJUSTMENTS = "adjustments"  # S91
    INTRODUCTION = "introduction"  # S98
    CONVERSATION = "conversation"  # S99
    ELIGIBILITY = "eligibility"  # S100
    RATES = "rates"  # S100
    WHAT_IS_PAID = "what-is-paid"  # S23, S100
    HOW_TO_CLAIM = "how-to-claim"  # S100
    TIMELINE = "timeline"  # S78, S100
    UPDATES = "updates"  # S77


class Part(BaseModel):
    """Any part of a policy. It may name its source, be our own proposal, and say how we read the source."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    source: Text | None = None
    proposal: bool = False
    note: Text | None = None


class SourceDocument(Part):
    title: Title
    date: InexactDate | None = None


class Organisation(Part):
    """Who runs activities and who pays for them, and how to reach them (S111, S112)."""

    slug: Slug
    name: Title
    does: Annotated[tuple[Literal["runs-activities", "pays"], ...], AfterValidator(at_least_one)]
    phone: Title | None = None
    sms: Title | None = None
    email: Title | None = None
    told_of_declining: bool = False  # S56


class Tier(Part):
    """One step of a price by length. ``more_than`` and ``less_than`` leave their boundary out."""

    at_least: Hours | None = None
    more_than: Hours | None = None
    up_to: Hours | None = None
    less_than: Hours | None = None
    amount: Amount

    def holds(self, hours: Decimal) -> bool:
        return (
            (self.at_least is None or hours >= self.at_least)
            and (self.more_than is None or hours > self.more_than)
            and (self.up_to is None or hours <= self.up_to)
            and (self.less_than is None or hours < self.less_than)
        )


class Dated(Part):
    """True from ``starts_on`` to ``ends_on``, both included. Without a date it has no such limit."""

    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, on: date) -> bool:
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on <= self.ends_on)


class BandRate(Dated):
    """What a band pays: per hour (hourly, voucher), per started block, at once (flat), or by tiers."""

    amount: Amount | None = None
    block_hours: LengthOfBlock | None = None
    tiers: tuple[Tier, ...] = ()


class CostRate(Dated):
    """What one mile is worth."""

    amount: Amount


class ScoreRange(Part):
    """The points, both ends included, that place an activity in a band."""

    lowest: Points
    highest: Points
    why: Text | None = None


class UnsettledScores(Part):
    """Points for which the source gives no band, so that a person decides."""

    lowest: Points
    highest: Points
    why: Text


class Band(Part):
    """A step on the recognition scale. Without ``recognition`` the source does not say how it is paid."""

    slug: Slug
    title: Title
    recognition: Recognition | None = None
    choices: Annotated[tuple[Choice, ...], AfterValidator(at_least_one)]
    proposed_choices: tuple[Choice, ...] = ()  # those of ``choices`` that are our own proposal
    score: ScoreRange | None = None
    rates: tuple[BandRate, ...] = ()


class Criterion(Part):
    """One question of the score sheet. The first level is worth 0 points, the next ``weight``, and so on."""

    slug: Slug
    question: Text
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    levels: Annotated[tuple[Title, ...], AfterValidator(two_to_twenty)]

    @property
    def highest(self) -> int:
        return len(self.levels) - 1


class RoleBand(Part):
    """Where a role places an activity that its kind alone does not place (S20)."""

    role: Role
    band: Slug
    why: Text


class ActivityKind(Part):
    """A sort of activity, with the facts that tell it from its near neighbours (S33, S35).

    It answers with its ``band``, by ``roles``, or by ``scores``. With none of these, a person decides (S34).
    """

    slug: Slug
    title: Title
    band: Slug | None = None
    role: Role | None = None  # whom the source speaks of; another role is not answered by this kind
    frequency: Literal["once", "regular"] | None = None
    requested_by: Literal["person", "organisation"] | None = None
    near: tuple[Slug, ...] = ()
    why: Text
    scores: dict[Slug, Points] = {}
    roles: tuple[RoleBand, ...] = ()


class Eligibility(Part):
    """Which rule says who is offered payment. A policy without one offers it to everyone (S14)."""

    rule_set: RuleSet


class Cost(Part):
    """A cost that is paid back, and what shows it (S61 to S64)."""

    mode: Slug
    title: Title
    per: Literal["receipt", "mile"]
    agreement_needed: bool = False
    evidence: Annotated[tuple[Literal["receipt", "from", "to", "miles"], ...], AfterValidator(at_least_one)]
    rates: tuple[CostRate, ...] = ()


class HoursRules(Part):
    """How hours are counted (S73)."""

    round_to_minutes: Annotated[int, Field(ge=1, le=60)]
    rounding: Literal["nearest", "up"]
    breaks_paid: bool
    preparation: Literal["when-offered", "always", "never"]


class CutOff(Part):
    """Until when a decision still rides a run: this hour, so many working days before pay day."""

    working_days_before: Annotated[int, Field(ge=0, le=20)]
    at: TimeOfDay


class BankHolidays(Part):
    pay_on: Literal["previous-working-day"]


class ExceptionalRuns(Part):
    allowed: bool


class Calendar(Part):
    """When money goes out (S75)."""

    pay_days: Annotated[
        tuple[Literal["first-friday", "second-friday", "third-friday", "last-friday", "every-friday"], ...],
        AfterValidator(at_least_one),
    ]
    cut_off: CutOff | None = None
    bank_holidays: BankHolidays | None = None
    exceptional_runs: ExceptionalRuns | None = None


class Target(Part):
    """How soon after the activity money should have arrived (S74)."""

    days: Annotated[int, Field(ge=1, le=365)]
    counted_from: Literal["activity"]


class ClaimAge(Part):
    """From how many days after the activity a claim is looked at twice. It warns and never refuses."""

    warns_after_days: Annotated[int, Field(ge=1, le=3650)]


class Promises(Part):
    """What a person is told, and when: before they agree, before the activity, and all the way through."""

    before_agreeing: tuple[PromisedFact, ...] = ()
    before_activity: tuple[PromisedFact, ...] = ()
    throughout: tuple[PromisedFact, ...] = ()


class Statement(Part):
    """Something the policy says that no rule reads: an alternative, a thank-you, a value."""

    slug: Slug
    title: Title


class Signpost(Part):
    """Where to get advice. We point the way and never advise (S52, S53)."""

    topic: Slug
    name: Title
    phone: Title | None = None
    textphone: Title | None = None
    email: Title | None = None
