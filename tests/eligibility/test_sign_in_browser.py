"""Signing in as somebody does it: with a browser, by keyboard, without JavaScript, on a narrow screen."""

import re
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from eligibility import second_factor
from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.roles import Role
from eligibility.sign_in_links import make_sign_in_link

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
AXE = (Path(__file__).parent.parent / "vendor/axe.min.js").read_text()


@pytest.fixture(autouse=True)
def house(settings, tmp_path, live_server):
    settings.DATA_DIR, settings.SITE_URL = tmp_path, live_server.url
    settings.HELP_PHONE = "01632 960960"
    cache.clear()
    yield
    cache.clear()


def look(page):
    """What a page must be on a wide and on a narrow screen: without an axe finding, no wider than the screen."""
    page.evaluate(AXE)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
        )
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def last_code() -> str:
    return re.search(r"\d{3} \d{3}", mail.outbox[-1].body)[0]


def digits(secret: str) -> str:
    return second_factor.digits_now(secret, timezone.now())


def by_keyboard(page, words: str):
    """Type into the box that Tab leads to, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName === 'INPUT'"):
            return by_keyboard_here(page, words)
    raise AssertionError("Tab leads to no box")


def by_keyboard_here(page, words: str):
    page.keyboard.press("Control+A")
    page.keyboard.type(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_staff_sign_in_with_a_code_by_email_and_set_up_and_then_use_their_app(page, live_server):
    officer = make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())
    errors = []
    page.on("console", lambda said: errors.append(f"{said.text} {said.location}") if said.type == "error" else None)
    page.goto(live_server.url + "/staff/claims/")
    assert page.title() == "Sign in – Coprod"
    look(page)
    by_keyboard(page, "nonsense")
    look(page)
    page.get_by_role("link", name="Enter an email address").press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_contact"
    by_keyboard_here(page, "officer@example.org")
    page.wait_for_url("**/sign-in/code/")
    look(page)
    by_keyboard(page, "1")
    assert page.title() == "Error: Enter your code – Coprod"
    look(page)
    page.get_by_role("button", name="Send me a new code").click()
    page.wait_for_load_state()
    assert "We have sent a new code" in page.content()
    look(page)
    by_keyboard(page, last_code())
    page.wait_for_url("**/me/second-factor/")
    look(page)
    secret = page.locator(".coprod-key").inner_text().replace(" ", "").strip()
    assert page.evaluate("document.querySelector('.coprod-scan').naturalWidth") > 0
    by_keyboard(page, "0")
    look(page)
    by_keyboard(page, digits(secret))
    page.wait_for_url("**/me/second-factor/codes/")
    look(page)
    page.get_by_role("button", name="I have kept them").press("Enter")
    page.wait_for_url("**/staff/claims/")
    page.goto(live_server.url + "/me/second-factor/")
    look(page)
    page.goto(live_server.url + "/sign-out/")
    look(page)
    page.get_by_role("button", name="Sign out").last.press("Enter")
    page.goto(live_server.url + "/sign-in/")
    by_keyboard(page, "officer@example.org")
    page.wait_for_url("**/sign-in/code/")
    by_keyboard(page, last_code())
    page.wait_for_url("**/sign-in/second-factor/")
    look(page)
    # A refused form is an error to the console of Chromium; nothing else is.
    assert [error for error in errors if "422" not in error and "favicon" not in error] == []
    by_keyboard(page, second_factor.unused_recovery_codes(officer)[0])
    page.wait_for_url("**/staff/")


def test_a_co_producer_signs_in_without_javascript(browser, live_server):
    Person.objects.create(name="Ada Known", email="ada@example.org")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + "/sign-in/")
    page.get_by_label("What is your email address or mobile number?").fill("ada@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Enter your code").fill(last_code())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me/")
    page.context.close()


def test_the_pages_of_a_link_and_of_haste_pass(page, live_server):
    ada = Person.objects.create(name="Ada Known", email="ada@example.org")
    link = make_sign_in_link(ada, at=timezone.now())
    page.goto(link)
    look(page)
    page.get_by_role("button", name="Sign in").press("Enter")
    page.wait_for_url("**/me/")
    page.goto(link)
    assert "does not work any more" in page.title()
    look(page)
    page.context.clear_cookies()
    for _ in range(6):
        page.goto(live_server.url + "/sign-in/")
        by_keyboard(page, "eve@example.org")
        page.wait_for_load_state()
    assert page.title() == "Please wait a little – Coprod"
    look(page)
