"""Importing a spreadsheet of claims: check every row against what is stored, then store all or nothing.

Set-based: the number of statements does not depend on the number of rows. Only new claims and first facts are
stored. Nothing that is stored already is changed, so importing a file twice changes nothing.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from activities.framework import Choice, Policy
from activities.models import Activity, DeclinedAs, FrameworkVersion, Participation
from activities.operations import in_force
from eligibility.models import Event, Person, StaffRole
from eligibility.reasons import Reason
from payments.books import imports_take_turns
from payments.claiming import set_untouched_drafts_aside
from payments.claims import approve_claims
from payments.models import BankDetails, Charity, Claim, Expense
from payments.models.bank import account_fingerprint
from payments.payables import reasons_against_deciding_at
from payments.rules import spreadsheet as rules
from payments.rules.calendar import LONDON
from payments.rules.claiming import QUESTIONS
from payments.rules.csv_file import Sheet, SheetRow, clipped
from payments.rules.spreadsheet import Asked, Problem, Problems, Terms, Travel

BATCH = 5_000


@dataclass(frozen=True)
class Imported:
    """What an import did, or, with problems that were accepted, did not do."""

    rows: int
    claims: int
    skipped: int
    new_people: int
    rejected: list[tuple[SheetRow, list[Problem]]]

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problems in self.rejected for problem in problems]


class BadRows(Exception):
    """The rows of a file that have to be put right first. Nothing was stored."""

    def __init__(self, rejected: list[tuple[SheetRow, list[Problem]]], also: list[Reason]):
        self.problems = [problem for _, problems in rejected for problem in problems]
        self.rejected, self.also = rejected, also
        super().__init__("\n".join(map(str, [*self.problems, *also])))


@dataclass
class Row:
    """One row on its way in: what it asks, what is wrong with it, what the policy makes of it."""

    sheet_row: SheetRow
    asked: Asked
    problems: Problems
    person: Person | None = None
    version: FrameworkVersion | None = None
    terms: Terms | None = None
    activity: Activity | None = None
    part: Participation | None = None
    stored_already: bool = False

    @property
    def is_new(self) -> bool:
        return not self.problems and not self.stored_already

    @property
    def claim_key(self):
        """Person, kind and day: of two claims with the same, one is a mistake."""
        return self.asked.email, self.asked.kind, self.asked.on

    @property
    def activity_key(self):
        """One activity for each of these."""
        asked = self.asked
        return asked.framework, asked.kind, asked.on, asked.session_hours, asked.agreed_hours


@dataclass
class Stored:
    """What is stored about the people, days and frameworks of a file."""

    versions: dict[str, list[FrameworkVersion]]  # by framework, oldest first
    people: dict[str, Person]  # by e-mail
    accounts: dict[int, str]  # the newest account's fingerprint, by person
    claims: dict[tuple, list[tuple[Claim, Asked]]]  # by Row.claim_key
    activities: dict[tuple, list[Activity]]  # by Row.activity_key
    parts: dict[tuple[int, int], Participation]  # by person and activity, where nothing is claimed yet
    begun: dict[int, str]  # by participation: the draft that somebody has begun on their own page
    registered: dict[tuple, Activity]  # by Row.claim_key: where the person takes part and nothing was ever sent
    policies: dict[int, Policy] = field(default_factory=dict)

    def policy(self, version: FrameworkVersion) -> Policy:
        if version.pk not in self.policies:
            self.policies[version.pk] = version.policy
        return self.policies[version.pk]


@transaction.atomic
def import_claims(sheet: Sheet, *, approve: bool, by: Person, at: datetime, accept_good: bool = False) -> Imported:
    """Store the claims of a file as submitted, or as approved by ``by``, who vouches for a decision made on paper.

    Raises BadRows with every problem of every row, and stores nothing, unless ``accept_good`` takes the others.
    Raises Refused when there is something to approve and ``at`` lies in a run that is closed.
    """
    imports_take_turns()
    rows = [read(sheet_row, at) for sheet_row in sheet.rows]
    stored = what_is_stored(rows)
    judge(rows, stored, decider=by if approve else None)
    new = [row for row in rows if row.is_new]
    rejected = [(row.sheet_row, row.problems.in_order()) for row in rows if row.problems]
    if rejected and not accept_good:
        raise BadRows(rejected, also=reasons_against_deciding_at(at) if approve and new else [])
    people = store_people([row for row in rows if not row.problems], stored, by=by, at=at)
    claims = store_claims(new, stored, approve=approve, by=by, at=at)
    if approve and claims:
        approve_claims([claim.pk for claim in claims], by=by, at=at)
    skipped = sum(row.stored_already and not row.problems for row in rows)
    return Imported(len(rows), len(claims), skipped, len(people), rejected)


# Reading.


def read(sheet_row: SheetRow, at: datetime) -> Row:
    problems = Problems(sheet_row.line)
    asked = rules.read_row(sheet_row, today=at.astimezone(LONDON).date(), problems=problems)
    return Row(sheet_row, asked, problems)


def what_is_stored(rows: list[Row]) -> Stored:
    """Everything the rows are compared with, in as many statements for one row as for ten thousand."""
    versions = list(FrameworkVersion.objects.select_related("framework").order_by("effective_from", "pk"))
    by_pk = {version.pk: version for version in versions}
    people = people_with({row.asked.email for row in rows})
    person_pks = [person.pk for person in people.values()]
    days = {row.asked.on for row in rows if row.asked.on}
    newest = BankDetails.objects.newest_of(person_pks).values_list("person", "fingerprint")
    claims = claims_of(person_pks, days)
    activities = defaultdict(list)
    for activity in Activity.objects.filter(on__in=days, kind__in={row.asked.kind for row in rows}).order_by("pk"):
        activity.framework_version = by_pk[activity.framework_version_id]
        activities[key_of(activity)].append(activity)
    claimed = {claim.participation_id for claim in claims if stands(claim)}
    by_activity = {activity.pk: activity for alike in activities.values() for activity in alike}
    parts = list(Participation.objects.filter(person__in=person_pks, activity__in=by_activity))
    return Stored(
        versions=grouped((version.framework.slug, version) for version in versions),
        people=people,
        accounts=dict(newest),
        claims=grouped((key, (claim, asked)) for claim in claims for key, asked in [as_asked(claim, by_pk)]),
        activities=activities,
        parts={(part.person_id, part.activity_id): part for part in parts if part.pk not in claimed},
        begun=dict(begun_by(person_pks, days)),
        registered=registered_in(parts, {claim.participation_id for claim in claims}, people, by_activity),
    )


def grouped(pairs) -> dict[object, list]:
    groups = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def key_of(activity: Activity) -> tuple:
    slug = activity.framework_version.framework.slug
    return slug, activity.kind, activity.on, activity.session_hours, activity.agreed_hours


def people_with(emails: set[str]) -> dict[str, Person]:
    """The people of a file, locked so that nobody gives them a name, a phone or an account meanwhile."""
    found = Person.objects.select_for_update(no_key=True).filter(email__in=emails - {""}).order_by("pk")
    staff = StaffRole.objects.filter(person=OuterRef("pk"))
    found = found.annotate(
        on_staff=Exists(staff), takes_part=Exists(Participation.objects.filter(person=OuterRef("pk")))
    )
    return {person.email: person for person in found}


def has_a_made_up_name(person: Person) -> bool:
    """Staff made by --create-staff have only the front of their e-mail for a name, until somebody says their name."""
    return person.on_staff and not person.takes_part and person.name == person.email.partition("@")[0]


def claims_of(person_pks: list[int], days: set[date]) -> list[Claim]:
    """Those that were sent: a draft asks for nothing yet, whatever became of it."""
    mine = Claim.objects.filter(person__in=person_pks, participation__activity__on__in=days, submitted_at__isnull=False)
    return list(
        mine.select_related("person", "charity", "participation__activity").prefetch_related("expenses").order_by("pk")
    )


def begun_by(person_pks: list[int], days: set[date]):
    drafts = Claim.objects.filter(status=Claim.Status.DRAFT, person__in=person_pks).exclude(answered=[])
    return drafts.filter(participation__activity__on__in=days).values_list("participation", "reference")


def registered_in(parts: list[Participation], sent_for: set[int], people: dict, activities: dict) -> dict:
    emails = {person.pk: email for email, person in people.items()}
    open_parts = [part for part in parts if part.pk not in sent_for]
    return {
        (emails[part.person_id], activity.kind, activity.on): activity
        for part in open_parts
        for activity in [activities[part.activity_id]]
    }


def stands(claim: Claim) -> bool:
    """Whether a claim is still asked: neither refused nor taken back."""
    return claim.status not in (Claim.Status.REFUSED, Claim.Status.WITHDRAWN)


def as_asked(claim: Claim, versions: dict[int, FrameworkVersion]) -> tuple[tuple, Asked]:
    """A stored claim as the row that would ask for it, with its claim key."""
    activity = claim.participation.activity
    asked = Asked(
        name=claim.person.name,
        email=claim.person.email,
        phone="",
        sort_code="",
        account_number="",
        framework=versions[claim.framework_version_id].framework.slug,
        kind=activity.kind,
        on=activity.on,
        session_hours=activity.session_hours,
        agreed_hours=claim.agreed_hours,
        hours=claim.hours,
        choice=claim.choice,
        lower_amount=claim.lower_amount,
        charity=claim.charity.name if claim.charity else "",
        travel=as_travel(list(claim.expenses.all())),
    )
    return (asked.email, asked.kind, asked.on), asked


def as_travel(expenses: list[Expense]) -> Travel | None:
    """The travel cells of a stored claim. A row has one cost at most, so several costs are like no row."""
    if not expenses:
        return None
    if len(expenses) > 1:
        return Travel(" and ".join(expense.mode for expense in expenses))
    [expense] = expenses
    typed_amount = expense.amount_asked if expense.miles is None else None
    return Travel(expense.mode, typed_amount, expense.miles, expense.receipt, expense.taxi_agreed_with)


# Judging.


def judge(rows: list[Row], stored: Stored, *, decider: Person | None):
    """Find every problem of every row, and what the policy makes of each good one."""
    for row in rows:
        row.person = stored.people.get(row.asked.email)
    judge_repeats(rows, stored)
    judge_identities(rows, stored)
    for row in rows:
        if not row.stored_already:
            judge_offer(row, stored)
            judge_decider(row, decider)


def judge_repeats(rows: list[Row], stored: Stored):
    """The same claim is taken once: a stored one is skipped, a second one in the file is a mistake."""
    first_rows: dict[tuple, Row] = {}
    for row in rows:
        if not all(row.claim_key):
            continue
        first = first_rows.setdefault(row.claim_key, row)
        if first is not row:
            told = f"Row {first.sheet_row.line} of this file has this person, activity_kind and day already."
            row.problems.add("activity_on", f"{told} Keep one of the two.")
        elif row.claim_key in stored.claims:
            compare(row, stored.claims[row.claim_key])


def compare(row: Row, alike: list[tuple[Claim, Asked]]):
    """Stored with equal values: skipped, also when it was refused or taken back, as a file read again revives nothing.
    Standing with other values: which of the two is right is for a person to say."""
    differences = [(rules.differing_columns(row.asked, asked), claim) for claim, asked in alike]
    row.stored_already = any(not columns for columns, _ in differences)
    standing = [(columns, claim) for columns, claim in differences if stands(claim)]
    if standing and not row.stored_already:
        columns, claim = standing[0]
        told = f"Claim {claim.reference}, by this person for this kind and day, is stored with another"
        row.problems.add(columns[0], f"{told} {', '.join(columns)}. Correct the row, or leave it out.")


def judge_identities(rows: list[Row], stored: Stored):
    """One e-mail is one person, with one name and one account, in the file and against what is stored."""
    names = {
        person.email: (person.name, "as it is stored")
        for person in stored.people.values()
        if not has_a_made_up_name(person)
    }
    accounts = {
        person.email: (stored.accounts[person.pk], "as it is stored")
        for person in stored.people.values()
        if person.pk in stored.accounts
    }
    for row in rows:
        asked, here = row.asked, f"row {row.sheet_row.line} of this file"
        if not asked.email:
            continue
        if asked.name and "person_name" not in row.problems.found:
            name, where = names.setdefault(asked.email, (asked.name, here))
            if not rules.same_name(asked.name, name):
                told = f"This e-mail is {clipped(name)}'s ({where}). Correct the name or the e-mail."
                row.problems.add("person_name", f"{told} If the name changed, change it on the person first.")
        if has_account(row):
            account = account_fingerprint(asked.sort_code, asked.account_number)
            known, where = accounts.setdefault(asked.email, (account, here))
            if account != known:
                told = f"This person has another sort_code and account_number ({where}). Correct these."
                row.problems.add("account_number", f"{told} If the account changed, change it on the person first.")


def has_account(row: Row) -> bool:
    return bool(row.asked.account_number) and not {"sort_code", "account_number"} & set(row.problems.found)


def judge_offer(row: Row, stored: Stored):
    """What the policy in force makes of the row; an activity that is there already keeps its own version."""
    versions = stored.versions.get(row.asked.framework)
    rules.judge_framework(row.asked, sorted(stored.versions), row.problems)
    if not versions:
        return
    row.activity, row.part = activity_and_part(row, stored)
    if row.part is None and (registered := stored.registered.get(row.claim_key)):
        # With other hours it would be a second activity, and the person could claim for both.
        on_register = f"session_hours {registered.session_hours} and agreed_hours {registered.agreed_hours}"
        told = f"The register has this person in an activity of this kind on this day, with {on_register}."
        row.problems.add("session_hours", f"{told} Correct the row, or the register.")
    if row.part and (reference := stored.begun.get(row.part.pk)):
        told = f"This person has begun this claim themselves ({reference}). Leave this row out,"
        row.problems.add("person_name", f"{told} or ask them to take theirs back.")
    row.version = row.activity.framework_version if row.activity else in_force(versions, row.asked.on)
    row.terms = rules.judge(row.asked, stored.policy(row.version), row.problems)
    if row.terms and row.part and (row.part.band, row.part.rate) != (row.terms.band.slug, row.terms.rate):
        told = f"This person was offered another band or rate ({row.part.band}) for this activity."
        row.problems.add("activity_kind", f"{told} Leave this row out and settle the offer first.")


def activity_and_part(row: Row, stored: Stored) -> tuple[Activity | None, Participation | None]:
    """The activity this is about, if it is stored: rather one in which the person takes part already."""
    alike = stored.activities.get(row.activity_key, [])
    if row.person:
        for activity in alike:
            if part := stored.parts.get((row.person.pk, activity.pk)):
                return activity, part
    return (alike[0] if alike else None), None


def judge_decider(row: Row, decider: Person | None):
    """Promise 5: nobody decides their own claim."""
    if decider is not None and row.person == decider:
        row.problems.add("email", "This is your own claim, so somebody else decides it. Leave it to another officer.")


# Storing.


def store_people(rows: list[Row], stored: Stored, *, by: Person, at: datetime) -> list[Person]:
    """The people who are new, and what we did not know of the others: a real name, a phone, a first account."""
    new, changed = {}, {}
    for row in rows:
        asked = row.asked
        if row.person is None:
            row.person = new.setdefault(asked.email, Person(name=asked.name, email=asked.email))
        elif has_a_made_up_name(row.person) and row.person.name != asked.name:
            row.person.name = asked.name
            changed[row.person] = None
        if asked.phone and not row.person.phone:
            row.person.phone = asked.phone
            if row.person.pk:
                changed[row.person] = None
    people = Person.objects.bulk_create(new.values(), batch_size=BATCH)
    Person.objects.bulk_update(changed, ["name", "phone"], batch_size=500)
    Event.objects.record_all("person added", [(person, {}) for person in people], by=by, at=at)
    Event.objects.record_all("person completed", [(person, {}) for person in changed], by=by, at=at)
    store_first_accounts(rows, stored, by=by, at=at)
    return people


def store_first_accounts(rows: list[Row], stored: Stored, *, by: Person, at: datetime):
    """First bank details. Who imports a file entered what it holds, so may not authorise its payment (promise 5)."""
    first = {}
    for row in rows:
        if row.asked.account_number and row.person.pk not in stored.accounts:
            first.setdefault(row.person.pk, row)
    details = BankDetails.objects.bulk_create(
        [
            BankDetails.objects.sealed(
                row.person,
                sort_code=row.asked.sort_code,
                account_number=row.asked.account_number,
                name_on_account=row.person.name,
                entered_by=by,
                entered_at=at,
            )
            for row in first.values()
        ],
        batch_size=BATCH,
    )
    Event.objects.record_all("bank details entered", [(each, {}) for each in details], by=by, at=at)


def store_claims(rows: list[Row], stored: Stored, *, approve: bool, by: Person, at: datetime) -> list[Claim]:
    """The claims of the new rows as submitted, with the activities, parts and costs they stand on."""
    store_activities(rows, stored)
    store_parts(rows, attended_at=at if approve else None)
    set_untouched_drafts_aside([row.part.pk for row in rows], by=by, at=at)
    charities = Charity.called(row.asked.charity for row in rows)
    claims = Claim.objects.bulk_create(
        [as_claim(row, charities, entered_by=None if approve else by, at=at) for row in rows],
        batch_size=BATCH,
    )
    Expense.objects.bulk_create(
        [as_expense(row, claim) for row, claim in zip(rows, claims, strict=True) if row.asked.travel], batch_size=BATCH
    )
    Event.objects.record_all("claim imported", [(claim, {}) for claim in claims], by=by, at=at)
    return claims


def store_activities(rows: list[Row], stored: Stored):
    missing = {}
    for row in rows:
        if row.activity is None:
            row.activity = missing.setdefault(row.activity_key, new_activity(row, stored))
    Activity.objects.bulk_create(missing.values(), batch_size=BATCH)


def new_activity(row: Row, stored: Stored) -> Activity:
    return Activity(
        framework_version=row.version,
        kind=row.asked.kind,
        title=stored.policy(row.version).kind(row.asked.kind).title,
        on=row.asked.on,
        session_hours=row.asked.session_hours,
        agreed_hours=row.asked.agreed_hours,
    )


def store_parts(rows: list[Row], *, attended_at: datetime | None):
    """Each person's part. A part that is there already is kept; what it does not say yet is filled in."""
    there = [row.part for row in rows if row.part]
    new = []
    for row in rows:
        if row.part is None:
            row.part = new_part(row)
            new.append(row.part)
        if not row.part.choice:
            fill_in_choice(row.part, row.asked)
        if attended_at and row.part.attended_at is None:
            row.part.attended_hours, row.part.attended_at = row.asked.hours, attended_at
    Participation.objects.bulk_create(new, batch_size=BATCH)
    filled = ["choice", "declined_as", "lower_amount", "charity_name", "attended_hours", "attended_at"]
    Participation.objects.bulk_update(there, filled, batch_size=500)


