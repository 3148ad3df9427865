"""What needs doing, read off the rows: nothing is ticked off, and what was done is gone by itself.

A few queries, each on an index that holds only what is open, so that the staff's home is as quick in the tenth year
as in the first. What is told is facts; coprod/staff.py finds the words.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from activities.models import FrameworkVersion
from eligibility.models import Person
from eligibility.reasons import Reason
from eligibility.roles import TABLE, Deed
from payments.models import Claim, Document, Payable, Payment, PaymentRun
from payments.rules.calendar import (
    DAY,
    LONDON,
    LONGER_THAN_ANY_GAP,
    CalendarRules,
    RunDate,
    is_working_day,
    latest_due,
    next_run_after,
)
from payments.rules.runs import reasons_not_to_authorise
from payments.runs import facts_of, sql

# Of what was owed since the last run, how much a page looks through for what is blocked.
MOST_LOOKED_AT = 1000
# Of the other kinds, how many are told one by one, and how many are counted at most.
MOST_TOLD = 5
MOST_COUNTED = 100


@dataclass(frozen=True)
class Clock:
    """The run that decisions made now ride, and how many working days are left until its cut-off."""

    run: RunDate
    after_that: RunDate
    working_days_left: int


@dataclass(frozen=True)
class ToDecide:
    """Claims that wait for a decision. The last two look at the two-week promise and the next cut-off."""

    count: int
    oldest_on: date | None
    sent_first_at: datetime | None
    by_next_cut_off: int  # kept if decided by then, missed if decided later
    late_already: int


@dataclass(frozen=True)
class Blocked:
    """Payments that lack something, by reason. ``at_least``: there was more to look through."""

    by_reason: dict[str, int]
    since: datetime
    at_least: bool

    @property
    def count(self) -> int:
        return sum(self.by_reason.values())


@dataclass(frozen=True)
class Open:
    """Things of one kind that wait for somebody: how many, the day of the oldest, and the first few of them."""

    count: int
    since: date | datetime | None
    first: list


def clock_at(at: datetime, calendar: CalendarRules) -> Clock:
    run = next_run_after(at, calendar)
    after_that = next_run_after(run.cut_off + timedelta(seconds=1), calendar)
    today, last = at.astimezone(LONDON).date(), run.cut_off.date()
    days = sum(is_working_day(today + (n + 1) * DAY, calendar) for n in range((last - today).days))
    return Clock(run, after_that, days)


def claims_to_decide(seen: QuerySet[Claim], clock: Clock) -> ToDecide:
    """One look at the claims that wait. ``seen`` are those that whoever looks may see."""
    waiting = seen.filter(status=Claim.Status.SUBMITTED)
    promises = promised_days()
    this, later = clock.run.pay_on, clock.after_that.pay_on
    told = waiting.aggregate(
        count=Count("pk"),
        oldest_on=Min("participation__activity__on"),
        sent_first_at=Min("submitted_at"),
        by_next_cut_off=Count("pk", filter=promised_before(later, promises) & ~promised_before(this, promises)),
        late_already=Count("pk", filter=promised_before(this, promises)),
    )
    return ToDecide(**told)


def promised_before(pay_on: date, promises: dict[int, list[int]]) -> Q:
    """Claims that their policy promised to pay before this pay day, by the day of the activity."""
    late = [
        Q(framework_version__in=versions, participation__activity__on__lt=pay_on - days * DAY)
        for days, versions in promises.items()
    ]
    return reduce(or_, late, Q(pk__in=[]))


def promised_days() -> dict[int, list[int]]:
    """Within how many days policies promise to pay, each with its versions. Those that promise nothing are left out."""
    found = defaultdict(list)
    for version, days in FrameworkVersion.objects.values_list("pk", "document__target__days"):
        if days:
            found[days].append(version)
    return found


def open_runs() -> list[PaymentRun]:
    """Runs that were prepared and are not sent yet, the next pay day first."""
    not_sent = PaymentRun.objects.filter(cancelled_at__isnull=True, sent_at__isnull=True)
    return list(not_sent.select_related("prepared_by", "authorised_by").order_by("pay_on"))


def forgotten_run(at: datetime, calendar: CalendarRules) -> RunDate | None:
    """The run whose cut-off has passed and which nobody prepared, not even the clock."""
    due = latest_due(at, calendar)
    standing = PaymentRun.objects.filter(cancelled_at__isnull=True)
    days = Q(pay_on__in=[due.pay_on, due.nominal]) | Q(nominal_on__in=[due.pay_on, due.nominal])
    # In an office where no run was ever made there is nothing to remember.
    some, this = standing.exists(), standing.filter(days).exists()
    return due if some and not this else None


def authorisers_of(run: PaymentRun) -> list[tuple[Person, list[Reason]]]:
    """Everybody who holds the role, by name, each with what stands against their authorising this run (promise 5)."""
    roles = TABLE[Deed.AUTHORISE_RUNS]
    people = Person.objects.filter(staff_roles__role__in=roles, staff_roles__ended_at__isnull=True)
    people = list(people.distinct().order_by("name", "pk"))
    facts = facts_of(run, [person.pk for person in people])
    return [(person, reasons_not_to_authorise(facts, person.pk)) for person in people]


def blocked_now(at: datetime) -> Blocked | None:
    """What no run could pay as things stand. None where there is no such thing."""
    last = PaymentRun.objects.filter(cancelled_at__isnull=True).order_by("-cut_off_at").only("cut_off_at").first()
    facts = {
        "run": last and last.pk,
        "cut_off_at": last and last.cut_off_at,
        "at": at,
        "most": MOST_LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql("blocked_now.sql"), facts)
        rows = cursor.fetchall()
    if not rows:
        return None
    by_reason = {reason: count for reason, count, _, _ in rows}
    return Blocked(by_reason, min(since for _, _, since, _ in rows), at_least=rows[0][3])


def came_back(at: datetime) -> Open:
    """Payments that came back and whose money is in no run again. An older one has met a run since."""
    free = Payable.objects.filter(lines__payment=OuterRef("pk"), voided_at__isnull=True).exclude(lines__live=True)
    failed = Payment.objects.filter(state=Payment.State.FAILED, failed_at__gt=at - LONGER_THAN_ANY_GAP)
    found = failed.filter(Exists(free)).select_related("run").only("failed_at", "payee_name", "run__pay_on")
    return opened(list(found.order_by("failed_at", "pk")[:MOST_COUNTED]), lambda payment: payment.failed_at)


def cannot_be_made() -> Open:
    """Documents that the sweep gave up on, with why: a task for a person."""
    stuck = Document.objects.filter(made_at__isnull=True, cancelled_at__isnull=True).exclude(problem="")
    found = stuck.select_related("participation__person", "run").only(
        "due_at", "problem", "run__pay_on", "participation__person__name"
    )
    return opened(list(found.order_by("due_at", "pk")[:MOST_COUNTED]), lambda document: document.due_at)


def to_review(at: datetime) -> Open:
    """What staff hold, and wanted to look at again by today."""
    today = at.astimezone(LONDON).date()
    held = Payable.objects.filter(held=Payable.Hold.STAFF, voided_at__isnull=True, held_review_on__lte=today)
    found = held.select_related("claim__person", "held_by").only(
        "held_review_on", "held_by__name", "claim__reference", "claim__person__name"
    )
    return opened(list(found.order_by("held_review_on", "pk")[:MOST_COUNTED]), lambda payable: payable.held_review_on)


def opened(found: list, day) -> Open:
    return Open(len(found), day(found[0]) if found else None, found[:MOST_TOLD])
