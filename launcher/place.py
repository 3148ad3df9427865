"""Where PostgreSQL's files lie, and who it runs as.

Beside everything else, in the data folder. Only where root calls, whom PostgreSQL refuses, and the data folder lies
in a folder closed to others, they lie under /var/lib, named for the data folder's path. Both then hold one
identifier, and the data folder's decides: one without (deleted and made anew) is new and gets a new database.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from launcher.processes import Refusal

ELSEWHERE = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """Who a server runs as: another than we are (only root can), or ourselves."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_postgres(cls, data: Path) -> "Account":
        if os.getuid() != 0:
            return cls()
        if data.exists() and data.stat().st_uid != 0:
            return cls(data.stat().st_uid, data.stat().st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def name(self) -> str:
        return pwd.getpwuid(os.getuid() if self.uid is None else self.uid).pw_name

    @property
    def options(self) -> dict:
        """For subprocess. A folder we stand in may be closed to the account, hence the root folder."""
        if self.uid is None:
            return {"cwd": "/"}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}

    def give(self, path: Path) -> None:
        if self.uid is not None:
            os.chown(path, self.uid, self.gid)

    def can_run(self, program: Path) -> bool:
        try:
            return subprocess.run([program, "--version"], capture_output=True, **self.options).returncode == 0
        except OSError:
            return False

    def can_enter(self, folder: Path) -> bool:
        return subprocess.run(["test", "-x", folder], **self.options).returncode == 0


class Place:
    """The files of one data folder's database: `data`, made by `make` when there is none."""

    def __init__(self, home: Path, account: Account, say: Callable[[str], None]):
        self.home, self.account, self.say = home, account, say
        self.identifier = home / "identifier"
        beside = home / "postgres"
        self.folder = beside / "cluster"
        if not account.can_enter(beside):
            self.folder = ELSEWHERE / f"coprod-{hashlib.sha256(bytes(home.resolve())).hexdigest()[:12]}"
        self.data = self.folder / "data"

    def find_or_make(self, make: Callable[[Path], None]) -> Path:
        """The data, made with `make` for a new data folder. An earlier database is put aside, never deleted."""
        if self.identifier.exists():
            if self._marks() != self.identifier.read_text():
                raise Refusal(
                    f"The database of {self.home} is not in {self.folder}: one of the two was moved or deleted. "
                    "Put it back, or begin anew with another data folder (COPROD_VAR=DIR)."
                )
            return self.data
        if (self.folder / "identifier").exists():
            aside = self.folder.with_name(f"{self.folder.name}-until-{datetime.now():%Y%m%d-%H%M%S-%f}")
            self.folder.rename(aside)
            self.say(
                f"The data folder {self.home} is new, so it gets a new database. "
                f"An earlier one was put aside as {aside}; delete it if nobody needs it."
            )
        elif ELSEWHERE in self.folder.parents:
            self.say(
                f"PostgreSQL works as the user “{self.account.name}”, who cannot enter {self.home}: "
                f"the database lies in {self.folder}."
            )
        self._make(make)
        return self.data

    def _marks(self) -> str | None:
        mark = self.folder / "identifier"
        return mark.read_text() if mark.exists() and self.data.exists() else None

    def _make(self, make: Callable[[Path], None]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o755)
            for interrupted in (self.data, *self.folder.glob("unfinished-*")):  # never whole, never used
                shutil.rmtree(interrupted, ignore_errors=True)
            unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self.folder))
        except OSError as error:
            raise Refusal(f"The database cannot be made in {self.folder}: {error.strerror}.") from error
        self.account.give(unfinished)
        make(unfinished)
        unfinished.rename(self.data)
        identifier = secrets.token_hex(16)
        (self.folder / "identifier").write_text(identifier)
        self.identifier.write_text(identifier)  # last: it says that the database is whole
