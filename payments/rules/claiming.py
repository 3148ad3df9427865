"""What a person is asked to make a claim, in which order, and what they are told. Values in, values out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from activities.framework import Band, Choice, Policy, Recognition
from eligibility.reasons import Reason
from payments.rules.asked import Fault, JudgedCost, is_by_the_mile
from payments.rules.claims import METHOD_OF_CHOICE

MOST_COSTS = 30
LONGEST_WORDS = 500
# Our own proposal, no policy's: above these the page asks once whether a cost is right. 1320 is soon typed for 13.20.
MUCH_FOR_A_COST, MANY_MILES = Decimal(200), Decimal(200)
CAN_BE_ANSWERED = ("draft", "returned")
BY_BANK = ("payment", "lower")


class Question(StrEnum):
    """The pages of a claim, in their order."""

    HOURS = "hours"
    CHOICE = "choice"
    COSTS = "costs"
    BANK = "bank"


QUESTIONS = tuple(Question)

NOT_YOURS = Reason("own", "Only the person who took part can answer this claim.")
SENT_ALREADY = Reason(
    "moves", "You have sent this claim, so it cannot be changed now. To change it, take it back and start again."
)
AGREED_ALREADY = Reason(
    "moves", "We have agreed this claim, so it cannot be changed now. If something in it is not right, ring us."
)
CLOSED_ALREADY = Reason("moves", "This claim is closed, so it cannot be changed now.")
CANNOT_CHANGE = {"submitted": SENT_ALREADY, "approved": AGREED_ALREADY}
STANDS_ALREADY = Reason("moves", "You have a claim for this activity already.")
ASKED_FOR_ELSEWHERE = Reason(
    "moves", "You have a claim for something of this kind on this day already. If these were two, ring us."
)
NOT_ATTENDED = Reason("S69", "We do not have you on the register of this activity. Ring us and we will look.")
MORE_HOURS = Reason("S69", "Tell us why it took longer than planned.")
QUARTERS = Reason("S73", "Enter the hours as a number, in whole, half or quarter hours, like 2, 2.5 or 1.75.")
HAS_COSTS = Reason("S59", "There are costs in this claim. Take them out first.")
NO_COSTS_YET = Reason("S59", "Add what it cost you, or say that it cost you nothing.")
TOO_MANY_COSTS = Reason("S59", f"One claim has room for {MOST_COSTS} costs. Ring us and we will help.")
HAS_DETAILS = Reason("bank", "We have your bank details already. To change them, ring us.")
NOT_ANSWERED = {
    Question.HOURS: Reason("S69", "Tell us how many hours you took part."),
    Question.CHOICE: Reason("S70", "Choose how you would like to be thanked or paid."),
    Question.COSTS: Reason("S71", "Tell us whether it cost you anything."),
    Question.BANK: Reason("bank", "Give us your bank details, or say that you would rather tell us yourself."),
}


# What is asked.


def owes_time(choices) -> bool:
    """Whether a band with these choices owes anything for somebody's time."""
    return not set(METHOD_OF_CHOICE).isdisjoint(choices)


def choices_open(band: Band, *, offered: bool) -> tuple[str, ...]:
    """What somebody may choose in a band. Whom an employer pays for this time may still claim costs."""
    if offered or not owes_time(band.choices):
        return tuple(map(str, band.choices))
    return (Choice.NONE.value,)


def standing_choice(choice: str, choices) -> str:
    """What somebody chose, as far as it is open still: what is open may change while a claim waits to be sent.

    "" where they have to choose (again). Where nothing is left to choose it is what is left. Nobody's "no thanks" is
    ever taken from them.
    """
    if choice == Choice.DECLINE or choice in choices:
        return choice
    if not owes_time(choices):
        return Choice.NONE.value
    return choices[0] if len(choices) == 1 and choices[0] in (Choice.PAYMENT, Choice.VOUCHER) else ""


@dataclass(frozen=True)
class Answers:
    """A claim as far as it is answered."""

    answered: tuple[str, ...]
    choices: tuple[str, ...]  # open to this person
    recognition: str
    hours: Decimal
    session_hours: Decimal
    more_hours_because: str
    choice: str
    costs: int
    has_bank_details: bool

    @property
    def is_long(self) -> bool:
        return self.hours > self.session_hours

    @property
    def pays_to_a_bank(self) -> bool:
        return self.choice in BY_BANK or self.costs > 0


