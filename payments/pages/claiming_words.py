"""What the pages of a claim say: answers read back, what they come to, and when it is paid."""

from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from eligibility.govuk import component
from eligibility.models import Event
from eligibility.tables import link
from payments.models import BankDetails, Claim, Document, Expense, Payable
from payments.rules import claiming as rules
from payments.rules import progress
from payments.rules.calendar import LONDON, next_run_after
from payments.rules.claiming import Answers, Question
from payments.rules.claims import amount_for_time
from payments.rules.progress import Part, Stage, long_day, long_moment, pounds
from payments.runs import office_calendar
from payments.tracking import PaidLine, TaxYear, Tracked, was_sent


def number(value: Decimal) -> str:
    """A number as people write it: 2, 2.5 or 1.75."""
    return f"{value.normalize():f}"


def hours_in_words(hours: Decimal) -> str:
    return "1 hour" if hours == 1 else f"{number(hours)} hours"


# Time.


def hours_hint(claim: Claim) -> str:
    part = claim.participation
    if part.attended_hours:
        known = f"Our register says {hours_in_words(part.attended_hours)}. Change this if it is not right."
    else:
        known = f"It was planned for {hours_in_words(part.activity.session_hours)}."
    return f"{known} Half an hour is 0.5, a quarter is 0.25."


def why_longer_hint(claim: Claim) -> str:
    planned = hours_in_words(claim.participation.activity.session_hours)
    return f"The plan was {planned}, and longer is fine. Tell us why, so that we can agree it."


def choose_again(claim: Claim) -> str:
    return f"Your time now comes to {pounds(claim.full_amount)}, so please choose again."


def answers_to_choose(claim: Claim, answers: list[str]) -> list[tuple[str, str]]:
    full, recognition = claim.full_amount, claim.recognition
    return [(answer, rules.words_for_answer(answer, recognition=recognition, full_amount=full)) for answer in answers]


def what_time_comes_to(claim: Claim) -> str:
    """How the amount follows from the hours."""
    if claim.recognition in ("none", "card"):
        return ""
    if claim.full_amount is None:
        return "We still have to work out how much this is. We will tell you before we pay it."
    if claim.recognition == "voucher":
        return f"This is thanked with a voucher for {pounds(claim.full_amount)}, as agreed before."
    if claim.recognition == "hourly" and claim.rate:
        return f"{hours_in_words(claim.hours)} at {pounds(claim.rate)} an hour is {pounds(claim.full_amount)}."
    return f"Your time comes to {pounds(claim.full_amount)}."


def advice(claim: Claim):
    """Where the policy says one can get advice. We point the way, ask nothing and advise nothing (S50, S52)."""
    signs = claim.framework_version.policy.signposting
    lines = []
    for sign in signs:
        ways = [("Telephone", sign.phone), ("Textphone", sign.textphone), ("Email", sign.email)]
        told = format_html_join("", "<br>{}: {}", [(how, where) for how, where in ways if where])
        lines.append(format_html("<strong>{}</strong>{}", sign.name, told))
    return lines


def time_answer(claim: Claim):
    """What they chose, with what it comes to."""
    return rules.words_for_choice(
        rules.answer_given(claim.choice, claim.declined_as),
        recognition=claim.recognition,
        amount=amount_for_time(claim.choice, full_amount=claim.full_amount, lower_amount=claim.lower_amount),
        charity=claim.charity.name if claim.charity else "",
    )


# Costs.


def titles_of_costs(claim: Claim) -> dict[str, str]:
    return {cost.mode: cost.title for cost in claim.framework_version.policy.costs}


def in_order(claim: Claim) -> list[Expense]:
    return sorted(claim.expenses.all(), key=lambda expense: expense.pk)


def much(said: dict) -> str:
    """A large figure as it is read back."""
    return f"{number(said['miles'])} miles" if said.get("miles") else pounds(said["amount"])


