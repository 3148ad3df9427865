"""S75: second and last Fridays, bank holidays, cut-offs.

The table of 2024–2032 in `data/` was worked out apart from this code. Beyond it an oracle written
another way (own Easter, own substitute days, month grids) speaks for fifty years.
"""

import calendar
import csv
import socket
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules import calendar as rules_calendar
from payments.rules.calendar import (
    LONDON,
    CalendarRules,
    bank_holidays,
    expected_pay_day,
    is_working_day,
    latest_due,
    next_run_after,
    official_until,
    run_date_for,
    run_dates,
    working_day_after,
    working_day_before,
)

SURREY = CalendarRules()
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
CHRISTMAS = date(2026, 12, 25)
TABLE = [
    (date.fromisoformat(row["nominal"]), date.fromisoformat(row["pay_on"]))
    for row in csv.DictReader((Path(__file__).parent / "data/second_and_last_fridays_2024_2032.csv").open())
]


def london(*parts):
    return datetime(*parts, tzinfo=LONDON)


def the_runs_of(*years, rules=SURREY):
    return run_dates(date(years[0], 1, 1), date(years[-1], 12, 31), rules)


def the_run_of(*nominal, rules=SURREY):
    [run] = run_dates(date(*nominal), date(*nominal), rules)
    return run


# An oracle written another way -----------------------------------------------------------------------


def easter(year):
    """Gauss's rule, in the form of Butcher's almanac of 1876."""
    golden, century, of_century = year % 19, year // 100, year % 100
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def holidays_by_law(year):
    """Banking and Financial Dealings Act 1971 and the usual proclamations, for a year without surprises."""
    found = {easter(year) - 2 * DAY, easter(year) + DAY}
    mondays = [date(year, 5, day) for week in calendar.monthcalendar(year, 5) if (day := week[0])]
    found |= {mondays[0], mondays[-1]}
    found.add(max(date(year, 8, week[0]) for week in calendar.monthcalendar(year, 8) if week[0]))
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.isoweekday() > 5 or fixed in found:
            fixed += DAY
        found.add(fixed)
    return found


def fridays_by_grid(year, month):
    column = [week[calendar.FRIDAY] for week in calendar.monthcalendar(year, month) if week[calendar.FRIDAY]]
    return date(year, month, column[1]), date(year, month, column[-1])


def working(day):
    return day.isoweekday() < 6 and day not in holidays_by_law(day.year)


def back(day, steps):
    """The working days up to and including `day`, latest first: the one at `steps`."""
    return [earlier for n in range(40) if working(earlier := day - n * DAY)][steps]


# The table -------------------------------------------------------------------------------------------


def test_the_table_of_2024_to_2032_nominal_and_pay_days():
    assert [(run.nominal, run.pay_on) for run in the_runs_of(2024, 2032)] == TABLE


def test_there_are_216_runs_two_in_every_month():
    months = Counter((run.nominal.year, run.nominal.month) for run in the_runs_of(2024, 2032))
    assert len(the_runs_of(2024, 2032)) == 216
    assert set(months.values()) == {2}


def test_nominal_gaps_are_177_of_14_days_and_38_of_21():
    runs = the_runs_of(2024, 2032)
    assert Counter((later.nominal - run.nominal).days for run, later in pairwise(runs)) == {14: 177, 21: 38}


def test_gaps_between_pay_days_are_12_to_21_days():
    paid = [(later.pay_on - run.pay_on).days for run, later in pairwise(the_runs_of(2024, 2032))]
    assert (min(paid), max(paid)) == (12, 21)


def test_the_nine_runs_that_holidays_move():
    moved = {run.nominal: run.pay_on for run in the_runs_of(2024, 2032) if run.moved_because}
    assert moved == {nominal: pay_on for nominal, pay_on in TABLE if nominal != pay_on}
    assert len(moved) == 9


def test_christmas_2026_is_paid_on_thursday_24_and_closes_on_tuesday_22_at_noon():
    run = the_run_of(2026, 12, 25)
    assert run.pay_on == date(2026, 12, 24)
    assert run.cut_off == london(2026, 12, 22, 12)
    assert run.moved_because == "Friday 25 December 2026 is a bank holiday: Christmas Day."
    assert not run.provisional


@pytest.mark.parametrize(
    ("nominal", "last_day"),
    [
        ((2027, 3, 26), date(2027, 3, 23)),  # Good Friday: paid on Thursday, closes on Tuesday
        ((2024, 12, 27), date(2024, 12, 23)),  # Christmas and Boxing Day lie between
        ((2026, 9, 11), date(2026, 9, 9)),
        ((2025, 12, 26), date(2025, 12, 22)),
    ],
)
def test_the_cut_off_is_two_working_days_before_the_pay_day(nominal, last_day):
    assert the_run_of(*nominal).cut_off == datetime.combine(last_day, time(12), LONDON)