def questions(answers: Answers) -> list[Question]:
    """The questions of this claim. What would change nothing is not asked (S72)."""
    asked = {
        Question.HOURS: owes_time(answers.choices),
        # Whatever is not chosen is asked, so that no claim is stuck.
        Question.CHOICE: not answers.choice or (len(answers.choices) > 1 and answers.recognition != Recognition.NONE),
        Question.COSTS: True,
        Question.BANK: answers.pays_to_a_bank and not answers.has_bank_details,
    }
    return [question for question in QUESTIONS if asked[question]]


def unanswered(answers: Answers) -> list[Question]:
    """The questions still open, in their order."""
    return [
        question
        for question in questions(answers)
        if question not in answers.answered or (question == Question.CHOICE and not answers.choice)
    ]


def reasons_not_to_send(answers: Answers) -> list[Reason]:
    """What is missing before a claim can be sent: the page shows it, the deed refuses for it."""
    found = [NOT_ANSWERED[question] for question in unanswered(answers)]
    if answers.is_long and not answers.more_hours_because.strip() and owes_time(answers.choices):
        found.append(MORE_HOURS)
    return found


def reasons_against_answering(*, status: str, person, by) -> list[Reason]:
    """Why ``by`` may not answer this claim (now)."""
    found = [] if by == person else [NOT_YOURS]
    return found if status in CAN_BE_ANSWERED else [*found, why_not_changed(status)]


def why_not_changed(status: str) -> Reason:
    return CANNOT_CHANGE.get(status, CLOSED_ALREADY)


# How to be recognised: the answers on the page, of which two are stored as "decline".

ANSWER_STORED = {
    "payment": ("payment", ""),
    "voucher": ("voucher", ""),
    "lower": ("lower", ""),
    "donate": ("donate", ""),
    "none": ("none", ""),
    "voluntary": ("decline", "voluntary"),
    "no-thanks": ("decline", "no-thanks"),
}


def answers_open(choices) -> list[str]:
    """The answers on the page that these choices allow."""
    return [answer for answer, (choice, _) in ANSWER_STORED.items() if choice in choices]


def answer_given(choice: str, declined_as: str) -> str:
    """The answer on the page that was stored so; "" where nothing was chosen yet."""
    return declined_as if choice == Choice.DECLINE else choice


def words_for_answer(answer: str, *, recognition: str, full_amount: Decimal | None) -> str:
    """An answer as the person reads it before they choose it."""
    amount = f"£{full_amount}" if full_amount else ""
    return {
        "payment": f"Pay me {amount} by bank" if amount else "Pay me by bank",
        "voucher": f"Give me a voucher for {amount}" if amount else "Give me a voucher",
        "lower": "Pay me less than that",
        "donate": f"Give the {amount} to a charity" if amount else "Give it to a charity",
        "none": "Send me a thank-you card" if recognition == Recognition.CARD else "A thank you is enough",
        "voluntary": "Nothing: I did this as a volunteer",
        "no-thanks": "No thanks",
    }[answer]


# What tells two answers apart that both take nothing.
HINTS = {
    "voluntary": "You gave your time freely. We write down that you were a volunteer.",
    "no-thanks": "You would rather have nothing for your time. We write down nothing more.",
}


def words_for_choice(answer: str, *, recognition: str, amount: Decimal | None, charity: str = "") -> str:
    """What somebody chose, as it is read back to them. ``amount`` is what it comes to, None where nobody knows yet."""
    pounds = f"£{amount}" if amount is not None else "the amount we will tell you"
    return {
        "": "Not chosen yet",
        "payment": f"Paid by bank: {pounds}",
        "voucher": f"A voucher: {pounds}",
        "lower": f"Paid by bank, the lower amount you chose: {pounds}",
        "donate": f"Given to {charity}: {pounds}",
        "none": "A thank-you card" if recognition == Recognition.CARD else "Nothing to pay for your time",
        "voluntary": "Nothing, as a volunteer",
        "no-thanks": "No thanks",
    }[answer]


def reasons_against_choice(faults: list[Fault], *, full_amount: Decimal | None) -> list[Reason]:
    """Faults of a choice in words for the person. A rate that is missing stops nobody: staff are asked (S34)."""
    words = {
        Fault.CHOICE_NOT_OFFERED: Reason("S31", "Choose one of the answers on this page."),
        Fault.LOWER_MISSING: Reason("S41", "Enter the amount you would like, like 10 or 10.50."),
        Fault.LOWER_NOT_ABOVE_NOTHING: Reason("S41", "Enter an amount above £0, or choose “No thanks”."),
        Fault.LOWER_ABOVE_FULL: Reason("S41", f"Enter less than £{full_amount}."),
        Fault.CHARITY_MISSING: Reason("S57", "Enter the name of the charity."),
        Fault.MORE_THAN_CAN_BE_PAID: Reason("S69", "These hours come to more than can be paid. Check the hours."),
        **NAME_FAULTS,
    }
    return [words[fault] for fault in dict.fromkeys(faults) if fault is not Fault.NO_RATE]


