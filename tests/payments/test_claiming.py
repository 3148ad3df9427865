"""Making a claim: it is opened, answered question by question, and sent when nothing is missing."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from activities.models import Activity, FrameworkVersion, Participation
from activities.operations import SHIPPED, load_framework
from activities.rules import place, rate_on
from eligibility.models import EligibilityCheck, Event, Person
from eligibility.reasons import Refused
from payments import claiming, claims
from payments.audit import audit_money
from payments.models import BankDetails, Claim, Expense, Payable
from payments.rules import claiming as rules
from payments.rules.asked import Travel, judge_cost
from payments.rules.claiming import Question, unanswered
from payments.rules.csv_file import SheetRow
from payments.rules.spreadsheet import Problems, judge, read_row
from tests.payments.claims_file import import_file, row, write
from tests.payments.office import DECIDED, officer, person, surrey

pytestmark = pytest.mark.django_db
BUS = Travel("bus", amount=Decimal("4.10"), receipt=True)


def attended(
    who, *, kind="interview-panel", hours="2", planned=None, version=None, contact=None, **more
) -> Participation:
    """Somebody's part in an activity, with what the register says."""
    version = version or surrey()
    band = version.policy.band(more.pop("band", None) or place(version.policy, kind=kind).band.slug)
    on = more.pop("on", DECIDED.date())
    activity = Activity.objects.create(
        framework_version=version, kind=kind, title="A morning together", on=on,
        session_hours=planned or hours, agreed_hours=planned or hours, named_contact=contact,
    )  # fmt: skip
    return Participation.objects.create(
        person=who, activity=activity, band=band.slug, rate=rate_on(version.policy, band, on),
        attended_hours=hours, attended_at=DECIDED, **more,
    )  # fmt: skip


def opened(who, **more) -> Claim:
    part = attended(who, **more)
    claiming.open_claims(at=DECIDED)
    return Claim.objects.get(participation=part)


