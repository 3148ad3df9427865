"""The second factor of staff: setting it up, proving it, recovery codes, a new telephone."""

import base64
import time
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import limits, second_factor
from eligibility.adapter import limit_session
from eligibility.doors import WAY_ON, door, has_second_factor
from eligibility.models import Person
from eligibility.pages.sign_in_forms import DigitsForm, typed
from eligibility.reasons import Refused
from eligibility.roles import Deed
from eligibility.sealing import seal, unseal

SECONDS_A_PROOF_LASTS = 5 * 60
SECRET, TO_KEEP = "second-factor-secret", "recovery-codes-to-keep"
GET_OR_POST = ["GET", "HEAD", "POST"]


def proved_lately(view):
    """A page for whoever has just shown their second factor. Others show it first, and come back."""

    @wraps(view)
    def proved(request):
        used = [each["at"] for each in get_authentication_records(request, request.user) if each["method"] == "mfa"]
        if not second_factor.has_one(request.user):
            return redirect("mfa_activate_totp")
        if not used or time.time() - max(used) > SECONDS_A_PROOF_LASTS:
            # What was being sent is not sent again: they come back to the page with the button.
            request.session[WAY_ON] = request.path if request.method == "GET" else reverse("mfa_activate_totp")
            return redirect("mfa_reauthenticate")
        return view(request)

    return proved


@limits.patient
def ask_while_signing_in(request):
    stage = request._login_stage
    if not second_factor.has_one(stage.login.user):  # it was taken away meanwhile
        return stage.exit()
    form = proof_form(typed(request))
    factor = proof(request, stage.login.user, form)
    if factor is None:
        return show_proof(request, form)
    post_authentication(request, factor)
    return stage.exit()


prove_to_sign_in = door(Deed.READ_PUBLIC_PAGES)(
    require_http_methods(GET_OR_POST)(
        login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")(ask_while_signing_in)
    )
)


@door(Deed.LOOK_AFTER_MY_OWN)
@require_http_methods(GET_OR_POST)
@limits.patient
def prove_again(request):
    """For somebody who is signed in: their session has no second factor yet, or they showed it a while ago."""
    if not second_factor.has_one(request.user):
        return redirect("mfa_activate_totp")
    form = proof_form(typed(request))
    factor = proof(request, request.user, form)
    if factor is None:
        return show_proof(request, form)
    post_authentication(request, factor, reauthenticated=True)
    begin_staff_session(request)
    return go_on(request)


@door(Deed.LOOK_AFTER_MY_OWN)
@require_http_methods(GET_OR_POST)
@limits.patient
def mine(request):
    """Set up a second factor, or see that there is one."""
    if not second_factor.has_one(request.user):
        return set_up(request)
    if not has_second_factor(request):
        return redirect("mfa_reauthenticate")
    left = len(second_factor.unused_recovery_codes(request.user))
    return render(request, "mfa/second-factor.html", {"left": left})


@door(Deed.LOOK_AFTER_MY_OWN)
@require_http_methods(GET_OR_POST)
@limits.patient
@proved_lately
def new_telephone(request):
    return set_up(request)


@door(Deed.LOOK_AFTER_MY_OWN)
@require_http_methods(GET_OR_POST)
@never_cache
def recovery_codes(request):
    """The codes, shown until their owner says that they have kept them."""
    if TO_KEEP not in request.session:
        return redirect("mfa_activate_totp")
    if request.method == "POST":
        del request.session[TO_KEEP]
        messages.success(request, "Your sign-in is set up.")
        return go_on(request)
    codes = [f"{code[:4]} {code[4:]}" for code in second_factor.unused_recovery_codes(request.user)]
    return render(request, "mfa/recovery-codes.html", {"codes": codes})


@door(Deed.LOOK_AFTER_MY_OWN)
@require_POST
@proved_lately
def new_recovery_codes(request):
    second_factor.new_recovery_codes(request.user, at=timezone.now())
    request.session[TO_KEEP] = True
    return redirect("mfa_view_recovery_codes")


def set_up(request):
    """A secret for the person's app, and the code that shows that the app has it."""
    secret = secret_offered(request)
    form = DigitsForm(typed(request), label="Enter the 6 digits that your app shows")
    if form.is_valid():
        limits.count(request, "login_failed", key_of(request.user))
        try:
            factor = second_factor.set_up_with_code(request.user, secret, form.cleaned_data["code"], at=timezone.now())
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error("code", reason.text)
        else:
            return was_set_up(request, factor)
    groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    page = {"form": form, "secret": groups, "picture": picture_of(request.user, secret)}
    return render(request, "mfa/set-up.html", page, status=422 if form.is_bound else 200)


def was_set_up(request, factor):
    limits.forget(request, "login_failed", key_of(request.user))
    # The code just entered counts as the second factor of this session.
    post_authentication(request, factor)
    begin_staff_session(request)
    del request.session[SECRET]
    request.session[TO_KEEP] = True
    return redirect("mfa_view_recovery_codes")


def secret_offered(request) -> str:
    """The same secret for as long as the session sets up: a picture already scanned stays good."""
    if SECRET not in request.session:
        request.session[SECRET] = seal({"secret": generate_totp_secret()}, place=SECRET)
    return unseal(request.session[SECRET], place=SECRET)["secret"]


def picture_of(person: Person, secret: str) -> str:
    drawn = get_adapter().build_totp_svg(get_adapter().build_totp_url(person, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


def proof_form(data) -> DigitsForm:
    hint = "Open your authenticator app. Or enter one of your recovery codes."
    return DigitsForm(data, label="Enter the 6 digits from your app", hint=hint)


def proof(request, person: Person, form):
    """The factor that was proved, or None and the form says why."""
    if not form.is_valid():
        return None
    limits.count(request, "login_failed", key_of(person))
    try:
        factor = second_factor.proof(person, form.cleaned_data["code"], at=timezone.now())
    except Refused as refused:
        for reason in refused.reasons:
            form.add_error("code", reason.text)
        return None
    limits.forget(request, "login_failed", key_of(person))
    if factor.type == second_factor.RECOVERY:
        left = len(second_factor.unused_recovery_codes(person))
        messages.warning(request, f"You used a recovery code. You have {left} left.")
    return factor


def show_proof(request, form):
    page = {"form": form, "signing_in": not request.user.is_authenticated}
    return render(request, "mfa/prove.html", page, status=422 if form.is_bound else 200)


def key_of(person: Person) -> str:
    return f"second-factor-of-{person.pk}"


def begin_staff_session(request):
    """A session that may do more than before has another key, and the hours of a working day."""
    request.session.cycle_key()
    limit_session(request, request.user)


def go_on(request):
    return redirect(request.session.pop(WAY_ON, None) or "home")


urls = [
    path("sign-in/second-factor/", prove_to_sign_in, name="mfa_authenticate"),
    path("me/second-factor/", mine, name="mfa_activate_totp"),
    path("me/second-factor/prove/", prove_again, name="mfa_reauthenticate"),
    path("me/second-factor/codes/", recovery_codes, name="mfa_view_recovery_codes"),
    path("me/second-factor/codes/new/", new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("me/second-factor/new-telephone/", new_telephone, name="second-factor-new-telephone"),
]
