"""What the database itself refuses, whoever asks: every attack here is raw SQL that goes round the models."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from eligibility.history import seal_events
from eligibility.models import Event
from eligibility.reasons import Refused
from payments.audit import audit_money
from payments.claims import withdraw_claim
from payments.models import BankDetails, Charity, ExtraBankHoliday, Payable, Payment, PaymentLine, PaymentRun
from payments.payables import hold_by_staff, top_up
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
    give_bank_details,
    officer,
    person,
    submitted,
)

pytestmark = pytest.mark.django_db


def refused(sql: str, *values, saying: str):
    """The database refuses this statement, with this sentence (or the name of this constraint)."""
    with pytest.raises(DatabaseError, match=re.escape(saying)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def allowed(sql: str, *values):
    """The same statement goes through when nothing stands against it, so that a refusal means something."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount


@pytest.fixture
def run(db) -> PaymentRun:
    """A prepared run that pays Ada £30 and £5 by bank, Ben a £15 voucher, and £45 to a charity."""
    approved(person("Ada"), costs={"bus": "5.00"})
    approved(person("Ben"), choice="voucher", hours="1")
    approved(person("Cai"), choice="donate", hours="3", charity="Local Hospice")
    return prepare_run(PAY_DAY, by=officer("preparer@example.org"), at=AFTER_CUT_OFF)


@pytest.fixture
def authorised(run) -> PaymentRun:
    return authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)


@pytest.fixture
def sent(authorised) -> PaymentRun:
    return mark_sent(PAY_DAY, by=officer("preparer@example.org"), at=AFTER_CUT_OFF)


class TestNothingIsPaidTwice:
    def test_a_payable_is_in_one_live_payment(self, run):
        line = PaymentLine.objects.first()
        other = Payment.objects.exclude(pk=line.payment_id).first()
        refused(
            "INSERT INTO payments_paymentline (payment_id, payable_id) VALUES (%s, %s)",
            other.pk,
            line.payable_id,
            saying="a_payable_is_in_one_live_payment",
        )

    def test_a_second_payment_to_the_same_person_in_a_run(self, run):
        payment = run.payments.get(method="voucher")
        refused(
            "INSERT INTO payments_payment (run_id, person_id, method, amount, payee_name, reference) "
            "VALUES (%s, %s, 'voucher', 15, 'Ben', 'CP 2')",
            run.pk,
            payment.person_id,
            saying="a_person_is_paid_once_a_run_and_method",
        )

    @pytest.mark.parametrize(
        ("kind", "sentence"),
        [("'calendar'", "one_run_for_one_friday_of_the_calendar"), ("'exceptional'", "one_run_for_one_pay_day")],
    )
    def test_a_second_run_for_one_day(self, run, kind, sentence):
        columns = (
            "nominal_on, pay_on, cut_off_at, prepared_at, bank_payments, bank_total, voucher_payments, "
            "voucher_total, charity_payments, charity_total, claims_covered, cards_covered, blocked, held, digest"
        )
        refused(
            f"INSERT INTO payments_paymentrun (kind, {columns}) SELECT {kind}, {columns} FROM payments_paymentrun",
            saying=sentence,
        )

    def test_a_part_of_a_claim_is_owed_once(self):
        claim = approved(person())
        refused(
            "INSERT INTO payments_payable (claim_id, part, number, amount, method, owed_at, held, held_because, "
            "voided_because) VALUES (%s, 'recognition', 0, 30, 'bank', %s, '', '', '')",
            claim.pk,
            DECIDED,
            saying="a_part_is_owed_once",
        )

    def test_a_failed_payment_is_never_revived(self, sent):
        payment = sent.payments.get(method="bank")
        fail_payment(payment.reference, "5", by=officer(), at=AFTER_CUT_OFF)
        refused("UPDATE payments_payment SET state = 'pending' WHERE id = %s", payment.pk, saying="stays so")
        refused(
            "UPDATE payments_paymentline SET live = true WHERE payment_id = %s",
            payment.pk,
            saying="lines_live_and_end_with_their_payment",
        )

    def test_a_line_is_not_set_free_by_hand(self, run):
        refused("UPDATE payments_paymentline SET live = false", saying="lines_live_and_end_with_their_payment")

    def test_a_part_that_nobody_knows_or_a_method_that_is_not_its_own(self):
        claim = approved(person())
        owe = (
            "INSERT INTO payments_payable (claim_id, part, number, amount, method, owed_at, held, held_because, "
            "voided_because) VALUES (%s, %s, 0, 9, %s, %s, '', '', '')"
        )
        for part, method in (("bonus", "bank"), ("recognition", "cash"), ("expenses", "voucher")):
            refused(owe, claim.pk, part, method, DECIDED, saying="time_and_costs_travel_by_their_own_methods")

    def test_the_run_of_a_friday_that_became_a_holiday_is_the_run_there_is(self, run):
        ExtraBankHoliday.objects.create(on=PAY_DAY, name="A royal day", added_by=officer(), added_at=AFTER_CUT_OFF)
        assert prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF) == run
        assert prepare_run(date(2026, 11, 26), by=None, at=AFTER_CUT_OFF) == run
        assert prepare_due_run(at=AFTER_CUT_OFF) is None


