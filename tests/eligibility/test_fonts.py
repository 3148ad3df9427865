"""Which bundled fonts a name needs, and that none of its characters is drawn as an empty box."""

import hashlib
import json
import unicodedata

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from eligibility import fonts
from tests.eligibility.names import ALPHABETS, NAMES

INDEX = json.loads((fonts.FONTS / "index.json").read_text())


def families_of(text: str, role: str = "display") -> set[str]:
    parts = fonts.stack(text, role).parts
    return {family for family, all_parts in fonts.families().items() for part in parts if part in all_parts}


def test_the_bundle_is_what_was_vendored():
    for face in INDEX["faces"]:
        assert hashlib.sha256((fonts.FONTS / face["file"]).read_bytes()).hexdigest() == face["sha256"]
    on_disk = {str(path.relative_to(fonts.FONTS)) for path in fonts.FONTS.rglob("*.woff2")}
    assert on_disk == {face["file"] for face in INDEX["faces"]}


def test_every_package_is_pinned_and_brings_its_licence():
    for package in INDEX["packages"]:
        assert package["package"].rpartition("@")[2][0].isdigit()
        assert "SIL OPEN FONT LICENSE" in (fonts.FONTS / package["licence"]).read_text().upper()


@pytest.mark.parametrize("face", INDEX["faces"][:: len(INDEX["faces"]) // 12], ids=lambda face: face["file"])
def test_the_index_says_what_the_font_has(face):
    in_font = set(TTFont(fonts.FONTS / face["file"]).getBestCmap())
    in_index = {code for first, last in face["ranges"] for code in range(first, last + 1)}
    assert in_index == in_font


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_can_be_written_composed_or_taken_apart(name, form):
    assert fonts.missing_characters(unicodedata.normalize(form, name)) == []
    assert fonts.stack(unicodedata.normalize(form, name), "display").missing == ()


@pytest.mark.parametrize("script", ALPHABETS)
def test_every_letter_of_the_alphabets_is_in_a_font(script):
    """Eight rare traditional characters are in no slice that is published: such a card waits."""
    known_gaps = set("杗姅詨跦穋歜觼鑤")
    assert set(fonts.missing_characters(" ".join(ALPHABETS[script]))) <= known_gaps


def test_what_no_font_has_is_named_once_in_order():
    assert fonts.missing_characters("Sam 😀 and 🎉 and 😀") == ["😀", "🎉"]
    assert fonts.missing_characters("\ue000") == ["\ue000"]


def test_an_accent_no_font_can_place_is_missing_though_its_letter_is_there():
    """Arabic beh with a caron: each is in some font, in none together."""
    assert "\u030c" in fonts.missing_characters("ب\u030c")


def test_invisible_characters_need_no_font():
    assert fonts.missing_characters("ශ්\u200dරී\ufe0f \u200e\u2060") == []


def test_control_characters_are_not_invisible():
    assert fonts.missing_characters("Sam\x07") == ["\x07"]


def test_text_is_drawn_composed_with_single_spaces_and_no_direction_overrides():
    assert fonts.drawable(" Zoe\u0308 \n\t \u202eKhan\u2069 ") == "Zoë Khan"


def test_one_unusual_letter_does_not_change_style_within_a_name():
    assert families_of("Ọládélé Ẹ̀kúndayọ̀") == {"Noto Serif"}
    assert families_of("Amara Okafor") == {"Fraunces"}


def test_chinese_characters_take_the_shapes_of_the_language_around_them():
    assert families_of("山田") == {"Noto Serif SC"}
    assert families_of("山田さくら") == {"Noto Serif JP"}
    assert families_of("金민준") == {"Noto Serif KR"}


def test_only_the_slices_a_name_needs_are_named():
    assert len(fonts.stack("李小龙").parts) <= 3


def test_direction_is_that_of_the_first_letter_that_has_one():
    assert fonts.is_right_to_left("12 محمد Sam")
    assert not fonts.is_right_to_left("Sam محمد")
    assert not fonts.is_right_to_left("12")


@given(st.text(max_size=40), st.sampled_from(["text", "display"]))
def test_any_text_is_covered_letter_by_letter_by_one_part_or_reported(text, role):
    stack = fonts.stack(text, role)
    for letter in fonts.clusters(fonts.drawable(text)):
        if set(letter) & set(stack.missing):
            continue
        takers = {next(p for p in stack.parts if ord(character) in p.codes) for character in letter}
        assert len(takers) == 1
