"""An office for tests: people, a policy, and claims walked to their state by the real operations."""

from datetime import date, datetime
from decimal import Decimal
from itertools import count

from activities.models import Activity, FrameworkVersion, Participation
from activities.operations import SHIPPED, load_framework
from activities.rules import full_amount, place, rate_on
from eligibility.models import Event, Person, Role
from eligibility.operations import make_staff
from payments.claims import approve_claims
from payments.models import BankDetails, Charity, Claim, Expense
from payments.rules.calendar import LONDON
from payments.rules.claiming import QUESTIONS

NUMBERS = count(1)
PAY_DAY = date(2026, 11, 27)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


DECIDED = london("2026-11-20T12:00")
CUT_OFF = london("2026-11-25T12:00")
AFTER_CUT_OFF = london("2026-11-25T18:00")


def surrey() -> FrameworkVersion:
    text = (SHIPPED / "surrey-asc-2025.toml").read_text(encoding="utf-8")
    version, _ = load_framework(text, source="surrey-asc-2025.toml", by=None, at=DECIDED)
    return version


def officer(email="officer@example.org") -> Person:
    return make_staff(email, Role.PAYMENTS_OFFICER, at=DECIDED)


def authoriser(email="authoriser@example.org") -> Person:
    return make_staff(email, Role.AUTHORISER, at=DECIDED)


def person(name="Ada Example", *, bank=True, entered_by=None) -> Person:
    number = next(NUMBERS)
    made = Person.objects.create(name=name, email=f"person{number}@example.org")
    if bank:
        give_bank_details(made, entered_by=entered_by)
    return made


def give_bank_details(who: Person, *, entered_by=None, **more) -> BankDetails:
    details = BankDetails.objects.sealed(
        who,
        sort_code="000000",
        account_number=f"{next(NUMBERS):08}",
        name_on_account=more.pop("name_on_account", who.name),
        entered_by=entered_by,
        entered_at=DECIDED,
        **more,
    )
    details.save()
    Event.objects.record("bank details entered", details, by=entered_by, at=DECIDED)
    return details


def submitted(
    who: Person,
    *,
    kind="interview-panel",
    choice="payment",
    hours="2",
    costs: dict[str, str] | None = None,
    lower=None,
    charity=None,
    entered_by=None,
    on=date(2026, 11, 10),
) -> Claim:
    """A claim that somebody sent, on an activity of its own."""
    version = surrey()
    policy, hours = version.policy, Decimal(hours)
    band = place(policy, kind=kind).band
    activity = Activity.objects.create(
        framework_version=version,
        kind=kind,
        title=policy.kind(kind).title,
        on=on,
        session_hours=hours,
        agreed_hours=hours,
    )
    part = Participation.objects.create(person=who, activity=activity, band=band.slug, rate=rate_on(policy, band, on))
    claim = Claim.objects.create(
        participation=part,
        person=who,
        framework_version=version,
        band=band.slug,
        recognition=band.recognition,
        rate=part.rate,
        agreed_hours=hours,
        full_amount=full_amount(policy, band, on=on, agreed_hours=hours, hours=hours),
        hours=hours,
        choice=choice,
        declined_as="no-thanks" if choice == "decline" else "",
        lower_amount=lower and Decimal(lower),
        charity=charity and Charity.objects.get_or_create(key=Charity.key_of(charity), defaults={"name": charity})[0],
        entered_by=entered_by,
        answered=list(QUESTIONS),
        status=Claim.Status.SUBMITTED,
        submitted_at=DECIDED,
    )
    for mode, amount in (costs or {}).items():
        Expense.objects.create(claim=claim, mode=mode, amount_asked=Decimal(amount), receipt=True)
    return claim


def approved(who: Person, *, by: Person | None = None, at=DECIDED, **more) -> Claim:
    claim = submitted(who, **more)
    approve_claims([claim.pk], by=by or officer(), at=at)
    claim.refresh_from_db()
    return claim