class TestNothingGoesElsewhere:
    def test_a_payment_to_somebody_elses_account(self):
        ada, ben = approved(person("Ada")), person("Ben")
        refused(
            """
            WITH run AS (
                INSERT INTO payments_paymentrun (kind, nominal_on, pay_on, cut_off_at, prepared_at, bank_payments,
                    bank_total, voucher_payments, voucher_total, charity_payments, charity_total, claims_covered,
                    cards_covered, blocked, held, digest)
                VALUES ('calendar', '2026-11-27', '2026-11-27', '2026-11-25', now(), 1, 30, 0, 0, 0, 0, 1, 0, '[]', '[]', '')
                RETURNING id
            ), payment AS (
                INSERT INTO payments_payment (run_id, person_id, method, amount, payee_name, reference, bank_details_id)
                SELECT id, %s, 'bank', 30, 'Ada', 'CP 1', %s FROM run RETURNING id
            )
            INSERT INTO payments_paymentline (payment_id, payable_id) SELECT id, %s FROM payment
            """,
            ada.person_id,
            ben.bank_details.get().pk,
            ada.payables.get().pk,
            saying="a_payment_goes_to_its_payees_own_account",
        )

    def test_another_account_under_the_same_details(self, authorised):
        refused("UPDATE payments_bankdetails SET sealed = 'another account'", saying="Cannot update")

    def test_a_donation_to_another_charity(self):
        claim = approved(person(), choice="donate", charity="Local Hospice")
        other = Charity.objects.create(name="Thief Ltd", key="thiefltd")
        refused(
            "UPDATE payments_claim SET charity_id = %s", other.pk, saying="is voided before an approved claim changes"
        )
        refused("UPDATE payments_payable SET charity_id = %s", other.pk, saying="A payable never changes what it owes")
        refused(
            "UPDATE payments_charity SET name = 'Thief Ltd' WHERE id = %s", claim.charity_id, saying="Cannot update"
        )

    def test_a_claim_that_owes_something_stays_approved_and_moves_only_by_the_table(self):
        claim = approved(person())
        refused("UPDATE payments_claim SET status = 'withdrawn'", saying="is voided before an approved claim changes")
        withdraw_claim(claim.pk, by=claim.person, at=DECIDED)
        refused(
            "UPDATE payments_claim SET status = 'approved', decided_at = %s, decided_by_id = %s",
            DECIDED,
            officer().pk,
            saying="A claim does not move that way.",
        )

    def test_who_entered_a_claim_is_not_forgotten(self):
        submitted(person(), entered_by=officer("typist@example.org"))
        refused("UPDATE payments_claim SET entered_by_id = NULL", saying="keeps who entered it")