def reasons_against_less(lower_amount: Decimal | None, *, full_amount: Decimal | None) -> list[Reason]:
    """All of it is not less. It owes the same, so only the page, where somebody can choose again, minds."""
    if lower_amount is None or lower_amount != full_amount:
        return []
    return [Reason("S41", f"£{full_amount} is all of it. Enter less, or choose to be paid all of it.")]


NAME_FAULTS = {
    Fault.NAME_AS_FORMULA: Reason("R51", "Write the name without = + - @ in front."),
    Fault.NAME_UNSEEN: Reason("R51", "The name has a character that cannot be shown. Type the name again."),
    Fault.NAME_MISSING: Reason("R51", "Enter the name."),
    Fault.NAME_TOO_LONG: Reason("R51", "Shorten the name to 200 characters."),
}


# Costs.

# Somebody who paid for a taxi that nobody agreed to, or lost a receipt, still asks: staff decide.
LEFT_TO_STAFF = (Fault.NOT_AGREED, Fault.NO_RECEIPT)


def reasons_against_cost(judged: JudgedCost) -> list[Reason]:
    """Faults of a cost in words for the person; those that staff decide are not among them."""
    words = {
        Fault.COST_NOT_NAMED: Reason(
            "S63",
            "Our policy does not name this cost. Ask your named contact, or ring us. We may still be able to pay.",
        ),
        Fault.MILES_MISSING: Reason("S63", "Enter the miles, like 12 or 12.4."),
        Fault.BY_THE_MILE: Reason("S63", "This is paid by the mile. Enter the miles, not the cost."),
        Fault.NO_MILE_RATE: Reason("S62", "We have no rate for a mile on that day. Ring us and we will help."),
        Fault.MILES_PAY_NOTHING: Reason("S62", "These miles come to nothing we can pay. Check the miles."),
        Fault.NOT_BY_THE_MILE: Reason("S63", "This is paid back by what it cost. Enter the cost, not the miles."),
        Fault.AMOUNT_MISSING: Reason("S63", "Enter what it cost, like 4.50."),
        Fault.MORE_THAN_CAN_BE_PAID: Reason("S63", "This is more than can be paid. Check the amount."),
    }
    return [words[fault] for fault in judged.faults if fault not in LEFT_TO_STAFF]


def is_much(*, amount: Decimal | None, miles: Decimal | None) -> bool:
    """Whether a cost is so large that it may be a slip, and is read back once before it is taken."""
    return (amount or 0) > MUCH_FOR_A_COST or (miles or 0) > MANY_MILES


@dataclass(frozen=True)
class CostAsked:
    """How one kind of cost is asked about on its page."""

    mode: str
    title: str
    by_the_mile: bool
    mile_rate: Decimal | None
    receipt_wanted: bool
    agreement_wanted: bool


def costs_named(policy: Policy, on: date) -> list[CostAsked]:
    """The costs that the policy of the day pays back. No way to ask for a mile that has no rate."""
    named = []
    for cost in policy.costs:
        by_the_mile = is_by_the_mile(policy, cost.mode)
        rate = next((rate.amount for rate in cost.rates if rate.holds_on(on)), None)
        if rate is not None or not by_the_mile:
            named.append(
                CostAsked(cost.mode, cost.title, by_the_mile, rate, "receipt" in cost.evidence, cost.agreement_needed)
            )
    return named


# Bank details.


def reasons_against_account(faults: list[Fault]) -> list[Reason]:
    words = {
        Fault.SORT_CODE_MISSING: Reason("bank", "Enter the sort code, like 00-11-22."),
        Fault.SORT_CODE_SHAPE: Reason("bank", "Enter the six digits of the sort code, like 00-11-22."),
        Fault.ACCOUNT_MISSING: Reason("bank", "Enter the account number, like 01234567."),
        Fault.ACCOUNT_SHAPE: Reason("bank", "Enter the eight digits of the account number, with any zeros in front."),
        **NAME_FAULTS,
    }
    return [words[fault] for fault in dict.fromkeys(faults)]
