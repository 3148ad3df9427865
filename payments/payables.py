"""What is owed: owing, holding, releasing, voiding, choosing differently, topping up.

Each deed needs open books, locks its rows, and leaves an event.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from activities.framework import Choice
from eligibility.models import Event, Person
from eligibility.reasons import Reason, refuse_if
from payments.books import need_open_books
from payments.models import Charity, Claim, Document, Payable, PaymentLine, PaymentRun
from payments.rules import claims as rules


def closed_until() -> datetime | None:
    """The latest cut-off of a run that stands: nothing may be decided at or before it any more."""
    return PaymentRun.objects.filter(cancelled_at__isnull=True).aggregate(at=Max("cut_off_at"))["at"]


def reasons_against_deciding_at(at: datetime) -> list[Reason]:
    closed = closed_until()
    return [rules.RUN_IS_CLOSED] if closed and at <= closed else []


def owed_by(claim: Claim, costs: Decimal, at: datetime) -> list[Payable]:
    parts = rules.parts_owed(claim.choice, full_amount=claim.full_amount, lower_amount=claim.lower_amount, costs=costs)
    return [owing(claim, part.part, part.amount, at=at) for part in parts]


def owing(claim: Claim, part: str, amount: Decimal, *, at: datetime, **more) -> Payable:
    """A new, unsaved payable that travels as the claim's choice says; costs always go by bank (S59)."""
    method = rules.METHOD_OF_CHOICE[claim.choice] if part == Payable.Part.RECOGNITION else Payable.Method.BANK
    charity_id = claim.charity_id if method == Payable.Method.CHARITY else None
    return Payable(claim=claim, part=part, amount=amount, method=method, charity_id=charity_id, owed_at=at, **more)