class TestSumsBalance:
    def test_a_payment_that_is_not_the_sum_of_its_lines(self, run):
        waiting = Payable.objects.get(claim=approved(person("Late"), at=AFTER_CUT_OFF))
        bank = run.payments.get(method="bank")
        refused(
            "INSERT INTO payments_paymentline (payment_id, payable_id) VALUES (%s, %s)",
            bank.pk,
            waiting.pk,
            saying="A payment is the sum of its lines.",
        )

    def test_a_payment_without_lines(self, run):
        refused(
            "INSERT INTO payments_payment (run_id, person_id, method, amount, payee_name, reference) "
            "VALUES (%s, %s, 'voucher', 15, 'Nobody', 'CP 2')",
            run.pk,
            person().pk,
            saying="A payment is the sum of its lines.",
        )

    def test_a_payment_and_its_line_added_to_a_run_that_stands(self, run):
        late = approved(person("Late"), choice="voucher", at=AFTER_CUT_OFF)
        refused(
            "WITH new AS (INSERT INTO payments_payment (run_id, person_id, method, amount, payee_name, reference) "
            "VALUES (%s, %s, 'voucher', 30, 'Late', 'CP 2') RETURNING id) "
            "INSERT INTO payments_paymentline (payment_id, payable_id) SELECT new.id, %s FROM new",
            run.pk,
            late.person_id,
            late.payables.get().pk,
            saying="A run is the sum of its payments.",
        )

    def test_a_line_that_pays_somebody_else(self):
        ada, ben = approved(person("Ada"), choice="voucher"), approved(person("Ben"), choice="voucher")
        refused(
            """
            WITH run AS (
                INSERT INTO payments_paymentrun (kind, nominal_on, pay_on, cut_off_at, prepared_at, bank_payments,
                    bank_total, voucher_payments, voucher_total, charity_payments, charity_total, claims_covered,
                    cards_covered, blocked, held, digest)
                VALUES ('calendar', '2026-11-27', '2026-11-27', '2026-11-25', now(), 0, 0, 1, 30, 0, 0, 2, 0, '[]', '[]', '')
                RETURNING id
            ), payment AS (
                INSERT INTO payments_payment (run_id, person_id, method, amount, payee_name, reference)
                SELECT id, %s, 'voucher', 30, 'Ben', 'CP 1' FROM run RETURNING id
            )
            INSERT INTO payments_paymentline (payment_id, payable_id) SELECT id, %s FROM payment
            """,
            ben.person_id,
            ada.payables.get().pk,
            saying="A line pays what is owed, by its method, to its own payee.",
        )

    def test_a_run_with_figures_out_of_the_air(self):
        refused(
            "INSERT INTO payments_paymentrun (kind, nominal_on, pay_on, cut_off_at, prepared_at, bank_payments, bank_total, "
            "voucher_payments, voucher_total, charity_payments, charity_total, claims_covered, cards_covered, blocked, "
            "held, digest) VALUES ('calendar', '2026-11-27', '2026-11-27', now(), now(), 1, 99, 0, 0, 0, 0, 0, 0, "
            "'[]', '[]', '')",
            saying="A run is the sum of its payments.",
        )

    def test_an_amount_of_nothing_or_less(self):
        claim = approved(person())
        for amount in (0, -1):
            refused(
                "INSERT INTO payments_payable (claim_id, part, number, amount, method, owed_at, held, held_because, "
                "voided_because) VALUES (%s, 'expenses', 0, %s, 'bank', %s, '', '', '')",
                claim.pk,
                amount,
                DECIDED,
                saying="a_payable_is_above_nothing",
            )


