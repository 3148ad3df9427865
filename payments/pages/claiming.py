"""A claim as the person who makes it sees it: its questions, check, send, and what happens then."""

from functools import wraps
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activities.models import Participation
from eligibility.busy import at_the_counter
from eligibility.doors import door
from eligibility.reasons import Refused
from eligibility.roles import Deed
from payments import claiming, claims
from payments.models import BankDetails, Claim
from payments.pages import claiming_words as words
from payments.pages.claiming_forms import BankForm, ChoiceForm, CostForm, CostKindForm, HoursForm, YesNoForm
from payments.rules import claiming as rules
from payments.rules.asked import Travel
from payments.rules.claiming import Question
from payments.rules.claims import MOVES
from payments.tracking import claims_of, history_of, told_last, tracked, was_sent

MINE = Deed.LOOK_AFTER_MY_OWN
GET_OR_POST = ["GET", "HEAD", "POST"]
PAGE_OF = {
    Question.HOURS: "claim-hours",
    Question.CHOICE: "claim-choice",
    Question.COSTS: "claim-costs",
    Question.BANK: "claim-bank",
}


def of_my_claim(view):
    """The claim of the address, when it is one's own. Anybody else's is not there."""

    @wraps(view)
    def found(request, reference, **more):
        mine = claims_of(request.user).select_related(
            "participation__activity__named_contact",
            "participation__eligibility_check",
            "framework_version",
            "charity",
        )
        claim = get_object_or_404(mine, reference=reference.upper())
        if claim.status in rules.CAN_BE_ANSWERED:
            claiming.keep_what_is_open(claim)  # as answering and sending it would
        return view(request, claim, **more)

    return found


def answering(view):
    """A page that changes answers: once the claim is sent, it leads to what became of it."""

    @of_my_claim
    @wraps(view)
    def asked(request, claim, **more):
        if claim.status not in rules.CAN_BE_ANSWERED:
            messages.info(request, rules.why_not_changed(claim.status).text)
            return redirect("claim", claim.reference)
        try:
            return view(request, claim, **more)
        except Refused as refusal:  # something that another window changed meanwhile
            messages.error(request, str(refusal))
            return redirect("claim", claim.reference)

    return asked


def typed(request):
    """What was sent with the page, nothing included; None where it is only looked at."""
    return request.POST if request.method == "POST" else None


def show(request, name: str, claim: Claim, status: int = 200, **page):
    page |= {"claim": claim, "activity": claim.participation.activity}
    return render(request, f"payments/claiming/{name}.html", page, status=status)


def refused(form, refusal: Refused):
    """The reasons of a refusal, each at the question it is about."""
    for reason in refusal.reasons:
        field = getattr(form, "field_of", {}).get(reason.clause)
        form.add_error(field if field in form.fields else None, reason.text)


def onward(claim: Claim):
    """The first question that is still open, or the last look at all of them."""
    claim.refresh_from_db()
    claiming.keep_what_is_open(claim)
    open_questions = rules.unanswered(claiming.answers_of(claim))
    return redirect(PAGE_OF[open_questions[0]] if open_questions else "claim-check", claim.reference)


def way_back(claim: Claim, here: Question) -> str:
    """The question before this one; from a change of one answer, the last look; from the first, home."""
    answers = claiming.answers_of(claim)
    if not rules.unanswered(answers):
        return reverse("claim-check", args=[claim.reference])
    asked = rules.questions(answers)
    before = asked[: asked.index(here)] if here in asked else asked
    return reverse(PAGE_OF[before[-1]], args=[claim.reference]) if before else reverse("me")


