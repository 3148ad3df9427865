"""The front page in a real browser: for everybody, at any width, with and without JavaScript."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from eligibility.models import Person
from tests.doors import client_for
from tests.markup import one, read

AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def messages(page):
    """What the browser complained about."""
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("requestfailed", lambda request: told.append(request.url))
    return told


@pytest.mark.parametrize("width", [1280, 320])
def test_it_says_what_this_is_and_breaks_no_accessibility_rule(page, live_server, messages, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url)
    assert page.title() == "Paying and thanking people for co-production – Coprod"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [violation["id"] for violation in found["violations"]] == []
    assert len(found["passes"]) > 10
    assert messages == []


def test_it_needs_no_javascript_and_nothing_from_elsewhere(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.url)
    assert "Paying and thanking people" in page.inner_text("h1")
    assert all(url.startswith(live_server.url) for url in asked)
    context.close()


def test_it_is_safe_by_its_headers_and_answers_only_reading(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert client.post("/").status_code == 405
    assert client.get("/anything-else/").status_code == 404


def test_it_names_the_next_pay_day_and_the_way_in(client):
    page = read(client.get("/").content.decode())
    assert re.search(r"The next pay day is \w+ \d+ \w+ \d{4}\.", one(page, ".coprod-next").text_content())
    assert one(page, "main a.govuk-button").get("href") == reverse("account_login")


def test_whoever_signed_in_is_shown_the_way_to_their_own_pages():
    page = read(client_for(Person.objects.create(name="Ann", email="ann@example.org")).get("/").content.decode())
    assert one(page, "main a.govuk-button").get("href") == reverse("home")
    assert "Sign out" in one(page, "header").text_content()


def test_it_is_for_people_and_not_for_whoever_installs_it(client):
    words = read(client.get("/").content.decode()).text_content()
    assert not re.search(r"\./run|In this release|command", words)