class TestNothingChangesOnceItIsInARun:
    @pytest.mark.parametrize("change", ["amount = 1", "payee_name = 'X'", "reference = 'X'", "run_id = run_id + 1"])
    def test_a_payment(self, authorised, change):
        refused(
            f"UPDATE payments_payment SET {change} WHERE method = 'bank'",
            saying="A payment never changes what it pays, to whom or where.",
        )

    def test_where_a_payment_goes(self, authorised):
        elsewhere = give_bank_details(person("Eve", bank=False))
        refused(
            "UPDATE payments_payment SET person_id = %s, bank_details_id = %s WHERE method = 'bank'",
            elsewhere.person_id,
            elsewhere.pk,
            saying="A payment never changes what it pays, to whom or where.",
        )

    @pytest.mark.parametrize(
        "change",
        [
            "bank_total = bank_total + 1", "bank_payments = 9", "digest = 'x'", "pay_on = pay_on + 1", "blocked = '[1]'",
            "claims_covered = 0", "prepared_by_id = NULL", "cut_off_at = now()",
        ],
    )  # fmt: skip
    def test_the_figures_of_a_run(self, authorised, change):
        refused(f"UPDATE payments_paymentrun SET {change}", saying="A run keeps its figures")

    @pytest.mark.parametrize("change", ["authorised_by_id = NULL, authorised_at = NULL", "authorised_at = now()"])
    def test_the_signature(self, authorised, change):
        refused(f"UPDATE payments_paymentrun SET {change}", saying="What was signed stays signed.")

    def test_a_line(self, run):
        waiting = approved(person("Late"), choice="voucher", hours="1", at=AFTER_CUT_OFF).payables.get()
        refused(
            "UPDATE payments_paymentline SET payable_id = %s WHERE payment_id = %s",
            waiting.pk,
            run.payments.get(method="voucher").pk,
            saying="A line never changes what it pays.",
        )

    @pytest.mark.parametrize(
        "table", ["paymentrun", "payment", "paymentline", "payable", "claim", "expense", "bankdetails"]
    )
    def test_nothing_is_deleted(self, run, table):
        refused(f"DELETE FROM payments_{table}", saying="Cannot delete")

    @pytest.mark.parametrize(
        "change",
        [
            "held = 'person'",
            "voided_at = now(), voided_because = 'x'",
            "payable_from = '2030-01-01'",
        ],
    )
    def test_what_it_owes_is_not_held_or_voided(self, run, change):
        paid = PaymentLine.objects.first().payable_id
        refused(f"UPDATE payments_payable SET {change} WHERE id = %s", paid, saying="This is in a payment run")
        waiting = Payable.objects.get(claim=approved(person("Late"), at=AFTER_CUT_OFF))
        allowed(f"UPDATE payments_payable SET {change} WHERE id = %s", waiting.pk)

    def test_what_is_owed_never_changes_its_amount(self):
        approved(person())
        refused("UPDATE payments_payable SET amount = amount - 1", saying="A payable never changes what it owes")

    def test_a_voided_payable_stays_voided(self):
        claim = approved(person())
        allowed("UPDATE payments_payable SET voided_at = now(), voided_because = 'x' WHERE claim_id = %s", claim.pk)
        refused(
            "UPDATE payments_payable SET voided_at = NULL, voided_because = ''", saying="A voided payable stays voided."
        )

    def test_a_covered_claim_stays_approved(self, run):
        refused("UPDATE payments_claim SET status = 'withdrawn'", saying="A claim that a run covers stays approved.")

    @pytest.mark.parametrize("change", ["hours = 9", "rate = 99", "full_amount = 999", "entered_by_id = person_id"])
    def test_an_approved_claim_keeps_what_it_was_decided_on(self, change):
        approved(person())
        refused(f"UPDATE payments_claim SET {change}", saying="An approved claim keeps what it was decided on.")

    def test_a_claim_is_its_participations_persons(self):
        claim, other = approved(person()), person("Eve")
        refused(
            "UPDATE payments_claim SET person_id = %s WHERE id = %s; SET CONSTRAINTS ALL IMMEDIATE",
            other.pk,
            submitted(person()).pk,
            saying="A claim stays the same person's",
        )
        refused(
            "UPDATE payments_claim SET person_id = %s WHERE id = %s", other.pk, claim.pk, saying="keeps what it was"
        )

    def test_an_approved_expense_is_kept(self):
        claim = approved(person(), costs={"bus": "5.00"})
        refused(
            "UPDATE payments_expense SET amount_approved = 4", saying="An approved claim keeps what it was decided on."
        )
        refused(
            "INSERT INTO payments_expense (claim_id, mode, amount_asked, taxi_agreed_with, approved_because) "
            "VALUES (%s, 'bus', 5, '', '')",
            claim.pk,
            saying="An approved claim keeps what it was decided on.",
        )

    def test_nothing_is_decided_in_the_time_of_a_closed_run(self, run):
        late = submitted(person("Late"))
        decide = "UPDATE payments_claim SET status = 'approved', decided_by_id = %s, decided_at = %s WHERE id = %s"
        refused(decide, officer().pk, run.cut_off_at, late.pk, saying="That run is closed; give a later time.")
        allowed(decide, officer().pk, AFTER_CUT_OFF, late.pk)
        owe = (
            "INSERT INTO payments_payable (claim_id, part, number, amount, method, owed_at, held, held_because, "
            "voided_because) VALUES (%s, 'recognition', 0, 30, 'bank', %s, '', '', '')"
        )
        refused(owe, late.pk, run.cut_off_at, saying="That run is closed; give a later time.")
        allowed(owe, late.pk, AFTER_CUT_OFF)

    def test_a_claim_owes_nothing_before_it_is_approved(self):
        claim = submitted(person())
        refused(
            "INSERT INTO payments_payable (claim_id, part, number, amount, method, owed_at, held, held_because, "
            "voided_because) VALUES (%s, 'recognition', 0, 30, 'bank', %s, '', '', '')",
            claim.pk,
            DECIDED,
            saying="Only an approved claim owes anything.",
        )


