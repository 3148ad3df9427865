"""How somebody works a page: with a mouse or a finger, or with nothing but the keyboard. Both know controls by name."""

import re
import time

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page

MOST_TABS = 250


class Mouse:
    """Points at things."""

    def __init__(self, page: Page):
        self.page = page

    def press(self, name: str, *, kind: str = "", stays: bool = False):
        """A button or a link, by the words it begins with; the first where there are several.

        It leads to another page, unless it ``stays``.
        """
        self.activate(control(self.page, name, kind), stays)

    def type(self, label: str, words: str):
        self.page.get_by_label(label, exact=True).fill(words)

    def choose(self, words: str):
        """A radio button or a checkbox, by its words or how they begin."""
        choice(self.page, words).check()

    def pick(self, label: str, option: str):
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def activate(self, found: Locator, stays: bool):
        self.page.evaluate("window.isTheOldPage = true")
        self.set_off(found)
        if not stays:
            self.wait_for_another_page()

    def set_off(self, found: Locator):
        found.click()

    def wait_for_another_page(self):
        """Asked from outside: what a page evaluates by itself is forbidden by our own policy."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if not self.page.evaluate("window.isTheOldPage"):
                    return self.page.wait_for_load_state()
            except PlaywrightError:  # asked in the very moment between two pages
                pass
            time.sleep(0.01)
        raise AssertionError(f"It does not lead to another page than {self.page.url}")


class Keyboard(Mouse):
    """Tab, Enter, Space, the arrows and letters: nothing else."""

    def type(self, label: str, words: str):
        self.go_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(words)

    def choose(self, words: str):
        wanted = choice(self.page, words)
        if wanted.get_attribute("type") == "checkbox":
            self.go_to(wanted)
        else:
            self.go_to_group(wanted)
            for _ in range(20):
                if has_focus(wanted):
                    break
                self.page.keyboard.press("ArrowDown")
        if not wanted.is_checked():
            self.page.keyboard.press("Space")
        assert wanted.is_checked(), f"“{words}” cannot be chosen with the keyboard"

    def pick(self, label: str, option: str):
        self.go_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(option)

    def set_off(self, found: Locator):
        self.go_to(found)
        self.page.keyboard.press("Enter")

    def go_to(self, wanted: Locator):
        self.tab_until(lambda: has_focus(wanted), wanted)

    def go_to_group(self, wanted: Locator):
        """One radio button of a group has the focus: the one that is chosen, or the first."""
        same_name = "(one) => document.activeElement.name === one.name && document.activeElement.type === 'radio'"
        self.tab_until(lambda: wanted.evaluate(same_name), wanted)

    def tab_until(self, there, wanted: Locator):
        wanted.wait_for(state="attached")
        for _ in range(MOST_TABS):
            if there():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The Tab key never comes to {wanted}")


def has_focus(found: Locator) -> bool:
    return found.evaluate("one => one === document.activeElement")


def control(page: Page, name: str, kind: str) -> Locator:
    beginning = re.compile(f"^{re.escape(name)}\\b")
    if kind:
        return page.get_by_role(kind, name=beginning).first
    button, link = (page.get_by_role(role, name=beginning) for role in ("button", "link"))
    return button.or_(link).first


def choice(page: Page, words: str) -> Locator:
    beginning = re.compile(f"^{re.escape(words)}")
    radio, box = (page.get_by_role(role, name=beginning) for role in ("radio", "checkbox"))
    return radio.or_(box).first
