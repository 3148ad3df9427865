"""A row of a spreadsheet as values and problems, and the file around it. No database."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.identity import normal_name
from eligibility.reasons import Refused
from payments.rules.csv_file import COLUMNS, REASON, Sheet, SheetRow, clipped, read_sheet, refused_rows_as_csv
from payments.rules.spreadsheet import Problems, comparable, differing_columns, judge, read_row, same_name
from tests.activities.shipped import SURREY
from tests.payments.claims_file import row

TODAY = date(2026, 11, 20)
HEADER = ",".join(COLUMNS)


def a_line(**cells) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(row(**cells)[column] for column in COLUMNS)
    return written.getvalue()


def asked_and_problems(**cells):
    problems = Problems(line=7)
    asked = read_row(SheetRow(7, row(**cells)), today=TODAY, problems=problems)
    return asked, problems


def columns_of(problems) -> list[str]:
    return [problem.column for problem in problems.in_order()]


# The file.


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_line_ends_and_byte_order_marks_are_as_they_come(end, encoding):
    text = end.join([HEADER, a_line(person_name="Zoë").strip(), ""])

    sheet = read_sheet(text.encode(encoding))

    assert [row.cells["person_name"] for row in sheet.rows] == ["Zoë"]
    assert (sheet.columns, sheet.has_bom) == (COLUMNS, encoding == "utf-8-sig")


def test_lines_are_counted_as_a_person_sees_them():
    text = HEADER + "\r\n\r\n" + a_line(notes="one\ntwo\nthree") + "," * 19 + "\r\n" + a_line() + ", ,\r\n\r\n"

    assert [row.line for row in read_sheet(text.encode()).rows] == [3, 7]


def test_empty_columns_that_excel_leaves_behind_mean_nothing():
    sheet = read_sheet(f"{HEADER},,\n{a_line().strip()},,\n{a_line().strip()},,left over\n".encode())

    assert sheet.columns == COLUMNS
    assert [row.surplus for row in sheet.rows] == [(), ("", "left over")]


def test_columns_may_stand_in_any_order():
    cells = row()
    columns = sorted(COLUMNS)
    text = ",".join(columns) + "\n" + ",".join(cells[column] for column in columns)

    assert read_sheet(text.encode()).rows[0].cells == cells


def test_a_row_cut_short_and_a_row_too_long_are_problems_not_guesses():
    short = HEADER + "\n" + ",".join(["Ada", "ada@example.org"])
    until_choice = HEADER + "\n" + a_line().strip().rstrip(",")
    for text, column in [
        (short, "phone"),
        (short + "\n", "phone"),
        (until_choice.rpartition(",")[0] + "\n", "choice"),
        (until_choice, "lower_amount"),  # the file itself ends within its last line
        (f"{HEADER}\n{a_line().strip()},more", "notes"),
    ]:
        [sheet_row] = read_sheet(text.encode()).rows
        problems = Problems(2)
        read_row(sheet_row, today=TODAY, problems=problems)
        assert column in columns_of(problems)


def test_commas_that_excel_leaves_out_behind_blank_cells_mean_nothing():
    whole, shorter = a_line(), a_line(travel_mode="car", miles="7").strip().rstrip(",")
    text = HEADER + "\r\n" + whole.strip().rstrip(",") + "\r\n" + shorter + "\r\n" + whole

    rows = read_sheet(text.encode()).rows

    assert rows[0].cells == rows[2].cells and [row.missing_from for row in rows] == ["", "", ""]
    assert (rows[1].cells["miles"], rows[1].cells["notes"]) == ("7", "")


def test_a_row_too_long_stays_refused_until_somebody_looks_at_it():
    sheet = read_sheet(f"{HEADER}\n{a_line().strip()},left over\n".encode())

    again = read_sheet(refused_rows_as_csv(sheet, [(sheet.rows[0], "too long")]))

    assert again.rows[0].surplus == ("left over",) and again.rows[0].cells == sheet.rows[0].cells


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(cells=st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)), has_bom=st.booleans())
def test_refused_rows_come_back_as_they_were(cells, has_bom):
    sheet = Sheet(COLUMNS, [SheetRow(2, cells)], has_bom)
    raw = refused_rows_as_csv(sheet, [(sheet.rows[0], "email: Enter it.")])

    written = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    again = read_sheet(raw)

    assert written == [{**cells, REASON: "email: Enter it."}]
    assert [row.cells for row in again.rows] == ([cells] if any(map(str.strip, cells.values())) else [])
    assert again.has_bom == has_bom


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_sentence(raw):
    for content in raw, HEADER.encode() + b"\n" + raw:
        try:
            read_sheet(content)
        except Refused as refused:
            assert str(refused).endswith(".")


def test_what_a_message_repeats_is_short_and_harmless():
    assert clipped("Ada\x1b[31m\n\u202e" + "a" * 99) == "Ada�[31m��" + "a" * 30 + "…"


# The row.


def test_a_good_row_becomes_values():
    asked, problems = asked_and_problems(
        person_name=" Zoe\u0308  Müller ",
        email="ZOE@Example.org ",
        sort_code="00 11-22",
        choice="Lower",
        lower_amount="7.5",
    )

    assert not problems
    assert (asked.name, asked.email, asked.sort_code) == ("Zoë Müller", "zoe@example.org", "001122")
    assert (asked.choice, asked.lower_amount, asked.hours, asked.on) == ("lower", Decimal("7.50"), 2, date(2026, 11, 5))


@pytest.mark.parametrize(
    "name",
    [
        "Ng",
        "O'Brien",
        "D’Souza",
        "Nguyễn Thị Ánh",
        "Łukasz",
        "Σωκράτης",
        "Ольга",
        "דָּוִד",
        "محمد\u200cعلی",
        "නිමල්",
        "शर्मा\u200dजी",
    ]
    + [
        "王小明",
        "김민준",
        "さくら",
        "ሰላም",
        "สมชาย",
        "தமிழ்",
        "গুরু",
        "ਗੁਰੂ",
        "J. R. Smith-Jones 3rd",
        "Anne-Marie",
        "\u200fדוד",
    ],
)
def test_names_in_any_script_are_names(name):
    asked, problems = asked_and_problems(person_name=name)

    assert not problems and asked.name == normal_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "\u202eadA",
        "A\u2066da",
        "A\u00adda",
        "A\ufeffda",
        "A\x85da",
        "A\u2028da",
        "＝1",
        "\t=1",
        "A\ufffdda",
        "\x7fAda",
        "-Ada",
    ],
)
def test_what_is_no_name_is_a_problem(name):
    assert columns_of(asked_and_problems(person_name=name)[1]) == ["person_name"]


@given(st.text(max_size=40))
def test_a_name_that_is_taken_is_visible_and_no_formula(name):
    asked, problems = asked_and_problems(person_name=name)

    if not problems:
        assert asked.name == normal_name(asked.name) != ""
        assert asked.name[0] not in "=+-@" and "\x00" not in asked.name and "\n" not in asked.name


def test_only_the_first_problem_of_a_cell_is_told_and_every_cell_of_a_row_is():
    asked, problems = asked_and_problems(person_name="", session_hours="x", hours_claimed="9", miles="x", receipt="x")

    assert columns_of(problems) == ["person_name", "session_hours", "travel_mode", "miles", "receipt"]
    assert [problem.line for problem in problems.in_order()] == [7] * 5
    assert str(problems.in_order()[0]) == "line 7, person_name: Enter the person's name."


@pytest.mark.parametrize(("hours", "pounds"), [("0.25", "3.75"), ("1.75", "26.25"), ("3", "45.00")])
def test_what_the_policy_makes_of_a_row(hours, pounds):
    asked, problems = asked_and_problems(hours_claimed=hours, travel_mode="car", miles="0.01")

    terms = judge(asked, SURREY, problems)

    assert not problems
    assert (terms.band.slug, terms.full_amount) == ("hourly", Decimal(pounds))
    assert (terms.cost, terms.mileage_rate) == (Decimal("0.01"), Decimal("0.55"))  # 0.0055, half up


@pytest.mark.parametrize(
    "also", [{}, {"agreed_hours": "x"}, {"hours_claimed": ""}, {"activity_kind": "co-facilitate-presentation"}]
)
def test_travel_is_judged_whatever_else_is_wrong(also):
    cells = {"travel_mode": "taxi", "miles": "2", **also}
    asked, problems = asked_and_problems(**cells)

    judge(asked, SURREY, problems)

    assert columns_of(problems) == [
        column for column in COLUMNS if column in {*also, "travel_amount", "miles", "receipt", "taxi_agreed_with"}
    ]


@pytest.mark.parametrize("also", ["session_hours", "agreed_hours", "hours_claimed", "activity_on"])
def test_the_choice_is_judged_whatever_else_is_wrong(also):
    asked, problems = asked_and_problems(activity_kind="peer-review", choice="donate", charity="RNLI", **{also: "x"})

    judge(asked, SURREY, problems)

    assert columns_of(problems) == [also, "choice"]


# When two rows are the same.


@given(
    st.sampled_from(["2", "2.0", "2.00", "02"]), st.sampled_from(["Local Hospice", "LOCAL hospice", " localhospice"])
)
def test_rows_are_compared_as_values(hours, charity):
    one, _ = asked_and_problems(choice="donate", charity="Local Hospice")
    other, _ = asked_and_problems(choice="Donate", charity=charity, hours_claimed=hours, notes="other", phone="other")

    assert comparable(one) == comparable(other)


def test_every_column_from_framework_to_taxi_agreed_with_is_compared():
    assert tuple(comparable(asked_and_problems()[0])) == COLUMNS[COLUMNS.index("framework") : COLUMNS.index("notes")]


def test_differing_columns_are_named():
    taxi = {"travel_mode": "taxi", "travel_amount": "9", "receipt": "yes", "taxi_agreed_with": "Ann"}
    one, other = (
        asked_and_problems(**taxi)[0],
        asked_and_problems(**{**taxi, "travel_amount": "8", "hours_claimed": "1"})[0],
    )

    assert differing_columns(one, other) == ["hours_claimed", "travel_amount"]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("ZOË MÜLLER", True),
        ("Zoe\u0308  Mu\u0308ller", True),
        ("Zoë\u200f Müller", True),
        ("Zoe Muller", False),
        ("Zoë M", False),
    ],
)
def test_one_name_in_two_spellings(other, same):
    assert same_name("Zoë Müller", other) is same


@pytest.mark.parametrize(("other", "same"), [("o’brien", True), ("OʼBrien", True), ("OBrien", False)])
def test_which_apostrophe_a_keyboard_has_makes_no_second_name(other, same):
    assert same_name("O'Brien", other) is same
