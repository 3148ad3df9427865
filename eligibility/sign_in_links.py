"""A link that signs somebody in once: for whoever has the shell to give to a person who cannot sign in otherwise."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from eligibility.models import Event, Person, SignInLink
from eligibility.reasons import Reason, Refused

WORKS_FOR = timedelta(minutes=15)
NO_LONGER = Reason("link", "This link does not work any more. A link works once, and for 15 minutes.")


@transaction.atomic
def make_sign_in_link(person: Person, *, at: datetime) -> str:
    """The whole address of a new link. It is shown here and never again."""
    secret = secrets.token_hex(20)
    SignInLink.objects.create(person=person, secret_digest=digest(secret), made_at=at, expires_at=at + WORKS_FOR)
    Event.objects.record("sign-in link made", person, by=None, at=at)
    return settings.SITE_URL + reverse("sign-in-link", args=[secret])


def link_that_works(secret: str, *, at: datetime, links=SignInLink.objects) -> SignInLink:
    """The link, or Refused with one reason for all: used, too old, or never made."""
    link = links.filter(secret_digest=digest(secret), used_at=None, expires_at__gt=at).first()
    if link is None:
        raise Refused(NO_LONGER)
    return link


@transaction.atomic
def use_sign_in_link(secret: str, *, at: datetime) -> Person:
    """Use the link up, and say whom it signs in."""
    link = link_that_works(secret, at=at, links=SignInLink.objects.select_for_update(of=("self",)))
    link.used_at = at
    link.save(update_fields=["used_at"])
    Event.objects.record("signed in by link", link.person, by=link.person, at=at)
    return link.person


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
