"""What somebody looks at before a run goes: its sums beside earlier runs, what it cannot pay, what changed.

Every reading here is a fixed number of queries and at most a page of lines, however large the run.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum

from eligibility.models import Event, Person
from payments.models import BankDetails, Payable, Payment, PaymentLine, PaymentRun
from payments.reports.contents import NOTHING
from payments.reports.figures import METHODS
from payments.reports.lines import PARTS, facts_of
from payments.rules.runs import FIXES, WHO_CLEARS

A_PAGE = 50
EARLIER_RUNS = 3


# Sums -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MethodSums:
    """What a run pays by one method. Time and costs stay apart; they are never one figure."""

    method: str
    payments: int
    time: Decimal = NOTHING
    costs: Decimal = NOTHING


def sums_of_runs(runs: list[PaymentRun]) -> dict[int, dict[str, MethodSums]]:
    """For each stored run what it pays by each method: one query for all of them."""
    stored = [run for run in runs if run.pk]
    lines = PaymentLine.objects.filter(payment__run__in=stored).order_by()
    summed = lines.values("payment__run", "payment__method", "payable__part").annotate(amount=Sum("payable__amount"))
    parts = {(row["payment__run"], row["payment__method"], row["payable__part"]): row["amount"] for row in summed}
    return {
        run.pk: sums_from_parts(
            run, {(method, part): amount for (pk, method, part), amount in parts.items() if pk == run.pk}
        )
        for run in stored
    }


def sums_from_parts(run: PaymentRun, parts: dict[tuple[str, str], Decimal]) -> dict[str, MethodSums]:
    """A run's sums by method, from the amounts of each (method, part). A preview has no lines of its own."""
    return {
        method: MethodSums(
            method,
            getattr(run, f"{method}_payments"),
            **{name: parts.get((method, part), NOTHING) for part, name in PARTS.items()},
        )
        for method in METHODS
    }


def runs_before(run: PaymentRun) -> list[PaymentRun]:
    """The runs to compare with: the last few that stand, the newest first."""
    standing = PaymentRun.objects.filter(cancelled_at__isnull=True, pay_on__lt=run.pay_on)
    return list(standing.order_by("-pay_on")[:EARLIER_RUNS])


# What is not paid ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Obstacle:
    """Why some amounts are blocked, how many, what to do about it and who can."""

    code: str
    count: int
    why: str
    fix: str
    who: str


def obstacles_of(run: PaymentRun) -> list[Obstacle]:
    counted = Counter(entry["reason"] for entry in run.blocked)
    return [Obstacle(code, counted[code], *FIXES[code], WHO_CLEARS[code]) for code in FIXES if counted[code]]


@dataclass(frozen=True)
class Owed:
    """One line of a run, or one that it could not pay, with what a page shows of it."""

    key: int  # to go on from
    person: Person
    payee: str
    claim: str
    activity: str
    part: str
    amount: Decimal
    hours: Decimal | None = None
    method: str = ""
    reference: str = ""
    state: str = ""
    code: str = ""
    held_by: str = ""


@dataclass(frozen=True)
class Page:
    """At most ``A_PAGE`` entries by name, and the key after which the next page begins, if there is one."""

    entries: list[Owed]
    goes_on_after: int | None


def blocked_page(run: PaymentRun, *, after: int | None = None, size: int = A_PAGE) -> Page:
    return not_paid_page({entry["payable"]: entry["reason"] for entry in run.blocked}, after, size)


def held_page(run: PaymentRun, *, after: int | None = None, size: int = A_PAGE) -> Page:
    return not_paid_page({entry["payable"]: entry["by"] for entry in run.held}, after, size)


def not_paid_page(codes: dict[int, str], after: int | None, size: int) -> Page:
    """What a run kept as blocked or held, by the person's name. Names are looked up now; the run keeps none."""
    if not codes:
        return Page([], None)
    found = Payable.objects.filter(pk__in=codes).select_related(
        "claim__person", "claim__participation__activity", "held_by"
    )
    found = found.order_by("claim__person__name", "pk")
    if after is not None:
        name = Payable.objects.filter(pk=after).values("claim__person__name")
        found = found.filter(beyond("claim__person__name", "pk", Subquery(name), after))
    entries = [
        owed(payable, key=payable.pk, payee=payable.claim.person.name, code=codes[payable.pk], held_by=holder(payable))
        for payable in found[: size + 1]
    ]
    return a_page(entries, size)


