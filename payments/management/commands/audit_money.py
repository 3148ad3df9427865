from eligibility.commands import OfficeCommand
from payments.audit import audit_money


class Command(OfficeCommand):
    help = "Check every promise about the money over all of history. Exit code 1 when one is broken."

    def add_arguments(self, parser):
        self.add_format(parser)

    def answer(self, **options):
        return audit_money()

    def show(self, answer, options):
        super().show(answer, options)
        if not answer["ok"]:
            raise SystemExit(1)

    def in_words(self, answer):
        counts = ", ".join(f"{number} {what}" for what, number in answer["checked"].items())
        if answer["ok"]:
            return f"Every promise holds: {counts}."
        return "\n".join(
            [f"Checked {counts}."]
            + [f"Promise {one['promise']} is broken. {one['what']} {one['ids'] or ''}" for one in answer["broken"]]
        )
