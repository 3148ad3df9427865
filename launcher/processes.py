"""Children, signals, and words for the person at the keyboard."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys


class Refusal(Exception):
    """What the person at the keyboard can put right, in a sentence that says how."""


class Interrupted(BaseException):
    """Somebody pressed Ctrl-C, asked us to end, or closed the terminal."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


def say(sentence: str) -> None:
    """Tell of progress on standard error; standard output belongs to the command that was asked for."""
    with contextlib.suppress(OSError):  # the terminal may be gone, and there is still something to stop
        print(sentence, file=sys.stderr, flush=True)


INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen_for_interruptions() -> None:
    """Raise Interrupted at the first; the ones after it do not disturb the stopping."""

    def interrupted(number, frame):
        for other in INTERRUPTIONS:
            signal.signal(other, signal.SIG_IGN)
        raise Interrupted(number)

    for number in INTERRUPTIONS:
        under_nohup = number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
        if not under_nohup:
            signal.signal(number, interrupted)


def start(command: list, *, ends_with=signal.SIGTERM, apart: bool = True, **options) -> subprocess.Popen:
    """Start a child, apart: in a session of its own. On Linux it gets `ends_with` should we be killed outright."""
    words = [str(part) for part in command]
    return subprocess.Popen(words, start_new_session=apart, preexec_fn=_dies_with_us(ends_with), **options)


def stop(child: subprocess.Popen, *asking: signal.Signals, patience: float = 15) -> int:
    """Ask a child that was started apart to end, ever more firmly; then end what is left of it. Gives its exit code."""
    for number in asking:
        if child.poll() is None:
            child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    return child.wait()


def run(command: list, **options) -> int:
    """Run a child to its end, or end it and what it has started, should we be interrupted."""
    child = start(command, **options)
    try:
        return child.wait()
    finally:
        stop(child)


def exit_code(code: int) -> int:
    """A child's exit code as a shell tells it: 128 and the signal that ended it."""
    return code if code >= 0 else 128 - code


def _dies_with_us(number: signal.Signals):
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, number)
