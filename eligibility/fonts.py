"""Which bundled fonts a text needs, and which of its characters none of them has.

A name is drawn whole or not at all: a card with an empty box where a letter should be is worse than a
late card. So every text is measured against the index of `static/fonts/` before it is drawn.

Three rules make it look right as well:
- all letters of one script in a text come from one family where one has them all, so that a single
  unusual letter does not stand out in a different style;
- a letter and its accents come from one file, or the accent would land beside the letter;
- Chinese characters take the shapes of the language the rest of the text shows (kana: Japanese,
  hangul: Korean), else simplified, else traditional.

Only families and slices a text needs are named, so only those are ever loaded.
"""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import permutations
from pathlib import Path

from fontTools.unicodedata import script

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"

# The order in which families are tried. What stands in neither list comes between, as in the index.
FIRST = {
    "text": ("Atkinson Hyperlegible Next", "Noto Sans"),
    "display": ("Fraunces", "Noto Serif"),
}
LAST = {
    "text": ("Noto Serif", "Fraunces"),
    "display": ("Noto Sans", "Atkinson Hyperlegible Next"),
}
# These have accented letters ready-made, but do not know where to put an accent that comes on its own.
READY_MADE_ONLY = {"Atkinson Hyperlegible Next", "Fraunces"}
JAPANESE, KOREAN = "Noto Serif JP", "Noto Serif KR"

# Invisible marks that turn the reading direction and could turn what stands beside the name as well.
# Joiners and direction hints (U+200C to U+200F) stay: Persian, Sinhala and others are spelled with them.
DIRECTION_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True, eq=False)
class Part:
    """One family or one slice of it, under the CSS family name only it has."""

    css_name: str
    codes: frozenset[int]
    files: tuple[tuple[int, str], ...]  # (weight, path under static/fonts)


@dataclass(frozen=True)
class Stack:
    """The parts that draw a text, in the order CSS should name them, and what they cannot draw."""

    parts: tuple[Part, ...]
    missing: tuple[str, ...] = ()

    @property
    def css(self) -> str:
        """The value of a `font-family` declaration."""
        return ", ".join(f"'{part.css_name}'" for part in self.parts)


def drawable(text: str) -> str:
    """The text as it is drawn: composed (NFC), one space between words, no direction overrides."""
    composed = unicodedata.normalize("NFC", text.translate(DIRECTION_OVERRIDES))
    return " ".join(composed.split())


def missing_characters(text: str) -> list[str]:
    """The characters no bundled font can draw where they stand, each once, in order. Empty: all is well."""
    return list(stack(text).missing)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


@lru_cache(maxsize=4096)
def stack(text: str, role: str = "text") -> Stack:
    """The fonts to draw `text` with. `role` is "text" for reading or "display" for names in large type."""
    letters = list(dict.fromkeys(clusters(drawable(text))))
    scripts: dict[str, list[str]] = {}
    for letter in letters:
        scripts.setdefault(script(letter[0]), []).append(letter)

    order = _family_order(role, scripts)
    chosen: list[str] = []
    # Shared characters (spaces, digits, stops) come last, so that a family already there can draw them.
    for name in sorted(scripts, key=lambda name: name in ("Zyyy", "Zinh")):
        for family in _families_for(scripts[name], [*chosen, *order]):
            if family not in chosen:
                chosen.append(family)

    best = None
    for families in permutations(chosen) if len(chosen) <= 5 else [chosen]:
        attempt = _stack_of(families, letters)
        if best is None or len(attempt.missing) < len(best.missing):
            best = attempt
        if not best.missing:
            break
    return best


def clusters(text: str) -> Iterable[str]:
    """The text cut into letters, each with the marks that sit on it. Invisible characters are left out."""
    letter = ""
    for character in text:
        if _is_invisible(character):
            continue
        if unicodedata.category(character).startswith("M") and letter:
            letter += character
            continue
        if letter:
            yield letter
        letter = character
    if letter:
        yield letter


def _is_invisible(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) == "Cf"
        or 0xFE00 <= code <= 0xFE0F  # variation selectors
        or 0xE0100 <= code <= 0xE01EF
        or code == 0x034F  # combining grapheme joiner
    )


@cache
def families() -> dict[str, list[Part]]:
    """Every bundled family with its parts, from the index."""
    parts: dict[tuple[str, str], dict] = {}
    for face in json.loads((FONTS / "index.json").read_text())["faces"]:
        part = parts.setdefault((face["family"], face["part"]), {"codes": None, "files": []})
        codes = frozenset(code for first, last in face["ranges"] for code in range(first, last + 1))
        part["codes"] = codes if part["codes"] is None else part["codes"] & codes
        part["files"].append((face["weight"], face["file"]))
    found: dict[str, list[Part]] = {}
    for (family, name), part in parts.items():
        found.setdefault(family, []).append(Part(f"{family} {name}".strip(), part["codes"], tuple(part["files"])))
    return found


def _family_order(role: str, scripts: Iterable[str]) -> list[str]:
    middle = [name for name in families() if name not in FIRST[role] + LAST[role]]
    if "Hang" in scripts:
        middle.insert(0, KOREAN)
    if "Hira" in scripts or "Kana" in scripts:
        middle.insert(0, JAPANESE)
    return list(dict.fromkeys([*FIRST[role], *middle, *LAST[role]]))


def _families_for(letters: list[str], order: list[str]) -> list[str]:
    """One family that has all the letters, else the first for each letter."""
    for family in order:
        if all(_part_with(letter, family) for letter in letters):
            return [family]
    firsts = [next((f for f in order if _part_with(letter, f)), None) for letter in letters]
    return [family for family in dict.fromkeys(firsts) if family]


def _part_with(letter: str, family: str) -> Part | None:
    if len(letter) > 1 and family in READY_MADE_ONLY:
        return None
    codes = {ord(character) for character in letter}
    having = _parts_by_code(family).get(ord(letter[0]), ())
    return next((part for part in having if codes <= part.codes), None)


@cache
def _parts_by_code(family: str) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = {}
    for part in families()[family]:
        for code in part.codes:
            found.setdefault(code, []).append(part)
    return found


def _stack_of(names: Iterable[str], letters: list[str]) -> Stack:
    """The parts of these families that the letters need, with what would still be drawn wrongly.

    A text engine looks each character up on its own and takes the first family that has it. So a letter
    is safe only where that gives the same part for all of its characters.
    """
    wanted = {ord(character) for letter in letters for character in letter}
    candidates = {part: None for name in names for letter in letters if (part := _part_with(letter, name))}
    source: dict[int, Part] = {}
    parts = []
    for part in candidates:
        if fresh := (part.codes & wanted) - source.keys():
            parts.append(part)
            source.update(dict.fromkeys(fresh, part))
    missing = {}
    for letter in letters:
        sources = [source.get(ord(character)) for character in letter]
        for character, part in zip(letter, sources, strict=True):
            if part is None or part is not sources[0]:
                missing[character] = None
    return Stack(tuple(parts), tuple(missing))
