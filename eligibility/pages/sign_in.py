"""Signing in with a code or a link, and signing out. The second factor of staff has its own module."""

import logging

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import limits
from eligibility.channels import EMAIL, NotSent
from eligibility.doors import door
from eligibility.pages import second_factor
from eligibility.pages.sign_in_forms import DigitsForm, WhoForm, typed
from eligibility.reasons import Refused
from eligibility.roles import Deed
from eligibility.sign_in_codes import MINUTES, SignInCode
from eligibility.sign_in_links import link_that_works, use_sign_in_link

log = logging.getLogger(__name__)

ASK_AGAIN = "Your code is too old now, or it was used. Enter your details and we will send a new one."
NO_TRIES_LEFT = (
    "That code was not right either, so we have cancelled it. Enter your details and we will send a new one."
)
WAS_NOT_SENT = "A sign-in code was not sent. %s"
NOT_SENT = "We could not send a code just now. Nothing is wrong at your end. Please try again in a few minutes."


@door(Deed.READ_PUBLIC_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limits.patient
def ask_who(request):
    """The email address or mobile number to send a code to."""
    go_on_to = local_address(request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return redirect(go_on_to or "home")
    form = WhoForm(typed(request))
    page = {"form": form, "next": go_on_to or ""}
    if not form.is_valid():
        return render(request, "account/sign-in.html", page, status=422 if form.is_bound else 200)
    limits.count(request, "request_login_code", form.address)
    try:
        SignInCode.begin(request, form.channel, form.address, go_on_to)
    except NotSent as error:
        log.error(WAS_NOT_SENT, error)
        form.add_error(None, NOT_SENT)
        return render(request, "account/sign-in.html", page, status=503)
    return redirect("account_confirm_login_code")


@door(Deed.READ_PUBLIC_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limits.patient
def enter_code(request):
    """The code that was sent."""
    if request.user.is_authenticated:
        return redirect("home")
    sent = SignInCode.under_way(request)
    if sent is None:
        return ask_again(request, ASK_AGAIN)
    form = code_form(sent, typed(request))
    if form.is_valid():
        limits.count(request, "try_login_code", sent.number)
        if sent.is_right(form.cleaned_data["code"]):
            return sent.finish(sent.state["go_on_to"])
        if not sent.record_invalid_attempt():
            return ask_again(request, NO_TRIES_LEFT)
        form.add_error("code", f"That code is not right. Check it and try again. {tries(sent.tries_left)}")
    return render(request, "account/code.html", {"form": form, "sent": sent}, status=422 if form.is_bound else 200)


@door(Deed.READ_PUBLIC_PAGES)
@require_POST
@limits.patient
def send_again(request):
    """A new code, for somebody whose first did not come."""
    sent = SignInCode.under_way(request)
    if sent is None:
        return ask_again(request, ASK_AGAIN)
    if sent.can_resend:
        limits.count(request, "request_login_code", sent.address)
        try:
            sent.resend()
        except NotSent as error:
            log.error(WAS_NOT_SENT, error)
            messages.warning(request, NOT_SENT)
        else:
            messages.info(request, "We have sent a new code. The one before no longer works.")
    return redirect("account_confirm_login_code")


@door(Deed.READ_PUBLIC_PAGES)
@require_safe
@never_cache
def open_link(request, secret):
    """A page with one button: programs that look at links in mail must not use them up."""
    try:
        link = link_that_works(secret, at=timezone.now())
    except Refused as refused:
        return gone(request, refused)
    return render(request, "account/link.html", {"secret": secret, "person": link.person})


@door(Deed.READ_PUBLIC_PAGES)
@require_POST
@limits.patient
def follow_link(request):
    """Sign in by a link. Whoever has a second factor is then asked for it."""
    limits.count(request, "use_sign_in_link")
    try:
        person = use_sign_in_link(request.POST.get("secret", ""), at=timezone.now())
    except Refused as refused:
        return gone(request, refused)
    logout(request, show_message=False)  # whoever was signed in here before
    record_authentication(request, person, method="link")
    return perform_login(request, Login(user=person))


@door(Deed.READ_PUBLIC_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_out(request):
    if request.method == "POST":
        logout(request, show_message=False)
        messages.success(request, "You have signed out.")
        return redirect("front-page")
    return render(request, "account/sign-out.html") if request.user.is_authenticated else redirect("front-page")


def local_address(address: str | None) -> str | None:
    return address if get_adapter().is_safe_url(address) else None


def ask_again(request, sentence: str):
    messages.warning(request, sentence)
    return redirect("account_login")


def code_form(sent: SignInCode, data) -> DigitsForm:
    what = "an email" if sent.channel == EMAIL else "a text"
    hint = f"We sent {what} to {sent.address_as_written}. The code in it has 6 digits and works for {MINUTES} minutes."
    return DigitsForm(data, label="Enter your code", hint=hint)


def tries(left: int) -> str:
    return f"You can try {left} more times." if left > 1 else "You can try once more."


def gone(request, refused: Refused):
    return render(request, "account/link-gone.html", {"reasons": refused.reasons}, status=410)


urls = [
    path("sign-in/", ask_who, name="account_login"),
    path("sign-in/code/", enter_code, name="account_confirm_login_code"),
    path("sign-in/code/again/", send_again, name="sign-in-send-again"),
    path("sign-in/link/", follow_link, name="sign-in-by-link"),
    path("sign-in/link/<str:secret>/", open_link, name="sign-in-link"),
    path("sign-out/", sign_out, name="account_logout"),
    *second_factor.urls,
]
