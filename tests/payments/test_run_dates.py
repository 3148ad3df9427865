"""run_dates, as a script calls it."""

import json

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def run_dates(capsys, start, end):
    call_command("run_dates", "--from", start, "--to", end, "--format", "json")
    return json.loads(capsys.readouterr().out)


def test_nine_years_have_216_runs_and_nine_that_moved(capsys):
    runs = run_dates(capsys, "2024-01-01", "2032-12-31")
    assert len(runs) == 216
    assert [run["pay_on"] for run in runs if run["pay_on"] != run["nominal"]] == [
        "2024-03-28", "2025-12-24", "2026-12-24", "2027-03-25", "2028-04-13", "2029-03-29", "2031-04-10", "2031-12-24",
        "2032-03-25",
    ]  # fmt: skip


def test_christmas_2026_and_the_offset_of_a_summer_cut_off(capsys):
    [*_, christmas] = run_dates(capsys, "2026-12-01", "2026-12-31")
    assert christmas["nominal"] == "2026-12-25"
    assert (christmas["pay_on"], christmas["cut_off"]) == ("2026-12-24", "2026-12-22T12:00:00+00:00")
    [summer, _] = run_dates(capsys, "2026-07-01", "2026-07-31")
    assert summer["cut_off"] == "2026-07-08T12:00:00+01:00"


@pytest.mark.parametrize(
    ("start", "end"), [("2026-02-30", "2026-03-01"), ("01/02/2026", "2026-03-01"), ("2026-03-02", "2026-03-01")]
)
def test_a_day_that_is_none_is_a_sentence(start, end, capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("run_dates", "--from", start, "--to", end)
    assert capsys.readouterr().err
