from pathlib import Path

from django.utils import timezone

from activities.framework import PolicyErrors
from activities.operations import SHIPPED, load_framework
from eligibility.commands import OfficeCommand
from eligibility.reasons import Reason, Refused


class Command(OfficeCommand):
    help = "Load payment policies from their files. Without a file: the two that come with the product."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="*", metavar="FILE")
        self.add_format(parser)

    def answer(self, *, file, **options):
        return (
            [self.load(path) for path in map(Path, file)]
            if file
            else [self.load(p) for p in sorted(SHIPPED.glob("*.toml"))]
        )

    def load(self, path: Path) -> dict:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(
                Reason(
                    "file", f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}."
                )
            ) from None
        try:
            version, changed = load_framework(text, source=path.name, by=None, at=timezone.now())
        except PolicyErrors as errors:
            raise Refused(*(Reason("file", f"{path.name}: {problem}") for problem in errors.problems)) from None
        return {"framework": version.framework.slug, "version": version.version, "changed": changed}

    def in_words(self, answer):
        return "\n".join(
            f"{one['framework']} {one['version']}: {'loaded' if one['changed'] else 'already here, nothing changed'}"
            for one in answer
        )