def refusal(deed, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return str(refused.value)


def answered(claim, *, answer="payment", **more) -> Claim:
    """A claim with every question answered, as the person would."""
    mine = {"by": claim.person, "at": DECIDED}
    claiming.answer_hours(claim.pk, claim.hours, **mine)
    claiming.answer_choice(claim.pk, answer, **more, **mine)
    return claiming.answer_no_costs(claim.pk, **mine)


def not_offered(claim):
    """What somebody answered later about whom they come for."""
    part = claim.participation
    part.eligibility_check = EligibilityCheck.objects.create(
        person=claim.person, answer="employer-time", outcome="not_offered", why="x", answered_at=DECIDED
    )
    part.save()


class TestOpening:
    def test_who_attended_something_that_pays_finds_a_draft_with_all_that_is_known(self):
        claim = opened(person(), hours="3", choice="voucher")
        assert (claim.status, claim.hours, claim.choice) == ("draft", Decimal("3"), "voucher")
        assert (claim.rate, claim.full_amount, claim.band) == (Decimal("15.00"), Decimal("45.00"), "hourly")
        assert Event.objects.filter(what="claim opened", about_id=claim.pk, by=None).count() == 1

    def test_opening_again_opens_nothing(self):
        opened(person())
        assert claiming.open_claims(at=DECIDED) == 0
        assert Claim.objects.count() == 1

    def test_it_takes_the_same_statements_for_one_as_for_many(self, django_assert_max_num_queries):
        version = surrey()
        for _ in range(12):
            attended(person(), version=version)
        with django_assert_max_num_queries(12):
            assert claiming.open_claims(at=DECIDED) == 12

    @pytest.mark.parametrize(
        "more",
        [
            {"choice": "decline", "declined_as": "no-thanks"},
            {"kind": "web-content"},
            {"kind": "network-group"},
        ],
    )
    def test_nothing_is_opened_where_nothing_is_owed_or_it_was_declined(self, more):
        attended(person(), **more)
        assert claiming.open_claims(at=DECIDED) == 0

    def test_who_is_there_in_paid_time_is_not_opened_one_but_may_claim_costs(self):
        who = person()
        check = EligibilityCheck.objects.create(
            person=who, answer="employer-time", outcome="not_offered", why="x", answered_at=DECIDED
        )
        part = attended(who, eligibility_check=check)
        assert claiming.open_claims(at=DECIDED) == 0
        claim = claiming.start_claim(part.pk, by=who, at=DECIDED)
        assert claim.choice == "none" and rules.questions(claiming.answers_of(claim)) == [Question.COSTS]

    @pytest.mark.parametrize("gone", ["withdrawn", "refused"])
    def test_a_claim_that_was_taken_back_or_refused_is_not_opened_again_by_itself(self, gone):
        claim = opened(person())
        if gone == "withdrawn":
            claims.withdraw_claim(claim.pk, by=claim.person, at=DECIDED)
        else:
            claims.submit_claim(answered(claim).pk, by=claim.person, at=DECIDED)
            claims.refuse_claim(claim.pk, "It did not take place.", by=officer(), at=DECIDED)
        assert claiming.open_claims(at=DECIDED) == 0
        again = claiming.start_claim(claim.participation_id, by=claim.person, at=DECIDED)
        assert again.pk != claim.pk and again.status == "draft"
        assert audit_money()["broken"] == []

    def test_an_offered_gift_or_lower_amount_comes_along(self):
        gift = opened(person(), choice="donate", charity_name="Local Hospice")
        less = opened(person(), choice="lower", lower_amount=Decimal("10.00"))
        assert (gift.choice, gift.charity.name) == ("donate", "Local Hospice")
        assert (less.choice, less.lower_amount) == ("lower", Decimal("10.00"))

    def test_where_the_policy_states_no_rate_it_is_opened_and_staff_are_asked_before_it_is_approved(self):
        text = (SHIPPED / "co-production-collective-2021.toml").read_text(encoding="utf-8")
        load_framework(text, source="collective", by=None, at=DECIDED)
        version = FrameworkVersion.objects.get(framework__slug="co-production-collective-2021")
        claim = opened(person(), version=version, kind="", band="work")
        assert claim.full_amount is None
        claims.submit_claim(answered(claim).pk, by=claim.person, at=DECIDED)
        assert "states no rate" in refusal(claims.approve_claims, [claim.pk], by=officer(), at=DECIDED)
        assert "Say why" in refusal(claims.state_amount, claim.pk, Decimal(40), "", by=officer(), at=DECIDED)
        assert "your own" in refusal(claims.state_amount, claim.pk, Decimal(40), "x", by=claim.person, at=DECIDED)
        claims.state_amount(claim.pk, Decimal("40.00"), "As the trustees decided.", by=officer(), at=DECIDED)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert Payable.objects.get().amount == Decimal("40.00")
        assert audit_money()["broken"] == []


class TestStarting:
    def test_S59_who_is_thanked_with_a_card_can_claim_costs_and_is_asked_nothing_else(self):
        who = person()
        part = attended(who, kind="web-content")
        claim = claiming.start_claim(part.pk, by=who, at=DECIDED)
        assert claim.choice == "none" and unanswered(claiming.answers_of(claim)) == [Question.COSTS]
        assert claiming.start_claim(part.pk, by=who, at=DECIDED) == claim

    def test_S59_who_declined_can_claim_costs(self):
        who = person()
        part = attended(who, choice="decline", declined_as="voluntary")
        claim = claiming.start_claim(part.pk, by=who, at=DECIDED)
        assert (claim.choice, claim.declined_as) == ("decline", "voluntary")
        assert unanswered(claiming.answers_of(claim)) == [Question.COSTS]

    def test_only_for_oneself_and_only_what_one_attended_and_only_once(self):
        who = person()
        part = attended(who, kind="web-content")
        assert "Only the person" in refusal(claiming.start_claim, part.pk, by=person(), at=DECIDED)
        Participation.objects.filter(pk=part.pk).update(attended_at=None)
        assert "register" in refusal(claiming.start_claim, part.pk, by=who, at=DECIDED)
        claim = answered(opened(who))
        claims.submit_claim(claim.pk, by=who, at=DECIDED)
        assert "already" in refusal(claiming.start_claim, claim.participation_id, by=who, at=DECIDED)

    def test_started_again_it_has_the_answers_and_costs_of_the_one_taken_back(self):
        claim = answered(opened(person(), hours="3"), answer="lower", lower_amount=Decimal("20.00"))
        mine = {"by": claim.person, "at": DECIDED}
        claiming.answer_hours(claim.pk, Decimal("3.5"), more_hours_because="We ran over.", **mine)
        taken = claiming.store_cost(claim.pk, uuid4(), BUS, **mine)
        claims.withdraw_claim(claim.pk, **mine)
        again = claiming.start_claim(claim.participation_id, **mine)
        assert (again.hours, again.more_hours_because) == (Decimal("3.5"), "We ran over.")
        assert (again.choice, again.lower_amount) == ("lower", Decimal("20.00"))
        assert again.full_amount == Decimal("52.50") and unanswered(claiming.answers_of(again)) == []
        cost = again.expenses.get()
        assert (cost.mode, cost.amount_asked, cost.receipt) == ("bus", Decimal("4.10"), True)
        assert cost.key != taken.key and claim.expenses.get() == taken
        assert audit_money()["broken"] == []

    def test_started_again_it_keeps_no_choice_that_is_not_open_any_more(self):
        claim = answered(opened(person()))
        claims.withdraw_claim(claim.pk, by=claim.person, at=DECIDED)
        not_offered(claim)
        again = claiming.start_claim(claim.participation_id, by=claim.person, at=DECIDED)
        assert again.choice == "none"


class TestWhatIsOpen:
    """Somebody says, while a draft waits, that their employer pays them for this time."""

    @pytest.mark.parametrize("filled_in", ["payment", "voucher", ""])
    def test_S4_what_was_filled_in_before_is_neither_sent_nor_paid_and_nobody_is_stuck(self, filled_in):
        claim = opened(person(), choice=filled_in)
        mine = {"by": claim.person, "at": DECIDED}
        not_offered(claim)
        claiming.answer_no_costs(claim.pk, **mine)
        claims.submit_claim(claim.pk, **mine)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert Claim.objects.get().choice == "none" and not Payable.objects.exists()

    def test_S59_their_costs_are_paid_all_the_same(self):
        claim = answered(opened(person()))
        mine = {"by": claim.person, "at": DECIDED}
        claiming.store_cost(claim.pk, uuid4(), BUS, **mine)
        not_offered(claim)
        claims.submit_claim(claim.pk, **mine)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert Payable.objects.get().part == "expenses"

    def test_a_no_thanks_is_never_taken_from_anybody(self):
        claim = answered(opened(person()), answer="no-thanks")
        not_offered(claim)
        claims.submit_claim(claim.pk, by=claim.person, at=DECIDED)
        assert Claim.objects.get().declined_as == "no-thanks"

    @pytest.mark.parametrize(
        ("choice", "choices", "stands"),
        [
            ("payment", ("payment", "voucher"), "payment"),
            ("payment", ("none",), "none"),
            ("", ("payment", "voucher"), ""),
            ("", ("voucher",), "voucher"),
            ("none", ("payment", "voucher"), ""),
            ("", ("donate",), ""),
            ("", ("none", "decline"), "none"),
            ("decline", ("none",), "decline"),
        ],
    )
    def test_a_choice_stands_as_far_as_it_is_open(self, choice, choices, stands):
        assert rules.standing_choice(choice, choices) == stands


class TestAnswering:
    def test_hours_change_the_amount_where_the_band_is_hourly(self):
        claim = opened(person(), hours="3")
        claim = claiming.answer_hours(claim.pk, Decimal("1.75"), by=claim.person, at=DECIDED)
        assert claim.full_amount == Decimal("26.25")

    def test_S32_a_vouchers_price_follows_what_was_agreed(self):
        claim = opened(person(), kind="peer-review", hours="2")
        claim = claiming.answer_hours(claim.pk, Decimal("1"), by=claim.person, at=DECIDED)
        assert claim.full_amount == Decimal("30.00")

    def test_more_hours_than_planned_are_taken_with_their_own_words(self):
        claim = opened(person(), hours="2")
        mine = {"by": claim.person, "at": DECIDED}
        assert "why it took longer" in refusal(claiming.answer_hours, claim.pk, Decimal("2.5"), **mine)
        claim = claiming.answer_hours(claim.pk, Decimal("2.5"), more_hours_because="We ran over.", **mine)
        assert (claim.full_amount, claim.more_hours_because) == (Decimal("37.50"), "We ran over.")
        claim = claiming.answer_hours(claim.pk, Decimal("2"), more_hours_because="We ran over.", **mine)
        assert claim.more_hours_because == ""

    def test_S73_hours_come_in_quarters(self):
        claim = opened(person())
        for hours in ("0", "-1", "1.1"):
            assert "quarter hours" in refusal(
                claiming.answer_hours, claim.pk, Decimal(hours), by=claim.person, at=DECIDED
            )

    def test_a_lower_amount_that_fewer_hours_overtake_is_asked_for_again(self):
        claim = opened(person(), hours="3", choice="lower", lower_amount=Decimal("40.00"))
        answered(claim, answer="lower", lower_amount=Decimal("40.00"))
        claim = claiming.answer_hours(claim.pk, Decimal("1"), by=claim.person, at=DECIDED)
        assert claim.lower_amount == Decimal("15.00")
        assert unanswered(claiming.answers_of(claim)) == [Question.CHOICE]

    @pytest.mark.parametrize(
        ("answer", "more", "stored"),
        [
            ("payment", {}, ("payment", "", None)),
            ("voucher", {"lower_amount": Decimal(5), "charity": "x"}, ("voucher", "", None)),
            ("lower", {"lower_amount": Decimal("10.50")}, ("lower", "", Decimal("10.50"))),
            ("donate", {"charity": " Local  hospice "}, ("donate", "", None)),
            ("voluntary", {}, ("decline", "voluntary", None)),
            ("no-thanks", {}, ("decline", "no-thanks", None)),
        ],
    )
    def test_each_answer_is_kept_as_it_was_meant(self, answer, more, stored):
        claim = opened(person())
        claim = claiming.answer_choice(claim.pk, answer, by=claim.person, at=DECIDED, **more)
        assert (claim.choice, claim.declined_as, claim.lower_amount) == stored
        assert (claim.charity is not None) == (answer == "donate")
        assert rules.answer_given(claim.choice, claim.declined_as) == answer

    @pytest.mark.parametrize(
        ("answer", "more", "told"),
        [
            ("none", {}, "Choose one of the answers"),
            ("nonsense", {}, "Choose one of the answers"),
            ("lower", {}, "Enter the amount you would like"),
            ("lower", {"lower_amount": Decimal(0)}, "above £0"),
            ("lower", {"lower_amount": Decimal("30.01")}, "Enter less than £30.00"),
            ("lower", {"lower_amount": Decimal("30.00")}, "£30.00 is all of it"),
            ("donate", {"charity": " "}, "name of the charity"),
            ("donate", {"charity": "=1+1"}, "without = + - @"),
        ],
    )
    def test_an_answer_that_cannot_be_kept_says_what_to_do(self, answer, more, told):
        claim = opened(person())
        assert told in refusal(claiming.answer_choice, claim.pk, answer, by=claim.person, at=DECIDED, **more)

    def test_only_the_person_answers_and_only_while_it_is_not_sent(self):
        claim = opened(person())
        for by in (officer(), person()):
            assert "Only the person" in refusal(claiming.answer_no_costs, claim.pk, by=by, at=DECIDED)
        claims.submit_claim(answered(claim).pk, by=claim.person, at=DECIDED)
        mine = {"by": claim.person, "at": DECIDED}
        for deed, more in [
            (claiming.answer_hours, [Decimal(1)]),
            (claiming.answer_choice, ["voucher"]),
            (claiming.answer_no_costs, []),
            (claiming.answer_all_costs, []),
            (claiming.store_cost, [uuid4(), BUS]),
            (claiming.remove_cost, [uuid4()]),
            (claiming.tell_bank_details_later, []),
        ]:
            assert "have sent this claim" in refusal(deed, claim.pk, *more, **mine)
        claims.return_claim(claim.pk, "Which day?", by=officer(), at=DECIDED)
        assert claiming.answer_choice(claim.pk, "voucher", **mine).choice == "voucher"


class TestCosts:
    def test_a_cost_sent_twice_is_one_and_sent_again_with_another_amount_is_changed(self):
        claim, key = opened(person()), uuid4()
        mine = {"by": claim.person, "at": DECIDED}
        for amount in ("4.10", "4.10", "5.00"):
            claiming.store_cost(claim.pk, key, Travel("bus", amount=Decimal(amount), receipt=True), **mine)
        assert Expense.objects.get().amount_asked == Decimal("5.00")
        told = list(Event.objects.filter(about_id=claim.pk, what__startswith="cost ").order_by("pk"))
        assert [event.what for event in told] == ["cost added", "cost changed", "cost changed"]

    def test_S62_miles_are_paid_at_the_rate_of_the_day(self):
        claim = opened(person())
        car = Travel("car", miles=Decimal("12.4"))
        cost = claiming.store_cost(claim.pk, uuid4(), car, by=claim.person, at=DECIDED)
        assert (cost.amount_asked, cost.mileage_rate) == (Decimal("6.82"), Decimal("0.55"))

    @pytest.mark.parametrize(
        ("travel", "told"),
        [
            (Travel("helicopter", amount=Decimal(900)), "does not name this cost"),
            (Travel("car", amount=Decimal(9)), "Enter the miles"),
            (Travel("car"), "Enter the miles"),
            (Travel("bus", receipt=True), "Enter what it cost"),
            (Travel("bus", miles=Decimal(3), amount=Decimal(1)), "Enter the cost, not the miles"),
        ],
    )
    def test_a_cost_that_the_policy_does_not_know_says_what_to_do(self, travel, told):
        claim = opened(person())
        assert told in refusal(claiming.store_cost, claim.pk, uuid4(), travel, by=claim.person, at=DECIDED)

    def test_S63_S64_a_lost_receipt_and_a_taxi_nobody_agreed_to_are_left_to_staff(self):
        claim = opened(person())
        taxi = Travel("taxi", amount=Decimal("12.00"), receipt=False)
        cost = claiming.store_cost(claim.pk, uuid4(), taxi, receipt_lost=True, by=claim.person, at=DECIDED)
        assert (cost.receipt, cost.receipt_lost, cost.taxi_agreed_with) == (False, True, "")

    def test_taking_the_last_cost_out_asks_about_costs_again(self):
        claim, key = opened(person()), uuid4()
        mine = {"by": claim.person, "at": DECIDED}
        assert "Add what it cost" in refusal(claiming.answer_all_costs, claim.pk, **mine)
        claiming.store_cost(claim.pk, key, BUS, **mine)
        assert "Take them out first" in refusal(claiming.answer_no_costs, claim.pk, **mine)
        assert Question.COSTS in claiming.answer_all_costs(claim.pk, **mine).answered
        for _ in range(2):
            claim = claiming.remove_cost(claim.pk, key, **mine)
        assert not Expense.objects.exists() and Question.COSTS not in claim.answered

    def test_a_cost_belongs_to_one_claim(self):
        ours, theirs, key = opened(person()), opened(person()), uuid4()
        claiming.store_cost(ours.pk, key, BUS, by=ours.person, at=DECIDED)
        assert "Only the person" in refusal(claiming.store_cost, theirs.pk, key, BUS, by=theirs.person, at=DECIDED)


class TestBankDetails:
    ACCOUNT = {"name_on_account": "Ada Example", "sort_code": "00-11 22", "account_number": "0123 4567"}

    def test_they_are_asked_for_only_when_something_goes_to_a_bank_and_there_are_none(self):
        nobody = opened(person(bank=False))
        assert Question.BANK in unanswered(claiming.answers_of(answered(nobody)))
        voucher = answered(opened(person(bank=False)), answer="voucher")
        assert unanswered(claiming.answers_of(voucher)) == []
        claiming.store_cost(voucher.pk, uuid4(), BUS, by=voucher.person, at=DECIDED)
        assert unanswered(claiming.answers_of(voucher)) == [Question.BANK]
        assert unanswered(claiming.answers_of(answered(opened(person())))) == []

    def test_a_first_account_is_sealed_usable_at_once_and_given_once(self):
        claim = answered(opened(person(bank=False)))
        mine = {"by": claim.person, "at": DECIDED}
        first = claiming.give_bank_details(claim.pk, **self.ACCOUNT, **mine)
        assert first.account() == {"sort_code": "001122", "account_number": "01234567"}
        assert (first.usable_from, first.entered_by, first.last_four) == (None, claim.person, "4567")
        assert claiming.give_bank_details(claim.pk, **self.ACCOUNT, **mine) == first
        other = {**self.ACCOUNT, "account_number": "99999999"}
        assert "ring us" in refusal(claiming.give_bank_details, claim.pk, **other, **mine)
        assert BankDetails.objects.count() == 1
        claims.submit_claim(claim.pk, **mine)

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"sort_code": ""}, "Enter the sort code"),
            ({"account_number": ""}, "Enter the account number"),
            ({"sort_code": "", "account_number": ""}, "Enter the sort code"),
            ({"sort_code": "0011"}, "six digits"),
            ({"account_number": "1234567x"}, "eight digits"),
            ({"name_on_account": " "}, "Enter the name"),
        ],
    )
    def test_an_account_that_cannot_be_one_says_what_to_do(self, wrong, told):
        claim = opened(person(bank=False))
        account = {**self.ACCOUNT, **wrong}
        assert told in refusal(claiming.give_bank_details, claim.pk, **account, by=claim.person, at=DECIDED)

    def test_who_would_rather_ring_can_send_the_claim(self):
        claim = answered(opened(person(bank=False)))
        mine = {"by": claim.person, "at": DECIDED}
        assert "bank details" in refusal(claims.submit_claim, claim.pk, **mine)
        claiming.tell_bank_details_later(claim.pk, **mine)
        assert claims.submit_claim(claim.pk, **mine).status == "submitted"