def owe_cards(claims: list[Claim], *, at: datetime):
    """A card is due for an approved claim in a card band, unless it was declined. Due once, however often asked."""
    Document.objects.bulk_create(
        [
            Document(kind=Document.Kind.THANK_YOU_CARD, participation_id=claim.participation_id, due_at=at)
            for claim in claims
            if claim.recognition == "card" and claim.choice != Choice.DECLINE
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def stop_owing(claim: Claim, reason: str, *, by: Person, at: datetime):
    owed = Payable.objects.select_for_update().filter(claim=claim, voided_at__isnull=True).order_by("pk")
    void_all(list(owed), reason, by=by, at=at)
    take_unmade_cards_back(claim, at=at)


def take_unmade_cards_back(claim: Claim, *, at: datetime):
    due = Document.objects.filter(participation=claim.participation_id, made_at__isnull=True, cancelled_at__isnull=True)
    due.update(cancelled_at=at)


def reasons_against_touching(payables: list[Payable]) -> list[Reason]:
    """A payable is free to be held, released, voided or changed until a run has it."""
    found = [rules.VOIDED] if any(payable.voided_at for payable in payables) else []
    if PaymentLine.objects.filter(payable__in=payables, live=True).exists():
        found.append(rules.IN_A_RUN)
    return found


def free_payable(payable_id: int) -> Payable:
    """The payable, locked and free to be touched. Needs open books."""
    payable = Payable.objects.select_for_update().get(pk=payable_id)
    refuse_if(reasons_against_touching([payable]))
    return payable


def void_all(payables: list[Payable], reason: str, *, by: Person, at: datetime):
    if payables:
        refuse_if(reasons_against_touching(payables))
        standing = Payable.objects.filter(pk__in=[payable.pk for payable in payables])
        standing.update(voided_at=at, voided_by=by, voided_because=reason)
        Event.objects.record_all("payable voided", [(payable, {}) for payable in payables], by=by, at=at, text=reason)


@transaction.atomic
def hold_by_staff(payable_id: int, reason: str, review_on: date, *, by: Person, at: datetime) -> Payable:
    """Keep a payable out of runs. A staff hold has an owner, a reason and a day to look again."""
    need_open_books()
    payable = free_payable(payable_id)
    refuse_if([] if reason.strip() else [Reason("hold", "Say why this is held.")])
    payable.held, payable.held_by = Payable.Hold.STAFF, by
    payable.held_because, payable.held_review_on = reason, review_on
    payable.save()
    Event.objects.record("payable held", payable, by=by, at=at, text=reason, hold="staff")
    return payable


@transaction.atomic
def hold_for_person(payable_id: int, *, by: Person, at: datetime) -> Payable:
    """The person waits, for advice or for no reason at all. No date, no reminder, no expiry (S54)."""
    need_open_books()
    payable = free_payable(payable_id)
    payable.held, payable.held_by = Payable.Hold.PERSON, None
    payable.held_because, payable.held_review_on = "", None
    payable.save()
    Event.objects.record("payable held", payable, by=by, at=at, hold="person")
    return payable


@transaction.atomic
def release(payable_id: int, *, by: Person, at: datetime) -> Payable:
    """Let a held payable ride the next run."""
    need_open_books()
    payable = free_payable(payable_id)
    refuse_if([] if payable.held else [Reason("hold", "This is not held.")])
    payable.held, payable.held_by, payable.held_because, payable.held_review_on = "", None, "", None
    payable.save()
    Event.objects.record("payable released", payable, by=by, at=at)
    return payable


@transaction.atomic
def void(payable_id: int, reason: str, *, by: Person, at: datetime) -> Payable:
    """Owe this no longer, for a reason that is kept."""
    need_open_books()
    payable = free_payable(payable_id)
    refuse_if([] if reason.strip() else [Reason("void", "Say why this is no longer owed.")])
    void_all([payable], reason, by=by, at=at)
    payable.refresh_from_db()
    return payable


@transaction.atomic
def change_choice(
    claim_id: int,
    choice: str,
    *,
    by: Person,
    at: datetime,
    lower_amount: Decimal | None = None,
    charity: Charity | None = None,
    declined_as: str = "",
) -> Claim:
    """The person chooses differently after approval, until a run takes it (S60): never more than was approved.

    What was held stays held, and what was payable from a day stays so.
    """
    need_open_books()
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    approved_now = claim.status == Claim.Status.APPROVED
    refuse_if([] if approved_now else [Reason("moves", "Only an approved claim is changed here.")])
    standing = Payable.objects.select_for_update().filter(claim=claim, part="recognition", voided_at__isnull=True)
    now_owed = list(standing.order_by("number"))
    itself = [payable for payable in now_owed if payable.number == 0]
    # A top-up that a run took stays with that run; the others follow the new choice.
    top_ups = [payable for payable in now_owed if payable.number and not reasons_against_touching([payable])]
    refuse_if(reasons_against_touching(itself) + reasons_against_deciding_at(at))
    approved = sum((payable.amount for payable in itself), Decimal(0))
    refuse_if(reasons_against_choice(claim, choice, lower_amount, charity, approved))
    void_all(itself + top_ups, "The person chose differently.", by=by, at=at)
    claim.choice, claim.lower_amount, claim.charity, claim.declined_as = choice, lower_amount, charity, declined_as
    claim.save()
    newly_owed = [as_held_before(new, itself[0]) for new in owed_by(claim, Decimal(0), at)]
    if choice in rules.TOPPED_UP_CHOICES:
        newly_owed += [
            as_held_before(owing(claim, old.part, old.amount, at=at, number=old.number, owed_by=old.owed_by), old)
            for old in top_ups
        ]
    Payable.objects.bulk_create(newly_owed)
    for payable in newly_owed:
        if payable.number:
            Event.objects.record("topped up", payable, by=payable.owed_by, at=at)
        if payable.held:
            Event.objects.record("payable held", payable, by=by, at=at, text=payable.held_because, hold=payable.held)
    card_after_choice(claim, at=at)
    Event.objects.record("choice changed", claim, by=by, at=at, choice=choice)
    return claim


def as_held_before(new: Payable, old: Payable) -> Payable:
    """What was held stays held, and what was payable from a day stays so."""
    for name in ("payable_from", "held", "held_by", "held_because", "held_review_on"):
        setattr(new, name, getattr(old, name))
    return new


def card_after_choice(claim: Claim, *, at: datetime):
    """A declined card is not made; one that is wanted after all is due."""
    if claim.choice == Choice.DECLINE:
        take_unmade_cards_back(claim, at=at)
    else:
        owe_cards([claim], at=at)


def reasons_against_choice(claim, choice, lower_amount, charity, approved: Decimal) -> list[Reason]:
    band = claim.framework_version.policy.band(claim.band)
    found = []
    if choice not in band.choices:
        found.append(Reason("S31", f"In the band “{band.title}” one can choose: {', '.join(band.choices)}."))
    if choice == Choice.LOWER and not lower_amount:
        found.append(Reason("S41", "Give the lower amount."))
    if choice == Choice.DONATE and charity is None:
        found.append(Reason("S57", "Name the charity."))
    time = rules.amount_for_time(choice, full_amount=claim.full_amount, lower_amount=lower_amount or Decimal(0))
    if time is None or time > approved:
        found.append(rules.NEVER_HIGHER)
    return found


@transaction.atomic
def top_up(claim_id: int, part: str, amount: Decimal, reason: str, *, by: Person, at: datetime) -> Payable:
    """Owe more on an approved claim: a correction is a new payable, never an edit."""
    need_open_books()
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    against = rules.reasons_against_deciding(person=claim.person_id, entered_by=claim.entered_by_id, by=by.pk)
    against += reasons_against_deciding_at(at)
    if claim.status != Claim.Status.APPROVED:
        against.append(Reason("moves", "Only an approved claim can be topped up."))
    if amount <= 0:
        against.append(Reason("S26", "A top-up is above £0. An overpayment is a note for a person, never a debt here."))
    if not reason.strip():
        against.append(Reason("S26", "Say why more is owed."))
    if part == Payable.Part.RECOGNITION and claim.choice not in rules.TOPPED_UP_CHOICES:
        against.append(rules.THEIR_OWN_FIGURE)
    refuse_if(against)
    last = Payable.objects.filter(claim=claim, part=part).aggregate(number=Max("number"))["number"] or 0
    payable = owing(claim, part, amount, at=at, number=last + 1, owed_by=by)
    payable.save()
    Event.objects.record("topped up", payable, by=by, at=at, text=reason)
    return payable