def cost_lines(claim: Claim) -> list[dict]:
    """Each cost with the rows of its summary."""
    titles = titles_of_costs(claim)
    return [
        {
            "key": expense.key,
            "title": titles.get(expense.mode, expense.mode.capitalize()),
            "amount": pounds(expense.amount_asked),
            "rows": cost_rows(expense),
            "change": reverse("claim-cost", args=[claim.reference, expense.key, expense.mode]),
            "remove": reverse("claim-cost-remove", args=[claim.reference, expense.key]),
        }
        for expense in in_order(claim)
    ]


def cost_rows(expense: Expense) -> list[tuple]:
    rows = [("Amount", pounds(expense.amount_asked))]
    if expense.miles is not None:
        pence = f"{(expense.mileage_rate * 100).normalize():f}"
        rows.insert(0, ("Miles", f"{number(expense.miles)}, at {pence}p a mile"))
    if expense.receipt is not None:
        rows.append(("Receipt", "Yes" if expense.receipt else "Lost" if expense.receipt_lost else "No"))
    if expense.taxi_agreed_with:
        rows.append(("Agreed with", expense.taxi_agreed_with))
    if expense.amount_approved is not None:
        rows.append(("We agreed", pounds(expense.amount_approved)))
    if expense.approved_because:
        rows.append(("Why", expense.approved_because))
    return rows


def cost_in_a_line(expense: Expense, titles: dict[str, str]):
    title = titles.get(expense.mode, expense.mode.capitalize())
    asked = f"{title}: {cost_asked(expense)}"
    if expense.amount_approved is None or expense.amount_approved == expense.amount_asked:
        return asked
    why = f" {expense.approved_because}" if expense.approved_because else ""
    return f"{asked}. We agreed {pounds(expense.amount_approved)}.{why}"


def cost_asked(expense: Expense) -> str:
    detail = f" for {number(expense.miles)} miles" if expense.miles is not None else ""
    if expense.taxi_agreed_with:
        detail += f", agreed with {expense.taxi_agreed_with}"
    if expense.receipt is False:
        detail += ", receipt lost" if expense.receipt_lost else ", no receipt"
    return f"{pounds(expense.amount_asked)}{detail}"


def costs_asked(claim: Claim) -> str:
    return pounds(sum((expense.amount_asked for expense in claim.expenses.all()), Decimal("0.00")))


def costs_answer(claim: Claim):
    """Every cost on its line, and their sum: of the costs alone."""
    expenses = in_order(claim)
    if not expenses:
        return "None"
    titles = titles_of_costs(claim)
    lines = format_html_join("", "{}<br>", [(cost_in_a_line(expense, titles),) for expense in expenses])
    if len(expenses) == 1:
        return lines
    return format_html("{}<strong>Costs, all together: {}</strong>", lines, costs_asked(claim))


def cost_as_typed(expense: Expense) -> dict:
    """A stored cost as the boxes of its page."""
    receipt = {True: "yes", False: "lost" if expense.receipt_lost else "no"}.get(expense.receipt)
    return {
        "amount": expense.amount_asked if expense.miles is None else None,
        "miles": expense.miles is not None and number(expense.miles) or "",
        "receipt": receipt,
        "agreed": "yes" if expense.taxi_agreed_with else "no",
        "agreed_with": expense.taxi_agreed_with,
    }


# Where and when it is paid.


def is_paid_anything(claim: Claim) -> bool:
    time = amount_for_time(claim.choice, full_amount=claim.full_amount, lower_amount=claim.lower_amount)
    return time is None or time > 0 or bool(claim.expenses.all())


def expected(claim: Claim, now: datetime) -> dict:
    """The pay day if it is agreed in time, and why it is late when it is (S76)."""
    if not is_paid_anything(claim):
        return {"run": None}
    calendar = office_calendar(timezone.localdate(now))
    run = next_run_after(now, calendar)
    target = claim.framework_version.policy.target
    on = claim.participation.activity.on
    late = target and progress.later_than_promised(on, now=now, run=run, calendar=calendar, days=target.days)
    return {
        "run": run,
        "agree_by": long_moment(run.cut_off),
        "pay_on": long_day(run.pay_on),
        "late": late or "",
        "needs_bank": goes_by_bank(claim) and not BankDetails.objects.filter(person=claim.person_id).exists(),
    }


