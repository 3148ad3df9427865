"""How words reach a person: one door, `send`, whatever carries them.

Which carrier serves a channel is a setting (CHANNELS). A new one, such as a letter or a text gateway, is a class with
`send(to, subject, words)` that raises `NotSent` when the words cannot go out.
"""

import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

EMAIL, TEXT = "email", "text"


class NotSent(Exception):
    """The words did not go out. Says nothing about who they were for."""


def can_send(channel: str) -> bool:
    return channel in settings.CHANNELS


def send(channel: str, to: str, subject: str, words: str) -> None:
    """Send plain words to one address of a channel. A text has no subject. Raises NotSent."""
    carrier = import_string(settings.CHANNELS[channel])()
    try:
        carrier.send(to, subject, words)
    except (OSError, SMTPException, ValueError) as error:  # ValueError: no mail can be addressed to this
        raise NotSent(f"The {channel} channel did not take a message: {type(error).__name__}.") from None


class DjangoMail:
    """E-mail, by whatever EMAIL_URL names."""

    def send(self, to: str, subject: str, words: str) -> None:
        EmailMessage(subject, words, to=[to]).send()


class TextFolder:
    """Texts as files, for a computer that has no gateway."""

    def send(self, to: str, subject: str, words: str) -> None:
        put_down("txt", f"To: {to}\n\n{words}\n".encode())


class MailFolder(BaseEmailBackend):
    """Django's e-mail as files, one for each message."""

    def send_messages(self, messages):
        for message in messages:
            put_down("eml", message.message().as_bytes())
        return len(messages)


def put_down(ending: str, content: bytes) -> Path:
    """Write a message into the mail folder, where only its owner reads it. It appears whole or not at all."""
    folder = settings.DATA_DIR / "mail"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = re.sub(r"\D", "-", datetime.now(UTC).isoformat(timespec="microseconds")[:26]) + "-" + secrets.token_hex(2)
    unfinished, path = folder / f".{name}", folder / f"{name}.{ending}"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    unfinished.rename(path)
    return path
