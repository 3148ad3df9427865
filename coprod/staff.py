"""The staff's home: what needs doing, read off the rows, the oldest promise first."""

from dataclasses import dataclass
from datetime import date, datetime

from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from coprod import people
from eligibility.doors import door
from eligibility.roles import Deed, may
from eligibility.tables import link
from payments import needs_doing
from payments.in_tray import SEE_EVERY_CLAIM, claims_seen_by
from payments.models import PaymentRun
from payments.pages.runs_words import and_then, moment, short_day
from payments.reports.figures import counted, long_day
from payments.rules.calendar import LONDON, RunDate
from payments.runs import office_calendar


@dataclass(frozen=True)
class Task:
    """Something that waits for somebody. ``deed`` says whose it is; ``since`` puts it in its place."""

    title: str
    words: list
    deed: Deed
    since: date
    address: str = ""

    def item(self) -> dict:
        """As the task list of the design system takes it."""
        lines = format_html_join("", "<div>{}</div>", ((each,) for each in self.words))
        item = {
            "title": {"text": self.title},
            "hint": {"html": lines},
            "status": {"text": f"Waiting since {self.since.day} {self.since:%b}", "classes": "coprod-whole"},
        }
        return item | ({"href": self.address} if self.address else {})


@door(Deed.SEE_STAFF_HOME)
@require_safe
def staff_home(request):
    now = timezone.now()
    clock = needs_doing.clock_at(now, calendar := office_calendar(timezone.localdate(now)))
    tasks = sorted(everything_open(request, clock, calendar, now), key=lambda task: task.since)
    mine = [task for task in tasks if may(request.roles, task.deed)]
    facts = {
        "mine": [task.item() for task in mine],
        "others": [task.item() for task in tasks if task not in mine],
        "clock": clock,
        "left": closes(clock, now),
        "only_leads": SEE_EVERY_CLAIM.isdisjoint(request.roles),
        "reads_only": not any(may(request.roles, deed) for deed in DEEDS_OF_TASKS),
    }
    return render(request, "coprod/staff/home.html", facts)


DEEDS_OF_TASKS = (Deed.DECIDE_CLAIMS, Deed.PREPARE_RUNS, Deed.AUTHORISE_RUNS, Deed.SEND_RUNS)


def everything_open(request, clock: needs_doing.Clock, calendar, now: datetime):
    """Every task that this person may know of, whether it is theirs or somebody else's."""
    yield from claims_waiting(request, clock)
    if not may(request.roles, Deed.READ_RUNS):
        return
    yield from runs_open(request, calendar, now)
    yield from money_stuck(now, clock)
    yield from documents_stuck(may(request.roles, Deed.READ_PEOPLE))


def claims_waiting(request, clock):
    told = needs_doing.claims_to_decide(claims_seen_by(request.user, request.roles), clock)
    if not told.count:
        return
    words = [f"The oldest is for {long_day(told.oldest_on)}."]
    if told.by_next_cut_off:
        words.append(
            f"{counted(told.by_next_cut_off, 'is', 'are')} paid within the time promised only if decided by "
            f"{moment(clock.run.cut_off)}."
        )
    if told.late_already:
        words.append(f"{counted(told.late_already, 'is', 'are')} later than promised already: decide these first.")
    title = f"{counted(told.count, 'claim', 'claims')} to decide"
    since = told.sent_first_at.astimezone(LONDON).date() if told.sent_first_at else told.oldest_on
    yield Task(title, words, Deed.DECIDE_CLAIMS, since, reverse("staff-claims"))


# Runs ------------------------------------------------------------------------------------------------


def runs_open(request, calendar, now: datetime):
    if forgotten := needs_doing.forgotten_run(now, calendar):
        yield not_prepared(forgotten, now)
    for run in needs_doing.open_runs():
        yield waits_for_authoriser(request, run) if run.state == "prepared" else waits_to_be_sent(run)


def run_address(pay_on: date) -> str:
    return reverse("run", args=[pay_on.isoformat()])


def run_day_link(run: PaymentRun) -> SafeString:
    return link(run_address(run.pay_on), short_day(run.pay_on))


def not_prepared(plan: RunDate, now: datetime) -> Task:
    words = [f"Its cut-off was {moment(plan.cut_off)}."]
    if plan.pay_on < now.astimezone(LONDON).date():
        words.append("Its pay day has gone by. What it would have paid waits for the next run.")
    title = f"The run of {long_day(plan.pay_on)} is not prepared"
    return Task(title, words, Deed.PREPARE_RUNS, plan.cut_off.date(), run_address(plan.pay_on))


