import os
import shutil
import tempfile
from pathlib import Path

from django.db import transaction

from eligibility.commands import OfficeCommand
from eligibility.reasons import Reason, Refused
from eligibility.roles import Deed
from payments.books import imports_take_turns
from payments.rules.csv_file import Sheet, read_sheet, refused_rows_as_csv
from payments.spreadsheet import BadRows, Imported, import_claims


class Command(OfficeCommand):
    help = "Import a spreadsheet of claims (CSV): all of its rows, or none."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--as",
            choices=("submitted", "approved"),
            default="submitted",
            dest="status",
            help="approved: decided on paper before; --by vouches for it and counts as who decided",
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, store nothing")
        parser.add_argument(
            "--accept-good",
            action="store_true",
            help="import the good rows; the others go to FILE.csv.rejected.csv, to be corrected and imported",
        )
        self.add_actor(parser)
        self.add_format(parser)

    def answer(self, *, file, status, dry_run, accept_good, **options):
        sheet, at = read_sheet(contents(file)), self.at(options)
        try:
            with transaction.atomic():
                imports_take_turns()
                by = self.actor(options, Deed.IMPORT_CLAIMS)
                done = import_claims(sheet, approve=status == "approved", by=by, at=at, accept_good=accept_good)
                # Before the claims are kept for good: what is refused must not get lost.
                rejected_file = None if dry_run else self.write_rejected(file, sheet, done)
                if dry_run:
                    transaction.set_rollback(True)
        except BadRows as bad:
            self.note(f"Nothing was stored: {len(bad.rejected)} of {len(sheet.rows)} rows have to be put right first. "
                      "(--accept-good imports the others.)")  # fmt: skip
            raise Refused(*(Reason(problem.column, str(problem)) for problem in bad.problems), *bad.also) from None
        for problem in done.problems:
            self.note(str(problem))
        return {
            "rows": done.rows,
            "imported": done.claims,
            "skipped": done.skipped,
            "rejected": len(done.rejected),
            "people": done.new_people,
            "rejected_rows": [vars(problem) for problem in done.problems],
            "rejected_file": rejected_file,
            "dry_run": dry_run,
            "as": status,
        }

    def write_rejected(self, file: Path, sheet: Sheet, done: Imported) -> str | None:
        beside = file.with_name(f"{file.name}.rejected.csv")
        if not done.rejected:
            if beside.exists():
                self.note(f"{beside} is from an earlier import. This one refused no row.")
            return None
        refused = [
            (row, " ".join(f"{each.column}: {each.reason}" for each in problems)) for row, problems in done.rejected
        ]
        replace_file(beside, refused_rows_as_csv(sheet, refused), like=file)
        return str(beside)

    def in_words(self, answer):
        words = [
            f"{answer['rows']} rows: {answer['imported']} imported as {answer['as']}, {answer['skipped']} skipped "
            f"because they are stored already, {answer['rejected']} rejected. {answer['people']} new people."
        ]
        if answer["rejected_file"]:
            words.append(f"Correct the rejected rows in {answer['rejected_file']} and import that file.")
        if answer["dry_run"]:
            words.append("This was a dry run: nothing was stored.")
        return "\n".join(words)


def contents(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Refused(Reason("file", f"{file} cannot be read: {why}. Check the name of the file.")) from None


def replace_file(path: Path, content: bytes, *, like: Path):
    """Write a file whole or not at all, to be read by nobody who may not read ``like``."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".rejected-") as folder:
            unfinished = Path(folder) / path.name
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(content)
            shutil.copymode(like, unfinished)
            os.replace(unfinished, path)
    except OSError as error:
        raise Refused(Reason("file", f"{path} cannot be written: {error.strerror}. Nothing was stored.")) from None
