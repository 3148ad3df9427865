"""What every command at the office has in common: who does it, when it counts as done, how it answers."""

import json
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from eligibility.busy import refused_when_busy
from eligibility.identity import normal_email
from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.reasons import Reason, Refused, refuse_if
from eligibility.roles import TABLE, Deed, reasons_against_role

LONDON = ZoneInfo("Europe/London")


def moment(text: str) -> datetime:
    """A time typed at the door. Without an offset it is Europe/London."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(Reason("at", f'"{text}" is not a time. Write it like 2026-11-20T12:00.')) from None
    if not 1900 <= at.year <= 2200:
        raise Refused(Reason("at", f'"{text}" is not a time that an office can have. Write it like 2026-11-20T12:00.'))
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def day(text: str):
    """A date typed at the door, as YYYY-MM-DD."""
    try:
        if len(text) != 10:
            raise ValueError
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Refused(Reason("date", f'"{text}" is not a date. Write it like 2026-11-27.')) from None


def reasons_against_email(email: str) -> list[Reason]:
    try:
        validate_email(email)
    except ValidationError:
        return [Reason("by", f'"{email}" is not an e-mail address. Write it like officer@example.org.')]
    return []


class OfficeCommand(BaseCommand):
    """A command that answers in words or JSON and refuses with reasons and exit code 1.

    Subclasses write ``answer(**options)`` and return what is printed: a dict or list for JSON, and the
    words for people from ``in_words(answer)``.
    """

    requires_system_checks = []

    def add_format(self, parser, *formats):
        parser.add_argument("--format", choices=("text", "json", *formats), default="text", dest="output_format")

    def add_actor(self, parser):
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who does this")
        parser.add_argument("--at", metavar="TIME", help="the moment it counts as done (default: now)")
        parser.add_argument("--create-staff", action="store_true", help="make the person with the role, if missing")

    def actor(self, options, deed: Deed) -> Person:
        """The person behind --by, who must hold a role for ``deed``; --create-staff gives the first of its roles."""
        email = normal_email(options["by"])
        person = Person.objects.filter(email=email).first()
        if person is None and options.get("create_staff"):
            refuse_if(reasons_against_email(email))
            person = make_staff(email, TABLE[deed][0], at=self.at(options))
        if person is None:
            raise Refused(Reason("by", f"Nobody here has the e-mail {email}. Check it, or add --create-staff."))
        refuse_if(reasons_against_role(person.roles(), deed, email))
        return person

    def at(self, options) -> datetime:
        return moment(options["at"]) if options.get("at") else timezone.now()

    def note(self, text: str):
        """Progress and notices, kept apart from the answer."""
        self.stderr.write(text)

    def handle(self, *args, **options):
        try:
            # What somebody does is done whole or not at all, the making of their role included.
            with refused_when_busy(), transaction.atomic() if "by" in options else nullcontext():
                answer = self.answer(**options)
        except Refused as refused:
            self.explain(refused, options)
            raise SystemExit(1) from None
        if answer is not None:
            self.show(answer, options)

    def explain(self, refused: Refused, options):
        for reason in refused.reasons:
            self.stderr.write(reason.text)
        if options.get("output_format") == "json":
            reasons = [{"clause": reason.clause, "text": reason.text} for reason in refused.reasons]
            self.print_json({"refused": reasons})

    def add_output(self, parser):
        parser.add_argument("--output", metavar="FILE", help="write to this file (default: standard output)")

    def hand_over(self, content: bytes, options):
        """Give out a document exactly as it is: into --output, readable by its owner only, or to standard output."""
        if options["output"]:
            path = Path(options["output"])
            try:
                path.touch(mode=0o600)
                path.write_bytes(content)
            except OSError as error:
                raise Refused(Reason("output", f"{path} cannot be written: {error.strerror}.")) from None
            self.note(f"Written: {path}")
        elif hasattr(self.stdout, "buffer"):
            self.stdout.buffer.write(content)
        else:  # a stream of text, in which somebody catches the answer
            self.stdout.write(content.decode(), ending="")

    def show(self, answer, options):
        if options.get("output_format") == "json":
            self.print_json(answer)
        else:
            self.stdout.write(self.in_words(answer))

    def print_json(self, value):
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))

    def in_words(self, answer) -> str:
        raise NotImplementedError

    def answer(self, **options):
        raise NotImplementedError
