"""The books: one lock that makes preparing a run and changing what it may pay take turns.

Preparing closes the books (exclusive); approving, withdrawing, holding, releasing, voiding, undoing and
changing a choice need them open (shared), as their first statement, before any row is locked. Triggers on
claims and payables take the same lock, so that a deed that forgets it still waits its turn.
"""

from django.db import connection

BOOKS_LOCK = 7_300
IMPORTS_LOCK = 7_302


def need_open_books():
    """Wait until no run is being prepared, and keep one from starting until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [BOOKS_LOCK])


def close_books():
    """Wait until nobody is changing what a run may pay, and keep it so until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BOOKS_LOCK])


def imports_take_turns():
    """Wait for an import that is under way; then, in this order everywhere, for open books. Rows come after."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS_LOCK])
    need_open_books()


def between_imports():
    """Wait until no import is under way, as it looks who has a claim already; then for open books."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [IMPORTS_LOCK])
    need_open_books()
