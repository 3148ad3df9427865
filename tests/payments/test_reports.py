"""The run report: the same figures in every format, time and costs apart, and nothing private."""

import csv
import io
import json
import logging
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.operations import SHIPPED, load_framework
from eligibility.history import seal_events
from eligibility.models import Event
from eligibility.pdf import PdfEngineMissing
from payments.bank_files import make_file
from payments.models import Document, PaymentRun
from payments.payables import hold_by_staff, hold_for_person, top_up
from payments.reports import FORMATS, formats, report_of, write_report
from payments.runs import authorise_run, fail_payment, mark_sent, prepare_run
from tests.eligibility.names import NAMES
from tests.payments import office
from tests.payments.office import AFTER_CUT_OFF, DECIDED, PAY_DAY, approved, authoriser, officer, person
from tests.reading import Reading

pytestmark = pytest.mark.django_db


def prepared(on=PAY_DAY, at=AFTER_CUT_OFF) -> PaymentRun:
    return prepare_run(on, by=officer(), at=at)


def busy_run() -> PaymentRun:
    """Every method, both parts, blocked and held amounts, cards; authorised, with one list made."""
    decider = officer("decider@example.org")
    approved(person("Éva Kovács"), hours="2.25", costs={"train": "5.50"}, by=decider, on=date(2026, 11, 16))
    approved(person("Adam Zając"), choice="lower", lower="7.35", by=decider)
    approved(person("zoe no-capital"), kind="regular-advice", choice="voucher", hours="1.5", by=decider)
    approved(person("Bea Example"), choice="donate", charity="Rainy Day Trust", costs={"bus": "2.40"}, by=decider)
    approved(person("Nia Nobank", bank=False), costs={"taxi": "9.00"}, by=decider)
    approved(person("Cai Card"), kind="web-content", choice="none", by=decider)
    approved(person("Dee Declines"), kind="web-content", choice="decline", costs={"bus": "3.10"}, by=decider)
    waits = approved(person("Tom Waits"), by=decider)
    hold_for_person(waits.payables.get().pk, by=waits.person, at=DECIDED)
    asks = approved(person("Uma Held"), by=decider)
    hold_by_staff(asks.payables.get().pk, "SECRET NOTE", date(2026, 12, 1), by=decider, at=DECIDED)
    prepared()
    run = authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    make_file(PAY_DAY, "generic", by=officer(), reason="to upload", at=AFTER_CUT_OFF)
    seal_events()
    return run


def json_of(run) -> dict:
    return json.loads(FORMATS["json"](report_of(run)))


def csv_of(run) -> list[dict]:
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](report_of(run)).decode(), newline="")))


def html_of(run):
    return lxml.html.fromstring(FORMATS["html"](report_of(run)).decode())


def tables_of(page) -> dict[str, list[list[str]]]:
    """Each table's body by its caption: the words of each cell."""
    return {
        table.find("caption").text: [[words(cell) for cell in row] for row in table.find("tbody")]
        for table in page.iter("table")
    }


