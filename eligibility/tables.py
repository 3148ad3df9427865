"""Lists of things: tables that become cards on a narrow screen, and summaries of one thing."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from eligibility.govuk import said


@dataclass(frozen=True)
class Column:
    text: str
    numeric: bool


@dataclass(frozen=True)
class Table:
    columns: list[Column]
    rows: list[list[tuple[Column, object]]]  # the cells, each with its column

    @classmethod
    def of(cls, head, rows, numeric: str = "") -> "Table":
        """``head`` are the headings; each row has as many words, numbers or safe HTML. The first heads its row.

        ``numeric`` names the columns to align at the right: "Hours, Amount".
        """
        numbers = {name.strip() for name in numeric.split(",") if name.strip()}
        if unknown := numbers - {str(name) for name in head}:
            raise ValueError(f"No column is called {', '.join(sorted(unknown))}.")
        columns = [Column(str(name), str(name) in numbers) for name in head]
        return cls(columns, [list(zip(columns, row, strict=True)) for row in rows])


def link(address: str, words: str, *, about: str = "") -> SafeString:
    """A link for a cell. ``about`` is for whoever only hears it: link(url, "Open", about="claim C-104")."""
    hidden = format_html('<span class="govuk-visually-hidden"> {}</span>', about) if about else ""
    return format_html('<a class="govuk-link" href="{}">{}{}</a>', address, words, hidden)


def summary_rows(rows) -> list[dict]:
    """(question, answer) or (question, answer, address to change it) as the summary list takes them."""
    return [_summary_row(*row) for row in rows]


def _summary_row(question, answer, change: str = "") -> dict:
    row = {"key": said(question), "value": said("" if answer is None else answer)}
    if change:
        row["actions"] = {"items": [{"href": change, "text": "Change", "visuallyHiddenText": str(question).lower()}]}
    return row
