"""Making a claim: opening it, answering its questions one by one, giving a first bank account.

Each deed is the person's own, needs open books, locks its rows, and leaves an event. Sending is `claims.submit_claim`.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from activities.framework import Choice
from activities.models import FrameworkVersion, Participation
from activities.rules import counted_hours, full_amount
from eligibility.models import Event, Person
from eligibility.reasons import refuse_if
from eligibility.rules import Outcome
from payments.books import between_imports, need_open_books
from payments.models import BankDetails, Charity, Claim, Expense
from payments.models.bank import account_fingerprint
from payments.rules import claiming as rules
from payments.rules.asked import (
    Travel,
    account_typed,
    faults_of_amount,
    faults_of_choice,
    judge_cost,
    name_typed,
)
from payments.rules.claiming import Answers, Question
from payments.rules.money import QUARTER

BATCH = 2_000
SET_ASIDE_FOR_PAPER = "paper"
GONE = (Claim.Status.REFUSED, Claim.Status.WITHDRAWN)


# Opening.


@transaction.atomic
def open_claims(*, at: datetime) -> int:
    """A draft for everybody who attended something that owes them, has not declined it, and never had a claim for it.

    How many were opened. Who took a claim back is not given another one: they can start it themselves. Running it
    twice, or beside itself, opens nothing twice.
    """
    between_imports()
    offered = ~Q(eligibility_check__outcome=Outcome.NOT_OFFERED)
    parts = (
        Participation.objects.filter(offered | Q(eligibility_check=None), owing_bands(), attended_at__isnull=False)
        .exclude(choice=Choice.DECLINE)
        .filter(~Exists(Claim.objects.filter(participation=OuterRef("pk"))), ~Exists(asked_for_elsewhere()))
        .select_related("activity__framework_version")
        .order_by("pk")[:BATCH]
    )
    policies, charities = {}, Charity.called(part.charity_name for part in parts)
    new = [draft(part, policies, charities) for part in parts]
    Claim.objects.bulk_create(new, ignore_conflicts=True)
    # Those of somebody who started the same one in this very moment are not there.
    opened = list(Claim.objects.filter(reference__in=[claim.reference for claim in new]))
    Event.objects.record_all("claim opened", [(claim, {}) for claim in opened], by=None, at=at)
    return len(opened)


def asked_for_elsewhere():
    """Of a participation: the same person's claim from a spreadsheet, for the same kind of activity and day.

    A row of a spreadsheet may make an activity of its own; recorded on a register afterwards, it is no second one.
    """
    imported = Event.objects.filter(about="claim", about_id=OuterRef("pk"), what="claim imported")
    alike = Claim.objects.filter(
        Exists(imported),
        person=OuterRef("person"),
        participation__activity__kind=OuterRef("activity__kind"),
        participation__activity__on=OuterRef("activity__on"),
    )
    return (
        alike.exclude(status__in=GONE).exclude(participation=OuterRef("pk")).exclude(participation__activity__kind="")
    )


def owing_bands() -> Q:
    """Participations in a band that owes something for time."""
    owing = Q(pk=None)
    for version in FrameworkVersion.objects.all():
        bands = [band.slug for band in version.policy.bands if rules.owes_time(band.choices)]
        owing |= Q(activity__framework_version=version, band__in=bands)
    return owing


def draft(part: Participation, policies: dict, charities: dict) -> Claim:
    """A new, unsaved claim with everything that is known: what was offered, chosen and attended."""
    activity, version = part.activity, part.activity.framework_version
    policy = policies.setdefault(version.pk, version.policy)
    band = policy.band(part.band)
    hours = counted_hours(policy, part.attended_hours or activity.agreed_hours)
    claim = Claim(
        participation=part,
        person_id=part.person_id,
        framework_version=version,
        band=band.slug,
        recognition=band.recognition or "",
        rate=part.rate,
        agreed_hours=activity.agreed_hours,
        full_amount=full_amount(policy, band, on=activity.on, agreed_hours=activity.agreed_hours, hours=hours),
        hours=hours,
        answered=[],
    )
    fill_in_choice(claim, part, charities.get(Charity.key_of(part.charity_name)))
    return claim


def fill_in_choice(claim: Claim, part: Participation, charity: Charity | None):
    """What was chosen before the activity, as far as it can still stand."""
    lower = part.lower_amount if part.choice == Choice.LOWER else None
    stands = {
        Choice.PAYMENT: True,
        Choice.VOUCHER: True,
        Choice.LOWER: lower is not None and (claim.full_amount is None or lower <= claim.full_amount),
        Choice.DONATE: charity is not None,
    }
    if stands.get(part.choice):
        claim.choice, claim.lower_amount = part.choice, lower
        claim.charity = charity if part.choice == Choice.DONATE else None


@transaction.atomic
def start_claim(participation_id: int, *, by: Person, at: datetime) -> Claim:
    """A draft for somebody who attended and has costs to claim, or took their claim back and wants one after all."""
    between_imports()
    part = (
        Participation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("activity__framework_version", "eligibility_check")
        .get(pk=participation_id)
    )
    refuse_if([] if part.person_id == by.pk else [rules.NOT_YOURS])
    refuse_if([] if part.attended_at else [rules.NOT_ATTENDED])
    standing = part.claims.exclude(status__in=GONE).first()
    if standing and standing.status == Claim.Status.DRAFT:
        return standing  # sent twice
    elsewhere = Participation.objects.filter(Exists(asked_for_elsewhere()), pk=part.pk).exists()
    refuse_if([rules.STANDS_ALREADY] if standing else [rules.ASKED_FOR_ELSEWHERE] if elsewhere else [])
    claim = draft(part, {}, Charity.called([part.charity_name]))
    if part.choice == Choice.DECLINE:
        claim.choice, claim.declined_as = Choice.DECLINE, part.declined_as
    before = part.claims.filter(status=Claim.Status.WITHDRAWN).order_by("pk").last()
    if before:
        bring_back(before, claim)
    keep_what_is_open(claim)
    if not before and claim.choice in (Choice.DECLINE, Choice.NONE):
        claim.answered = [Question.HOURS, Question.CHOICE]
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError:  # opened by the clock in this very moment
        return part.claims.exclude(status__in=GONE).get()
    if before:
        Expense.objects.bulk_create([again(expense, claim) for expense in before.expenses.order_by("pk")])
    Event.objects.record("claim opened", claim, by=by, at=at)
    return claim


def standing_beside(claim: Claim) -> Claim | None:
    """The claim for the same part in an activity that took the place of one that was taken back."""
    return Claim.objects.filter(participation=claim.participation_id).exclude(status__in=GONE).first()


def bring_back(before: Claim, claim: Claim):
    """Into a new claim: the answers of the one they took back. An amount that no longer fits is asked for again."""
    claim.hours, claim.more_hours_because = before.hours, before.more_hours_because
    claim.answered = before.answered
    price(claim)
    if not before.choice:
        return
    lower = before.lower_amount
    if lower is not None and (claim.full_amount is None or lower > claim.full_amount):
        forget_choice(claim)
        return
    claim.choice, claim.declined_as = before.choice, before.declined_as
    claim.lower_amount, claim.charity = lower, before.charity


def again(expense: Expense, claim: Claim) -> Expense:
    """A cost as it was asked for, in another claim."""
    asked = ("mode", "amount_asked", "miles", "mileage_rate", "receipt", "receipt_lost", "taxi_agreed_with")
    return Expense(claim=claim, key=uuid4(), **{name: getattr(expense, name) for name in asked})


@transaction.atomic
def set_untouched_drafts_aside(participation_ids, *, by: Person, at: datetime):
    """Before a claim for the same comes in on paper: a draft that nobody has begun makes room."""
    drafts = Claim.objects.filter(participation__in=participation_ids, status=Claim.Status.DRAFT, answered=[])
    drafts = list(drafts.select_for_update().order_by("pk"))
    Claim.objects.filter(pk__in=[claim.pk for claim in drafts]).update(status=Claim.Status.WITHDRAWN)
    Event.objects.record_all(
        "claim withdrawn", [(claim, {"for": SET_ASIDE_FOR_PAPER}) for claim in drafts], by=by, at=at
    )


# What is answered.


def open_choices(claim: Claim) -> tuple[str, ...]:
    """What this person may choose for this claim."""
    check = claim.participation.eligibility_check
    band = claim.framework_version.policy.band(claim.band)
    return rules.choices_open(band, offered=check is None or check.outcome != Outcome.NOT_OFFERED)


def keep_what_is_open(claim: Claim):
    """A choice that is not open to this person (any more) goes, whoever filled it in. Not stored yet."""
    stands = rules.standing_choice(claim.choice, open_choices(claim))
    if stands != claim.choice:
        forget_choice(claim)
        claim.choice = stands


def forget_choice(claim: Claim):
    claim.choice = claim.declined_as = ""
    claim.lower_amount = claim.charity = None
    claim.answered = [known for known in claim.answered if known != Question.CHOICE]


def price(claim: Claim):
    """What the time comes to, by its hours."""
    policy = claim.framework_version.policy
    on, hours = claim.participation.activity.on, claim.hours
    band = policy.band(claim.band)
    claim.full_amount = full_amount(policy, band, on=on, agreed_hours=claim.agreed_hours, hours=hours)


def answers_of(claim: Claim) -> Answers:
    """A claim as far as it is answered."""
    return Answers(
        answered=tuple(claim.answered),
        choices=open_choices(claim),
        recognition=claim.recognition,
        hours=claim.hours,
        session_hours=claim.participation.activity.session_hours,
        more_hours_because=claim.more_hours_because,
        choice=claim.choice,
        costs=claim.expenses.count(),
        has_bank_details=BankDetails.objects.filter(person=claim.person_id).exists(),
    )


def to_answer(claim_id: int, *, by: Person) -> Claim:
    """The claim, locked, that ``by`` may answer now. Needs open books."""
    need_open_books()
    claim = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("participation__activity", "participation__eligibility_check", "framework_version")
        .get(pk=claim_id)
    )
    refuse_if(rules.reasons_against_answering(status=claim.status, person=claim.person_id, by=by.pk))
    keep_what_is_open(claim)
    return claim


def keep_answer(claim: Claim, question: Question, *, by: Person, at: datetime, text: str = "", **facts):
    claim.answered = [known for known in rules.QUESTIONS if known in claim.answered or known == question]
    claim.save()
    Event.objects.record(f"{question} answered", claim, by=by, at=at, text=text, **facts)


# Answering.


@transaction.atomic
def answer_hours(claim_id: int, hours: Decimal, *, more_hours_because: str = "", by: Person, at: datetime) -> Claim:
    """Hours in quarters. More than the session is taken, with their own words why, and staff look at it (S69)."""
    claim = to_answer(claim_id, by=by)
    is_long = hours > claim.participation.activity.session_hours
    found = [rules.QUARTERS] if hours <= 0 or hours % QUARTER else []
    refuse_if(found + ([rules.MORE_HOURS] if is_long and not more_hours_because.strip() else []))
    claim.hours = hours
    claim.more_hours_because = more_hours_because.strip() if is_long else ""
    price(claim)
    faults = faults_of_amount(claim.choice or "payment", full_amount=claim.full_amount, lower_amount=None)
    refuse_if(rules.reasons_against_choice(faults, full_amount=claim.full_amount))
    if claim.lower_amount is not None and claim.full_amount is not None and claim.lower_amount > claim.full_amount:
        # Their own figure is more than the whole now: it cannot stand, so they are asked again.
        claim.lower_amount = claim.full_amount
        claim.answered = [known for known in claim.answered if known != Question.CHOICE]
    keep_answer(claim, Question.HOURS, by=by, at=at, text=claim.more_hours_because, hours=str(hours))
    return claim


@transaction.atomic
def answer_choice(
    claim_id: int, answer: str, *, lower_amount: Decimal | None = None, charity: str = "", by: Person, at: datetime
) -> Claim:
    """How to be recognised, as one of the answers on the page. No reason is asked, whatever it is (S58)."""
    claim = to_answer(claim_id, by=by)
    open_answers = rules.answers_open(open_choices(claim))
    choice, declined_as = rules.ANSWER_STORED.get(answer, ("", ""))
    lower_amount = lower_amount if choice == Choice.LOWER else None
    name, faults = name_typed(charity, needed=False) if choice == Choice.DONATE else ("", [])
    if answer not in open_answers:
        faults = [rules.Fault.CHOICE_NOT_OFFERED]
    faults += faults_of_choice(choice, lower_amount=lower_amount, charity=name)
    faults += faults_of_amount(choice, full_amount=claim.full_amount, lower_amount=lower_amount)
    refuse_if(
        rules.reasons_against_choice(faults, full_amount=claim.full_amount)
        + rules.reasons_against_less(lower_amount, full_amount=claim.full_amount)
    )
    claim.choice, claim.declined_as, claim.lower_amount = choice, declined_as, lower_amount
    claim.charity = Charity.called([name])[Charity.key_of(name)] if name else None
    keep_answer(claim, Question.CHOICE, by=by, at=at, choice=choice)
    return claim


@transaction.atomic
def answer_no_costs(claim_id: int, *, by: Person, at: datetime) -> Claim:
    """It cost them nothing."""
    claim = to_answer(claim_id, by=by)
    refuse_if([rules.HAS_COSTS] if claim.expenses.exists() else [])
    keep_answer(claim, Question.COSTS, by=by, at=at, costs=0)
    return claim


@transaction.atomic
def answer_all_costs(claim_id: int, *, by: Person, at: datetime) -> Claim:
    """The costs that are there are all."""
    claim = to_answer(claim_id, by=by)
    costs = claim.expenses.count()
    refuse_if([] if costs else [rules.NO_COSTS_YET])
    keep_answer(claim, Question.COSTS, by=by, at=at, costs=costs)
    return claim


@transaction.atomic
def store_cost(
    claim_id: int, key: UUID, travel: Travel, *, receipt_lost: bool = False, by: Person, at: datetime
) -> Expense:
    """Add a cost, or change the one that has this key: sent twice, it is one."""
    claim = to_answer(claim_id, by=by)
    judged = judge_cost(travel, claim.framework_version.policy, claim.participation.activity.on)
    expense = claim.expenses.filter(key=key).first()
    there = claim.expenses.count()
    full = expense is None and there >= rules.MOST_COSTS
    taken = expense is None and Expense.objects.filter(key=key).exists()
    refuse_if(rules.reasons_against_cost(judged) + ([rules.TOO_MANY_COSTS] if full else []))
    refuse_if([rules.NOT_YOURS] if taken else [])
    what = "cost changed" if expense else "cost added"
    expense = expense or Expense(claim=claim, key=key)
    agreed_with, faults = name_typed(travel.agreed_with, needed=False)
    refuse_if(rules.reasons_against_choice(faults, full_amount=None))
    expense.mode, expense.amount_asked = travel.mode, judged.cost
    expense.miles, expense.mileage_rate = travel.miles, judged.mileage_rate
    expense.receipt, expense.receipt_lost = travel.receipt, receipt_lost and travel.receipt is False
    expense.taxi_agreed_with = agreed_with if judged.rule.agreement_needed else ""
    expense.save()
    Event.objects.record(what, claim, by=by, at=at, mode=expense.mode, amount=str(expense.amount_asked))
    return expense


@transaction.atomic
def remove_cost(claim_id: int, key: UUID, *, by: Person, at: datetime) -> Claim:
    """Take a cost out. Taking it out twice takes it out."""
    claim = to_answer(claim_id, by=by)
    expense = claim.expenses.filter(key=key).first()
    if expense is None:
        return claim
    Event.objects.record("cost removed", claim, by=by, at=at, mode=expense.mode, amount=str(expense.amount_asked))
    expense.delete()
    if not claim.expenses.exists():
        claim.answered = [known for known in claim.answered if known != Question.COSTS]
        claim.save()
    return claim


@transaction.atomic
def give_bank_details(
    claim_id: int, *, name_on_account: str, sort_code: str, account_number: str, by: Person, at: datetime
) -> BankDetails:
    """A first account, usable at once. A change is another matter, and nobody changes it here."""
    need_open_books()
    # The person before the claim, as an import does.
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    claim = to_answer(claim_id, by=by)
    name, faults = name_typed(name_on_account)
    sort_code, account_number, wrong = account_typed(sort_code, account_number)
    if not sort_code and not account_number:
        wrong = [rules.Fault.SORT_CODE_MISSING, rules.Fault.ACCOUNT_MISSING]
    refuse_if(rules.reasons_against_account(faults + wrong))
    known = BankDetails.objects.filter(person=by).order_by("-pk").first()
    if known:
        same = known.fingerprint == account_fingerprint(sort_code, account_number)
        refuse_if([] if same else [rules.HAS_DETAILS])
        return known  # sent twice
    details = BankDetails.objects.sealed(
        by,
        sort_code=sort_code,
        account_number=account_number,
        name_on_account=name,
        entered_by=by,
        entered_at=at,
    )
    details.save()
    Event.objects.record("bank details entered", details, by=by, at=at)
    keep_answer(claim, Question.BANK, by=by, at=at)
    return details


@transaction.atomic
def tell_bank_details_later(claim_id: int, *, by: Person, at: datetime) -> Claim:
    """They would rather ring us, or have no account. The claim can be sent; what goes by bank waits."""
    claim = to_answer(claim_id, by=by)
    keep_answer(claim, Question.BANK, by=by, at=at, later=True)
    return claim
