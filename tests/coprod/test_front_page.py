"""The front page in a real browser: for everybody, at any width, with and without JavaScript."""

from pathlib import Path

import pytest

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
    assert page.title() == "Coprod: paying and thanking people for co-production"
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
