"""Every deed on the money waits for open books before it locks a row, so that it cannot stand in a run's way."""

import time
from datetime import date
from decimal import Decimal
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction

from payments import claiming, claims, payables
from payments.books import close_books
from payments.models import Claim, Payable
from payments.rules.asked import Travel
from tests.payments.office import DECIDED, approved, officer, person, submitted

pytestmark = pytest.mark.django_db(transaction=True)

DEEDS = {
    "submit": lambda claim, owed, by: claims.submit_claim(claim.pk, by=claim.person, at=DECIDED),
    "approve": lambda claim, owed, by: claims.approve_claims([claim.pk], by=by, at=DECIDED),
    "approve part": lambda claim, owed, by: claims.approve_part(claim.pk, {}, by=by, at=DECIDED),
    "return": lambda claim, owed, by: claims.return_claim(claim.pk, "a date", by=by, at=DECIDED),
    "refuse": lambda claim, owed, by: claims.refuse_claim(claim.pk, "not held", by=by, at=DECIDED),
    "answer hours": lambda claim, owed, by: claiming.answer_hours(claim.pk, Decimal(1), by=claim.person, at=DECIDED),
    "answer choice": lambda claim, owed, by: claiming.answer_choice(claim.pk, "voucher", by=claim.person, at=DECIDED),
    "no costs": lambda claim, owed, by: claiming.answer_no_costs(claim.pk, by=claim.person, at=DECIDED),
    "a cost": lambda claim, owed, by: claiming.store_cost(claim.pk, uuid4(), BUS, by=claim.person, at=DECIDED),
    "bank later": lambda claim, owed, by: claiming.tell_bank_details_later(claim.pk, by=claim.person, at=DECIDED),
    "undo": lambda claim, owed, by: claims.undo_approval(claim.pk, "a mistake", by=by, at=DECIDED),
    "withdraw": lambda claim, owed, by: claims.withdraw_claim(claim.pk, by=claim.person, at=DECIDED),
    "hold": lambda claim, owed, by: payables.hold_by_staff(owed.pk, "call", date(2027, 1, 1), by=by, at=DECIDED),
    "person's hold": lambda claim, owed, by: payables.hold_for_person(owed.pk, by=by, at=DECIDED),
    "release": lambda claim, owed, by: payables.release(owed.pk, by=by, at=DECIDED),
    "void": lambda claim, owed, by: payables.void(owed.pk, "a mistake", by=by, at=DECIDED),
    "change choice": lambda claim, owed, by: payables.change_choice(claim.pk, "voucher", by=by, at=DECIDED),
    "top up": lambda claim, owed, by: payables.top_up(claim.pk, "expenses", Decimal(1), "more", by=by, at=DECIDED),
}
ANSWERS = ("submit", "answer hours", "answer choice", "no costs", "a cost", "bank later")
BEFORE_APPROVAL = ("approve", "approve part", "return", "refuse", *ANSWERS)
BUS = Travel("bus", amount=Decimal("4.10"), receipt=True)


@pytest.mark.parametrize("deed", DEEDS)
def test_while_the_books_are_closed_it_waits_and_holds_no_row(deed):
    by = officer()
    claim = submitted(person()) if deed in BEFORE_APPROVAL else approved(person())
    if deed in ANSWERS:
        claims.return_claim(claim.pk, "a date", by=by, at=DECIDED)
    owed = claim.payables.first()
    if deed == "release":
        payables.hold_for_person(owed.pk, by=by, at=DECIDED)
    outcome = []

    def do():
        try:
            outcome.append(DEEDS[deed](claim, owed, by))
        finally:
            connection.close()

    doing = Thread(target=do, daemon=True)
    with transaction.atomic():
        close_books()
        doing.start()
        wait_for_somebody_at_the_books()
        list(Claim.objects.select_for_update(nowait=True))
        list(Payable.objects.select_for_update(nowait=True))
        assert outcome == []
    doing.join()
    assert len(outcome) == 1, "with open books it is done"


@pytest.mark.parametrize(
    "statement", ["UPDATE payments_claim SET staff_note = 'x'", "UPDATE payments_payable SET held = 'person'"]
)
def test_while_the_books_are_closed_raw_sql_waits_too(statement):
    approved(person())
    done = []

    def do():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            done.append(cursor.rowcount)
        connection.close()

    doing = Thread(target=do, daemon=True)
    with transaction.atomic():
        close_books()
        doing.start()
        wait_for_somebody_at_the_books()
        assert done == []
    doing.join()
    assert done == [1]


def wait_for_somebody_at_the_books():
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone() is not None:
                return
        time.sleep(0.01)
    pytest.fail("Nobody waits for the books.")
