"""The data folder: the database, secrets, documents, logs, and what has been migrated."""

import base64
import contextlib
import fcntl
import os
import secrets
from pathlib import Path

from launcher import ROOT
from launcher.processes import Refusal
from launcher.servers import SERVERS
from launcher.sharing import Share, take


class DataFolder:
    """`var/`, or the folder that COPROD_VAR names."""

    def __init__(self, path: Path | None = None):
        self.path = path or Path(os.environ.get("COPROD_VAR") or ROOT / "var").resolve()
        self.out = self.path / "out"
        self.log = self.path / "log"
        self.mail = self.path / "mail"
        self._secrets = self.path / "secrets.env"

    def make(self) -> "DataFolder":
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for private in (self.out, self.log, self.mail):
                private.mkdir(mode=0o700, exist_ok=True)
            os.close(os.open(self._secrets, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise Refusal(
                f"The data folder {self.path} cannot be used ({error.strerror}). Name another: COPROD_VAR=DIR."
            ) from error
        return self

    def environment(self) -> dict[str, str]:
        """What the service reads. What the person has set stays as it is."""
        here = {"ALLOWED_HOSTS": "127.0.0.1,localhost", "COPROD_INSECURE_LOCAL": "1", "COPROD_SWEEP_SECONDS": "10"}
        # Numbers and an address that nobody has, for the demonstration organisation.
        here |= {"HELP_PHONE": "01632 960960", "HELP_TEXT": "07700 900960", "HELP_EMAIL": "help@demo.example"}
        defaults = {**here, **self._kept_secrets()}
        return {**defaults, **os.environ, "COPROD_VAR": str(self.path)}

    def _kept_secrets(self) -> dict[str, str]:
        with self._secrets.open("r+") as file:
            take(file, fcntl.LOCK_EX)
            kept = dict(line.split("=", 1) for line in file.read().splitlines())
            if not kept:
                kept = new_secrets()
                file.write("".join(f"{name}={value}\n" for name, value in kept.items()))
        return kept


def new_secrets() -> dict[str, str]:
    fernet_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {"SECRET_KEY": secrets.token_urlsafe(50), "BANK_DETAILS_KEYS": fernet_key}


@contextlib.contextmanager
def servers_for(home: Path, environment: dict[str, str], *, throwaway: bool = False):
    """Both servers at work, their addresses in `environment`. One whose address is there already is not started."""
    with contextlib.ExitStack() as shares:
        for server in SERVERS.values():
            if environment.get(server.variable):
                continue
            share = Share(server.kind, home, throwaway=throwaway)
            shares.callback(share.leave)
            environment[server.variable] = server.url(share.join())
            if server.kind == "postgres":
                for name in [name for name in environment if name.startswith("PG")]:
                    del environment[name]  # they would lead libpq elsewhere
        yield environment
