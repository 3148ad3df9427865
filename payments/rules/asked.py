"""What a claim asks, judged in one place: a page and a row of a spreadsheet obey the same rules.

A rule answers with faults. The page has its words for each (rules.claiming), the spreadsheet its own
(rules.spreadsheet), as one speaks to the person and the other to the office. Values in, values out.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from activities.framework import Band, Choice, Policy
from activities.rules import CostRule, cost_rule, to_the_penny
from eligibility.identity import normal_name
from payments.rules.bank_text import READ_AS_FORMULA
from payments.rules.claims import METHOD_OF_CHOICE
from payments.rules.money import miles, quarter_hours, to_pennies

# What the columns of the database hold.
LONGEST_NAME = 200
MOST_HOURS, MOST_MILES, MOST_POUNDS = Decimal("999.75"), Decimal("999999.99"), Decimal("9999999.99")

# Joiners that Persian, Hindi, Sinhala and other names need, and the marks that keep a Hebrew or Arabic name in
# its direction. Other invisible characters do not belong in a name, and some turn the text around them.
INVISIBLE_AND_WELCOME = frozenset("\u200c\u200d\u200e\u200f\u061c")
TYPED_BETWEEN_DIGITS = re.compile(r"[\s\-\u2010-\u2015]+")


class Fault(Enum):
    """What may be wrong with an answer."""

    # A name, of a person or a charity.
    NAME_AS_FORMULA = auto()
    NAME_UNSEEN = auto()
    NAME_MISSING = auto()
    NAME_TOO_LONG = auto()
    # An account.
    SORT_CODE_MISSING = auto()
    SORT_CODE_SHAPE = auto()
    ACCOUNT_MISSING = auto()
    ACCOUNT_SHAPE = auto()
    # How to be recognised.
    CHOICE_NOT_OFFERED = auto()
    LOWER_MISSING = auto()
    LOWER_NOT_ABOVE_NOTHING = auto()
    LOWER_ABOVE_FULL = auto()
    CHARITY_MISSING = auto()
    NO_RATE = auto()
    MORE_THAN_CAN_BE_PAID = auto()
    # A cost.
    COST_NOT_NAMED = auto()
    NOT_AGREED = auto()
    BY_THE_MILE = auto()
    MILES_MISSING = auto()
    NO_MILE_RATE = auto()
    MILES_PAY_NOTHING = auto()
    NOT_BY_THE_MILE = auto()
    AMOUNT_MISSING = auto()
    NO_RECEIPT = auto()


# What somebody typed.


def hours_typed(text: str) -> Decimal:
    """Hours in quarters, above 0. Raises ValueError with what to do."""
    hours = quarter_hours(text)
    if hours > MOST_HOURS:
        raise ValueError("These are more hours than one activity can have. Enter the hours of this activity.")
    return hours


def miles_typed(text: str) -> Decimal:
    """Miles above 0. Raises ValueError with what to do."""
    distance = miles(text)
    if distance > MOST_MILES:
        raise ValueError("These are more miles than a journey can have. Enter the miles of this journey.")
    return distance


def name_typed(text: str, *, needed: bool = True) -> tuple[str, list[Fault]]:
    """A name in any script, without spaces around it. It begins with none of = + - @, as a spreadsheet would run
    it as a formula (R51)."""
    name = normal_name(text)
    found = []
    if READ_AS_FORMULA.match(text) and name:
        found.append(Fault.NAME_AS_FORMULA)
    elif any(map(_has_no_place_in_a_name, text.strip(" "))):
        found.append(Fault.NAME_UNSEEN)
    elif needed and not is_seen(name):
        found.append(Fault.NAME_MISSING)
    # A charity's key is its name without case, in which a letter such as ß takes two places.
    if max(len(name), len(name.casefold())) > LONGEST_NAME:
        found.append(Fault.NAME_TOO_LONG)
    return name, found


def _has_no_place_in_a_name(character: str) -> bool:
    """Control characters, line breaks, invisible marks; and the mark left where an accent was lost on the way."""
    if character == "\ufffd":
        return True
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character not in INVISIBLE_AND_WELCOME


def is_seen(text: str) -> bool:
    """Whether anything of a text can be seen."""
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


def account_typed(sort_code: str, account_number: str) -> tuple[str, str, list[Fault]]:
    """Six and eight digits, or both blank. No check of the bank's own digits stops anybody."""
    sort_code, account_number = (TYPED_BETWEEN_DIGITS.sub("", typed) for typed in (sort_code, account_number))
    found = []
    if sort_code and not account_number:
        found.append(Fault.ACCOUNT_MISSING)
    if account_number and not sort_code:
        found.append(Fault.SORT_CODE_MISSING)
    if sort_code and not re.fullmatch("[0-9]{6}", sort_code):
        found.append(Fault.SORT_CODE_SHAPE)
    if account_number and not re.fullmatch("[0-9]{8}", account_number):
        found.append(Fault.ACCOUNT_SHAPE)
    return sort_code, account_number, found


