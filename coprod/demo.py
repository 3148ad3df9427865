"""A believable organisation of imaginary people, made by the real operations.

Claims come in as spreadsheets and are approved, two runs were paid, one payment came back, somebody holds
their payment, and a run is due. The same seed gives the same organisation for the same day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction

from coprod.demo_claims import claims_under_way
from coprod.demo_sign_in import give_demo_second_factor
from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.roles import Role
from payments.models import Payable
from payments.payables import hold_by_staff, hold_for_person
from payments.rules.calendar import DAY, LONDON, RunDate, latest_due, next_run_after
from payments.rules.csv_file import COLUMNS, Sheet, SheetRow
from payments.runs import (
    authorise_run,
    fail_payment,
    mark_sent,
    office_calendar,
    prepare_run,
    settle_run,
)
from payments.spreadsheet import import_claims

STAFF = {
    "lead@demo.example": ("Moira Ashdown", Role.ACTIVITY_LEAD),
    "officer@demo.example": ("Peter Nkemelu", Role.PAYMENTS_OFFICER),
    "authoriser@demo.example": ("Sunita Fairweather", Role.AUTHORISER),
    "auditor@demo.example": ("Gethin Marlowe", Role.AUDITOR),
}
FIRST_NAMES = (
    "Aoife Björn Chidi Dilys Efua Farah Gwen Hamza Ioana José Keira Łukasz Mwangi Niamh Oluwaseun Priya Rhys Søren "
    "Tamsin Umar Valentina Wren Xanthe Yusuf Zoë Anh Bronwen Caoimhe Deepika Emre"
).split()
LAST_NAMES = (
    "Adeyemi Bławat Carrow D'Souza Evans Fernández García Hollis Ibrahim Jónsdóttir Kowalski Li Müller Nguyễn O'Brien "
    "Patel Quayle Rahman Smith-Jones Thistlewood Ŵynne Varga Whitcombe Yıldız Żak"
).split()
# Names whose letters need another font: their cards are as good as anybody's.
NAMES_IN_OTHER_SCRIPTS = ["محمد العلي", "अनिता शर्मा", "李小龙", "Ελένη Παππά", "Ольга Шевченко", "ਗੁਰਪ੍ਰੀਤ ਕੌਰ"]
CHARITIES = ["Local Hospice", "Riverside Food Bank", "Lantern Carers' Trust"]

# Kinds of activity with how often each happens, how long it takes, and what people choose.
KINDS = {
    "network-group": (3, ("2", "1.5"), {"none": 1}),
    "working-group-one-off": (4, ("2", "3"), {"none": 9, "decline": 1}),
    "web-content": (2, ("1", "1.5"), {"none": 1}),
    "induction-talk": (2, ("1",), {"none": 1}),
    "training-for-activity": (1, ("2.5",), {"none": 1}),
    "regular-advice": (3, ("1.5", "2"), {"voucher": 5, "decline": 1}),
    "peer-review": (3, ("1", "2"), {"voucher": 5, "decline": 1}),
    "steering-group": (5, ("2", "2.5"), {"payment": 8, "voucher": 2, "lower": 1, "donate": 1, "decline": 1}),
    "interview-panel": (3, ("3", "6"), {"payment": 8, "voucher": 2, "donate": 1, "decline": 1}),
    "co-facilitate-training": (2, ("3",), {"payment": 8, "lower": 1, "decline": 1}),
    "co-facilitate-induction": (1, ("2",), {"payment": 4, "voucher": 1}),
}
# What the first person of the crowd does in every period that was paid: one of each sort.
REGULAR = ("steering-group", "web-content", "peer-review")
TRAVEL = {"": 10, "bus": 3, "train": 2, "car": 4, "parking": 1, "taxi": 1}


@dataclass(frozen=True)
class Period:
    """The time between two cut-offs, and the run that pays it."""

    run: RunDate
    opens: datetime

    def decided_at(self, now: datetime) -> datetime:
        """Half a day before the cut-off, or now where that is earlier, and always in the period."""
        return max(min(now, self.run.cut_off - timedelta(hours=12)), self.opens + timedelta(seconds=1))


def periods(now: datetime) -> list[Period]:
    """Two that were paid, and the one whose run is due: closed a short while ago, or closing next."""
    calendar = office_calendar(now.astimezone(LONDON).date())
    due = latest_due(now, calendar)
    if due.pay_on < now.astimezone(LONDON).date():
        due = next_run_after(now, calendar)
    runs = [due]
    for _ in range(3):
        runs.append(latest_due(runs[-1].cut_off - timedelta(seconds=1), calendar))
    runs.reverse()
    return [Period(run, before.cut_off) for before, run in zip(runs, runs[1:], strict=False)]


@transaction.atomic
def make_demo(*, people: int, claims: int, seed: int, now: datetime) -> dict:
    """Make the organisation: {"people", "claims", "runs", "due": the pay day of the run that is due}."""
    chance = Random(seed)
    staff = {email: make_staff(email, role, at=now, name=name) for email, (name, role) in STAFF.items()}
    for somebody in staff.values():
        give_demo_second_factor(somebody, at=now)
    officer, authoriser = staff["officer@demo.example"], staff["authoriser@demo.example"]
    crowd = imaginary_people(people, chance)
    *paid, due = periods(now)
    made, taken = 0, set()
    for number, period in enumerate([*paid, due]):
        share = claims // 3 if period in paid else claims - 2 * (claims // 3)
        at = period.decided_at(now)
        regular = REGULAR if period in paid else ()
        sheet = spreadsheet(chance, crowd, share, taken, last_day=at.astimezone(LONDON).date(), regular=regular)
        made += import_claims(sheet, approve=True, by=officer, at=at).claims
        if period in paid:
            pay(period.run, officer, authoriser, one_comes_back=number == 0)
    if made:
        wait_and_see(officer, due)
        claims_under_way(officer, staff["lead@demo.example"], decided_at=due.decided_at(now), now=now)
    return {"people": Person.objects.count(), "claims": made, "runs": len(paid), "due": due.run.pay_on.isoformat()}


def pay(run: RunDate, officer: Person, authoriser: Person, *, one_comes_back: bool):
    """The whole life of a run, each step at its hour."""
    closed = run.cut_off
    paid_at = datetime.combine(run.pay_on, run.cut_off.timetz())
    prepare_run(run.pay_on, by=officer, at=closed + timedelta(minutes=30))
    authorise_run(run.pay_on, by=authoriser, at=closed + timedelta(hours=2))
    sent = mark_sent(run.pay_on, by=officer, at=closed + timedelta(hours=3))
    by_bank = sent.payments.filter(method="bank").order_by("pk").first()
    if one_comes_back and by_bank:
        fail_payment(by_bank.reference, "5", by=officer, at=paid_at + DAY)
    settle_run(run.pay_on, by=None, at=paid_at + 4 * DAY)


def wait_and_see(officer: Person, due: Period):
    """One person takes advice first; one payment waits for a telephone call."""
    waiting = Payable.objects.filter(lines__isnull=True, owed_at__gt=due.opens, part="recognition").order_by("pk")[:2]
    for payable, hold in zip(list(waiting), ("person", "staff"), strict=False):
        if hold == "person":
            hold_for_person(payable.pk, by=payable.claim.person, at=payable.owed_at)
        else:
            review = due.run.pay_on + 7 * DAY
            hold_by_staff(payable.pk, "Ring to check the hours.", review, by=officer, at=payable.owed_at)


def imaginary_people(how_many: int, chance: Random) -> list[dict[str, str]]:
    """The columns of a spreadsheet that say who somebody is. One in twenty has no bank details."""
    whole = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(whole)
    every_seventh = {7 * place + 3: name for place, name in enumerate(NAMES_IN_OTHER_SCRIPTS)}
    crowd = []
    for number in range(how_many):
        has_bank = chance.random() > 0.05 or number == 0
        crowd.append(
            {
                "person_name": every_seventh.get(number, whole[number % len(whole)]),
                "email": f"person{number}@demo.example",
                # Mobile numbers that are kept free for drama, and sort codes that no bank has.
                "phone": f"07700 {900000 + number % 1000}",
                "sort_code": f"00-{chance.randrange(100):02}-{chance.randrange(100):02}" if has_bank else "",
                "account_number": f"{chance.randrange(10**8):08}" if has_bank else "",
            }
        )
    return crowd


def spreadsheet(chance: Random, crowd: list[dict], how_many: int, taken: set, *, last_day: date, regular=()) -> Sheet:
    """Claims for activities of the three weeks before, as somebody at the office would have typed them.

    ``taken`` are the people, kinds and days that were claimed for already; ``regular`` kinds go to the first person.
    """
    rows = []
    kinds, weights = list(KINDS), [often for often, _, _ in KINDS.values()]
    for _ in range(how_many * 20):
        if len(rows) == how_many:
            break
        who = chance.choice(crowd)
        [kind] = chance.choices(kinds, weights)
        if len(rows) < len(regular):
            who, kind = crowd[0], regular[len(rows)]
        on = last_day - chance.randrange(21) * DAY
        if (who["email"], kind, on) in taken:
            continue
        taken.add((who["email"], kind, on))
        cells = {**dict.fromkeys(COLUMNS, ""), **who, **claim_cells(chance, kind), **travel_cells(chance)}
        cells |= {"framework": "surrey-asc-2025", "activity_kind": kind, "activity_on": on.isoformat()}
        rows.append(SheetRow(line=len(rows) + 2, cells=cells))
    return Sheet(columns=COLUMNS, rows=rows, has_bom=False)


def claim_cells(chance: Random, kind: str) -> dict[str, str]:
    _, lengths, choices = KINDS[kind]
    hours = chance.choice(lengths)
    [choice] = chance.choices(list(choices), list(choices.values()))
    return {
        "session_hours": hours,
        "agreed_hours": hours,
        "hours_claimed": hours if chance.random() < 0.8 else "1",
        "choice": choice,
        "lower_amount": "10.00" if choice == "lower" else "",
        "charity": chance.choice(CHARITIES) if choice == "donate" else "",
    }


def travel_cells(chance: Random) -> dict[str, str]:
    [mode] = chance.choices(list(TRAVEL), list(TRAVEL.values()))
    if not mode:
        return {}
    if mode == "car":
        return {"travel_mode": mode, "miles": f"{chance.randrange(10, 400) / 10:.1f}"}
    pounds, pence = chance.randrange(1, 25), chance.randrange(100)
    return {
        "travel_mode": mode,
        "travel_amount": f"{pounds}.{pence:02}",
        "receipt": "yes",
        "taxi_agreed_with": "Moira Ashdown" if mode == "taxi" else "",
    }