def goes_by_bank(claim: Claim) -> bool:
    return claim.choice in rules.BY_BANK or bool(claim.expenses.all())


def account_answer(claim: Claim, answers: Answers) -> str:
    if not answers.has_bank_details:
        return "You will tell us your bank details yourself"
    details = BankDetails.objects.newest_of([claim.person_id]).defer("sealed").get()
    return f"{details.name_on_account}, account ending in {details.last_four}"


def check_page(claim: Claim, answers: Answers, now: datetime) -> dict:
    """The answers, with where to change each: time and costs apart."""

    def change(question: Question) -> str:
        return reverse(f"claim-{question}", args=[claim.reference])

    asked = rules.questions(answers)
    time = []
    if Question.HOURS in asked:
        time.append(("Hours", hours_in_words(claim.hours), change(Question.HOURS)))
        if claim.more_hours_because:
            time.append(("Why longer", claim.more_hours_because, change(Question.HOURS)))
    if Question.CHOICE in asked:
        time.append(("For your time", time_answer(claim), change(Question.CHOICE)))
    else:
        time.append(("For your time", time_answer(claim)))
    page = {
        "time": time,
        "costs": cost_answers(claim, change(Question.COSTS)),
        "asks_nothing": claim.choice == "none" and not answers.costs,
        **expected(claim, now),
    }
    if answers.pays_to_a_bank:
        page["has_account"] = answers.has_bank_details
        account = ("Bank account", account_answer(claim, answers))
        page["account"] = [account if answers.has_bank_details else (*account, change(Question.BANK))]
    return page


def cost_answers(claim: Claim, all_of_them: str) -> list[tuple]:
    """Each cost with the way to its own page, and the way to add or take out one."""
    lines = [
        (line["title"], cost_asked(expense), line["change"])
        for line, expense in zip(cost_lines(claim), in_order(claim), strict=True)
    ]
    if not lines:
        return [("Did it cost you anything?", "No", all_of_them)]
    return [*lines, ("Costs, all together", costs_asked(claim), all_of_them)]


# What became of it.

TURN_TAGS = {
    progress.Turn.YOURS: "govuk-tag--yellow",
    progress.Turn.OURS: "govuk-tag--blue",
    progress.Turn.LATER: "govuk-tag--grey",
    progress.Turn.NOBODYS: "govuk-tag--green",
}
FINISHED = {"refused": ("Not agreed", "govuk-tag--grey"), "withdrawn": ("Taken back", "govuk-tag--grey")}


def tag_of(followed: Tracked) -> tuple[str, str]:
    """The words and the look of a claim's tag."""
    claim = followed.claim
    if claim.status == Claim.Status.WITHDRAWN and (claim.on_paper or not was_sent(claim)):
        return ("Came on paper" if claim.on_paper else "Not claimed"), "govuk-tag--grey"
    if claim.status in FINISHED:
        return FINISHED[claim.status]
    return str(followed.turn), TURN_TAGS[followed.turn]


PARTS = {Payable.Part.RECOGNITION: "For your time", Payable.Part.EXPENSES: "Your costs"}


def part_rows(followed: Tracked) -> list[list]:
    return [[PARTS[part.part], pounds(part.amount), progress.words_for_part(part)] for part in followed.parts]


