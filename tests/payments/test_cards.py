"""Thank-you cards: every name written whole, nothing private on them, and none waits for another."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility import fonts
from payments import cards
from payments.cards import Card, CardFacts, CardProblem, make_cards
from tests.eligibility.names import ALPHABETS, NAMES
from tests.reading import Reading

pytestmark = pytest.mark.needs_pango

SENTENCE = "You asked the question nobody else had thought of."


def facts(person="Amara Okafor", **more) -> CardFacts:
    usual = {
        "reference": "TYC-2026-0001",
        "organisation": "Riverside Co-production Partnership",
        "activity": "Interview panel, session two",
        "on": date(2026, 11, 12),
        "sentence": SENTENCE,
        "lead": "Priya Shah",
    }
    return CardFacts(person=person, **{**usual, **more})


def read(card: CardFacts) -> Reading:
    return Reading(make_cards([card])[0])


def bare(text: str) -> str:
    """Composed, without spaces: a long name may run over the line."""
    return "".join(unicodedata.normalize("NFC", text).split())


def test_S106_a_card_says_who_is_thanked_for_what_when_and_by_whom():
    card = read(facts())
    assert card.text == (
        "Thank you Amara Okafor for taking part in Interview panel, session two on 12 November 2026 "
        "You gave your time and shared what you know. It helped us, and we are grateful. "
        "You asked the question nobody else had thought of. "
        "Priya Shah Riverside Co-production Partnership Reference TYC-2026-0001"
    )


def test_U3_a_card_has_one_heading_that_is_the_thanks():
    card = read(facts())
    assert card.under("H1") == ["Thank you Amara Okafor"]
    assert set(card.kinds()) <= {"Document", "Art", "Div", "H1", "P", "BlockQuote", "Span", "NonStruct"}


def test_U3_the_drawing_is_decoration_and_all_else_is_tagged():
    card = read(facts())
    assert "Figure" not in card.kinds()
    assert card.pages[0].untagged == []


def test_the_language_of_a_name_is_left_open():
    page = read(facts()).pages[0]
    languages = dict(zip(page.texts, page.languages, strict=True))
    assert languages["Amara Okafor"] == languages["Priya Shah"] == "und"
    assert languages["Thank you"] is None


def test_S90_the_title_names_the_person_and_nothing_of_the_activity():
    properties = read(facts()).properties
    assert properties["/Title"] == "Thank-you card for Amara Okafor"
    assert "panel" not in str(properties)


def test_a_card_is_one_side_of_A5_lying():
    card = read(facts())
    left, bottom, right, top = (float(edge) for edge in card.pdf.pages[0].MediaBox)
    assert (round((right - left) * 25.4 / 72), round((top - bottom) * 25.4 / 72)) == (210, 148)
    assert len(card.pages) == 1


def test_U3_every_character_of_every_name_is_drawn_in_every_script():
    made = make_cards([facts(name) for name in NAMES.values()])
    for name, pdf in zip(NAMES.values(), made, strict=True):
        card = Reading(pdf)
        assert bare(f"Thank you {name}") in bare(card.text)
        assert card.boxes() == []
        assert len(card.pages) == 1
        assert all("+DejaVu" not in font and "+Liberation" not in font for font, _, _ in card.fonts.values())


@pytest.mark.parametrize("script", ["Yoruba", "Vietnamese", "Polish", "Korean"])
def test_a_name_taken_apart_is_put_together_again(script):
    card = read(facts(unicodedata.normalize("NFD", NAMES[script])))
    assert unicodedata.normalize("NFC", NAMES[script]) in card.text


names = st.dictionaries(
    st.sampled_from(sorted(ALPHABETS)),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=14),
    min_size=len(ALPHABETS),
)


@settings(max_examples=5, deadline=None)
@given(names)
def test_U3_random_names_from_each_script_are_drawn_with_real_letters(numbers):
    people = ["".join(ALPHABETS[s][n % len(ALPHABETS[s])] for n in picks) for s, picks in numbers.items()]
    people = [person for person in people if not fonts.missing_characters(person)]
    for person, pdf in zip(people, make_cards([facts(person) for person in people]), strict=True):
        card = Reading(pdf)
        assert bare(person) in bare(card.text)
        assert card.boxes() == []


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="\x00"), min_size=1, max_size=60))  # PostgreSQL keeps no NUL
def test_Q10_any_text_as_a_name_is_written_whole_or_waits(person):
    made = make_cards([facts(person)])[0]
    if isinstance(made, CardProblem):
        assert set(made.characters) <= set(fonts.drawable(person))
    else:
        assert bare(fonts.drawable(person)) in bare(Reading(made).text)


@pytest.mark.parametrize(
    "hostile",
    [
        '<b>Sam</b> & "Jo"',
        "<img src=https://example.org/a.png>",
        "</span><script>alert(1)</script>",
        "{{ settings.SECRET_KEY }}",
        "'); url(file:///etc/hostname)",
        "Sam (D) \\ ) endobj",
        "=HYPERLINK(1)",
        "&lt;Sam&gt;",
    ],
)
def test_Q10_a_name_is_text_and_nothing_else(hostile):
    everywhere = facts(hostile, activity=hostile, sentence=hostile, lead=hostile, organisation=hostile)
    card = read(everywhere)
    assert bare(card.text).count(bare(hostile)) == 5
    assert card.properties["/Title"] == f"Thank-you card for {hostile}"


def test_one_card_that_must_wait_does_not_stop_the_others():
    made = make_cards([facts("Sam"), facts("😀 Jo", reference="TYC-2"), facts("Mo", sentence="Well done 🎉")])
    assert "Sam" in Reading(made[0]).text
    assert made[1] == CardProblem("TYC-2", ("😀",))
    assert made[2].characters == ("🎉",)
    assert "U+1F600" in str(made[1])


def test_no_sentence_and_no_lead_leave_no_gap_in_the_tags():
    card = read(facts(sentence="", lead=""))
    assert "BlockQuote" not in card.kinds()
    assert card.text.endswith("we are grateful. Riverside Co-production Partnership Reference TYC-2026-0001")


def test_the_same_facts_give_the_same_bytes():
    assert make_cards([facts()]) == make_cards([facts("李小龙"), facts()])[1:]


@pytest.mark.parametrize(
    "person", ["J", "Maximiliana Wilhelmina Featherstonehaugh-Cholmondeley Ó Súilleabháin", "n" * 90]
)
def test_short_and_very_long_names_keep_to_one_side_with_long_words_beside_them(person):
    card = read(
        facts(
            person,
            sentence="You asked the question nobody else had thought of. " * 6,
            activity="A day of planning together with people from six towns, about the way we run meetings",
            organisation="The Riverside and Surrounding Villages Co-production Partnership",
        )
    )
    assert len(card.pages) == 1
    assert bare(person) in bare(card.text)


def test_words_too_many_for_a_side_run_on_and_nothing_is_cut():
    card = read(facts(sentence="Thank you for this as well. " * 60))
    assert len(card.pages) == 2
    assert card.text.count("Thank you for this") == 60
    assert card.text.endswith("Reference TYC-2026-0001")


def test_usual_cards_get_the_large_settings():
    assert Card(facts()).layout == cards.Layout("roomy", "name-2", name_is_tall=False, name_wraps=False)
    assert Card(facts("Tom", sentence="", lead="")).layout.setting == "airy"


def test_a_name_from_right_to_left_says_so():
    assert Card(facts(NAMES["Arabic"])).name_direction == "rtl"
    assert Card(facts(NAMES["two scripts"])).name_direction == "ltr"


def test_more_cards_than_one_batch_come_back_in_order(monkeypatch):
    monkeypatch.setattr(cards, "BATCH", 2)
    made = make_cards([facts(name) for name in ("Ann", "Ben", "Cal", "Dee", "Eve")])
    assert [Reading(pdf).under("H1")[0] for pdf in made] == [f"Thank you {n}" for n in "Ann Ben Cal Dee Eve".split()]
