"""Where a claim stands, in words: whose turn it is, when it is paid, and which tax year that is."""

from datetime import date
from decimal import Decimal

import pytest

from payments.rules.calendar import CalendarRules, next_run_after
from payments.rules.progress import (
    Part,
    Stage,
    Turn,
    later_than_promised,
    run_that_pays,
    stage_of,
    tax_year_of,
    turn_in_a_sentence,
    whose_turn,
    words_for_part,
)
from tests.payments.office import london

RULES = CalendarRules()


def part(stage=Stage.WAITING, method="bank", **more) -> Part:
    return Part("recognition", method, Decimal("30.00"), stage, **more)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({"run_state": "settled"}, Stage.PAID),
        ({"run_state": "sent"}, Stage.SENT),
        ({"run_state": "authorised"}, Stage.IN_A_RUN),
        ({"run_state": "prepared", "held": "person"}, Stage.IN_A_RUN),
        ({"held": "person"}, Stage.HELD_BY_YOU),
        ({"held": "staff"}, Stage.HELD_BY_US),
        ({"came_back": True}, Stage.CAME_BACK),
        ({"has_bank_details": False}, Stage.NEEDS_BANK_DETAILS),
        ({"has_bank_details": False, "method": "voucher"}, Stage.WAITING),
        ({}, Stage.WAITING),
    ],
)
def test_an_amount_is_at_one_stage(facts, stage):
    nothing = {"method": "bank", "held": "", "run_state": "", "came_back": False, "has_bank_details": True}
    assert stage_of(**nothing | facts) is stage


@pytest.mark.parametrize(
    ("status", "stages", "turn"),
    [
        ("draft", [], Turn.YOURS),
        ("returned", [], Turn.YOURS),
        ("submitted", [], Turn.OURS),
        ("refused", [], Turn.NOBODYS),
        ("withdrawn", [], Turn.NOBODYS),
        ("approved", [], Turn.NOBODYS),
        ("approved", [Stage.WAITING], Turn.OURS),
        ("approved", [Stage.PAID, Stage.SENT], Turn.OURS),
        ("approved", [Stage.PAID, Stage.PAID], Turn.NOBODYS),
        ("approved", [Stage.PAID, Stage.CAME_BACK], Turn.YOURS),
        ("approved", [Stage.NEEDS_BANK_DETAILS], Turn.YOURS),
        ("approved", [Stage.HELD_BY_US], Turn.OURS),
        ("approved", [Stage.HELD_BY_YOU], Turn.LATER),
    ],
)
def test_every_claim_says_whose_turn_it_is(status, stages, turn):
    parts = [part(stage, pay_on=date(2026, 11, 27)) for stage in stages]
    assert whose_turn(status, parts) is turn
    assert turn_in_a_sentence(status, parts)


def test_S54_who_asked_us_to_wait_is_not_chased():
    told = turn_in_a_sentence("approved", [part(Stage.HELD_BY_YOU)]) + words_for_part(part(Stage.HELD_BY_YOU))
    assert "no hurry" in told and "your turn" not in told and "2026" not in told


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("method", ["bank", "voucher", "charity"])
def test_every_stage_has_its_words(stage, method):
    told = words_for_part(part(stage, method, pay_on=date(2026, 11, 27), charity="Local Hospice"))
    assert told.endswith((".", "us."))
    if stage in (Stage.PAID, Stage.SENT, Stage.WAITING, Stage.IN_A_RUN):
        assert "Friday 27 November 2026" in told


@pytest.mark.parametrize(
    ("owed", "now", "closed", "pay_on"),
    [
        ("2026-11-20T12:00", "2026-11-20T12:00", [], date(2026, 11, 27)),
        # The cut-off is over and the run not prepared yet: it is still in time.
        ("2026-11-20T12:00", "2026-11-26T12:00", [], date(2026, 11, 27)),
        # It is prepared, and this is not in it.
        ("2026-11-20T12:00", "2026-11-26T12:00", [date(2026, 11, 27)], date(2026, 12, 11)),
        ("2026-11-20T12:00", "2026-11-28T12:00", [], date(2026, 12, 11)),
        ("2026-11-25T12:01", "2026-11-25T12:01", [], date(2026, 12, 11)),
    ],
)
def test_the_run_that_pays_is_the_first_that_can(owed, now, closed, pay_on):
    run = run_that_pays(london(owed), now=london(now), calendar=RULES, closed=closed, not_before=None)
    assert run.pay_on == pay_on


def test_what_is_payable_from_a_day_waits_for_it():
    owed = london("2026-11-20T12:00")
    run = run_that_pays(owed, now=owed, calendar=RULES, closed=[], not_before=date(2026, 12, 12))
    assert run.pay_on == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("on", "now", "told"),
    [
        (date(2026, 11, 20), "2026-11-20T12:00", ""),
        # Five Fridays: nobody could be paid sooner.
        (date(2026, 10, 8), "2026-10-08T10:00", "there is no pay day sooner"),
        (date(2026, 8, 13), "2026-11-20T12:00", "It is the next pay day. We are sorry"),
    ],
)
def test_S76_a_pay_day_later_than_promised_says_why(on, now, told):
    run = next_run_after(london(now), RULES)
    words = later_than_promised(on, now=london(now), run=run, calendar=RULES, days=14)
    assert told in words and bool(words) == bool(told)
    assert not words or "two weeks" in words


@pytest.mark.parametrize(
    ("day", "begins"), [("2026-04-05", 2025), ("2026-04-06", 2026), ("2026-12-31", 2026), ("2027-01-01", 2026)]
)
def test_a_tax_year_begins_on_6_april(day, begins):
    assert tax_year_of(date.fromisoformat(day)) == begins
