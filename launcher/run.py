"""./run: the whole product on this computer, or one command of it."""

import argparse
import contextlib
import fcntl
import http.client
import os
import shlex
import socket
import sys
import time

from launcher.post import PostRound
from launcher.processes import Interrupted, Refusal, listen_for_interruptions, say
from launcher.product import Product, product
from launcher.servers import last_words
from launcher.sharing import open_lock, take

HELP = """\
./run                    Start Coprod on this computer, with a demonstration organisation. Ctrl-C stops it.
./run --port N           The same, on another port than 8000.
./run manage COMMAND …   Run one command: ./run manage run_dates --from 2026-01-01 --to 2026-12-31
./run manage help        List the commands.

The first start makes .venv and a database; later ones take seconds. PostgreSQL and Valkey are started on private
sockets and stopped at the end, unless DATABASE_URL and CELERY_BROKER_URL name others. Everything is kept in the folder
var/, or in the one that COPROD_VAR names. Delete that folder to begin anew.
"""
HOST = "127.0.0.1"
PANGO_MISSING = (
    "Pango is missing, so cards and other PDFs wait until it is there; everything else works. Install it: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 (macOS: brew install pango), then start again."
)


def main(arguments: list[str]) -> int:
    listen_for_interruptions()
    try:
        if arguments[:1] == ["manage"]:
            return manage(arguments[1:])
        return serve(_port(arguments))
    except Refusal as refusal:
        say(str(refusal))
        return 1
    except Interrupted as interrupted:
        say("Stopped.")
        return 128 + interrupted.number


def manage(arguments: list[str]) -> int:
    """One management command, in the folder the person stands in, with their standard input and output."""
    with product() as ready:
        ready.settings.setdefault("SITE_URL", _address_of_last_start(ready))
        return ready.manage(*arguments, cwd=None, at_keyboard=sys.stdin.isatty())


def serve(port: int) -> int:
    """The web server and a worker, until interrupted."""
    _refuse_taken(port)
    with product() as ready, _serving_alone(ready, port):
        ready.settings.setdefault("SITE_URL", f"http://{HOST}:{port}")
        if not ready.has_pango():
            say(PANGO_MISSING)
        ready.insist("collectstatic", "--noinput", "-v", "0")
        say("Making the demonstration organisation, unless somebody is there already …")
        ready.insist("demo", "--if-empty")
        say("Starting the worker and the web server …")
        with _worker(ready) as worker, _web(ready, port) as web:
            _wait_until_it_answers(port, web)
            say(_where_to_look(ready, port))
            ready.manage("demo_sign_ins", stdout=sys.stderr)
            say(f"\nE-mail and texts that go into {ready.folder.mail} appear here too.\nCtrl-C stops everything.\n")
            post = PostRound(ready.folder.mail)
            while web.poll() is None and worker.poll() is None:
                for message in post.new():
                    say(message)
                time.sleep(0.5)
            gone = "worker" if web.poll() is None else "web"
            said = last_words(ready.folder.log / f"{gone}.log")
            raise Refusal(f"The {gone} process ended by itself. Its last words:\n{said}")


def _worker(ready: Product):
    schedule = ready.folder.path / "celerybeat-schedule"
    return ready.at_work(
        "worker", "celery", "-A", "coprod", "worker", "-B", "-c", "2", "-Q", "money,documents", "-s", str(schedule),
        "-l", "INFO", "--without-gossip", "--without-mingle",
    )  # fmt: skip


def _web(ready: Product, port: int):
    return ready.at_work(
        "web", "gunicorn", "coprod.wsgi", "-b", f"{HOST}:{port}", "--threads", "4", "--graceful-timeout", "5",
        "--no-control-socket",
    )  # fmt: skip


@contextlib.contextmanager
def _serving_alone(ready: Product, port: int):
    """Two workers with a clock each on one data folder would do everything twice."""
    with open_lock(ready.folder.path / "serving") as address:
        if not take(address, fcntl.LOCK_EX | fcntl.LOCK_NB):
            raise Refusal(f"Coprod is at work in {ready.folder.path} already, at {address.read()}")
        address.truncate(0)
        address.write(f"http://{HOST}:{port}/")
        address.flush()
        yield


def _address_of_last_start(ready: Product) -> str:
    """Where the product answers, or did when it last was started: for links that a command prints."""
    with contextlib.suppress(OSError):
        return (ready.folder.path / "serving").read_text().rstrip("/") or f"http://{HOST}:8000"
    return f"http://{HOST}:8000"


def _wait_until_it_answers(port: int, web) -> None:
    while web.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection(HOST, port, timeout=30)
            line.request("GET", "/")
            line.getresponse()
            return
        time.sleep(0.1)


def _refuse_taken(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            sentence = f"Port {port} cannot be used ({error.strerror}). Choose another: ./run --port {port + 1}"
            raise Refusal(sentence) from error


def _where_to_look(ready: Product, port: int) -> str:
    # Without the folder's name, another terminal would open another house, empty, where every promise holds.
    run = f"COPROD_VAR={shlex.quote(str(ready.folder.path))} ./run" if "COPROD_VAR" in os.environ else "./run"
    return f"""
Coprod is at http://{HOST}:{port}/

Cards and reports lie in {ready.folder.out}, logs in {ready.folder.log}.
In another terminal you may try:
    {run} manage run_dates --from 2026-01-01 --to 2026-12-31
    {run} manage audit_money
    {run} manage help
"""


def _port(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run", add_help=False)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("-h", "--help", action="store_true")
    parser.format_usage = lambda: HELP
    parsed = parser.parse_args(arguments)
    if parsed.help:
        print(HELP, end="")
        raise SystemExit(0)
    if not 1 <= parsed.port <= 65535:
        raise Refusal(f"There is no port {parsed.port}. Give one between 1 and 65535: ./run --port 8001")
    return parsed.port
