"""The in-tray: which claims somebody on the staff may see, in what order, and everything there is to know about one.

Reads only, but for `as_it_was_seen`. A page costs the same few queries whatever the length and the age of the tray.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.models import F, Field, Func, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan
from django.utils.dateparse import parse_datetime

from activities.framework import Policy, Recognition
from activities.models import FrameworkVersion
from activities.rules import cost_rule, rate_on
from eligibility.models import Event, Person
from eligibility.people import people_called
from eligibility.roles import Role
from eligibility.rules import Outcome
from payments.books import need_open_books
from payments.models import BankDetails, Claim, Expense, Payable
from payments.rules import claims as rules
from payments.rules.calendar import LONDON
from payments.rules.checks import Check, ClaimFacts, CostFacts, as_staff_say, checks

A_PAGE = 50
BY_THE_HOUR = (Recognition.HOURLY, Recognition.VOUCHER)
# A draft that its writer took back: sent to nobody.
NEVER_SENT = Q(status=Claim.Status.WITHDRAWN, submitted_at__isnull=True)
# What a lead sees is what happens at their own activities. These see all of it.
SEE_EVERY_CLAIM = frozenset([Role.PAYMENTS_OFFICER, Role.AUTHORISER, Role.AUDITOR])

# The filters of the tray, in the order in which they stand there. What nobody sent yet is nobody's to read.
SHOWN = {
    "to-decide": (Claim.Status.SUBMITTED,),
    "returned": (Claim.Status.RETURNED,),
    "approved": (Claim.Status.APPROVED,),
    "refused": (Claim.Status.REFUSED,),
    "all": tuple(status for status in Claim.Status if status != Claim.Status.DRAFT),
}
A_REFERENCE = re.compile(r"[2-9A-HJKMNP-Z]{3,5}-?[2-9A-HJKMNP-Z]{0,5}")


def claims_seen_by(person: Person, roles: Iterable[Role]) -> QuerySet[Claim]:
    """The claims that were sent and that somebody may see: all, or those at activities they are the contact of."""
    sent = Claim.objects.exclude(status=Claim.Status.DRAFT).exclude(NEVER_SENT)
    lead = lead_only(person, roles)
    return sent.filter(participation__activity__named_contact=lead) if lead else sent


def lead_only(person: Person, roles: Iterable[Role]) -> Person | None:
    """Somebody who sees what happens at their own activities and nothing else of anybody. None: they see all."""
    return person if SEE_EVERY_CLAIM.isdisjoint(roles) else None


@dataclass(frozen=True)
class Amounts:
    """What a claim asks for, in two figures that are never added: for the time, and for costs."""

    time: Decimal
    costs: Decimal


@dataclass(frozen=True)
class Entry:
    """A claim with what the office compares it with. ``pay_by``: the last pay day that keeps the promise."""

    claim: Claim
    asked: Amounts
    checks: list[Check]
    expenses: list[Expense]
    pay_by: date | None
    rate: Decimal | None  # the policy's for that day: what the amount for the time is worked out with


@dataclass(frozen=True)
class TrayPage:
    entries: list[Entry]
    after: str  # where the next page begins; empty on the last one


def page_of_tray(
    seen: QuerySet[Claim], *, show: str, words: str, after: str, at: datetime, lead: Person | None = None
) -> TrayPage:
    """Fifty claims that were sent, those that wait for us longest first, others newest first."""
    found = seen.filter(status__in=SHOWN[show]).select_related(
        "person", "participation__activity", "participation__eligibility_check", "charity"
    )
    if words:
        found = found.filter(called(words))
    claims = list(beyond(found, show, after)[: A_PAGE + 1])
    here = claims[:A_PAGE]
    return TrayPage(entries_of(here, at=at, lead=lead), place_of(here[-1], show) if len(claims) > A_PAGE else "")


def called(words: str) -> Q:
    """By its reference, as far as it was typed, or by words of the person's name."""
    reference = words.strip().upper().replace(" ", "")
    asked = Q(person__in=people_called(words))
    if A_REFERENCE.fullmatch(reference):
        letters = reference.replace("-", "")
        asked |= Q(reference__startswith=f"{letters[:5]}-{letters[5:]}" if len(letters) > 5 else letters)
    return asked


