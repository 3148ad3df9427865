from datetime import date, timedelta

from eligibility.commands import LONDON, OfficeCommand, day
from eligibility.reasons import Reason, refuse_if
from payments.rules.calendar import run_dates
from payments.runs import office_calendar


class Command(OfficeCommand):
    help = "List the payment runs of a period: the day the calendar names, the pay day, the cut-off."

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, dest="start", metavar="DATE")
        parser.add_argument("--to", required=True, dest="end", metavar="DATE")
        self.add_format(parser)

    def answer(self, *, start, end, **options):
        first, last = day(start), day(end)
        reasons = []
        if last < first:
            reasons.append(Reason("date", "The last day is before the first."))
        elif last - first > timedelta(days=366 * 100) or not date(1900, 1, 1) <= first <= last <= date(2199, 12, 31):
            reasons.append(Reason("date", "Ask for a hundred years at most, between 1900 and 2199."))
        refuse_if(reasons)
        return [
            {
                "nominal": run.nominal.isoformat(),
                "pay_on": run.pay_on.isoformat(),
                "cut_off": run.cut_off.astimezone(LONDON).isoformat(),
                "moved_because": run.moved_because,
                "provisional": run.provisional,
            }
            for run in run_dates(first, last, office_calendar(first))
        ]

    def in_words(self, answer):
        return "\n".join(
            f"{run['pay_on']}  cut-off {run['cut_off'][:16].replace('T', ' ')}"
            + (f"  (not {run['nominal']}: {run['moved_because']})" if run["moved_because"] else "")
            + ("  provisional" if run["provisional"] else "")
            for run in answer
        )
