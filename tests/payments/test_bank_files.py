"""What leaves the house: the bank's file, voucher orders, donations. The same bytes for ever, or refused."""

import csv
import io
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from eligibility.models import Event
from eligibility.reasons import Refused
from payments import bank_files
from payments.bank_files import make_file
from payments.models import BankDetails, PaymentFile, PaymentRun
from payments.runs import authorise_run, cancel_run, fail_payment, lists_taken, mark_sent, prepare_run
from tests.payments.office import (
    AFTER_CUT_OFF,
    DECIDED,
    PAY_DAY,
    approved,
    authoriser,
    give_bank_details,
    officer,
    person,
)

pytestmark = pytest.mark.django_db

# O'Brien, a single name, accents, other scripts, what breaks a CSV, and what a spreadsheet would run.
NAMES = [
    "Siobhán O’Brien", "Ng", "Łukasz Żółć", "Ольга Иванова", "محمد حسن", "陈小丽", "Jean-Luc d'Arc", "A, B & C",
    'She said "hello"', "=1+1", "@cmd", "-Dash", "Two\nLines", "Wilhelmina Featherstonehaugh-Cholmondeley", "Ann; Bob",
]  # fmt: skip


def authorised(*, by=None) -> PaymentRun:
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    return authorise_run(PAY_DAY, by=by or authoriser(), at=AFTER_CUT_OFF)


def made(layout="generic", *, reason="to upload it to the bank", by=None) -> bytes:
    return make_file(PAY_DAY, layout, by=by or officer(), reason=reason, at=AFTER_CUT_OFF)


