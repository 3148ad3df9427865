"""Signing in as the imaginary people of the demonstration, who get no e-mail.

They are known by their addresses alone: demo.example, a domain that no real person can have (RFC 2606).
"""

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from eligibility import second_factor
from eligibility.identity import normal_email
from eligibility.models import Person
from eligibility.reasons import Reason, Refused
from eligibility.roles import STAFF, Role

DOMAIN = "@demo.example"


def is_of_the_demonstration(email: str | None) -> bool:
    local, at, domain = normal_email(email or "").rpartition("@")
    return bool(local) and "@" not in local and at + domain == DOMAIN


def refuse_others(email: str | None) -> None:
    if not is_of_the_demonstration(email):
        raise Refused(Reason("demo", f"{email} is not of the demonstration: only addresses that end in {DOMAIN} are."))


def demo_secret() -> str:
    """The one secret of all demonstration staff: this installation's own, and the same whenever it is asked for."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"second factor of the demonstration", hashlib.sha256).digest()
    return base64.b32encode(made[:20]).decode()


def give_demo_second_factor(person: Person, *, at: datetime) -> None:
    """The demonstration's second factor, for somebody of the demonstration who has none."""
    refuse_others(person.email)
    if not second_factor.has_one(person):
        second_factor.set_up(person, demo_secret(), at=at, by=None)


def demo_digits(person: Person, *, at: datetime) -> str:
    """The six digits that sign this person in now. Raises Refused for anybody not of the demonstration."""
    refuse_others(person.email)
    secret = second_factor.secret_of(person)
    if secret is None:
        raise Refused(Reason("demo", f"{person.name} has no second factor, so needs no digits to sign in."))
    return second_factor.digits_now(secret, at)


def one_of_each_role() -> list[tuple[Role, Person]]:
    """Somebody of the demonstration for each role; the co-producer is one with much to see."""
    everybody = Person.objects.filter(email__endswith=DOMAIN)
    co_producers = everybody.filter(staff_roles=None).annotate(much=Count("claims")).order_by("-much", "pk")
    found = [(Role.CO_PRODUCER, co_producers.first())]
    for role in STAFF:
        holders = everybody.filter(staff_roles__role=role, staff_roles__ended_at=None)
        found.append((role, holders.order_by("pk").first()))
    return [(role, person) for role, person in found if person]
