"""Where a claim stands, in words for the person who made it: whose turn it is, and when what is paid.

All of it is worked out from what is stored; nothing here is stored itself. Values in, values out.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from payments.rules.calendar import LONDON, CalendarRules, RunDate, next_run_after


class Turn(StrEnum):
    YOURS = "Your turn"
    OURS = "Our turn"
    LATER = "Waiting, as you asked"
    NOBODYS = "Finished"


class Stage(StrEnum):
    """Where an amount that we owe stands."""

    PAID = "paid"
    SENT = "sent"
    IN_A_RUN = "in-a-run"
    HELD_BY_YOU = "held-by-you"
    HELD_BY_US = "held-by-us"
    CAME_BACK = "came-back"
    NEEDS_BANK_DETAILS = "needs-bank-details"
    WAITING = "waiting"


@dataclass(frozen=True)
class Part:
    """An amount that we owe for a claim: for time, or costs. ``pay_on``: of the run it is in, or the one expected."""

    part: str
    method: str
    amount: Decimal
    stage: Stage
    pay_on: date | None = None
    review_on: date | None = None
    charity: str = ""


def stage_of(*, method: str, held: str, run_state: str, came_back: bool, has_bank_details: bool) -> Stage:
    """Where an amount stands. ``run_state`` is that of the run it is in now, "" when it is in none."""
    if run_state:
        return {"settled": Stage.PAID, "sent": Stage.SENT}.get(run_state, Stage.IN_A_RUN)
    if held:
        return Stage.HELD_BY_YOU if held == "person" else Stage.HELD_BY_US
    if method == "bank" and came_back:
        return Stage.CAME_BACK
    if method == "bank" and not has_bank_details:
        return Stage.NEEDS_BANK_DETAILS
    return Stage.WAITING


# Days.


def long_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def long_moment(at: datetime) -> str:
    here = at.astimezone(LONDON)
    return f"{here:%H:%M} on {long_day(here.date())}"


def run_that_pays(owed_at: datetime, *, now: datetime, calendar: CalendarRules, closed, not_before: date | None):
    """The run that an amount owed since then should ride: the first that has not been prepared without it.

    ``closed`` are the pay days of runs that stand already; it is in none of them.
    """
    run = next_run_after(owed_at, calendar)
    today = now.astimezone(LONDON).date()
    while run.pay_on < today or run.pay_on in closed or (not_before and run.pay_on < not_before):
        run = next_run_after(_just_after(run), calendar)
    return run


def _just_after(run: RunDate) -> datetime:
    return run.cut_off.replace(second=1)


def later_than_promised(on: date, *, now: datetime, run: RunDate, calendar: CalendarRules, days: int) -> str:
    """Why a claim sent now is paid more than ``days`` after the activity; "" when it is not."""
    wait = (run.pay_on - on).days
    if wait <= days:
        return ""
    weeks = "two weeks" if days == 14 else f"{days} days"
    told = f"That is {wait} days after the activity."
    at_once = next_run_after(datetime.combine(on, calendar.cut_off_hour, LONDON), calendar)
    if at_once.pay_on >= run.pay_on:
        return f"{told} We aim for {weeks}, but there is no pay day sooner than that."
    return f"{told} It is the next pay day. We are sorry that it is more than {weeks}."


# Words.


def pounds(amount: Decimal) -> str:
    return f"£{amount:,.2f}"


def words_for_part(part: Part) -> str:
    """Where an amount stands."""
    on = long_day(part.pay_on) if part.pay_on else "the next pay day"
    if part.stage is Stage.PAID:
        return {
            "bank": f"Paid into your bank on {on}.",
            "voucher": f"Your voucher was sent on {on}.",
            "charity": f"Given to {part.charity} on {on}.",
        }[part.method]
    if part.stage is Stage.SENT:
        return {
            "bank": f"On its way to your bank. It should be there on {on}.",
            "voucher": f"Your voucher is on its way. It is sent on {on}.",
            "charity": f"On its way to {part.charity}, on {on}.",
        }[part.method]
    return {
        Stage.IN_A_RUN: f"It is ready to be paid on {on}.",
        Stage.HELD_BY_YOU: "You asked us to wait. It stays yours. Tell us when you would like it.",
        Stage.HELD_BY_US: "We are checking something before we pay this."
        + (f" We will look again by {long_day(part.review_on)}." if part.review_on else ""),
        Stage.CAME_BACK: "The bank sent this back. The money is still yours. Please ring us about your bank details.",
        Stage.NEEDS_BANK_DETAILS: "We need your bank details before we can pay this. Please ring us.",
        Stage.WAITING: f"We expect to pay this on {on}.",
    }[part.stage]


def whose_turn(status: str, parts: list[Part]) -> Turn:
    """Who has to do something next."""
    if status in ("draft", "returned"):
        return Turn.YOURS
    if status == "submitted":
        return Turn.OURS
    if status in ("refused", "withdrawn"):
        return Turn.NOBODYS
    stages = {part.stage for part in parts}
    if stages & {Stage.CAME_BACK, Stage.NEEDS_BANK_DETAILS}:
        return Turn.YOURS
    if Stage.HELD_BY_YOU in stages:
        return Turn.LATER
    return Turn.NOBODYS if stages <= {Stage.PAID} else Turn.OURS


# Not everybody can use a telephone.
TELL_US = "Please ring us or write to us. How to reach us is at the end of this page."


def turn_in_a_sentence(
    status: str, parts: list[Part], *, card: bool = False, was_sent: bool = True, on_paper: bool = False
) -> str:
    """Whose turn it is and what for. ``on_paper``: the office set a draft aside, as the same claim came on paper."""
    if status == "withdrawn" and on_paper:
        return "You did not have to send this claim. It came to us on paper."
    if status == "withdrawn" and not was_sent:
        return "You chose not to claim for this. There is nothing more to do."
    if status != "approved":
        return {
            "draft": "It is your turn: answer the questions and send your claim.",
            "submitted": "It is our turn: we are looking at your claim.",
            "returned": "It is your turn: we need one more thing.",
            "refused": "We could not agree to this claim.",
            "withdrawn": "You took this claim back. There is nothing more to do.",
        }[status]
    stages = {part.stage for part in parts}
    if Stage.CAME_BACK in stages:
        return f"It is your turn: a payment came back from the bank. {TELL_US}"
    if Stage.NEEDS_BANK_DETAILS in stages:
        return f"It is your turn: we need your bank details before we can pay you. {TELL_US}"
    if Stage.HELD_BY_YOU in stages:
        return "We are waiting for you, as you asked. There is no hurry."
    if Stage.HELD_BY_US in stages:
        return "It is our turn: we agreed your claim, and are checking something before we pay."
    if not parts:
        return (
            "We agreed your claim. Your thank-you card is yours to keep."
            if card
            else "We agreed your claim. Thank you."
        )
    if stages <= {Stage.PAID}:
        return "Finished: everything in this claim has been paid."
    return "It is our turn: we agreed your claim and will pay it."


# What happened, for the person. Deeds that are not named here are the office's own.
HISTORY = {
    "claim opened": "The claim was opened.",
    "claim imported": "We entered your claim.",
    "claim submitted": "You sent your claim.",
    "claim returned": "We asked for one more thing.",
    "claim approved": "We agreed your claim.",
    "approval undone": "We took our agreement back, to look at the claim again.",
    "amount stated": "We worked out what your time comes to.",
    "claim refused": "We could not agree to the claim.",
    "claim withdrawn": "The claim was taken back.",
    "choice changed": "You chose differently how to be paid.",
}
# Words that staff wrote for the person to read.
TOLD = ("claim returned", "claim refused", "amount stated")


# The tax year, from 6 April.


def tax_year_of(day: date) -> int:
    """The year in which the tax year of a day begins."""
    return day.year if (day.month, day.day) >= (4, 6) else day.year - 1


def words_for_tax_year(begins: int) -> str:
    return f"6 April {begins} to 5 April {begins + 1}"