def waits_for_authoriser(request, run: PaymentRun) -> Task:
    words = [f"Prepared by {run.prepared_by.name if run.prepared_by else 'the calendar'}, {moment(run.prepared_at)}."]
    authorisers = needs_doing.authorisers_of(run)
    if free := [person.name for person, against in authorisers if not against]:
        words.append(f"{and_then(free)} can authorise it.")
    else:
        words.append("Nobody here can authorise it. It needs an authoriser who had no other hand in it.")
    for person, against in authorisers:
        if person == request.user:
            words += [reason.text for reason in against]
        elif against:
            words.append(f"{person.name} cannot, because they had another hand in it.")
    title = f"The run of {long_day(run.pay_on)} waits to be authorised"
    return Task(title, words, Deed.AUTHORISE_RUNS, closed_on(run), run_address(run.pay_on))


def closed_on(run: PaymentRun) -> date:
    return run.cut_off_at.astimezone(LONDON).date()


def waits_to_be_sent(run: PaymentRun) -> Task:
    words = [f"Authorised by {run.authorised_by.name}, {moment(run.authorised_at)}. Take its lists to the bank."]
    title = f"The run of {long_day(run.pay_on)} is authorised and not sent"
    return Task(title, words, Deed.SEND_RUNS, closed_on(run), run_address(run.pay_on))


# What blocks payments (rules.runs.FIXES), told of several people at once.
STUCK = {
    "no-bank-details": "{}: we have no bank details. Ask each person for the account they want to be paid into.",
    "bank-details-cooling-off": "{}: bank details changed a short while ago. Confirm each change with the person.",
    "unreadable-account-name": "{}: no bank can read the name on the account. Ask them for the name on their card.",
}

# What is stuck ---------------------------------------------------------------------------------------


def money_stuck(now: datetime, clock):
    if blocked := needs_doing.blocked_now(now):
        reasons = blocked.by_reason.items()
        words = [STUCK[code].format(counted(number, "payment", "payments")) for code, number in reasons]
        least = "At least " if blocked.at_least else ""
        title = f"{least}{counted(blocked.count, 'payment lacks', 'payments lack')} something"
        day = blocked.since.astimezone(LONDON).date()
        yield Task(title, words, Deed.PREPARE_RUNS, day, run_address(clock.run.pay_on))
    returned = needs_doing.came_back(now)
    if returned.count:
        words = [
            format_html("{}, in the run of {}", payment.payee_name, run_day_link(payment.run))
            for payment in returned.first
        ]
        title = f"{more_or_less(returned, 'payment', 'payments')} came back"
        yield Task(title, words + and_more(returned), Deed.PREPARE_RUNS, returned.since.astimezone(LONDON).date())
    held = needs_doing.to_review(now)
    if held.count:
        words = [
            format_html(
                "{}, held by {} until {}",
                link(reverse("staff-claim", args=[payable.claim.reference]), payable.claim.person.name),
                payable.held_by.name,
                long_day(payable.held_review_on),
            )
            for payable in held.first
        ]
        title = f"{more_or_less(held, 'held payment', 'held payments')} to look at again"
        yield Task(title, words + and_more(held), Deed.PREPARE_RUNS, held.since)


def documents_stuck(reads_people: bool):
    stuck = needs_doing.cannot_be_made()
    if stuck.count:
        words = [document_words(document, reads_people) for document in stuck.first]
        title = f"{more_or_less(stuck, 'document', 'documents')} cannot be made"
        yield Task(title, words + and_more(stuck), Deed.DECIDE_CLAIMS, stuck.since.astimezone(LONDON).date())


def document_words(document, reads_people: bool) -> SafeString:
    if document.run:
        about = link(run_address(document.run.pay_on), f"Report of the run of {long_day(document.run.pay_on)}")
    else:
        person = document.participation.person
        words = f"Card for {person.name}"
        about = link(reverse("staff-person", args=[person.pk]), words) if reads_people else words
    return format_html("{}: {}", about, document.problem)


def more_or_less(found: needs_doing.Open, one: str, many: str) -> str:
    """How many, where counting stopped at some number."""
    words = counted(found.count, one, many)
    return f"At least {words}" if found.count == needs_doing.MOST_COUNTED else words


def and_more(found: needs_doing.Open) -> list[str]:
    more = found.count - len(found.first)
    return [f"and {more:,} more"] if more > 0 else []


def closes(clock: needs_doing.Clock, now: datetime) -> str:
    """When the next run closes, as one says it."""
    days = (clock.run.cut_off.date() - now.astimezone(LONDON).date()).days
    if days < 2:
        return ("today", "tomorrow")[days]
    left = clock.working_days_left
    return "on the next working day" if left == 1 else f"in {left} working days"


urls = [path("staff/", staff_home, name="staff-home"), *people.urls]
