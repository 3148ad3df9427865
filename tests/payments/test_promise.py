"""Requirements §2: how many activity days are paid within 14 days, for each cut-off of k working days.

The figures in `data/` were worked out apart from this code.
"""

import csv
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from payments.rules.calendar import LONDON, CalendarRules, expected_pay_day
from payments.rules.promise import forecast, gaps

SEVEN_YEARS = date(2025, 1, 1), date(2031, 12, 31)
SURREY = CalendarRules()
FIGURES = {
    row["case"]: [Decimal(row[f"k{k}"]) for k in range(6)]
    for row in csv.DictReader((Path(__file__).parent / "data/paid_within_14_days_2025_2031.csv").open())
}
each_k = pytest.mark.parametrize("k", range(6))


def closing(k, **more):
    return CalendarRules(cut_off_working_days=k, **more)


@each_k
def test_claimed_and_approved_the_same_day(k):
    found = forecast(*SEVEN_YEARS, closing(k))
    assert found.share == FIGURES["claim same day"][k]
    assert found.mean_wait == FIGURES["mean wait"][k]
    assert found.longest_wait == FIGURES["longest wait"][k]


@each_k
def test_activities_on_monday_to_friday_only(k):
    assert forecast(*SEVEN_YEARS, closing(k), weekdays=range(5)).share == FIGURES["Monday to Friday only"][k]


@each_k
@pytest.mark.parametrize("later", [3, 7])
def test_claimed_days_later_while_the_wait_counts_from_the_activity(k, later):
    found = forecast(*SEVEN_YEARS, closing(k), claim_after_days=later)
    assert found.share == FIGURES[f"claim {later} days later"][k]


@each_k
def test_one_extra_run_in_five_friday_months_on_the_day_we_offer(k):
    offered = [run.nominal for run in forecast(*SEVEN_YEARS, closing(k)).offers]
    found = forecast(*SEVEN_YEARS, closing(k), extra_runs=offered)
    assert found.share == FIGURES["one extra run in five-Friday months"][k]
    assert not found.offers


@each_k
def test_a_run_every_friday(k):
    assert forecast(*SEVEN_YEARS, closing(k, pay_days=("every-friday",))).share == FIGURES["run every Friday"][k]


@each_k
def test_the_tax_year_2026_to_2027(k):
    assert forecast(date(2026, 4, 6), date(2027, 4, 5), closing(k)).share == FIGURES["tax year 2026/27"][k]


def test_with_no_cut_off_days_24_days_of_a_tax_year_still_fail():
    days = forecast(date(2026, 4, 6), date(2027, 4, 5), closing(0)).days
    late = [day.day for day in days if not day.kept]
    assert len(late) == 24
    assert {(day.year, day.month) for day in late} == {(2026, 5), (2026, 7), (2026, 10), (2027, 1)}


@pytest.mark.parametrize(("year", "months"), [(2026, [1, 5, 7, 10]), (2027, [1, 4, 7, 10, 12]), (2028, [3, 6, 9, 12])])
def test_months_with_five_fridays_have_a_21_day_gap_and_an_offer_on_their_fourth_friday(year, months):
    long = [gap for gap in gaps(date(year, 1, 1), date(year, 12, 31), SURREY) if gap.is_long]
    assert [gap.until.nominal.month for gap in long] == months
    assert all((gap.until.nominal - gap.after.nominal).days == 21 for gap in long)
    assert all([offer.nominal.day > 21 and offer.exceptional for offer in gap.offers] == [True] for gap in long)


def test_a_holiday_that_makes_a_gap_15_days_long_is_no_reason_for_an_extra_run():
    [gap] = [
        gap for gap in gaps(date(2026, 12, 1), date(2027, 1, 31), SURREY) if gap.after.nominal == date(2026, 12, 25)
    ]
    assert gap.gap_days == 15
    assert not gap.is_long
    assert not gap.offers


def test_no_run_is_offered_that_would_not_come_before_the_next():
    closed_from_the_24th = frozenset(
        date(2026, 7, day) for day in range(24, 32)
    )  # the run of the 31st moves to the 23rd
    [gap] = gaps(date(2026, 7, 15), date(2026, 7, 16), CalendarRules(extra_holidays=closed_from_the_24th))
    assert gap.until.pay_on == date(2026, 7, 23)
    assert not gap.offers


def test_gaps_under_way_at_the_ends_are_shown():
    [gap] = gaps(date(2026, 7, 15), date(2026, 7, 16), SURREY)
    assert (gap.after.nominal, gap.until.nominal) == (date(2026, 7, 10), date(2026, 7, 31))
    assert [offer.nominal for offer in gap.offers] == [date(2026, 7, 24)]


def test_a_monthly_calendar_is_offered_as_many_runs_as_it_needs():
    monthly = CalendarRules(pay_days=("last-friday",))
    [gap] = gaps(date(2026, 7, 15), date(2026, 7, 16), monthly)
    assert [offer.nominal for offer in gap.offers] == [date(2026, 7, 10), date(2026, 7, 24)]


def test_a_stricter_target_is_counted_and_one_shorter_than_a_week_offers_nothing():
    assert forecast(*SEVEN_YEARS, SURREY, target_days=21).share > forecast(*SEVEN_YEARS, SURREY).share
    assert forecast(*SEVEN_YEARS, SURREY, target_days=5).offers == ()


@pytest.mark.parametrize("later", [0, 3])
def test_each_day_of_the_forecast_is_what_a_claimant_is_told(later):
    for found in forecast(date(2026, 1, 1), date(2027, 1, 31), SURREY, claim_after_days=later).days:
        decided_on = date.fromordinal(found.day.toordinal() + later)
        assert found.run == expected_pay_day(datetime.combine(decided_on, time(12), LONDON), SURREY)
        assert found.wait_days == (found.run.pay_on - found.day).days
        assert found.kept == (found.wait_days <= 14)


def test_a_forecast_of_no_days_is_empty():
    nothing = forecast(date(2026, 7, 2), date(2026, 7, 1), SURREY)
    assert (nothing.share, nothing.mean_wait, nothing.longest_wait) == (0, 0, 0)