class TestFourEyes:
    AUTHORISE = "UPDATE payments_paymentrun SET authorised_by_id = %s, authorised_at = now()"

    def test_not_by_who_prepared_it(self, run):
        refused(self.AUTHORISE, run.prepared_by_id, saying="a_run_is_not_authorised_by_who_prepared_it")

    def test_not_by_who_decided_a_claim_in_it(self, run):
        refused(self.AUTHORISE, officer().pk, saying="A run is authorised by somebody who decided none of its claims")

    def test_not_by_who_entered_bank_details_in_it(self):
        typist = authoriser("typist@example.org")
        approved(person("Ada", entered_by=typist))
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        refused(self.AUTHORISE, typist.pk, saying="entered none of its bank details")

    def test_not_by_who_decided_a_top_up_in_it(self):
        generous = authoriser("generous@example.org")
        claim = approved(person("Ada"))
        top_up(claim.pk, "recognition", Decimal("500.00"), "more", by=generous, at=DECIDED)
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        refused(self.AUTHORISE, generous.pk, saying="A run is authorised by somebody who decided none of its claims")
        with pytest.raises(Refused, match="You decided a claim"):
            authorise_run(PAY_DAY, by=generous, at=AFTER_CUT_OFF)

    def test_not_by_who_is_paid_by_it(self, run):
        payee = run.payments.get(method="bank").person_id
        refused(self.AUTHORISE, payee, saying="is not paid by it")

    def test_somebody_else_may(self, run):
        allowed(self.AUTHORISE, authoriser().pk)

    def test_a_run_prepared_by_the_clock_has_no_preparer(self):
        approved(person())
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        allowed(self.AUTHORISE, authoriser().pk)

    def test_nobody_decides_their_own_claim_or_one_they_entered(self):
        typist = officer("typist@example.org")
        claim = submitted(person(), entered_by=typist)
        decide = "UPDATE payments_claim SET status = 'approved', decided_by_id = %s, decided_at = %s"
        refused(decide, claim.person_id, DECIDED, saying="nobody_decides_their_own_claim")
        refused(decide, typist.pk, DECIDED, saying="nobody_decides_a_claim_they_entered")
        allowed(decide, officer().pk, DECIDED)

    def test_only_an_authorised_run_is_sent(self, run):
        refused(
            "UPDATE payments_paymentrun SET sent_by_id = %s, sent_at = now()",
            officer().pk,
            saying="only_an_authorised_run_is_sent",
        )

    def test_a_payment_settles_only_in_a_sent_run(self, authorised):
        refused("UPDATE payments_payment SET state = 'settled', settled_at = now()", saying="once its run was sent")

    def test_a_cancelled_run_is_not_authorised(self, run):
        cancel_run(PAY_DAY, "moved", by=officer(), at=AFTER_CUT_OFF)
        refused(self.AUTHORISE, authoriser().pk, saying="A cancelled run is not authorised.")


class TestHistoryStays:
    def test_an_event_is_neither_changed_nor_deleted(self, run):
        refused("UPDATE eligibility_event SET what = 'nothing'", saying="Cannot update or delete")
        refused("DELETE FROM eligibility_event", saying="Cannot update or delete")

    def test_the_words_of_an_event_may_only_be_blanked(self, run):
        claim = approved(person("Late"), at=AFTER_CUT_OFF)
        hold_by_staff(claim.payables.get().pk, "phone call", PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        refused("UPDATE eligibility_eventtext SET text = 'another call'", saying="Cannot update")
        allowed("UPDATE eligibility_eventtext SET text = ''")
        assert audit_money()["ok"]

    def test_a_seal_stays(self, run):
        seal_events()
        refused("UPDATE eligibility_eventseal SET hash = 'x'", saying="Cannot update")
        refused("DELETE FROM eligibility_eventseal", saying="Cannot update or delete")

    def test_bank_details_are_append_only(self):
        details = give_bank_details(person(bank=False))
        refused("UPDATE payments_bankdetails SET last_four = '0000', name_on_account = 'X'", saying="Cannot update")
        BankDetails.objects.filter(pk=details.pk).update(sealed=details.sealed)

    def test_a_published_policy_never_changes(self, run):
        refused("UPDATE activities_frameworkversion SET document = '{}'", saying="Cannot update")
        refused("DELETE FROM activities_frameworkversion", saying="Cannot delete")


def test_every_promise_holds_after_a_whole_life(sent):
    settle_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    report = audit_money()
    assert report["broken"] == []
    assert report["checked"]["payments"] == 3
    assert Event.objects.filter(about="paymentrun").count() == 4
