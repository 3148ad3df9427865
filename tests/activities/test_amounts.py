"""What is owed for time and for costs, to the penny."""

from datetime import date
from decimal import Decimal

import pytest

from activities.framework import read_policy
from activities.rules import cost_rule, counted_hours, full_amount, mileage_rate, rate_on
from eligibility.reasons import Refused
from tests.activities.shipped import COLLECTIVE, SURREY

DAY = date(2026, 11, 5)


def owed(policy, slug, hours, agreed=None, on=DAY):
    agreed = hours if agreed is None else agreed
    return full_amount(policy, policy.band(slug), on=on, agreed_hours=agreed, hours=hours)


def one_band(recognition: str, rates: str):
    return read_policy(
        f"""
slug = "imaginary"
name = "Imaginary"
version = "1"
status = "draft"
effective_from = "2026"
document = {{ title = "Imaginary" }}
organisations = [{{ slug = "us", name = "Us", does = ["pays"] }}]

[[bands]]
slug = "paid"
title = "Paid"
recognition = "{recognition}"
choices = ["payment", "decline"]
rates = [{rates}]
"""
    )


@pytest.mark.parametrize("slug", ["voluntary", "thank-you-card"])
def test_nothing_is_owed_for_time_in_a_voluntary_or_card_band(slug):
    assert owed(SURREY, slug, Decimal("3")) == Decimal("0.00")


def test_S31_an_hour_is_fifteen_pounds():
    assert rate_on(SURREY, SURREY.band("hourly"), DAY) == Decimal("15.00")
    assert owed(SURREY, "hourly", Decimal("2.5")) == Decimal("37.50")


def test_S32_a_voucher_keeps_its_agreed_price_however_long_it_took():
    assert owed(SURREY, "voucher", Decimal("5"), agreed=Decimal("2")) == Decimal("30.00")
    assert owed(SURREY, "voucher", Decimal("1"), agreed=Decimal("2")) == Decimal("30.00")


def test_S69_the_hourly_band_follows_the_hours_done():
    assert owed(SURREY, "hourly", Decimal("3"), agreed=Decimal("2")) == Decimal("45.00")


def test_C6_work_without_a_stated_rate_is_owed_an_amount_nobody_knows_yet():
    assert rate_on(COLLECTIVE, COLLECTIVE.band("work"), DAY) is None
    assert owed(COLLECTIVE, "work", Decimal("2")) is None
    assert owed(COLLECTIVE, "not-work", Decimal("2")) == Decimal("0.00")


@pytest.mark.parametrize("slug", ["voucher", "hourly"])
def test_hours_not_known_yet_give_no_amount(slug):
    assert full_amount(SURREY, SURREY.band(slug), on=DAY, agreed_hours=None, hours=None) is None


def test_hours_below_nothing_are_refused():
    with pytest.raises(Refused):
        owed(SURREY, "hourly", Decimal("-1"))


def test_a_float_never_gets_in():
    with pytest.raises(TypeError):
        owed(SURREY, "hourly", 2.5)


def test_half_a_penny_goes_up_once():
    policy = one_band("hourly", '{ amount = "10.01" }')
    assert owed(policy, "paid", Decimal("0.50")) == Decimal("5.01")  # 5.005


def test_rates_follow_the_day_of_the_activity():
    policy = one_band(
        "hourly", '{ amount = "15.00", ends_on = 2026-03-31 }, { amount = "16.00", starts_on = 2026-04-01 }'
    )
    assert owed(policy, "paid", 1, on=date(2026, 3, 31)) == Decimal("15.00")
    assert owed(policy, "paid", 1, on=date(2026, 4, 1)) == Decimal("16.00")


def test_no_rate_before_the_first_one_starts():
    policy = one_band("hourly", '{ amount = "15.00", starts_on = 2026-04-01 }')
    assert owed(policy, "paid", 1, on=date(2026, 3, 31)) is None


def test_a_flat_amount_is_owed_whatever_the_hours():
    policy = one_band("flat", '{ amount = "20.00" }')
    assert full_amount(policy, policy.band("paid"), on=DAY, agreed_hours=None, hours=None) == Decimal("20.00")


@pytest.mark.parametrize(
    ("hours", "amount"), [("0", "0.00"), ("0.25", "50.00"), ("4", "50.00"), ("4.01", "100.00"), ("8", "100.00")]
)
def test_a_started_block_is_a_whole_block(hours, amount):
    policy = one_band("flat-per-block", '{ amount = "50.00", block_hours = 4 }')
    assert owed(policy, "paid", Decimal(hours)) == Decimal(amount)


@pytest.mark.parametrize(
    ("hours", "amount"),
    [
        ("0", None),
        ("0.5", "25.00"),
        ("2", "25.00"),
        ("2.01", "75.00"),
        ("3.99", "75.00"),
        ("4", "150.00"),
        ("40", "150.00"),
    ],
)
def test_tiers_know_on_which_side_their_boundaries_lie(hours, amount):
    tiers = """{ tiers = [{ more_than = 0, up_to = "2", amount = 25 },
                          { more_than = "2.00", less_than = 4, amount = 75 },
                          { at_least = 4, amount = 150 }] }"""
    policy = one_band("tiers", tiers)
    assert owed(policy, "paid", Decimal(hours)) == (amount and Decimal(amount))
    assert rate_on(policy, policy.band("paid"), DAY) is None


# Costs


def test_S62_mileage_changes_on_the_sixth_of_april_2026_by_our_proposal():
    assert mileage_rate(SURREY, "car", date(2026, 4, 5)) == Decimal("0.45")
    assert mileage_rate(SURREY, "car", date(2026, 4, 6)) == Decimal("0.55")
    car = cost_rule(SURREY, "car", DAY)
    assert car.proposal and car.rate == Decimal("0.55")


def test_S63_mileage_is_shown_by_the_journey_and_the_rest_by_receipts():
    car = cost_rule(SURREY, "car", DAY)
    assert car.evidence == ("from", "to", "miles") and not car.receipt_needed
    for mode in ("train", "bus", "parking", "taxi"):
        rule = cost_rule(SURREY, mode, DAY)
        assert rule.receipt_needed and rule.rate is None and not rule.proposal


def test_S64_only_a_taxi_needs_agreement_beforehand():
    agreed = [cost.mode for cost in SURREY.costs if cost_rule(SURREY, cost.mode, DAY).agreement_needed]
    assert agreed == ["taxi"]


def test_costs_a_policy_does_not_name_are_for_a_person_to_decide():
    assert cost_rule(SURREY, "helicopter", DAY) is None
    assert cost_rule(COLLECTIVE, "train", DAY) is None
    assert mileage_rate(COLLECTIVE, "car", DAY) is None
    assert mileage_rate(SURREY, "train", DAY) is None


@pytest.mark.parametrize(("done", "counted"), [("2", "2.00"), ("2.01", "2.25"), ("2.25", "2.25"), ("2.9", "3.00")])
def test_S73_a_started_quarter_hour_counts_in_surrey_by_our_proposal(done, counted):
    assert counted_hours(SURREY, Decimal(done)) == Decimal(counted)


def test_S73_hours_stay_as_they_are_where_a_policy_has_no_rule():
    assert counted_hours(COLLECTIVE, Decimal("2.01")) == Decimal("2.01")
