"""Indexes that hold only what is open, for the in-tray and the staff's home."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_claiming")]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["submitted_at", "id"], condition=Q(status="submitted"), name="claims_to_decide"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["status", "id"], condition=Q(status__in=["returned", "refused"]), name="claims_sent_back"
            ),
        ),
        migrations.AddIndex(
            model_name="payable",
            index=models.Index(fields=["owed_at"], condition=Q(voided_at__isnull=True), name="payables_by_when_owed"),
        ),
        migrations.AddIndex(
            model_name="payable",
            index=models.Index(
                fields=["held_review_on"],
                condition=Q(voided_at__isnull=True, held="staff"),
                name="payables_to_review",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["failed_at"], condition=Q(state="failed"), name="payments_that_came_back"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["due_at"],
                condition=Q(made_at__isnull=True, cancelled_at__isnull=True) & ~Q(problem=""),
                name="documents_that_cannot_be_made",
            ),
        ),
    ]
