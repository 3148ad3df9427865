"""Text as a bank file may carry it, and as a spreadsheet may safely show it.

The full name is kept elsewhere and shown beside the bank's form of it. Allowed characters: Bacs
Standard 18, which takes A–Z, 0-9, space and . & / - only.
"""

import re
import unicodedata

from anyascii import anyascii

# Typed, typographic and backward apostrophes. Dropped, not spaced: O'Brien is OBRIEN, one surname, which
# is how banks hold it and which a name check compares.
APOSTROPHES = dict.fromkeys(map(ord, "'`´‘’‚‛′ʹʻʼʽˈ＇"))
NOT_ALLOWED = re.compile(r"[^A-Z0-9 .&/-]")
# What Excel and LibreOffice read as a formula (the list of OWASP's “CSV Injection”), also behind blanks.
READ_AS_FORMULA = re.compile(r"[\t\r\n\0]|[\s\0\ufeff]*[=+\-@＝＋－＠]")


def bank_text(name: str, length: int = 18) -> str:
    """A name as the bank file carries it, at most `length` characters, beginning with a letter or digit.

    Accents are folded (É is E, ß is SS, Ł is L) and other scripts written in Latin letters. Empty when
    nothing can be read aloud of it (emoji only): then ask the person, and never send a blank.
    """
    composed = unicodedata.normalize("NFKC", name.translate(APOSTROPHES))
    latin = "".join(map(_latin, composed)).translate(APOSTROPHES)
    allowed = NOT_ALLOWED.sub(" ", latin.upper())
    spaced = " ".join(allowed.split())
    # A hyphen in front would be a formula to a spreadsheet; a full stop or stroke is no beginning either.
    return spaced.lstrip(" .&/-")[:length].rstrip()


def _latin(character: str) -> str:
    """Letters, digits and punctuation in ASCII. A picture is a gap, or we would pay “:grinning:”."""
    category = unicodedata.category(character)
    if category == "Cf":  # invisible joiners, which belong inside words of some scripts
        return ""
    return anyascii(character) if category[0] in "LMNP" else " "


def neutralise_cell(text: str) -> str:
    """A cell of a CSV report, with `'` in front where a spreadsheet would read a formula.

    For text that people typed. Not for numbers, and not for bank files, whose characters exclude this.
    """
    return f"'{text}" if READ_AS_FORMULA.match(text) else text
