from django.utils import timezone

from eligibility.commands import OfficeCommand
from eligibility.pdf import PdfEngineMissing
from eligibility.reasons import Reason, Refused
from payments.documents import make_due_documents
from payments.models import Document


class Command(OfficeCommand):
    help = "Make every document that is due now, instead of waiting for the worker."

    def add_arguments(self, parser):
        self.add_format(parser)

    def answer(self, **options):
        due = Document.objects.filter(made_at__isnull=True, cancelled_at__isnull=True)
        before = due.count()
        try:
            while make_due_documents(at=timezone.now()):
                self.note(f"{before - due.count()} of {before} done")
        except PdfEngineMissing as missing:
            raise Refused(Reason("pango", str(missing))) from None
        waiting = due.order_by("pk").values_list("pk", "problem")
        return {"made": before - due.count(), "waiting": [{"document": pk, "why": why} for pk, why in waiting]}

    def in_words(self, answer):
        return "\n".join([f"Made {answer['made']} documents.", *(one["why"] for one in answer["waiting"])])
