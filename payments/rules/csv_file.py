"""The file itself: bytes into numbered rows of named cells, and refused rows back into bytes.

As offices send them: UTF-8 with or without a byte order mark, any line ending, line breaks inside quotes,
the blank lines and empty columns that Excel leaves behind, and the blank cells at the end of a row that it
leaves out. Anything else is refused with what to do about it.
"""

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

from eligibility.reasons import Reason, Refused
from payments.rules.bank_text import neutralise_cell

COLUMNS = (
    *("person_name", "email", "phone", "sort_code", "account_number"),
    *("framework", "activity_kind", "activity_on", "session_hours", "agreed_hours", "hours_claimed"),
    *("choice", "lower_amount", "charity"),
    *("travel_mode", "travel_amount", "miles", "receipt", "taxi_agreed_with", "notes"),
)
# No row is good without these, so one that ends before the last of them was cut off. Excel leaves out the commas
# behind a row where the last columns are blank in all the rows around it.
ALWAYS_FILLED = frozenset(
    {"person_name", "email", "framework", "activity_kind", "activity_on"}
    | {"session_hours", "agreed_hours", "hours_claimed", "choice"}
)
REASON = "reason"  # the last column of a file of refused rows, which an import ignores

SAVE_AS_UTF_8 = "In Excel choose “Save As” and then “CSV UTF-8 (Comma delimited)”."


@dataclass(frozen=True)
class SheetRow:
    """One row. ``line`` is where it begins in the file, as an editor counts: the header is line 1."""

    line: int
    cells: dict[str, str]  # by column, as they stand in the file; "" where the row is too short
    missing_from: str = ""  # the first column for which a row that was cut off has no cell
    surplus: tuple[str, ...] = ()  # cells beyond the last column


@dataclass(frozen=True)
class Sheet:
    columns: tuple[str, ...]  # in the order of the file
    rows: list[SheetRow]
    has_bom: bool


def read_sheet(raw: bytes) -> Sheet:
    """The rows of a file. Raises Refused with one sentence when it is not a file of claims at all."""
    text = _decoded(raw)
    numbered = [(line, cells) for line, cells in _csv_rows(text) if any(map(str.strip, cells))]
    if not numbered:
        raise _refused(f"The file is empty. Its first line names the columns: {', '.join(COLUMNS)}.")
    (_, header), *rest = numbered
    names = _column_names(header)
    columns = tuple(names[:-1] if names[-1] == REASON else names)
    # A file that was cut off itself ends within a line.
    cut_off = () if text.endswith(("\n", "\r")) else rest[-1:]
    rows = [_row(line, cells, columns, width=len(names), whole=(line, cells) not in cut_off) for line, cells in rest]
    return Sheet(columns, [row for row in rows if _says_something(row)], raw.startswith(codecs.BOM_UTF8))


def refused_rows_as_csv(sheet: Sheet, refused: list[tuple[SheetRow, str]]) -> bytes:
    """The refused rows with their original cells and, last, the reason: to be corrected and imported again.

    Surplus cells follow the reason, so that a row with too many stays refused until somebody looks at it. Only
    our own column is made safe for a spreadsheet: the others must come back as they were.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*sheet.columns, REASON])
    for row, reason in refused:
        writer.writerow([*(row.cells[column] for column in sheet.columns), neutralise_cell(reason), *row.surplus])
    return text.getvalue().encode("utf-8-sig" if sheet.has_bom else "utf-8")


def _refused(sentence: str) -> Refused:
    return Refused(Reason("file", sentence))


def _decoded(raw: bytes) -> str:
    if b"\0" in raw:
        raise _refused(f"This is not a CSV file of text: it has NUL bytes, as workbooks have. {SAVE_AS_UTF_8}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(f"line {line} is not UTF-8, so names could go wrong. {SAVE_AS_UTF_8}") from None


def _csv_rows(text: str):
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins_on = 1
    try:
        for cells in reader:
            yield begins_on, cells
            begins_on = reader.line_num + 1
    except csv.Error as error:
        raise _refused(f"line {begins_on} begins a row that is not CSV: {error}. Check its quotation marks.") from None


def _column_names(header: list[str]) -> list[str]:
    names = [name.strip() for name in header]
    while not names[-1]:
        names.pop()
    for separator, word in (";", "semicolons"), ("\t", "tabs"):
        if separator in header[0]:
            raise _refused(f"The columns are separated by {word}. Save the file as CSV with commas. {SAVE_AS_UTF_8}")
    known = [*COLUMNS, REASON] if names[-1] == REASON else COLUMNS
    findings = {
        "Missing": [name for name in COLUMNS if name not in names],
        "Not known": [name or "(a blank one)" for name in dict.fromkeys(names) if name not in known],
        "There more than once": [name for name, times in Counter(names).items() if times > 1 and name in known],
    }
    told = [f"{what}: {', '.join(map(clipped, found[:30]))}." for what, found in findings.items() if found]
    if told:
        raise _refused(f"line 1 must name each of the {len(COLUMNS)} columns once. {' '.join(told)}")
    return names


def _row(line: int, cells: list[str], columns: tuple[str, ...], *, width: int, whole: bool) -> SheetRow:
    missing = columns[len(cells) :]
    cut_off = missing and not (whole and ALWAYS_FILLED.isdisjoint(missing))
    surplus = cells[width:]
    return SheetRow(
        line=line,
        cells=dict(zip(columns, cells + [""] * len(missing), strict=False)),
        missing_from=missing[0] if cut_off else "",
        surplus=tuple(surplus) if any(map(str.strip, surplus)) else (),
    )


def _says_something(row: SheetRow) -> bool:
    return bool(row.surplus) or any(map(str.strip, row.cells.values()))


def clipped(text: str) -> str:
    """What somebody typed, as a message may safely repeat it: short, on one line, nothing invisible."""
    visible = "".join(character if character.isprintable() else "�" for character in text[:41])
    return visible if len(text) <= 40 else f"{visible[:40]}…"
