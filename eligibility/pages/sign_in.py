"""Signing in with a code, the second factor of staff, signing out. The work is allauth's; the addresses are ours."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path

from eligibility.doors import door
from eligibility.roles import Deed

public = door(Deed.READ_PUBLIC_PAGES)
own = door(Deed.LOOK_AFTER_MY_OWN)

urls = [
    path("sign-in/", public(account.request_login_code), name="account_login"),
    path("sign-in/code/", public(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-in/second-factor/", public(second_factor.authenticate), name="mfa_authenticate"),
    path("sign-out/", own(account.logout), name="account_logout"),
    path("me/second-factor/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("me/second-factor/codes/", own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
]
