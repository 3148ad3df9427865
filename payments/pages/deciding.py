"""Claims as the staff see them: the in-tray, and one claim with its decision."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.busy import at_the_counter
from eligibility.doors import door
from eligibility.reasons import Refused
from eligibility.roles import Deed, may
from payments import in_tray
from payments.claims import (
    approve_claims,
    approve_part,
    reasons_against_reopening,
    refuse_claim,
    return_claim,
    state_amount,
    was_stated,
)
from payments.claims import undo_approval as undo
from payments.models import Claim
from payments.needs_doing import clock_at
from payments.pages import deciding_words as words
from payments.pages.deciding_forms import AmountForm, PartForm, RefuseForm, ReturnForm, SeenForm, UndoForm
from payments.rules.calendar import expected_pay_day
from payments.rules.claims import reasons_against, reasons_against_deciding
from payments.runs import office_calendar

FILTERS = {
    "to-decide": "To decide",
    "returned": "One more thing",
    "approved": "Approved",
    "refused": "Refused",
    "all": "All",
}
NOTHING_THERE = {
    "to-decide": "Nothing waits for a decision.",
    "returned": "No claim waits for the person to send one more thing.",
    "approved": "No claim is approved yet.",
    "refused": "No claim is refused.",
    "all": "No claim was sent yet.",
}


@door(Deed.READ_CLAIMS)
@require_safe
def in_tray_page(request):
    """The filter, what is looked for and the place all stay in the address."""
    now = timezone.now()
    looked_for = request.GET.get("q", "").replace("\0", "").strip()[:100]
    show = request.GET.get("show", "")
    if show not in FILTERS:
        show = "all" if looked_for else "to-decide"
    after = request.GET.get("after", "")[:60]
    seen = in_tray.claims_seen_by(request.user, request.roles)
    lead = in_tray.lead_only(request.user, request.roles)
    page = in_tray.page_of_tray(seen, show=show, words=looked_for, after=after, at=now, lead=lead)
    clock = clock_at(now, office_calendar(timezone.localdate(now)))
    facts = {
        "filters": [(name, label, address(name, looked_for), name == show) for name, label in FILTERS.items()],
        "title": FILTERS[show],
        "looked_for": looked_for,
        "head": words.TRAY_HEAD,
        "rows": [words.tray_row(entry, now, clock) for entry in page.entries],
        "nothing": "Nothing was found. Try fewer letters, or the reference." if looked_for else NOTHING_THERE[show],
        "following": page.after and address(show, looked_for, page.after),
        "beginning": after and address(show, looked_for),
        "all_claims": address("all", looked_for) if looked_for and show != "all" else "",
        "sees_only_own": lead is not None,
    }
    return render(request, "payments/deciding/in-tray.html", facts)


def address(show: str, looked_for: str, after: str = "") -> str:
    told = {"show": show, "q": looked_for, "after": after}
    return f"{reverse('staff-claims')}?{urlencode({name: value for name, value in told.items() if value})}"


# One claim -------------------------------------------------------------------------------------------


@door(Deed.READ_CLAIMS)
@require_safe
def claim_page(request, reference):
    return show_claim(request, found(request, reference))


def found(request, reference) -> Claim:
    claims = in_tray.claims_seen_by(request.user, request.roles)
    people = ("person", "entered_by", "decided_by", "charity")
    parts = ("participation__activity__named_contact", "participation__eligibility_check", "framework_version")
    return get_object_or_404(claims.select_related(*people, *parts), reference=reference.upper())


def show_claim(request, claim: Claim, form=None):
    """The claim with everything known of it; with ``form``, after something could not be done."""
    now = timezone.now()
    policy = claim.framework_version.policy
    lead = in_tray.lead_only(request.user, request.roles)
    [entry] = in_tray.entries_of([claim], at=now, lead=lead)
    tells_all = lead is None
    form = form or SeenForm(initial={"seen": in_tray.last_event(claim)})
    facts = {
        "claim": claim,
        "entry": entry,
        "status": words.status_tag(claim),
        "form": form,
        "offered": words.offered_rows(entry, policy.band(claim.band)),
        "costs": words.cost_rows(entry, policy),
        "checks": words.check_rows(entry.checks),
        "about": about_rows(request, claim, tells_all),
        "heads": words.HEADS,
        "next": what_happens_next(entry, now),
        **what_may_be_done(request, claim),
    }
    if tells_all:
        facts["history"] = words.history_rows(in_tray.history_of(claim), claim)
        runs_open = may(request.roles, Deed.READ_RUNS)
        facts["payables"] = words.payable_rows(in_tray.payables_of(claim, at=now), runs_open=runs_open)
    return render(request, "payments/deciding/claim.html", facts, status=422 if form.errors else 200)


def about_rows(request, claim: Claim, tells_all: bool) -> list[tuple]:
    activity = claim.participation.activity
    person = claim.person.name
    if may(request.roles, Deed.READ_PEOPLE):
        person = words.link(reverse("staff-person", args=[claim.person_id]), person)
    rows = [
        ("Person", person),
        ("Activity", activity.title),
        ("Day", words.long_day(activity.on)),
        ("Named contact", activity.named_contact.name if activity.named_contact else "Nobody is named"),
    ]
    if claim.submitted_at:
        rows.append(("Sent", words.moment(claim.submitted_at)))
    if claim.entered_by:
        rows.append(("Entered for them by", claim.entered_by.name))
    if claim.more_hours_because:
        rows.append(("Their words: why it took longer", claim.more_hours_because))
    if claim.staff_note and tells_all:
        rows.append(("Note by staff", claim.staff_note))
    return rows


def what_happens_next(entry, now) -> dict:
    """The pay day of an approval made now, and what that does to the promise."""
    claim = entry.claim
    if claim.status != Claim.Status.SUBMITTED:
        return {}
    run = expected_pay_day(now, office_calendar(timezone.localdate(now)))
    days = (run.pay_on - claim.participation.activity.on).days
    promised = entry.pay_by and words.counted((entry.pay_by - claim.participation.activity.on).days, "day", "days")
    late = bool(entry.pay_by and run.pay_on > entry.pay_by)
    return {"run": run, "days": days, "late": late, "promised": promised, "pays": pays(entry)}


def pays(entry) -> bool:
    return bool(entry.asked.time or entry.asked.costs)


def what_may_be_done(request, claim: Claim) -> dict:
    """Which deeds this person is offered here, and why not where they might expect them."""
    if not may(request.roles, Deed.DECIDE_CLAIMS):
        return {}
    four_eyes = reasons_against_deciding(person=claim.person_id, entered_by=claim.entered_by_id, by=request.user.pk)
    if claim.status == Claim.Status.SUBMITTED:
        restates = not four_eyes and claim.full_amount is not None and was_stated(claim)
        return {"decides": not four_eyes, "why_not": four_eyes, "restates": restates}
    if claim.status == Claim.Status.APPROVED:
        against = four_eyes + reasons_against_reopening(claim)
        return {"undoes": not against, "why_not": against}
    return {"now_what": NOW_WHAT.get(claim.status, "")}


# A decision that is not taken back here, and what can follow it.
NOW_WHAT = {
    "refused": "A refusal stays: it cannot be undone here. If it was a mistake, tell the person at once.",
    "returned": "The claim is with the person. They can change it and send it again, or take it back.",
}


# Deciding --------------------------------------------------------------------------------------------


@door(Deed.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request, reference):
    """Its button is on the claim's page, which is where its address leads."""
    claim = found(request, reference)
    if request.method != "POST":
        return redirect(words.claim_address(claim))
    form = SeenForm(request.POST)

    def deed(now):
        approve_claims([claim.pk], by=request.user, at=now)

    return done(request, claim, form, deed, approved_in_words) or show_claim(request, claim, form)


