"""Deeds on claims and on what they owe."""

from decimal import Decimal

import pytest

from eligibility.models import Event
from eligibility.reasons import Refused
from payments import claims, payables
from payments.audit import audit_money
from payments.models import Document, Expense, Payable
from payments.rules.claims import MOVES, reasons_against
from payments.runs import prepare_run
from tests.payments.office import AFTER_CUT_OFF, DECIDED, PAY_DAY, approved, officer, person, submitted

pytestmark = pytest.mark.django_db


def refusal(deed, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return str(refused.value)


def owed(claim) -> dict[tuple, Decimal]:
    standing = Payable.objects.filter(claim=claim, voided_at__isnull=True)
    return {(payable.part, payable.method): payable.amount for payable in standing}


@pytest.mark.parametrize("deed", ["approve", "return", "refuse", "undo"])
def test_nobody_decides_their_own_claim_or_one_they_entered(deed):
    status = MOVES[deed][0][0]
    own = reasons_against(deed, status=status, person=1, entered_by=None, by=1)
    entered = reasons_against(deed, status=status, person=2, entered_by=1, by=1)
    assert [reason.clause for reason in own + entered] == ["four-eyes", "four-eyes"]
    assert reasons_against(deed, status=status, person=2, entered_by=3, by=1) == []


def test_approving_owes_time_and_costs_apart():
    claim = approved(person(), choice="voucher", costs={"bus": "4.10", "train": "9.90"})
    assert owed(claim) == {("recognition", "voucher"): Decimal("30.00"), ("expenses", "bank"): Decimal("14.00")}
    assert Event.objects.filter(what="claim approved", about_id=claim.pk, by=officer()).exists()


def test_approving_many_is_all_or_nothing_and_gives_every_reason():
    typist = officer("typist@example.org")
    ids = [submitted(person()).pk, submitted(person(), entered_by=typist).pk, submitted(typist).pk]
    told = refusal(claims.approve_claims, ids, by=typist, at=DECIDED)
    assert "your own claim" in told and "You entered this claim" in told
    assert not Payable.objects.exists()


def test_a_claim_is_approved_once():
    claim = approved(person())
    assert "is approved" in refusal(claims.approve_claims, [claim.pk], by=officer(), at=DECIDED)


def test_approving_part_of_the_costs_needs_a_reason_and_owes_that_part():
    claim = submitted(person(), costs={"taxi": "20.00"})
    [taxi] = claim.expenses.values_list("pk", flat=True)
    blank = {taxi: (Decimal("12.00"), " ")}
    assert "Say why" in refusal(claims.approve_part, claim.pk, blank, by=officer(), at=DECIDED)
    claims.approve_part(claim.pk, {taxi: (Decimal("12.00"), "One way was agreed.")}, by=officer(), at=DECIDED)
    assert owed(claim)[("expenses", "bank")] == Decimal("12.00")
    assert audit_money()["broken"] == []


@pytest.mark.parametrize("deed", [claims.return_claim, claims.refuse_claim])
def test_returning_and_refusing_need_a_reason_and_owe_nothing(deed):
    claim = submitted(person())
    assert "Say why" in refusal(deed, claim.pk, "", by=officer(), at=DECIDED)
    deed(claim.pk, "The day is missing.", by=officer(), at=DECIDED)
    assert owed(claim) == {}
    if deed is claims.return_claim:
        claims.submit_claim(claim.pk, by=claim.person, at=DECIDED)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert owed(claim) != {}
    assert audit_money()["broken"] == []


def test_an_undone_approval_owes_nothing_and_can_be_decided_again():
    claim = approved(person(), costs={"bus": "4.00"})
    claims.undo_approval(claim.pk, "Wrong person.", by=officer(), at=DECIDED)
    assert owed(claim) == {} and Expense.objects.get(claim=claim).amount_approved is None
    claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
    assert sum(owed(claim).values()) == Decimal("34.00")
    assert audit_money()["broken"] == []


def test_an_undone_approval_in_a_card_band_takes_the_unmade_card_back():
    claim = approved(person(), kind="web-content", choice="none")
    claims.undo_approval(claim.pk, "Wrong person.", by=officer(), at=DECIDED)
    assert not Document.objects.filter(cancelled_at__isnull=True).exists()
    claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
    assert Document.objects.filter(cancelled_at__isnull=True).count() == 1


def test_a_covered_claim_is_neither_undone_nor_withdrawn_but_can_be_topped_up():
    claim = approved(person())
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    assert "covers this claim" in refusal(claims.undo_approval, claim.pk, "x", by=officer(), at=AFTER_CUT_OFF)
    assert "covers this claim" in refusal(claims.withdraw_claim, claim.pk, by=claim.person, at=AFTER_CUT_OFF)
    top_up = {"part": "recognition", "amount": Decimal("7.50"), "reason": "Half an hour more."}
    assert "closed" in refusal(payables.top_up, claim.pk, **top_up, by=officer(), at=DECIDED)
    assert "your own" in refusal(payables.top_up, claim.pk, **top_up, by=claim.person, at=AFTER_CUT_OFF)
    assert payables.top_up(claim.pk, **top_up, by=officer(), at=AFTER_CUT_OFF).number == 1
    assert audit_money()["broken"] == []


def test_S108_a_person_may_withdraw_without_a_reason():
    claim = approved(person())
    claims.withdraw_claim(claim.pk, by=claim.person, at=DECIDED)
    assert owed(claim) == {}
    assert audit_money()["broken"] == []


def test_S54_a_persons_own_hold_has_no_date_and_no_reason_and_is_released_by_them():
    claim = approved(person())
    [payable] = claim.payables.all()
    payables.hold_for_person(payable.pk, by=claim.person, at=DECIDED)
    payable.refresh_from_db()
    assert (payable.held_review_on, payable.held_because, payable.held_by) == (None, "", None)
    payables.release(payable.pk, by=claim.person, at=DECIDED)
    assert "is not held" in refusal(payables.release, payable.pk, by=claim.person, at=DECIDED)


@pytest.mark.parametrize(
    ("choice", "more", "expected"),
    [
        ("voucher", {}, {("recognition", "voucher"): Decimal("30.00")}),
        ("lower", {"lower_amount": Decimal("10.00")}, {("recognition", "bank"): Decimal("10.00")}),
        ("decline", {"declined_as": "no-thanks"}, {}),
    ],
)
def test_S60_a_choice_changes_until_a_run_takes_it(choice, more, expected):
    claim = approved(person())
    payables.change_choice(claim.pk, choice, by=claim.person, at=DECIDED, **more)
    assert owed(claim) == expected
    assert audit_money()["broken"] == []


def test_a_changed_choice_is_never_higher_than_what_was_approved():
    claim = approved(person(), choice="lower", lower="10.00")
    for choice, more in [("payment", {}), ("lower", {"lower_amount": Decimal("10.01")})]:
        told = refusal(payables.change_choice, claim.pk, choice, by=claim.person, at=DECIDED, **more)
        assert "never more than was approved" in told
    assert "Give the lower amount" in refusal(payables.change_choice, claim.pk, "lower", by=claim.person, at=DECIDED)
    assert "one can choose" in refusal(payables.change_choice, claim.pk, "none", by=claim.person, at=DECIDED)
    assert owed(claim) == {("recognition", "bank"): Decimal("10.00")}


def test_what_a_run_took_is_left_alone():
    claim = approved(person())
    [payable] = claim.payables.all()
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    for deed in (
        lambda: payables.hold_for_person(payable.pk, by=claim.person, at=AFTER_CUT_OFF),
        lambda: payables.hold_by_staff(payable.pk, "call", PAY_DAY, by=officer(), at=AFTER_CUT_OFF),
        lambda: payables.release(payable.pk, by=claim.person, at=AFTER_CUT_OFF),
        lambda: payables.void(payable.pk, "mistake", by=officer(), at=AFTER_CUT_OFF),
        lambda: payables.change_choice(claim.pk, "voucher", by=claim.person, at=AFTER_CUT_OFF),
    ):
        assert "in a payment run" in refusal(deed)


@pytest.mark.parametrize("deed", [claims.return_claim, claims.refuse_claim])
def test_nothing_is_decided_in_the_time_of_a_closed_run(deed):
    claim = submitted(person())
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    assert "closed" in refusal(deed, claim.pk, "why", by=officer(), at=DECIDED)
    deed(claim.pk, "why", by=officer(), at=AFTER_CUT_OFF)


def test_C1_a_top_up_of_a_donation_follows_a_changed_choice_and_the_run_is_prepared():
    claim = approved(person("Ada"), choice="donate", charity="Local Hospice")
    payables.top_up(claim.pk, "recognition", Decimal("5.00"), "longer", by=officer(), at=DECIDED)
    payables.change_choice(claim.pk, "payment", by=claim.person, at=DECIDED)
    run = prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    assert [(payment.payee_name, payment.amount) for payment in run.payments.all()] == [("Ada", Decimal("35.00"))]
    assert audit_money()["broken"] == []


def test_a_declined_card_is_not_made_and_one_wanted_after_all_is():
    claim = approved(person(), kind="web-content", choice="none")
    payables.change_choice(claim.pk, "decline", declined_as="no-thanks", by=claim.person, at=DECIDED)
    assert not Document.objects.filter(cancelled_at__isnull=True).exists()
    payables.change_choice(claim.pk, "none", by=claim.person, at=DECIDED)
    assert Document.objects.filter(cancelled_at__isnull=True).count() == 1


def test_a_held_payable_stays_held_when_the_choice_changes():
    claim = approved(person())
    payables.hold_for_person(claim.payables.get().pk, by=claim.person, at=DECIDED)
    payables.change_choice(claim.pk, "voucher", by=claim.person, at=DECIDED)
    assert claim.payables.get(voided_at__isnull=True).held == "person"
    assert audit_money()["broken"] == []