class TestTakingBack:
    def test_a_claim_is_taken_back_by_the_person_and_nobody_else(self):
        claim = answered(opened(person()))
        for by in (person(), officer()):
            assert "nobody else" in refusal(claims.withdraw_claim, claim.pk, by=by, at=DECIDED)
        assert claims.withdraw_claim(claim.pk, by=claim.person, at=DECIDED).status == "withdrawn"


class TestSending:
    def test_an_unanswered_claim_says_everything_that_is_missing(self):
        claim = opened(person(bank=False))
        told = refusal(claims.submit_claim, claim.pk, by=claim.person, at=DECIDED)
        for missing in ("how many hours", "how you would like", "whether it cost"):
            assert missing in told

    def test_nobody_sends_somebody_elses_claim(self):
        claim = answered(opened(person()))
        assert "by the person" in refusal(claims.submit_claim, claim.pk, by=officer(), at=DECIDED)

    def test_the_whole_way_owes_time_and_costs_apart(self):
        claim = answered(opened(person()))
        mine = {"by": claim.person, "at": DECIDED}
        claiming.store_cost(claim.pk, uuid4(), BUS, **mine)
        claims.submit_claim(claim.pk, **mine)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert set(Payable.objects.values_list("part", "amount")) == {
            ("recognition", Decimal("30.00")),
            ("expenses", Decimal("4.10")),
        }
        assert audit_money()["broken"] == []


