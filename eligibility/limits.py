"""How often somebody may try: counted in the database's cache, so that all processes count together.

The counting is allauth's; the limits are ACCOUNT_RATE_LIMITS in the settings.
"""

import time
from datetime import datetime, timedelta
from functools import wraps

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.shortcuts import render
from django.utils import timezone

APP = "allauth.account"


class TooMany(Exception):
    """Tried too often. ``again_at`` is when it may be tried again."""

    def __init__(self, again_at: datetime):
        super().__init__()
        self.again_at = again_at


def count(request, action: str, key: str = "") -> None:
    """Count one try of ``action`` by this address and for this ``key``. Raises TooMany."""
    if not ratelimit.consume(request, app=APP, action=action, key=key):
        raise TooMany(timezone.now() + timedelta(seconds=_seconds_to_wait(request, action, key)))


def forget(request, action: str, key: str) -> None:
    """Begin to count anew for a ``key``: its owner has shown who they are."""
    for rate in ratelimit.get_rates(app=APP, action=action):
        if rate.per == "key":
            cache.delete(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key))


def _seconds_to_wait(request, action: str, key: str) -> float:
    waits = [1.0]
    for rate in ratelimit.get_rates(app=APP, action=action):
        tries = cache.get(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), [])
        if len(tries) >= rate.amount:
            waits.append(tries[-1] + rate.duration - time.time())
    return max(waits)


def patient(view):
    """A page that says kindly when to come back, where somebody tried too often."""

    @wraps(view)
    def patiently(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except TooMany as haste:
            # The next whole minute: the page shows no seconds.
            again_at = (haste.again_at + timedelta(seconds=59)).replace(second=0, microsecond=0)
            seconds = max(1, round((haste.again_at - timezone.now()).total_seconds()))
            page = render(request, "account/too-many.html", {"again_at": again_at}, status=429)
            page.headers["Retry-After"] = str(seconds)
            return page

    return patiently
