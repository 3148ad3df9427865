"""What the office looks at before it decides a claim. Values in, checks out: no database, no clock.

A check asks and never decides: it gives its figures, and says whether there is something to look at. The ones with
nothing to look at are told too, so that a decider knows what was compared, and everybody is looked at alike.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from eligibility.rules import Outcome


class Finding(StrEnum):
    FINE = "fine"
    LOOK = "look"
    NOT_KNOWN = "not-known"  # what it would be compared with is not recorded, or the policy does not say

    @property
    def words(self) -> str:
        return {"fine": "As expected", "look": "Please look", "not-known": "Not recorded"}[self.value]


@dataclass(frozen=True)
class Check:
    clause: str
    title: str
    finding: Finding
    text: str  # the figures, in a sentence
    about_money: bool = False  # where the money goes: for whoever handles it, not for the lead of an activity


@dataclass(frozen=True)
class CostFacts:
    """One cost as asked, and what the policy wants for it on that day. No ``title``: not a kind it names."""

    mode: str
    title: str | None
    amount: Decimal
    miles: Decimal | None = None
    rate: Decimal | None = None
    policy_rate: Decimal | None = None
    receipt: bool | None = None
    receipt_needed: bool = False
    agreed_with: str = ""
    agreement_needed: bool = False


@dataclass(frozen=True)
class ClaimFacts:
    """A claim beside what it is compared with. ``paid_by_bank``: something of it goes to a bank account."""

    hours: Decimal
    session_hours: Decimal
    attended_hours: Decimal | None
    on: date
    sent_on: date | None
    sent_at: datetime | None
    warns_after_days: int | None
    costs: tuple[CostFacts, ...]
    same_day: tuple[str, ...]  # what else this person claims for on that day, as far as whoever looks may know
    offer: str | None  # the outcome of the one question; None where nothing is paid for time
    only_own_activities: bool  # whoever looks knows of their own activities only
    by_the_hour: bool
    offered_rate: Decimal | None
    policy_rate: Decimal | None
    paid_by_bank: bool
    details_entered_at: datetime | None
    details_usable_from: datetime | None
    at: datetime


def checks(claim: ClaimFacts) -> list[Check]:
    """Every check on a claim, in the order in which a decider reads them."""
    return [
        against_session(claim),
        against_attendance(claim),
        *offer(claim),
        *rate(claim),
        claim_age(claim),
        *(check for cost in claim.costs for check in checks_of_cost(cost)),
        same_day(claim),
        bank_details(claim),
    ]


def raised(found: list[Check]) -> int:
    """How many of them have something to look at."""
    return sum(check.finding == Finding.LOOK for check in found)


def _fine_if(fine: bool) -> Finding:
    return Finding.FINE if fine else Finding.LOOK


def _hours(hours: Decimal) -> str:
    number = f"{hours.normalize():f}"
    return f"{number} hour{'' if number == '1' else 's'}"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def against_session(claim: ClaimFacts) -> Check:
    text = f"Claimed: {_hours(claim.hours)}. The session was planned for {_hours(claim.session_hours)}."
    return Check("S69", "Hours and the session", _fine_if(claim.hours <= claim.session_hours), text)


def against_attendance(claim: ClaimFacts) -> Check:
    title = "Hours and the register"
    if claim.attended_hours is None:
        return Check("S69", title, Finding.NOT_KNOWN, f"Claimed: {_hours(claim.hours)}. Nobody recorded attendance.")
    text = f"Claimed: {_hours(claim.hours)}. The register says {_hours(claim.attended_hours)}."
    return Check("S69", title, _fine_if(claim.hours <= claim.attended_hours), text)


def offer(claim: ClaimFacts) -> list[Check]:
    """What the one question led to, where time is paid."""
    if claim.offer is None:
        return []
    finding, text = {
        Outcome.OFFERED: (Finding.FINE, "Payment is offered to this person."),
        Outcome.NOT_OFFERED: (Finding.LOOK, "They are there in time that an employer pays for."),
        Outcome.TALK_FIRST: (Finding.LOOK, "We said we would talk first. That is no reason to refuse."),
        Outcome.NOT_ASKED: (Finding.NOT_KNOWN, "Nobody recorded an answer to who pays for this time."),
    }[Outcome(claim.offer)]
    return [Check("S6", "Offer of payment", finding, text, about_money=True)]


def rate(claim: ClaimFacts) -> list[Check]:
    """What was offered and what the amount is worked out with. Where the two are not the same, somebody is let down."""
    if not claim.by_the_hour or claim.offered_rate is None or claim.policy_rate is None:
        return []
    text = f"Offered at £{claim.offered_rate:.2f} an hour. The policy’s rate on that day: £{claim.policy_rate:.2f}."
    return [Check("S31", "Rate", _fine_if(claim.offered_rate == claim.policy_rate), text)]


def as_staff_say(title: str) -> str:
    """A cost as its policy names it for the person who claims it: "Your own car" is not the officer's."""
    own = title.removeprefix("Your own ")
    return own if own == title else f"Own {own}"


