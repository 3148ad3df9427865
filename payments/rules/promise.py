"""How far a calendar keeps the promise to pay within two weeks, and which extra runs would help.

Two runs a month cannot keep it for everyone: a month with five Fridays has 21 days between them. We
show that a year ahead instead of finding out (S75, S76).
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from payments.rules.calendar import (
    DAY,
    LONDON,
    LONGER_THAN_ANY_GAP,
    CalendarRules,
    RunDate,
    planned_run,
    run_dates,
    runs_from,
)


@dataclass(frozen=True)
class ForecastDay:
    """What the calendar alone does to an activity on this day. Waits are from activity to pay day."""

    day: date
    run: RunDate
    wait_days: int
    kept: bool


@dataclass(frozen=True)
class Gap:
    """The time between two runs that follow each other, and the extra runs that would fill it.

    `gap_days` is from pay day to pay day. A gap is long by its nominal days: a five-Friday month has 21
    of them, while a holiday that makes 14 days 15 cannot be mended by another run.
    """

    after: RunDate
    until: RunDate
    gap_days: int
    is_long: bool
    offers: tuple[RunDate, ...]


@dataclass(frozen=True)
class PromiseForecast:
    """How far a calendar keeps the two-week promise, whatever else goes well."""

    days: tuple[ForecastDay, ...]
    gaps: tuple[Gap, ...]

    @property
    def kept_days(self) -> int:
        return sum(day.kept for day in self.days)

    @property
    def share(self) -> Decimal:
        """The days that keep the promise, in percent, to one decimal."""
        return _one_decimal(100 * self.kept_days, len(self.days))

    @property
    def mean_wait(self) -> Decimal:
        """In days, to one decimal."""
        return _one_decimal(sum(day.wait_days for day in self.days), len(self.days))

    @property
    def longest_wait(self) -> int:
        return max((day.wait_days for day in self.days), default=0)

    @property
    def offers(self) -> tuple[RunDate, ...]:
        """The exceptional runs that would help, one after the other."""
        return tuple(offer for gap in self.gaps for offer in gap.offers)


def forecast(
    start: date,
    end: date,
    rules: CalendarRules,
    *,
    target_days: int = 14,
    claim_after_days: int = 0,
    extra_runs: Iterable[date] = (),
    weekdays: Container[int] = range(7),
) -> PromiseForecast:
    """For an activity on each day of [start, end]: is it paid within the target?

    The claim is made and approved by the cut-off hour, `claim_after_days` calendar days after the
    activity (a weekend too), and the wait counts from the activity. `weekdays` (Monday is 0) narrows the
    days asked about; `extra_runs` are exceptional runs to try out.
    """
    rules = replace(rules, extra_runs=rules.extra_runs | frozenset(extra_runs))
    walked = _forecast_days(start, end, rules, target_days, claim_after_days)
    return PromiseForecast(
        days=tuple(day for day in walked if day.day.weekday() in weekdays),
        gaps=tuple(gaps(start, end, rules, target_days=target_days)),
    )


def gaps(start: date, end: date, rules: CalendarRules, *, target_days: int = 14) -> list[Gap]:
    """The gaps that touch [start, end], the ones under way at its ends included."""
    before = run_dates(start - LONGER_THAN_ANY_GAP, start - DAY, rules)[-1:]
    inside = run_dates(start, end, rules)
    following = next(runs_from(end + DAY, rules))
    return [_gap(*pair, rules, target_days) for pair in pairwise([*before, *inside, following])]


def _forecast_days(start: date, end: date, rules: CalendarRules, target: int, later: int) -> Iterator[ForecastDay]:
    """One walk along days and runs together: several years must be quick."""
    runs = runs_from(start, rules)
    run = next(runs)
    for n in range((end - start).days + 1):
        day = start + n * DAY
        decided = datetime.combine(day + later * DAY, rules.cut_off_hour, LONDON)
        while run.cut_off < decided:
            run = next(runs)
        wait = (run.pay_on - day).days
        yield ForecastDay(day, run, wait, kept=wait <= target)


def _gap(after: RunDate, until: RunDate, rules: CalendarRules, target: int) -> Gap:
    """Offer a run as late as the target allows, on the same weekday: then both halves are within it."""
    nominal_days = (until.nominal - after.nominal).days
    step = target // 7 * 7
    between = range(step, nominal_days, step) if step else ()
    offers = (planned_run(after.nominal + days * DAY, rules) for days in between)
    return Gap(
        after=after,
        until=until,
        gap_days=(until.pay_on - after.pay_on).days,
        is_long=nominal_days > target,
        offers=tuple(offer for offer in offers if after.pay_on < offer.pay_on < until.pay_on),
    )


def _one_decimal(total: int, of: int) -> Decimal:
    if not of:
        return Decimal("0.0")
    return (Decimal(total) / of).quantize(Decimal("0.1"), ROUND_HALF_UP)
