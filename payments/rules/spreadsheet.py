"""One row of a spreadsheet of claims: what it asks, and what has to be put right before it can be taken.

Values in, values out: no database, no clock. Every problem of a row is found, not only the first, and each
names its column and says what to do. The rules are item 7 of the main job and the clauses named here.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from activities.framework import Band, Choice, Policy
from activities.rules import Placing, full_amount, place, rate_on
from eligibility.identity import normal_email, normal_name
from payments.rules.asked import (
    LONGEST_NAME,
    Fault,
    Travel,
    account_typed,
    faults_of_amount,
    faults_of_band,
    faults_of_choice,
    hours_typed,
    judge_cost,
    miles_typed,
    name_typed,
)
from payments.rules.bank_text import APOSTROPHES
from payments.rules.csv_file import COLUMNS, SheetRow, clipped
from payments.rules.money import to_pennies

# What the columns of the database hold.
LONGEST_EMAIL, LONGEST_PHONE = 254, 40

ONE_APOSTROPHE = dict.fromkeys(APOSTROPHES, "'")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RECEIPTS = {"": None, "yes": True, "no": False}


@dataclass(frozen=True)
class Problem:
    """One thing to put right in a file of claims."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.reason}"


@dataclass(frozen=True)
class Asked:
    """What a row asks, as values. "" and None: blank, or not readable, and then a problem says so."""

    name: str
    email: str
    phone: str
    sort_code: str
    account_number: str
    framework: str
    kind: str
    on: date | None
    session_hours: Decimal | None
    agreed_hours: Decimal | None
    hours: Decimal | None
    choice: str
    lower_amount: Decimal | None = None
    charity: str = ""
    travel: Travel | None = None
    notes: str = ""


@dataclass(frozen=True)
class Terms:
    """What the policy makes of a row, as far as it can say: band, rate, and what time and travel come to."""

    band: Band
    band_why: str
    rate: Decimal | None
    full_amount: Decimal | None
    cost: Decimal | None = None
    mileage_rate: Decimal | None = None


class Problems:
    """The problems of one row: for each column the first that was found, as others often follow from it."""

    def __init__(self, line: int):
        self.line = line
        self.found: dict[str, Problem] = {}

    def __bool__(self):
        return bool(self.found)

    def add(self, column: str, reason: str):
        self.found.setdefault(column, Problem(self.line, column, reason))

    def in_order(self) -> list[Problem]:
        return [self.found[column] for column in COLUMNS if column in self.found]


# What the cells say.


def read_row(row: SheetRow, *, today: date, problems: Problems) -> Asked:
    """The values of a row. What can be judged without a policy is judged here; ``today`` is London's."""
    cells = row.cells
    _judge_shape(row, problems)

    def cell(column: str) -> str:
        return _plain_text(cells[column].strip(), column, problems)

    def number(column: str, parse: Callable[[str], Decimal], *, needed=False) -> Decimal | None:
        text = cell(column)
        return _parsed(text, column, parse, problems) if text or needed else None

    sort_code, account_number = _account(cells["sort_code"], cells["account_number"], problems)
    asked = Asked(
        name=_name(cells["person_name"], "person_name", problems, needed=True),
        email=_email(cell("email"), problems),
        phone=_no_longer_than(LONGEST_PHONE, cell("phone"), "phone", problems),
        sort_code=sort_code,
        account_number=account_number,
        framework=cell("framework").lower(),
        kind=cell("activity_kind").lower(),
        on=_date(cell("activity_on"), today, problems),
        session_hours=number("session_hours", hours_typed, needed=True),
        agreed_hours=number("agreed_hours", hours_typed, needed=True),
        hours=number("hours_claimed", hours_typed, needed=True),
        choice=cell("choice").lower(),
        lower_amount=number("lower_amount", to_pennies),
        charity=_name(cells["charity"], "charity", problems),
        travel=_travel(cells, cell("travel_mode").lower(), number, problems),
        notes=_notes(cells["notes"], problems),
    )
    _judge_hours(asked, problems)
    _judge_choice(asked, problems)
    return asked


