"""Looking at a page: everything that must hold of every page in every state, at every size, in one call.

page = browse_as(ada)
page.goto("/me/")
look_at(page, "me: nothing to do")
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

HERE = Path(__file__).parent
AXE = (HERE.parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
EYES = (HERE / "eyes.js").read_text(encoding="utf-8")

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
# What is left of a screen of 1280 by 1024 pixels at 400%.
ZOOMED = {"width": 320, "height": 256}

# The design system says aria-expanded on a radio or checkbox that uncovers another question. It knows of the rule,
# and keeps it because screen readers tell people about it: https://github.com/alphagov/govuk-frontend/issues/979
EXCEPTION = {
    "rule": "aria-allowed-attr",
    "selector": ".govuk-radios__input[aria-controls], .govuk-checkboxes__input[aria-controls]",
}
MOST_TAB_STOPS = 250


@dataclass
class Watch:
    """What one browser context was seen doing, from its birth on."""

    node: pytest.Item
    javascript: bool
    pictures: Path | None
    complaints: list[str] = field(default_factory=list)

    def begin(self, context: BrowserContext):
        if self.javascript:
            context.add_init_script(
                "document.addEventListener('securitypolicyviolation', event => "
                "console.error('CSP', event.violatedDirective, event.blockedURI))"
            )
        context.on("console", self.console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("requestfailed", self.failed)
        context.on("response", self.answered)

    def console(self, message):
        # A page that is refused (422, 404) is also told on the console; what a page asks for is seen in `answered`.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def failed(self, request):
        # A download, or a page left while it was loading, is an aborted navigation and no fault.
        if not (request.failure == "net::ERR_ABORTED"):
            self.complaints.append(f"request failed: {request.url} ({request.failure})")

    def answered(self, response):
        if not response.request.is_navigation_request() and response.status >= 400:
            self.complaints.append(f"{response.status} for {response.url}")
        if response.status >= 500:
            self.complaints.append(f"{response.status} for the page {response.url}")

    def told(self) -> list[str]:
        told, self.complaints = self.complaints, []
        return told


WATCHING: dict[BrowserContext, Watch] = {}


def look_at(page: Page, name: str, *, error: bool = False):
    """Everything must hold of this page now. ``name`` says which page in which state; ``error``: one is shown."""
    found = faults(page, name)
    if error and not page.title().startswith("Error:"):
        found.append("an error should be shown, and is not")
    assert not found, f"{name} ({page.url}):\n  " + "\n  ".join(found)


def faults(page: Page, name: str) -> list[str]:
    """What is wrong with the page, at any size, as sentences. The page is left as it was, but for its focus."""
    watch = WATCHING[page.context]
    if name:
        watch.node.user_properties.append(("looked at", name))
    page.wait_for_load_state("load")
    before = page.viewport_size
    page.evaluate(EYES)
    found = page.evaluate("eyes.frame()")
    if watch.javascript:
        page.evaluate(AXE)
    for size in (DESKTOP, PHONE, ZOOMED):
        page.set_viewport_size(size)
        at_size = page.evaluate("eyes.tooWide()")
        if watch.javascript and size is not ZOOMED:
            at_size += page.evaluate("exception => eyes.axe(exception)", EXCEPTION)
        if name and watch.pictures and size is not ZOOMED:
            take_picture(page, watch, name, size)
        found += [f"at {size['width']}×{size['height']}: {fault}" for fault in at_size]
    page.set_viewport_size(before)
    found += where_the_focus_cannot_be_seen(page)
    found += error_links_that_miss(page)
    return found + watch.told()


def where_the_focus_cannot_be_seen(page: Page) -> list[str]:
    """Goes through the page with the Tab key alone."""
    page.evaluate("eyes.toTheTop()")
    found = []
    for _ in range(MOST_TAB_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate("eyes.stop()")
        if stop["last"]:
            return found
        found += stop["found"]
    return [*found, f"the Tab key does not come to an end in {MOST_TAB_STOPS} stops"]


def error_links_that_miss(page: Page) -> list[str]:
    found = []
    links = page.locator(".govuk-error-summary a")
    for place in range(links.count()):
        link = links.nth(place)
        link.click()
        found += page.evaluate("hash => eyes.landed(hash)", link.get_attribute("href"))
    return found


def take_picture(page: Page, watch: Watch, name: str, size: dict):
    without = "" if watch.javascript else "-without-javascript"
    file = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + f"-{size['width']}{without}.png"
    page.screenshot(path=watch.pictures / file, full_page=True, animations="disabled")
