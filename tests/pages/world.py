"""A small office on the evening after a cut-off, walked there by real operations: one of everything a page can show."""

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction

from activities.models import Activity, Participation
from eligibility import second_factor
from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.roles import Role
from payments import claiming
from payments.claims import approve_claims, submit_claim
from payments.documents import make_due_documents
from payments.models import Claim, Document
from payments.payables import hold_by_staff
from payments.rules.asked import Travel
from payments.runs import authorise_run, mark_sent, prepare_run
from tests.machine import pango
from tests.payments.office import DECIDED, approved, london, officer, person, submitted, surrey

SENT_ON, DUE_ON, NOT_A_PAY_DAY = date(2026, 11, 13), date(2026, 11, 27), date(2026, 11, 14)
LATER = london("2026-11-25T16:00")  # after the cut-off of the run that is due
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of every member of staff here
NOBODYS = UUID(int=7)
NAMES = {
    Role.ACTIVITY_LEAD: "Moira Ashdown",
    Role.PAYMENTS_OFFICER: "Peter Nkemelu",
    Role.AUTHORISER: "Sunita Fairweather",
    Role.AUDITOR: "Gethin Marlowe",
}


@dataclass
class World:
    people: dict[Role, Person] = field(default_factory=dict)
    ben: Person = None
    second_officer: Person = None
    drafts: dict[Person, Claim] = field(default_factory=dict)
    sent: dict[Person, Claim] = field(default_factory=dict)
    cards: dict[Person, Document] = field(default_factory=dict)
    to_decide: Claim = None
    not_the_leads: Claim = None
    decided: Claim = None
    unpriced: Claim = None

    @property
    def ada(self) -> Person:
        return self.people[Role.CO_PRODUCER]

    @property
    def officer(self) -> Person:
        return self.people[Role.PAYMENTS_OFFICER]

    def arguments(self, whose: str, role: Role, case: str) -> dict:
        """Of an address about something: "own", somebody's "other", or "none" that there is."""
        return getattr(self, whose.replace(" ", "_").replace("-", "_"))(role, case)

    # Somebody's own, whatever else they are here. To a visitor, Ada's.

    def whose(self, role: Role, case: str) -> Person:
        return self.ben if case == "other" else self.people.get(role, self.ada)

    def my_claim(self, role: Role, case: str) -> dict:
        return {"reference": "23456-789AB" if case == "none" else self.drafts[self.whose(role, case)].reference}

    def my_sent_claim(self, role: Role, case: str) -> dict:
        return {"reference": "23456-789AB" if case == "none" else self.sent[self.whose(role, case)].reference}

    def my_cost(self, role: Role, case: str) -> dict:
        """Of a claim that is not there or not theirs: a cost nobody has may be theirs to make."""
        return {**self.my_claim(role, case), "key": train_fare_of(self.whose(role, case))}

    def my_train_fare(self, role: Role, case: str) -> dict:
        return {**self.my_cost(role, case), "mode": "train"}

    def my_part(self, role: Role, case: str) -> dict:
        return {"participation": 0 if case == "none" else self.drafts[self.whose(role, case)].participation_id}

    def my_card(self, role: Role, case: str) -> dict:
        return {"pk": 0 if case == "none" else self.cards[self.whose(role, case)].pk}

    # The office's. To a lead, the claim on another's activity is another's.

    def claim(self, role: Role, case: str) -> dict:
        known = {"own": self.to_decide.reference, "other": self.not_the_leads.reference}
        return {"reference": known.get(case, "23456-789AB")}

    def approved_claim(self, role: Role, case: str) -> dict:
        return {"reference": "23456-789AB" if case == "none" else self.decided.reference}

    def claim_without_amount(self, role: Role, case: str) -> dict:
        return {"reference": "23456-789AB" if case == "none" else self.unpriced.reference}

    def person(self, role: Role, case: str) -> dict:
        return {"pk": 0 if case == "none" else (self.ben if case == "other" else self.ada).pk}

    def card(self, role: Role, case: str) -> dict:
        """Under another's name, a card is not found."""
        return {**self.person(role, "own"), "document": self.cards[self.ben if case == "none" else self.ada].pk}

    def run(self, role: Role, case: str) -> dict:
        return {"on": (NOT_A_PAY_DAY if case == "none" else SENT_ON).isoformat()}

    def unsent_run(self, role: Role, case: str) -> dict:
        return {"on": (NOT_A_PAY_DAY if case == "none" else DUE_ON).isoformat()}

    def run_list(self, role: Role, case: str) -> dict:
        return {**self.run(role, "own"), "layout": "cheques" if case == "none" else "generic"}

    def run_report(self, role: Role, case: str) -> dict:
        return {**self.run(role, "own"), "kind": "docx" if case == "none" else "html"}

    def sign_in_link(self, role: Role, case: str) -> dict:
        return {"secret": "a-secret-that-nobody-has"}


