"""What may be done with a claim, by whom, and what an approved one owes. Values in, reasons out."""

from dataclasses import dataclass
from decimal import Decimal

from eligibility.reasons import Reason

# deed: (from these statuses, to this one)
MOVES = {
    "submit": (("draft", "returned"), "submitted"),
    "approve": (("submitted",), "approved"),
    "return": (("submitted",), "returned"),
    "refuse": (("submitted",), "refused"),
    "undo": (("approved",), "submitted"),
    "withdraw": (("draft", "submitted", "returned", "approved"), "withdrawn"),
}
DECISIONS = ("approve", "return", "refuse", "undo")

NOT_THEIR_OWN = Reason("four-eyes", "This is your own claim, so somebody else decides it.")
NOT_WHAT_THEY_ENTERED = Reason("four-eyes", "You entered this claim, so somebody else decides it.")
NOT_THEIRS_TO_SEND = Reason("own", "A claim is sent by the person who took part, or by who entered it for them.")
NOT_THEIRS_TO_TAKE_BACK = Reason("own", "A claim is taken back by the person who took part, and nobody else.")
NO_RATE = Reason("S34", "The policy states no rate for this. State what is owed before it is approved.")
RUN_IS_CLOSED = Reason("closed-run", "That run is closed; give a later time.")
COVERED = Reason(
    "closed-run", "A payment run covers this claim, so its approval stays. A top-up can add what is missing."
)
IN_A_RUN = Reason("closed-run", "This is in a payment run, so it can no longer be held, released, voided or changed.")
VOIDED = Reason("voided", "This was voided and stays so.")
THEIR_OWN_FIGURE = Reason("S41", "This person asked for less, or for nothing, so their time is not topped up.")
POLICY_STATES_IT = Reason("S34", "The policy says what this claim comes to.")
SAY_WHY_LESS = Reason("S7", "Say why less is approved than was asked, so that the person can be told.")
MORE_THAN_ASKED = Reason("S7", "Approve between nothing and what was asked. A top-up can add what is missing.")
NEVER_HIGHER = Reason("S41", "After approval a choice may become less, never more than was approved.")


def reasons_against(deed: str, *, status: str, person, entered_by, by) -> list[Reason]:
    """Why ``by`` may not do ``deed`` to a claim as it stands (promise 5, and the table of moves)."""
    found = []
    if status not in MOVES[deed][0]:
        found.append(Reason("moves", f"This claim is {status}, so it cannot be done: {deed}."))
    if deed == "submit" and by not in (person, entered_by):
        found.append(NOT_THEIRS_TO_SEND)
    if deed == "withdraw" and by != person:
        found.append(NOT_THEIRS_TO_TAKE_BACK)
    if deed in DECISIONS:
        found += reasons_against_deciding(person=person, entered_by=entered_by, by=by)
    return found


def reasons_against_deciding(*, person, entered_by, by) -> list[Reason]:
    """Nobody decides their own claim, or one they entered for somebody (promise 5)."""
    found = []
    if by == person:
        found.append(NOT_THEIR_OWN)
    if entered_by is not None and by == entered_by:
        found.append(NOT_WHAT_THEY_ENTERED)
    return found


def reasons_against_part(*, asked: Decimal, amount: Decimal, reason: str) -> list[Reason]:
    """Why a cost cannot be approved with this amount: never more than was asked, and less only for a reason (S7)."""
    if not 0 <= amount <= asked:
        return [MORE_THAN_ASKED]
    return [SAY_WHY_LESS] if amount < asked and not reason.strip() else []


@dataclass(frozen=True)
class Owed:
    """One part of an approved claim that owes money: "recognition" or "expenses", and how it travels."""

    part: str
    method: str
    amount: Decimal


METHOD_OF_CHOICE = {"payment": "bank", "lower": "bank", "voucher": "voucher", "donate": "charity"}
# Who asked for less, or for nothing, is not given more than that.
TOPPED_UP_CHOICES = ("payment", "voucher", "donate")


def amount_for_time(choice: str, *, full_amount: Decimal | None, lower_amount: Decimal | None) -> Decimal:
    """What the choice makes of the full amount: nothing, the person's own lower figure, or all of it (S31, S41)."""
    if choice not in METHOD_OF_CHOICE:
        return Decimal(0)
    return lower_amount if choice == "lower" else full_amount


def parts_owed(choice: str, *, full_amount: Decimal | None, lower_amount: Decimal | None, costs: Decimal) -> list[Owed]:
    """Time and costs are owed apart: costs by bank whatever was chosen for the time (S59, S61)."""
    time = amount_for_time(choice, full_amount=full_amount, lower_amount=lower_amount)
    parts = [
        Owed("recognition", METHOD_OF_CHOICE.get(choice, ""), time),
        Owed("expenses", "bank", costs),
    ]
    return [part for part in parts if part.amount > 0]
