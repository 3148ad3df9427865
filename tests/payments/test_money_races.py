"""Two people, or the clock and a person, at the same instant: real connections, one whole winner each time."""

import time
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from eligibility.reasons import Refused
from payments.audit import audit_money
from payments.books import close_books
from payments.claims import approve_claims, undo_approval, withdraw_claim
from payments.models import Claim, Payable, PaymentLine, PaymentRun
from payments.payables import change_choice, hold_for_person, void
from payments.runs import (
    authorise_run,
    cancel_run,
    fail_payment,
    mark_sent,
    prepare_due_run,
    prepare_run,
    settle_run,
)
from tests.payments.office import (
    AFTER_CUT_OFF,
    DECIDED,
    PAY_DAY,
    approved,
    authoriser,
    officer,
    person,
    submitted,
    surrey,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


def at_once(*deeds):
    """Start the deeds together on connections of their own; what each returned, or how it was refused."""
    barrier, outcomes = Barrier(len(deeds), timeout=30), [None] * len(deeds)

    def do(place, deed):
        barrier.wait()
        try:
            outcomes[place] = deed()
        except Refused as refused:
            outcomes[place] = refused
        except Exception as error:  # anything else is a bug that the test must show
            outcomes[place] = AssertionError(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [Thread(target=do, args=place, daemon=True) for place in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if isinstance(outcome, AssertionError):
            raise outcome
    return outcomes


def prepare():
    return prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)


def start_again():
    """Another round: the run of the last one is taken back."""
    if PaymentRun.objects.filter(cancelled_at__isnull=True).exists():
        cancel_run(PAY_DAY, "another round", by=officer(), at=AFTER_CUT_OFF)


def in_run(claim: Claim) -> bool:
    return PaymentLine.objects.filter(payable__claim=claim, live=True).exists()


@pytest.mark.parametrize("how_many", [8])
def test_R4_however_often_the_run_is_prepared_there_is_one(how_many):
    approved(person())
    for _ in range(ROUNDS // 3):
        runs = at_once(*[prepare] * (how_many - 2), *[lambda: prepare_due_run(at=AFTER_CUT_OFF)] * 2)
        assert len({run.pk for run in runs if run}) == 1
        assert PaymentRun.objects.filter(cancelled_at__isnull=True).count() == 1
        start_again()
    assert audit_money()["broken"] == []


def test_R14_an_approval_during_preparing_is_in_this_run_or_refused_never_lost():
    surrey(), officer()
    for _ in range(ROUNDS):
        claim = submitted(person())
        run, outcome = at_once(prepare, lambda claim=claim: approve_claims([claim.pk], by=officer(), at=DECIDED))
        claim.refresh_from_db()
        if isinstance(outcome, Refused):
            assert "That run is closed" in str(outcome)
            assert claim.status == "submitted" and not in_run(claim)
        else:
            assert claim.status == "approved" and in_run(claim)
        start_again()
    assert audit_money()["broken"] == []


@pytest.mark.parametrize(
    "deed",
    [
        lambda claim: hold_for_person(claim.payables.get().pk, by=claim.person, at=DECIDED),
        lambda claim: withdraw_claim(claim.pk, by=claim.person, at=DECIDED),
        lambda claim: undo_approval(claim.pk, "a mistake", by=officer(), at=DECIDED),
        lambda claim: void(claim.payables.get().pk, "a mistake", by=officer(), at=DECIDED),
        lambda claim: change_choice(claim.pk, "voucher", by=claim.person, at=DECIDED),
    ],
    ids=["hold", "withdraw", "undo", "void", "change of choice"],
)
def test_R15_what_is_taken_back_during_preparing_is_paid_or_taken_back_never_both(deed):
    for _ in range(ROUNDS):
        claim = approved(person())
        [owed] = claim.payables.all()
        run, outcome = at_once(prepare, lambda claim=claim: deed(claim))
        owed.refresh_from_db()
        paid = PaymentLine.objects.filter(payable=owed, live=True).exists()
        assert paid == isinstance(outcome, Refused)
        assert not (paid and (owed.voided_at or owed.held))
        start_again()
        Payable.objects.filter(voided_at__isnull=True).exclude(held="person").update(
            voided_at=DECIDED, voided_because="round over"
        )
    assert [b for b in audit_money()["broken"] if b["promise"] != 7] == []


def test_R2_a_claim_decided_by_two_at_once_is_decided_once():
    for _ in range(ROUNDS):
        claim = submitted(person())
        outcomes = at_once(
            *[lambda who=who: approve_claims([claim.pk], by=officer(who), at=DECIDED) for who in ("a@b.org", "c@d.org")]
        )
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
        assert claim.payables.count() == 1
    assert audit_money()["broken"] == []


def test_R12_approvals_in_opposite_order_do_not_deadlock():
    who = officer()
    for _ in range(ROUNDS // 2):
        ids = [submitted(person()).pk for _ in range(6)]
        outcomes = at_once(
            lambda: approve_claims(ids[:4], by=who, at=DECIDED),
            lambda: approve_claims(ids[:1:-1], by=who, at=DECIDED),
        )
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert audit_money()["broken"] == []


def test_R16_a_run_is_authorised_or_cancelled_and_signed_once():
    two = authoriser("one@example.org"), authoriser("two@example.org")
    for _ in range(ROUNDS // 2):
        approved(person())
        prepare()
        outcomes = at_once(
            *[lambda who=who: authorise_run(PAY_DAY, by=who, at=AFTER_CUT_OFF) for who in two],
            lambda: cancel_run(PAY_DAY, "moved", by=officer(), at=AFTER_CUT_OFF),
        )
        assert sum(not isinstance(outcome, Refused) for outcome in outcomes[:2]) <= 1
        start_again()
    assert audit_money()["broken"] == []


def test_R19_a_run_is_marked_sent_by_one_person_once():
    approved(person())
    prepare()
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    outcomes = at_once(*[lambda: mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)] * 4)
    assert sum(not isinstance(outcome, Refused) for outcome in outcomes) == 1


def test_R12_settling_and_a_payment_that_came_back_do_not_wait_for_each_other():
    who, by = authoriser(), officer()
    for number, day in enumerate((PAY_DAY, date(2026, 12, 11), date(2026, 12, 24), date(2027, 1, 8))):
        at = AFTER_CUT_OFF + timedelta(days=14 * number + 1)
        approved(person(), at=at - timedelta(days=4))
        prepare_run(day, by=None, at=at)
        authorise_run(day, by=who, at=at)
        references = mark_sent(day, by=by, at=at).payments.values_list("reference", flat=True)
        at_once(
            lambda: settle_run(day, by=None, at=at),
            *[lambda reference=reference: fail_payment(reference, "5", by=by, at=at) for reference in references],
        )
    assert audit_money()["broken"] == []


def test_R13_a_claim_that_somebody_is_looking_at_is_waited_for_not_left_out():
    claim = approved(person())
    seen = Barrier(2, timeout=30)

    def look_for_a_second():
        with transaction.atomic():
            Claim.objects.select_for_update().get(pk=claim.pk)
            Payable.objects.select_for_update().get(claim=claim)
            seen.wait()
            time.sleep(1)
        connection.close()

    looking = Thread(target=look_for_a_second, daemon=True)
    looking.start()
    seen.wait()
    prepare()
    looking.join()
    assert in_run(claim)


def test_raw_sql_that_forgets_the_lock_waits_for_open_books_all_the_same():
    claim = approved(person())
    closed, finish = Barrier(2, timeout=30), Barrier(2, timeout=30)
    waited = []

    def hold_by_hand():
        closed.wait()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
            try:
                cursor.execute("UPDATE payments_payable SET held = 'person' WHERE claim_id = %s", [claim.pk])
            except Exception as error:
                waited.append(str(error))
        finish.wait()
        connection.close()

    hand = Thread(target=hold_by_hand, daemon=True)
    hand.start()
    with transaction.atomic():
        close_books()
        closed.wait()
        finish.wait()
    hand.join()
    assert "lock timeout" in waited[0]
