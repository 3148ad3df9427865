"""The house has four floors, and inside a floor one direction (README, "The house")."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ["eligibility", "activities", "payments", "coprod"]
# What judges only: values in, values out. Paths below the root, without the ending.
PURE = re.compile(
    r"eligibility/(rules|roles|reasons|identity)|activities/(framework|rules|policy_\w+|plain_words|proofreading|file_lines)|payments/rules/\w+"
)
ROOMS = [
    ("rules", PURE),
    ("models", re.compile(r"\w+/models(/\w+)?|payments/books|eligibility/sealing")),
    (
        "doors",
        re.compile(r"\w+/(pages/.*|tasks|admin|templatetags/.*|management/.*)|eligibility/(commands|doors)|coprod/.*"),
    ),
]
MODULES = sorted(
    path
    for floor in FLOORS
    for path in (ROOT / floor).rglob("*.py")
    if "migrations" not in path.parts and path.name != "__init__.py"
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def room(module: str) -> int:
    """0 rules, 1 models, 2 operations, 3 doors (pages, tasks, commands)."""
    for level, (_, pattern) in zip((0, 1, 3), ROOMS, strict=True):
        if pattern.fullmatch(module):
            return level
    return 2


def imports(path: Path) -> set[str]:
    """The modules of ours that a module imports, as paths."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module.replace(".", "/")
            found |= {
                f"{whole}/{alias.name}" if (ROOT / whole / f"{alias.name}.py").exists() else whole
                for alias in node.names
            }
        if isinstance(node, ast.Import):
            found |= {alias.name.replace(".", "/") for alias in node.names}
    return {module for module in found if module.split("/")[0] in FLOORS}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_floor_imports_only_from_the_floors_below_and_a_room_only_from_the_rooms_before(path):
    here = name(path)
    floor = FLOORS.index(here.split("/")[0])
    for there in imports(path):
        above = FLOORS.index(there.split("/")[0])
        assert above <= floor, f"{here} reaches up to {there}"
        if above == floor:
            assert room(there) <= room(here), f"{here} reaches forward to {there}"


@pytest.mark.parametrize("path", [path for path in MODULES if PURE.fullmatch(name(path))], ids=name)
def test_rules_know_no_database_and_no_clock(path):
    text = path.read_text(encoding="utf-8")
    # Django's validators judge a value and nothing else.
    assert not re.search(r"^(from|import) django(?!\.core\.(validators|exceptions))", text, re.MULTILINE)
    assert not re.search(r"\b(now|today|localdate|utcnow)\(", text)
    assert all(room(there) == 0 for there in imports(path))


def test_no_sub_folder_is_named_for_a_technique():
    names = {path.stem for path in MODULES}
    assert not names & {"utils", "helpers", "services", "managers", "signals", "common", "misc"}


FORBIDDEN = re.compile(
    r"income|salary|wage|saving|benefit|universal_credit|disab|diagnos|health|illness|medical|household|marital|"
    r"ethnic|religio|gender|sexual|birth|national_insurance|ni_number|immigration|children|dependants",
    re.IGNORECASE,
)


@pytest.mark.django_db
def test_S5_no_column_asks_about_income_benefits_savings_health_or_household():
    from django.apps import apps
    from django.db import connection

    ours = [model for model in apps.get_models() if model._meta.app_label in FLOORS]
    asked = [f"{model.__name__}.{field.name}" for model in ours for field in model._meta.get_fields()]
    with connection.cursor() as cursor:
        for model in ours:
            columns = connection.introspection.get_table_description(cursor, model._meta.db_table)
            asked += [f"{model._meta.db_table}.{column.name}" for column in columns]
    assert len(asked) > 100
    assert [field for field in asked if FORBIDDEN.search(field.split(".")[1])] == []
