from django.utils.timezone import localtime

from eligibility.commands import LONDON, OfficeCommand, day
from eligibility.roles import Deed
from payments.bank_files import LAYOUTS, last_download, make_file


class Command(OfficeCommand):
    help = "Make a list of an authorised run: for the bank, for voucher orders, for donations. Always the same bytes."

    def add_arguments(self, parser):
        parser.add_argument("date", metavar="DATE", help="the run's Friday or its pay day")
        parser.add_argument("--layout", required=True, choices=LAYOUTS)
        self.add_actor(parser)
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why you need it: kept with your name")
        self.add_output(parser)

    def answer(self, *, date, layout, reason, **options):
        by = self.actor(options, Deed.SEND_RUNS)
        on = day(date)
        earlier = last_download(on, layout)
        content = make_file(on, layout, by=by, reason=reason, at=self.at(options))
        if earlier:
            when = f"{localtime(earlier.at, LONDON):%H:%M on %d %B %Y}"
            self.note(f"This list was taken before, by {earlier.by.name} at {when}. Make sure it is sent only once.")
        self.hand_over(content, options)
