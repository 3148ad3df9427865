"""Documents we owe somebody. A row without its file is on the to-do list; a sweep makes the file."""

from django.db import models
from django.db.models import Q

from activities.models import Participation
from payments.models.runs import PaymentRun


class Document(models.Model):
    """A PDF we issue: due from the moment it was earned, made by the sweep."""

    class Kind(models.TextChoices):
        THANK_YOU_CARD = "thank-you-card", "Thank-you card"
        RUN_REPORT = "run-report", "Run report"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, null=True, blank=True, related_name="documents")
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    path = models.CharField(max_length=200, blank=True, help_text="Below the folder for what comes out.")
    sha256 = models.CharField(max_length=64, blank=True)
    # A task for a person: why the sweep cannot make it, for example a letter that no font has.
    problem = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(made_at__isnull=True, cancelled_at__isnull=True, problem=""),
                name="documents_to_make",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(made_at__isnull=True, cancelled_at__isnull=True) & ~Q(problem=""),
                name="documents_that_cannot_be_made",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participation"], condition=Q(cancelled_at__isnull=True), name="a_card_is_due_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="thank-you-card", participation__isnull=False, run__isnull=True)
                | Q(kind="run-report", participation__isnull=True, run__isnull=False),
                name="a_document_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True) | (~Q(path="") & ~Q(sha256="")), name="a_made_document_has_its_file"
            ),
        ]
