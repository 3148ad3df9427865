"""Signing in, in a real browser: what goes wrong, the first time of staff, and a link instead of a code."""

import re

import pytest

from eligibility import second_factor
from eligibility.operations import make_staff
from eligibility.roles import Role
from tests.pages.hands import Mouse
from tests.pages.looking import look_at
from tests.pages.test_main_job import code_in, field
from tests.payments.office import DECIDED, person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def ask_for_a_code(page, email: str) -> Mouse:
    page.goto("/sign-in/")
    hands = Mouse(page)
    hands.type(field(page), email)
    hands.press("Send me a code")
    page.wait_for_url("**/sign-in/code/")
    return hands


def test_a_known_and_an_unknown_address_read_the_same(browse_as, clock, mailoutbox):
    ada = person()
    read = []
    for email in (ada.email, "nobody@example.org"):
        page = browse_as(None)
        ask_for_a_code(page, email)
        read.append(page.inner_text("main").replace(email, "…"))
    assert read[0] == read[1]
    assert [mail.to for mail in mailoutbox] == [[ada.email], ["nobody@example.org"]]
    assert not re.search(r"\b\d{6}\b", mailoutbox[1].body)


def test_a_wrong_code_is_told_apart_from_a_missing_one(browse_as, clock, mailoutbox):
    ada = person()
    page = browse_as(None)
    hands = ask_for_a_code(page, ada.email)
    right = code_in(mailoutbox[-1].body)
    hands.press("Sign in", kind="button")
    look_at(page, "sign in: no code entered", error=True)
    hands.type("Enter your code", "123456" if right != "123456" else "654321")
    hands.press("Sign in", kind="button")
    look_at(page, "sign in: wrong code", error=True)
    hands.type("Enter your code", right)
    hands.press("Sign in", kind="button")
    page.wait_for_url("**/me/")


def test_staff_set_their_second_step_up_when_they_come_for_the_first_time(browse_as, clock, mailoutbox):
    officer = make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=DECIDED, name="Peter Nkemelu")
    page = browse_as(None)
    page.goto("/staff/claims/")
    hands = Mouse(page)
    hands.type(field(page), officer.email)
    hands.press("Send me a code")
    hands.type("Enter your code", code_in(mailoutbox[-1].body))
    hands.press("Sign in", kind="button")
    page.wait_for_url("**/me/second-factor/")
    look_at(page, "second step: set up")
    hands.press("Continue")
    look_at(page, "second step: no code entered", error=True)
    secret = page.inner_text("main code").replace(" ", "")
    hands.type(field(page), second_factor.digits_now(secret, now()))
    hands.press("Continue")
    look_at(page, "second step: recovery codes")
    page.locator("main form button").first.click()
    page.wait_for_url("**/staff/claims/")
    assert second_factor.has_one(officer)


def now():
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_a_link_signs_in_once_and_then_says_that_it_is_used(browse_as, clock, capsys, live_server):
    from django.core.management import call_command

    ada = person()
    call_command("sign_in_link", ada.email)
    address = re.search(r"/sign-in/link/\S+", capsys.readouterr().out)[0]
    page = browse_as(None)
    page.goto(address)
    look_at(page, "sign in: by a link")
    page.locator("main form button").first.click()
    page.wait_for_url("**/me/")
    again = browse_as(None)
    assert again.goto(address).status == 410
    look_at(again, "sign in: a link that was used")
