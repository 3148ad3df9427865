"""The audit finds what somebody with every right on the database did behind the product's back."""

import json
import random

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from eligibility.history import seal_events
from eligibility.models import Event, EventSeal
from payments.audit import CHECKS, audit_money
from payments.bank_files import make_file
from payments.models import Payment
from payments.payables import hold_by_staff
from payments.runs import authorise_run, fail_payment, mark_sent, prepare_run
from tests.payments.office import AFTER_CUT_OFF, PAY_DAY, approved, authoriser, officer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(db):
    """A run with a bank payment, a voucher and a donation, sent; one payment came back; one payable is held."""
    approved(person("Ada"), costs={"bus": "5.00"})
    approved(person("Ben"), choice="voucher", hours="1")
    approved(person("Cai"), choice="donate", hours="3", charity="Local Hospice")
    held = approved(person("Dee"))
    hold_by_staff(held.payables.get().pk, "call first", PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    run = prepare_run(PAY_DAY, by=officer("preparer@example.org"), at=AFTER_CUT_OFF)
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    make_file(PAY_DAY, "generic", by=officer(), reason="to the bank", at=AFTER_CUT_OFF)
    fail_payment(run.payments.get(method="voucher").reference, "5", by=officer(), at=AFTER_CUT_OFF)
    assert audit_money() == {
        "ok": True,
        "checked": {"claims": 4, "payables": 5, "payments": 3, "runs": 1, "checks": len(CHECKS) + 3},
        "broken": [],
    }
    return run


def tamper(sql: str):
    """As a superuser would: with every trigger and foreign key switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


def found() -> str:
    return " ".join(line["what"] for line in audit_money()["broken"])


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("DELETE FROM payments_payable WHERE held <> ''", "An approved part is not owed"),
        ("UPDATE payments_payable SET amount = amount + 1 WHERE held <> ''", "An approved part is not owed"),
        ("UPDATE payments_claim SET status = 'submitted', decided_by_id = NULL, decided_at = NULL", "that is not approved"),
        ("UPDATE payments_payable SET held = 'person', held_because = '', held_by_id = NULL, held_review_on = NULL", "more than one place"),
        ("UPDATE payments_paymentline SET live = NOT live", "does not live and end"),
        ("UPDATE payments_payment SET state = 'pending', failed_at = NULL", "does not live and end"),
        ("UPDATE payments_paymentrun SET sent_at = NULL, sent_by_id = NULL", "do not stand at the same point"),
        ("UPDATE payments_payment SET amount = amount + 1", "A payment is not the sum"),
        ("DELETE FROM payments_paymentline", "A payment is not the sum"),
        ("UPDATE payments_paymentrun SET bank_total = bank_total + 1", "A run is not the sum"),
        ("UPDATE payments_paymentrun SET digest = 'x'", "no longer pays what was prepared"),
        ("UPDATE payments_claim SET person_id = (SELECT person_id FROM payments_claim ORDER BY id LIMIT 1)", "pays somebody else"),
        ("UPDATE payments_payment SET reference = 'CP 9' WHERE method = 'bank'", "would differ if made again"),
        ("UPDATE payments_bankdetails SET bank_name = 'EVE'", "would differ if made again"),
        ("UPDATE payments_paymentfile SET total = total + 1", "does not have its run"),
        ("ALTER TABLE payments_claim DROP CONSTRAINT nobody_decides_a_claim_they_entered; UPDATE payments_claim SET entered_by_id = decided_by_id", "decided their own claim"),
        ("ALTER TABLE payments_paymentrun DROP CONSTRAINT a_run_is_not_authorised_by_who_prepared_it; UPDATE payments_paymentrun SET authorised_by_id = prepared_by_id", "had a hand in it"),
        ("UPDATE payments_paymentrun SET authorised_by_id = (SELECT decided_by_id FROM payments_claim LIMIT 1)", "had a hand in it"),
        ("DELETE FROM eligibility_event WHERE what = 'claim approved'", "no event: claim approved"),
        ("DELETE FROM eligibility_event WHERE what = 'run authorised'", "no event: run authorised"),
        ("DELETE FROM eligibility_event WHERE what = 'payment failed'", "no event: payment failed"),
        ("DELETE FROM eligibility_event WHERE what = 'payable held'", "no event: payable held"),
        ("UPDATE payments_claim SET decided_at = decided_at - interval '1 day'", "no event: claim approved"),
        ("TRUNCATE eligibility_eventtext", "the words of event"),
        ("UPDATE eligibility_eventtext SET text = 'call never'", "were changed"),
        ("ALTER TABLE payments_payable DISABLE TRIGGER USER", "no longer holds the guard"),
    ],
)  # fmt: skip
def test_Q6_what_was_changed_behind_its_back_is_found(history, sql, sentence):
    tamper(sql)
    assert sentence in found()


def test_a_float_column_is_found(history):
    tamper("ALTER TABLE payments_claim ALTER COLUMN rate TYPE double precision")
    assert "kept as a float" in found()


def test_Q13_any_changed_or_removed_event_is_located(history):
    chosen = random.Random(7)
    for _ in range(10):
        event = chosen.choice(list(Event.objects.values_list("pk", flat=True)))
        how = chosen.choice(
            [
                f"UPDATE eligibility_event SET at = at + interval '1 second' WHERE id = {event}",
                f"UPDATE eligibility_event SET by_id = by_id + 1000 WHERE id = {event} AND by_id IS NOT NULL",
                f"UPDATE eligibility_event SET facts = '{{\"a\": 1}}' WHERE id = {event}",
                f"DELETE FROM eligibility_event WHERE id = {event}",
            ]
        )
        before = found()
        sid = transaction.savepoint()
        tamper(how)
        if "by_id" not in how or Event.objects.filter(pk=event, by__isnull=False).exists():
            assert f"event {event} was" in found() and f"event {event} was" not in before
        transaction.savepoint_rollback(sid)


def test_a_removed_seal_is_found(history):
    tamper("DELETE FROM eligibility_eventseal WHERE seq = 2")
    assert "the chain is cut" in found()


def test_sealing_goes_on_where_it_stopped(history):
    head = seal_events()
    sealed = EventSeal.objects.count()
    assert sealed == Event.objects.count()
    approved(person("Late"), at=AFTER_CUT_OFF)
    assert seal_events() != head
    assert EventSeal.objects.order_by("seq")[sealed].previous == head


def test_the_command_prints_json_and_exits_1_when_a_promise_is_broken(history, capsys):
    call_command("audit_money", "--format", "json")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    tamper("UPDATE payments_payment SET amount = amount + 1")
    with pytest.raises(SystemExit, match="1"):
        call_command("audit_money", "--format", "json")
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert set(report["broken"][0]["ids"]) <= set(Payment.objects.values_list("pk", flat=True))
