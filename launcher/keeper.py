"""Hold one server of a data folder until nobody uses it: python -m launcher.keeper KIND DATA_FOLDER [--throwaway].

Its standard output is read by the launcher that started it: `say …`, then `ready` or `refuse …`.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from launcher.processes import Refusal, stop
from launcher.servers import SERVERS, end_forerunner, start_and_wait
from launcher.sharing import open_lock, take


class ToldToStop(BaseException):
    """By the last launcher to leave."""


def keep(kind: str, home: Path, throwaway: bool) -> None:
    folder = home / kind
    signal.signal(signal.SIGTERM, _told_to_stop)
    with open_lock(folder / "keeper") as ours, open_lock(folder / "turn") as turn:
        if not take(ours, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return
        ours.truncate(0)
        ours.write(str(os.getpid()))
        ours.flush()
        with contextlib.suppress(ToldToStop):
            _hold(SERVERS[kind], home, throwaway, turn)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if throwaway:
            _throw_away(home, kind)


def _hold(kind, home: Path, throwaway: bool, turn) -> None:
    folder = home / kind.kind
    _clear_up(folder, kind.stop_signal)
    server = kind(home, throwaway=throwaway, say=lambda sentence: _tell("say", sentence))
    # Short, since a socket's path may not exceed some 100 bytes, wherever the data folder lies.
    sockets = Path(tempfile.mkdtemp(prefix="coprod-", dir="/tmp"))
    (folder / "sockets").write_text(str(sockets))
    process = None
    try:
        with (home / "log" / f"{kind.kind}.log").open("a") as log:
            while True:
                started = time.monotonic()
                process = start_and_wait(server, sockets, log)
                (folder / "pid").write_text(str(process.pid))
                _tell("ready")
                if _nobody_left(process, folder, turn):
                    return
                if time.monotonic() - started < 10:  # it cannot stay up
                    take(turn, fcntl.LOCK_EX)
                    return
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if process:
            stop(process, kind.stop_signal, signal.SIGQUIT, patience=30)
        shutil.rmtree(sockets, ignore_errors=True)
        (folder / "sockets").unlink()
        (folder / "pid").unlink(missing_ok=True)


def _nobody_left(process, folder: Path, turn) -> bool:
    """Wait. True, and `turn` is taken, once every launcher has left or was killed; False if the server ended first."""
    with open_lock(folder / "users") as users:
        while process.poll() is None:
            time.sleep(0.3)
            if take(turn, fcntl.LOCK_EX | fcntl.LOCK_NB):
                if take(users, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    return True
                take(turn, fcntl.LOCK_UN)
    return False


def _throw_away(home: Path, kind: str) -> None:
    shutil.rmtree(home / kind, ignore_errors=True)
    if not any((home / other).exists() for other in SERVERS):
        shutil.rmtree(home, ignore_errors=True)


def _told_to_stop(number, frame) -> None:
    raise ToldToStop


def _tell(verb: str, sentence: str = "") -> None:
    with contextlib.suppress(OSError):  # the launcher may be gone by now
        print(verb, sentence.replace("\n", "\x1f"), flush=True)


def _clear_up(folder: Path, stop_signal: signal.Signals) -> None:
    """End what a keeper that was killed has left behind."""
    left, pid = folder / "sockets", folder / "pid"
    if left.exists() and pid.exists():
        end_forerunner(int(pid.read_text()), left.read_text(), stop_signal)
        pid.unlink()
    if left.exists():
        shutil.rmtree(left.read_text(), ignore_errors=True)
        left.unlink()


if __name__ == "__main__":
    try:
        keep(sys.argv[1], Path(sys.argv[2]), "--throwaway" in sys.argv)
    except Refusal as refusal:
        _tell("refuse", str(refusal))
