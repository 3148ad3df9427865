"""Payment runs: the calendar, and one run from its preview to the bank and back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import wraps
from hashlib import sha256

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import limits, second_factor
from eligibility.busy import at_the_counter
from eligibility.commands import day as read_day
from eligibility.doors import door
from eligibility.pages.second_factor import key_of
from eligibility.pdf import PdfEngineMissing
from eligibility.reasons import Reason, Refused, refuse_if
from eligibility.roles import Deed, may
from payments import bank_files, runs
from payments.models import Document, PaymentRun
from payments.pages import runs_words as words
from payments.pages.runs_forms import AuthoriseForm, CameBackForm, CancelForm, ListForm, SeenForm
from payments.reports import FORMATS, preflight, report_of
from payments.reports.figures import COUNTED, counted
from payments.reports.year import Calendar, calendar_of_years
from payments.rules import runs as rules
from payments.rules.calendar import LONDON, RunDate, next_run_after, working_day_after

GET_OR_POST = ["GET", "HEAD", "POST"]
A_FEW = 20  # of a long list, on the page of its run
LISTS = {
    "generic": ("bank", "Bank file", "bank-file"),
    "voucher-orders": ("voucher", "Voucher orders", "voucher-orders"),
    "donations": ("charity", "Donations", "donations"),
}
REPORTS = {
    "pdf": ("application/pdf", "PDF, to print or keep"),
    "html": ("text/html; charset=utf-8", "Web page, one file"),
    "csv": ("text/csv; charset=utf-8", "CSV, for a spreadsheet"),
    "json": ("application/json", "JSON, for other software"),
}


# The calendar -------------------------------------------------------------------------------------------


@door(Deed.READ_RUNS)
@require_safe
def calendar(request):
    """This year and next: when people are paid, what is unusual about it, and how far the promise can be kept."""
    now = timezone.localtime()
    found = calendar_of_years([now.year, now.year + 1], now.date())
    years = [
        {
            "year": year,
            **words.year_tables(year, now),
            "chart": words.kept_chart(year, found.target.days) if found.target else None,
        }
        for year in found.years
    ]
    page = {
        "calendar": found,
        "years": years,
        "next": next_in_line(found, now),
        "provisional_from": words.provisional_from(found),
        "today": now.date(),
    }
    return render(request, "payments/runs/calendar.html", page)


def next_in_line(found: Calendar, now: datetime) -> dict:
    """The runs to look at first: those that still wait for somebody, and the next to close."""
    waiting = PaymentRun.objects.filter(cancelled_at__isnull=True, sent_at__isnull=True)
    ahead = (day.plan for year in found.years for day in year.days if not day.run and day.plan.cut_off >= now)
    plan = next(ahead, None)
    return {
        "waiting": list(waiting.order_by("pay_on")),
        "plan": plan,
        "closes_in": words.how_long(plan.cut_off - now) if plan else "",
    }


# One run ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PayDay:
    """The day of an address: the run that stands for it, or the plan of the calendar where none does."""

    pay_on: date
    run: PaymentRun | None = None
    plan: RunDate | None = None


def pay_day(on: str) -> PayDay:
    """Refused for what is no day, or no pay day."""
    day = read_day(on)
    run = runs.run_on(day)
    if run is None:
        try:
            plan = runs.planned_run(day)
        except (ValueError, OverflowError):  # a year whose bank holidays nobody knows
            raise Refused(Reason("date", f"{day:%-d %B %Y} is too far away for a calendar.")) from None
        # A holiday proclaimed since moves the plan, not the run that stands for the same Friday.
        run = runs.run_on(plan.nominal)
    return PayDay(run.pay_on, run) if run else PayDay(plan.pay_on, plan=plan)


def of_a_pay_day(view):
    """Give a page its pay day. Its Friday leads there too; any other day is a page that says which are near."""

    @wraps(view)
    def seen(request, on, **which):
        try:
            day = pay_day(on)
        except Refused as refused:
            return render(request, "payments/runs/no-such-day.html", {"reasons": refused.reasons}, status=404)
        address = day.pay_on.isoformat()
        if address != on and request.method in ("GET", "HEAD"):
            return redirect(request.resolver_match.view_name, on=address, **which)
        return view(request, day, **which)

    return seen


@door(Deed.READ_RUNS)
@require_safe
@of_a_pay_day
def one_run(request, day: PayDay):
    return run_page(request, day)


def run_page(request, day: PayDay, *, form: AuthoriseForm | None = None, reasons: list[Reason] = ()):
    """The page of a run in whatever state. ``form`` is one with something wrong, ``reasons`` are those of a refusal."""
    at = timezone.now()
    page = facts_for_everyone(day, at) | {"report_formats": REPORTS}
    run, state = page["run"], page["state"]
    page |= what_is_not_paid(request, run)
    if run.pk:
        page |= {"accounts": accounts_of(run), "report_pdf": report_by_the_worker(run)}
    if state == "prepared":
        page |= whose_turn(request, run)
    if state in ("prepared", "authorised"):
        page["taken_before"] = words.taken_of_others(runs.lists_taken(page["cancelled"]))
    if rules.reasons_not_to_make_files(state) == []:
        page["lists"] = words.lists_table(
            lists_of(run), run.pay_on.isoformat(), links=may(request.roles, Deed.SEND_RUNS)
        )
    if rules.reasons_against_returns(state) == []:
        page["came_back"] = words.came_back_table(preflight.came_back(run))
        page["settles_after"] = last_day_for_returns(run)
    if not page.get("can_authorise"):
        reasons = list(reasons) or (page.get("against_me", []) if form else [])
        form = forms.Form()
    page["form"] = told(form or AuthoriseForm(initial={"digest": run.digest, "seen": run.pk}), reasons)
    return render(request, "payments/runs/run.html", page, status=422 if page["form"].errors else 200)


def accounts_of(run: PaymentRun) -> dict:
    found, more = preflight.changed_accounts(run, size=A_FEW)
    return {"table": words.accounts_table(found), "more": more}


def facts_for_everyone(day: PayDay, at: datetime) -> dict:
    """The figures of the run that stands, or as they would be now, beside the runs before; and what happened so far."""
    if day.run:
        run, own = day.run, {}
    else:
        run, parts = runs.preview_by_part(day.pay_on)
        own = {None: preflight.sums_from_parts(run, {(one["method"], one["part"]): one["amount"] for one in parts})}
    beside = [run, *preflight.runs_before(run)]
    sums = preflight.sums_of_runs(beside) | own
    cancelled = cancelled_runs(day.pay_on)
    state = run.state if run.pk else state_of_plan(day.plan, at)
    return {
        "run": run,
        "day": day,
        "state": state,
        "tag": words.state_tag(state),
        "closes_in": words.how_long(run.cut_off_at - at),
        "comes_later": state == "open"
        and next_run_after(at, runs.office_calendar(timezone.localdate(at))).pay_on < run.pay_on,
        "sums": words.sums_table(
            beside,
            sums,
            caption="What it pays, beside the runs before" if run.pk else "What it would pay if the books closed now",
            first="This run" if run.pk else "Now",
        ),
        "gone_by": run.pay_on < at.astimezone(LONDON).date(),
        "pays_nothing": not any(one.payments for one in sums[run.pk].values()),
        "cancelled": cancelled,
        "history": words.history_table(preflight.history_of([*([run] if run.pk else []), *cancelled])),
    }


def cancelled_runs(pay_on: date) -> list[PaymentRun]:
    """The runs of a day that were taken back, the newest first."""
    gone = PaymentRun.objects.filter(pay_on=pay_on, cancelled_at__isnull=False)
    return list(gone.select_related("cancelled_by").order_by("-cancelled_at"))


def state_of_plan(plan: RunDate, at: datetime) -> str:
    """What can be done about a run that is not prepared: nothing yet, prepare it, or nothing any more."""
    if at < plan.cut_off:
        return "open"
    return "preview" if plan.pay_on >= at.astimezone(LONDON).date() else "missed"


def what_is_not_paid(request, run: PaymentRun) -> dict:
    """The first of what is blocked and held, and where the rest is."""
    obstacles = preflight.obstacles_of(run)
    blocked = preflight.blocked_page(run, size=A_FEW)
    held = preflight.held_page(run, size=A_FEW)
    return {
        "obstacles": obstacles,
        "blocked": words.blocked_table(blocked.entries, obstacles, request.roles),
        "held": words.held_table(held.entries, request.roles),
        "more_blocked": blocked.goes_on_after is not None,
        "more_held": held.goes_on_after is not None,
    }


def whose_turn(request, run: PaymentRun) -> dict:
    """Who may authorise the run; and for the one who looks, every reason why they may not."""
    against_me = runs.reasons_against_authorising(run, request.user)
    return {
        "may_authorise": words.and_then([person.name for person in runs.who_may_authorise(run)]),
        "against_me": against_me,
        "can_authorise": not against_me,
    }


def lists_of(run: PaymentRun) -> list[dict]:
    """The lists that somebody has to send, with what the bank or the supplier should read from each."""
    taken = bank_files.last_downloads(run)
    return [
        {
            "layout": layout,
            "title": title,
            "payments": counted(getattr(run, f"{method}_payments"), *COUNTED[method]),
            "total": getattr(run, f"{method}_total"),
            "taken": taken.get(layout),
        }
        for layout, (method, title, _) in LISTS.items()
        if getattr(run, f"{method}_payments")
    ]


def last_day_for_returns(run: PaymentRun) -> date:
    return working_day_after(run.pay_on, runs.DAYS_FOR_RETURNS, runs.office_calendar(run.pay_on))


# Long lists ---------------------------------------------------------------------------------------------


@door(Deed.READ_RUNS)
@require_safe
@of_a_pay_day
def lines(request, day: PayDay):
    """Every line that a prepared run pays, by name, a page at a time."""
    if day.run is None:
        return redirect("run", on=day.pay_on.isoformat())
    found = preflight.lines_page(day.run, after=after(request))
    table = words.lines_table(found.entries, request.roles)
    return long_list(request, day, table, found.goes_on_after, "What this run pays")


@door(Deed.READ_RUNS)
@require_safe
@of_a_pay_day
def blocked(request, day: PayDay):
    run = day.run or runs.preview_run(day.pay_on)
    found = preflight.blocked_page(run, after=after(request))
    table = words.blocked_table(found.entries, preflight.obstacles_of(run), request.roles)
    return long_list(request, day, table, found.goes_on_after, "Who cannot be paid")


@door(Deed.READ_RUNS)
@require_safe
@of_a_pay_day
def held(request, day: PayDay):
    found = preflight.held_page(day.run or runs.preview_run(day.pay_on), after=after(request))
    table = words.held_table(found.entries, request.roles)
    return long_list(request, day, table, found.goes_on_after, "Held back")


def after(request) -> int | None:
    """Where the page before ended. What is no number begins at the beginning."""
    typed = request.GET.get("after", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


def long_list(request, day: PayDay, table, goes_on_after: int | None, title: str):
    page = {
        "day": day,
        "title": title,
        "table": replace(table, caption="By name"),
        "goes_on_after": goes_on_after,
        "first": not after(request),
    }
    return render(request, "payments/runs/long-list.html", page)


# Deeds --------------------------------------------------------------------------------------------------


# Which box a reason is about.
BOXES = {"second-factor": "code", "bank-code": "code", "reference": "reference", "paid-twice": "not_sent"}


def told(form: forms.Form, reasons: list[Reason]) -> forms.Form:
    """The form with the reasons of a refusal, in the words of the command: beside the box they are about, or above."""
    if not form.is_bound:
        form.full_clean()
        form.cleaned_data = {}
    for reason in reasons:
        box = BOXES.get(reason.clause)
        form.add_error(box if box in form.fields else None, reason.text)
    return form


def now_of(day: PayDay) -> PayDay:
    """The same day, read again: somebody may have been quicker."""
    return pay_day(day.pay_on.isoformat())


def back_to(day: PayDay):
    return redirect("run", on=day.pay_on.isoformat())


@door(Deed.PREPARE_RUNS)
@require_http_methods(GET_OR_POST)
@of_a_pay_day
def prepare(request, day: PayDay):
    """Its button is on the run's own page, which is where its address leads."""
    if request.method != "POST":
        return back_to(day)
    at = timezone.now()
    try:
        if day.run is None:
            refuse_if(rules.reasons_not_to_prepare_any_more(day.pay_on, timezone.localdate(at)))
        with at_the_counter():
            run = runs.prepare_run(day.pay_on, by=request.user, at=at)
    except Refused as refused:
        return run_page(request, now_of(day), reasons=refused.reasons)
    if run.prepared_at == at:
        messages.success(request, "The run is prepared. Now somebody else looks at it and authorises it.")
    else:
        by = run.prepared_by.name if run.prepared_by else "the calendar"
        messages.info(request, f"This run was prepared before, by {by} at {words.moment(run.prepared_at)}.")
    return back_to(day)


