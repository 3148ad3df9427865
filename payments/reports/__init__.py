"""What a payment run says of itself: the figures a command answers with, and the run report."""

from payments.reports.contents import report_of
from payments.reports.figures import figures_in_words, run_figures
from payments.reports.formats import FORMATS, write_report

__all__ = ["FORMATS", "figures_in_words", "report_of", "run_figures", "write_report"]
