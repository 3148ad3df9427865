"""The calendar of pay days: when people are paid, which gaps are too long, and how far the promise can be kept."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from activities.framework import Target
from activities.models import FrameworkVersion
from payments.models import PaymentRun
from payments.reports.preflight import MethodSums, sums_of_runs
from payments.rules.calendar import CalendarRules, RunDate, planned_run, run_dates
from payments.rules.promise import PromiseForecast, forecast
from payments.runs import calendar_of, calendar_version


@dataclass(frozen=True)
class PayDay:
    """A pay day of the calendar, the run that stands for it if there is one, and the gap before it if that is long."""

    plan: RunDate
    run: PaymentRun | None
    sums: dict[str, MethodSums] | None
    gap_days: int | None
    offers: tuple[RunDate, ...]

    @property
    def pay_on(self) -> date:
        """When people are paid: a run that stands keeps its own day, whatever holiday was proclaimed since."""
        return self.run.pay_on if self.run else self.plan.pay_on


@dataclass(frozen=True)
class MonthKept:
    """Of the days of a month, how many the calendar pays in time."""

    first: date
    days: int
    kept: int

    @property
    def share(self) -> Decimal:
        """In whole percent."""
        return (Decimal(100 * self.kept) / self.days).quantize(Decimal(1), ROUND_HALF_UP)


@dataclass(frozen=True)
class Year:
    """A year of pay days. ``forecast`` is None where no framework says within how many days people are paid."""

    year: int
    days: list[PayDay]
    forecast: PromiseForecast | None

    @property
    def months(self) -> list[MonthKept]:
        by_month = groupby(self.forecast.days, lambda day: day.day.replace(day=1))
        grouped = [(first, [day.kept for day in days]) for first, days in by_month]
        return [MonthKept(first, len(kept), sum(kept)) for first, kept in grouped]


@dataclass(frozen=True)
class Calendar:
    """``version`` says when people are paid, ``target`` within how many days. Each is None where nothing says so."""

    version: FrameworkVersion | None
    target: Target | None
    rules: CalendarRules
    years: list[Year]


def calendar_of_years(years: list[int], today: date) -> Calendar:
    """The pay days of these years by the calendar in force today, with the runs that stand.

    The number of queries does not depend on the runs.
    """
    version = calendar_version(today)
    rules = calendar_of(version)
    target = version.policy.target if version else None
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    standing = list(
        PaymentRun.objects.filter(cancelled_at__isnull=True, nominal_on__range=(first, last)).order_by("pay_on")
    )
    sums = sums_of_runs(standing)
    return Calendar(version, target, rules, [year_of(year, rules, target, standing, sums) for year in years])


def year_of(year: int, rules: CalendarRules, target: Target | None, standing: list[PaymentRun], sums: dict) -> Year:
    start, end = date(year, 1, 1), date(year, 12, 31)
    found = forecast(start, end, rules, target_days=target.days) if target else None
    long_gaps = {gap.until.nominal: gap for gap in found.gaps if gap.is_long} if found else {}
    runs = {run.nominal_on: run for run in standing if run.nominal_on.year == year}
    plans = {plan.nominal: plan for plan in run_dates(start, end, rules)}
    # A run that stands is shown, also where the calendar has changed since it was prepared.
    plans |= {nominal: planned_run(nominal, rules) for nominal in runs if nominal not in plans}
    days = []
    for _, plan in sorted(plans.items()):
        run, gap = runs.get(plan.nominal), long_gaps.get(plan.nominal)
        days.append(
            PayDay(
                plan=plan,
                run=run,
                sums=run and sums[run.pk],
                gap_days=gap and gap.gap_days,
                offers=gap.offers if gap else (),
            )
        )
    return Year(year, days, found)