def beyond(found: QuerySet[Claim], show: str, after: str) -> QuerySet[Claim]:
    """The claims in order, from behind the place ``after``. A place that means nothing is the beginning."""
    if show == "to-decide":
        sent, _, number = after.rpartition("~")
        sent = parse_place(sent)
        if sent and number.isdecimal():
            found = found.filter(
                GreaterThan(row(F("submitted_at"), F("pk")), row(Value(sent), Value(int(number[:18]))))
            )
        return found.order_by("submitted_at", "pk")
    if after.isdecimal():
        found = found.filter(pk__lt=int(after[:18]))
    return found.order_by("-pk")


def row(*parts) -> Func:
    """Several values that are compared in their order: what an index on all of them answers at any depth."""
    return Func(*parts, function="ROW", output_field=Field())


def parse_place(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    # Days at the ends of the calendar exist in some time zones only, and PostgreSQL knows no zone as far off as 23:59.
    return moment.astimezone(UTC) if moment and moment.tzinfo and 2000 <= moment.year < 2200 else None


def place_of(claim: Claim, show: str) -> str:
    if show == "to-decide":
        return f"{claim.submitted_at.isoformat().replace('+00:00', 'Z')}~{claim.pk}"
    return str(claim.pk)


def next_to_decide(claim: Claim, *, by: Person) -> Claim | None:
    """The claim that waits longest after this one, or longest of all, and that ``by`` may decide."""
    waiting = Claim.objects.filter(status=Claim.Status.SUBMITTED).exclude(pk=claim.pk).exclude(person=by)
    waiting = waiting.filter(Q(entered_by__isnull=True) | ~Q(entered_by=by))
    behind = beyond(waiting, "to-decide", place_of(claim, "to-decide") if claim.submitted_at else "")
    return behind.first() or beyond(waiting, "to-decide", "").first()


# What is known of claims -----------------------------------------------------------------------------


def entries_of(claims: list[Claim], *, at: datetime, lead: Person | None = None) -> list[Entry]:
    """Each claim with its amounts and its checks: four queries, however many claims.

    For a ``lead`` the checks compare with nothing but what happens at their own activities, and leave money out.
    """
    versions = FrameworkVersion.objects.in_bulk({claim.framework_version_id for claim in claims})
    policies = {key: version.policy for key, version in versions.items()}
    expenses = defaultdict(list)
    for expense in Expense.objects.filter(claim__in=claims).order_by("pk"):
        expenses[expense.claim_id].append(expense)
    people = {claim.person_id for claim in claims}
    details = {details.person_id: details for details in BankDetails.objects.newest_of(people).defer("sealed")}
    others = other_claims_of(people, {claim.participation.activity.on for claim in claims}, lead)
    return [
        entry_of(
            claim,
            policies[claim.framework_version_id],
            expenses[claim.pk],
            details.get(claim.person_id),
            tuple(
                words for other, words in others[claim.person_id, claim.participation.activity.on] if other != claim.pk
            ),
            at,
            lead,
        )
        for claim in claims
    ]


def other_claims_of(
    people: set[int], days: set[date], lead: Person | None
) -> dict[tuple[int, date], list[tuple[int, str]]]:
    """By person and day: the claims that stand, each as its key and words for it. Of a lead's own activities only."""
    standing = Claim.objects.filter(person__in=people, participation__activity__on__in=days).exclude(
        status__in=[Claim.Status.DRAFT, Claim.Status.WITHDRAWN, Claim.Status.REFUSED]
    )
    if lead:
        standing = standing.filter(participation__activity__named_contact=lead)
    found = defaultdict(list)
    for key, person, reference, title, on in standing.order_by("pk").values_list(
        "pk", "person", "reference", "participation__activity__title", "participation__activity__on"
    ):
        found[person, on].append((key, f"{title}, {reference}"))
    return found


def entry_of(
    claim: Claim,
    policy: Policy,
    expenses: list[Expense],
    details: BankDetails | None,
    same_day: tuple[str, ...],
    at: datetime,
    lead: Person | None,
) -> Entry:
    activity = claim.participation.activity
    band = policy.band(claim.band)
    time = rules.amount_for_time(claim.choice, full_amount=claim.full_amount, lower_amount=claim.lower_amount)
    asked = Amounts(time, sum((expense.amount_asked for expense in expenses), Decimal("0.00")))
    facts = ClaimFacts(
        hours=claim.hours,
        session_hours=activity.session_hours,
        attended_hours=claim.participation.attended_hours,
        on=activity.on,
        sent_on=claim.submitted_at and claim.submitted_at.astimezone(LONDON).date(),
        sent_at=claim.submitted_at,
        warns_after_days=policy.claim_age and policy.claim_age.warns_after_days,
        costs=tuple(cost_facts(expense, policy, activity.on) for expense in expenses),
        same_day=same_day,
        offer=offer_of(claim),
        only_own_activities=lead is not None,
        offered_rate=claim.participation.rate,
        policy_rate=rate_on(policy, band, activity.on) if band else None,
        by_the_hour=claim.recognition in BY_THE_HOUR,
        paid_by_bank=asked.costs > 0 or rules.METHOD_OF_CHOICE.get(claim.choice) == "bank",
        details_entered_at=details and details.entered_at.astimezone(LONDON),
        details_usable_from=details and details.usable_from,
        at=at,
    )
    pay_by = policy.target and activity.on + timedelta(days=policy.target.days)
    told = [check for check in checks(facts) if not (lead and check.about_money)]
    return Entry(claim, asked, told, expenses, pay_by, facts.policy_rate)


def offer_of(claim: Claim) -> str | None:
    """What followed from the one question (S6), where something of this claim is paid for time."""
    if claim.choice not in rules.METHOD_OF_CHOICE:
        return None
    check = claim.participation.eligibility_check
    return check.outcome if check else Outcome.NOT_ASKED


def cost_facts(expense: Expense, policy: Policy, on: date) -> CostFacts:
    rule = cost_rule(policy, expense.mode, on)
    return CostFacts(
        mode=expense.mode,
        title=rule and as_staff_say(rule.title),
        amount=expense.amount_asked,
        miles=expense.miles,
        rate=expense.mileage_rate,
        policy_rate=rule and rule.rate,
        receipt=expense.receipt,
        receipt_needed=bool(rule and rule.receipt_needed),
        agreed_with=expense.taxi_agreed_with,
        agreement_needed=bool(rule and rule.agreement_needed),
    )


def payables_of(claim: Claim, *, at: datetime) -> list[Payable]:
    """What the claim owes and owed, each with its live payment as ``in_payment``, and what it ``lacks``, or None."""
    payables = list(
        Payable.objects.filter(claim=claim)
        .select_related("held_by", "charity")
        .prefetch_related("lines__payment__run")
        .order_by("part", "number", "pk")
    )
    for payable in payables:
        live = [line.payment for line in payable.lines.all() if line.live]
        payable.in_payment = live[0] if live else None
        payable.lacks = None
    by_bank = [payable for payable in payables if payable.method == Payable.Method.BANK]
    if by_bank:
        lacks = lacking(BankDetails.objects.newest_of([claim.person_id]).defer("sealed").first(), at)
        for payable in by_bank:
            payable.lacks = lacks
    return payables


def lacking(details: BankDetails | None, at: datetime) -> str | None:
    """What a bank payment to somebody with these details lacks at this moment, as rules.runs.FIXES calls it."""
    if details is None:
        return "no-bank-details"
    if details.usable_from and details.usable_from > at:
        return "bank-details-cooling-off"
    return None if details.bank_name else "unreadable-account-name"


# What happened to a claim ----------------------------------------------------------------------------


def history_of(claim: Claim) -> list[Event]:
    """Every deed on the claim and on what it owes, oldest first, with who did it and the words they gave."""
    owed = Payable.objects.filter(claim=claim).values("pk")
    about_it = Q(about="claim", about_id=claim.pk) | Q(about="payable", about_id__in=owed)
    return list(Event.objects.filter(about_it).select_related("by", "words").order_by("pk"))


def last_event(claim: Claim) -> int:
    """The deed up to which somebody who looks at the claim now has seen its history."""
    return events_of(claim).values_list("pk", flat=True).last() or 0


def events_of(claim: Claim) -> QuerySet[Event]:
    return Event.objects.filter(about="claim", about_id=claim.pk).order_by("pk")


class ChangedMeanwhile(Exception):
    """The claim is no longer as the decider saw it. ``events`` are what happened since, oldest first."""

    def __init__(self, events: list[Event]):
        super().__init__("This claim changed after it was looked at.")
        self.events = events


def as_it_was_seen(claim: Claim, seen: int):
    """Lock a claim that is still as it was when ``seen`` was its last event, or raise ChangedMeanwhile.

    First in the transaction of a deed on it: so that nobody approves figures they never saw.
    """
    need_open_books()
    Claim.objects.select_for_update().get(pk=claim.pk)
    since = list(events_of(claim).filter(pk__gt=seen).select_related("by", "words"))
    if since:
        raise ChangedMeanwhile(since)