@door(Deed.AUTHORISE_RUNS)
@require_http_methods(GET_OR_POST)
@limits.patient
@of_a_pay_day
def authorise(request, day: PayDay):
    """Release the money of the run somebody looked at, with their second factor. It is asked on the run's own page."""
    if request.method != "POST":
        return back_to(day)
    form = AuthoriseForm(request.POST)
    if not form.is_valid():
        return run_page(request, day, form=form)
    try:
        release(request, day, **form.cleaned_data)
    except Refused as refused:
        return run_page(request, now_of(day), reasons=refused.reasons)
    messages.success(request, "You authorised this run. Its lists can be taken and sent now.")
    return back_to(day)


def release(request, day: PayDay, *, code: str, digest: str, seen: int | None):
    """What stands against it comes before the code, so that no code is used up for nothing."""
    by = request.user
    refuse_if(runs.reasons_against_authorising(runs.existing_run(day.pay_on), by))
    limits.count(request, "login_failed", key_of(by))
    if wrong := second_factor.confirm(by, code):
        # A second press of the same button finds its code used up: it waits for what the first one does.
        with at_the_counter():
            refuse_if(runs.reasons_against_authorising(runs.locked_run(runs.existing_run(day.pay_on).pk), by))
        refuse_if(wrong)
    limits.forget(request, "login_failed", key_of(by))
    with at_the_counter():
        runs.authorise_run(day.pay_on, by=by, at=timezone.now(), digest=digest, seen=seen)


