"""Mail and texts that the product puts into its mail folder, shown in the terminal as they come."""

import email
import email.policy
from pathlib import Path


class PostRound:
    """Looks into the folder now and then, and shows what was not there before."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.seen = set(self._there())

    def new(self) -> list[str]:
        """Each new message as lines for a terminal, oldest first."""
        fresh = [path for path in self._there() if path not in self.seen]
        self.seen.update(fresh)
        return [shown for path in fresh if (shown := read(path))]

    def _there(self) -> list[Path]:
        # One that begins with a dot is still being written.
        return sorted(path for path in self.folder.glob("[!.]*") if path.suffix in (".eml", ".txt"))


def read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:  # somebody cleared the folder
        return ""
    if path.suffix == ".eml":
        message = email.message_from_bytes(content, policy=email.policy.default)
        kind, to, subject = "E-mail", message["To"], message["Subject"]
        words = message.get_body(("plain",)).get_content()
    else:
        head, _, words = content.decode(errors="replace").partition("\n\n")
        kind, to, subject = "Text", head.removeprefix("To: "), ""
    title = f"{kind} to {to}" + (f": {subject}" if subject else "")
    lines = [title, *(f"    {line}" for line in words.strip().splitlines())]
    return "\n" + "\n".join(map(printable, lines)) + f"\n    ({printable(path.name)})"


def printable(line: str) -> str:
    """Without letters that would steer the terminal: what somebody typed may be in a message."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)