def lines_page(run: PaymentRun, *, after: int | None = None, size: int = A_PAGE) -> Page:
    """The lines that the run pays, by the payee's name, those that came back included."""
    found = PaymentLine.objects.filter(payment__run=run).select_related(
        "payment", "payable__claim__person", "payable__claim__participation__activity"
    )
    found = found.order_by("payment__payee_name", "pk")
    if after is not None:
        name = PaymentLine.objects.filter(pk=after).values("payment__payee_name")
        found = found.filter(beyond("payment__payee_name", "pk", Subquery(name), after))
    entries = [
        owed(
            line.payable,
            key=line.pk,
            payee=line.payment.payee_name,
            reference=line.payment.reference,
            state=line.payment.state,
        )
        for line in found[: size + 1]
    ]
    return a_page(entries, size)


def beyond(name_field: str, key_field: str, name, key: int) -> Q:
    """What comes after (name, key) in their order."""
    return Q(**{f"{name_field}__gt": name}) | Q(**{name_field: name, f"{key_field}__gt": key})


def a_page(entries: list[Owed], size: int) -> Page:
    return Page(entries[:size], entries[size - 1].key if len(entries) > size else None)


def owed(payable: Payable, **more) -> Owed:
    facts = facts_of(payable)
    shown = {name: facts[name] for name in ("method", "part", "amount", "claim", "hours", "activity")}
    return Owed(person=payable.claim.person, **shown, **more)


def holder(payable: Payable) -> str:
    return payable.held_by.name if payable.held_by else ""


# Accounts that are new to us ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChangedAccount:
    """Somebody whom the run pays into another account than we paid before: worth a second look."""

    payee: str
    reference: str
    ends_in: str
    ended_in: str
    entered_by: str
    entered_at: datetime


def changed_accounts(run: PaymentRun, *, size: int = A_PAGE) -> tuple[list[ChangedAccount], bool]:
    """Payments into an account that nobody was paid into before, of people who had another. And whether there are more.

    The end of an account's number is enough to tell two apart on the telephone.
    """
    older = BankDetails.objects.filter(person=OuterRef("person"), pk__lt=OuterRef("bank_details"))
    before = Payment.objects.filter(bank_details=OuterRef("bank_details"), pk__lt=OuterRef("pk")).exclude(
        state=Payment.State.CANCELLED
    )
    changed = (
        run.payments.filter(Exists(older), ~Exists(before), method=Payable.Method.BANK)
        .annotate(
            ended_in=Subquery(older.order_by("-pk").values("last_four")[:1]),
            was=Subquery(older.order_by("-pk").values("fingerprint")[:1]),
        )
        .exclude(was=F("bank_details__fingerprint"))  # a name put right is no other account
        .select_related("bank_details__entered_by")
        .order_by("payee_name", "pk")
    )
    found = [
        ChangedAccount(
            payee=payment.payee_name,
            reference=payment.reference,
            ends_in=payment.bank_details.last_four,
            ended_in=payment.ended_in,
            entered_by=payment.bank_details.entered_by.name if payment.bank_details.entered_by else "the person",
            entered_at=payment.bank_details.entered_at,
        )
        for payment in changed[: size + 1]
    ]
    return found[:size], len(found) > size


def came_back(run: PaymentRun, *, size: int = A_PAGE) -> list[Payment]:
    """The payments of a run that came back, the newest first."""
    return list(run.payments.filter(state=Payment.State.FAILED).order_by("-failed_at", "-pk")[:size])


# History ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """One thing that happened to a run."""

    at: datetime
    by: str
    what: str
    words: str


# Facts of an event, as they may stand behind what happened.
TOLD = {
    "run prepared": "Prepared",
    "run authorised": "Authorised",
    "run sent": "Marked as sent",
    "run settled": "Settled",
    "run cancelled": "Cancelled",
    "file made": "List made for the first time: {layout}",
    "file downloaded": "List taken: {layout}",
    "payment failed": "A payment came back, bank code {code}",
}
LISTS = {"generic": "bank payments", "voucher-orders": "voucher orders", "donations": "donations"}


def history_of(runs: list[PaymentRun], *, size: int = A_PAGE) -> list[Move]:
    """What happened to these runs, the newest first: who, when, and the words they gave."""
    failed = Payment.objects.filter(run__in=runs, state=Payment.State.FAILED)
    about = Q(about="paymentrun", about_id__in=[run.pk for run in runs]) | Q(
        about="payment", about_id__in=failed.values("pk")
    )
    events = Event.objects.filter(about).select_related("by", "words").order_by("-pk")[:size]
    return [
        Move(event.at, event.by.name if event.by else "The calendar", told(event), words_of(event)) for event in events
    ]


def told(event: Event) -> str:
    layout = event.facts.get("layout", "")
    pattern = TOLD.get(event.what, event.what.capitalize())
    if "lists_not_sent_up_to" in event.facts:
        pattern = f"{pattern}. Confirmed that none of its lists was sent or will be"
    return pattern.format(layout=LISTS.get(layout, layout), code=event.facts.get("code", ""))


def words_of(event: Event) -> str:
    return event.words.text if hasattr(event, "words") else ""
