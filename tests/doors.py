"""Clients who stand in front of the doors: a visitor, and people who signed in, with or without their second factor."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from eligibility.models import Person


def visitor(**more) -> Client:
    """Somebody the service does not know."""
    return Client(**more)


def client_for(person: Person, *, second_factor: bool = True, **more) -> Client:
    """A client with the session of somebody who signed in. ``more`` goes to Django's Client."""
    client = Client(**more)
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(person, second_factor=second_factor)
    return client


def session_of(person: Person, *, second_factor: bool = True) -> str:
    """The key of a session as signing in leaves it: with the code, and for staff with their second factor."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    used = [{"method": "code", "at": time.time(), "email": person.email}]
    if second_factor:
        used.append({"method": "mfa", "at": time.time(), "type": "totp"})
    session[AUTHENTICATION_METHODS_SESSION_KEY] = used
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(person.pk)
    session.create()
    return session.session_key