@pytest.mark.parametrize("k", range(6))
def test_an_oracle_agrees_for_fifty_years(k):
    rules = CalendarRules(cut_off_working_days=k)
    expected = [
        (friday, back(friday, 0), back(back(friday, 0), k))
        for year in range(2024, 2076)
        for month in range(1, 13)
        for friday in fridays_by_grid(year, month)
    ]
    assert [(run.nominal, run.pay_on, run.cut_off.date()) for run in the_runs_of(2024, 2075, rules=rules)] == expected


def test_nobody_is_paid_on_a_weekend_or_a_holiday_for_fifty_years():
    assert all(working(run.pay_on) and working(run.cut_off.date()) for run in the_runs_of(2024, 2075))


def test_good_friday_moves_a_run_to_maundy_thursday():
    good_fridays = {easter(year) - 2 * DAY for year in range(2024, 2076)}
    on_good_friday = [run for run in the_runs_of(2024, 2075) if run.nominal in good_fridays]
    assert len(on_good_friday) > 20
    assert all(run.pay_on == run.nominal - DAY for run in on_good_friday)


@pytest.mark.parametrize("year", [2024, 2028, 2032, 2048])
def test_a_leap_february_has_two_runs_before_it_ends(year):
    second, last = run_dates(date(year, 2, 1), date(year, 2, 29), SURREY)
    assert 8 <= second.nominal.day <= 14
    assert 23 <= last.nominal.day <= 29


def test_29_february_2036_is_itself_a_last_friday():
    assert the_run_of(2036, 2, 29).pay_on == date(2036, 2, 29)


# Bank holidays ---------------------------------------------------------------------------------------


def test_the_official_list_is_used_where_it_reaches_and_marked_provisional_beyond():
    assert official_until() >= date(2028, 12, 31)
    beyond = official_until().year + 1
    assert not any(run.provisional for run in the_runs_of(2024, official_until().year))
    assert all(run.provisional for run in the_runs_of(beyond, beyond + 5))


def test_holidays_have_their_published_names():
    assert bank_holidays(2026)[date(2026, 5, 4)] == "Early May bank holiday"


def test_the_past_before_the_list_is_computed_and_is_not_provisional():
    assert bank_holidays(2002)[date(2002, 6, 3)] == "Golden Jubilee of Elizabeth II"
    assert the_run_of(1998, 12, 25).pay_on == date(1998, 12, 24)
    assert not the_run_of(1998, 12, 25).provisional


@pytest.mark.parametrize(
    "day",
    [
        date(2022, 9, 19),  # the Queen's funeral, proclaimed nine days before
        date(2022, 6, 3),  # the Platinum Jubilee
        date(2020, 5, 8),  # early May holiday moved for VE Day
        date(2023, 5, 8),  # the coronation
        date(2027, 12, 27),  # Christmas 2027 is at a weekend: two substitute days
        date(2027, 12, 28),
        date(2033, 1, 3),  # computed
        date(2032, 12, 27),
        date(2032, 12, 28),
    ],
)
def test_proclaimed_and_substitute_days_are_not_working_days(day):
    assert not is_working_day(day, SURREY)


def test_a_holiday_moved_away_leaves_a_working_day():
    assert is_working_day(date(2020, 5, 4), SURREY)


def test_no_year_is_without_holidays():
    assert all(len(bank_holidays(year)) >= 8 for year in range(2012, 2101))
    with pytest.raises(ValueError, match="The bank holidays of 2101 are not known"):
        bank_holidays(2101)


def test_holidays_are_found_without_a_network(monkeypatch):
    monkeypatch.setattr(socket, "socket", None)
    rules_calendar._official_bank_holidays.cache_clear()
    bank_holidays.cache_clear()
    assert CHRISTMAS in bank_holidays(2026)
    assert date(2040, 12, 25) in bank_holidays(2040)


def test_an_extra_holiday_moves_the_run_that_falls_on_it():
    rules = CalendarRules(extra_holidays=frozenset({date(2026, 9, 11)}))
    run = the_run_of(2026, 9, 11, rules=rules)
    assert run.pay_on == date(2026, 9, 10)
    assert run.cut_off == london(2026, 9, 8, 12)
    assert run.moved_because == "Friday 11 September 2026 is an extra bank holiday."


