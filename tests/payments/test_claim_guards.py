"""What the database itself refuses about claims, their costs and cards, and how payments are born."""

import pytest
from django.db import connection

from payments.payables import void
from payments.runs import cancel_run, prepare_run
from tests.payments.office import AFTER_CUT_OFF, DECIDED, PAY_DAY, approved, officer, person, submitted
from tests.payments.test_money_guards import allowed, refused

pytestmark = pytest.mark.django_db


def test_no_more_is_approved_than_was_asked_and_nothing_below_nothing():
    submitted(person(), costs={"bus": "5.00"})
    for amount in ("5.01", "-0.01"):
        refused("UPDATE payments_expense SET amount_approved = %s", amount, saying="no_more_is_approved_than_was_asked")
    refused("UPDATE payments_expense SET amount_asked = -1", saying="a_cost_is_not_below_nothing")
    allowed("UPDATE payments_expense SET amount_approved = 5")


@pytest.mark.parametrize("change", ["decided_at = now()", "decided_by_id = %s"])
def test_a_decision_keeps_who_made_it_and_when(change):
    approved(person())
    values = [officer("other@example.org").pk] if "%s" in change else []
    refused(f"UPDATE payments_claim SET {change}", *values, saying="A decision keeps who made it and when.")


def columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def test_a_claim_is_approved_by_a_deed_not_born_approved():
    claim = approved(person())
    values = {
        "id": "id + 1000",
        "reference": "'AAAAA-BBBBB'",
        "participation_id": str(submitted(person()).participation_id),
    }
    names = columns_of("payments_claim")
    told = ", ".join(values.get(name, name) for name in names)
    refused(
        f"INSERT INTO payments_claim ({', '.join(names)}) SELECT {told} FROM payments_claim WHERE id = %s",
        claim.pk,
        saying="one_claim_for_one_part_in_an_activity",
    )
    free = submitted(person())
    allowed("UPDATE payments_claim SET status = 'withdrawn' WHERE id = %s", free.pk)
    values |= {"participation_id": str(free.participation_id), "person_id": str(free.person_id)}
    told = ", ".join(values.get(name, name) for name in names)
    refused(
        f"INSERT INTO payments_claim ({', '.join(names)}) SELECT {told} FROM payments_claim WHERE id = %s",
        claim.pk,
        saying="A claim is approved by a deed, not born approved.",
    )


def test_a_made_card_has_its_file():
    approved(person(), kind="web-content", choice="none")
    refused("UPDATE payments_document SET made_at = now()", saying="a_made_document_has_its_file")
    allowed("UPDATE payments_document SET made_at = now(), path = 'x', sha256 = 'y'")


@pytest.mark.parametrize(
    ("choice", "values", "saying"),
    [
        ("voucher", "'voucher', 'settled', now()", "A payment waits for its run"),
        ("payment", "'bank', 'pending', NULL", "a_bank_payment_names_its_account"),
    ],
)
def test_a_payment_is_born_waiting_and_knowing_its_account(choice, values, saying):
    claim = approved(person(), choice=choice)
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    cancel_run(PAY_DAY, "to be born again by hand", by=officer(), at=AFTER_CUT_OFF)
    names = columns_of("payments_paymentrun")
    again = {"id": "id + 1000", "cancelled_at": "NULL", "cancelled_by_id": "NULL"}
    refused(
        f"WITH run AS (INSERT INTO payments_paymentrun ({', '.join(names)}) "
        f"SELECT {', '.join(again.get(name, name) for name in names)} FROM payments_paymentrun RETURNING id), "
        "payment AS (INSERT INTO payments_payment (run_id, person_id, amount, payee_name, reference, method, state, settled_at) "
        f"SELECT id, %s, 30, 'X', 'CP 1', {values} FROM run RETURNING id) "
        "INSERT INTO payments_paymentline (payment_id, payable_id) SELECT id, %s FROM payment",
        claim.person_id,
        claim.payables.get().pk,
        saying=saying,
    )


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        ("hours = 0", "hours_are_above_nothing"),
        ("choice = 'lower', lower_amount = full_amount + 1", "a_lower_amount_is_never_above_the_full_one"),
        ("choice = 'lower'", "a_lower_amount_is_never_above_the_full_one"),
        ("choice = 'donate'", "a_donation_names_its_charity"),
        ("choice = 'decline'", "a_decline_says_how_it_was_meant"),
        ("choice = ''", "a_claim_that_was_sent_has_a_choice"),
        (
            "full_amount = NULL, status = 'approved', decided_at = now(), "
            "decided_by_id = (SELECT max(id) FROM eligibility_person)",
            "what_is_owed_has_an_amount",
        ),
        ("decided_at = now()", "a_decision_has_who_and_when"),
        ("status = 'refused'", "a_decision_has_who_and_when"),
    ],
)
def test_a_claim_says_all_that_it_must(change, saying):
    submitted(person())
    officer()
    refused(f"UPDATE payments_claim SET {change}", saying=saying)


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        ("held = 'staff'", "a_staff_hold_has_owner_reason_and_review"),
        ("held = 'person', held_because = 'x'", "a_staff_hold_has_owner_reason_and_review"),
        ("voided_at = now()", "a_void_has_its_reason"),
        ("voided_because = 'x'", "a_void_has_its_reason"),
    ],
)
def test_a_hold_and_a_void_say_all_that_they_must(change, saying):
    approved(person())
    refused(f"UPDATE payments_payable SET {change}", saying=saying)


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        ("authorised_at = now()", "an_authorisation_has_who_and_when"),
        ("settled_at = now()", "only_a_sent_run_settles"),
        ("cancelled_at = now()", "a_cancellation_has_who_and_when"),
    ],
)
def test_a_run_says_who_and_when(change, saying):
    approved(person())
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    refused(f"UPDATE payments_paymentrun SET {change}", saying=saying)


def test_a_claim_that_a_run_covers_stays_approved():
    claim = approved(person())
    void(claim.payables.get().pk, "It was paid in cash.", by=officer(), at=DECIDED)
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    refused("UPDATE payments_claim SET status = 'withdrawn'", saying="A claim that a run covers stays approved.")
