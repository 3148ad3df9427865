"""Two people at work on the same rows: one waits for the other, a short while, and is then asked to try again."""

from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from eligibility.reasons import Reason, Refused

# PostgreSQL's codes for a lock that was waited for too long, and for two deeds that waited for each other.
NOT_NOW = ("55P03", "40P01")
BUSY = Reason("busy", "Somebody else is at work on the same claims. Nothing was stored; try again in a minute.")
# How long somebody looks at a page that does nothing before they press again.
PATIENCE = "5s"


@contextmanager
def refused_when_busy():
    """A lock that could not be had is a refusal with its reason, like any other."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) not in NOT_NOW:
            raise
        raise Refused(BUSY) from None


@contextmanager
def at_the_counter():
    """What a page does: whole or not at all, and without keeping anybody waiting for long."""
    with refused_when_busy(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        yield
