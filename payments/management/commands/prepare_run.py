from django.db import transaction

from eligibility.commands import OfficeCommand, day
from eligibility.roles import Deed
from payments.reports import figures_in_words, run_figures
from payments.runs import prepare_run, preview_run, run_on


class Command(OfficeCommand):
    help = (
        "Prepare the payment run of a day as a proposal, or show the one there is. It may be its Friday or its pay day."
    )

    def add_arguments(self, parser):
        parser.add_argument("--on", required=True, metavar="DATE")
        self.add_actor(parser)
        parser.add_argument("--preview", action="store_true", help="only look: store nothing, also before the cut-off")
        self.add_format(parser)

    def answer(self, *, on, preview, **options):
        if preview:
            return self.preview(day(on), options)
        by = self.actor(options, Deed.PREPARE_RUNS)
        return run_figures(prepare_run(day(on), by=by, at=self.at(options)))

    @transaction.atomic
    def preview(self, on, options):
        """The run that stands, or as it would be now. Not even --create-staff stores anything."""
        self.actor(options, Deed.PREPARE_RUNS)
        figures = run_figures(run_on(on) or preview_run(on))
        transaction.set_rollback(True)
        return figures

    def in_words(self, answer):
        return figures_in_words(answer)
