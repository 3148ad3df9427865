"""What the pages about claims say: rows, tags and sentences, in the office's words."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from activities.framework import Recognition
from activities.rules import to_the_penny
from eligibility.govuk import component
from eligibility.models import Event
from eligibility.tables import link
from payments.in_tray import BY_THE_HOUR, Entry
from payments.models import Claim, Expense, Payable
from payments.pages.runs_words import moment, pounds, short_day
from payments.reports.figures import counted, long_day
from payments.rules.calendar import LONDON
from payments.rules.checks import Check, Finding, as_staff_say, raised
from payments.rules.runs import FIXES

STATUS_TAGS = {
    "draft": ("Not sent yet", "govuk-tag--grey"),
    "submitted": ("To decide", "govuk-tag--yellow"),
    "returned": ("One more thing", "govuk-tag--blue"),
    "approved": ("Approved", "govuk-tag--green"),
    "refused": ("Refused", "govuk-tag--red"),
    "withdrawn": ("Withdrawn", "govuk-tag--grey"),
}
FINDING_TAGS = {
    Finding.FINE: "govuk-tag--green",
    Finding.LOOK: "govuk-tag--yellow",
    Finding.NOT_KNOWN: "govuk-tag--grey",
}
# How the office speaks of what somebody chose for their time.
CHOICES = {
    "payment": "Bank payment",
    "voucher": "Voucher",
    "lower": "Bank payment, of less: their own figure",
    "donate": "Donation",
    "decline": "Nothing, thank you",
    "none": "No payment",
}
DONE = {
    "claim opened": "Opened, to be answered",
    "hours answered": "Hours given",
    "choice answered": "Chosen",
    "costs answered": "Costs given",
    "bank answered": "Bank details given",
    "cost added": "Cost added",
    "cost changed": "Cost changed",
    "cost removed": "Cost taken out",
    "claim submitted": "Sent",
    "claim imported": "Entered from a spreadsheet",
    "claim approved": "Approved",
    "claim returned": "Returned for one more thing",
    "claim refused": "Refused",
    "claim withdrawn": "Taken back",
    "approval undone": "Approval undone",
    "amount stated": "Amount for the time stated",
    "choice changed": "Choice changed",
    "payable held": "Payment held",
    "payable released": "Payment no longer held",
    "payable voided": "No longer owed as it was",
    "topped up": "Topped up",
}


@cache
def tag(words: str, look: str) -> SafeString:
    return component("tag", text=words, classes=f"{look} coprod-whole")


def status_tag(claim: Claim) -> SafeString:
    return tag(*STATUS_TAGS[claim.status])


def finding_tag(finding: Finding) -> SafeString:
    return tag(finding.words, FINDING_TAGS[finding])


def choice_in_words(claim: Claim) -> str:
    if claim.choice == "none":
        return "Thank-you card" if claim.recognition == "card" else CHOICES["none"]
    if claim.choice == "decline" and claim.declined_as == "voluntary":
        return "Nothing: voluntary"
    if claim.choice == "donate":
        return f"Donation to {claim.charity}"
    return CHOICES.get(claim.choice, "Not chosen yet")


def hours(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def hours_in_words(number: Decimal | None) -> str:
    return "" if number is None else f"{hours(number)} hour{'' if number == 1 else 's'}"


def for_time(entry: Entry) -> str:
    """The amount for the time and the form it takes; never with the costs."""
    if entry.asked.time is None:
        return "No amount yet"
    if not entry.asked.time:
        return choice_in_words(entry.claim)
    return f"{pounds(entry.asked.time)} {SHORT_FORMS.get(entry.claim.choice, '')}".strip()


SHORT_FORMS = {"payment": "by bank", "lower": "by bank, less", "voucher": "voucher", "donate": "donation"}


def whole(words: str) -> SafeString:
    """Words that stay on one line."""
    return format_html('<span class="coprod-whole">{}</span>', words)


def today(at: datetime) -> date:
    return localtime(at, LONDON).date()


def days_ago(on: date, at: datetime) -> str:
    days = (today(at) - on).days
    if days < 0:
        return f"in {counted(-days, 'day', 'days')}"
    return {0: "today", 1: "yesterday"}.get(days) or f"{days} days ago"


# The in-tray -----------------------------------------------------------------------------------------

TRAY_HEAD = ["Claim", "Activity", "State", "For the time", "Costs", "Checks"]


def tray_row(entry: Entry, at: datetime, clock) -> list:
    claim, activity = entry.claim, entry.claim.participation.activity
    name = format_html(
        '<a class="govuk-link" href="{}">{}<br><span class="govuk-!-font-weight-regular coprod-whole">{}</span></a>',
        claim_address(claim),
        claim.person.name,
        claim.reference,
    )
    ago = days_ago(activity.on, at)
    what = format_html("{}<br>{}, {}", activity.title, whole(short_day(activity.on)), whole(ago))
    costs = whole(pounds(entry.asked.costs)) if entry.expenses else "None"
    time = format_html("{}<br>{}", hours_in_words(claim.hours), for_time(entry))
    return [name, what, state(entry, at, clock), time, costs, checks_tag(entry.checks)]


def state(entry: Entry, at: datetime, clock) -> SafeString:
    """The status; for what waits, how long it has, and what the next cut-off means for the promise."""
    if entry.claim.status != Claim.Status.SUBMITTED:
        return status_tag(entry.claim)
    waited = (today(at) - today(entry.claim.submitted_at)).days if entry.claim.submitted_at else 0
    words = whole(f"Waits {counted(waited, 'day', 'days')}" if waited else "New today")
    if promise := promise_tag(entry.pay_by, clock):
        return format_html("{}<br>{}", words, promise)
    return format_html("{}", words)


def promise_tag(pay_by: date | None, clock) -> SafeString | str:
    """Whether deciding by the next cut-off keeps the promise, or comes too late for it."""
    if pay_by is None or pay_by >= clock.after_that.pay_on:
        return ""
    if pay_by < clock.run.pay_on:
        return tag("Past two weeks", "govuk-tag--orange")
    return tag(f"By {clock.run.cut_off:%a} {clock.run.cut_off.day} {clock.run.cut_off:%b}", "govuk-tag--yellow")


def checks_tag(checks: list[Check]) -> SafeString:
    number = raised(checks)
    if number:
        return tag(f"{number} to look at", FINDING_TAGS[Finding.LOOK])
    return tag(Finding.FINE.words, FINDING_TAGS[Finding.FINE])


def claim_address(claim: Claim) -> str:
    return reverse("staff-claim", args=[claim.reference])


# One claim -------------------------------------------------------------------------------------------

HEADS = {
    "checks": ["Check", "What we compared", "Finding"],
    "payables": ["Part", "Amount", "Where it stands"],
    "history": ["When", "What", "Who", "Words"],
}


def offered_rows(entry: Entry, band) -> list[tuple]:
    """What was offered and attended beside what is claimed."""
    claim, part = entry.claim, entry.claim.participation
    offered = rate_in_words(claim, part.rate)
    form = f"{band.title}, {offered}" if band else offered
    agreed, session = hours_in_words(claim.agreed_hours), hours_in_words(part.activity.session_hours)
    return [
        ("Offered", f"{form[0].upper()}{form[1:]}. {agreed} agreed, of a session of {session}."),
        ("On the register", hours_in_words(part.attended_hours) or "Nobody recorded attendance."),
        ("Claimed", hours_in_words(claim.hours)),
        ("Chosen" if claim.choice != "none" else "Thanked with", choice_in_words(claim)),
        ("For the time", full_words_for_time(entry)),
    ]


def rate_in_words(claim: Claim, rate: Decimal | None) -> str:
    if rate is not None:
        return f"{pounds(rate)} an hour" if claim.recognition in BY_THE_HOUR else pounds(rate)
    return {"card": "a thank-you card"}.get(claim.recognition, "no payment" if claim.full_amount == 0 else "no rate")


def full_words_for_time(entry: Entry) -> str:
    claim, time = entry.claim, entry.asked.time
    if time is None:
        return "The policy states no amount"
    if claim.choice in ("lower", "decline") and claim.full_amount:
        return f"{pounds(time)}. The full amount is {pounds(claim.full_amount)}{worked_out(entry)}."
    return f"{pounds(time)}{worked_out(entry)}"


def worked_out(entry: Entry) -> str:
    """How the full amount comes about, where it is hours at a rate: the figures that were really used."""
    claim = entry.claim
    counted_hours = claim.agreed_hours if claim.recognition == Recognition.VOUCHER else claim.hours
    if claim.recognition not in BY_THE_HOUR or entry.rate is None:
        return ""
    if to_the_penny(counted_hours * entry.rate) != claim.full_amount:
        return ""
    return f": {hours_in_words(counted_hours)} at {pounds(entry.rate)} an hour"


def evidence(expense: Expense) -> str:
    """What stands behind a cost, in a few words."""
    found = []
    if expense.miles is not None:
        found.append(f"{hours(expense.miles)} miles at {pence(expense.mileage_rate)}")
    if expense.receipt is not None:
        found.append("they say they have the receipt" if expense.receipt else "they say there is no receipt")
    if expense.receipt_lost:
        found.append("receipt lost")
    if expense.taxi_agreed_with:
        found.append(f"agreed with {expense.taxi_agreed_with}")
    told = ", ".join(found) or "nothing recorded"
    return told[0].upper() + told[1:]


def pence(rate: Decimal | None) -> str:
    return "no rate" if rate is None else f"{(rate * 100).normalize():f}p a mile"


def cost_title(expense: Expense, policy) -> str:
    cost = policy.cost(expense.mode)
    return as_staff_say(cost.title) if cost else expense.mode.replace("-", " ").capitalize()


def cost_rows(entry: Entry, policy) -> tuple[list[str], list[list], str]:
    """Head, rows and the numeric columns; once decided, with what was approved and why."""
    approved = entry.claim.status == Claim.Status.APPROVED
    head = ["Cost", "Evidence", "Asked", *(["Approved"] if approved else [])]
    rows = []
    for expense in entry.expenses:
        row = [cost_title(expense, policy), evidence(expense), pounds(expense.amount_asked)]
        if approved:
            amount, why = pounds(expense.amount_approved), expense.approved_because
            row.append(format_html("{}<br>{}", amount, why) if why else amount)
        rows.append(row)
    return head, rows, "Asked, Approved" if approved else "Asked"


def check_rows(checks: list[Check]) -> list[list]:
    return [[check.title, check.text, finding_tag(check.finding)] for check in checks]


def who_is_it_about(claim: Claim) -> str:
    return f"{claim.person.name}: {claim.participation.activity.title}, {long_day(claim.participation.activity.on)}"


PARTS = {Payable.Part.RECOGNITION: "For the time", Payable.Part.EXPENSES: "Costs"}
METHODS = {"bank": "by bank", "voucher": "as a voucher", "charity": "as a donation"}


def payable_rows(payables: list[Payable], *, runs_open: bool) -> list[list]:
    return [
        [
            PARTS[payable.part] + (" (top-up)" if payable.number else ""),
            f"{pounds(payable.amount)} {METHODS[payable.method]}",
            payable_state(payable, runs_open=runs_open),
        ]
        for payable in payables
    ]


def payable_state(payable: Payable, *, runs_open: bool) -> SafeString | str:
    if payable.voided_at:
        return format_html("No longer owed: {}", payable.voided_because)
    if payable.held == Payable.Hold.PERSON:
        return "The person asked us to wait"
    if payable.held:
        review = f"To look at again on {long_day(payable.held_review_on)}."
        return f"Held by {payable.held_by.name}: {payable.held_because} {review}"
    payment = payable.in_payment
    if payment is None and payable.lacks:
        why, fix = FIXES[payable.lacks]
        return f"Cannot be paid yet. {why} {fix}"
    if payment is None:
        return "Waits for the next run"
    words = f"{PAYMENT_STATES[payment.state]}, {long_day(payment.run.pay_on)}"
    return run_link(payment.run, words) if runs_open else words


PAYMENT_STATES = {"pending": "In the run", "settled": "Paid", "failed": "Came back", "cancelled": "Cancelled"}


def run_link(run, words: str) -> SafeString:
    return link(reverse("run", args=[run.pay_on.isoformat()]), words)


# History ---------------------------------------------------------------------------------------------


def happened(event: Event) -> str:
    """What an event was, in words."""
    told = DONE.get(event.what, event.what.capitalize())
    if event.what == "amount stated" and "amount" in event.facts:
        return f"{told}: {pounds(Decimal(event.facts['amount']))}"
    if event.what == "costs answered" and event.facts.get("costs") == 0:
        return "No costs"
    if event.what == "bank answered" and event.facts.get("later"):
        return "Bank details to be given later"
    return f"{told}: {CHOICES.get(event.facts['choice'], event.facts['choice'])}" if "choice" in event.facts else told


def done_by(event: Event) -> str:
    return event.by.name if event.by else "Coprod"


def history_rows(events: list[Event], claim: Claim) -> list[list]:
    # What a deed on the claim does to what it owes is one deed, told once.
    deeds = {(event.at, event.by_id) for event in events if event.about == "claim"}
    told = [event for event in events if event.what != "payable voided" or (event.at, event.by_id) not in deeds]
    return [[moment_cell(event), happened(event), done_by(event), words_of(event, claim)] for event in reversed(told)]


def moment_cell(event: Event) -> str:
    here = localtime(event.at, LONDON)
    return f"{short_day(here.date())}, {here:%H:%M}"


def words_of(event: Event, claim: Claim) -> SafeString | str:
    """The words that belong to an event, with whose they are."""
    words = getattr(event, "words", None)
    if words is None or not words.text:
        return ""
    whose = f"{claim.person.name} wrote" if event.by_id == claim.person_id else "Staff wrote"
    lines = format_html_join(SafeString("<br>"), "{}", ((line,) for line in words.text.splitlines() if line))
    return format_html('<span class="govuk-!-font-weight-bold">{}:</span> {}', whose, lines)


def since_then(events: list[Event], user) -> list[str]:
    """What happened meanwhile, one sentence each."""
    return [
        f"{happened(event)} by {'you' if event.by_id == user.pk else done_by(event)}, {moment(event.at)}."
        for event in events
    ]
