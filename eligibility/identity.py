"""The form in which names and addresses are kept and compared."""

import unicodedata


def normal_email(email: str) -> str:
    """A person is their e-mail, ignoring case."""
    return email.strip().lower()


def normal_name(name: str) -> str:
    """A name as kept: composed characters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())