def build() -> World:
    world = World()
    for role, name in NAMES.items():
        world.people[role] = make_staff(f"{role}@example.org", role, at=DECIDED, name=name)
        second_factor.set_up(world.people[role], SECRET, at=DECIDED, by=None)
    world.people[Role.CO_PRODUCER] = person("Ada Example")
    world.ben = person("Ben Example")
    world.second_officer = officer("second@example.org")
    a_run_that_was_sent(world)
    a_run_that_is_authorised(world)
    for who in [*world.people.values(), world.ben]:
        world.drafts[who] = an_answered_draft(who, day=23)
        world.sent[who] = submit_claim(an_answered_draft(who, day=24).pk, by=who, at=LATER)
        world.cards[who] = a_card(world, who)
    world.to_decide = led_by(world, submitted(world.ada, costs={"train": "12.40", "bus": "3.00"}))
    world.not_the_leads = submitted(world.ben)
    world.unpriced = one_whose_amount_nobody_knows(world.ben)
    world.decided = approve(world, led_by(world, submitted(world.ada, kind="steering-group")))
    if pango():
        make_due_documents(at=LATER)
    return world


def a_draft(who: Person, *, day: int = 24, kind: str = "interview-panel", hours="2") -> Claim:
    """What somebody finds who took part in something: a claim with nothing answered yet."""
    version = surrey()
    activity = Activity.objects.create(
        framework_version=version,
        kind=kind,
        title=version.policy.kind(kind).title,
        on=date(2026, 11, day),
        session_hours=Decimal(hours),
        agreed_hours=Decimal(hours),
    )
    part = Participation.objects.create(
        person=who, activity=activity, band="hourly", rate=Decimal("15.00"), attended_hours=hours, attended_at=DECIDED
    )
    return claiming.start_claim(part.pk, by=who, at=DECIDED)


def an_answered_draft(who: Person, *, day: int) -> Claim:
    """With a train fare, and ready to be sent."""
    claim = a_draft(who, day=day)
    claiming.answer_hours(claim.pk, Decimal(2), by=who, at=LATER)
    claiming.answer_choice(claim.pk, "payment", by=who, at=LATER)
    key = train_fare_of(who) if day == 23 else uuid5(NOBODYS, f"{who.pk} on {day}")
    claiming.store_cost(claim.pk, key, Travel("train", amount=Decimal("8.40"), receipt=True), by=who, at=LATER)
    claiming.answer_all_costs(claim.pk, by=who, at=LATER)
    claiming.tell_bank_details_later(claim.pk, by=who, at=LATER)
    claim.refresh_from_db()
    return claim


def train_fare_of(who: Person) -> UUID:
    return uuid5(NOBODYS, str(who.pk))


def a_card(world: World, who: Person) -> Document:
    claim = approve(world, submitted(who, kind="web-content", choice="none"))
    return Document.objects.get(participation=claim.participation_id)


def one_whose_amount_nobody_knows(who: Person) -> Claim:
    """As an activity leaves it whose policy states no rate."""
    claim = submitted(who, choice="none")
    Claim.objects.filter(pk=claim.pk).update(full_amount=None, rate=None)
    claim.refresh_from_db()
    return claim


def led_by(world: World, claim: Claim) -> Claim:
    activity = claim.participation.activity
    activity.named_contact = world.people[Role.ACTIVITY_LEAD]
    activity.save()
    return claim


def approve(world: World, claim: Claim) -> Claim:
    by = world.second_officer if claim.person == world.officer else world.officer
    approve_claims([claim.pk], by=by, at=LATER)
    return claim


def a_run_that_was_sent(world: World):
    """Ada and Ben were paid in the middle of November."""
    authoriser = world.people[Role.AUTHORISER]
    for who in (world.ada, world.ben):
        early = {"at": london("2026-11-09T12:00"), "on": date(2026, 11, 3)}
        approved(who, by=world.officer, costs={"bus": "2.80"}, **early)
    prepare_run(SENT_ON, by=world.officer, at=london("2026-11-11T13:00"))
    authorise_run(SENT_ON, by=authoriser, at=london("2026-11-11T14:00"))
    mark_sent(SENT_ON, by=world.officer, at=london("2026-11-11T15:00"))


def a_run_that_is_authorised(world: World):
    """At the end of November there is a payment, a voucher, a donation, somebody without a bank account, a hold."""
    approved(world.ada, by=world.officer, costs={"train": "12.40"})
    approved(world.ben, by=world.officer, choice="voucher")
    approved(person("Cleo Example"), by=world.officer, choice="donate", charity="Local Hospice")
    approved(person("Dilys Example", bank=False), by=world.officer)
    waiting = approved(person("Emre Example"), by=world.officer).payables.get()
    hold_by_staff(waiting.pk, "Ring to check the hours.", date(2026, 12, 4), by=world.officer, at=DECIDED)
    prepare_run(DUE_ON, by=world.officer, at=london("2026-11-25T13:00"))
    authorise_run(DUE_ON, by=world.people[Role.AUTHORISER], at=london("2026-11-25T14:00"))


@contextmanager
def undone(client):
    """What is done meanwhile is undone; who signed out is signed in again."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def digits(seconds: int = 0) -> str:
    """What the app of a member of staff shows: by the real clock, and each code works once."""
    return second_factor.digits_now(SECRET, datetime.now(UTC) + timedelta(seconds=seconds))
