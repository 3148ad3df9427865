"""Importing a spreadsheet of claims, through the command, on the real database (item 7 of the main job)."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.models import Activity, Participation
from activities.operations import SHIPPED, load_framework
from eligibility.models import Event, Person, Role
from eligibility.operations import make_staff
from payments.claims import refuse_claim, withdraw_claim
from payments.models import BankDetails, Charity, Claim, Document, Expense, Payable
from payments.rules.csv_file import COLUMNS
from payments.runs import prepare_run
from tests.payments.claims_file import OFFICER, everything, import_file, read, row, somebody_else, write
from tests.payments.office import AFTER_CUT_OFF, DECIDED, PAY_DAY, officer, surrey

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data"
NOVEMBER = DATA / "claims-november-2026.csv"
EXPECTED = json.loads((DATA / "claims-november-2026.expected.json").read_text(encoding="utf-8"))
LONG = "9" * 50


@pytest.fixture(autouse=True)
def policies(request):
    if "transactional_db" in request.fixturenames:
        return
    load_policies()


def load_policies():
    surrey()
    text = (SHIPPED / "co-production-collective-2021.toml").read_text(encoding="utf-8")
    load_framework(text, source="co-production-collective-2021.toml", by=None, at=DECIDED)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "claims.csv"


# The main job.


def figures(run) -> dict:
    methods = {
        method: (getattr(run, f"{method}_payments"), getattr(run, f"{method}_total")) for method in EXPECTED["payments"]
    }
    return {
        "claims": run.claims_covered,
        "thank_you_cards": run.cards_covered,
        "blocked_payables": len(run.blocked),
        "payments": {method: number for method, (number, _) in methods.items()},
        "totals": {method: str(total) for method, (_, total) in methods.items()},
    }


def test_the_november_file_becomes_the_payments_it_should():
    result = import_file(NOVEMBER)
    run = prepare_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)

    assert result.code == 0 and result.errors == ""
    assert result.json == {
        "rows": 59,
        "imported": 59,
        "skipped": 0,
        "rejected": 0,
        "people": 17,
        "rejected_rows": [],
        "rejected_file": None,
        "dry_run": False,
        "as": "approved",
    }
    assert figures(run) == EXPECTED


def test_importing_twice_changes_nothing():
    import_file(NOVEMBER)
    before = everything()

    again = import_file(NOVEMBER)

    assert (again.code, again.json["imported"], again.json["skipped"]) == (0, 0, 59)
    assert everything() == before


def test_importing_again_after_the_run_is_closed_is_no_error_when_nothing_is_new(file):
    import_file(NOVEMBER)
    prepare_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    before = everything()

    again = import_file(NOVEMBER)
    late = import_file(write(file, [row()]), at="2026-11-25T12:00")

    assert again.code == 0
    assert late.code == 1 and "That run is closed; give a later time." in late.errors
    assert everything() == before
    assert import_file(file, at="2026-11-25T12:01").json["imported"] == 1


# Bad rows: line, column, and nothing stored.

CAR = {"travel_mode": "car", "miles": "10"}
BUS = {"travel_mode": "bus", "travel_amount": "4.50", "receipt": "yes"}
TAXI = {"travel_mode": "taxi", "travel_amount": "14.50", "receipt": "yes", "taxi_agreed_with": "Named contact"}
BLOG = {"framework": "co-production-collective-2021", "activity_kind": "blog"}
CUPPA = {**BLOG, "activity_kind": "cuppa"}
BAD_ROWS = [
    ("no name", {"person_name": ""}, "person_name"),
    ("a name of blanks", {"person_name": " \u00a0 "}, "person_name"),
    ("a name nobody can see", {"person_name": "\u200d\u200c"}, "person_name"),
    ("a control character in the name", {"person_name": "Ada\x07Example"}, "person_name"),
    ("a line break in the name", {"person_name": "Ada\nExample"}, "person_name"),
    ("an override that turns the text", {"person_name": "Ada \u202eelpmaxE"}, "person_name"),
    ("a lost accent", {"person_name": "Zo\ufffd Example"}, "person_name"),
    ("a formula in the name", {"person_name": "=HYPERLINK(1)"}, "person_name"),
    ("a formula behind a blank", {"person_name": " @SUM(1)"}, "person_name"),
    ("a formula with +", {"person_name": "+1"}, "person_name"),
    ("a formula with -", {"person_name": "-1"}, "person_name"),
    ("a name too long", {"person_name": "A" * 201}, "person_name"),
    ("no e-mail", {"email": ""}, "email"),
    ("no valid e-mail", {"email": "ada.example.org"}, "email"),
    ("two e-mails", {"email": "ada@example.org, ben@example.org"}, "email"),
    ("an invisible e-mail", {"email": "ada@exam\u200bple.org"}, "email"),
    ("an e-mail too long", {"email": f"ada@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.org"}, "email"),
    ("a phone too long", {"phone": "0" * 41}, "phone"),
    ("half an account: no number", {"account_number": ""}, "account_number"),
    ("half an account: no sort code", {"sort_code": " "}, "sort_code"),
    ("five digits", {"sort_code": "00-11-2"}, "sort_code"),
    ("a sort code in other digits", {"sort_code": "٠٠١١٢٢"}, "sort_code"),
    ("seven digits", {"account_number": "1234567"}, "account_number"),
    ("letters in an account", {"account_number": "1234567X"}, "account_number"),
    ("no framework", {"framework": ""}, "framework"),
    ("an unknown framework", {"framework": "kent-2020"}, "framework"),
    ("no kind", {"activity_kind": ""}, "activity_kind"),
    ("an unknown kind", {"activity_kind": "gardening"}, "activity_kind"),
    ("a kind of another framework", {"activity_kind": "blog"}, "activity_kind"),
    ("a kind with no band", {"activity_kind": "co-facilitate-presentation"}, "activity_kind"),
    ("a kind whose role decides", {**CUPPA, "choice": "none"}, "activity_kind"),
    ("no choice", {"choice": ""}, "choice"),
    ("a choice the band does not have", {"choice": "none"}, "choice"),
    ("a choice of the card band", {"activity_kind": "web-content", "choice": "payment"}, "choice"),
    ("a choice nobody has", {"choice": "cash"}, "choice"),
    ("an amount owed without a rate", BLOG, "choice"),
    ("a voucher without a rate", {**BLOG, "choice": "voucher"}, "choice"),
    *[
        (f"{column} {hours!r}", {column: hours}, column)
        for column in ("session_hours", "agreed_hours", "hours_claimed")
        for hours in ("", "0", "0.00", "-1", "1.1", "two", "1e3", "1e0", "NaN", "1,5", "２", "1000", LONG)
    ],
    ("agreed above session", {"agreed_hours": "3.25"}, "agreed_hours"),
    ("claimed above session", {"hours_claimed": "3.25"}, "hours_claimed"),
    ("half a penny less", {"choice": "lower", "lower_amount": "10.005"}, "lower_amount"),
    ("lower above the full amount", {"choice": "lower", "lower_amount": "30.01"}, "lower_amount"),
    ("lower without an amount", {"choice": "lower"}, "lower_amount"),
    ("lower of nothing", {"choice": "lower", "lower_amount": "0.00"}, "lower_amount"),
    ("a lower amount nobody asked", {"lower_amount": "10"}, "lower_amount"),
    ("a lower amount like a float", {"choice": "lower", "lower_amount": "1e1"}, "lower_amount"),
    ("a charity nobody asked", {"charity": "Local Hospice"}, "charity"),
    ("a donation to nobody", {"choice": "donate"}, "charity"),
    ("a formula for a charity", {"choice": "donate", "charity": "=1+1"}, "charity"),
    ("a charity too long", {"choice": "donate", "charity": "ß" * 101}, "charity"),
    ("a car without miles", {"travel_mode": "car"}, "miles"),
    ("a car with an amount", {**CAR, "travel_amount": "5.50"}, "travel_amount"),
    ("a car going nowhere", {**CAR, "miles": "0"}, "miles"),
    ("a car to the moon", {**CAR, "miles": "1000000"}, "miles"),
    ("a bus without an amount", {**BUS, "travel_amount": ""}, "travel_amount"),
    ("a bus with miles", {**BUS, "miles": "3"}, "miles"),
    ("a bus for nothing", {**BUS, "travel_amount": "0.00"}, "travel_amount"),
    ("a bus for half a penny", {**BUS, "travel_amount": "4.505"}, "travel_amount"),
    ("a bus in pounds", {**BUS, "travel_amount": "£4.50"}, "travel_amount"),
    ("an amount and no mode", {"travel_amount": "4.50"}, "travel_mode"),
    ("miles and no mode", {"miles": "10"}, "travel_mode"),
    ("a mode the framework does not name", {**BUS, "travel_mode": "helicopter"}, "travel_mode"),
    ("travel where the framework names none", {**BLOG, **CAR, "choice": "decline"}, "travel_mode"),
    ("a receipt that is neither", {**BUS, "receipt": "maybe"}, "receipt"),
    ("a receipt that is neither, for nothing", {"receipt": "true"}, "receipt"),
    ("no receipt", {**BUS, "receipt": ""}, "receipt"),
    ("a receipt that is missing", {**BUS, "receipt": "no"}, "receipt"),
    ("a taxi without a receipt", {**TAXI, "receipt": ""}, "receipt"),
    ("a taxi nobody agreed to", {**TAXI, "taxi_agreed_with": " "}, "taxi_agreed_with"),
    ("no date", {"activity_on": ""}, "activity_on"),
    ("tomorrow", {"activity_on": "2026-11-21"}, "activity_on"),
    ("a British date", {"activity_on": "05/11/2026"}, "activity_on"),
    ("a date without hyphens", {"activity_on": "20261105"}, "activity_on"),
    ("a week", {"activity_on": "2026-W45-4"}, "activity_on"),
    ("a day there never was", {"activity_on": "2026-02-30"}, "activity_on"),
    ("a control character in the notes", {"notes": "fine\x1b[31m"}, "notes"),
]


@pytest.mark.parametrize(("cells", "column"), [bad[1:] for bad in BAD_ROWS], ids=[bad[0] for bad in BAD_ROWS])
def test_a_bad_row_stops_the_import_before_anything_is_stored(file, cells, column):
    before = everything()

    result = import_file(write(file, [somebody_else(), row(**cells)]))

    assert result.code == 1
    assert lines_and_columns(result) == {(3, column)}
    [refused] = result.json["refused"]
    assert refused["text"].endswith(".") and refused["text"] in result.errors
    assert everything() == before


def lines_and_columns(result) -> set[tuple[int, str]]:
    """Every bad row as it is printed."""
    return {(int(line), column) for line, column in re.findall(r"^line (\d+), (\w+): ", result.errors, re.MULTILINE)}


@pytest.mark.parametrize(
    "cells",
    [
        CAR,
        BUS,
        TAXI,
        {**CAR, "receipt": "no"},
        {"travel_mode": "", "receipt": "no", "taxi_agreed_with": "nobody"},
        {"choice": "lower", "lower_amount": "30"},
        {"choice": "donate", "charity": "Local Hospice"},
        {**BLOG, "choice": "decline"},
        {**BLOG, "activity_kind": "intro-meeting", "choice": "none"},
        {"sort_code": "", "account_number": ""},
        {"sort_code": "00 11–22", "account_number": "1234-5678"},
        {"activity_on": "2026-11-20"},
        {"phone": "+44 1632 960999"},
        {"notes": "=1+1 on\r\ntwo lines"},
        {"activity_kind": "Interview-Panel", "choice": " Payment", "email": " ADA@Example.org "},
        {"session_hours": "999.75"},
    ],
)
def test_the_good_neighbours_of_bad_rows(file, cells):
    result = import_file(write(file, [row(**cells)]))

    assert (result.code, result.json.get("imported"), result.errors) == (0, 1, "")
    assert import_file(file).json["skipped"] == 1


def test_all_problems_of_all_rows_are_told(file):
    rows = [
        row(choice="cash", miles="x"),
        somebody_else(),
        somebody_else(hours_claimed="9", activity_on="5 Nov", receipt="?"),
    ]

    result = import_file(write(file, rows))

    expected = {(2, "choice"), (2, "miles"), (4, "activity_on"), (4, "hours_claimed"), (4, "receipt")}
    assert expected <= lines_and_columns(result)
    assert {line for line, _ in lines_and_columns(result)} == {2, 4}


def test_a_kind_without_band_is_bad_whatever_is_chosen(file):
    for choice in ("payment", "none", "decline", "voucher"):
        result = import_file(write(file, [row(activity_kind="co-facilitate-presentation", choice=choice)]))
        assert lines_and_columns(result) == {(2, "activity_kind")}


# One e-mail, one person.


def test_one_email_has_one_name_in_the_file(file):
    rows = [row(), somebody_else(), row(person_name="Ida Example", activity_kind="steering-group")]

    result = import_file(write(file, rows))

    assert lines_and_columns(result) == {(4, "person_name")} and "change it on the person first" in result.errors


def test_one_email_has_one_name_against_what_is_stored(file):
    import_file(write(file, [row()]))

    result = import_file(write(file, [row(person_name="Ida Example", activity_kind="steering-group")]))

    assert lines_and_columns(result) == {(2, "person_name")} and "change it on the person first" in result.errors


def test_case_spaces_and_how_an_accent_is_written_make_no_second_name(file):
    spellings = ["Zoë  Müller", "Zoe\u0308 Mu\u0308ller", "ZOË MÜLLER "]
    kinds = ["interview-panel", "steering-group", "co-facilitate-training"]
    rows = [row(person_name=name, activity_kind=kind) for name, kind in zip(spellings, kinds, strict=True)]

    assert import_file(write(file, rows)).json["imported"] == 3
    assert Person.objects.get(email="ada@example.org").name == "Zoë Müller"


def test_one_person_has_one_account_in_the_file(file):
    rows = [row(), row(account_number="12345679", activity_kind="steering-group")]

    result = import_file(write(file, rows))

    assert lines_and_columns(result) == {(3, "account_number")} and "change it on the person first" in result.errors


@pytest.mark.parametrize("other", [{"account_number": "12345679"}, {"sort_code": "00-11-23"}])
def test_one_person_has_one_account_against_what_is_stored(file, other):
    import_file(write(file, [row()]))
    before = everything()

    result = import_file(write(file, [row(activity_kind="steering-group", **other)]))

    assert lines_and_columns(result) == {(2, "account_number")} and "change it on the person first" in result.errors
    assert "12345678" not in result.errors
    assert everything() == before


def test_blank_bank_columns_leave_what_is_stored_and_equal_ones_add_nothing(file):
    import_file(write(file, [row()]))
    blank = {"sort_code": "", "account_number": "", "phone": ""}
    equal = {"sort_code": "001122", "account_number": "1234 5678", "phone": "another phone"}

    import_file(
        write(
            file,
            [row(activity_kind="steering-group", **blank), row(activity_kind="peer-review", choice="voucher", **equal)],
        )
    )

    [details] = BankDetails.objects.all()
    assert details.account() == {"sort_code": "001122", "account_number": "12345678"}
    assert (details.name_on_account, details.entered_by.email, details.entered_at) == ("Ada Example", OFFICER, DECIDED)
    assert Person.objects.get(email="ada@example.org").phone == "01632 960999"
    assert Claim.objects.count() == 3


def test_a_first_account_and_phone_are_taken_from_a_row_that_is_stored_already(file):
    """So that whoever was blocked for want of an account can be helped in the spreadsheet."""
    import_file(write(file, [row(sort_code="", account_number="", phone="")]))
    assert not BankDetails.objects.exists()

    result = import_file(write(file, [row()]))

    assert (result.json["imported"], result.json["skipped"]) == (0, 1)
    assert BankDetails.objects.get().person.phone == "01632 960999"


def test_a_made_up_staff_name_gives_way_to_the_real_one(file):
    make_staff("lead@example.org", Role.ACTIVITY_LEAD, at=DECIDED)

    result = import_file(write(file, [row(email="lead@example.org", person_name="Lena Lead")]))

    assert result.code == 0 and result.json["people"] == 0
    assert Person.objects.get(email="lead@example.org").name == "Lena Lead"
    other = import_file(
        write(file, [row(email="lead@example.org", person_name="Luna", activity_kind="steering-group")])
    )
    assert lines_and_columns(other) == {(2, "person_name")}


def test_a_staff_name_under_which_somebody_took_part_is_their_name(file):
    make_staff("sam@example.org", Role.ACTIVITY_LEAD, at=DECIDED)
    import_file(write(file, [row(email="sam@example.org", person_name="sam")]))

    other = import_file(
        write(file, [row(email="sam@example.org", person_name="Samira", activity_kind="steering-group")])
    )

    assert lines_and_columns(other) == {(2, "person_name")}


# The same claim twice.


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"hours_claimed": "2"}, {"hours_claimed": "2.0", "session_hours": "3.00", "agreed_hours": "2.00"}),
        ({"choice": "donate", "charity": "Local Hospice"}, {"choice": "DONATE", "charity": "local  hospice "}),
        ({"choice": "lower", "lower_amount": "10"}, {"choice": "lower", "lower_amount": "10.00"}),
        (CAR, {**CAR, "miles": "10.0"}),
        (BUS, {**BUS, "travel_amount": "4.5", "receipt": "YES"}),
        (TAXI, {**TAXI, "taxi_agreed_with": "named  contact"}),
        ({}, {"receipt": "no", "taxi_agreed_with": "nobody", "notes": "other notes"}),
    ],
)
def test_a_row_equal_in_its_values_to_a_stored_claim_is_skipped(file, first, again):
    import_file(write(file, [row(**first)]))
    before = everything()

    result = import_file(write(file, [row(**again)]))

    assert (result.code, result.json["skipped"]) == (0, 1)
    assert everything() == before


@pytest.mark.parametrize(
    ("other", "column"),
    [
        ({"session_hours": "4"}, "session_hours"),
        ({"agreed_hours": "1"}, "agreed_hours"),
        ({"hours_claimed": "1"}, "hours_claimed"),
        ({"choice": "voucher"}, "choice"),
        ({"choice": "decline"}, "choice"),
        ({"miles": "11"}, "miles"),
        ({"receipt": "yes"}, "receipt"),
        ({"travel_mode": "", "miles": ""}, "travel_mode"),
        ({"taxi_agreed_with": "somebody"}, "taxi_agreed_with"),
    ],
)
def test_the_same_person_kind_and_day_with_other_values_is_bad(file, other, column):
    import_file(write(file, [row(**CAR)]))
    before = everything()

    result = import_file(write(file, [row(**{**CAR, **other})]))

    assert result.code == 1 and lines_and_columns(result) == {(2, column)}
    assert everything() == before


@pytest.mark.parametrize("second", [{}, {"hours_claimed": "1"}, {"email": "ADA@example.org"}])
def test_of_two_such_rows_in_one_file_the_later_is_bad(file, second):
    rows = [row(), somebody_else(), row(**second)]

    result = import_file(write(file, rows))
    assert result.code == 1 and lines_and_columns(result) == {(4, "activity_on")}

    import_file(file, "--accept-good")
    assert Claim.objects.count() == 2
    assert lines_and_columns(import_file(file)) == {(4, "activity_on")}


def test_other_kinds_and_days_never_make_a_row_bad(file):
    rows = [row(activity_kind=kind) for kind in ("interview-panel", "steering-group", "co-facilitate-training")]
    rows += [row(activity_on="2026-11-06"), row(activity_on="2026-11-07")]

    assert import_file(write(file, rows)).json["imported"] == 5


def taken_back(claim):
    withdraw_claim(claim.pk, by=claim.person, at=DECIDED)


def test_a_refused_or_withdrawn_claim_does_not_stand_in_the_way(file):
    """The new claim stands on the part that is there."""
    import_file(write(file, [row()]), status="submitted")
    refuser = officer("refuser@example.org")
    refuse_claim(Claim.objects.get().pk, "Not on the register.", by=refuser, at=DECIDED)

    import_file(write(file, [row(hours_claimed="1")]))
    taken_back(Claim.objects.get(status="approved"))
    import_file(write(file, [row(hours_claimed="0.5")]))

    assert sorted(Claim.objects.values_list("status", flat=True)) == ["approved", "refused", "withdrawn"]
    assert Participation.objects.count() == Activity.objects.count() == 1


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
def test_a_file_read_again_revives_nothing_that_was_refused_or_taken_back(file, end):
    import_file(write(file, [row(), somebody_else()]), status="submitted" if end == "refused" else "approved")
    claim, by = Claim.objects.get(person__email="ada@example.org"), officer("b@example.org")
    if end == "refused":
        refuse_claim(claim.pk, "Not on the register.", by=by, at=DECIDED)
    else:
        taken_back(claim)
    before = everything()

    again = import_file(file)

    assert again.code == 0 and (again.json["imported"], again.json["skipped"]) == (0, 2)
    assert everything() == before


def test_what_stands_is_compared_also_beside_what_was_taken_back(file):
    import_file(write(file, [row()]))
    taken_back(Claim.objects.get())
    import_file(write(file, [row(hours_claimed="1")]))
    before = everything()

    for hours in ("2", "1"):  # as the one taken back, and as the one that stands
        assert import_file(write(file, [row(hours_claimed=hours)])).json["skipped"] == 1
    other = import_file(write(file, [row(hours_claimed="1.5")]))

    assert other.code == 1 and lines_and_columns(other) == {(2, "hours_claimed")}
    assert everything() == before


# What is stored.


def test_an_approved_row_is_stored_whole(file):
    notes = "Thank you,\nall of you"
    cells = {
        **CAR,
        "choice": "donate",
        "charity": "Local  Hospice",
        "miles": "12.7",
        "notes": notes,
        "hours_claimed": "1.5",
    }
    import_file(write(file, [row(**cells)]))

    claim = Claim.objects.get()
    part, expense = claim.participation, claim.expenses.get()
    assert (claim.status, claim.decided_by.email, claim.decided_at) == ("approved", OFFICER, DECIDED)
    assert (claim.entered_by, claim.submitted_at, claim.staff_note) == (None, DECIDED, notes)
    assert (claim.band, claim.recognition, claim.rate, claim.full_amount) == ("hourly", "hourly", 15, Decimal("22.50"))
    assert (claim.agreed_hours, claim.hours, claim.choice, claim.charity.name) == (
        2,
        Decimal("1.5"),
        "donate",
        "Local Hospice",
    )
    assert (part.band, part.rate, part.offered_at, part.choice) == ("hourly", 15, None, "donate")
    assert part.band_why == part.activity.framework_version.policy.kind("interview-panel").why
    assert (part.attended_hours, part.attended_at, part.charity_name) == (Decimal("1.5"), DECIDED, "Local Hospice")
    assert (part.activity.title, part.activity.session_hours) == ("Sitting on an interview panel", 3)
    assert (expense.amount_asked, expense.amount_approved) == (Decimal("6.99"), Decimal("6.99"))  # 6.985, half up
    assert (expense.miles, expense.mileage_rate, expense.receipt) == (Decimal("12.7"), Decimal("0.55"), None)
    owed = set(Payable.objects.values_list("part", "method", "amount"))
    assert owed == {("recognition", "charity", Decimal("22.50")), ("expenses", "bank", Decimal("6.99"))}
    assert {"person added", "bank details entered", "claim imported", "claim approved"} <= set(
        Event.objects.filter(by__email=OFFICER).values_list("what", flat=True)
    )


def test_a_submitted_row_waits_for_somebody_else(file):
    """Who enters a claim does not decide it, and nothing is attended until somebody says so."""
    import_file(write(file, [row(choice="decline", **CAR)]), status="submitted")

    claim = Claim.objects.get()
    assert (claim.status, claim.entered_by.email, claim.decided_by) == ("submitted", OFFICER, None)
    assert (claim.choice, claim.declined_as) == ("decline", "no-thanks")
    assert claim.participation.attended_at is None and claim.participation.attended_hours is None
    assert not Payable.objects.exists() and Expense.objects.get().amount_approved is None


def test_a_voucher_follows_the_agreed_hours_and_pay_the_hours_done(file):
    rows = [row(hours_claimed="1"), row(activity_kind="peer-review", choice="voucher", hours_claimed="1")]
    import_file(write(file, rows))

    assert dict(Claim.objects.values_list("band", "full_amount")) == {"hourly": 15, "voucher": 30}


def test_travel_is_paid_at_the_rate_of_its_day(file):
    rows = [row(**CAR, activity_on="2026-04-05"), row(**CAR, activity_on="2026-04-06")]
    import_file(write(file, rows))

    paid = Expense.objects.order_by("claim__participation__activity__on").values_list("mileage_rate", "amount_asked")
    assert list(paid) == [(Decimal("0.45"), Decimal("4.50")), (Decimal("0.55"), Decimal("5.50"))]


def test_a_card_is_due_for_who_did_not_decline_it(file):
    rows = [
        row(activity_kind="web-content", choice="none"),
        somebody_else(activity_kind="web-content", choice="decline"),
    ]
    import_file(write(file, rows))

    assert Document.objects.get().participation.person.name == "Ada Example"


def test_people_at_the_same_thing_share_an_activity_also_one_that_was_there(file):
    import_file(write(file, [row(), somebody_else()]))
    import_file(write(file, [somebody_else(email="cy@example.org", person_name="Cy Example")]))
    import_file(write(file, [somebody_else(email="di@example.org", person_name="Di Example", session_hours="4")]))

    assert sorted(activity.participations.count() for activity in Activity.objects.all()) == [1, 3]


def test_who_was_offered_another_band_is_asked_about(file):
    import_file(write(file, [row()]), status="submitted")
    Participation.objects.update(band="voucher")
    refuse_claim(Claim.objects.get().pk, "Another band.", by=officer("b@example.org"), at=DECIDED)

    assert lines_and_columns(import_file(write(file, [row(hours_claimed="1")]))) == {(2, "activity_kind")}


def test_charities_are_one_whatever_their_case_and_spaces(file):
    names = ["Local Hospice", "local hospice", "LOCAL  HOSPICE"]
    rows = [row(choice="donate", charity=name, activity_on=f"2026-11-0{day}") for day, name in enumerate(names, 1)]

    assert import_file(write(file, rows)).json["imported"] == 3
    assert Charity.objects.get().name == "Local Hospice"


# Who imports.


def test_nobody_decides_their_own_claim(file):
    officer()
    rows = [row(), row(email=OFFICER.upper(), person_name="Olga Officer", sort_code="", account_number="")]
    before = everything()

    result = import_file(write(file, rows))

    assert result.code == 1 and lines_and_columns(result) == {(3, "email")}
    assert everything() == before
    assert import_file(file, by="other@example.org").code == 0
    assert import_file(file).json["skipped"] == 2


@pytest.mark.parametrize("status", ["submitted", "approved"])
def test_only_a_payments_officer_imports(file, status):
    make_staff("auditor@example.org", Role.AUDITOR, at=DECIDED)

    result = import_file(write(file, [row()]), status=status, by="auditor@example.org")

    assert result.code == 1 and "payments officer" in result.errors
    assert not Claim.objects.exists()


# Taking the good rows, and the dry run.


def test_what_is_refused_is_written_beside_the_file_corrected_and_imported(file):
    rows = [
        row(),
        somebody_else(hours_claimed="9", notes="=1+1", person_name="Bên “B” Example"),
        row(choice="cash", activity_on="2026-11-06"),
    ]
    result = import_file(write(file, rows), "--accept-good")

    rejected = file.with_name("claims.csv.rejected.csv")
    assert (result.code, result.json["imported"], result.json["rejected"]) == (0, 1, 2)
    assert result.json["rejected_file"] == str(rejected)
    assert {(each["line"], each["column"]) for each in result.json["rejected_rows"]} == {
        (3, "hours_claimed"),
        (4, "choice"),
    }
    assert lines_and_columns(result) == {(3, "hours_claimed"), (4, "choice")}
    refused = read(rejected)
    assert list(refused[0]) == [*COLUMNS, "reason"]
    assert [{column: each[column] for column in COLUMNS} for each in refused] == rows[1:]
    assert refused[0]["reason"].startswith("hours_claimed: ") and refused[1]["reason"].startswith("choice: ")

    refused[0]["hours_claimed"], refused[1]["choice"] = "1", "payment"
    corrected = import_file(write(rejected, refused, columns=[*COLUMNS, "reason"]))

    assert (corrected.code, corrected.json["imported"]) == (0, 2)
    assert Claim.objects.count() == 3


def test_refused_rows_that_nobody_corrected_stay_refused(file):
    rows = [somebody_else(hours_claimed="9"), row(choice="cash")]
    import_file(write(file, rows), "--accept-good")

    again = import_file(file.with_name("claims.csv.rejected.csv"))

    assert again.code == 1 and lines_and_columns(again) == {(2, "hours_claimed"), (3, "choice")}


def test_without_bad_rows_no_file_of_refused_rows_is_written(file):
    result = import_file(write(file, [row()]), "--accept-good")

    assert result.json["rejected_file"] is None
    assert [each.name for each in file.parent.iterdir()] == ["claims.csv"]


def test_an_older_file_of_refused_rows_is_left_and_named(file):
    old = file.with_name("claims.csv.rejected.csv")
    old.write_text("half corrected", encoding="utf-8")

    result = import_file(write(file, [row()]), "--accept-good")

    assert result.code == 0 and "earlier import" in result.errors
    assert old.read_text(encoding="utf-8") == "half corrected"


@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_the_file_of_refused_rows_is_as_private_as_the_file(file, mode):
    write(file, [row(choice="cash")]).chmod(mode)

    import_file(file, "--accept-good")

    assert file.with_name("claims.csv.rejected.csv").stat().st_mode & 0o777 == mode


def test_when_the_refused_rows_cannot_be_kept_nothing_is_stored(file):
    file.with_name("claims.csv.rejected.csv").mkdir()
    before = everything()

    result = import_file(write(file, [somebody_else(), row(choice="cash")]), "--accept-good")

    assert result.code == 1 and "cannot be written" in result.errors
    assert everything() == before
    assert not list(file.parent.glob(".rejected-*"))


def test_a_closed_run_refuses_the_good_rows_too(file):
    import_file(NOVEMBER)
    prepare_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)

    result = import_file(write(file, [somebody_else(), row(choice="cash")]), "--accept-good")

    assert result.code == 1 and "That run is closed" in result.errors
    assert [each.name for each in file.parent.iterdir()] == ["claims.csv"]


def test_a_dry_run_says_the_same_and_stores_nothing(file):
    before = everything()

    dry = import_file(NOVEMBER, "--dry-run")
    dry_and_bad = import_file(write(file, [row(), row(choice="cash")]), "--dry-run")
    dry_and_good = import_file(file, "--dry-run", "--accept-good")

    assert (dry.code, dry.json["imported"], dry.json["dry_run"]) == (0, 59, True)
    assert dry_and_bad.code == 1 and (3, "choice") in lines_and_columns(dry_and_bad)
    assert (dry_and_good.code, dry_and_good.json["rejected"], dry_and_good.json["rejected_file"]) == (0, 1, None)
    assert everything() == before
    assert [each.name for each in file.parent.iterdir()] == ["claims.csv"]


def test_a_file_without_rows_is_no_error(file):
    result = import_file(write(file, []))

    assert (result.code, result.json["rows"], result.json["imported"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04\x00\x00", "NUL"),
        ("person_name".encode("utf-16"), "NUL"),
        (b"person_name\nZo\xeb\n", "line 2 is not UTF-8"),
        (";".join(COLUMNS).encode(), "semicolons"),
        ("\t".join(COLUMNS).encode(), "tabs"),
        (",".join(COLUMNS[1:]).encode(), "Missing: person_name"),
        (",".join([*COLUMNS, "iban"]).encode(), "Not known: iban"),
        (",".join([*COLUMNS, "email"]).encode(), "There more than once: email"),
        (",".join(["reason", *COLUMNS]).encode(), "Not known: reason"),
        (",".join(COLUMNS).encode() + b'\n"Ada', "line 2 begins a row that is not CSV"),
        (",".join(COLUMNS).encode() + b"\n" + b"A" * 200_000, "line 2 begins a row that is not CSV"),
    ],
)
def test_what_is_no_file_of_claims_is_refused_in_one_sentence(file, content, told):
    file.write_bytes(content)

    result = import_file(file)

    assert result.code == 1 and told in result.errors
    assert len(result.json["refused"]) == 1


def test_a_missing_file_is_refused_in_one_sentence(file):
    assert "cannot be read" in import_file(file).errors
    assert "cannot be read" in import_file(file.parent).errors


# Whatever comes.

NAMES = st.sampled_from(
    ["Zoë Müller", "Łukasz Okafor", "Nguyễn Thị Ánh", "王小明", "محمد علی", "නිමල්", "Ng", "O'Brien", "शर्मा‍ जी"]
)
QUARTERS = st.integers(1, 24)
TRAVEL = st.sampled_from([{}, CAR, BUS, TAXI, {**CAR, "miles": "0.5", "receipt": "yes"}])
OFFERS = [
    ("network-group", ["none", "decline"]),
    ("web-content", ["none", "decline"]),
    ("regular-advice", ["voucher", "decline"]),
    ("steering-group", ["payment", "voucher", "lower", "donate", "decline"]),
]


@st.composite
def good_rows(draw):
    """A file of good rows: nobody twice with a kind on a day."""
    people = draw(st.lists(NAMES, min_size=1, max_size=4))
    keys = st.tuples(st.integers(0, len(people) - 1), st.integers(0, len(OFFERS) - 1), st.integers(0, 3))
    return [draw(good_row(people, *key)) for key in draw(st.lists(keys, min_size=1, max_size=12, unique=True))]


@st.composite
def good_row(draw, people, who, offer, days):
    kind, choices = OFFERS[offer]
    choice = draw(st.sampled_from(choices))
    session = draw(QUARTERS)
    agreed, claimed = (draw(st.integers(1, session)) for _ in range(2))
    account = {} if who % 2 else {"sort_code": "", "account_number": ""}
    return row(
        person_name=people[who],
        email=draw(st.sampled_from([f"p{who}@example.org", f" P{who}@Example.ORG"])),
        activity_kind=kind,
        activity_on=str(date(2026, 11, 1) + timedelta(days=days)),
        session_hours=str(Decimal(session) / 4),
        agreed_hours=str(Decimal(agreed) / 4),
        hours_claimed=f"{Decimal(claimed) / 4:.2f}",
        choice=choice,
        lower_amount="0.01" if choice == "lower" else "",
        charity=draw(st.sampled_from(["Local Hospice", "local hospice", "مؤسسة خيرية"])) if choice == "donate" else "",
        notes=draw(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)),
        **draw(TRAVEL),
        **account,
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=good_rows())
def test_any_good_file_is_imported_once(file, rows):
    with transaction.atomic():
        first = import_file(write(file, rows))
        before = everything()
        again = import_file(file)
        unchanged = everything() == before
        transaction.set_rollback(True)

    assert (first.code, first.json.get("imported")) == (0, len(rows)), first.errors
    assert (again.code, again.json["imported"], again.json["skipped"]) == (0, 0, len(rows))
    assert unchanged


HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            *[
                "=cmd|' /C calc'!A0",
                "@SUM(1)",
                "\t=1",
                "\ufeff=1",
                "'; DROP TABLE payments_claim; --",
                "\x00",
                "\x1b[2J",
            ],
            *["NaN", "Infinity", "1e999", "9" * 400, "-0", "٣", "½", "0001-01-01", "9999-12-31", "2026-11-05\n"],
            *[
                "\u202e",
                "\ufdfa" * 60,
                "ŉ" * 200,
                "a" * 5000,
                '"',
                '""',
                ",",
                "\r",
                "<script>",
                "{{ 7*7 }}",
                "%s",
                "😀",
            ],
            *["cuppa", "blog", "co-facilitate-presentation", "helicopter", "ſam@example.org", '"\x01"@example.org'],
        ]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.dictionaries(st.sampled_from(COLUMNS), HOSTILE, min_size=1, max_size=5))
def test_hostile_cells_are_imported_or_named_and_never_more(file, cells):
    printable = {column: text for column, text in cells.items()}
    try:
        write(file, [row(**printable), somebody_else()])
    except UnicodeEncodeError:
        return  # half a character cannot stand in a file
    with transaction.atomic():
        result = import_file(file, "--accept-good")
        names = list(Person.objects.values_list("name", flat=True))
        transaction.set_rollback(True)

    assert result.code == 0 or "\0" in "".join(cells.values())
    if result.code == 0:
        assert result.json["imported"] + result.json["rejected"] == 2
        assert {problem["line"] for problem in result.json["rejected_rows"]} <= {2} or result.json["imported"] == 0
        assert not any(name[0] in "=+-@" or not name.strip() for name in names)
    assert "\x1b" not in result.errors


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(tmp_path):
    statements = []
    for number in (20, 400):
        rows = [
            row(
                email=f"{number}-{index}@example.org",
                account_number=f"{index:08}",
                activity_on=str(date(2026, 1, 1) + timedelta(days=index % 300)),
                choice=("payment", "donate")[index % 2],
                charity=("", f"Charity {index}")[index % 2],
                **CAR,
            )
            for index in range(number)
        ]
        path = write(tmp_path / f"{number}.csv", rows)
        officer()  # make_staff's own statements are not counted
        for _ in ("new", "stored already"):
            with CaptureQueriesContext(connection) as captured:
                assert import_file(path).code == 0
            statements.append(len(captured))

    assert statements[:2] == statements[2:]
    assert statements[0] < 50


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_take_turns(tmp_path):
    """The second waits, and then finds everything stored."""
    load_policies()
    officer()
    copies = [Path(shutil.copy(NOVEMBER, tmp_path / name)) for name in ("one.csv", "two.csv")]

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(import_and_hang_up, copies))

    assert sorted(result.json["imported"] for result in results) == [0, 59]
    assert sorted(result.json["skipped"] for result in results) == [0, 59]
    assert Claim.objects.count() == 59


def import_and_hang_up(path):
    try:
        return import_file(path)
    finally:
        connection.close()