def ask(request, day: PayDay, form: forms.Form, template: str, *, rule, do, **more):
    """One question before a deed on a run; the answer of ``do`` is where to go then.

    Refused, it is the same page with what was typed and every reason; or the run's own page, where it is
    beyond the deed meanwhile by ``rule``.
    """
    if request.method == "POST" and form.is_valid():
        try:
            with at_the_counter():
                answer = do(form.cleaned_data)
        except Refused as refused:
            day = now_of(day)
            if against(day, rule):
                return run_page(request, day, reasons=refused.reasons)
            told(form, refused.reasons)
        else:
            return answer
    elif reasons := against(day, rule):
        if request.method == "POST":
            return run_page(request, day, reasons=reasons)
        for reason in reasons:
            messages.info(request, reason.text)
        return back_to(day)
    page = {"day": day, "run": day.run, "form": form, **more}
    return render(request, template, page, status=422 if form.errors else 200)


def against(day: PayDay, rule) -> list[Reason]:
    if day.run is None:
        return [Reason("run", f"The run of {day.pay_on:%-d %B %Y} is not prepared yet.")]
    return rule(day.run.state)


def asked(form_class, request, day: PayDay, **more) -> forms.Form:
    """The form of a deed on the run that is looked at. ``more`` are things the form itself has to know."""
    known = {"seen": day.run and day.run.pk}
    return form_class(request.POST if request.method == "POST" else None, initial=known, **more)


