"""The demonstration organisation: believable, whole, and the same again from the same seed."""

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction

from activities.operations import SHIPPED, load_framework
from coprod.demo import make_demo
from eligibility.models import Person
from payments.audit import audit_money
from payments.models import Claim, Document, Payable, Payment, PaymentRun
from payments.runs import authorise_run, prepare_run
from tests.payments.office import london

pytestmark = pytest.mark.django_db
SUNDAY = london("2026-11-22T16:00")


@pytest.fixture(autouse=True)
def policies(db):
    for path in SHIPPED.glob("*.toml"):
        load_framework(path.read_text(encoding="utf-8"), source=path.name, by=None, at=SUNDAY)


def test_there_is_a_past_a_present_and_a_run_that_is_due():
    made = make_demo(people=40, claims=150, seed=7, now=SUNDAY)
    assert made == {"people": Person.objects.count(), "claims": 150, "runs": 2, "due": "2026-11-27"}
    assert [run.state for run in PaymentRun.objects.order_by("pay_on")] == ["settled", "settled"]
    assert Payment.objects.filter(state="failed").count() == 1
    assert set(Payable.objects.exclude(held="").values_list("held", flat=True)) == {"person", "staff"}
    assert Document.objects.exists()
    assert audit_money()["broken"] == []
    to_decide = Claim.objects.filter(status="submitted")
    assert 10 <= to_decide.count() <= 20
    assert to_decide.exclude(more_hours_because="").exists()
    assert to_decide.filter(expenses__mode="taxi", expenses__taxi_agreed_with="").exists()
    officer = Person.objects.get(email="officer@demo.example")
    run = prepare_run(date(2026, 11, 27), by=officer, at=london("2026-11-27T00:00"))
    assert run.bank_payments and run.voucher_payments
    authoriser = Person.objects.get(email="authoriser@demo.example")
    assert authorise_run(date(2026, 11, 27), by=authoriser, at=london("2026-11-27T00:00")).state == "authorised"


def test_the_first_person_has_a_claim_in_every_state_something_paid_and_a_card():
    make_demo(people=40, claims=150, seed=7, now=SUNDAY)
    first = Person.objects.get(email="person0@demo.example")
    assert set(first.claims.values_list("status", flat=True)) == {"draft", "submitted", "returned", "approved"}
    assert Payment.objects.filter(person=first, state="settled").exists()
    assert Payable.objects.filter(claim__person=first, lines__isnull=True, voided_at__isnull=True).exists()
    assert Document.objects.filter(participation__person=first).exists()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-25T12:00", "2026-11-27"),
        ("2026-11-25T12:01", "2026-11-27"),
        ("2026-11-27T23:00", "2026-11-27"),
        ("2026-11-28T00:30", "2026-12-11"),
        ("2026-12-25T09:00", "2027-01-08"),
    ],
)
def test_whatever_the_day_a_run_is_due_and_every_promise_holds(now, due):
    assert make_demo(people=15, claims=30, seed=1, now=london(now))["due"] == due
    assert audit_money()["broken"] == []


def test_the_same_seed_makes_the_same_claims():
    def told():
        rows = Claim.objects.values_list("person__name", "participation__activity__kind", "full_amount", "choice")
        return list(rows.order_by("pk"))

    with transaction.atomic():
        make_demo(people=10, claims=30, seed=3, now=SUNDAY)
        first = told()
        transaction.set_rollback(True)
    make_demo(people=10, claims=30, seed=3, now=SUNDAY)
    assert told() == first


def test_the_command_fills_only_an_empty_house(capsys):
    call_command("demo", "--people", "10", "--claims", "12", "--format", "json")
    assert json.loads(capsys.readouterr().out)["claims"] == 12
    call_command("demo", "--if-empty")
    assert capsys.readouterr().out == ""
    with pytest.raises(SystemExit, match="1"):
        call_command("demo")
