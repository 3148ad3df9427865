"""When people are paid: bank holidays, working days, pay days and cut-offs.

Values in, values out: no database, no clock. Everything is Europe/London. The source is the
table of pay days that the tests hold. The rules are a framework version's calendar section.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count, dropwhile, groupby, takewhile
from types import MappingProxyType
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
# Every rule names a day in each month, so two months never pass without a run.
LONGER_THAN_ANY_GAP = timedelta(days=62)

ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
# Saturday and Sunday are missing on purpose: banks do not pay then, and "the second Saturday" is often
# not the day after the second Friday.
WEEKDAYS = {"monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4}


@dataclass(frozen=True)
class CalendarRules:
    """When an organisation pays. The defaults are Surrey's calendar, with the Bacs cycle (S75).

    `pay_days` are written as people say them: "second-friday", "last-friday", "every-friday".
    `extra_holidays` and `extra_runs` are the dates staff added: holidays proclaimed at short notice,
    and exceptional runs.
    """

    pay_days: tuple[str, ...] = ("second-friday", "last-friday")
    on_bank_holiday: str = "previous-working-day"
    cut_off_working_days: int = 2
    cut_off_hour: time = time(12)
    extra_holidays: frozenset[date] = frozenset()
    extra_runs: frozenset[date] = frozenset()

    def __post_init__(self):
        if not self.pay_days:
            raise ValueError("A calendar needs at least one pay day, such as “last-friday”.")
        for name in self.pay_days:
            _which_and_weekday(name)
        if self.on_bank_holiday != "previous-working-day":
            raise ValueError(
                f"“{self.on_bank_holiday}” is not a bank holiday rule: it can only be “previous-working-day”."
            )
        if self.cut_off_working_days < 0:
            raise ValueError("The cut-off cannot be after the pay day.")


@dataclass(frozen=True)
class RunDate:
    """One pay day. `nominal` is the day the rule names, `pay_on` the working day people are paid.

    A decision made at `cut_off` exactly is in time. `provisional` says that the government has not
    published the bank holidays of that time yet.
    """

    nominal: date
    pay_on: date
    cut_off: datetime
    moved_because: str | None
    provisional: bool
    exceptional: bool = False


# Bank holidays of England ---------------------------------------------------------------------------


@cache
def _official_bank_holidays() -> MappingProxyType[date, str]:
    # Imported when first needed: it brings an HTTP client along, which the cached list does not use.
    from govuk_bank_holidays.bank_holidays import BankHolidays

    published = BankHolidays(use_cached_holidays=True)
    listed = published.get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return MappingProxyType({holiday["date"]: holiday["title"] for holiday in listed})


def official_until() -> date:
    """The last day for which GOV.UK has published bank holidays (it publishes whole years)."""
    return date(max(_official_bank_holidays()).year, 12, 31)


@cache
def bank_holidays(year: int) -> MappingProxyType[date, str]:
    """England's bank holidays and Good Friday, with their names: as published, else as computed.

    Raises ValueError for a year nobody can compute (before 1872, after 2100), so that a calendar
    without holidays is never mistaken for a calendar.
    """
    official = {day: name for day, name in _official_bank_holidays().items() if day.year == year}
    found = official or _computed_bank_holidays(year)
    if not found:
        raise ValueError(f"The bank holidays of {year} are not known.")
    return MappingProxyType(found)


def _computed_bank_holidays(year: int) -> dict[date, str]:
    from holidays import country_holidays  # a third of a second, and only years out of the list need it

    return dict(country_holidays("GB", subdiv="ENG", years=year, language="en_GB"))


# Working days ---------------------------------------------------------------------------------------


def is_working_day(day: date, rules: CalendarRules) -> bool:
    """Whether banks move money on that day in England, as far as anybody knows."""
    return day.weekday() < 5 and day not in bank_holidays(day.year) and day not in rules.extra_holidays


def working_day_before(day: date, n: int, rules: CalendarRules) -> date:
    """The nth working day before a day, the day itself not counted; 0 gives the day itself."""
    return _nth_working_day(day, n, -DAY, rules)


def working_day_after(day: date, n: int, rules: CalendarRules) -> date:
    """The nth working day after a day, the day itself not counted; 0 gives the day itself."""
    return _nth_working_day(day, n, DAY, rules)


def _nth_working_day(day: date, n: int, step: timedelta, rules: CalendarRules) -> date:
    while n > 0:
        day += step
        n -= is_working_day(day, rules)
    return day


# Runs -----------------------------------------------------------------------------------------------


def run_dates(start: date, end: date, rules: CalendarRules) -> list[RunDate]:
    """The runs whose nominal day lies in [start, end], in order.

    Nominal, not pay day: a run then stays in its month and year whatever holiday moves it, and every
    run is in exactly one of two ranges that meet.
    """
    return list(takewhile(lambda run: run.nominal <= end, runs_from(start, rules)))


def run_date_for(day: date, rules: CalendarRules) -> RunDate | None:
    """The run that a day names, as its nominal or as its pay day; None for any other."""
    # A pay day is never after its nominal day, and never so long before it.
    near = run_dates(day, day + LONGER_THAN_ANY_GAP, rules)
    return next((run for run in near if day in (run.nominal, run.pay_on)), None)


def next_run_after(moment: datetime, rules: CalendarRules) -> RunDate:
    """The first run that a decision made at this moment is in time for; at the cut-off is in time."""
    return next(run for run in runs_from(_london_day(moment), rules) if run.cut_off >= moment)


def expected_pay_day(decided_at: datetime, rules: CalendarRules) -> RunDate:
    """The run that pays a claim decided at this moment: what we tell people (S76).

    Exceptional runs already agreed belong in `rules.extra_runs`.
    """
    return next_run_after(decided_at, rules)


def latest_due(moment: datetime, rules: CalendarRules) -> RunDate:
    """The last run whose cut-off is over: the one that should have been prepared by now.

    It stays due until the next run's cut-off is over, even when its own pay day has gone by. That is
    what is right after an outage: people must still be paid. A run pays everything that waits, however
    old, so when several were missed the last one stands for them all. Whoever finds `pay_on` before
    today must not prepare it silently (no bank can pay on that day any more): a person decides between
    an exceptional run and the next one.
    """
    recent = runs_from(_london_day(moment) - LONGER_THAN_ANY_GAP, rules)
    *_, last = takewhile(lambda run: run.cut_off < moment, recent)
    return last


def _london_day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return moment.astimezone(LONDON).date()


def runs_from(day: date, rules: CalendarRules) -> Iterator[RunDate]:
    """The runs with their nominal day on or after `day`, one for each pay day, until holidays are unknown."""
    # From a month early, so that a run at the edge is not taken for the only one of its pay day.
    nominals = _nominal_days(day - timedelta(days=31), rules)
    planned = (planned_run(nominal, rules) for nominal in nominals)
    # Pay days never overtake each other, so runs of one pay day stand side by side.
    one_a_day = (_the_regular_one(same_day) for _, same_day in groupby(planned, lambda run: run.pay_on))
    return dropwhile(lambda run: run.nominal < day, one_a_day)


def _the_regular_one(same_pay_day: Iterable[RunDate]) -> RunDate:
    """Only one run has a given pay day: an exceptional one gives way to the regular one."""
    return min(same_pay_day, key=lambda run: (run.exceptional, run.nominal))


def _nominal_days(day: date, rules: CalendarRules) -> Iterator[date]:
    for months in count(day.year * 12 + day.month - 1):
        year, month = months // 12, months % 12 + 1
        agreed = {day for day in rules.extra_runs if (day.year, day.month) == (year, month)}
        yield from sorted(_regular_days(year, month, rules.pay_days) | agreed)


@cache
def _regular_days(year: int, month: int, pay_days: tuple[str, ...]) -> frozenset[date]:
    found = set()
    for which, weekday in map(_which_and_weekday, pay_days):
        first = date(year, month, 1)
        first += DAY * ((weekday - first.weekday()) % 7)
        days = [day for weeks in range(5) if (day := first + 7 * weeks * DAY).month == month]
        found |= {*days} if which == "every" else {days[ORDINALS[which]]}
    return frozenset(found)


def _which_and_weekday(name: str) -> tuple[str, int]:
    which, _, weekday = name.partition("-")
    if which not in (*ORDINALS, "every") or weekday not in WEEKDAYS:
        raise ValueError(
            f"“{name}” is not a pay day: write it like “second-friday” or “every-friday”, Monday to Friday."
        )
    return which, WEEKDAYS[weekday]


def planned_run(nominal: date, rules: CalendarRules) -> RunDate:
    """The run of a nominal day, whether or not the calendar names that day."""
    pay_on = nominal if is_working_day(nominal, rules) else working_day_before(nominal, 1, rules)
    last_day = working_day_before(pay_on, rules.cut_off_working_days, rules)
    return RunDate(
        nominal=nominal,
        pay_on=pay_on,
        cut_off=datetime.combine(last_day, rules.cut_off_hour, LONDON),
        moved_because=_why_not_payable(nominal, rules),
        provisional=nominal > official_until(),
        exceptional=nominal not in _regular_days(nominal.year, nominal.month, rules.pay_days),
    )


def _why_not_payable(day: date, rules: CalendarRules) -> str | None:
    if is_working_day(day, rules):
        return None
    written = f"{day:%A} {day.day} {day:%B %Y}"
    if day.weekday() >= 5:
        return f"{written} is at a weekend."
    name = bank_holidays(day.year).get(day)
    return f"{written} is a bank holiday: {name}." if name else f"{written} is an extra bank holiday."
