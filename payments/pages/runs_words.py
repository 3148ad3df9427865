"""What the pages of payment runs say: their tables, sentences and links, made from what the reports read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime

from eligibility.charts import Bar, Chart
from eligibility.govuk import component
from eligibility.models import Event
from eligibility.roles import Deed, may
from eligibility.tables import link
from payments.models import PaymentRun
from payments.reports.figures import COUNTED, METHODS, counted, long_day
from payments.reports.preflight import ChangedAccount, MethodSums, Move, Obstacle, Owed
from payments.reports.year import Calendar, PayDay, Year
from payments.rules.calendar import LONDON, official_until

STATE_TAGS = {
    "open": ("Not closed yet", "govuk-tag--grey"),
    "preview": ("Ready to prepare", "govuk-tag--yellow"),
    "missed": ("Not prepared", "govuk-tag--grey"),
    "prepared": ("Prepared", "govuk-tag--yellow"),
    "authorised": ("Authorised", "govuk-tag--blue"),
    "sent": ("Sent", "govuk-tag--turquoise"),
    "settled": ("Settled", "govuk-tag--green"),
    "cancelled": ("Cancelled", "govuk-tag--grey"),
}
TITLES = {"bank": "Bank payments", "voucher": "Vouchers", "charity": "Donations"}
LIST_NAMES = {"generic": "Bank payments", "voucher-orders": "Voucher orders", "donations": "Donations"}
ONE = {"bank": "Bank", "voucher": "Voucher", "charity": "Donation"}
PAYMENT_STATES = {"pending": "", "settled": "Paid", "failed": "Came back", "cancelled": "Cancelled"}


@dataclass(frozen=True)
class Table:
    caption: str
    head: list[str]
    rows: list[list]
    numeric: str = ""
    empty: str = "There is nothing here."


def pounds(amount: Decimal | None) -> str:
    return "" if amount is None else f"£{amount:,.2f}"


def moment(at: datetime) -> str:
    here = localtime(at, LONDON)
    return f"{here:%H:%M} on {long_day(here.date())}"


def short_moment(at: datetime) -> str:
    here = localtime(at, LONDON)
    return f"{here:%H:%M}, {short_day(here.date())}"


def short_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def how_long(span: timedelta) -> str:
    """A stretch of time as people say it: days, else hours, else minutes."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes >= 48 * 60:
        return counted(minutes // (24 * 60), "day", "days")
    if minutes >= 60:
        return counted(minutes // 60, "hour", "hours")
    return counted(minutes, "minute", "minutes")


def state_tag(state: str):
    words, look = STATE_TAGS[state]
    return component("tag", text=words, classes=f"{look} coprod-whole")


def lines_of_words(sentences: Iterable):
    return format_html_join(mark_safe("<br>"), "{}", ((sentence,) for sentence in sentences))


def and_then(names: list[str], last: str = "or") -> str:
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


# The calendar -------------------------------------------------------------------------------------------


def run_state(day: PayDay, at: datetime) -> str:
    if day.run:
        return day.run.state
    if at < day.plan.cut_off:
        return "open"
    return "preview" if day.pay_on >= at.astimezone(LONDON).date() else "missed"


def pay_days_table(days: list[PayDay], at: datetime, caption: str) -> Table:
    """Pay days of one year, which stands in the caption."""
    return Table(
        caption=caption,
        head=["Pay day", "Approve claims by", "To know", "State"],
        rows=[
            [
                link(reverse("run", args=[day.pay_on.isoformat()]), day_of_a_year(day.pay_on)),
                whole(close_of_a_year(day.run.cut_off_at if day.run else day.plan.cut_off)),
                lines_of_words(to_know(day)),
                format_html("{}{}", state_tag(run_state(day, at)), paid_in_words(day)),
            ]
            for day in days
        ],
    )


def day_of_a_year(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def close_of_a_year(at: datetime) -> str:
    here = localtime(at, LONDON)
    return f"{day_of_a_year(here.date())}, {here:%H:%M}"


def year_tables(year: Year, at: datetime) -> dict[str, Table | None]:
    """What is still to come of a year, and what has been: nobody looks for the next pay day among those gone by."""
    today = at.astimezone(LONDON).date()
    ahead = [day for day in year.days if day.pay_on >= today]
    gone = [day for day in year.days if day.pay_on < today]
    return {
        "ahead": pay_days_table(ahead, at, f"Pay days of {year.year}{', from today' if gone else ''}")
        if ahead
        else None,
        "gone": pay_days_table(gone, at, f"Pay days of {year.year} that have been") if gone else None,
    }


def to_know(day: PayDay) -> list[str]:
    """What is unusual about a pay day: moved, provisional, after a long gap."""
    plan, found = day.plan, []
    if plan.moved_because:
        found.append(f"Moved: {plan.moved_because}")
    if plan.exceptional:
        found.append("An extra run.")
    if day.gap_days:
        found.append(f"{day.gap_days} days after the run before.")
        found += [f"An extra run on {long_day(offer.pay_on)} would fill the gap." for offer in day.offers]
    if plan.provisional:
        found.append("Bank holidays are not published yet: this day may move.")
    return found


def paid_in_words(day: PayDay):
    if not day.run:
        return ""
    told = [
        f"{counted(sums.payments, *COUNTED[sums.method])}: {apart_in_words(sums)}"
        for sums in day.sums.values()
        if sums.payments
    ]
    return format_html_join(
        "", '<br><span class="govuk-!-font-size-16">{}</span>', ((line,) for line in told or ["Nothing to pay"])
    )


def apart_in_words(sums: MethodSums) -> str:
    return ", ".join(
        f"{part} {pounds(amount)}" for part, amount in (("time", sums.time), ("costs", sums.costs)) if amount
    )


def kept_chart(year: Year, target_days: int) -> Chart:
    return Chart(
        title=f"Paid within {target_days} days, by month of {year.year}",
        about=f"How many of a month’s days are followed by a pay day within {target_days} days.",
        bars=[
            Bar(
                label=f"{month.first:%B}",
                value=month.share,
                shown=f"{month.share}% ({month.kept} of {month.days} days)",
            )
            for month in year.months
        ],
        unit="%",
        label_heading="Month",
        target=Decimal(100),
        target_label="Every day",
        value_heading="Days paid in time",
    )


def provisional_from(calendar: Calendar) -> date | None:
    """Until when bank holidays are published, where that is before the calendar ends."""
    if any(day.plan.provisional for year in calendar.years for day in year.days):
        return official_until()
    return None


# One run ------------------------------------------------------------------------------------------------


def sums_table(runs: list[PaymentRun], sums: dict, *, caption: str, first: str) -> Table:
    """A run beside earlier ones: a column for each, a row for each figure. ``first`` heads the run itself."""
    heads = [first, *(short_day(run.pay_on) for run in runs[1:])]
    rows = []
    for method in METHODS:
        if any(sums[run.pk][method].payments for run in runs):
            found = [sums[run.pk][method] for run in runs]
            rows.append([TITLES[method], *(f"{each.payments:,}" for each in found)])
            rows.append([f"{TITLES[method]}: for time", *(pounds(each.time) for each in found)])
            if method == "bank":
                rows.append([f"{TITLES[method]}: for costs", *(pounds(each.costs) for each in found)])
    rows.append(["Claims covered", *(f"{run.claims_covered:,}" for run in runs)])
    rows.append(["Thank-you cards due", *(f"{run.cards_covered:,}" for run in runs)])
    rows.append(["Amounts blocked", *(f"{len(run.blocked):,}" for run in runs)])
    return Table(caption, ["What", *heads], rows, numeric=", ".join(heads))


def blocked_table(entries: list[Owed], obstacles: list[Obstacle], roles) -> Table:
    """Who is blocked; each with the reason, where there is more than one."""
    why = {one.code: one.why for one in obstacles} if len(obstacles) > 1 else {}
    head, rows = ["Person", "Claim", "For", "Amount"], [owed_cells(entry, roles) for entry in entries]
    if why:
        head, rows = [*head, "Why"], [[*row, why[entry.code]] for row, entry in zip(rows, entries, strict=True)]
    return Table("Who cannot be paid", head, rows, numeric="Amount", empty="Nobody.")


def lists_table(lists: list[dict], on: str, *, links: bool) -> Table:
    """The lists of a run, with what the bank or the supplier should read from each."""
    return Table(
        caption="Lists",
        head=["List", "Payments", "It adds up to", "Taken before"],
        rows=[
            [
                link(reverse("run-list", args=[on, one["layout"]]), one["title"]) if links else one["title"],
                one["payments"],
                pounds(one["total"]),
                f"Last by {one['taken'].by.name}, {short_moment(one['taken'].at)}" if one["taken"] else "No",
            ]
            for one in lists
        ],
        numeric="It adds up to",
        empty="This run pays nothing, so there is nothing to send.",
    )


def held_table(entries: list[Owed], roles) -> Table:
    return Table(
        caption="Held back",
        head=["Person", "Claim", "For", "Amount", "Held by"],
        rows=[
            [
                person_cell(entry, roles),
                claim_cell(entry, roles),
                part_words(entry),
                pounds(entry.amount),
                whose_hold(entry),
            ]
            for entry in entries
        ],
        numeric="Amount",
    )


def owed_cells(entry: Owed, roles) -> list:
    return [person_cell(entry, roles), claim_cell(entry, roles), part_words(entry), pounds(entry.amount)]


def whose_hold(entry: Owed) -> str:
    if entry.code == "person":
        return "The person"
    return f"Staff: {entry.held_by}" if entry.held_by else "Staff"


def lines_table(entries: list[Owed], roles) -> Table:
    return Table(
        caption="What this run pays",
        head=["Paid to", "Reference", "How", "Claim", "Activity", "For", "Amount"],
        rows=[
            [
                entry.payee,
                whole(entry.reference),
                lines_of_words(map(whole, filter(None, [ONE[entry.method], PAYMENT_STATES[entry.state]]))),
                claim_cell(entry, roles),
                entry.activity,
                part_words(entry),
                pounds(entry.amount),
            ]
            for entry in entries
        ],
        numeric="Amount",
        empty="This run pays nothing.",
    )


def part_words(entry: Owed) -> str:
    if entry.part == "costs":
        return "Costs"
    return f"Time, {hours_words(entry.hours)}" if entry.hours else "Time"


def hours_words(hours: Decimal) -> str:
    plain = f"{hours.normalize():f}"
    return f"{plain} {'hour' if plain == '1' else 'hours'}"


def person_cell(entry: Owed, roles):
    if not may(roles, Deed.READ_PEOPLE):
        return entry.payee
    return link(reverse("staff-person", args=[entry.person.pk]), entry.payee)


def claim_cell(entry: Owed, roles):
    if not may(roles, Deed.READ_CLAIMS):
        return whole(entry.claim)
    return link(reverse("staff-claim", args=[entry.claim]), whole(entry.claim))


def whole(reference: str):
    """A reference or a word that is never broken in two."""
    return format_html('<span class="coprod-whole">{}</span>', reference)


def accounts_table(changed: list[ChangedAccount]) -> Table:
    return Table(
        caption="Paid into another account than before",
        head=["Person", "Reference", "Account ends in", "Before", "Entered"],
        rows=[
            [
                one.payee,
                one.reference,
                one.ends_in,
                one.ended_in,
                f"by {one.entered_by}, {short_moment(one.entered_at)}",
            ]
            for one in changed
        ],
    )


def came_back_table(payments) -> Table:
    return Table(
        caption="Payments that came back",
        head=["Paid to", "Reference", "Bank's code", "When"],
        rows=[[one.payee_name, whole(one.reference), one.failed_code, short_moment(one.failed_at)] for one in payments],
        empty="No payment came back so far.",
    )


def taken_in_words(taken: Event) -> str:
    return f"This list was taken before, last by {taken.by.name} at {moment(taken.at)}. Make sure it is sent only once."


def taken_of_another(taken: Event) -> str:
    """The same list of a run of the same day that was cancelled: nobody sends that one by mistake."""
    return (
        f"An earlier run of this day was cancelled. {taken.by.name} had taken this list of it at {moment(taken.at)}. "
        "Never send that one. Send only the one you take here."
    )


def taken_of_others(taken) -> str:
    """What somebody who releases or sends a run has to know of the one before it: perhaps the bank has that already."""
    if not taken:
        return ""
    who = and_then(list(dict.fromkeys(event.by.name for event in taken)), "and")
    return (
        f"An earlier run of this day was cancelled after its lists were taken, by {who}. "
        "Make sure with them that none of those lists went to the bank or a supplier: people would be paid twice."
    )


def taken_table(taken: list[Event]) -> Table:
    return Table(
        caption="Lists that were taken",
        head=["List", "Taken by", "When", "Why"],
        rows=[
            [LIST_NAMES[event.facts["layout"]], event.by.name, short_moment(event.at), event.words.text]
            for event in taken
        ],
    )


def history_table(moves: list[Move]) -> Table:
    return Table(
        caption="History",
        head=["When", "What", "By", "In their words"],
        rows=[[short_moment(move.at), move.what, move.by, move.words] for move in moves],
        empty="Nothing has happened yet.",
    )
