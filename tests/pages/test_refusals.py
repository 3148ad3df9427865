"""What a page refuses: empty and nonsense, another's turn, two windows at once. The words are those of the command."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from eligibility.models import Event
from eligibility.roles import Role
from payments.models import Claim, Payable
from payments.rules.claims import NOT_THEIR_OWN, NOT_WHAT_THEY_ENTERED
from payments.runs import prepare_run
from tests.doors import client_for
from tests.pages.addresses import ADDRESSES
from tests.pages.hands import Mouse
from tests.pages.looking import look_at
from tests.pages.world import DUE_ON, a_draft, build
from tests.payments.office import AFTER_CUT_OFF, CUT_OFF, DECIDED, approved, authoriser, london, officer, person, submitted

NONSENSE = "\0 <b>=1+1</b> '; DROP TABLE claims; -- 🌻 " + "x" * 3000


@pytest.fixture
def world(db, clock):
    return build()


# Every form, empty and with nonsense ------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, address in ADDRESSES.items() if "POST" in address.takes])
def test_nothing_and_nonsense_are_answered_with_words_and_change_no_money(world, name):
    """Whatever is typed: the page again with what to do, or a way on; never a page that broke, and nothing is paid."""
    for role in ADDRESSES[name].who - {Role.VISITOR}:
        whose = ADDRESSES[name].whose
        address = reverse(name, kwargs=world.arguments(whose, role, "own") if whose else {})
        client = client_for(world.people[role])
        owed, decided = Payable.objects.count(), decisions()
        fields = set(re.findall(r'<(?:input|textarea|select)[^>]*\sname="([^"]+)"', client.get(address).content.decode()))
        sent = {field: NONSENSE for field in fields - {"csrfmiddlewaretoken", "next"}} if "GET" in ADDRESSES[name].takes else {}
        if not sent:
            continue
        answer = client.post(address, sent)
        assert answer.status_code < 500, f"{role} {address}"
        if answer.status_code == 422:
            page = answer.content.decode()
            assert "<title>Error:" in page and "govuk-error-summary" in page, f"{role} {address}"
        assert (Payable.objects.count(), decisions()) == (owed, decided), f"{role} {address}"


def decisions() -> list:
    return list(Claim.objects.order_by("pk").values_list("status", "decided_by"))
