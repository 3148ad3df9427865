"""Sealing: encryption of what must never lie readable in a database, a dump or a backup.

The place a value belongs to is sealed in with it, so that ciphertext moved to another row does not open.
"""

import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.BANK_DETAILS_KEYS])


def seal(value: dict[str, str], *, place: str) -> str:
    """Encrypt ``value`` for ``place`` (for example "bank-details 6f0c…")."""
    return _cipher().encrypt(json.dumps([place, value]).encode()).decode()


def unseal(token: str, *, place: str) -> dict[str, str]:
    """The value sealed for ``place``. Raises InvalidToken when the key or the place is another."""
    sealed_place, value = json.loads(_cipher().decrypt(token.encode()))
    if sealed_place != place:
        raise InvalidToken("this was sealed for another place")
    return value


def fingerprint(text: str) -> str:
    """A keyed digest by which equal values are found without opening any of them."""
    key = hashlib.sha256(b"fingerprint " + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