@door(Deed.PREPARE_RUNS)
@require_http_methods(GET_OR_POST)
@of_a_pay_day
def cancel(request, day: PayDay):
    """Where its lists were taken, whoever cancels it answers for it that none was sent: or people are paid twice."""
    taken = list(runs.lists_taken([day.run])) if day.run else []

    def do(typed):
        known = {"seen": typed["seen"], "unsent_up_to": form.unsent_up_to()}
        runs.cancel_run(day.pay_on, typed["reason"], by=request.user, at=timezone.now(), **known)
        messages.success(request, "The run is cancelled. What it would have paid waits for the next run.")
        return back_to(day)

    form = asked(CancelForm, request, day, last_taken=taken[-1].pk if taken else None)
    table = words.taken_table(taken) if taken else None
    return ask(request, day, form, "payments/runs/cancel.html", rule=rules.reasons_not_to_cancel, do=do, taken=table)


@door(Deed.SEND_RUNS)
@require_http_methods(GET_OR_POST)
@of_a_pay_day
def one_list(request, day: PayDay, layout: str):
    """A list that leaves the house. Whoever takes it says why, each time."""
    if layout not in LISTS:
        raise Http404
    method, title, file_name = LISTS[layout]

    def do(typed):
        content = bank_files.make_file(
            day.pay_on, layout, by=request.user, reason=typed["reason"], at=timezone.now(), seen=typed["seen"]
        )
        encoding = bank_files.LAYOUTS[layout].encoding
        return attachment(content, f"text/csv; charset={encoding}", f"{day.pay_on}-{file_name}.csv")

    taken = bank_files.last_downloads(day.run).get(layout) if day.run else None
    earlier = runs.lists_taken(cancelled_runs(day.pay_on)).filter(facts__layout=layout).last()
    form = asked(ListForm, request, day)
    return ask(
        request,
        day,
        form,
        "payments/runs/list.html",
        rule=rules.reasons_not_to_make_files,
        do=do,
        title=title,
        warnings=[
            *([words.taken_in_words(taken)] if taken else []),
            *([words.taken_of_another(earlier)] if earlier else []),
        ],
        is_bank=method == "bank",
    )


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@door(Deed.SEND_RUNS)
@require_http_methods(GET_OR_POST)
@of_a_pay_day
def send(request, day: PayDay):
    def do(typed):
        runs.mark_sent(day.pay_on, by=request.user, at=timezone.now(), seen=typed["seen"])
        messages.success(request, "The run is marked as sent.")
        return back_to(day)

    missing = [one["title"] for one in lists_of(day.run) if not one["taken"]] if day.run else []
    not_taken = [f"Nobody has taken the list “{title}” yet." for title in missing]
    form = asked(SeenForm, request, day)
    return ask(
        request, day, form, "payments/runs/send.html", rule=rules.reasons_not_to_send, do=do, not_taken=not_taken
    )


