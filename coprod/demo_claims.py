"""Claims under way in the demonstration: one person with every state a claim can have, and a tray to decide."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from activities.models import Activity, Participation
from activities.operations import framework_called, version_for
from activities.rules import place, rate_on
from eligibility.models import Person
from payments import claiming, claims
from payments.models import Claim
from payments.rules.asked import Travel
from payments.rules.calendar import DAY, LONDON

TITLES = {
    "interview-panel": "Interview panel",
    "steering-group": "Steering group",
    "peer-review": "Reading a draft leaflet",
    "regular-advice": "Advice group",
    "network-group": "Network meeting",
    "co-facilitate-training": "Training morning",
}
BUS = Travel("bus", amount=Decimal("4.60"), receipt=True)
TRAIN = Travel("train", amount=Decimal("13.20"), receipt=True)
CAR = Travel("car", miles=Decimal("18.4"))
PARKING = Travel("parking", amount=Decimal("3.50"), receipt=False)
TAXI = Travel("taxi", amount=Decimal("14.80"), receipt=True)
AGREED_TAXI = Travel("taxi", amount=Decimal("11.00"), receipt=True, agreed_with="Moira Ashdown")

# What others have sent: kind, days since the activity and since it was sent, hours, what they chose, costs, and words
# where it took longer than planned.
SENT = [
    ("steering-group", 30, 11, "2", "payment", [TRAIN], ""),
    ("interview-panel", 24, 9, "3", "voucher", [], ""),
    ("steering-group", 21, 8, "2.5", "payment", [CAR, PARKING], ""),
    ("peer-review", 19, 7, "2", "voucher", [], ""),
    ("interview-panel", 17, 6, "4.5", "payment", [BUS], "The last candidate was late, and we waited."),
    ("regular-advice", 16, 6, "1.5", "voucher", [TAXI], ""),
    ("steering-group", 14, 5, "2", "lower", [], ""),
    ("co-facilitate-training", 12, 4, "3", "payment", [AGREED_TAXI], ""),
    ("steering-group", 10, 3, "2", "donate", [BUS], ""),
    ("interview-panel", 120, 3, "3", "payment", [TRAIN], ""),
    ("peer-review", 8, 2, "1", "voucher", [], ""),
    ("steering-group", 6, 2, "2", "no-thanks", [TRAIN], ""),
    ("interview-panel", 4, 1, "3", "payment", [CAR], ""),
    ("co-facilitate-training", 3, 1, "3", "payment", [], ""),
]


def claims_under_way(officer: Person, lead: Person, *, decided_at: datetime, now: datetime):
    """One person's claims in every state, claims of others to decide, and the lead as contact of some activities."""
    first, *others = Person.objects.filter(email__startswith="person").order_by("pk")[: len(SENT) + 1]
    take_part(first, "network-group", "2", now - 6 * DAY, contact=lead)
    open_one(first, "interview-panel", "3", now - 2 * DAY, at=now - DAY, contact=lead)
    sent(first, "steering-group", "2", now - 9 * DAY, at=now - 3 * DAY, costs=[TRAIN], contact=lead)
    asked = sent(
        first, "regular-advice", "1.5", now - 13 * DAY, at=decided_at - 2 * DAY, answer="voucher", costs=[TAXI]
    )
    claims.return_claim(
        asked.pk, "Did somebody agree to the taxi before you travelled? Who?", by=officer, at=decided_at
    )
    agreed = sent(first, "co-facilitate-training", "3", now - 15 * DAY, at=decided_at - 2 * DAY, costs=[BUS])
    claims.approve_claims([agreed.pk], by=officer, at=decided_at)
    for number, (who, (kind, days, ago, hours, answer, costs, longer)) in enumerate(zip(others, SENT, strict=False)):
        planned = "3.5" if longer else hours
        on, at, contact = now - days * DAY, now - ago * DAY - timedelta(hours=number), lead if number % 2 else None
        sent(who, kind, hours, on, at=at, answer=answer, costs=costs, longer=longer, planned=planned, contact=contact)


def take_part(who: Person, kind: str, hours: str, on: datetime, *, planned="", contact=None) -> Participation:
    """Somebody's part in an activity, as the register has it. No other claim of theirs has this kind and day."""
    day = on.astimezone(LONDON).date()
    while Activity.objects.filter(kind=kind, on=day, participations__person=who).exists():
        day -= DAY
    version = version_for(framework_called("surrey-asc-2025"), day)
    policy = version.policy
    placing = place(policy, kind=kind)
    activity = Activity.objects.create(
        framework_version=version,
        kind=kind,
        title=TITLES[kind],
        on=day,
        session_hours=planned or hours,
        agreed_hours=planned or hours,
        named_contact=contact,
    )
    return Participation.objects.create(
        person=who,
        activity=activity,
        band=placing.band.slug,
        band_why=placing.why,
        rate=rate_on(policy, placing.band, day),
        attended_hours=hours,
        attended_at=on,
    )


def open_one(who: Person, kind: str, hours: str, on: datetime, *, at: datetime, **more) -> Claim:
    part = take_part(who, kind, hours, on, **more)
    claiming.open_claims(at=at)
    return part.claims.get()


def sent(
    who: Person, kind: str, hours: str, on: datetime, *, at: datetime, answer="payment", costs=(), longer="", **more
) -> Claim:
    """A claim that its person answered and sent."""
    claim = open_one(who, kind, hours, on, at=at, **more)
    mine = {"by": who, "at": at}
    claiming.answer_hours(claim.pk, Decimal(hours), more_hours_because=longer, **mine)
    claiming.answer_choice(claim.pk, answer, lower_amount=Decimal("20.00"), charity="Local Hospice", **mine)
    for number, travel in enumerate(costs):
        key = uuid5(NAMESPACE_URL, f"{claim.pk} {number}")
        claiming.store_cost(claim.pk, key, travel, receipt_lost=travel.receipt is False, **mine)
    if costs:
        claiming.answer_all_costs(claim.pk, **mine)
    else:
        claiming.answer_no_costs(claim.pk, **mine)
    if not claiming.answers_of(claim).has_bank_details:
        claiming.tell_bank_details_later(claim.pk, **mine)
    return claims.submit_claim(claim.pk, **mine)