def new_part(row: Row) -> Participation:
    """When it was offered and chosen, the file does not say."""
    return Participation(
        person=row.person,
        activity=row.activity,
        band=row.terms.band.slug,
        band_why=row.terms.band_why,
        rate=row.terms.rate,
    )


def fill_in_choice(part: Participation, asked: Asked):
    part.choice, part.declined_as = asked.choice, declined_as(asked)
    part.lower_amount, part.charity_name = asked.lower_amount, asked.charity


def declined_as(asked: Asked) -> str:
    """A spreadsheet's "decline" is "no thanks"."""
    return DeclinedAs.NO_THANKS if asked.choice == Choice.DECLINE else ""


def as_claim(row: Row, charities: dict[str, Charity], *, entered_by: Person | None, at: datetime) -> Claim:
    asked, terms = row.asked, row.terms
    return Claim(
        participation=row.part,
        person=row.person,
        framework_version=row.version,
        band=terms.band.slug,
        recognition=terms.band.recognition or "",
        rate=terms.rate,
        agreed_hours=asked.agreed_hours,
        full_amount=terms.full_amount,
        hours=asked.hours,
        choice=asked.choice,
        declined_as=declined_as(asked),
        lower_amount=asked.lower_amount,
        charity=charities.get(Charity.key_of(asked.charity)),
        answered=list(QUESTIONS),
        staff_note=asked.notes,
        status=Claim.Status.SUBMITTED,
        entered_by=entered_by,
        submitted_at=at,
    )


def as_expense(row: Row, claim: Claim) -> Expense:
    travel = row.asked.travel
    return Expense(
        claim=claim,
        mode=travel.mode,
        amount_asked=row.terms.cost,
        miles=travel.miles,
        mileage_rate=row.terms.mileage_rate,
        receipt=travel.receipt,
        taxi_agreed_with=travel.agreed_with,
    )
