"""The checks on a claim: each with its figures, in neutral words, passed or not."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from payments.rules.calendar import LONDON
from payments.rules.checks import ClaimFacts, CostFacts, Finding, checks, raised

SENT = datetime(2026, 11, 20, 12, tzinfo=LONDON)
PLAIN = ClaimFacts(
    hours=Decimal("2.00"),
    session_hours=Decimal("2.00"),
    attended_hours=Decimal("2.00"),
    on=date(2026, 11, 10),
    sent_on=SENT.date(),
    sent_at=SENT,
    warns_after_days=90,
    costs=(),
    same_day=(),
    offer=None,
    only_own_activities=False,
    by_the_hour=True,
    offered_rate=Decimal("15.00"),
    policy_rate=Decimal("15.00"),
    paid_by_bank=True,
    details_entered_at=datetime(2026, 11, 1, 9, tzinfo=LONDON),
    details_usable_from=None,
    at=SENT,
)
BUS = CostFacts("bus", "Bus", Decimal("3.00"), receipt=True, receipt_needed=True)
TAXI = CostFacts(
    "taxi", "Taxi", Decimal("9.00"), receipt=True, receipt_needed=True, agreed_with="Moira", agreement_needed=True
)
CAR = CostFacts(
    "car",
    "Your own car",
    Decimal("5.50"),
    miles=Decimal("10.000"),
    rate=Decimal("0.550"),
    policy_rate=Decimal("0.55"),
)


def found(title: str, **more):
    [check] = [check for check in checks(replace(PLAIN, **more)) if check.title == title]
    return check.finding, check.text


def test_a_plain_claim_has_nothing_to_look_at_and_still_shows_what_was_compared():
    done = checks(PLAIN)
    assert raised(done) == 0
    assert [check.title for check in done] == [
        "Hours and the session",
        "Hours and the register",
        "Rate",
        "How long ago",
        "Other claims for the day",
        "Bank details",
    ]
    assert all(check.text.endswith(".") for check in done)


@pytest.mark.parametrize("hours, finding", [("1.75", Finding.FINE), ("2.00", Finding.FINE), ("2.25", Finding.LOOK)])
def test_S69_hours_are_held_against_the_session_and_the_register(hours, finding):
    told, text = found("Hours and the session", hours=Decimal(hours))
    assert told == finding
    assert text == f"Claimed: {Decimal(hours).normalize():f} hours. The session was planned for 2 hours."
    assert found("Hours and the register", hours=Decimal(hours))[0] == finding


def test_a_register_that_nobody_kept_is_told_and_raises_nothing():
    finding, text = found("Hours and the register", attended_hours=None)
    assert finding == Finding.NOT_KNOWN and "Nobody recorded attendance" in text
    assert raised(checks(replace(PLAIN, attended_hours=None))) == 0


@pytest.mark.parametrize(
    "on, finding",
    [(date(2026, 8, 23), Finding.FINE), (date(2026, 8, 22), Finding.LOOK), (date(2026, 11, 21), Finding.LOOK)],
)
def test_S74_an_old_claim_is_looked_at_from_the_day_the_policy_says(on, finding):
    assert found("How long ago", on=on)[0] == finding


def test_a_policy_that_sets_no_age_warns_of_none():
    finding, text = found("How long ago", on=date(2020, 1, 1), warns_after_days=None)
    assert finding == Finding.FINE and "sets no age" in text


def test_S63_a_receipt_is_there_or_asked_about():
    assert found("Bus: receipt", costs=(BUS,)) == (
        Finding.FINE,
        "£3.00. They say they have the receipt. Nobody here has looked at it.",
    )
    for receipt in (False, None):
        assert found("Bus: receipt", costs=(replace(BUS, receipt=receipt),))[0] == Finding.LOOK


def test_S64_a_taxi_names_who_agreed_to_it():
    assert found("Taxi: agreement", costs=(TAXI,)) == (Finding.FINE, "£9.00. Agreed beforehand with Moira.")
    assert found("Taxi: agreement", costs=(replace(TAXI, agreed_with=" "),))[0] == Finding.LOOK


def test_S62_miles_are_held_against_the_rate_of_the_day():
    finding, text = found("Your own car: miles", costs=(CAR,))
    assert finding == Finding.FINE
    assert text == "10 miles at 55p a mile come to £5.50. The policy's rate on that day: 55p a mile."
    assert found("Your own car: miles", costs=(replace(CAR, rate=Decimal("0.45")),))[0] == Finding.LOOK
    assert found("Your own car: miles", costs=(replace(CAR, policy_rate=None),))[0] == Finding.LOOK


def test_a_cost_that_the_policy_does_not_name_is_for_a_person():
    finding, text = found("Cost: ferry", costs=(CostFacts("ferry", None, Decimal("4.00")),))
    assert finding == Finding.LOOK and "a person decides" in text


def test_another_claim_for_the_day_is_named():
    finding, text = found("Other claims for the day", same_day=("Interview panel, AAAAA-BBBBB",))
    assert finding == Finding.LOOK
    assert text == "This person has also claimed for 10 November 2026: Interview panel, AAAAA-BBBBB."


def test_bank_details_matter_only_where_something_goes_to_a_bank():
    assert found("Bank details", details_entered_at=None)[0] == Finding.LOOK
    assert found("Bank details", details_entered_at=None, paid_by_bank=False)[0] == Finding.FINE


def test_bank_details_entered_after_the_claim_or_changed_lately_are_looked_at():
    after = datetime(2026, 11, 21, 9, tzinfo=LONDON)
    finding, text = found("Bank details", details_entered_at=after)
    assert finding == Finding.LOOK and "21 November 2026, after this claim was sent" in text
    assert found("Bank details", details_usable_from=after)[0] == Finding.LOOK


def test_no_check_says_anything_about_the_person():
    words = " ".join(f"{check.title} {check.text}" for check in checks(replace(PLAIN, costs=(BUS, TAXI, CAR))))
    for word in ("suspicious", "fraud", "wrong", "warning", "!"):
        assert word not in words.lower()