def test_an_extra_holiday_before_the_pay_day_moves_only_the_cut_off():
    rules = CalendarRules(extra_holidays=frozenset({date(2026, 9, 9)}))
    run = the_run_of(2026, 9, 11, rules=rules)
    assert run.pay_on == date(2026, 9, 11)
    assert run.cut_off == london(2026, 9, 8, 12)
    assert run.moved_because is None


# Working days ----------------------------------------------------------------------------------------


def test_working_days_are_counted_without_the_day_itself():
    assert working_day_before(date(2026, 12, 28), 1, SURREY) == date(2026, 12, 24)
    assert working_day_before(date(2026, 12, 24), 2, SURREY) == date(2026, 12, 22)
    assert working_day_before(date(2026, 12, 24), 0, SURREY) == date(2026, 12, 24)
    assert working_day_after(date(2026, 12, 24), 2, SURREY) == date(2026, 12, 30)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 10))
def test_n_working_days_back_and_n_forward_meet(day, n):
    start = working_day_after(day, 1, SURREY)
    assert working_day_after(working_day_before(start, n, SURREY), n, SURREY) == start


# Cut-off ---------------------------------------------------------------------------------------------


def test_the_cut_off_is_inclusive_to_the_second():
    cut_off = london(2026, 12, 22, 12)
    assert next_run_after(cut_off, SURREY).nominal == CHRISTMAS
    assert next_run_after(cut_off + SECOND, SURREY).nominal == date(2027, 1, 8)
    assert expected_pay_day(cut_off, SURREY).pay_on == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("nominal", "utc_hour"), [((2026, 3, 27), 12), ((2026, 4, 10), 11), ((2026, 10, 9), 11), ((2026, 10, 30), 12)]
)
def test_noon_is_noon_in_london_on_both_sides_of_the_clock_change(nominal, utc_hour):
    cut_off = the_run_of(*nominal).cut_off
    assert cut_off.time() == time(12)
    assert cut_off.astimezone(UTC).hour == utc_hour


def test_moments_may_come_in_any_time_zone():
    a_second_too_late = datetime(2026, 7, 8, 11, 0, 1, tzinfo=UTC)  # 12:00:01 in London
    assert next_run_after(a_second_too_late - SECOND, SURREY).nominal == date(2026, 7, 10)
    assert next_run_after(a_second_too_late, SURREY).nominal == date(2026, 7, 31)
    late_in_new_york = datetime(2026, 7, 7, 22, tzinfo=timezone(timedelta(hours=-4)))  # already the 8th in London
    assert next_run_after(late_in_new_york, SURREY).nominal == date(2026, 7, 10)
    tomorrow_in_samoa = datetime(2026, 7, 11, 1, tzinfo=timezone(timedelta(hours=14)))  # noon of the 10th in London
    assert next_run_after(tomorrow_in_samoa, CalendarRules(cut_off_working_days=0)).nominal == date(2026, 7, 10)


@pytest.mark.parametrize("ask", [next_run_after, expected_pay_day, latest_due])
def test_a_moment_without_a_time_zone_is_refused(ask):
    with pytest.raises(ValueError, match="time zone"):
        ask(datetime(2026, 7, 8, 12), SURREY)


def test_a_policy_may_name_another_cut_off():
    rules = CalendarRules(cut_off_working_days=5, cut_off_hour=time(17, 30))
    assert the_run_of(2026, 12, 25, rules=rules).cut_off == london(2026, 12, 17, 17, 30)


# Which run is meant, and which is due ----------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2026, 12, 24), CHRISTMAS])
def test_a_run_is_named_by_its_nominal_or_its_pay_day(day):
    assert run_date_for(day, SURREY).nominal == CHRISTMAS


@pytest.mark.parametrize("day", [date(2026, 12, 23), date(2026, 12, 26), date(2026, 12, 18), date(2026, 12, 12)])
def test_any_other_day_names_no_run(day):
    assert run_date_for(day, SURREY) is None


def test_a_run_is_due_strictly_after_its_cut_off():
    cut_off = london(2026, 12, 22, 12)
    assert latest_due(cut_off, SURREY).nominal == date(2026, 12, 11)
    assert latest_due(cut_off + SECOND, SURREY).nominal == CHRISTMAS


def test_a_monthly_run_is_still_due_after_five_weeks():
    monthly = CalendarRules(pay_days=("last-friday",))
    assert latest_due(london(2026, 7, 29, 12), monthly).nominal == date(2026, 6, 26)


def test_after_an_outage_the_last_run_is_still_due_until_the_next_one_is():
    weeks_later = london(2027, 1, 6, 12)
    assert latest_due(weeks_later, SURREY).nominal == CHRISTMAS
    assert latest_due(weeks_later, SURREY).pay_on < weeks_later.date()  # the caller sees that it is late
    assert latest_due(weeks_later + SECOND, SURREY).nominal == date(2027, 1, 8)