def _judge_shape(row: SheetRow, problems: Problems):
    if row.missing_from:
        problems.add(row.missing_from, "The row ends before this column. Was it cut off? Add the missing cells.")
    if row.surplus:
        extra = ", ".join(f"“{clipped(cell)}”" for cell in row.surplus[:5])
        problems.add(
            COLUMNS[-1],
            f"The row has more cells than the first line has columns: {extra}. "
            "Put quotation marks around a cell that has a comma in it.",
        )


def _plain_text(text: str, column: str, problems: Problems) -> str:
    """A cell without line breaks and other control characters; "" when it has any."""
    if text.isascii() and text.isprintable():
        return text
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        problems.add(column, "Remove the line break or control character; typing the cell again helps.")
        return ""
    return text


def _notes(text: str, problems: Problems) -> str:
    """Free words on as many lines as they need."""
    lines = "\n".join(text.strip().splitlines())
    _plain_text(lines.replace("\n", " ").replace("\t", " "), "notes", problems)
    return lines


def _no_longer_than(most: int, text: str, column: str, problems: Problems) -> str:
    if len(text) > most:
        problems.add(column, f"Shorten this to {most} characters.")
    return text


def _name(text: str, column: str, problems: Problems, *, needed=False) -> str:
    name, faults = name_typed(text, needed=needed)
    for fault in faults:
        problems.add(column, NAME_FAULTS[fault])
    return name


NAME_FAULTS = {
    Fault.NAME_AS_FORMULA: "A spreadsheet could run this as a formula. Write it without = + - @ or a tab in front.",
    Fault.NAME_UNSEEN: "The name has a character that cannot be shown. Type the name again.",
    Fault.NAME_MISSING: "Enter the person's name.",
    Fault.NAME_TOO_LONG: f"Shorten this to {LONGEST_NAME} characters.",
}


def _email(text: str, problems: Problems) -> str:
    """A person is their e-mail, ignoring case."""
    email = normal_email(text)
    try:
        if not email.isprintable():  # what cannot be seen would make two people of one
            raise ValidationError("invisible")
        validate_email(email)
    except ValidationError:
        problems.add("email", "Enter the person's e-mail address, like name@example.org.")
        return ""
    return _no_longer_than(LONGEST_EMAIL, email, "email", problems)


def _account(sort_code: str, account_number: str, problems: Problems) -> tuple[str, str]:
    sort_code, account_number, faults = account_typed(sort_code, account_number)
    for fault in faults:
        problems.add(*ACCOUNT_FAULTS[fault])
    return sort_code, account_number


ACCOUNT_FAULTS = {
    Fault.ACCOUNT_MISSING: (
        "account_number",
        "Half an account: enter the account_number too, or clear the sort_code.",
    ),
    Fault.SORT_CODE_MISSING: ("sort_code", "Half an account: enter the sort_code too, or clear the account_number."),
    Fault.SORT_CODE_SHAPE: ("sort_code", "Enter the six digits of the sort code, like 00-11-22."),
    Fault.ACCOUNT_SHAPE: (
        "account_number",
        "Enter the eight digits of the account number, with any zeros in front.",
    ),
}


def _date(text: str, today: date, problems: Problems) -> date | None:
    try:
        on = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        on = None
    if on is None:
        problems.add("activity_on", "Enter the date of the activity as year-month-day, like 2026-11-05.")
    elif on > today:
        problems.add("activity_on", "This day has not come yet. Enter the day the activity took place.")
    return on


def _cost(text: str) -> Decimal:
    amount = to_pennies(text)
    if not amount:
        raise ValueError("Enter what it cost. If it cost nothing, clear the travel_mode and the travel_amount.")
    return amount


def _parsed(text: str, column: str, parse: Callable[[str], Decimal], problems: Problems) -> Decimal | None:
    try:
        return parse(text)
    except ValueError as advice:
        problems.add(column, str(advice))
        return None


def _travel(cells: dict[str, str], mode: str, number, problems: Problems) -> Travel | None:
    amount, distance = number("travel_amount", _cost), number("miles", miles_typed)
    receipt = cells["receipt"].strip().lower()
    agreed_with = _name(cells["taxi_agreed_with"], "taxi_agreed_with", problems)
    if receipt not in RECEIPTS:
        problems.add("receipt", "Enter yes or no, or leave this blank.")
    if not mode:
        given = [column for column in ("travel_amount", "miles") if cells[column].strip()]
        if given:
            problems.add("travel_mode", f"Enter how they travelled, or clear the {' and the '.join(given)}.")
        return None
    return Travel(mode, amount, distance, RECEIPTS.get(receipt), agreed_with)


