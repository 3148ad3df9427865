"""The form in which names and addresses are kept and compared."""

import re
import unicodedata


def normal_email(email: str) -> str:
    """A person is their e-mail, ignoring case."""
    return email.strip().lower()


def normal_name(name: str) -> str:
    """A name as kept: composed characters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def uk_mobile(text: str) -> str:
    """A UK mobile number as +447700900123, however it was typed, or "" when this is none."""
    typed = unicodedata.normalize("NFKC", text).strip().replace("(0)", "")
    if not re.fullmatch(r"[+]?[\d\s().-]+", typed, re.ASCII):
        return ""
    digits = re.sub(r"\D", "", typed)
    national = re.fullmatch(r"(?:0044|44|0)?0?(7(?:[1-57-9]\d{8}|624\d{6}))", digits)
    return f"+44{national[1]}" if national else ""


def only_digits(text: str) -> str:
    """The digits of a code that was typed, pasted or read out, in whatever script and however it was spaced."""
    return "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())
