"""A run report as HTML, PDF, CSV, JSON and words, and the folder of them. The figures are the same in all."""

import csv
import io
import json
import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from django.template.loader import render_to_string

from eligibility.pdf import ASSETS, CannotDraw, PdfEngineMissing, Sheet, render_pdfs
from payments.models import PaymentRun
from payments.out import write_whole
from payments.reports.contents import Group, Report, report_of
from payments.reports.figures import (
    COUNTED,
    counted,
    heading_in_words,
    london,
    run_figures,
    set_aside_in_words,
    signed_in_words,
)
from payments.reports.lines import Line
from payments.rules.bank_text import neutralise_cell

logger = logging.getLogger(__name__)

CSS = "run-report.css"
# A thousand lines take WeasyPrint a third of a minute and fill forty pages; what is longer nobody reads on paper.
LINES_ON_PAPER = 1_000


# CSV --------------------------------------------------------------------------------------------------

COLUMNS: dict[str, Callable[[Report, Line], object]] = {
    "pay_on": lambda report, line: report.run.pay_on.isoformat(),
    "payment": lambda report, line: line.payment,
    "method": lambda report, line: line.method,
    "payee": lambda report, line: line.payee,
    "claim": lambda report, line: line.claim,
    "activity": lambda report, line: line.activity,
    "activity_on": lambda report, line: line.activity_on.isoformat(),
    "framework": lambda report, line: report.framework_of(line),
    "band": lambda report, line: line.band,
    "part": lambda report, line: line.part,
    "hours": lambda report, line: plain(line.hours) or "",
    "amount": lambda report, line: plain(line.amount) or "",
    "status": lambda report, line: line.status,
    "why": lambda report, line: line.why,
}


def as_csv(report: Report) -> bytes:
    """One line for each payable and each card. What people typed is never read as a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in report.lines:
        writer.writerow([neutralise_cell(column(report, line)) for column in COLUMNS.values()])
    return text.getvalue().encode()


# JSON -------------------------------------------------------------------------------------------------


# What prepare_run answered, under the same names. Not its totals: a report keeps time and costs apart.
AS_PREPARED = (
    *("run", "state", "kind", "on", "pay_on", "cut_off", "covers_from"),
    *("claims", "thank_you_cards", "blocked_payables", "payments"),
)


def as_json(report: Report) -> bytes:
    return (json.dumps(json_value(report), ensure_ascii=False, indent=1) + "\n").encode()


def json_value(report: Report) -> dict:
    """The report as JSON can hold it: amounts and hours as text with two decimals, times as ISO in London."""
    figures = run_figures(report.run)
    return {
        **{name: figures[name] for name in AS_PREPARED},
        "claims_paid": report.sums.claims,
        "methods": {group.slug: {"payments": group.sums.payments, **apart(group)} for group in report.methods},
        "frameworks": [{"framework": group.slug, "name": group.title, **counts(group)} for group in report.frameworks],
        "bands": [
            {"framework": group.framework, "band": group.slug, "title": group.title, **counts(group)}
            for group in report.bands
        ],
        "cards": vars(report.cards),
        "promise": vars(report.promise),
        "blocked": figures["blocked"],
        "held": figures["held"],
        "signatures": [
            {"deed": signed.deed, "by": signed.by and signed.by.email, "at": london(signed.at)}
            for signed in report.signatures
        ],
        "files": [{"layout": file.layout, "sha256": file.sha256, "payments": file.payments} for file in report.files],
        "digest": report.run.digest,
        "audit_head": report.audit_head and {"seq": report.audit_head.seq, "hash": report.audit_head.hash},
        "lines": [
            {name: column(report, line) for name, column in COLUMNS.items() if name != "pay_on"}
            for line in report.lines
        ],
    }


def apart(group: Group) -> dict:
    return {"time": plain(group.sums.time), "costs": plain(group.sums.costs)}


def counts(group: Group) -> dict:
    return {"claims": group.sums.claims, "hours": plain(group.sums.hours), **apart(group)}


def plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:.2f}"


# HTML and PDF -----------------------------------------------------------------------------------------


def as_html(report: Report) -> bytes:
    """One file that needs nothing else: no script, no font, no picture from elsewhere."""
    css = (ASSETS / CSS).read_text(encoding="utf-8")
    page = {"title": title_of(report), "css": css, "body": body_of(report)}
    return render_to_string("documents/page.html", page).encode()


def as_pdf(report: Report) -> bytes:
    """The same report on paper, tagged (PDF/UA-1). Raises PdfEngineMissing where no PDF can be made."""
    sheet = Sheet(
        title=title_of(report),
        body=body_of(report, lines_shown=len(report.paid) <= LINES_ON_PAPER),
        dated=report.run.pay_on,
    )
    try:
        [pdf] = render_pdfs([sheet], css=CSS)
    except CannotDraw as lacking:
        [pdf] = render_pdfs([spelled_out(sheet, lacking.characters)], css=CSS)
    return pdf


def spelled_out(sheet: Sheet, characters: list[str]) -> Sheet:
    """The sheet with the letters that no font has written as their code points: never a blank."""
    codes = {ord(character): f"[U+{ord(character):04X}]" for character in characters}
    return Sheet(title=sheet.title, body=sheet.body.translate(codes), dated=sheet.dated)


def title_of(report: Report) -> str:
    day = report.run.pay_on
    return f"Run report, {day.day} {day:%B %Y}"


def body_of(report: Report, *, lines_shown: bool = True) -> str:
    lines = [(line, report.band_title(line)) for line in report.paid] if lines_shown else []
    return render_to_string("documents/run-report.html", {"report": report, "run": report.run, "lines": lines})


# Words ------------------------------------------------------------------------------------------------


def as_text(report: Report) -> bytes:
    """The short form for a terminal: no lines, and time and costs apart as everywhere in a report."""
    figures, promise, cards = run_figures(report.run), report.promise, report.cards
    words = [
        *heading_in_words(figures),
        "",
        *(
            f"{counted(group.sums.payments, *COUNTED[group.slug])}: for time £{group.sums.time:,}, "
            f"costs £{group.sums.costs:,}."
            for group in report.methods
        ),
        f"Paid within the days promised: {counted(promise.within, 'claim', 'claims')}. Later: {promise.late}. "
        f"Nothing promised: {promise.without_target}.",
        f"Thank-you cards: {cards.due} due, {cards.made} made, {cards.waiting} waiting, "
        f"{cards.problems} that need a person.",
        "",
        *set_aside_in_words(figures),
        *signed_in_words(figures),
        *(f"List {file.layout}: {file.payments} payments, SHA-256 {file.sha256}" for file in report.files),
        f"Digest {figures['digest']}",
    ]
    return ("\n".join(words) + "\n").encode()


FORMATS: dict[str, Callable[[Report], bytes]] = {
    "html": as_html,
    "pdf": as_pdf,
    "csv": as_csv,
    "json": as_json,
    "text": as_text,
}


def write_report(run: PaymentRun, folder: Path) -> list[Path]:
    """Write the report as html, pdf, csv and json below ``folder``/reports/<pay day>/, and say where.

    Where no PDF can be made the others are written all the same, and a warning says what is missing.
    """
    report = report_of(run)
    place = Path(folder) / "reports" / run.pay_on.isoformat()
    written = []
    for name in ("html", "pdf", "csv", "json"):
        try:
            content = FORMATS[name](report)
        except PdfEngineMissing as missing:
            logger.warning("The run report was written without its PDF. %s", missing)
            continue
        path = place / f"run-report.{name}"
        write_whole(path, content)
        written.append(path)
    return written
