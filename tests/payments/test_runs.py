"""Preparing a run and what follows, on real PostgreSQL: what is paid, what is not and why."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.models import FrameworkVersion
from eligibility.models import Event
from eligibility.reasons import Refused
from payments import claims, payables
from payments.audit import audit_money
from payments.models import ExtraBankHoliday, Payable, Payment, PaymentRun
from payments.runs import (
    authorise_run,
    cancel_run,
    fail_payment,
    mark_sent,
    office_calendar,
    prepare_due_run,
    prepare_run,
    preview_run,
    settle_due_runs,
    settle_run,
)
from tests.payments.office import (
    AFTER_CUT_OFF,
    CUT_OFF,
    DECIDED,
    PAY_DAY,
    approved,
    authoriser,
    give_bank_details,
    london,
    officer,
    person,
    submitted,
    surrey,
)

pytestmark = pytest.mark.django_db
NEXT_PAY_DAY = date(2026, 12, 11)
AFTER_NEXT_CUT_OFF = london("2026-12-09T18:00")


def prepared(at=AFTER_CUT_OFF, on=PAY_DAY) -> PaymentRun:
    return prepare_run(on, by=None, at=at)


def paid(run: PaymentRun) -> dict[tuple[str, str], Decimal]:
    return {(payment.payee_name, payment.method): payment.amount for payment in run.payments.all()}


def sent() -> PaymentRun:
    prepared()
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    return mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)


def refusal(deed, *args, **more) -> list[str]:
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return [reason.text for reason in refused.value.reasons]


class TestWhatARunPays:
    def test_time_and_costs_of_several_claims_are_one_bank_payment(self):
        ada = person("Ada")
        approved(ada, hours="2", costs={"bus": "4.10", "parking": "1.05"})
        approved(ada, hours="1.5")
        assert paid(prepared()) == {("Ada", "bank"): Decimal("57.65")}

    def test_a_voucher_for_the_time_and_the_fare_by_bank(self):
        approved(person("Ada"), choice="voucher", costs={"train": "9.50"})
        assert paid(prepared()) == {("Ada", "voucher"): Decimal("30.00"), ("Ada", "bank"): Decimal("9.50")}

    def test_S59_who_declines_still_gets_the_fare(self):
        approved(person("Ada"), choice="decline", costs={"train": "9.50"})
        assert paid(prepared()) == {("Ada", "bank"): Decimal("9.50")}

    def test_S41_the_persons_own_lower_figure(self):
        approved(person("Ada"), choice="lower", lower="12.34")
        assert paid(prepared()) == {("Ada", "bank"): Decimal("12.34")}

    def test_S57_donations_of_several_people_are_one_payment_to_the_charity(self):
        for name in ("Ada", "Ben"):
            approved(person(name, bank=False), choice="donate", charity="Local Hospice")
        assert paid(prepared()) == {("Local Hospice", "charity"): Decimal("60.00")}

    def test_a_voluntary_or_card_claim_is_covered_and_owes_nothing(self):
        approved(person(), kind="network-group", choice="none")
        approved(person(), kind="web-content", choice="none")
        approved(person(), kind="web-content", choice="decline")
        run = prepared()
        assert (run.claims_covered, run.cards_covered, paid(run)) == (3, 1, {})

    def test_without_bank_details_one_is_blocked_and_everybody_else_is_paid(self):
        poor = approved(person("Ada", bank=False))
        approved(person("Ben"))
        run = prepared()
        assert run.blocked == [{"payable": poor.payables.get().pk, "reason": "no-bank-details"}]
        assert paid(run) == {("Ben", "bank"): Decimal("30.00")}

    def test_changed_details_that_cool_off_and_names_nobody_can_write_are_blocked(self):
        ada, ben = person("Ada"), person("Ben", bank=False)
        give_bank_details(ada, usable_from=AFTER_CUT_OFF)
        give_bank_details(ben, name_on_account="🌻")
        approved(ada), approved(ben)
        assert {line["reason"] for line in prepared().blocked} == {
            "bank-details-cooling-off",
            "unreadable-account-name",
        }

    def test_the_newest_details_are_used(self):
        ada = person("Ada")
        newest = give_bank_details(ada)
        approved(ada)
        assert prepared().payments.get().bank_details == newest

    def test_held_payables_are_listed_apart_and_not_paid(self):
        ada, ben = approved(person("Ada")), approved(person("Ben"))
        payables.hold_for_person(ada.payables.get().pk, by=ada.person, at=DECIDED)
        payables.hold_by_staff(ben.payables.get().pk, "call first", PAY_DAY, by=officer(), at=DECIDED)
        run = prepared()
        assert [line["by"] for line in run.held] == ["person", "staff"]
        assert (run.blocked, paid(run)) == ([], {})

    def test_what_is_payable_only_later_waits_for_its_day(self):
        claim = approved(person("Ada"))
        Payable.objects.filter(claim=claim).update(payable_from=PAY_DAY + timedelta(days=1))
        assert paid(prepared()) == {}
        assert paid(prepared(AFTER_NEXT_CUT_OFF, NEXT_PAY_DAY)) == {("Ada", "bank"): Decimal("30.00")}

    def test_the_cut_off_itself_is_in_time_and_a_second_later_is_not(self):
        approved(person("In time"), at=CUT_OFF)
        approved(person("Late"), at=CUT_OFF + timedelta(seconds=1))
        assert paid(prepared()) == {("In time", "bank"): Decimal("30.00")}
        assert paid(prepared(AFTER_NEXT_CUT_OFF, NEXT_PAY_DAY)) == {("Late", "bank"): Decimal("30.00")}

    def test_a_run_covers_from_the_cut_off_before_and_pays_what_is_older(self):
        blocked = approved(person("Ada", bank=False))
        prepared()
        give_bank_details(blocked.person)
        approved(person("Ben"), at=AFTER_CUT_OFF)
        second = prepared(AFTER_NEXT_CUT_OFF, NEXT_PAY_DAY)
        assert (second.covers_from, second.claims_covered) == (CUT_OFF, 1)
        assert set(paid(second)) == {("Ada", "bank"), ("Ben", "bank")}

    def test_a_run_of_nobody(self):
        run = prepared()
        assert (run.claims_covered, run.bank_payments, run.bank_total, run.blocked) == (0, 0, 0, [])
        assert audit_money()["broken"] == []


class TestPreparing:
    def test_before_the_cut_off_it_is_refused_and_can_be_previewed(self):
        approved(person("Ada"))
        [reason] = refusal(prepare_run, PAY_DAY, by=None, at=CUT_OFF - timedelta(seconds=1))
        assert "12:00 on Wednesday 25 November 2026" in reason
        preview = preview_run(PAY_DAY)
        assert (preview.bank_payments, preview.bank_total) == (1, Decimal("30.00"))
        assert not PaymentRun.objects.exists() and not Payment.objects.exists()
        assert prepared().digest == preview.digest

    def test_twice_gives_the_same_run_as_it_was(self):
        approved(person("Ada", bank=False))
        first = prepared()
        give_bank_details(claims.Claim.objects.get().person)
        again = prepare_run(PAY_DAY, by=officer(), at=AFTER_NEXT_CUT_OFF)
        assert (again.pk, again.blocked) == (first.pk, first.blocked)
        assert Event.objects.filter(what="run prepared").count() == 1

    def test_the_nominal_and_the_pay_day_name_the_same_run(self):
        moved = prepared(london("2026-12-22T18:00"), date(2026, 12, 25))
        assert moved.pay_on == date(2026, 12, 24)
        assert prepared(london("2026-12-22T18:00"), date(2026, 12, 24)) == moved

    def test_any_other_day_is_refused_with_the_days_there_are(self):
        [reason] = refusal(prepare_run, date(2026, 7, 30), by=None, at=AFTER_CUT_OFF)
        assert reason.endswith("people are paid on 10 July 2026 or 31 July 2026.")

    def test_a_holiday_that_staff_added_moves_the_run(self):
        ExtraBankHoliday.objects.create(on=PAY_DAY, name="A royal day", added_by=officer(), added_at=DECIDED)
        assert prepared(london("2026-11-24T18:00")).pay_on == date(2026, 11, 26)

    @pytest.mark.parametrize("how_many", [10, 1000])
    def test_the_number_of_statements_does_not_grow(self, how_many):
        who, ids = officer(), []
        submit_many(how_many, ids)
        claims.approve_claims(ids, by=who, at=DECIDED)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run = prepared()
        assert run.bank_payments + run.voucher_payments == how_many
        written = [query["sql"] for query in queries if "INSERT" in query["sql"]]
        assert len(written) == 3, (
            "one writes the run, its payments and lines; the others its event and the report that is due"
        )
        assert len(queries) == STATEMENTS_TO_PREPARE

    def test_approving_takes_as_many_statements_for_ten_as_for_fifty(self):
        counts = []
        for how_many in (10, 50):
            ids = []
            submit_many(how_many, ids)
            who = officer()
            with CaptureQueriesContext(connection) as queries:
                claims.approve_claims(ids, by=who, at=DECIDED)
            counts.append(len(queries))
        assert counts[0] == counts[1]


STATEMENTS_TO_PREPARE = 13


def submit_many(how_many: int, ids: list[int]):
    for number in range(how_many):
        claim = submitted(person(f"Person {number}"), choice="voucher" if number % 3 == 0 else "payment")
        ids.append(claim.pk)


class TestTheClock:
    def test_R4_it_prepares_the_due_run_once_however_often_it_ticks(self):
        approved(person("Ada"))
        assert prepare_due_run(at=CUT_OFF) is None
        run = prepare_due_run(at=AFTER_CUT_OFF)
        assert (run.pay_on, run.prepared_by, run.bank_payments) == (PAY_DAY, None, 1)
        assert prepare_due_run(at=AFTER_CUT_OFF + timedelta(minutes=10)) is None
        assert PaymentRun.objects.count() == 1

    def test_R23_after_an_outage_it_catches_up_until_the_pay_day(self):
        assert prepare_due_run(at=london("2026-11-27T09:00")).pay_on == PAY_DAY

    def test_a_run_whose_day_has_gone_by_is_left_to_people(self):
        assert prepare_due_run(at=london("2026-11-28T09:00")) is None

    def test_a_run_that_people_prepared_is_left_alone(self):
        prepare_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        assert prepare_due_run(at=AFTER_CUT_OFF) is None

    def test_a_sent_run_settles_by_itself_two_working_days_after_its_pay_day(self):
        approved(person("Ada"))
        sent()
        assert settle_due_runs(at=london("2026-12-01T23:00")) == []
        [run] = settle_due_runs(at=london("2026-12-02T01:00"))
        assert (run.state, run.payments.get().state) == ("settled", "settled")
        assert settle_due_runs(at=london("2026-12-02T02:00")) == []


class TestAuthorising:
    def test_every_hand_in_the_run_is_named_as_a_reason(self):
        busy = officer("busy@example.org")
        approved(busy, by=officer())
        give_bank_details(busy)
        approved(person("Ada", entered_by=busy), by=busy)
        prepare_run(PAY_DAY, by=busy, at=AFTER_CUT_OFF)
        assert len(refusal(authorise_run, PAY_DAY, by=busy, at=AFTER_CUT_OFF)) == 5
        assert authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF).state == "authorised"
        assert refusal(authorise_run, PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF) == [
            "This run is authorised, so there is nothing to authorise."
        ]

    def test_a_run_is_sent_only_once_authorised_and_cancelled_only_before(self):
        prepared()
        assert refusal(mark_sent, PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
        mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        assert refusal(mark_sent, PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        assert refusal(cancel_run, PAY_DAY, "too late", by=officer(), at=AFTER_CUT_OFF)

    def test_a_cancelled_run_frees_what_it_would_have_paid_and_its_day(self):
        approved(person("Ada"))
        first = prepared()
        cancel_run(PAY_DAY, "wrong month", by=officer(), at=AFTER_CUT_OFF)
        second = prepared()
        assert first.pk != second.pk and paid(second) == paid(first)
        assert audit_money()["broken"] == []


class TestAfterItWasSent:
    def test_R20_a_failed_payment_rides_the_next_run_once(self):
        approved(person("Ada"))
        run = sent()
        payment = run.payments.get()
        fail_payment(payment.reference, "5", by=officer(), at=AFTER_CUT_OFF)
        assert refusal(fail_payment, payment.reference, "5", by=officer(), at=AFTER_CUT_OFF)
        settle_run(PAY_DAY, by=None, at=london("2026-12-01T18:00"))
        second = prepared(AFTER_NEXT_CUT_OFF, NEXT_PAY_DAY)
        assert paid(second) == {("Ada", "bank"): Decimal("30.00")}
        assert run.bank_total == Decimal("30.00")
        assert audit_money()["broken"] == []

    def test_a_settled_payment_may_still_come_back(self):
        approved(person("Ada"))
        run = sent()
        settle_run(PAY_DAY, by=None, at=london("2026-12-01T18:00"))
        fail_payment(run.payments.get().reference, "5", by=officer(), at=london("2026-12-03T10:00"))
        assert paid(prepared(AFTER_NEXT_CUT_OFF, NEXT_PAY_DAY)) == {("Ada", "bank"): Decimal("30.00")}
        assert audit_money()["broken"] == []

    def test_a_payment_of_a_run_not_sent_cannot_have_come_back(self):
        approved(person("Ada"))
        payment = prepared().payments.get()
        assert refusal(fail_payment, payment.reference, "5", by=officer(), at=AFTER_CUT_OFF)


def test_the_calendar_in_force_is_the_adopted_policys(db):
    approved(person())
    calendar = office_calendar(PAY_DAY)
    assert (calendar.pay_days, calendar.cut_off_working_days) == (("second-friday", "last-friday"), 2)


def test_a_calendar_that_has_not_started_yet_does_not_govern(db):
    version = surrey()
    document = {**version.document, "version": "2027", "effective_from": "2027-04-01"}
    document["calendar"] = {**document["calendar"], "pay_days": ["every-friday"]}
    FrameworkVersion.objects.create(
        framework=version.framework,
        version="2027",
        status="adopted",
        effective_from=date(2027, 4, 1),
        document=document,
        loaded_at=DECIDED,
    )
    assert office_calendar(date(2027, 3, 31)).pay_days == ("second-friday", "last-friday")
    assert office_calendar(date(2027, 4, 1)).pay_days == ("every-friday",)
