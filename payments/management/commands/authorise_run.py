from eligibility.commands import OfficeCommand, day
from eligibility.roles import Deed
from payments.reports import figures_in_words, run_figures
from payments.runs import authorise_run


class Command(OfficeCommand):
    help = "Release the money of a prepared run, as a second person."

    def add_arguments(self, parser):
        parser.add_argument("--on", required=True, metavar="DATE")
        self.add_actor(parser)
        self.add_format(parser)

    def answer(self, *, on, **options):
        by = self.actor(options, Deed.AUTHORISE_RUNS)
        return run_figures(authorise_run(day(on), by=by, at=self.at(options)))

    def in_words(self, answer):
        return figures_in_words(answer)