def words(element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def bare(text: str) -> str:
    """Without spaces: words break over lines on paper."""
    return "".join(text.split())


def pounds(text: str) -> list[Decimal]:
    return [Decimal(found.replace(",", "")) for found in re.findall(r"£([0-9,]+\.[0-9]{2})", text)]


def added(rows, column, **only) -> Decimal:
    chosen = [row for row in rows if all(row[name] == value for name, value in only.items())]
    return sum((Decimal(row[column]) for row in chosen if row[column]), Decimal("0.00"))


# Equal figures ----------------------------------------------------------------------------------------


def test_the_figures_are_the_runs_own_with_time_and_costs_apart():
    run = busy_run()
    report = json_of(run)
    assert report["methods"] == {
        "bank": {"payments": 4, "time": "41.10", "costs": "11.00"},
        "voucher": {"payments": 1, "time": "22.50", "costs": "0.00"},
        "charity": {"payments": 1, "time": "30.00", "costs": "0.00"},
    }
    for method, found in report["methods"].items():
        assert found["payments"] == getattr(run, f"{method}_payments")
        assert Decimal(found["time"]) + Decimal(found["costs"]) == getattr(run, f"{method}_total")
    assert (sum(report["payments"].values()), report["claims"], report["claims_paid"]) == (6, 9, 5)


def test_csv_and_json_have_the_same_lines_and_sums():
    run = busy_run()
    report, rows = json_of(run), csv_of(run)
    assert [{name: value or "" for name, value in line.items()} for line in report["lines"]] == [
        {name: value for name, value in row.items() if name != "pay_on"} for row in rows
    ]
    assert {row["pay_on"] for row in rows} == {"2026-11-27"}
    for method, found in report["methods"].items():
        mine = {"method": method, "status": "pending"}
        assert added(rows, "amount", part="time", **mine) == Decimal(found["time"])
        assert added(rows, "amount", part="costs", **mine) == Decimal(found["costs"])
        assert len({row["payment"] for row in rows if row["method"] == method and row["payment"]}) == found["payments"]
    for band in report["bands"]:
        mine = {"framework": band["framework"], "band": band["band"], "status": "pending"}
        assert added(rows, "hours", **mine) == Decimal(band["hours"])
        assert added(rows, "amount", part="time", **mine) == Decimal(band["time"])
        assert added(rows, "amount", part="costs", **mine) == Decimal(band["costs"])
    assert Counter(row["status"] for row in rows) == {"pending": 7, "blocked": 2, "held": 2, "card": 1}


def test_html_has_the_figures_of_json():
    run = busy_run()
    report, tables = json_of(run), tables_of(html_of(run))
    by_method = {row[0]: row[1:] for row in tables["By method"]}
    titles = {"bank": "Bank payments", "voucher": "Vouchers", "charity": "Donations"}
    for method, found in report["methods"].items():
        assert by_method[titles[method]] == [str(found["payments"]), f"£{found['time']}", f"£{found['costs']}"]
    assert by_method["All"] == ["6", "£93.60", "£11.00"]
    for framework, row in zip(report["frameworks"], tables["By framework"], strict=True):
        assert row == [framework["name"], str(framework["claims"]), f"£{framework['time']}", f"£{framework['costs']}"]
    for band, row in zip(report["bands"], tables["By band"], strict=True):
        shown = [row[0], int(row[1]), Decimal(row[2]), row[3], row[4]]
        assert shown == [
            band["title"], band["claims"], Decimal(band["hours"]), f"£{band['time']}", f"£{band['costs']}"
        ]  # fmt: skip
    paid = [line for line in report["lines"] if line["status"] == "pending"]
    for line, row in zip(paid, tables["Each amount this run pays"], strict=True):
        assert line["payee"] in row[0] and line["payment"] in row[0]
        assert line["claim"] in row[1] and line["activity"] in row[1]
        assert row[2:] == ([f"£{line['amount']}", ""] if line["part"] == "time" else ["", f"£{line['amount']}"])
    assert sorted(pounds(" ".join(row[-1] for row in tables["Blocked, and what to do"]))) == sorted(
        Decimal(entry["amount"]) for entry in report["blocked"]
    )
    numbers = [int(row[1]) for row in tables["From the activity to this pay day"]]
    assert numbers == list(report["promise"].values())
    assert [int(row[1]) for row in tables["Thank-you cards since the run before"]] == list(report["cards"].values())


def test_words_have_the_figures_of_json():
    run = busy_run()
    report, text = json_of(run), FORMATS["text"](report_of(run)).decode()
    shown = re.findall(r"for time £([0-9.,]+), costs £([0-9.,]+)\.", text)
    assert shown == [(found["time"], found["costs"]) for found in report["methods"].values()]
    assert f"Thank-you cards: {report['cards']['due']} due" in text


@pytest.mark.needs_pango
def test_the_pdf_says_what_the_html_says():
    run = busy_run()
    pdf, page = Reading(FORMATS["pdf"](report_of(run))), html_of(run)
    assert Counter(pounds(pdf.text)) == Counter(pounds(words(page.find(".//main"))))
    said = bare(pdf.text)
    for told in page.xpath("//h1 | //h2 | //p | //li | //caption | //th | //td | //dt | //dd"):
        assert bare(words(told)) in said
    assert pdf.boxes() == []


def test_time_and_costs_are_never_one_figure_in_any_format():
    approved(person(), hours="2", costs={"train": "5.50"})
    run = prepared()
    for name in ("html", "csv", "json", "text"):
        said = FORMATS[name](report_of(run)).decode()
        assert "30.00" in said and "5.50" in said
        assert "35.50" not in said


def test_lines_stand_by_payee_as_people_look_names_up():
    run = busy_run()
    payees = [line["payee"] for line in json_of(run)["lines"] if line["status"] == "pending"]
    assert list(dict.fromkeys(payees)) == [
        "Adam Zając", "Bea Example", "Dee Declines", "Éva Kovács", "Rainy Day Trust", "zoe no-capital"
    ]  # fmt: skip


def test_hours_are_told_once_for_a_claim_with_costs_and_a_top_up():
    claim = approved(person(), hours="2", costs={"train": "5.50"}, by=officer())
    top_up(claim.pk, "recognition", Decimal("7.50"), "half an hour more", by=officer(), at=DECIDED)
    run = prepared()
    report = json_of(run)
    assert [line["hours"] for line in report["lines"]].count("2.00") == 1
    assert (report["bands"][0]["hours"], report["bands"][0]["time"]) == ("2.00", "37.50")


def test_a_run_of_nothing_has_a_report_in_every_format():
    run = prepared_with_policy()
    report = json_of(run)
    assert (report["methods"], report["lines"], report["payments"]) == ({}, [], {})
    assert csv_of(run) == []
    assert "Nothing was waiting to be paid." in words(html_of(run))
    assert "Nothing is blocked." in words(html_of(run))


def prepared_with_policy() -> PaymentRun:
    office.surrey()
    return prepared()


# What is told -----------------------------------------------------------------------------------------


def test_what_was_not_paid_says_why_and_what_to_do():
    run = busy_run()
    report, rows = json_of(run), {row["payee"]: row for row in csv_of(run)}
    assert {(entry["person"], entry["part"], entry["reason"]) for entry in report["blocked"]} == {
        ("Nia Nobank", "time", "no-bank-details"),
        ("Nia Nobank", "costs", "no-bank-details"),
    }
    assert {(entry["person"], entry["by"]) for entry in report["held"]} == {
        ("Tom Waits", "person"),
        ("Uma Held", "staff"),
    }
    assert rows["Nia Nobank"]["why"] == "We have no bank details for this person."
    assert rows["Tom Waits"]["why"] == "The person asked us to wait."
    assert "can be a voucher instead" in words(html_of(run))


def test_a_payment_that_came_back_stays_in_the_sums_and_says_so():
    run = busy_run()
    before = json_of(run)
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    back = run.payments.get(payee_name="Adam Zając")
    fail_payment(back.reference, "5", by=officer(), at=AFTER_CUT_OFF)
    report = json_of(run)
    assert report["methods"] == before["methods"]
    assert [line["status"] for line in report["lines"] if line["payment"] == back.reference] == ["failed"]
    assert report["promise"]["late"] == before["promise"]["late"] - 1
    assert "Came back" in words(html_of(run))


def test_S74_the_promise_counts_each_claim_once_from_the_activity_to_the_pay_day(monkeypatch):
    approved(person(), costs={"train": "5.50"}, on=date(2026, 11, 13))  # 14 days
    approved(person(), on=date(2026, 11, 12))  # 15 days
    monkeypatch.setattr(office, "surrey", collective)
    approved(person(), kind="intro-meeting", choice="none", costs={"train": "5.50"})
    assert json_of(prepared())["promise"] == {"within": 1, "late": 1, "without_target": 1}


def collective():
    path = SHIPPED / "co-production-collective-2021.toml"
    version, _ = load_framework(path.read_text(encoding="utf-8"), source=path.name, by=None, at=DECIDED)
    return version


def test_each_framework_has_its_own_figures(monkeypatch):
    approved(person(), hours="2")
    monkeypatch.setattr(office, "surrey", collective)
    approved(person(), kind="intro-meeting", choice="none", costs={"train": "5.50"})
    report = json_of(prepared())
    assert [(found["framework"], found["claims"], found["time"], found["costs"]) for found in report["frameworks"]] == [
        ("co-production-collective-2021", 1, "0.00", "5.50"),
        ("surrey-asc-2025", 1, "30.00", "0.00"),
    ]


def test_cards_are_counted_since_the_run_before_and_by_how_far_they_are():
    for name in ("Made", "Waiting", "Odd", "Declines"):
        approved(person(name), kind="web-content", choice="decline" if name == "Declines" else "none")
    cards = {card.participation.person.name: card for card in Document.objects.all()}
    Document.objects.filter(pk=cards["Made"].pk).update(made_at=DECIDED, path="card.pdf", sha256="0" * 64)
    Document.objects.filter(pk=cards["Odd"].pk).update(problem="We have no font for U+10380.")
    run = prepared()
    assert json_of(run)["cards"] == {"due": 3, "made": 1, "waiting": 1, "problems": 1}
    assert tables_of(html_of(run))["Cards that a person has to look at"] == [["Odd", "We have no font for U+10380."]]
    following = prepared(on=date(2026, 12, 11), at=office.london("2026-12-09T18:00"))
    assert json_of(following)["cards"] == {"due": 0, "made": 0, "waiting": 0, "problems": 0}


def test_who_signed_the_hashes_and_the_head_of_the_trail_are_told():
    run = busy_run()
    report = json_of(run)
    assert [(signed["deed"], signed["by"]) for signed in report["signatures"]] == [
        ("prepared", "officer@example.org"),
        ("authorised", "authoriser@example.org"),
    ]
    assert report["signatures"][1]["at"] == "2026-11-25T18:00:00+00:00"
    assert report["digest"] == run.digest
    assert [file["layout"] for file in report["files"]] == ["generic"]
    assert report["audit_head"]["seq"] == Event.objects.count()
    page = words(html_of(run))
    for proof in (run.digest, report["files"][0]["sha256"], report["audit_head"]["hash"]):
        assert proof in page


def test_a_run_the_clock_prepared_says_so():
    office.surrey()
    run = prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    assert json_of(run)["signatures"][0]["by"] is None
    assert "The calendar" in words(html_of(run))


def test_notes_and_reasons_stay_out():
    claim = approved(person(), by=officer())
    type(claim).objects.filter(pk=claim.pk).update(staff_note="SECRET NOTE")
    run = busy_run()
    for name in ("html", "csv", "json", "text"):
        assert b"SECRET NOTE" not in FORMATS[name](report_of(run))


# How it is written ------------------------------------------------------------------------------------


def test_R51_a_name_is_never_a_formula_or_a_tag():
    approved(person('=HYPERLINK("x")<script>alert(1)</script>'))
    run = prepared()
    [row] = csv_of(run)
    assert row["payee"].startswith("'=HYPERLINK")
    page = html_of(run)
    assert page.find(".//script") is None
    assert "<script>alert(1)</script>" in words(page)


def test_the_page_is_one_file_that_asks_for_nothing():
    page = html_of(busy_run())
    assert page.get("lang") == "en-GB"
    assert not page.xpath("//script | //link | //img | //iframe | //*[@src] | //*[@href]")
    assert "url(" not in page.find(".//style").text and "@import" not in page.find(".//style").text


def test_every_table_has_a_caption_and_headers_and_no_heading_is_skipped():
    page = html_of(busy_run())
    for table in page.iter("table"):
        assert table.find("caption").text
        assert all(cell.get("scope") == "col" for cell in table.find("thead").iter("th"))
        assert all(row[0].tag == "th" and row[0].get("scope") == "row" for row in table.find("tbody"))
    assert [heading.tag for heading in page.xpath("//h1 | //h2 | //h3")] == ["h1"] + ["h2"] * 5


@pytest.mark.needs_pango
def test_U3_the_pdf_is_tagged_with_titled_tables_whose_cells_know_their_headers():
    pdf = Reading(FORMATS["pdf"](report_of(busy_run())))
    assert pdf.properties["/Title"] == "Run report, 27 November 2026"
    assert str(pdf.pdf.Root.Lang) == "en-GB" and bool(pdf.pdf.Root.MarkInfo.Marked)
    assert b'pdfuaid:part="1"' in pdf.pdf.Root.Metadata.read_bytes()
    assert "Caption" in pdf.kinds() and pdf.kinds().count("H1") == 1
    names = {str(tag.ID) for tag in pdf.tags if "/ID" in tag}
    for tag in pdf.tags:
        if str(tag.S) == "/TD":
            assert tag.A.Headers and all(str(header) in names for header in tag.A.Headers)


@pytest.mark.needs_pango
def test_U3_names_of_every_script_are_drawn_and_all_fonts_are_ours():
    for name in NAMES.values():
        approved(person(name, bank=False), kind="regular-advice", choice="voucher")
    pdf = Reading(FORMATS["pdf"](report_of(prepared())))
    assert pdf.boxes() == []
    assert not [font for font, _, _ in pdf.fonts.values() if "DejaVu" in font or "Liberation" in font]
    said = bare(pdf.text)
    for name in NAMES.values():
        assert bare(name) in said


@pytest.mark.needs_pango
def test_a_letter_that_no_font_has_is_spelled_out_never_a_blank():
    approved(person("Ada \U00010380"))
    assert "[U+10380]" in Reading(FORMATS["pdf"](report_of(prepared()))).text


@pytest.mark.needs_pango
def test_what_is_too_long_for_paper_is_left_to_the_other_formats(monkeypatch):
    monkeypatch.setattr(formats, "LINES_ON_PAPER", 1)
    approved(person("Ada Example"), costs={"train": "5.50"})
    said = Reading(FORMATS["pdf"](report_of(prepared()))).text
    assert "There are 2 lines, too many for paper." in said and "Ada Example" not in said


@pytest.mark.needs_chromium
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.django_db(transaction=True)
def test_nothing_runs_off_the_side_of_the_screen(page, width, tmp_path):
    approved(person("Wilhelmina Featherstonehaugh-Cholmondeley-with-no-place-to-break-it-anywhere"))
    [place] = [path for path in write_report(busy_run(), tmp_path) if path.suffix == ".html"]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(place.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# The folder -------------------------------------------------------------------------------------------


@pytest.mark.needs_pango
def test_the_reports_of_a_run_are_written_side_by_side(tmp_path):
    run = busy_run()
    written = write_report(run, tmp_path)
    folder = tmp_path / "reports" / "2026-11-27"
    assert written == [folder / f"run-report.{name}" for name in ("html", "pdf", "csv", "json")]
    assert json.loads((folder / "run-report.json").read_text()) == json_of(run)


def test_without_the_pdf_engine_the_others_are_written_and_it_is_said(tmp_path, monkeypatch, caplog):
    def missing(*args, **more):
        raise PdfEngineMissing

    monkeypatch.setattr(formats, "render_pdfs", missing)
    with caplog.at_level(logging.WARNING):
        written = write_report(prepared_with_policy(), tmp_path)
    assert [path.suffix for path in written] == [".html", ".csv", ".json"]
    assert "libpango" in caplog.text


# Size -------------------------------------------------------------------------------------------------


def queries_for(run) -> Counter:
    found = Counter()
    for name in ("html", "csv", "json", "text"):
        with CaptureQueriesContext(connection) as captured:
            FORMATS[name](report_of(run))
        found[name] = len(captured)
    return found


def test_the_number_of_queries_does_not_depend_on_the_number_of_lines(monkeypatch):
    version = office.surrey()
    monkeypatch.setattr(office, "surrey", lambda: version)
    by, later = officer("decider@example.org"), office.london("2026-12-01T12:00")
    claims_of(5, by=by, at=DECIDED)
    few = queries_for(prepared())
    claims_of(100, by=by, at=later)
    many = prepared(on=date(2026, 12, 11), at=office.london("2026-12-09T18:00"))
    assert len(report_of(many).paid) == 200
    assert queries_for(many) == few
    assert max(few.values()) <= 12


def claims_of(number: int, *, by, at):
    for _ in range(number):
        approved(person(), costs={"train": "5.50"}, by=by, at=at)
    approved(person(bank=False), by=by, at=at)
    approved(person(), kind="web-content", choice="none", by=by, at=at)