def rows_of(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def refusal(deed, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return str(refused.value)


# What stands in the lists -----------------------------------------------------------------------------


def test_the_bank_file_has_one_line_for_each_person_time_and_costs_together():
    ada = person("Ada Example")
    details = ada.bank_details.get()
    approved(ada, hours="2", costs={"train": "5.50"})
    approved(ada, hours="1")
    authorised()
    [row] = rows_of(made())
    assert row == {
        "reference": ada.payments.get().reference,
        "name": "ADA EXAMPLE",
        "sort_code": "000000",
        "account_number": details.account()["account_number"],
        "amount": "50.50",
        "pay_on": "2026-11-27",
    }


def test_R52_every_name_becomes_one_line_of_the_banks_letters():
    for name in NAMES:
        approved(person(name))
    run = authorised()
    content = made()
    assert content.isascii()
    lines = content.decode().split("\r\n")
    assert lines[0] == "reference,name,sort_code,account_number,amount,pay_on"
    assert lines[-1] == "" and len(lines) == run.bank_payments + 2 == len(NAMES) + 2
    assert "\n" not in content.decode().replace("\r\n", "")
    for row in rows_of(content):
        assert set(row["name"]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .&/-")
        assert 0 < len(row["name"]) <= 18 and row["name"][0].isalnum()
        assert len(row["sort_code"]) == 6 and len(row["account_number"]) == 8
    assert sum(Decimal(row["amount"]) for row in rows_of(content)) == run.bank_total


def test_lines_stand_by_reference():
    for number in range(20):
        approved(person(f"Person {number}"))
    authorised()
    references = [row["reference"] for row in rows_of(made())]
    assert references == sorted(references)


def test_voucher_orders_name_people_in_their_own_script_and_run_no_formula():
    for name in NAMES:
        approved(person(name, bank=False), kind="regular-advice", choice="voucher")
    run = authorised()
    rows = rows_of(made("voucher-orders"))
    assert list(rows[0]) == ["reference", "name", "amount", "pay_on"]
    assert {row["name"].removeprefix("'") for row in rows} == set(NAMES)
    assert not [row["name"] for row in rows if row["name"][0] in "=+-@"]
    assert (len(rows), sum(Decimal(row["amount"]) for row in rows)) == (run.voucher_payments, run.voucher_total)


def test_S57_donations_are_one_line_for_each_charity():
    for charity in ("Rainy Day Trust", "rainy  day trust", "Ty Hafan"):
        approved(person(), choice="donate", charity=charity)
    run = authorised()
    rows = rows_of(made("donations"))
    assert [(row["charity"], row["amount"]) for row in rows] == [("Rainy Day Trust", "60.00"), ("Ty Hafan", "30.00")]
    assert len(rows) == run.charity_payments == 2


def test_a_run_of_nothing_makes_a_list_of_nothing():
    authorised()
    assert made() == b"reference,name,sort_code,account_number,amount,pay_on\r\n"


# The same bytes ---------------------------------------------------------------------------------------


def test_R17_made_again_it_is_the_same_bytes_whatever_the_time_zone_or_language():
    approved(person("Łukasz Żółć"))
    approved(person("Ada Example"))
    authorised()
    first = made()
    with timezone.override("Pacific/Auckland"), translation.override("de"):
        assert made() == first
    assert PaymentFile.objects.get().payments == 2


def test_R17_new_names_new_accounts_and_payments_that_came_back_change_nothing():
    ada, bo = person("Ada Example"), person("Bo Example")
    approved(ada)
    approved(bo)
    approved(bo, kind="regular-advice", choice="voucher")
    authorised()
    before = made(), made("voucher-orders")
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    fail_payment(ada.payments.get().reference, "5", by=officer(), at=AFTER_CUT_OFF)
    give_bank_details(ada, name_on_account="Somebody Else")
    bo.name = "Bo Newname"
    bo.save()
    assert (made(), made("voucher-orders")) == before


def test_a_list_that_would_differ_from_the_first_is_refused(monkeypatch):
    approved(person("Ada Example"))
    authorised()
    honest = made()
    monkeypatch.setattr(bank_files, "written", lambda run, layout: honest.replace(b"ADA EXAMPLE", b"EVE EXAMPLE"))
    assert "would differ from the one made before" in refusal(made)
    assert Event.objects.filter(what="file downloaded").count() == 1


def test_promise_4_a_list_that_is_not_what_the_run_pays_is_never_given_out(monkeypatch):
    approved(person("Ada Example"))
    approved(person("Bo Example"))
    authorised()
    whole = bank_files.entries
    monkeypatch.setattr(bank_files, "entries", lambda run, method: list(whole(run, method))[:-1])
    assert "not what the run pays" in refusal(made)
    assert not PaymentFile.objects.exists()


# Who, when, why ---------------------------------------------------------------------------------------


def test_R19_every_making_is_written_down_with_who_and_why():
    approved(person())
    authorised()
    made(reason="to upload it to the bank")
    made(reason="the bank's page timed out", by=officer("other@example.org"))
    assert Event.objects.filter(what="file made").count() == 1
    downloads = Event.objects.filter(what="file downloaded").order_by("pk")
    assert [(event.by.email, event.words.text) for event in downloads] == [
        ("officer@example.org", "to upload it to the bank"),
        ("other@example.org", "the bank's page timed out"),
    ]
    assert bank_files.last_download(PAY_DAY, "generic") == downloads.last()
    assert bank_files.last_download(PAY_DAY, "donations") is None


def test_a_reason_is_always_given():
    authorised()
    assert "Say why you need this list." in refusal(made, reason="  ")


def test_a_list_is_made_of_an_authorised_run_only():
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    assert "This run is prepared." in refusal(made)
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    cancel_run(PAY_DAY, "wrong month", by=officer(), at=AFTER_CUT_OFF)
    assert "not prepared yet" in refusal(made)


def test_an_unknown_layout_is_refused_with_those_there_are():
    authorised()
    assert "generic, voucher-orders, donations" in refusal(made, "bacs")


# What the bank could not take -------------------------------------------------------------------------


def test_an_account_that_no_key_opens_stops_the_list_and_names_the_payment(settings):
    ada = person()
    approved(ada)
    authorised()
    settings.BANK_DETAILS_KEYS = [Fernet.generate_key().decode()]
    said = refusal(made)
    assert ada.payments.get().reference in said and "BANK_DETAILS_KEYS" in said
    assert not Event.objects.filter(what__startswith="file").exists()


@pytest.mark.parametrize("name", ["ADA\r\nEVE", "=ADA", "ÁDA", "ADA,EVE"])
def test_R52_a_name_the_bank_cannot_take_is_refused_however_it_got_there(name):
    ada = person(bank=False)
    details = bank_details(ada)
    details.bank_name = name
    details.save()
    approved(ada)
    authorised()
    assert "cannot carry what stands under name" in refusal(made)


@pytest.mark.parametrize(
    "wrong", [{"sort_code": "00000"}, {"account_number": "1234567"}, {"account_number": "1234567x"}]
)
def test_a_sort_code_is_six_digits_and_an_account_eight_or_nothing_is_made(wrong):
    ada = person(bank=False)
    bank_details(ada, **wrong).save()
    approved(ada)
    authorised()
    assert f"cannot carry what stands under {next(iter(wrong))}" in refusal(made)


def bank_details(who, *, sort_code="000000", account_number="12345678") -> BankDetails:
    """Details as no door of ours would let them in."""
    return BankDetails.objects.sealed(
        who,
        sort_code=sort_code,
        account_number=account_number,
        name_on_account=who.name,
        entered_by=None,
        entered_at=DECIDED,
    )


# Size -------------------------------------------------------------------------------------------------


def queries_to_make() -> int:
    with CaptureQueriesContext(connection) as captured:
        made()
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_number_of_payments():
    by = officer()
    for _ in range(2):
        approved(person(), by=by)
    authorised()
    few = queries_to_make()
    last = lists_taken(PaymentRun.objects.all()).last()
    cancel_run(PAY_DAY, "to pay more people", by=by, at=AFTER_CUT_OFF, unsent_up_to=last.pk)
    for _ in range(20):
        approved(person(), by=by)
    authorised()
    assert queries_to_make() == few
