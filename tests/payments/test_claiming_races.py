"""Two at the same claim at once: one deed, and the other finds it."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from eligibility.models import Event
from eligibility.reasons import Refused
from payments import claiming, claims
from payments.models import BankDetails, Claim, Expense
from payments.rules.asked import Travel
from tests.payments.office import DECIDED, person, surrey
from tests.payments.test_claiming import answered, attended, opened

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds) -> list:
    """What each deed gave, or its refusal; all begin together."""
    together = Barrier(len(deeds))

    def do(deed):
        try:
            together.wait()
            return deed()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def test_opening_claims_beside_itself_opens_each_once():
    version = surrey()
    for _ in range(20):
        attended(person(), version=version)
    counts = at_once(*[lambda: claiming.open_claims(at=DECIDED)] * 4)
    assert sum(counts) == Claim.objects.count() == Event.objects.filter(what="claim opened").count() == 20


def test_starting_a_claim_twice_and_while_it_is_opened_makes_one():
    for _ in range(5):
        who = person()
        part = attended(who)
        at_once(
            lambda who=who, part=part: claiming.start_claim(part.pk, by=who, at=DECIDED),
            lambda who=who, part=part: claiming.start_claim(part.pk, by=who, at=DECIDED),
            lambda: claiming.open_claims(at=DECIDED),
        )
        claim = part.claims.get()
        assert Event.objects.filter(what="claim opened", about_id=claim.pk).count() == 1


def test_two_windows_send_a_claim_once_and_a_first_account_once():
    claim = opened(person(bank=False))
    answered(claim)
    account = {"name_on_account": "Ada Example", "sort_code": "001122", "account_number": "01234567"}
    mine = {"by": claim.person, "at": DECIDED}
    at_once(*[lambda: claiming.give_bank_details(claim.pk, **account, **mine)] * 3)
    assert BankDetails.objects.count() == 1
    outcomes = at_once(*[lambda: claims.submit_claim(claim.pk, **mine)] * 3)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 2
    assert Event.objects.filter(what="claim submitted").count() == 1


def test_a_cost_sent_from_two_windows_at_once_is_one():
    claim, key = opened(person()), uuid4()
    bus = Travel("bus", amount=Decimal("4.10"), receipt=True)
    at_once(*[lambda: claiming.store_cost(claim.pk, key, bus, by=claim.person, at=DECIDED)] * 3)
    assert Expense.objects.count() == 1