# How to be recognised.


def faults_of_choice(choice: str, *, lower_amount: Decimal | None, charity: str) -> list[Fault]:
    """Each choice with what belongs to it (S41, S57)."""
    found = []
    if choice == Choice.LOWER and lower_amount is None:
        found.append(Fault.LOWER_MISSING)
    if choice == Choice.LOWER and lower_amount is not None and lower_amount <= 0:
        found.append(Fault.LOWER_NOT_ABOVE_NOTHING)
    if choice == Choice.DONATE and not is_seen(charity):
        found.append(Fault.CHARITY_MISSING)
    return found


def faults_of_band(choice: str, band: Band) -> list[Fault]:
    """What a band leaves to choose (S31)."""
    return [] if choice in list(band.choices) else [Fault.CHOICE_NOT_OFFERED]


def faults_of_amount(choice: str, *, full_amount: Decimal | None, lower_amount: Decimal | None) -> list[Fault]:
    """What the choice would owe (S34, S41)."""
    if choice not in METHOD_OF_CHOICE:
        return []
    if not full_amount:
        return [Fault.NO_RATE]
    if full_amount > MOST_POUNDS:
        return [Fault.MORE_THAN_CAN_BE_PAID]
    return [Fault.LOWER_ABOVE_FULL] if lower_amount is not None and lower_amount > full_amount else []


# Costs.


@dataclass(frozen=True)
class Travel:
    """One cost that is asked for. A mode has an ``amount`` or, where it goes by the mile, ``miles``."""

    mode: str
    amount: Decimal | None = None
    miles: Decimal | None = None
    receipt: bool | None = None
    agreed_with: str = ""


@dataclass(frozen=True)
class JudgedCost:
    """What a cost comes to under the policy on the day, and what is wrong with it. None where that is not known."""

    rule: CostRule | None
    cost: Decimal | None
    mileage_rate: Decimal | None
    faults: tuple[Fault, ...]


def judge_cost(travel: Travel, policy: Policy, on: date) -> JudgedCost:
    """What the policy asks of a cost, and what it comes to (S61 to S64). Miles alone are evidence enough here."""
    rule = cost_rule(policy, travel.mode, on)
    if rule is None:
        return JudgedCost(None, None, None, (Fault.COST_NOT_NAMED,))
    found = []
    if rule.agreement_needed and not is_seen(travel.agreed_with):
        found.append(Fault.NOT_AGREED)
    if is_by_the_mile(policy, travel.mode):
        return _by_the_mile(travel, rule, found)
    if travel.miles is not None:
        found.append(Fault.NOT_BY_THE_MILE)
    if travel.amount is None:
        found.append(Fault.AMOUNT_MISSING)
    elif travel.amount > MOST_POUNDS:
        found.append(Fault.MORE_THAN_CAN_BE_PAID)
    if rule.receipt_needed and travel.receipt is not True:
        found.append(Fault.NO_RECEIPT)
    return JudgedCost(rule, travel.amount, None, tuple(found))


def is_by_the_mile(policy: Policy, mode: str) -> bool:
    return policy.cost(mode).per == "mile"


def _by_the_mile(travel: Travel, rule: CostRule, found: list[Fault]) -> JudgedCost:
    if travel.amount is not None:
        found.append(Fault.BY_THE_MILE)
    if travel.miles is None:
        return JudgedCost(rule, None, None, (*found, Fault.MILES_MISSING))
    if rule.rate is None:
        return JudgedCost(rule, None, None, (*found, Fault.NO_MILE_RATE))
    cost = to_the_penny(travel.miles * rule.rate)
    if not 0 < cost <= MOST_POUNDS:
        found.append(Fault.MILES_PAY_NOTHING)
    return JudgedCost(rule, cost, rule.rate, tuple(found))


def cost_typed(text: str) -> Decimal:
    """What something cost, above nothing. Raises ValueError with what to do."""
    amount = to_pennies(text)
    if not amount:
        raise ValueError("Enter what it cost, above 0. If it cost nothing, take it out.")
    return amount
