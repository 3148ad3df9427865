"""The edges of what a proposal of a run covers and pays."""

from datetime import date

import pytest

from payments.models import Payable
from payments.runs import prepare_run, preview_run
from tests.payments.office import AFTER_CUT_OFF, CUT_OFF, PAY_DAY, approved, give_bank_details, london, person

pytestmark = pytest.mark.django_db
NEXT_PAY_DAY = date(2026, 12, 11)
AFTER_NEXT_CUT_OFF = london("2026-12-09T18:00")


def test_what_is_payable_from_the_pay_day_itself_is_paid_on_it():
    claim = approved(person())
    Payable.objects.filter(claim=claim).update(payable_from=PAY_DAY)
    assert prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF).bank_payments == 1


def test_the_digest_says_which_account_is_paid():
    claim = approved(person())
    before = preview_run(PAY_DAY).digest
    give_bank_details(claim.person)
    assert preview_run(PAY_DAY).digest != before


def test_the_digest_says_what_is_paid_and_to_whom():
    approved(person("Ada"), hours="1")
    one = preview_run(PAY_DAY)
    approved(person("Ben"), hours="1")
    assert preview_run(PAY_DAY).digest != one.digest


def test_a_run_prepared_after_a_later_one_covers_nothing_after_its_own_cut_off():
    approved(person())
    later = prepare_run(NEXT_PAY_DAY, by=None, at=AFTER_NEXT_CUT_OFF)
    earlier = prepare_run(PAY_DAY, by=None, at=AFTER_NEXT_CUT_OFF)
    assert (later.covers_from, earlier.covers_from) == (None, None)
    assert (later.claims_covered, later.bank_payments) == (1, 1)
    assert (earlier.claims_covered, earlier.bank_payments) == (1, 0)


def test_looking_again_at_a_prepared_run_shows_the_same_span():
    approved(person())
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    assert (preview_run(PAY_DAY).covers_from, preview_run(PAY_DAY).claims_covered) == (None, 1)


def test_details_that_are_usable_from_the_cut_off_itself_are_used():
    claim = approved(person())
    give_bank_details(claim.person, usable_from=CUT_OFF)
    assert prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF).bank_payments == 1
