"""The sweep that makes documents which are due: finds rows without their file, makes it, writes it down.

A killed worker leaves a row as it was, and the next sweep finds it. Two sweeps never make the same row.
"""

from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from activities.framework import Policy
from activities.models import FrameworkVersion
from eligibility.pdf import PdfEngineMissing, engine_problem
from payments.cards import CardFacts, CardProblem, make_cards
from payments.models import Document
from payments.out import write_whole
from payments.reports import write_report

BATCH = 40
MOST_ATTEMPTS = 5
REPORTS_LOCK = 7_303  # any number that no other advisory lock uses


def to_make(kind: Document.Kind):
    """Documents that are due and that nothing stands against."""
    return Document.objects.filter(kind=kind, made_at__isnull=True, cancelled_at__isnull=True, problem="")


def make_due_documents(*, at: datetime) -> int:
    """Make one batch of what is due; how many rows were dealt with. Zero: nothing is left.

    Raises PdfEngineMissing where no PDF can be made: what is due waits until it can.
    """
    if engine_problem():
        raise PdfEngineMissing
    return make_due_cards(at) or make_due_report(at)


def make_due_cards(at: datetime) -> int:
    ids = take_a_batch(Document.Kind.THANK_YOU_CARD, BATCH)
    with transaction.atomic():
        documents = list(
            to_make(Document.Kind.THANK_YOU_CARD)
            .filter(pk__in=ids)
            .select_related("participation__person", "participation__activity__named_contact")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("pk")
        )
        thanking = organisations({document.participation.activity.framework_version_id for document in documents})
        for document, made in zip(documents, make_cards([facts_of(d, thanking) for d in documents]), strict=True):
            keep(document, made, at)
    return len(ids)


def make_due_report(at: datetime) -> int:
    """One run's report as it stands now, which serves every deed on that run since the last one."""
    ids = take_a_batch(Document.Kind.RUN_REPORT, 1)
    with transaction.atomic():
        reports_take_turns()
        document = to_make(Document.Kind.RUN_REPORT).filter(pk__in=ids).select_for_update(skip_locked=True).first()
        if document:
            # Those that are due before the report is written: a deed meanwhile makes another one due.
            served = list(to_make(Document.Kind.RUN_REPORT).filter(run=document.run).values_list("pk", flat=True))
            paths = write_report(document.run, settings.OUT_DIR)
            pdf = next(path for path in paths if path.suffix == ".pdf")
            Document.objects.filter(pk__in=served).update(
                made_at=at, path=str(pdf.relative_to(settings.OUT_DIR)), sha256=sha256(pdf.read_bytes()).hexdigest()
            )
    return len(ids)


def reports_take_turns():
    """One report serves several rows, so two sweeps at work on one run would wait for each other's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REPORTS_LOCK])


@transaction.atomic
def take_a_batch(kind: Document.Kind, size: int) -> list[int]:
    """Choose rows and count the attempt before it is made, so that a row which kills its worker is not tried for ever.

    A row that was tried before is tried alone, so that it cannot keep others from being made.
    """
    waiting = to_make(kind).select_for_update(skip_locked=True).order_by("attempts", "pk")
    fresh = [document.pk for document in waiting.filter(attempts=0)[:size]]
    ids = fresh or [document.pk for document in waiting[:1]]
    chosen = Document.objects.filter(pk__in=ids)
    chosen.filter(attempts__gte=MOST_ATTEMPTS).update(
        problem=f"This could not be made in {MOST_ATTEMPTS} attempts. Look at the worker's log, then clear this note."
    )
    chosen.update(attempts=F("attempts") + 1)
    return ids


def organisations(version_ids) -> dict[int, str]:
    """Who says thank you, by framework version: the organisation that runs the activities."""
    return {
        version.pk: thanking_organisation(version.policy)
        for version in FrameworkVersion.objects.filter(pk__in=version_ids)
    }


def thanking_organisation(policy: Policy) -> str:
    """Who runs the activities says thank you; where a policy names nobody for that, its first organisation."""
    running = [one.name for one in policy.organisations if "runs-activities" in one.does]
    return (running or [policy.organisations[0].name])[0]


def card_reference(document: Document) -> str:
    return f"TY-{document.pk:06}"


def facts_of(document: Document, thanking: dict[int, str]) -> CardFacts:
    part = document.participation
    activity = part.activity
    return CardFacts(
        reference=card_reference(document),
        person=part.person.name,
        organisation=thanking[activity.framework_version_id],
        activity=activity.title,
        on=activity.on,
        lead=activity.named_contact.name if activity.named_contact else "",
    )


def keep(document: Document, result: bytes | CardProblem, at: datetime):
    """The file first, then the row: a crash between them makes the same file again."""
    if isinstance(result, CardProblem):
        document.problem = str(result)
    else:
        document.path = f"cards/{card_reference(document)}.pdf"
        document.sha256 = sha256(result).hexdigest()
        document.made_at = at
        write_whole(settings.OUT_DIR / document.path, result)
    document.save()


def open_document(document: Document) -> BinaryIO:
    """The file of a document that was made, to be read. Whose it is, is for whoever asks to know."""
    return (settings.OUT_DIR / document.path).open("rb")
