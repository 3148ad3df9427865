from eligibility.commands import OfficeCommand, day
from eligibility.roles import Deed
from payments.reports import figures_in_words, run_figures
from payments.runs import mark_sent


class Command(OfficeCommand):
    help = "Write down that the lists of an authorised run went to the bank and the suppliers."

    def add_arguments(self, parser):
        parser.add_argument("--on", required=True, metavar="DATE")
        self.add_actor(parser)
        self.add_format(parser)

    def answer(self, *, on, **options):
        by = self.actor(options, Deed.SEND_RUNS)
        return run_figures(mark_sent(day(on), by=by, at=self.at(options)))

    def in_words(self, answer):
        return figures_in_words(answer)
