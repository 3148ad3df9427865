"""PostgreSQL and Valkey, each on a Unix socket in a private folder: no port, so nobody else can come near."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from launcher.binaries import postgres_programs, valkey_program
from launcher.place import Account, Place
from launcher.processes import Refusal, start, stop

SECONDS_TO_START = 60
# A statement that fails, and the row it was about, hold names and what people wrote: the log has neither.
DISCREET = ("-clog_min_error_statement=panic", "-clog_error_verbosity=terse")
# What a database that nobody keeps can do without. Autovacuum would learn from the rows of tests, which are rolled
# back, that every table is empty, and the next queries would be planned for that.
THROWAWAY = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}  # no PG… variable of the person's own counts


class Postgres:
    """The database `coprod` of the user `coprod`, its files kept with the data folder."""

    kind = "postgres"
    title = "PostgreSQL"
    variable = "DATABASE_URL"
    # Fast: ends the sessions. At SIGTERM it would wait for them.
    stop_signal = signal.SIGINT

    def __init__(self, home: Path, *, throwaway: bool, say: Callable[[str], None]):
        self.throwaway = throwaway
        self.account = Account.for_postgres(home / "postgres/cluster/data")
        self.programs = postgres_programs(self.account)
        self.place = Place(home, self.account, say)
        self.data = self.place.find_or_make(self._make)
        self._refuse_other_version()

    @staticmethod
    def url(sockets: str) -> str:
        return f"postgres://coprod@/coprod?host={sockets}"

    def start(self, sockets: Path, log) -> subprocess.Popen:
        self.account.give(sockets)
        quick = [f"-c{name}=off" for name in THROWAWAY if self.throwaway]
        return start(
            [self.programs / "postgres", "-D", self.data, "-k", sockets, "-clisten_addresses=", *DISCREET, *quick],
            ends_with=self.stop_signal, env=PLAIN, **self.account.options,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip

    def answers(self, sockets: Path) -> bool:
        asked = [self.programs / "pg_isready", "-q", "-h", sockets, "-U", "coprod", "-d", "coprod"]
        return subprocess.run(asked, env=PLAIN, cwd="/").returncode == 0

    def _make(self, data: Path) -> None:
        quick = ["--no-sync"] if self.throwaway else []
        self._run(["initdb", "-D", data, "-U", "coprod", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *quick])
        # In single-user mode the database is there before anybody can ask for it.
        self._run(["postgres", "--single", "-D", data, "-F", "postgres"], "CREATE DATABASE coprod;\n")

    def _run(self, command: list, words: str = "") -> None:
        child = start(
            [self.programs / command[0], *command[1:]], env=PLAIN, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.account.options,
        )  # fmt: skip
        try:
            said, _ = child.communicate(words)
        finally:
            stop(child)  # with what initdb itself has started, should we be told to end meanwhile
        if child.returncode != 0:
            raise Refusal(f"{command[0]} failed: {said.strip()[-500:]}")

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        said = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, cwd="/").stdout
        here = said.split()[2].split(".")[0]
        if made_by != here:
            raise Refusal(
                f"The database in {self.data} was made by PostgreSQL {made_by}, and the one found here is {here}. "
                f"Install PostgreSQL {made_by}, or begin anew with another data folder (COPROD_VAR=DIR)."
            )


class Valkey:
    """The queue. It keeps nothing: what is to be done stands in the database."""

    kind = "valkey"
    title = "Valkey"
    variable = "CELERY_BROKER_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path, *, throwaway: bool, say: Callable[[str], None]):
        self.program = valkey_program()

    @staticmethod
    def url(sockets: str) -> str:
        return f"redis+socket://{sockets}/valkey.sock"

    def start(self, sockets: Path, log) -> subprocess.Popen:
        return start(
            [self.program, "--port", "0", "--unixsocket", sockets / "valkey.sock", "--unixsocketperm", "700",
             "--save", "", "--appendonly", "no", "--dir", sockets],
            ends_with=self.stop_signal, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=PLAIN,
        )  # fmt: skip

    def answers(self, sockets: Path) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(sockets / "valkey.sock"))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


SERVERS = {server.kind: server for server in (Postgres, Valkey)}


def start_and_wait(server, sockets: Path, log) -> subprocess.Popen:
    """Start a server and wait until it answers. One whose forerunner was killed may need a second go."""
    deadline = time.monotonic() + SECONDS_TO_START
    goes = 0
    while time.monotonic() < deadline:
        process = server.start(sockets, log)
        goes += 1
        while process.poll() is None and time.monotonic() < deadline:
            if server.answers(sockets):
                return process
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
            process.wait()
        elif goes == 5:
            break
        time.sleep(1)
    raise Refusal(f"{server.title} did not start; its last words:\n{last_words(Path(log.name))}")


def last_words(log: Path, lines: int = 10) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def end_forerunner(pid: int, sockets: str, stop_signal: signal.Signals) -> None:
    """End a server whose keeper was killed, known by its id and by the sockets folder it was given."""
    deadline = time.monotonic() + 30
    while sockets in _command_of(pid):
        late = time.monotonic() > deadline
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if late else stop_signal)
        time.sleep(0.2)


def _command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    if shutil.which("ps") and not Path("/proc/self").exists():
        return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
    return ""
