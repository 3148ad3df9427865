"""Thank-you cards: from facts to tagged PDFs, many at a time.

A card says who is thanked, for which activity, when, and by whom. It never says what the activity was
about, or anything of health or money: the title that comes in is the neutral one.

A name that no bundled font can write makes a `CardProblem` for a person to look at. The other cards of
the batch are made all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil
from string import ascii_letters
from unicodedata import category, east_asian_width

from django.template.loader import render_to_string
from fontTools.unicodedata import script

from eligibility import fonts
from eligibility.pdf import Sheet, render_pdfs

MONTHS = "January February March April May June July August September October November December".split()
BATCH = 50

# Looks of a name, best first: its class, its size in points, and on how many lines it may stand.
NAME_LOOKS = (
    ("name-1", 42, 1),
    ("name-2", 36, 1),
    ("name-3", 30, 1),
    ("name-2", 36, 2),
    ("name-3", 30, 2),
    ("name-4", 25, 3),
    ("name-5", 20, 6),
)
SMALLEST = 20  # the only size at which a word may be broken
COLUMN = 105  # millimetres for the words, across
HEIGHT = 130  # and down
POINT = 0.353  # millimetres

# Settings of the words, roomiest first: class, millimetres taken by what is always there, points of the
# text, millimetres of one of its lines. They follow the style sheet.
SETTINGS = (("airy", 93, 13, 6.7), ("roomy", 79, 13, 6.7), ("full", 66, 12, 6.1))

# Scripts whose letters keep between one base line and one cap height, as Latin does. The others build
# signs above and below, and need more room between lines.
LEVEL_SCRIPTS = {"Latn", "Grek", "Cyrl", "Hebr", "Armn", "Geor", "Hani", "Hira", "Kana", "Hang", "Zyyy", "Zinh"}
WIDE_SCRIPTS = {"Mlym", "Taml", "Sinh", "Ethi", "Mymr", "Khmr"}


@dataclass(frozen=True)
class CardFacts:
    """What a card is made from. Plain text; `sentence` is the lead's own, `lead` their name."""

    reference: str
    person: str
    organisation: str
    activity: str
    on: date
    sentence: str = ""
    lead: str = ""


@dataclass(frozen=True)
class CardProblem:
    """Why a card waits: the characters of its facts that we cannot write."""

    reference: str
    characters: tuple[str, ...]

    def __str__(self) -> str:
        listed = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters)
        return f"Card {self.reference} is waiting: we have no font for {listed}."


@dataclass(frozen=True)
class CardFonts:
    text: fonts.Stack
    thanks: fonts.Stack
    name: fonts.Stack

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.name.missing, *self.text.missing]))


@dataclass(frozen=True)
class Card:
    """The facts as the template reads them. Without `fonts` it is for a web page, where the browser chooses."""

    facts: CardFacts
    fonts: CardFonts | None = None

    @property
    def name(self) -> str:
        return fonts.drawable(self.facts.person)

    @property
    def activity(self) -> str:
        return fonts.drawable(self.facts.activity)

    @property
    def sentence(self) -> str:
        return fonts.drawable(self.facts.sentence)

    @property
    def lead(self) -> str:
        return fonts.drawable(self.facts.lead)

    @property
    def organisation(self) -> str:
        return fonts.drawable(self.facts.organisation)

    @property
    def reference(self) -> str:
        return fonts.drawable(self.facts.reference)

    @property
    def date(self) -> str:
        return f"{self.facts.on.day} {MONTHS[self.facts.on.month - 1]} {self.facts.on.year}"

    @property
    def name_direction(self) -> str:
        return _direction(self.name)

    @property
    def activity_direction(self) -> str:
        return _direction(self.activity)

    @property
    def sentence_direction(self) -> str:
        return _direction(self.sentence)

    @cached_property
    def layout(self) -> "Layout":
        """The largest name, and beside it the roomiest words, that fit the card by estimate.

        Too many words for any, they run on to a second page: nothing is ever cut.
        """
        tall = any(script(character) not in LEVEL_SCRIPTS for character in self.name)
        texts = [self.activity, self.sentence, self.lead, self.organisation]
        for look, points, most in NAME_LOOKS:
            lines = _name_lines(self.name, points)
            if lines > most or (points > SMALLEST and _breaks_a_word(self.name, points)):
                continue
            name = points * POINT * lines * (1.55 if tall else 1.15)
            for setting, rest, size, line in SETTINGS:
                below = sum(ceil(0.88 * _ems(text) * size * POINT / (COLUMN - 9)) for text in texts)
                if name + rest + below * line <= HEIGHT:
                    return Layout(setting, look, tall, lines > 1)
        return Layout("packed", "name-5", tall, True)


@dataclass(frozen=True)
class Layout:
    """The classes that set the card."""

    setting: str
    name_size: str
    name_is_tall: bool
    name_wraps: bool


def make_cards(facts: Sequence[CardFacts]) -> list[bytes | CardProblem]:
    """A PDF for each card, or the reason why there is none, in the order given.

    Raises eligibility.pdf.PdfEngineMissing where no PDF can be made at all.
    """
    cards = [Card(of_card, _fonts_for(of_card)) for of_card in facts]
    made: list = [CardProblem(card.reference, card.fonts.missing) if card.fonts.missing else None for card in cards]
    waiting = [place for place, problem in enumerate(made) if problem is None]
    for start in range(0, len(waiting), BATCH):
        places = waiting[start : start + BATCH]
        pdfs = render_pdfs([_sheet(cards[place]) for place in places], css="thank-you-card.css")
        for place, pdf in zip(places, pdfs, strict=True):
            made[place] = pdf
    return made


def _fonts_for(facts: CardFacts) -> CardFonts:
    words = (ascii_letters, facts.activity, facts.sentence, facts.lead, facts.organisation, facts.reference)
    return CardFonts(
        text=fonts.stack(" ".join(words)),
        thanks=fonts.stack("Thank you", "display"),
        name=fonts.stack(facts.person, "display"),
    )


def _sheet(card: Card) -> Sheet:
    return Sheet(
        title=f"Thank-you card for {card.name}",
        body=render_to_string("documents/thank-you-card.html", {"card": card}),
        dated=card.facts.on,
        stacks=(card.fonts.text, card.fonts.thanks, card.fonts.name),
    )


def _direction(text: str) -> str:
    return "rtl" if fonts.is_right_to_left(text) else "ltr"


def _name_lines(name: str, points: int) -> int:
    """On how many lines the name would stand."""
    room = _room(points)
    lines, left = 1, room
    for word in map(_ems, name.split()):
        if word > left:
            lines, left = lines + ceil(word / room), room
        left -= word % room + 0.3
    return lines


def _breaks_a_word(name: str, points: int) -> bool:
    return max(map(_ems, name.split()), default=0) > _room(points)


def _room(points: int) -> float:
    """The width of the column in units of that size, less a little for the estimate."""
    return 0.97 * COLUMN / (points * POINT)


def _ems(text: str) -> float:
    """About how wide the text is, in units of its size: measured on our fonts, rounded up."""
    return sum(map(_em, text))


def _em(character: str) -> float:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    if east_asian_width(character) in "WF":
        return 1
    if character in "iljtfrI'’.,-() ":
        return 0.38
    written = script(character)
    if character in "mwMW" or written in WIDE_SCRIPTS:
        return 0.95
    if character.isupper():
        return 0.75
    return 0.45 if written in ("Arab", "Thai") else 0.6