# The questions --------------------------------------------------------------------------------------


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def hours(request, claim):
    activity = claim.participation.activity
    form = HoursForm(
        typed(request),
        initial={"hours": words.number(claim.hours), "more_hours_because": claim.more_hours_because},
    )
    form.fields["hours"].help_text = words.hours_hint(claim)
    form.fields["more_hours_because"].help_text = words.why_longer_hint(claim)
    chosen_before = Question.CHOICE in claim.answered
    was_not_asked_why = "more_hours_because" not in request.POST
    asked_why = False
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data
        try:
            with at_the_counter():
                claiming.answer_hours(
                    claim.pk,
                    answer["hours"],
                    more_hours_because=answer["more_hours_because"],
                    by=request.user,
                    at=timezone.now(),
                )
            forward = onward(claim)
            if chosen_before and Question.CHOICE not in claim.answered:
                messages.info(request, words.choose_again(claim))
            return forward
        except Refused as refusal:
            if was_not_asked_why and refusal.reasons == [rules.MORE_HOURS]:
                # They did nothing wrong: the question had not been there yet.
                asked_why = True
                form.fields["more_hours_because"].widget.attrs["autofocus"] = "autofocus"
            else:
                refused(form, refusal)
    back = way_back(claim, Question.HOURS)
    hours_now = getattr(form, "cleaned_data", {}).get("hours", claim.hours)
    # Words that were typed are shown whatever the hours, so that they can be mended.
    is_long = asked_why or hours_now > activity.session_hours or "more_hours_because" in form.errors
    return show(request, "hours", claim, 422 if form.errors else 200, form=form, back=back, is_long=is_long)


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def choice(request, claim):
    answers = words.answers_to_choose(claim, rules.answers_open(claiming.open_choices(claim)))
    initial = {
        "answer": rules.answer_given(claim.choice, claim.declined_as),
        # What fewer hours made all of it is not their own figure any more.
        "lower_amount": None if claim.lower_amount == claim.full_amount else claim.lower_amount,
        "charity": claim.charity.name if claim.charity else "",
    }
    form = ChoiceForm(typed(request), answers=answers, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data
        try:
            with at_the_counter():
                claiming.answer_choice(
                    claim.pk,
                    answer["answer"],
                    lower_amount=answer.get("lower_amount"),
                    charity=answer.get("charity") or "",
                    by=request.user,
                    at=timezone.now(),
                )
            return onward(claim)
        except Refused as refusal:
            refused(form, refusal)
    page = {"form": form, "back": way_back(claim, Question.CHOICE), "worth": words.what_time_comes_to(claim)}
    if rules.owes_time(dict(rules.ANSWER_STORED[answer] for answer, _ in answers)):
        page["advice"] = words.advice(claim)
    return show(request, "choice", claim, 422 if form.errors else 200, **page)


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def costs(request, claim):
    """Yes or no; and where there are some, the list of them."""
    lines = words.cost_lines(claim)
    if lines:
        return cost_list(request, claim, lines)
    answered = "no" if Question.COSTS in claim.answered else None
    form = YesNoForm(typed(request), initial={"any_costs": answered})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["any_costs"] == "yes":
            return redirect("claim-cost-new", claim.reference)
        try:
            with at_the_counter():
                claiming.answer_no_costs(claim.pk, by=request.user, at=timezone.now())
            return onward(claim)
        except Refused as refusal:
            refused(form, refusal)
    back = way_back(claim, Question.COSTS)
    return show(request, "costs", claim, 422 if form.errors else 200, form=form, back=back)


def cost_list(request, claim, lines):
    if request.method == "POST":
        with at_the_counter():
            claiming.answer_all_costs(claim.pk, by=request.user, at=timezone.now())
        return onward(claim)
    page = {"lines": lines, "total": words.costs_asked(claim), "back": way_back(claim, Question.COSTS)}
    return show(request, "cost-list", claim, **page, room=len(lines) < rules.MOST_COSTS)


@door(MINE)
@require_safe
@answering
def new_cost(request, claim):
    """An address for one more cost: whatever is sent there, and however often, is one cost."""
    return redirect("claim-cost-kind", claim.reference, uuid4())


def costs_named_for(claim: Claim) -> list[rules.CostAsked]:
    return rules.costs_named(claim.framework_version.policy, claim.participation.activity.on)


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def cost_kind(request, claim, key):
    known = claim.expenses.filter(key=key).first()
    form = CostKindForm(typed(request), costs=costs_named_for(claim), initial={"mode": known and known.mode})
    back = reverse("claim-costs", args=[claim.reference])
    if request.method == "POST" and form.is_valid():
        mode = form.cleaned_data["mode"]
        if mode == "other":
            return redirect("claim-cost-other", claim.reference)
        return redirect("claim-cost", claim.reference, key, mode)
    return show(request, "cost-kind", claim, 422 if form.errors else 200, form=form, back=back)


@door(MINE)
@require_safe
@answering
def other_cost(request, claim):
    """What the policy does not name: whom to ask."""
    back = reverse("claim-cost-new", args=[claim.reference])
    return show(request, "other-cost", claim, back=back, contact=claim.participation.activity.named_contact)


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def cost(request, claim, key, mode):
    asked = next((cost for cost in costs_named_for(claim) if cost.mode == mode), None)
    if asked is None:
        return redirect("claim-cost-kind", claim.reference, key)
    known = claim.expenses.filter(key=key).first()
    initial = words.cost_as_typed(known) if known and known.mode == mode else {}
    form = CostForm(typed(request), cost=asked, initial=initial)
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        if form.asks_again(known):
            page = {"form": form, "cost": asked, "figure": form.figure, "what": words.much(form.cleaned_data)}
            return show(request, "cost-sure", claim, back=request.path, **page)
        said = form.cleaned_data
        receipt = said.get("receipt")
        travel = Travel(
            mode,
            amount=said.get("amount"),
            miles=said.get("miles"),
            receipt=None if receipt is None else receipt == "yes",
            agreed_with=said.get("agreed_with", "") if said.get("agreed") == "yes" else "",
        )
        try:
            with at_the_counter():
                claiming.store_cost(
                    claim.pk, key, travel, receipt_lost=receipt == "lost", by=request.user, at=timezone.now()
                )
            return redirect("claim-costs", claim.reference)
        except Refused as refusal:
            refused(form, refusal)
    back = reverse("claim-cost-kind", args=[claim.reference, key])
    return show(request, "cost", claim, 422 if form.errors else 200, form=form, back=back, cost=asked)


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def remove_cost(request, claim, key):
    line = next((line for line in words.cost_lines(claim) if line["key"] == key), None)
    if request.method == "POST":
        with at_the_counter():
            claiming.remove_cost(claim.pk, key, by=request.user, at=timezone.now())
        messages.success(request, "The cost is taken out.")
        return redirect("claim-costs", claim.reference)
    if line is None:
        return redirect("claim-costs", claim.reference)
    return show(request, "remove-cost", claim, line=line, back=reverse("claim-costs", args=[claim.reference]))


@door(MINE)
@require_http_methods(GET_OR_POST)
@answering
def bank(request, claim):
    if BankDetails.objects.filter(person=request.user).exists():
        return onward(claim)
    later = "later" in request.POST
    form = BankForm(None if later else typed(request))
    if request.method == "POST" and (later or form.is_valid()):
        try:
            with at_the_counter():
                if later:
                    claiming.tell_bank_details_later(claim.pk, by=request.user, at=timezone.now())
                else:
                    claiming.give_bank_details(claim.pk, **form.cleaned_data, by=request.user, at=timezone.now())
            return onward(claim)
        except Refused as refusal:
            form.show(refusal.reasons) if form.is_bound else messages.error(request, str(refusal))
    page = {"form": form, "back": way_back(claim, Question.BANK), "costs": claim.expenses.exists()}
    page["voucher"] = claim.choice in rules.BY_BANK and "voucher" in claiming.open_choices(claim)
    return show(request, "bank", claim, 422 if form.errors else 200, **page)


# Check and send -------------------------------------------------------------------------------------


@door(MINE)
@require_http_methods(GET_OR_POST)
@of_my_claim
def check(request, claim):
    if claim.status not in rules.CAN_BE_ANSWERED:  # sent already, from here or from another window
        return redirect("claim-sent" if claim.status == Claim.Status.SUBMITTED else "claim", claim.reference)
    now = timezone.now()
    form = forms.Form(typed(request) or {})
    if request.method == "POST":
        try:
            with at_the_counter():
                claims.submit_claim(claim.pk, by=request.user, at=now)
            return redirect("claim-sent", claim.reference)
        except Refused as refusal:
            refused(form, refusal)
            claim.refresh_from_db()
            if claim.status not in rules.CAN_BE_ANSWERED:
                return redirect("claim-sent", claim.reference)
    answers = claiming.answers_of(claim)
    if request.method != "POST" and rules.unanswered(answers):
        return onward(claim)
    page = words.check_page(claim, answers, now)
    if claim.status == Claim.Status.RETURNED:
        page["told"] = told_last([claim], "claim returned").get(claim.pk, "")
    return show(request, "check", claim, 422 if form.errors else 200, form=form, **page)


@door(MINE)
@require_safe
@of_my_claim
def sent(request, claim):
    if claim.status != Claim.Status.SUBMITTED:
        return redirect("claim", claim.reference)
    return show(request, "sent", claim, **words.expected(claim, timezone.now()))


# What became of it ----------------------------------------------------------------------------------


@door(MINE)
@require_safe
@of_my_claim
def follow(request, claim):
    """A draft leads on to its questions; anything sent shows where it stands."""
    if claim.status == Claim.Status.DRAFT:
        return onward(claim)
    now = timezone.now()
    [followed] = tracked([claim], at=now)
    history = history_of(claim)
    page = words.tracker_page(followed, history, now) | {
        "told": told_last([claim], f"claim {claim.status}").get(claim.pk, ""),
        "contact": claim.participation.activity.named_contact,
        "can_withdraw": can_be_withdrawn(claim),
    }
    if claim.status == Claim.Status.WITHDRAWN:
        page["standing"] = claiming.standing_beside(claim)
    return show(request, "claim", claim, **page)


def can_be_withdrawn(claim: Claim) -> bool:
    return claim.status in MOVES["withdraw"][0] and not claims.reasons_against_reopening(claim)


@door(MINE)
@require_http_methods(GET_OR_POST)
@of_my_claim
def withdraw(request, claim):
    if claim.status == Claim.Status.WITHDRAWN:  # sent twice
        return redirect("me")
    if request.method == "POST":
        try:
            with at_the_counter():
                claims.withdraw_claim(claim.pk, by=request.user, at=timezone.now())
            messages.success(request, words.taken_back(claim))
            return redirect("me")
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("claim", claim.reference)
    if not can_be_withdrawn(claim):
        return redirect("claim", claim.reference)
    # A draft's own address leads on to its questions, so from there the way back is home.
    sent_before = was_sent(claim)
    back = reverse("claim", args=[claim.reference]) if sent_before else reverse("me")
    return show(request, "withdraw", claim, back=back, sent_before=sent_before)


@door(MINE)
@require_POST
def start(request, participation):
    """Somebody who took part in something has costs to claim, or wants a claim after all."""
    part = get_object_or_404(Participation, pk=participation, person=request.user)
    try:
        with at_the_counter():
            started = claiming.start_claim(part.pk, by=request.user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("me")
    return onward(started)


urls = [
    path("claims/start/<int:participation>/", start, name="claim-start"),
    path("claims/<slug:reference>/", follow, name="claim"),
    path("claims/<slug:reference>/hours/", hours, name="claim-hours"),
    path("claims/<slug:reference>/choice/", choice, name="claim-choice"),
    path("claims/<slug:reference>/costs/", costs, name="claim-costs"),
    path("claims/<slug:reference>/costs/new/", new_cost, name="claim-cost-new"),
    path("claims/<slug:reference>/costs/other/", other_cost, name="claim-cost-other"),
    path("claims/<slug:reference>/costs/<uuid:key>/", cost_kind, name="claim-cost-kind"),
    path("claims/<slug:reference>/costs/<uuid:key>/remove/", remove_cost, name="claim-cost-remove"),
    path("claims/<slug:reference>/costs/<uuid:key>/by/<slug:mode>/", cost, name="claim-cost"),
    path("claims/<slug:reference>/bank/", bank, name="claim-bank"),
    path("claims/<slug:reference>/check/", check, name="claim-check"),
    path("claims/<slug:reference>/sent/", sent, name="claim-sent"),
    path("claims/<slug:reference>/withdraw/", withdraw, name="claim-withdraw"),
]
