from eligibility.commands import OfficeCommand, day
from eligibility.pdf import PdfEngineMissing
from eligibility.reasons import Reason, Refused
from payments.reports import FORMATS, report_of
from payments.runs import existing_run


class Command(OfficeCommand):
    help = "Report on a payment run: what it pays and to whom, what it could not pay and why, who signed."

    def add_arguments(self, parser):
        parser.add_argument("date", metavar="DATE", help="the run's Friday or its pay day")
        self.add_format(parser, "html", "csv", "pdf")
        self.add_output(parser)

    def answer(self, *, date, output_format, **options):
        report = report_of(existing_run(day(date)))
        try:
            content = FORMATS[output_format](report)
        except PdfEngineMissing as missing:
            raise Refused(Reason("pdf", str(missing))) from None
        self.hand_over(content, options)