def test_a_draft_that_nobody_began_makes_room_for_the_claim_on_paper_and_one_that_was_begun_does_not():
    untouched, begun = opened(person()), answered(opened(person()))
    parts = [untouched.participation_id, begun.participation_id]
    claiming.set_untouched_drafts_aside(parts, by=officer(), at=DECIDED)
    untouched.refresh_from_db(), begun.refresh_from_db()
    assert (untouched.status, begun.status) == ("withdrawn", "draft")
    assert audit_money()["broken"] == []


class TestBesideASpreadsheet:
    """The same claim on paper and on the page: it is owed once."""

    def draft_of_ada(self):
        ada = Person.objects.create(name="Ada Example", email="ada@example.org")
        version = surrey()
        band = version.policy.band("hourly")
        activity = Activity.objects.create(
            framework_version=version, kind="interview-panel", title="A panel",
            on=date(2026, 11, 5), session_hours=3, agreed_hours=2,
        )  # fmt: skip
        Participation.objects.create(
            person=ada, activity=activity, band=band.slug, rate=Decimal("15.00"), choice="payment",
            attended_hours=2, attended_at=DECIDED,
        )  # fmt: skip
        claiming.open_claims(at=DECIDED)
        return Claim.objects.get()

    @pytest.fixture
    def file(self, tmp_path):
        return write(tmp_path / "claims.csv", [row()])

    def test_a_row_takes_the_place_of_a_draft_that_nobody_began(self, file):
        draft = self.draft_of_ada()
        assert import_file(file).json["imported"] == 1
        draft.refresh_from_db()
        assert draft.status == "withdrawn"
        assert Payable.objects.get().claim.status == "approved"
        assert import_file(file).json["skipped"] == 1
        assert audit_money()["broken"] == []

    def test_a_draft_that_was_begun_is_for_people_to_sort_out(self, file):
        draft = answered(self.draft_of_ada())
        result = import_file(file)
        assert result.code == 1 and f"begun this claim themselves ({draft.reference})" in result.errors
        assert not Payable.objects.exists()

    def test_what_came_on_paper_is_not_opened_again_from_the_register(self, file):
        surrey()
        assert import_file(file).json["imported"] == 1
        [paper] = Claim.objects.all()
        registered = paper.participation.activity
        registered.pk, registered.session_hours = None, Decimal(4)
        registered.save()
        part = Participation.objects.create(
            person=paper.person, activity=registered, band=paper.band, rate=paper.rate,
            attended_hours=2, attended_at=DECIDED,
        )  # fmt: skip
        assert claiming.open_claims(at=DECIDED) == 0
        with pytest.raises(Refused, match="of this kind on this day"):
            claiming.start_claim(part.pk, by=paper.person, at=DECIDED)
        assert Payable.objects.count() == 1

    @pytest.mark.parametrize("begun", [False, True])
    def test_a_row_with_other_hours_than_the_register_is_no_second_activity(self, tmp_path, begun):
        draft = self.draft_of_ada()
        if begun:
            answered(draft)
        file = write(tmp_path / "claims.csv", [row(session_hours="4")])
        result = import_file(file)
        assert result.code == 1 and "with session_hours 3.00 and agreed_hours 2.00" in result.errors
        assert Activity.objects.count() == 1 and not Payable.objects.exists()


