"""One server for every launcher at work in a data folder; the last out stops it.

Who uses it is a shared lock, which the kernel lets go of however a launcher ends. The server is held by a keeper
(keeper.py), a process apart, since the launcher that started it may well be the first to leave. Whoever joins, leaves
or stops takes `turn` first, so these never mix.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from launcher import ROOT
from launcher.processes import Refusal, say


def open_lock(path: Path):
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+")


def take(file, how: int) -> bool:
    """Take a lock; False where it would have had to wait (LOCK_NB)."""
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def locked(path: Path):
    with open_lock(path) as file:
        take(file, fcntl.LOCK_EX)
        yield


class Share:
    """Our share in a server of one kind: `join` gives the folder of its socket, `leave` gives it back."""

    def __init__(self, kind: str, home: Path, *, throwaway: bool = False):
        self.kind, self.home, self.throwaway = kind, home, throwaway
        self.folder = home / kind
        self.users = self.keeper = None

    def join(self) -> str:
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o711)
        with locked(self.folder / "turn"):
            self.users = open_lock(self.folder / "users")
            take(self.users, fcntl.LOCK_SH)
            try:
                if not self._kept():
                    self._start_keeper()
            except BaseException:
                self._leave()
                raise
            return (self.folder / "sockets").read_text()

    def leave(self) -> None:
        if self.users:
            with locked(self.folder / "turn"):
                self._leave()

    def _leave(self) -> None:
        if take(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB):
            self._stop_keeper()
            if self.keeper:
                self.keeper.wait()
        self.users.close()
        self.users = None

    def _kept(self) -> bool:
        try:
            with (self.folder / "keeper").open() as keeper:
                return not take(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:  # none yet, or thrown away with everything else
            return False

    def _start_keeper(self) -> None:
        command = [sys.executable, "-m", "launcher.keeper", self.kind, str(self.home)]
        with (self.home / "log" / f"{self.kind}.log").open("a") as log:
            self.keeper = subprocess.Popen(
                command + ["--throwaway"] * self.throwaway,
                cwd=ROOT, start_new_session=True, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        try:
            self._hear(self.keeper.stdout)
        except BaseException:
            self.keeper.terminate()
            self.keeper.wait()
            raise
        self.keeper.stdout.close()

    def _hear(self, words) -> None:
        for line in words:
            verb, _, sentence = line.strip(" \n").replace("\x1f", "\n").partition(" ")
            if verb == "ready":
                return
            if verb == "refuse":
                raise Refusal(sentence)
            say(sentence)
        raise Refusal(f"{self.kind} could not be started; see {self.home / 'log' / self.kind}.log.")

    def _stop_keeper(self) -> None:
        """Ask the keeper to stop its server, and wait until it has."""
        deadline = time.monotonic() + 90
        asked = False
        while self._kept() and time.monotonic() < deadline:
            pid = (self.folder / "keeper").read_text()
            if pid and not asked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
                asked = True
            time.sleep(0.02)
