"""What the database writes to its log: never what somebody typed, or the row that it refused."""

import contextlib
import tempfile
from pathlib import Path

import psycopg2

from launcher.datafolder import servers_for

SPOKEN = (
    "SELECT * FROM nowhere WHERE name = 'Zebedee Canary'",
    "CREATE TABLE people (name text UNIQUE); INSERT INTO people VALUES ('Zebedee Canary'), ('Zebedee Canary')",
)


def test_a_statement_that_fails_leaves_no_words_of_anybody_in_the_log():
    with tempfile.TemporaryDirectory(prefix="coprod-test-", dir="/tmp") as folder:
        home = Path(folder)
        home.chmod(0o711)  # PostgreSQL's own account, when root runs the suite, passes through
        (home / "log").mkdir()
        with servers_for(home, {"CELERY_BROKER_URL": "not needed here"}, throwaway=True) as environment:
            for statement in SPOKEN:
                ask(environment["DATABASE_URL"], statement)
            told = "".join(log.read_text() for log in (home / "log").iterdir())
    assert "nowhere" in told and "unique constraint" in told
    assert "Canary" not in told


def ask(address: str, statement: str):
    connection = psycopg2.connect(address)
    with contextlib.suppress(psycopg2.Error), connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
