"""What is put right after a decision: top-ups, part approvals, changed choices, approvals taken back."""

from datetime import date
from decimal import Decimal

import pytest

from eligibility.models import Event
from eligibility.reasons import Refused
from payments import claims, payables
from payments.audit import audit_money
from payments.models import Expense, Payable
from payments.runs import authorise_run, fail_payment, mark_sent, prepare_run
from tests.payments.office import (
    AFTER_CUT_OFF,
    DECIDED,
    PAY_DAY,
    approved,
    authoriser,
    london,
    officer,
    person,
    submitted,
)

pytestmark = pytest.mark.django_db
LATER = london("2026-11-26T09:00")


def refusal(deed, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return str(refused.value)


class TestTopUps:
    @pytest.mark.parametrize("amount", ["0.00", "-1.00"])
    def test_S26_a_top_up_is_above_nothing(self, amount):
        claim = approved(person())
        told = refusal(payables.top_up, claim.pk, "expenses", Decimal(amount), "more", by=officer(), at=DECIDED)
        assert "A top-up is above £0" in told

    def test_a_top_up_needs_its_reason_and_an_approved_claim(self):
        assert "Say why more" in refusal(
            payables.top_up, approved(person()).pk, "expenses", Decimal(1), " ", by=officer(), at=DECIDED
        )
        assert "Only an approved claim" in refusal(
            payables.top_up, submitted(person()).pk, "expenses", Decimal(1), "more", by=officer(), at=DECIDED
        )

    def test_several_are_numbered_and_costs_go_by_bank_whatever_was_chosen(self):
        claim = approved(person(), choice="voucher")
        made = [payables.top_up(claim.pk, "expenses", Decimal(1), "more", by=officer(), at=DECIDED) for _ in range(2)]
        made.append(payables.top_up(claim.pk, "recognition", Decimal(1), "more", by=officer(), at=DECIDED))
        assert [(owed.number, owed.method) for owed in made] == [(1, "bank"), (2, "bank"), (1, "voucher")]
        assert audit_money()["broken"] == []

    def test_time_for_which_nothing_is_paid_is_not_topped_up(self):
        claim = approved(person(), choice="decline")
        told = refusal(payables.top_up, claim.pk, "recognition", Decimal(1), "more", by=officer(), at=DECIDED)
        assert "not topped up" in told
        assert payables.top_up(claim.pk, "expenses", Decimal(1), "more", by=officer(), at=DECIDED).number == 1


class TestPartApproval:
    def test_of_a_decided_claim_is_refused_in_words(self):
        claim = approved(person(), costs={"bus": "5.00"})
        less = {claim.expenses.get().pk: (Decimal("4.00"), "No receipt.")}
        assert "This claim is approved" in refusal(claims.approve_part, claim.pk, less, by=officer(), at=DECIDED)

    @pytest.mark.parametrize("amount", ["5.01", "-0.01"])
    def test_is_between_nothing_and_what_was_asked(self, amount):
        claim = submitted(person(), costs={"bus": "5.00"})
        wrong = {claim.expenses.get().pk: (Decimal(amount), "A reason.")}
        assert "what was asked" in refusal(claims.approve_part, claim.pk, wrong, by=officer(), at=DECIDED)

    def test_taken_back_leaves_neither_amount_nor_reason(self):
        claim = submitted(person(), costs={"bus": "5.00"})
        claims.approve_part(
            claim.pk, {claim.expenses.get().pk: (Decimal("4.00"), "No receipt.")}, by=officer(), at=DECIDED
        )
        claims.undo_approval(claim.pk, "a mistake", by=officer(), at=DECIDED)
        assert Expense.objects.values_list("amount_approved", "approved_because").get() == (None, "")


class TestChangedChoices:
    def test_leaves_an_event(self):
        claim = approved(person())
        payables.change_choice(claim.pk, "voucher", by=claim.person, at=DECIDED)
        assert Event.objects.get(what="choice changed", about_id=claim.pk).facts == {"choice": "voucher"}

    def test_what_was_held_stays_held(self):
        ada, ben = approved(person("Ada")), approved(person("Ben"))
        payables.hold_by_staff(ada.payables.get().pk, "call first", date(2027, 1, 1), by=officer(), at=DECIDED)
        payables.hold_for_person(ben.payables.get().pk, by=ben.person, at=DECIDED)
        for claim in (ada, ben):
            payables.change_choice(claim.pk, "voucher", by=claim.person, at=DECIDED)
        held = Payable.objects.filter(voided_at__isnull=True).order_by("pk")
        assert list(held.values_list("held", "held_because")) == [("staff", "call first"), ("person", "")]
        assert audit_money()["broken"] == []

    def test_what_was_payable_from_a_day_stays_so(self):
        claim = approved(person())
        claim.payables.update(payable_from=date(2027, 4, 6))
        payables.change_choice(claim.pk, "voucher", by=claim.person, at=DECIDED)
        assert claim.payables.get(voided_at__isnull=True).payable_from == date(2027, 4, 6)

    def test_a_choice_that_has_no_amount_is_refused_in_words(self):
        claim = approved(person(), kind="web-content", choice="none")
        told = refusal(payables.change_choice, claim.pk, "payment", by=claim.person, at=DECIDED)
        assert "one can choose: none, decline" in told

    def test_is_refused_in_the_time_of_a_closed_run(self):
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        claim = approved(person(), at=AFTER_CUT_OFF)
        told = refusal(payables.change_choice, claim.pk, "voucher", by=claim.person, at=DECIDED)
        assert "That run is closed" in told


def test_an_approval_of_which_a_run_paid_something_stays_even_when_it_came_back():
    """Decided after the cut-off, but topped up at a moment before it: the run pays the top-up and not the claim."""
    claim = approved(person(), at=LATER)
    payables.top_up(claim.pk, "recognition", Decimal(5), "more", by=officer(), at=DECIDED)
    run = prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
    fail_payment(run.payments.get().reference, "5", by=officer(), at=LATER)
    assert "covers this claim" in refusal(claims.undo_approval, claim.pk, "x", by=officer(), at=LATER)
    assert "covers this claim" in refusal(claims.withdraw_claim, claim.pk, by=claim.person, at=LATER)
    assert audit_money()["broken"] == []