@door(Deed.SEND_RUNS)
@require_http_methods(GET_OR_POST)
@of_a_pay_day
def came_back(request, day: PayDay):
    """A payment that the bank sent back, by its reference and the bank's code."""

    def do(typed):
        payment = runs.fail_payment(
            typed["reference"], typed["code"], by=request.user, at=timezone.now(), seen=typed["seen"]
        )
        messages.success(
            request,
            f"Payment {payment.reference} to {payment.payee_name} came back. What it paid waits for the next run. "
            "Ask them for their bank details again before then.",
        )
        return back_to(day)

    form = asked(CameBackForm, request, day)
    return ask(request, day, form, "payments/runs/came-back.html", rule=rules.reasons_against_returns, do=do)


# Reports ------------------------------------------------------------------------------------------------


@door(Deed.READ_RUNS)
@require_safe
@of_a_pay_day
def report(request, day: PayDay, kind: str):
    """The run report. A PDF that the worker made and that is still right is handed out; all else is made now."""
    if kind not in REPORTS:
        raise Http404
    if day.run is None:
        messages.info(request, "There is a report once the run is prepared.")
        return back_to(day)
    content = kept_pdf(day.run) if kind == "pdf" else None
    if content is None:
        try:
            content = FORMATS[kind](report_of(day.run))
        except PdfEngineMissing as missing:
            messages.info(request, f"The PDF cannot be made here. {missing} The web page has the same figures.")
            return back_to(day)
    return attachment(content, REPORTS[kind][0], f"{day.pay_on}-run-report.{kind}")


def report_by_the_worker(run: PaymentRun) -> Document | None:
    """The report that the worker made last, if nothing happened to the run since: each deed makes another one due."""
    newest = Document.objects.filter(kind=Document.Kind.RUN_REPORT, run=run).order_by("-pk").first()
    return newest if newest and newest.made_at and newest.path else None


def kept_pdf(run: PaymentRun) -> bytes | None:
    """The worker's PDF as it was made, or nothing where the file is gone or is another."""
    made = report_by_the_worker(run)
    try:
        content = (settings.OUT_DIR / made.path).read_bytes() if made else b""
    except OSError:
        return None
    return content if made and sha256(content).hexdigest() == made.sha256 else None


urls = [
    path("staff/runs/", calendar, name="runs"),
    path("staff/runs/<on>/", one_run, name="run"),
    path("staff/runs/<on>/lines/", lines, name="run-lines"),
    path("staff/runs/<on>/blocked/", blocked, name="run-blocked"),
    path("staff/runs/<on>/held/", held, name="run-held"),
    path("staff/runs/<on>/prepare/", prepare, name="run-prepare"),
    path("staff/runs/<on>/authorise/", authorise, name="run-authorise"),
    path("staff/runs/<on>/cancel/", cancel, name="run-cancel"),
    path("staff/runs/<on>/lists/<layout>/", one_list, name="run-list"),
    path("staff/runs/<on>/send/", send, name="run-send"),
    path("staff/runs/<on>/came-back/", came_back, name="run-came-back"),
    path("staff/runs/<on>/report/<kind>/", report, name="run-report"),
]
