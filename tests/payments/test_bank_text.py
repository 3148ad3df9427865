"""Requirements §3: what a bank file may carry of a name, and what a report may show in a cell."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payments.rules.bank_text import bank_text, neutralise_cell

# Lone surrogates too: a broken import must not break the file.
any_text = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("Ng", "NG"),
        ("Sukarno", "SUKARNO"),
        ("Mary-Ann O'Brien", "MARY-ANN OBRIEN"),
        ("Siobhán O’Brien", "SIOBHAN OBRIEN"),
        ("Siobhan O`Brien", "SIOBHAN OBRIEN"),
        ("Siobhan O´Brien", "SIOBHAN OBRIEN"),
        ("José Álvarez", "JOSE ALVAREZ"),
        ("Jose\u0301 A\u0301lvarez", "JOSE ALVAREZ"),
        ("Jürgen Groß", "JURGEN GROSS"),
        ("Łukasz Żółć", "LUKASZ ZOLC"),
        ("Søren Æbelø", "SOREN AEBELO"),
        ("Þóra Guðmundsdóttir", "THORA GUDMUNDSDOTT"),
        ("Nguyễn Thị Ánh", "NGUYEN THI ANH"),
        ("İpek Yıldız", "IPEK YILDIZ"),
        ("Ənvər", "ENVER"),
        ("Kaʻiulani", "KAIULANI"),
        ("Ольга Мельничук", "OLGA MELNICHUK"),
        ("Γιώργος", "GIORGOS"),
        ("王小明", "WANGXIAOMING"),
        ("김민수", "GIMMINSU"),
        ("マリア・ガルシア", "MARIA-GARUSHIA"),
        ("محمد علي", "MHMD LY"),
        ("שרה", "SRH"),
        ("Ｍａｒｙ", "MARY"),
        ("Anne\u2011Marie", "ANNE-MARIE"),
        ("A. & B. Smith a/c 2", "A. & B. SMITH A/C"),
        ("Smith, John (Mr)", "SMITH JOHN MR"),
        ("  Jo \t\n  Bloggs\u00a0 ", "JO BLOGGS"),
        ("Zero\u200bWidth", "ZEROWIDTH"),
        ("Jo 😀 Bloggs", "JO BLOGGS"),
        ("=Jo+Bloggs", "JO BLOGGS"),
        ("-Jo", "JO"),
        ("@jo", "JO"),
    ],
)
def test_names_as_the_bank_carries_them(name, carried):
    assert bank_text(name) == carried


@pytest.mark.parametrize("name", ["", "   ", "😀", "❤️", "👩🏽‍🦽", "🇬🇧", "---", "'", "…", "\u200d", "\ud800"])
def test_what_nobody_can_read_is_empty_so_that_we_ask(name):
    assert bank_text(name) == ""


def test_a_long_name_is_cut_and_never_ends_in_a_space():
    assert bank_text("Bartholomew Montgomery") == "BARTHOLOMEW MONTGO"
    assert bank_text("Bartholomew Montgomery", 12) == "BARTHOLOMEW"
    assert bank_text("Bartholomew Montgomery", 35) == "BARTHOLOMEW MONTGOMERY"


@given(any_text, st.integers(1, 40))
@example("ﷺ", 18)  # one character that stands for eighteen
def test_any_text_gives_only_what_a_bank_file_may_carry(name, length):
    carried = bank_text(name, length)
    assert re.fullmatch(r"([A-Z0-9][A-Z0-9 .&/-]*)?", carried)
    assert len(carried) <= length
    assert carried == carried.strip()
    assert "  " not in carried
    assert neutralise_cell(carried) == carried


@given(any_text, st.integers(1, 40))
def test_the_form_carried_is_its_own_form(name, length):
    assert bank_text(bank_text(name, length), length) == bank_text(name, length)


@given(any_text)
def test_two_ways_to_store_the_same_accents_give_one_form(name):
    assert bank_text(unicodedata.normalize("NFD", name)) == bank_text(unicodedata.normalize("NFC", name))


def test_no_letter_of_european_alphabets_is_lost():
    letters = [chr(code) for code in range(0xC0, 0x180) if chr(code).isalpha()]
    assert [letter for letter in letters if not bank_text(letter)[:1].isalpha()] == []


@given(st.from_regex(r"[A-Z0-9]([A-Z0-9.&/-]| (?! )){0,16}[A-Z0-9]", fullmatch=True))
def test_a_name_a_bank_file_may_carry_is_left_alone(name):
    assert bank_text(name) == name


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+44", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "\0=1", " =1+1", "\u00a0=1", "\ufeff=1", "＝1", "－1"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell):
    assert neutralise_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Jo Bloggs", "1-2", "a=b", "'=1", "  jo", "15.00", "jo@example.org"])
def test_any_other_cell_is_left_alone(cell):
    assert neutralise_cell(cell) == cell


@given(any_text)
def test_no_report_cell_begins_as_a_formula_and_none_loses_text(cell):
    shown = neutralise_cell(cell)
    assert shown in (cell, f"'{cell}")
    assert not shown.strip("\0\ufeff \u00a0").startswith(("=", "+", "-", "@"))
    assert not shown.startswith(("\t", "\r", "\n", "\0"))
    assert neutralise_cell(shown) == shown
