"""Somebody for each role, with their client."""

from django.test import Client

from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.roles import Role
from tests.doors import client_for, visitor
from tests.payments import office


def somebody(role: Role, email: str = "") -> tuple[Person | None, Client]:
    if role is Role.VISITOR:
        return None, visitor()
    if role is Role.CO_PRODUCER:
        who = office.person()
    else:
        who = make_staff(email or f"{role}@example.org", role, at=office.DECIDED)
    return who, client_for(who)