@pytest.mark.parametrize(
    ("cells", "travel"),
    [
        ({"travel_mode": "bus", "travel_amount": "4.10", "receipt": "yes"}, BUS),
        (
            {"travel_mode": "bus", "travel_amount": "4.10", "receipt": "no"},
            Travel("bus", Decimal("4.10"), receipt=False),
        ),
        ({"travel_mode": "car", "miles": "12.4"}, Travel("car", miles=Decimal("12.4"))),
        ({"travel_mode": "car", "travel_amount": "9"}, Travel("car", Decimal(9))),
        ({"travel_mode": "taxi", "travel_amount": "9", "receipt": "yes"}, Travel("taxi", Decimal(9), receipt=True)),
        ({"travel_mode": "balloon", "travel_amount": "9"}, Travel("balloon", Decimal(9))),
    ],
)
def test_a_cost_on_the_page_and_in_a_spreadsheet_are_judged_by_the_same_rule(cells, travel):
    policy, on = surrey().policy, date(2026, 11, 5)
    judged = judge_cost(travel, policy, on)
    problems = Problems(2)
    asked = read_row(SheetRow(line=2, cells=row(**cells)), today=on, problems=problems)
    terms = judge(asked, policy, problems)
    assert bool(problems) == bool(judged.faults)
    assert (terms.cost, terms.mileage_rate) == (judged.cost, judged.mileage_rate)
