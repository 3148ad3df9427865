"""What the clock does. Each task is one call; losing one costs minutes, never a payment or a card."""

import logging

from celery import shared_task
from django.utils import timezone

from eligibility import history
from eligibility.pdf import PdfEngineMissing
from payments import claiming, documents, runs

log = logging.getLogger(__name__)


@shared_task
def prepare_due_run():
    """Prepare the run that is due, as a proposal, if nobody has yet."""
    run = runs.prepare_due_run(at=timezone.now())
    if run:
        log.info("prepared run %s", run.pk)


@shared_task
def settle_due_runs():
    """Settle the sent runs from which no payment can come back any more."""
    for run in runs.settle_due_runs(at=timezone.now()):
        log.info("settled run %s", run.pk)


@shared_task
def open_claims():
    """A draft claim for everybody who attended something that owes them."""
    opened = claiming.open_claims(at=timezone.now())
    if opened:
        log.info("opened %s claims", opened)


@shared_task
def seal_events():
    """Chain the events that are not sealed yet."""
    history.seal_events()


@shared_task
def make_documents():
    """Make a batch of what is due, and ask for the next one."""
    try:
        dealt_with = documents.make_due_documents(at=timezone.now())
    except PdfEngineMissing as missing:
        log.warning("%s", missing)
        return
    if dealt_with:
        log.info("dealt with %s documents", dealt_with)
        make_documents.delay()
