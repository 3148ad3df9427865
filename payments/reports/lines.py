"""The lines of a run: what it pays, what it could not pay, and the cards since the last run.

Three queries, however many lines. Neutral titles only: what an activity was about stays out.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from activities.models import Participation
from payments.models import Document, Payable, PaymentLine, PaymentRun
from payments.rules.runs import FIXES

# How a report speaks of the two parts of a claim. They are never added into one figure.
PARTS = {Payable.Part.RECOGNITION: "time", Payable.Part.EXPENSES: "costs"}
HOLDS = {
    Payable.Hold.STAFF: "Held by staff, who look at it again.",
    Payable.Hold.PERSON: "The person asked us to wait.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One payable, or one card. `status` is its payment's state, or blocked, held or card.

    `hours` stand at a claim's own time only, not at its costs or top-ups, so that they may be added.
    """

    status: str
    payee: str
    payment: str = ""
    method: str = ""
    claim: str = ""
    activity: str
    activity_on: date
    version: int  # the framework version's key
    band: str
    part: str = ""
    hours: Decimal | None = None
    amount: Decimal | None = None
    payable: int | None = None
    code: str = ""  # why not: the reason of a block, the owner of a hold
    why: str = ""
    fix: str = ""


def by_payee(line: Line) -> tuple:
    """The order of every list: by the payee's name as people look names up, then always the same."""
    name = unicodedata.normalize("NFKD", line.payee).casefold()
    return name, line.payment, line.activity_on, line.claim, line.part, line.payable or 0


def lines_of(run: PaymentRun) -> list[Line]:
    """Every line of a run's report, by payee."""
    return sorted([*lines_paid(run), *lines_not_paid(run), *card_lines(run)], key=by_payee)


def lines_paid(run: PaymentRun) -> Iterable[Line]:
    """One line for each payable the run pays, those whose payment came back included."""
    paid = PaymentLine.objects.filter(payment__run=run).select_related(
        "payment", "payable__claim__participation__activity"
    )
    for line in paid:
        yield Line(
            status=line.payment.state,
            payee=line.payment.payee_name,
            payment=line.payment.reference,
            **facts_of(line.payable),
        )


def lines_not_paid(run: PaymentRun) -> list[Line]:
    """What was blocked or held when the run was prepared, as the run kept it."""
    kept = {entry["payable"]: entry for entry in [*run.blocked, *run.held]}
    found = Payable.objects.filter(pk__in=kept).order_by("pk")
    return [
        Line(payee=payable.claim.person.name, **why_not(kept[payable.pk]), **facts_of(payable))
        for payable in found.select_related("claim__person", "claim__participation__activity")
    ]


def why_not(kept: dict) -> dict:
    if "by" in kept:
        return {"status": "held", "code": kept["by"], "why": HOLDS[kept["by"]]}
    why, fix = FIXES[kept["reason"]]
    return {"status": "blocked", "code": kept["reason"], "why": why, "fix": fix}


def facts_of(payable: Payable) -> dict:
    claim = payable.claim
    is_own_time = payable.part == Payable.Part.RECOGNITION and payable.number == 0
    return {
        "payable": payable.pk,
        "method": payable.method,
        "part": PARTS[payable.part],
        "amount": payable.amount,
        "claim": claim.reference,
        "hours": claim.hours if is_own_time else None,
        "version": claim.framework_version_id,
        "band": claim.band,
        **facts_of_activity(claim.participation),
    }


def facts_of_activity(participation: Participation) -> dict:
    return {"activity": participation.activity.title, "activity_on": participation.activity.on}


def card_lines(run: PaymentRun) -> Iterable[Line]:
    """The thank-you cards that became due since the run before. A cancelled card is not one."""
    due = Document.objects.filter(
        kind=Document.Kind.THANK_YOU_CARD, cancelled_at__isnull=True, due_at__lte=run.cut_off_at
    )
    if run.covers_from:
        due = due.filter(due_at__gt=run.covers_from)
    for card in due.select_related("participation__person", "participation__activity"):
        yield Line(
            status="card",
            payee=card.participation.person.name,
            version=card.participation.activity.framework_version_id,
            band=card.participation.band,
            **how_far(card),
            **facts_of_activity(card.participation),
        )


def how_far(card: Document) -> dict:
    if card.made_at:
        return {"code": "made", "why": "The card is made."}
    if card.problem:
        return {"code": "problem", "why": card.problem}
    return {"code": "waiting", "why": "The card is waiting to be made."}