def tracker_page(followed: Tracked, history: list[Event], now: datetime) -> dict:
    claim = followed.claim
    tag, look = tag_of(followed)
    waits = claim.status in (Claim.Status.SUBMITTED, Claim.Status.RETURNED)
    return {
        "followed": followed,
        "tag": {"text": tag, "classes": look},
        "asked": [*time_rows(claim), ("Your costs", costs_answer(claim))],
        "head": ["What for", "Amount", "Where it is"],
        "parts": part_rows(followed),
        "history": [(long_day(event.at.astimezone(LONDON).date()), event_in_words(event, claim)) for event in history],
        **(expected(claim, now) if waits else {}),
    }


def taken_back(claim: Claim) -> str:
    title = claim.participation.activity.title
    told = f"You have taken back your claim for {title}." if was_sent(claim) else f"You are not claiming for {title}."
    return f"{told} If you change your mind, you can still claim from this page."


def time_rows(claim: Claim) -> list[tuple]:
    rows = [("For your time", time_answer(claim))]
    if claim.recognition not in ("none", "card"):
        rows.insert(0, ("Hours", hours_in_words(claim.hours)))
    return rows


def event_in_words(event: Event, claim: Claim) -> str:
    words = progress.HISTORY[event.what]
    if event.what == "claim withdrawn" and claim.on_paper:
        words = "The same claim came to us on paper, so we put this one aside."
    elif event.what == "claim withdrawn" and not was_sent(claim):
        words = "You chose not to claim for this."
    told = event.words.text if event.what in progress.TOLD and hasattr(event, "words") else ""
    return f"{words} “{told}”" if told else words


# One's own pages.


def amount_and_when(amount: str, when: str):
    return format_html("<strong>{}</strong><br>{}", amount, when)


def when(part: Part) -> str:
    """A short answer to "when?" for a table."""
    on = long_day(part.pay_on) if part.pay_on else ""
    return {
        Stage.SENT: f"On its way: {on}",
        Stage.IN_A_RUN: on,
        Stage.WAITING: f"We expect: {on}",
        Stage.HELD_BY_YOU: "When you tell us",
        Stage.HELD_BY_US: "We are checking something first",
        Stage.CAME_BACK: "It came back: please ring us",
        Stage.NEEDS_BANK_DETAILS: "Once we have your bank details",
    }[part.stage]


def asked(claim: Claim) -> list[tuple[str, str]]:
    """What a claim that was sent asks for: time and costs apart, and nothing where nothing is asked."""
    found = []
    time = amount_for_time(claim.choice, full_amount=claim.full_amount, lower_amount=claim.lower_amount)
    if time is None or time > 0:
        found.append((PARTS[Payable.Part.RECOGNITION], "To be worked out" if time is None else pounds(time)))
    if claim.expenses.all():
        found.append((PARTS[Payable.Part.EXPENSES], costs_asked(claim)))
    return found


def tag(followed: Tracked):
    text, look = tag_of(followed)
    return component("tag", text=text, classes=look)


HOW_PAID = {"bank": "Bank", "voucher": "Voucher", "costs": "Bank"}


def paid_row(line: PaidLine) -> list:
    how = f"Given to {line.charity}" if line.kind == "charity" else HOW_PAID[line.kind]
    if line.chose_less:
        how += ", less as you chose"
    if not line.is_paid:
        how += " (on its way)"
    return [link(reverse("claim", args=[line.reference]), line.what), long_day(line.pay_on), how, pounds(line.amount)]


def sums_of(year: TaxYear) -> list[tuple[str, str]]:
    """The sums of a tax year: what counts as earnings, and apart from it costs and gifts (S50)."""
    rows = [("For your time", pounds(year.for_time))]
    if year.by_voucher:
        rows.append(("Of that, as vouchers", pounds(year.by_voucher)))
    if year.given:
        rows.append(("Given to charities for you", pounds(year.given)))
    rows.append(("Costs paid back", pounds(year.costs)))
    return rows


def card_cell(document: Document):
    if document.made_at:
        title = document.participation.activity.title
        return link(reverse("my-card", args=[document.pk]), "Download (PDF)", about=f"the card for {title}")
    return "We are looking at it by hand" if document.problem else "It is being made"
