"""Who may do what, written down a second time by hand, so that a change is made twice or noticed."""

import ast
from pathlib import Path

import pytest

from eligibility.roles import STAFF, TABLE, Deed, Role, for_staff_only, may, reasons_against_role

ROOT = Path(__file__).parents[2]

# x: may. The columns: visitor, co-producer, activity lead, payments officer, authoriser, auditor.
TRUTH = {
    "READ_PUBLIC_PAGES": "x x x x x x",
    "LOOK_AFTER_MY_OWN": ". x x x x x",
    "SEE_STAFF_HOME   ": ". . x x x x",
    "READ_CLAIMS      ": ". . x x x x",
    "DECIDE_CLAIMS    ": ". . . x . .",
    "IMPORT_CLAIMS    ": ". . . x . .",
    "READ_PEOPLE      ": ". . . x . x",
    "READ_RUNS        ": ". . . x x x",
    "PREPARE_RUNS     ": ". . . x . .",
    "AUTHORISE_RUNS   ": ". . . . x .",
    "SEND_RUNS        ": ". . . x x .",
}


@pytest.mark.parametrize("deed", Deed, ids=lambda deed: deed.name)
def test_each_role_may_do_what_is_written_here_and_nothing_else(deed):
    columns = {name.strip(): marks.split() for name, marks in TRUTH.items()}
    assert deed.name in columns, f"Say in TRUTH who may {deed.value}."
    allowed = [role for role, mark in zip(Role, columns[deed.name], strict=True) if mark == "x"]
    assert [role for role in Role if may([role], deed)] == allowed


def test_the_table_names_every_deed_and_no_other():
    assert set(TABLE) == set(Deed)
    assert {name.strip() for name in TRUTH} == {deed.name for deed in Deed}


def test_every_deed_is_there_for_a_door_a_command_or_a_rule():
    used = set()
    for floor in ("eligibility", "activities", "payments", "coprod"):
        for path in (ROOT / floor).rglob("*.py"):
            if path != ROOT / "eligibility" / "roles.py":
                used |= deeds_named_in(path)
    assert {deed.name for deed in Deed} - used == set(), "Nothing uses these deeds: take them away, or make their door."
    assert used <= {deed.name for deed in Deed}


def deeds_named_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Deed"
    }


def test_a_deed_that_is_not_in_the_table_is_closed_to_everybody():
    assert not may(list(Role), None)
    assert not may(list(Role), "read everybody's post")


def test_an_auditor_changes_nothing_but_their_own():
    changes = {Deed.DECIDE_CLAIMS, Deed.IMPORT_CLAIMS, Deed.PREPARE_RUNS, Deed.AUTHORISE_RUNS, Deed.SEND_RUNS}
    assert not [deed for deed in changes if may([Role.AUDITOR], deed)]


def test_no_single_role_prepares_and_authorises_a_run():
    assert not [role for role in Role if may([role], Deed.PREPARE_RUNS) and may([role], Deed.AUTHORISE_RUNS)]


def test_whatever_only_staff_may_do_needs_a_second_factor():
    open_to_all = {Deed.READ_PUBLIC_PAGES, Deed.LOOK_AFTER_MY_OWN}
    assert {deed for deed in Deed if not for_staff_only(deed)} == open_to_all


def test_a_refusal_says_which_roles_could():
    [reason] = reasons_against_role([Role.AUDITOR], Deed.SEND_RUNS, "Gethin Marlowe")
    assert reason.text == "Gethin Marlowe is not a payments officer or an authoriser here, so may not do this."
    assert reasons_against_role([Role.AUTHORISER], Deed.SEND_RUNS, "Sunita Fairweather") == []


def test_the_roles_have_names_that_read_well():
    assert [role.with_article for role in STAFF] == [
        "an activity lead",
        "a payments officer",
        "an authoriser",
        "an auditor",
    ]
