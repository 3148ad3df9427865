"""A real PostgreSQL, Valkey and Celery worker for the suite. Loaded with -p, as Django's settings are read before
any conftest. Servers named by DATABASE_URL and CELERY_BROKER_URL are used instead."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from launcher.datafolder import new_secrets, servers_for
from launcher.processes import Refusal, start, stop

XDIST_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def _start_servers() -> None:
    """Once, in the process that the others inherit their environment from."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # ends the session as Ctrl-C does, fixtures and all
        signal.signal(number, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="coprod-test-", dir="/tmp"))
    home.chmod(0o711)  # PostgreSQL's own account, when root runs the suite, passes through
    (home / "log").mkdir()
    (home / "out").mkdir()
    until_exit = contextlib.ExitStack()
    atexit.register(until_exit.close)
    until_exit.callback(_remove, home)
    try:
        until_exit.enter_context(servers_for(home, os.environ, throwaway=True))
    except Refusal as refusal:
        sys.exit(str(refusal))
    os.environ["COPROD_VAR"] = str(home)
    for name, value in {
        **new_secrets(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "COPROD_INSECURE_LOCAL": "1",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's loop and the ORM share a thread
    }.items():
        os.environ.setdefault(name, value)


def _remove(home: Path) -> None:
    subprocess.run(["rm", "-rf", home], check=False)


def _keep_apart(worker: str) -> None:
    """Each xdist worker has its own queue (a numbered database of Valkey) and its own data folder."""
    number = int(worker.removeprefix("gw")) + 1
    broker = os.environ["CELERY_BROKER_URL"]
    if broker.startswith("redis+socket:"):
        os.environ["CELERY_BROKER_URL"] = broker.partition("?")[0] + f"?virtual_host={number}"
    else:
        os.environ["CELERY_BROKER_URL"] = with_path(broker, str(number))
    own = Path(os.environ["COPROD_VAR"]) / worker
    (own / "out").mkdir(parents=True, exist_ok=True)
    os.environ["COPROD_VAR"] = str(own)


def with_path(url: str, path: str) -> str:
    """The address with another path. (urlunsplit would lose the slashes of one that names no host.)"""
    before, mark, query = url.partition("?")
    scheme, _, rest = before.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{path}{mark}{query}"


if XDIST_WORKER:
    _keep_apart(XDIST_WORKER)
else:
    _start_servers()


@pytest.fixture(scope="session")
def celery_worker_process(django_db_setup):
    """A Celery worker in a process of its own, on the test database. Use with django_db(transaction=True)."""
    from django.db import connection

    from coprod.celery import app

    database = with_path(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    log = Path(os.environ["COPROD_VAR"]) / "celery-worker.log"
    with log.open("ab") as words:
        worker = start(
            [sys.executable, "-m", "celery", "-A", "coprod", "worker", "-c", "1", "-Q", "money,documents",
             "-l", "INFO", "--without-gossip", "--without-mingle"],
            env={**os.environ, "DATABASE_URL": database}, stdout=words, stderr=words,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not app.control.ping(timeout=0.5):
            if worker.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The Celery worker did not start:\n{log.read_text()[-2000:]}")
        yield worker
    finally:
        stop(worker, signal.SIGTERM, signal.SIGQUIT, patience=10)
