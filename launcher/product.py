"""The product in its environment, with its servers at work and its database migrated."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from launcher import ROOT, environment
from launcher.datafolder import DataFolder, servers_for
from launcher.processes import Interrupted, Refusal, exit_code, say, start, stop
from launcher.servers import SERVERS
from launcher.sharing import locked


@contextlib.contextmanager
def product():
    """The product, ready for use; at the end the servers stop, unless another launcher uses them."""
    folder = DataFolder().make()
    settings = folder.environment()
    own_database = not settings.get("DATABASE_URL")
    own_servers = not all(settings.get(server.variable) for server in SERVERS.values())
    python = environment.make(embedded=own_servers)
    with servers_for(folder.path, settings):
        made = Product(folder, python, settings)
        with locked(folder.path / "preparing"):
            made.prepare(own_database)
        yield made


class Product:
    def __init__(self, folder: DataFolder, python: Path, settings: dict[str, str]):
        self.folder, self.python, self.settings = folder, python, settings

    def prepare(self, own_database: bool) -> None:
        """Migrate, and load the frameworks that ship with the product, where that was not done yet."""
        stamp = self.folder.path / "prepared"
        ours = self.folder.path / "identifier"
        wanted = _digest(ours.read_text() if own_database else self.settings["DATABASE_URL"])
        if stamp.exists() and stamp.read_text() == wanted:
            # A database that is not ours may have been made anew behind our back.
            if own_database or self.manage("migrate", "--check", "-v", "0", stdout=subprocess.DEVNULL) == 0:
                return
        say("Migrating the database and loading the frameworks …")
        self.insist("migrate", "-v", "0")
        self.insist("createcachetable")
        self.insist("load_framework")
        stamp.write_text(wanted)

    def manage(self, *arguments: str, cwd: Path | None = ROOT, at_keyboard: bool = False, stdout=None) -> int:
        """Run a management command to its end; gives its exit code."""
        command = [self.python, ROOT / "manage.py", *arguments]
        if at_keyboard:  # the terminal itself tells the command of Ctrl-C, which in a shell does not mean "end"
            signal.signal(signal.SIGINT, lambda number, frame: None)
        child = start(command, apart=not at_keyboard, cwd=cwd, env=self.settings, stdout=stdout)
        try:
            return exit_code(child.wait())
        except Interrupted as interrupted:
            if at_keyboard:
                child.terminate()
                child.wait()
            else:
                stop(child, signal.Signals(interrupted.number), signal.SIGTERM, patience=10)
            raise

    def insist(self, *arguments: str) -> None:
        if self.manage(*arguments, stdout=sys.stderr) != 0:
            raise Refusal(f"manage.py {' '.join(arguments)} failed; the lines above say why.")

    def has_pango(self) -> bool:
        asked = [self.python, "-c", "import weasyprint"]
        return subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    @contextlib.contextmanager
    def at_work(self, name: str, *module: str):
        """A module of our environment as a process, for as long as the block lasts; its words go to a log."""
        with (self.folder.log / f"{name}.log").open("a") as log:
            child = start(
                [sys.executable, "-m", "launcher.guard", self.python, "-m", *module],
                cwd=ROOT, env=self.settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield child
        finally:
            stop(child, signal.SIGTERM, patience=30)


def _digest(database: str) -> str:
    """Of what preparing depends on: which database, the migrations, the frameworks."""
    found = hashlib.sha256(database.encode())
    for path in sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("activities/frameworks/*.toml")]):
        found.update(os.fsencode(path.relative_to(ROOT)))
        found.update(path.read_bytes())
    return found.hexdigest()