def claim_age(claim: ClaimFacts) -> Check:
    """An old claim is looked at twice. It is never refused for its age."""
    title = "How long ago"
    if claim.sent_on is None:
        return Check("S74", title, Finding.NOT_KNOWN, "There is no day on which it was sent.")
    days = (claim.sent_on - claim.on).days
    sent = (
        f"Sent {_days(days)} after the activity."
        if days >= 0
        else f"Sent {_days(-days)} before the day of the activity."
    )
    if claim.warns_after_days is None:
        finding, policy = _fine_if(days >= 0), "The policy sets no age to look at."
    else:
        finding = _fine_if(0 <= days < claim.warns_after_days)
        policy = f"The policy asks for a second look from {_days(claim.warns_after_days)}."
    return Check("S74", title, finding, f"{sent} {policy}")


def checks_of_cost(cost: CostFacts) -> list[Check]:
    if cost.title is None:
        text = f"£{cost.amount}. The policy does not name this kind of cost, so a person decides."
        return [Check("S62", f"Cost: {cost.mode}", Finding.LOOK, text)]
    found = []
    if cost.agreement_needed:
        found.append(_agreement(cost))
    if cost.receipt_needed:
        found.append(_receipt(cost))
    if cost.miles is not None or cost.policy_rate is not None:
        found.append(_mileage(cost))
    return found


def _agreement(cost: CostFacts) -> Check:
    agreed = cost.agreed_with.strip()
    text = f"Agreed beforehand with {agreed}." if agreed else "Nobody is named who agreed to it beforehand."
    return Check("S64", f"{cost.title}: agreement", _fine_if(bool(agreed)), f"£{cost.amount}. {text}")


def _receipt(cost: CostFacts) -> Check:
    said = {
        True: "They say they have the receipt. Nobody here has looked at it.",
        False: "They say there is no receipt.",
        None: "No receipt is recorded.",
    }
    return Check(
        "S63", f"{cost.title}: receipt", _fine_if(cost.receipt is True), f"£{cost.amount}. {said[cost.receipt]}"
    )


def _mileage(cost: CostFacts) -> Check:
    title = f"{cost.title}: miles"
    if cost.miles is None:
        return Check("S62", title, Finding.LOOK, f"£{cost.amount}. No miles are given.")
    used = f"{cost.miles.normalize():f} miles at {_rate(cost.rate)} come to £{cost.amount}."
    if cost.policy_rate is None:
        return Check("S62", title, Finding.LOOK, f"{used} The policy states no rate for that day.")
    text = f"{used} The policy's rate on that day: {_rate(cost.policy_rate)}."
    return Check("S62", title, _fine_if(cost.rate == cost.policy_rate), text)


def _rate(rate: Decimal | None) -> str:
    """45p a mile, or 45.5p."""
    return "no rate" if rate is None else f"{(rate * 100).normalize():f}p a mile"


def same_day(claim: ClaimFacts) -> Check:
    """Two activities in a day are quite usual; the same one twice is not."""
    title = "Other claims for the day"
    if not claim.same_day:
        where = " at your activities" if claim.only_own_activities else ""
        return Check("S26", title, Finding.FINE, f"No other claim of this person is for {_day(claim.on)}{where}.")
    others = "; ".join(claim.same_day)
    return Check("S26", title, Finding.LOOK, f"This person has also claimed for {_day(claim.on)}: {others}.")


def bank_details(claim: ClaimFacts) -> Check:
    def check(finding: Finding, text: str) -> Check:
        return Check("S67", "Bank details", finding, text, about_money=True)

    entered = claim.details_entered_at
    if not claim.paid_by_bank:
        return check(Finding.FINE, "Nothing in this claim goes to a bank account.")
    if entered is None:
        return check(Finding.LOOK, "We have none yet. The claim can be approved; the payment waits for them.")
    if claim.details_usable_from and claim.details_usable_from > claim.at:
        return check(Finding.LOOK, "They changed a short while ago and are being checked. The payment waits for that.")
    if claim.sent_at and entered > claim.sent_at:
        text = (
            f"They were entered on {_day(entered.date())}, after this claim was sent. Make sure they are the person's."
        )
        return check(Finding.LOOK, text)
    return check(Finding.FINE, f"We have them since {_day(entered.date())}, before this claim was sent.")
