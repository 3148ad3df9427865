"""Deeds on payment runs: prepare, authorise, mark sent, cancel, settle, and a payment that came back."""

import json
import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from activities.models import FrameworkVersion
from eligibility.models import Event, Person
from eligibility.reasons import Reason, refuse_if
from eligibility.roles import TABLE, Deed, reasons_against_role
from payments.books import close_books
from payments.models import BankDetails, Claim, Document, ExtraBankHoliday, Payable, Payment, PaymentRun
from payments.rules import runs as rules
from payments.rules.calendar import (
    LONDON,
    CalendarRules,
    RunDate,
    latest_due,
    run_date_for,
    run_dates,
    working_day_after,
)

# Working days after pay day until which the bank may still send a payment back.
DAYS_FOR_RETURNS = 2
# What a bank may answer with. Free words could be about a person, and these are kept among the facts.
CODE = re.compile(r"[A-Za-z0-9-]{1,20}")


@cache
def sql(name: str) -> str:
    return files("payments").joinpath("sql", name).read_text(encoding="utf-8")


def office_calendar(on: date) -> CalendarRules:
    """The calendar in force on a day: the newest adopted policy that states one, and the holidays staff added."""
    return calendar_of(calendar_version(on))


def calendar_version(on: date) -> FrameworkVersion | None:
    """The framework version that says on a day when people are paid; before the first of them, the first.

    None where no adopted one does.
    """
    stating = FrameworkVersion.objects.filter(status="adopted", document__has_key="calendar")
    stating = stating.select_related("framework").order_by("-effective_from")
    return stating.filter(effective_from__lte=on).first() or stating.last()


def calendar_of(version: FrameworkVersion | None) -> CalendarRules:
    """What a framework version says about pay days; what it leaves open is as the service has it."""
    extra = frozenset(ExtraBankHoliday.objects.values_list("on", flat=True))
    if version is None:
        return CalendarRules(extra_holidays=extra)
    stated = version.policy.calendar
    silent = CalendarRules()
    return CalendarRules(
        pay_days=stated.pay_days,
        on_bank_holiday=stated.bank_holidays.pay_on if stated.bank_holidays else silent.on_bank_holiday,
        cut_off_working_days=stated.cut_off.working_days_before if stated.cut_off else silent.cut_off_working_days,
        cut_off_hour=stated.cut_off.at if stated.cut_off else silent.cut_off_hour,
        extra_holidays=extra,
    )


def planned_run(on: date) -> RunDate:
    """The run that has ``on`` as its nominal or its pay day. Refused for any other day."""
    calendar = office_calendar(on)
    found = run_date_for(on, calendar)
    if found is None:
        month = run_dates(on.replace(day=1), on.replace(day=monthrange(on.year, on.month)[1]), calendar)
        near = " or ".join(f"{run.pay_on:%-d %B %Y}" for run in month)
        refuse_if([Reason("PAY-1", f"{on:%-d %B %Y} is not a pay day. In that month people are paid on {near}.")])
    return found


def run_on(on: date) -> PaymentRun | None:
    """The run that stands for this pay day or, failing that, for this Friday of the calendar."""
    standing = PaymentRun.objects.filter(cancelled_at__isnull=True)
    return standing.filter(pay_on=on).first() or standing.filter(nominal_on=on).order_by("pay_on").first()


def existing_run(on: date) -> PaymentRun:
    run = run_on(on)
    if run is None:
        plan = planned_run(on)
        refuse_if([Reason("run", f"The run of {plan.pay_on:%-d %B %Y} is not prepared yet.")])
    return run


def parameters(plan: RunDate, **more) -> dict:
    return {"nominal_on": plan.nominal, "pay_on": plan.pay_on, "cut_off_at": plan.cut_off, **more}


def write_down(what: str, run: PaymentRun, *, by: Person | None, at: datetime, text: str = "", **facts):
    """The event of a deed on a run, and the report that is due because of it."""
    Event.objects.record(what, run, by=by, at=at, text=text, digest=run.digest, **facts)
    Document.objects.create(kind=Document.Kind.RUN_REPORT, run=run, due_at=at)


def prepare_run(on: date, *, by: Person | None, at: datetime) -> PaymentRun:
    """Make the proposal of a run after its cut-off, or give back the one there is: twice gives the same run.

    ``by`` is nobody when the clock prepared it. One statement writes the run, its payments and their lines.
    """
    with transaction.atomic():
        close_books()
        run = run_on(on)
        if run is not None:
            return run
        plan = planned_run(on)
        # A bank holiday proclaimed meanwhile moves the plan, not the run that stands for the same Friday.
        if run := run_on(plan.nominal):
            return run
        refuse_if(rules.reasons_not_to_prepare(plan.cut_off, at))
        more = {
            "kind": PaymentRun.Kind.EXCEPTIONAL if plan.exceptional else PaymentRun.Kind.CALENDAR,
            "prepared_by": by and by.pk,
            "prepared_at": at,
            "reference_prefix": settings.PAYMENT_REFERENCE_PREFIX,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql("proposal.sql") + sql("prepare_run.sql"), parameters(plan, **more))
            [run_id] = cursor.fetchone()
        run = PaymentRun.objects.get(pk=run_id)
        write_down("run prepared", run, by=by, at=at)
        return run


