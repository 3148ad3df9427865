"""Files of claims for tests, and the command that imports them."""

import csv
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.core.management import call_command

from payments.rules.csv_file import COLUMNS

OFFICER = "officer@example.org"
NOON = "2026-11-20T12:00"
GOOD = {
    "person_name": "Ada Example",
    "email": "ada@example.org",
    "phone": "01632 960999",
    "sort_code": "00-11-22",
    "account_number": "12345678",
    "framework": "surrey-asc-2025",
    "activity_kind": "interview-panel",
    "activity_on": "2026-11-05",
    "session_hours": "3",
    "agreed_hours": "2",
    "hours_claimed": "2",
    "choice": "payment",
}


def row(**cells) -> dict[str, str]:
    """A good row, changed where a test says so."""
    assert set(cells) <= {*COLUMNS, "reason"}
    return {**dict.fromkeys(COLUMNS, ""), **GOOD, **cells}


def somebody_else(**cells) -> dict[str, str]:
    return row(**{"person_name": "Ben Example", "email": "ben@example.org", "account_number": "87654321", **cells})


def write(path: Path, rows: list[dict[str, str]], *, columns=COLUMNS, encoding="utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@dataclass
class Result:
    """What the command said, and its exit code."""

    code: int
    json: dict
    errors: str


def import_file(path: Path, *more: str, status="approved", by=OFFICER, at=NOON) -> Result:
    out, err = StringIO(), StringIO()
    options = ["--as", status, "--by", by, "--create-staff", "--at", at, "--format", "json", *more]
    code = 0
    try:
        call_command("import_claims", str(path), *options, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    return Result(code, json.loads(out.getvalue()), err.getvalue())


def everything() -> dict[str, list]:
    """Every row of every table of ours: equal before and after means that nothing was stored or changed."""
    floors = ("eligibility", "activities", "payments")
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for floor in floors
        for model in apps.get_app_config(floor).get_models()
    }