def _judge_hours(asked: Asked, problems: Problems):
    """What is agreed or claimed fits into the session."""
    for column, hours in (("agreed_hours", asked.agreed_hours), ("hours_claimed", asked.hours)):
        if hours and asked.session_hours and hours > asked.session_hours:
            problems.add(column, "These are more hours than the session_hours. Enter at most as many.")


def _judge_choice(asked: Asked, problems: Problems):
    """Each choice has the cells it uses, and no others (S31, S57)."""
    if asked.choice not in list(Choice):
        problems.add("choice", f"Enter what the person chose, one of: {', '.join(Choice)}.")
    if asked.lower_amount is not None and asked.choice != Choice.LOWER:
        problems.add("lower_amount", "Only the choice “lower” has a lower_amount. Clear it, or correct the choice.")
    if asked.charity and asked.choice != Choice.DONATE:
        problems.add("charity", "Only the choice “donate” has a charity. Clear it, or correct the choice.")
    for fault in faults_of_choice(asked.choice, lower_amount=asked.lower_amount, charity=asked.charity):
        problems.add(*CHOICE_FAULTS[fault])


CHOICE_FAULTS = {
    Fault.LOWER_MISSING: ("lower_amount", "Enter the lower amount that the person chose, like 10 or 10.50."),
    Fault.LOWER_NOT_ABOVE_NOTHING: ("lower_amount", "Enter an amount above 0, or change the choice to “decline”."),
    Fault.CHARITY_MISSING: ("charity", "Enter the name of the charity that the person chose."),
}


# What the policy makes of it.


def judge_framework(asked: Asked, known: list[str], problems: Problems):
    if asked.framework not in known:
        problems.add("framework", f"Enter one of the frameworks here: {', '.join(known) or 'none is loaded yet'}.")


def judge(asked: Asked, policy: Policy, problems: Problems) -> Terms | None:
    """What is offered and owed under the policy in force on the day; None where it does not say (S34).

    Each column is judged as far as the others allow, so that a row is put right in one go.
    """
    placing = _placing(asked, policy, problems)
    if placing:
        _judge_choice_in(placing.band, asked, problems)
    if asked.on is None:
        return None
    cost, mileage_rate = _judge_travel(asked, policy, problems)
    if placing is None or asked.agreed_hours is None or asked.hours is None:
        return None
    offered = Terms(
        band=placing.band,
        band_why=placing.why,
        rate=rate_on(policy, placing.band, asked.on),
        full_amount=full_amount(policy, placing.band, on=asked.on, agreed_hours=asked.agreed_hours, hours=asked.hours),
        cost=cost,
        mileage_rate=mileage_rate,
    )
    _judge_amount(asked, offered, problems)
    return offered


def _placing(asked: Asked, policy: Policy, problems: Problems) -> Placing | None:
    """The band of this kind of activity, and why; None where the kind alone does not say."""
    kind = policy.kind(asked.kind)
    if kind is None:
        kinds = ", ".join(known.slug for known in policy.kinds)
        problems.add("activity_kind", f"Enter one of the kinds of activity in this framework: {kinds}.")
        return None
    placing = place(policy, kind=kind.slug)
    if placing.band is None:
        problems.add("activity_kind", f"{placing.why} Leave this row out until that is decided.")
        return None
    return placing


def _judge_choice_in(band: Band, asked: Asked, problems: Problems):
    if faults_of_band(asked.choice, band):
        problems.add("choice", f"In the band “{band.title}” one can choose: {', '.join(band.choices)}.")