def preview_run(on: date) -> PaymentRun:
    """The run as it would be if the books were closed now, not stored."""
    run, _ = preview_by_part(on)
    return run


def preview_by_part(on: date) -> tuple[PaymentRun, list[dict]]:
    """The run as it would be now, with what each method would pay for time and for costs: one look, nothing stored."""
    plan = planned_run(on)
    with connection.cursor() as cursor:
        cursor.execute(sql("proposal.sql") + sql("preview.sql"), parameters(plan))
        figures = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
    # Past the models, Django leaves JSON as text.
    figures.update({name: json.loads(figures[name]) for name in ("blocked", "held")})
    parts = json.loads(figures.pop("parts"), parse_float=Decimal)
    return PaymentRun(nominal_on=plan.nominal, pay_on=plan.pay_on, cut_off_at=plan.cut_off, **figures), parts


def prepare_due_run(*, at: datetime) -> PaymentRun | None:
    """What the clock does at every tick: prepare the run whose cut-off has passed, once, as a proposal.

    A run whose own pay day has gone by is left to people: no bank can pay on that day any more. Nothing is
    lost by that, because the next run pays everything that waits, however old.
    """
    due = latest_due(at, office_calendar(at.astimezone(LONDON).date()))
    if due.pay_on < at.astimezone(LONDON).date() or run_on(due.pay_on) or run_on(due.nominal):
        return None
    return prepare_run(due.pay_on, by=None, at=at)


def locked_run(run_id: int) -> PaymentRun:
    return PaymentRun.objects.select_for_update().get(pk=run_id)


def facts_of(run: PaymentRun, among: Iterable[int]) -> rules.RunFacts:
    """What the rules need to know of a run, and what those ``among`` whom somebody asks about had to do with it."""
    claims = Claim.objects.filter(payables__lines__payment__run=run)
    topped_up = Payable.objects.filter(lines__payment__run=run)
    details = BankDetails.objects.filter(payments__run=run)
    among = list(among)

    def who(rows, role: str) -> set[int]:
        return set(rows.filter(**{f"{role}__in": among}).order_by().values_list(role, flat=True).distinct())

    return rules.RunFacts(
        state=run.state,
        pay_on=run.pay_on,
        cut_off_at=run.cut_off_at,
        prepared_by=run.prepared_by_id,
        deciders=frozenset(who(claims, "decided_by") | who(topped_up, "owed_by")),
        enterers=frozenset(who(details, "entered_by")),
        payees=frozenset(who(claims, "person")),
    )


def reasons_against_authorising(run: PaymentRun, by: Person) -> list[Reason]:
    """Everything that stands against this person releasing this run, all at once."""
    return rules.reasons_not_to_authorise(facts_of(run, [by.pk]), by.pk) + reasons_against_role(
        by.roles(), Deed.AUTHORISE_RUNS, by.name
    )


def who_may_authorise(run: PaymentRun) -> list[Person]:
    """Those on the staff who may release this run, by name. The number of queries does not depend on the staff's."""
    roles = TABLE[Deed.AUTHORISE_RUNS]
    holding = Person.objects.filter(staff_roles__role__in=roles, staff_roles__ended_at__isnull=True)
    people = list(holding.distinct().order_by("name", "pk"))
    facts = facts_of(run, [person.pk for person in people])
    return [person for person in people if not rules.reasons_not_to_authorise(facts, person.pk)]