moments = st.datetimes(datetime(2013, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@given(moments, st.integers(0, 5))
def test_the_run_due_and_the_next_run_stand_side_by_side(moment, k):
    rules = CalendarRules(cut_off_working_days=k)
    due, coming = latest_due(moment, rules), next_run_after(moment, rules)
    assert due.cut_off < moment <= coming.cut_off
    assert run_dates(due.nominal, coming.nominal, rules) == [due, coming]


holidays_added = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=30)


@given(holidays_added, holidays_added)
def test_whatever_staff_add_runs_keep_their_order_and_one_pay_day_each(extra_holidays, extra_runs):
    rules = CalendarRules(extra_holidays=extra_holidays, extra_runs=extra_runs)
    runs = the_runs_of(2026, rules=rules)
    for run in runs:
        assert is_working_day(run.pay_on, rules) and is_working_day(run.cut_off.date(), rules)
        assert run.cut_off.date() < run.pay_on <= run.nominal
        assert (run.moved_because is None) == (run.pay_on == run.nominal)
        assert run_date_for(run.nominal, rules) == run_date_for(run.pay_on, rules) == run
    assert all(run.pay_on < later.pay_on and run.cut_off <= later.cut_off for run, later in pairwise(runs))


@given(st.dates(date(2012, 1, 1), date(2060, 1, 1)), st.integers(0, 400), st.integers(0, 400))
def test_two_ranges_that_meet_hold_each_run_once(start, days, more_days):
    middle, end = start + days * DAY, start + (days + 1 + more_days) * DAY
    together = run_dates(start, middle, SURREY) + run_dates(middle + DAY, end, SURREY)
    assert together == run_dates(start, end, SURREY)


# Other calendars -------------------------------------------------------------------------------------


def test_an_exceptional_run_is_planned_like_any_other():
    rules = CalendarRules(extra_runs=frozenset({date(2026, 7, 24)}))
    run = the_run_of(2026, 7, 24, rules=rules)
    assert run.exceptional
    assert run.cut_off == london(2026, 7, 22, 12)
    assert expected_pay_day(london(2026, 7, 15, 9), rules).pay_on == date(2026, 7, 24)
    assert not the_run_of(2026, 7, 31, rules=rules).exceptional


def test_an_exceptional_run_gives_way_to_the_regular_run_of_the_same_pay_day():
    rules = CalendarRules(extra_runs=frozenset({date(2026, 12, 24)}))
    assert run_dates(date(2026, 12, 20), date(2026, 12, 31), rules) == [the_run_of(2026, 12, 25)]
    assert run_dates(date(2026, 12, 24), date(2026, 12, 24), rules) == []
    assert run_date_for(date(2026, 12, 24), rules).nominal == CHRISTMAS


def test_an_exceptional_run_gives_way_across_the_end_of_a_month():
    rules = CalendarRules(extra_runs=frozenset({date(2026, 8, 1)}))  # a Saturday, after the last Friday of July
    assert run_dates(date(2026, 8, 1), date(2026, 8, 7), rules) == []


def test_an_exceptional_run_at_a_weekend_is_paid_on_the_friday_before():
    rules = CalendarRules(extra_runs=frozenset({date(2026, 7, 18)}))
    run = the_run_of(2026, 7, 18, rules=rules)
    assert run.pay_on == date(2026, 7, 17)
    assert run.moved_because == "Saturday 18 July 2026 is at a weekend."


def test_other_organisations_pay_on_other_days():
    every_week = CalendarRules(pay_days=("every-friday",))
    assert [run.nominal.day for run in run_dates(date(2026, 7, 1), date(2026, 7, 31), every_week)] == [
        3,
        10,
        17,
        24,
        31,
    ]
    mixed = CalendarRules(pay_days=("first-monday", "third-thursday"))
    assert [run.nominal.day for run in run_dates(date(2026, 7, 1), date(2026, 7, 31), mixed)] == [6, 16]


@pytest.mark.parametrize(
    "wrong",
    [
        {"pay_days": ()},
        {"pay_days": ("last-saturday",)},
        {"pay_days": ("fifth-friday",)},
        {"pay_days": ("friday",)},
        {"on_bank_holiday": "next-working-day"},
        {"cut_off_working_days": -1},
    ],
)
def test_rules_nobody_can_follow_are_refused_with_a_sentence(wrong):
    with pytest.raises(ValueError, match=r"\.$"):
        CalendarRules(**wrong)
