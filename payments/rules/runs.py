"""What stands against preparing, authorising, sending or cancelling a run; and what blocks a payable."""

from dataclasses import dataclass
from datetime import date, datetime

from eligibility.reasons import Reason

# What a payable can lack, as the run keeps it, and what to do about it.
FIXES = {
    "no-bank-details": (
        "We have no bank details for this person.",
        "Ask them for the account they want to be paid into. Payment for time can be a voucher instead.",
    ),
    "bank-details-cooling-off": (
        "Their bank details changed a short while ago and are being checked.",
        "Confirm the change by a contact we already had. Payment for time can be a voucher instead.",
    ),
    "unreadable-account-name": (
        "The name on the account has no letters that a bank file can carry.",
        "Ask the person for the name as it stands on their bank card.",
    ),
}

# Who can do something about it: all three are about one person's account.
WHO_CLEARS = {
    "no-bank-details": "The person, or a payments officer for them",
    "bank-details-cooling-off": "A payments officer",
    "unreadable-account-name": "The person, or a payments officer for them",
}


@dataclass(frozen=True)
class RunFacts:
    """What the rules need to know of a run: its state and who did what."""

    state: str
    pay_on: date
    cut_off_at: datetime
    prepared_by: int | None
    deciders: frozenset[int]
    enterers: frozenset[int]
    payees: frozenset[int]


def reasons_not_to_prepare(cut_off_at: datetime, at: datetime) -> list[Reason]:
    """A run is not prepared before its cut-off."""
    if at >= cut_off_at:
        return []
    return [
        Reason(
            "cut-off",
            f"The cut-off of this run is {cut_off_at:%H:%M on %A %-d %B %Y}. Prepare it then. "
            "Until then, a preview shows what it would pay.",
        )
    ]


def reasons_not_to_prepare_any_more(pay_on: date, today: date) -> list[Reason]:
    """No bank pays on a day that has gone by. A script of the past may still tell what happened then."""
    if pay_on >= today:
        return []
    return [Reason("gone-by", "This pay day has gone by. The next run pays everything that waits.")]


def reasons_not_to_authorise(run: RunFacts, by: int) -> list[Reason]:
    """Promise 5: who releases money did nothing else with it."""
    found = []
    if run.state != "prepared":
        found.append(Reason("moves", f"This run is {run.state}, so there is nothing to authorise."))
    if by == run.prepared_by:
        found.append(Reason("four-eyes", "You prepared this run, so somebody else authorises it."))
    if by in run.deciders:
        found.append(Reason("four-eyes", "You decided a claim in this run, so somebody else authorises it."))
    if by in run.enterers:
        found.append(Reason("four-eyes", "You entered bank details used in this run, so somebody else authorises it."))
    if by in run.payees:
        found.append(Reason("four-eyes", "You are paid by this run, so somebody else authorises it."))
    return found


def reasons_not_to_send(state: str) -> list[Reason]:
    if state == "authorised":
        return []
    return [Reason("moves", f"This run is {state}. Only an authorised run is marked sent, and only once.")]


def reasons_not_to_cancel(state: str) -> list[Reason]:
    if state in ("prepared", "authorised"):
        return []
    return [Reason("moves", f"This run is {state}, so it can no longer be cancelled.")]


LISTS_ARE_OUT = Reason(
    "paid-twice",
    "Lists of this run were taken. If one of them is sent, people are paid twice. "
    "Say that none was sent and none will be, or do not cancel this run.",
)
TAKEN_SINCE = Reason("paid-twice", "Another list of this run was taken meanwhile. Look again at who took them.")


def reasons_to_fear_paying_twice(last_taken: int | None, confirmed_up_to: int | None) -> list[Reason]:
    """A run whose lists left the house is cancelled by somebody who answers for every taking: each has its number."""
    if last_taken is None or (confirmed_up_to or 0) >= last_taken:
        return []
    return [LISTS_ARE_OUT if confirmed_up_to is None else TAKEN_SINCE]


def reasons_not_to_make_files(state: str) -> list[Reason]:
    """A list for a bank or a supplier leaves the house only once somebody has authorised the run."""
    if state in ("authorised", "sent", "settled"):
        return []
    return [Reason("moves", f"This run is {state}. Its lists can be made once it is authorised.")]


def reasons_against_returns(state: str) -> list[Reason]:
    """A payment comes back from a bank that got it, also long after it counted as paid."""
    if state in ("sent", "settled"):
        return []
    return [Reason("moves", f"This run is {state}: it was never sent, so no payment of it can have come back.")]