def _judge_amount(asked: Asked, offered: Terms, problems: Problems):
    band = offered.band
    if faults_of_band(asked.choice, band):
        return
    without_rate = f"The band “{band.title}” has no rate for this, so nobody can say what “{asked.choice}” would owe."
    words = {
        Fault.NO_RATE: ("choice", f"{without_rate} Leave this row out until the rate is decided."),
        Fault.MORE_THAN_CAN_BE_PAID: (
            "hours_claimed",
            "These hours come to more than can be paid. Check the hours.",
        ),
        Fault.LOWER_ABOVE_FULL: (
            "lower_amount",
            f"The full amount is £{offered.full_amount}. Enter that much or less.",
        ),
    }
    for fault in faults_of_amount(asked.choice, full_amount=offered.full_amount, lower_amount=asked.lower_amount):
        problems.add(*words[fault])


def _judge_travel(asked: Asked, policy: Policy, problems: Problems) -> tuple[Decimal | None, Decimal | None]:
    """What the travel comes to, and the rate of a mile."""
    if asked.travel is None:
        return None, None
    judged = judge_cost(asked.travel, policy, asked.on)
    title = judged.rule.title if judged.rule else ""
    for fault in judged.faults:
        column, advice = TRAVEL_FAULTS[fault]
        problems.add(column, advice.format(title=title, ways=_ways_to_travel(policy)))
    return judged.cost, judged.mileage_rate


def _ways_to_travel(policy: Policy) -> str:
    modes = [cost.mode for cost in policy.costs]
    if modes:
        return f"Enter one of the ways to travel that this framework pays back ({', '.join(modes)})"
    return "This framework does not say that travel is paid back. Clear the travel columns"


TRAVEL_FAULTS = {
    Fault.COST_NOT_NAMED: ("travel_mode", "{ways}, or ask the named contact."),
    Fault.NOT_AGREED: ("taxi_agreed_with", "{title}: enter who agreed to it before the journey."),
    Fault.BY_THE_MILE: (
        "travel_amount",
        "{title} is paid by the mile. Clear the travel_amount and enter the miles.",
    ),
    Fault.MILES_MISSING: ("miles", "{title}: enter the miles, like 12 or 12.4."),
    Fault.NO_MILE_RATE: (
        "travel_mode",
        "This framework has no rate for a mile on this day. Leave this row out until it has.",
    ),
    Fault.MILES_PAY_NOTHING: ("miles", "These miles come to no amount that can be paid. Check the miles."),
    Fault.NOT_BY_THE_MILE: ("miles", "{title} is paid back by its cost. Clear the miles."),
    Fault.AMOUNT_MISSING: ("travel_amount", "{title}: enter what it cost, like 4.50."),
    Fault.MORE_THAN_CAN_BE_PAID: ("travel_amount", "This is more than can be paid. Check the amount."),
    Fault.NO_RECEIPT: ("receipt", "{title} needs a receipt. Ask the person for it, then enter yes."),
}


# When two rows are the same, and when they contradict each other.


def comparable(asked: Asked) -> dict[str, object]:
    """The columns from framework to taxi_agreed_with as values: "2" is "2.00", and case and spaces do not count.

    Without a travel mode the columns that belong to it mean nothing, so they are not compared.
    """
    travel = asked.travel
    return {
        "framework": asked.framework,
        "activity_kind": asked.kind,
        "activity_on": asked.on,
        "session_hours": asked.session_hours,
        "agreed_hours": asked.agreed_hours,
        "hours_claimed": asked.hours,
        "choice": asked.choice,
        "lower_amount": asked.lower_amount,
        "charity": _loosely(asked.charity),
        "travel_mode": travel and travel.mode,
        "travel_amount": travel and travel.amount,
        "miles": travel and travel.miles,
        "receipt": travel and travel.receipt,
        "taxi_agreed_with": travel and _loosely(travel.agreed_with),
    }


def differing_columns(asked: Asked, stored: Asked) -> list[str]:
    ours, theirs = comparable(asked), comparable(stored)
    return [column for column in ours if ours[column] != theirs[column]]


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name. Case, spaces, how an accent is encoded, joiners, and which apostrophe
    somebody's keyboard has make no second name."""
    return _name_key(one) == _name_key(other)


def _name_key(name: str) -> str:
    composed = unicodedata.normalize("NFKC", name.translate(ONE_APOSTROPHE)).casefold()
    return normal_name("".join(character for character in composed if unicodedata.category(character) != "Cf"))


def _loosely(text: str) -> str:
    return "".join(text.casefold().split())
