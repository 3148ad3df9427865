"""Browsers for the tests of pages: real Chromium before a real server on a real database."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.pages.looking import DESKTOP, WATCHING, Watch


class Clock:
    """The time of the office, for the server too, since it runs in this process. Sign-in codes keep real time."""

    def __init__(self, at: datetime):
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """Stands at the evening after a cut-off. clock.at = … moves it."""
    from django.utils import timezone

    from tests.payments.office import AFTER_CUT_OFF

    clock = Clock(AFTER_CUT_OFF)
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture
def browse_as(request, browser, live_server):
    """browse_as(person) or browse_as(None): a page of a browser of their own, signed in. Use with transaction=True."""
    from django.core.cache import cache

    cache.clear()  # tests that commit keep the cache's table, and with it the tries of the test before
    opened = []
    pictures = request.config.getoption("--pictures")

    def browse(person=None, *, size=DESKTOP, javascript=True, second_factor=True):
        context = browser.new_context(
            base_url=live_server.url, viewport=size, java_script_enabled=javascript, reduced_motion="reduce"
        )
        opened.append(context)
        WATCHING[context] = watch = Watch(request.node, javascript, pictures and Path(pictures))
        watch.begin(context)
        context.set_default_timeout(15_000)
        if person is not None:
            sign_in(context, person, live_server.url, second_factor)
        return context.new_page()

    yield browse
    for context in opened:
        context.close()
    told = [complaint for context in opened for complaint in WATCHING.pop(context).told()]
    assert not told, "What the browser complained about after the last look:\n" + "\n".join(told)


def sign_in(context, person, url, second_factor):
    from django.conf import settings

    from tests.doors import session_of

    key = session_of(person, second_factor=second_factor)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}])


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One for all tests of a module that use no browser. It is never stored: whatever is done to it is undone."""
    from django.db import transaction

    from tests.pages.world import build
    from tests.payments.office import AFTER_CUT_OFF

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("django.utils.timezone.now", lambda: AFTER_CUT_OFF)
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world):
    """One for each role, a visitor's too."""
    from eligibility.roles import Role
    from tests.doors import client_for, visitor

    return {Role.VISITOR: visitor(), **{role: client_for(who) for role, who in world.people.items()}}
