"""Tagged PDFs from our own HTML: what they claim, that they are the same every time, that they ask nobody."""

import builtins
import socket
from datetime import date

import pikepdf
import pytest

from eligibility import fonts, pdf
from eligibility.pdf import CannotDraw, OutsideRequest, Sheet, render_pdfs
from tests.reading import Reading

pytestmark = pytest.mark.needs_pango

CSS = "thank-you-card.css"


def sheet(body="<h1>Statement</h1><p>For Sam.</p>", title="Statement for Sam", **more) -> Sheet:
    return Sheet(title=title, body=body, dated=date(2026, 11, 12), **more)


def test_U3_a_pdf_claims_to_be_accessible_and_has_what_the_claim_needs():
    read = Reading(render_pdfs([sheet()], css=CSS)[0])
    root = read.pdf.Root
    assert root.MarkInfo.Marked is True
    assert root.Lang == "en-GB"
    assert root.ViewerPreferences.DisplayDocTitle is True
    assert read.properties["/Title"] == "Statement for Sam"
    with read.pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Statement for Sam"
    assert read.kinds()[:2] == ["Document", "Art"]
    assert [kind for kind in read.kinds() if kind in ("H1", "P")] == ["H1", "P"]
    assert read.pages[0].untagged == []
    assert all(font is not None for _, _, font in read.fonts.values())


def test_dates_come_from_the_sheet():
    made = Reading(render_pdfs([sheet()], css=CSS)[0]).properties
    assert made["/CreationDate"] == made["/ModDate"] == "D:20261112"


def test_the_same_sheet_gives_the_same_bytes_whatever_stands_beside_it():
    alone = render_pdfs([sheet()], css=CSS)
    between = render_pdfs([sheet("<p>李小龙</p>"), sheet(), sheet("<p>محمد</p>")], css=CSS)
    assert between[1] == alone[0]


def test_a_sheet_of_several_pages_stays_together():
    long = sheet("<h1>Long</h1>" + "".join(f"<p>Line {n}.</p>" for n in range(60)))
    first, second = render_pdfs([long, sheet()], css=CSS)
    assert len(Reading(first).pages) > 1
    assert "Line 59." in Reading(first).text
    assert len(Reading(second).pages) == 1


def test_a_screen_reader_gets_the_letters_even_where_shapes_and_letters_differ():
    name = "Ẹ̀kúndayọ̀ ẹọ शर्मा"
    assert name in Reading(render_pdfs([sheet(f"<p>{name}</p>")], css=CSS)[0]).text


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.png",
        "file:///etc/hostname",
        "/etc/hostname",
        "../settings.py",
        "asset:../thank-you-card.css",
        "asset:fonts/../../../manage.py",
        "data:image/png;base64,AAAA",
        "asset:",
    ],
)
@pytest.mark.parametrize(
    "use", ['<img alt="x" src="{}">', '<p style="background: url({})">x</p>', '<object data="{}"></object>']
)
def test_R_an_address_that_is_not_ours_stops_the_work_and_is_not_repeated(use, address, monkeypatch):
    def no_network(*args, **kwargs):
        raise AssertionError("a document opened a socket")

    render_pdfs([sheet()], css=CSS)
    monkeypatch.setattr(socket, "socket", no_network)
    with pytest.raises(OutsideRequest) as stopped:
        render_pdfs([sheet(use.format(address))], css=CSS)
    assert address not in str(stopped.value)


def test_after_a_refused_document_the_next_one_is_made():
    with pytest.raises(OutsideRequest):
        render_pdfs([sheet('<img alt="x" src="https://example.org/a.png">')], css=CSS)
    assert len(render_pdfs([sheet()], css=CSS)) == 1


def test_a_character_no_font_has_is_refused_before_anything_is_drawn():
    with pytest.raises(CannotDraw) as refused:
        render_pdfs([sheet(), sheet("<p>Sam 😀</p>")], css=CSS)
    assert refused.value.characters == ["😀"]
    assert "U+1F600" in str(refused.value)


def test_nothing_to_make_makes_nothing():
    assert render_pdfs([], css=CSS) == []


def test_a_font_is_unpacked_once_for_the_life_of_the_process():
    part = fonts.stack("Sam").parts[0]
    render_pdfs([sheet()], css=CSS)
    unpacked = pdf._engine().fonts._folder.stat().st_mtime_ns
    render_pdfs([sheet(), sheet("<p>Sam</p>")], css=CSS)
    assert part.css_name in pdf._engine().loaded
    assert pdf._engine().fonts._folder.stat().st_mtime_ns == unpacked


def test_without_the_system_libraries_the_sentence_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def without_pango(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real_import(name, *args, **kwargs)

    pdf._engine.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_pango)
    assert "apt-get install libpango-1.0-0" in pdf.engine_problem()
    monkeypatch.undo()
    assert pdf.engine_problem() is None


def test_only_standard_tags_are_used():
    body = "<h1>A</h1><table><caption>C</caption><tr><th scope=col>T</th></tr><tr><td>1</td></tr></table>"
    read = Reading(render_pdfs([sheet(body)], css=CSS)[0])
    standard = {"Document", "Art", "H1", "Table", "Caption", "TR", "TH", "TD", "TBody", "Span", "NonStruct", "Div"}
    assert set(read.kinds()) <= standard
    assert isinstance(read.pdf, pikepdf.Pdf)
