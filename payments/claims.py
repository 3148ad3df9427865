"""Deciding and moving claims. Each deed needs open books, locks its rows, and leaves an event."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum

from activities.rules import to_the_penny
from eligibility.models import Event, Person
from eligibility.reasons import Reason, refuse_if
from payments.books import need_open_books
from payments.claiming import answers_of, keep_what_is_open
from payments.models import Claim, Expense, Payable, PaymentLine
from payments.payables import closed_until, owe_cards, owed_by, reasons_against_deciding_at, stop_owing
from payments.rules import claims as rules
from payments.rules.asked import MOST_POUNDS
from payments.rules.claiming import reasons_not_to_send


def locked(claim_ids) -> list[Claim]:
    return list(Claim.objects.select_for_update().filter(pk__in=claim_ids).order_by("pk"))


def reasons_against(deed: str, claims: list[Claim], by: Person | None) -> list[Reason]:
    """Every objection to doing ``deed`` to these claims, each said once."""
    found = {}
    for claim in claims:
        facts = {"status": claim.status, "person": claim.person_id, "entered_by": claim.entered_by_id}
        for reason in rules.reasons_against(deed, by=by and by.pk, **facts):
            found[reason] = None
        if deed == "approve" and claim.choice in rules.METHOD_OF_CHOICE and claim.full_amount is None:
            found[rules.NO_RATE] = None
    return list(found)


@transaction.atomic
def submit_claim(claim_id: int, *, by: Person, at: datetime) -> Claim:
    """Send a draft or a returned claim to be decided. Refused with everything that is not answered yet."""
    need_open_books()
    [claim] = locked([claim_id])
    refuse_if(reasons_against("submit", [claim], by))
    keep_what_is_open(claim)
    refuse_if(reasons_not_to_send(answers_of(claim)))
    claim.status = Claim.Status.SUBMITTED
    claim.submitted_at, claim.decided_by, claim.decided_at = at, None, None
    claim.save()
    Event.objects.record("claim submitted", claim, by=by, at=at)
    return claim


@transaction.atomic
def state_amount(claim_id: int, amount: Decimal, reason: str, *, by: Person, at: datetime) -> Claim:
    """Say what the time of a sent claim is worth where the policy states no rate (S34), for a reason the person reads.

    Until the claim is decided it can be said again: each time leaves its event, and the last one counts.
    """
    need_open_books()
    [claim] = locked([claim_id])
    found = reasons_against("return", [claim], by)  # who may decide it, while it waits to be decided
    before = claim.full_amount
    if before is not None and not was_stated(claim):
        found.append(rules.POLICY_STATES_IT)
    if not 0 < amount <= MOST_POUNDS or amount != to_the_penny(amount):
        found.append(Reason("S34", "Enter an amount above £0, in pounds and pence."))
    if claim.lower_amount is not None and amount < claim.lower_amount:
        found.append(Reason("S41", f"This person asked for £{claim.lower_amount}, so it cannot be less than that."))
    if not reason.strip():
        found.append(Reason("S7", "Say why this is the right amount, so that the person can be told."))
    refuse_if(found)
    claim.full_amount = amount
    claim.save()
    facts = {"amount": str(amount)} if before is None else {"amount": str(amount), "before": str(before)}
    Event.objects.record("amount stated", claim, by=by, at=at, text=reason, **facts)
    return claim


def was_stated(claim: Claim) -> bool:
    """Whether somebody, and not the policy, said what the time of this claim is worth."""
    return Event.objects.filter(about="claim", about_id=claim.pk, what="amount stated").exists()


@transaction.atomic
def approve_claims(claim_ids, *, by: Person, at: datetime) -> list[Claim]:
    """Approve submitted claims and owe their parts, all or none. Raises Refused with every objection.

    Set-based: the number of statements does not depend on the number of claims.
    """
    need_open_books()
    claims = locked(claim_ids)
    refuse_if(reasons_against("approve", claims, by) + reasons_against_deciding_at(at))
    mine = Expense.objects.filter(claim__in=claim_ids)
    mine.filter(amount_approved__isnull=True).update(amount_approved=F("amount_asked"))
    Claim.objects.filter(pk__in=claim_ids).update(status=Claim.Status.APPROVED, decided_by=by, decided_at=at)
    costs = dict(mine.values_list("claim").annotate(total=Sum("amount_approved")))
    Payable.objects.bulk_create(
        [payable for claim in claims for payable in owed_by(claim, costs.get(claim.pk, Decimal(0)), at)],
        batch_size=5000,
    )
    owe_cards(claims, at=at)
    Event.objects.record_all("claim approved", [(claim, {}) for claim in claims], by=by, at=at)
    return claims


@transaction.atomic
def approve_part(claim_id: int, amounts: dict[int, tuple[Decimal, str]], *, by: Person, at: datetime) -> Claim:
    """Approve a claim with less than was asked on some expenses: {expense id: (amount, reason)}."""
    need_open_books()
    claims = locked([claim_id])
    expenses = list(Expense.objects.filter(claim=claim_id, pk__in=amounts))
    told = [(expense.amount_asked, *amounts[expense.pk]) for expense in expenses]
    against = [
        found
        for asked, amount, reason in told
        for found in rules.reasons_against_part(asked=asked, amount=amount, reason=reason)
    ]
    refuse_if(list(dict.fromkeys(against)) + reasons_against("approve", claims, by) + reasons_against_deciding_at(at))
    for expense in expenses:
        expense.amount_approved, expense.approved_because = amounts[expense.pk]
        expense.save()
    return approve_claims([claim_id], by=by, at=at)[0]


@transaction.atomic
def return_claim(claim_id: int, reason: str, *, by: Person, at: datetime) -> Claim:
    """Ask the person for one more thing; ``reason`` says which, and they are told it."""
    return _decide_against("return", claim_id, reason, by=by, at=at)


@transaction.atomic
def refuse_claim(claim_id: int, reason: str, *, by: Person, at: datetime) -> Claim:
    """Refuse a claim; ``reason`` says why, and the person is told it."""
    return _decide_against("refuse", claim_id, reason, by=by, at=at)


def _decide_against(deed: str, claim_id: int, reason: str, *, by: Person, at: datetime) -> Claim:
    need_open_books()
    [claim] = locked([claim_id])
    missing = [] if reason.strip() else [Reason("S7", "Say why, so that the person can be told.")]
    refuse_if(missing + reasons_against(deed, [claim], by) + reasons_against_deciding_at(at))
    claim.status = rules.MOVES[deed][1]
    claim.decided_by, claim.decided_at = by, at
    claim.save()
    Event.objects.record(f"claim {claim.status}", claim, by=by, at=at, text=reason)
    return claim


def reasons_against_reopening(claim: Claim) -> list[Reason]:
    """An approval that a run covers stays; so does one of which a run paid something, even if it came back."""
    if claim.status != Claim.Status.APPROVED:
        return []
    closed = closed_until()
    paid = PaymentLine.objects.filter(payable__claim=claim, payment__run__cancelled_at__isnull=True)
    return [rules.COVERED] if (closed and claim.decided_at <= closed) or paid.exists() else []


@transaction.atomic
def undo_approval(claim_id: int, reason: str, *, by: Person, at: datetime) -> Claim:
    """Take an approval back before a run covers it: what it owed is voided, an unmade card is not due."""
    need_open_books()
    [claim] = locked([claim_id])
    refuse_if(reasons_against("undo", [claim], by) + reasons_against_reopening(claim))
    stop_owing(claim, "The approval was undone.", by=by, at=at)
    claim.status, claim.decided_by, claim.decided_at = Claim.Status.SUBMITTED, None, None
    claim.save()
    Expense.objects.filter(claim=claim).update(amount_approved=None, approved_because="")
    Event.objects.record("approval undone", claim, by=by, at=at, text=reason)
    return claim


@transaction.atomic
def withdraw_claim(claim_id: int, *, by: Person, at: datetime) -> Claim:
    """The person, and nobody else, takes the claim back. No reason is asked (S108)."""
    need_open_books()
    [claim] = locked([claim_id])
    refuse_if(reasons_against("withdraw", [claim], by) + reasons_against_reopening(claim))
    stop_owing(claim, "The claim was withdrawn.", by=by, at=at)
    claim.status = Claim.Status.WITHDRAWN
    claim.save()
    Event.objects.record("claim withdrawn", claim, by=by, at=at)
    return claim
