"""One server for all launchers of a data folder, shown with Valkey, the quicker of the two."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from launcher import ROOT
from launcher.servers import Valkey, _command_of
from launcher.sharing import Share

JOINING = "import sys, time, pathlib, launcher.sharing as s; s.Share('valkey', pathlib.Path(sys.argv[1])).join();"


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="coprod-test-", dir="/tmp") as folder:
        (Path(folder) / "log").mkdir()
        yield Path(folder)
        eventually(lambda: not kept(Path(folder)))


def kept(home: Path) -> bool:
    return Share("valkey", home)._kept()


def answers(sockets: str) -> bool:
    return Valkey.answers(None, Path(sockets))


def eventually(fact, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def launcher_in_another_process(home: Path) -> subprocess.Popen:
    other = subprocess.Popen(
        [sys.executable, "-c", JOINING + "print('in', flush=True); time.sleep(60)", str(home)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout.readline() == "in\n"
    return other


def test_two_launchers_share_one_server_and_the_last_out_stops_it(home):
    first, second = Share("valkey", home), Share("valkey", home)
    sockets = first.join()
    assert second.join() == sockets
    first.leave()
    assert answers(sockets)
    second.leave()
    assert not kept(home)
    assert not Path(sockets).exists()


def test_the_server_stops_after_the_only_launcher_was_killed(home):
    other = launcher_in_another_process(home)
    sockets = (home / "valkey/sockets").read_text()
    other.kill()
    other.wait()
    eventually(lambda: not kept(home))
    assert not Path(sockets).exists()


def test_a_launcher_that_was_killed_is_not_waited_for(home):
    other = launcher_in_another_process(home)
    ours = Share("valkey", home)
    sockets = ours.join()
    other.kill()
    other.wait()
    time.sleep(0.5)
    assert answers(sockets)
    ours.leave()
    assert not kept(home)


def test_what_a_killed_keeper_left_behind_is_cleared_up(home):
    first = Share("valkey", home)
    sockets = first.join()
    server = int((home / "valkey/pid").read_text())
    os.kill(first.keeper.pid, signal.SIGKILL)
    first.keeper.wait()
    second = Share("valkey", home)
    assert second.join() != sockets
    assert not Path(sockets).exists()
    assert _command_of(server) == ""
    first.leave()
    second.leave()
    assert not kept(home)