@door(Deed.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_some(request, reference):
    claim = found(request, reference)
    [entry] = in_tray.entries_of([claim], at=timezone.now())
    policy = claim.framework_version.policy
    titles = {expense.pk: words.cost_title(expense, policy) for expense in entry.expenses}

    def deed(now):
        approve_part(claim.pk, form.amounts(), by=request.user, at=now)

    form = PartForm(request.POST or None, initial=as_seen(claim), expenses=entry.expenses, titles=titles)
    lines = [
        (titles[expense.pk], words.evidence(expense), words.pounds(expense.amount_asked), amount, reason)
        for expense, amount, reason in form.lines()
    ]
    more = {"lines": lines, "time": words.for_time(entry)}
    return deed_page(request, claim, "approve", form, deed, approved_in_words, "approve-part", **more)


@door(Deed.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request, reference):
    claim = found(request, reference)
    form = ReturnForm(request.POST or None, initial=as_seen(claim))

    def deed(now):
        return_claim(claim.pk, form.cleaned_data["words"], by=request.user, at=now)

    def told(claim, now):
        return f"returned to {claim.person.name} for one more thing."

    return deed_page(request, claim, "return", form, deed, told, "return")


@door(Deed.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request, reference):
    claim = found(request, reference)
    form = RefuseForm(request.POST or None, initial=as_seen(claim))

    def deed(now):
        refuse_claim(claim.pk, form.reason(), by=request.user, at=now)

    def told(claim, now):
        return "refused. The person can read why, and what they can do next."

    return deed_page(request, claim, "refuse", form, deed, told, "refuse")


@door(Deed.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def undo_approval(request, reference):
    claim = found(request, reference)
    form = UndoForm(request.POST or None, initial=as_seen(claim))

    def deed(now):
        undo(claim.pk, form.cleaned_data["why"], by=request.user, at=now)

    def told(claim, now):
        return "waits for a decision again. Nothing of it is owed."

    return deed_page(request, claim, "undo", form, deed, told, "undo")


@door(Deed.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def amount_for_time(request, reference):
    """Where the policy states no amount, a person does (S34), and again as long as the claim is not decided."""
    claim = found(request, reference)
    before = claim.full_amount
    if before is not None and request.method != "POST" and not was_stated(claim):
        return redirect(words.claim_address(claim))
    form = AmountForm(request.POST or None, initial=as_seen(claim))

    def deed(now):
        state_amount(claim.pk, form.cleaned_data["amount"], form.cleaned_data["why"], by=request.user, at=now)

    def told(claim, now):
        return f"comes to {words.pounds(claim.full_amount)} for the time. You can decide it now."

    more = {"hours": words.hours_in_words(claim.hours), "before": words.pounds(before)}
    return deed_page(request, claim, "return", form, deed, told, "amount", **more)


def as_seen(claim: Claim) -> dict:
    return {"seen": in_tray.last_event(claim)}


def deed_page(request, claim: Claim, name: str, form, deed, told, template: str, **more):
    """The page of one deed: its form, or what became of it. Whoever may not do it sees the claim, which says why."""
    if request.method == "POST":
        if answer := done(request, claim, form, deed, told):
            return answer
    else:
        facts = {"status": claim.status, "person": claim.person_id, "entered_by": claim.entered_by_id}
        if reasons_against(name, by=request.user.pk, **facts):
            return redirect(words.claim_address(claim))
    facts = {"claim": claim, "form": form, "about": words.who_is_it_about(claim), **more}
    return render(request, f"payments/deciding/{template}.html", facts, status=422 if form.errors else 200)


def done(request, claim: Claim, form, deed, told):
    """Do the deed if the claim is still as it was seen. None when it was refused: then the form says why."""
    if not form.is_valid():
        return None
    now = timezone.now()
    try:
        with at_the_counter():
            in_tray.as_it_was_seen(claim, form.cleaned_data["seen"])
            deed(now)
    except in_tray.ChangedMeanwhile as changed:
        return changed_meanwhile(request, claim, changed)
    except Refused as refused:
        for reason in refused.reasons:
            form.add_error(None, reason.text)
        return None
    claim.refresh_from_db()
    messages.success(request, f"Claim {claim.reference} {told(claim, now)}")
    if claim.status == Claim.Status.SUBMITTED:
        return redirect(words.claim_address(claim))
    return redirect(next_place(request, claim))


def changed_meanwhile(request, claim: Claim, changed):
    claim.refresh_from_db()
    facts = {
        "claim": claim,
        "status": words.status_tag(claim),
        "about": words.who_is_it_about(claim),
        "since": words.since_then(changed.events, request.user),
    }
    return render(request, "payments/deciding/changed.html", facts, status=409)


def next_place(request, claim: Claim) -> str:
    following = in_tray.next_to_decide(claim, by=request.user)
    if following:
        return words.claim_address(following)
    messages.info(request, "No other claim waits for you.")
    return reverse("staff-claims")


def approved_in_words(claim: Claim, now) -> str:
    """What was approved, in two figures, and when it is paid."""
    owed = [
        f"{words.pounds(payable.amount)} {'for the time' if payable.part == 'recognition' else 'for costs'}"
        for payable in in_tray.payables_of(claim, at=now)
        if not payable.voided_at
    ]
    if not owed:
        return "approved. Nothing is to be paid for it."
    day = words.long_day(expected_pay_day(now, office_calendar(timezone.localdate(now))).pay_on)
    return f"approved: {' and '.join(owed)}. The next pay day is {day}."


urls = [
    path("staff/claims/", in_tray_page, name="staff-claims"),
    path("staff/claims/<slug:reference>/", claim_page, name="staff-claim"),
    path("staff/claims/<slug:reference>/approve/", approve, name="approve-claim"),
    path("staff/claims/<slug:reference>/approve-part/", approve_some, name="approve-claim-part"),
    path("staff/claims/<slug:reference>/amount/", amount_for_time, name="state-claim-amount"),
    path("staff/claims/<slug:reference>/return/", give_back, name="return-claim"),
    path("staff/claims/<slug:reference>/refuse/", refuse, name="refuse-claim"),
    path("staff/claims/<slug:reference>/undo/", undo_approval, name="undo-approval"),
]