def digest_now(run: PaymentRun) -> str:
    """The digest of what the run pays, from its payments and lines as they are at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(sql("run_digest.sql"), [run.pk])
        return cursor.fetchone()[0]


def reasons_against_another_run(run: PaymentRun, seen: int | None) -> list[Reason]:
    """A page shows one run; meanwhile it may have been cancelled and prepared anew. ``seen`` is the one it showed."""
    if seen in (None, run.pk):
        return []
    return [Reason("seen", "The run of this day was prepared anew after you opened the page. Look at it again first.")]


@transaction.atomic
def authorise_run(
    on: date, *, by: Person, at: datetime, digest: str | None = None, seen: int | None = None
) -> PaymentRun:
    """A second person releases the money. Refused to whoever had a hand in it (promise 5).

    ``digest`` is that of the run they looked at, where they looked at one: what is released is what was seen.
    """
    run = locked_run(existing_run(on).pk)
    reasons = reasons_against_authorising(run, by)
    if digest not in (None, run.digest):
        reasons.append(Reason("digest", "This is not the run you looked at. Look at it again before you authorise it."))
    else:
        reasons += reasons_against_another_run(run, seen)
    if digest_now(run) != run.digest:
        reasons.append(Reason("digest", "This run is no longer what was prepared. Do not send it; ask for help."))
    refuse_if(reasons)
    run.authorised_by, run.authorised_at = by, at
    run.save(update_fields=["authorised_by", "authorised_at"])
    write_down("run authorised", run, by=by, at=at)
    return run


@transaction.atomic
def mark_sent(on: date, *, by: Person, at: datetime, seen: int | None = None) -> PaymentRun:
    """The lists went to the bank and the suppliers. One person says so, once."""
    run = locked_run(existing_run(on).pk)
    refuse_if(rules.reasons_not_to_send(run.state) + reasons_against_another_run(run, seen))
    run.sent_by, run.sent_at = by, at
    run.save(update_fields=["sent_by", "sent_at"])
    write_down("run sent", run, by=by, at=at)
    return run


def lists_taken(runs: Iterable[PaymentRun]) -> QuerySet[Event]:
    """Every time somebody took a list of these runs out of the house, in order."""
    keys = [run.pk for run in runs]
    taken = Event.objects.filter(what="file downloaded", about="paymentrun", about_id__in=keys)
    return taken.select_related("by", "words").order_by("pk")


@transaction.atomic
def cancel_run(
    on: date, reason: str, *, by: Person, at: datetime, seen: int | None = None, unsent_up_to: int | None = None
) -> PaymentRun:
    """Take back a run that was not sent. What it would have paid waits again.

    Where lists of it were taken, ``by`` answers for it that none was sent or will be: ``unsent_up_to`` is the last
    taking (of lists_taken) they know of, and is kept with the deed.
    """
    close_books()
    run = locked_run(existing_run(on).pk)
    last = lists_taken([run]).last()
    against = [] if reason.strip() else [Reason("cancel", "Say why this run is cancelled.")]
    against += rules.reasons_not_to_cancel(run.state) + reasons_against_another_run(run, seen)
    if not against:
        against = rules.reasons_to_fear_paying_twice(last and last.pk, unsent_up_to)
    refuse_if(against)
    run.cancelled_by, run.cancelled_at = by, at
    run.save(update_fields=["cancelled_by", "cancelled_at"])
    run.payments.update(state=Payment.State.CANCELLED)
    confirmed = {"lists_not_sent_up_to": last.pk} if last else {}
    write_down("run cancelled", run, by=by, at=at, text=reason, **confirmed)
    return run


@transaction.atomic
def settle_run(on: date, *, by: Person | None, at: datetime) -> PaymentRun:
    """No return arrived: what is still pending in a sent run counts as paid."""
    run = locked_run(existing_run(on).pk)
    refuse_if([] if run.state == "sent" else [Reason("moves", f"This run is {run.state}. Only a sent run settles.")])
    run.payments.filter(state=Payment.State.PENDING).update(state=Payment.State.SETTLED, settled_at=at)
    run.settled_at = at
    run.save(update_fields=["settled_at"])
    write_down("run settled", run, by=by, at=at)
    return run


def settle_due_runs(*, at: datetime) -> list[PaymentRun]:
    """Settle every sent run from which no return can come any more: after two working days."""
    today = at.astimezone(LONDON).date()
    calendar = office_calendar(today)
    sent = PaymentRun.objects.filter(sent_at__isnull=False, settled_at__isnull=True, pay_on__lt=today).order_by(
        "pay_on"
    )
    due = [run for run in sent if working_day_after(run.pay_on, DAYS_FOR_RETURNS, calendar) < today]
    return [settle_run(run.pay_on, by=None, at=at) for run in due]


@transaction.atomic
def fail_payment(reference: str, code: str, *, by: Person, at: datetime, seen: int | None = None) -> Payment:
    """A payment came back, perhaps late. What it paid is free again and rides the next run.

    ``seen`` is the run whose page it is typed at: a reference of another run is refused there.
    """
    found = Payment.objects.filter(reference=reference).select_related("run").first()
    if found is None:
        refuse_if([Reason("reference", f"No payment has the reference “{reference}”. It looks like CP 0000001A.")])
    if seen not in (None, found.run_id):
        refuse_if([Reason("reference", f"That payment is in the run of {found.run.pay_on:%-d %B %Y}. Enter it there.")])
    run = locked_run(found.run_id)
    payment = Payment.objects.select_for_update().get(reference=reference)
    against = [] if payment.live else [Reason("moves", f"This payment is {payment.state} already.")]
    against += rules.reasons_against_returns(run.state)
    if not CODE.fullmatch(code):
        against.append(Reason("bank-code", "Give the bank's code: letters, digits and hyphens, 20 at most."))
    refuse_if(against)
    payment.state, payment.failed_at, payment.failed_code = Payment.State.FAILED, at, code
    payment.save(update_fields=["state", "failed_at", "failed_code"])
    Event.objects.record("payment failed", payment, by=by, at=at, code=payment.failed_code)
    Document.objects.create(kind=Document.Kind.RUN_REPORT, run=run, due_at=at)
    return payment
