"""The pages on which a person makes a claim, walked as a browser would."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eligibility.models import Event
from payments import claiming, claims
from payments.models import BankDetails, Claim, Expense
from payments.rules.asked import Travel
from payments.runs import authorise_run, mark_sent, prepare_run, settle_run
from tests.doors import client_for
from tests.payments.office import AFTER_CUT_OFF, DECIDED, PAY_DAY, authoriser, officer, person
from tests.payments.test_claiming import answered, attended, not_offered, opened

pytestmark = pytest.mark.django_db
BUS = Travel("bus", amount=Decimal("4.10"), receipt=True)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    """Every page is looked at while the run of 27 November 2026 is still open."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: DECIDED)


@pytest.fixture
def ada():
    return person("Ada Example")


@pytest.fixture
def client(ada):
    return client_for(ada)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def page(claim, name="") -> str:
    return f"/claims/{claim.reference}/{name}/" if name else f"/claims/{claim.reference}/"


class TestTheWalk:
    def test_hours_how_costs_check_send(self, client, ada):
        claim = opened(ada, hours="3")
        assert client.get(page(claim)).url == page(claim, "hours")
        assert "How many hours did you take part?" in text_of(client.get(page(claim, "hours")))
        assert client.post(page(claim, "hours"), {"hours": "2.5"}).url == page(claim, "choice")
        shown = text_of(client.get(page(claim, "choice")))
        assert "2.5 hours at £15.00 an hour is £37.50" in shown and "why" not in shown.replace("do not ask why", "")
        assert client.post(page(claim, "choice"), {"answer": "payment"}).url == page(claim, "costs")
        assert client.post(page(claim, "costs"), {"any_costs": "no"}).url == page(claim, "check")
        shown = text_of(client.get(page(claim, "check")))
        assert "Paid by bank: £37.50" in shown and "Friday 27 November 2026" in shown
        assert client.post(page(claim, "check")).url == page(claim, "sent")
        shown = text_of(client.get(page(claim, "sent")))
        assert claim.reference in shown and "Friday 27 November 2026" in shown
        assert "It is our turn" in text_of(client.get(page(claim)))

    def test_coming_back_leads_to_the_first_question_still_open(self, client, ada):
        claim = opened(ada)
        client.post(page(claim, "hours"), {"hours": "2"})
        assert client.get(page(claim)).url == page(claim, "choice")
        assert client.get(page(claim, "check")).url == page(claim, "choice")

    def test_costs_are_added_changed_and_removed(self, client, ada):
        claim = opened(ada)
        assert client.post(page(claim, "costs"), {"any_costs": "yes"}).url == page(claim, "costs/new")
        kind = client.get(page(claim, "costs/new")).url
        details = client.post(kind, {"mode": "car"}).url
        assert "55p for each mile" in text_of(client.get(details))
        for _ in range(2):  # the back button, and sent again
            assert client.post(details, {"miles": "12.4"}).url == page(claim, "costs")
        assert Expense.objects.get().amount_asked == Decimal("6.82")
        claiming.store_cost(claim.pk, uuid4(), BUS, by=ada, at=DECIDED)
        shown = text_of(client.get(page(claim, "costs")))
        assert "Costs, all together: £10.92" in shown
        remove = f"{kind}remove/"
        assert "12.4" in shown and "£6.82" in text_of(client.get(remove))
        for _ in range(2):
            assert client.post(remove).url == page(claim, "costs")
        assert Expense.objects.get().mode == "bus"
        assert client.post(page(claim, "costs")).url == page(claim, "hours")

    def test_something_the_policy_does_not_name_is_asked_about(self, client, ada):
        claim = opened(ada, contact=officer())
        lead = claim.participation.activity.named_contact
        kind = client.get(page(claim, "costs/new")).url
        asked = client.post(kind, {"mode": "other"}).url
        assert asked == page(claim, "costs/other")
        shown = text_of(client.get(asked))
        assert "Ask us about this cost" in shown and lead.email in shown and claim.reference in shown
        assert client.get(f"{kind}by/helicopter/").url == kind

    def test_a_taxi_asks_who_agreed_and_a_lost_receipt_is_an_answer(self, client, ada):
        claim = opened(ada)
        taxi = client.post(client.get(page(claim, "costs/new")).url, {"mode": "taxi"}).url
        wrong = client.post(taxi, {"amount": "12", "agreed": "yes", "agreed_with": "", "receipt": "lost"})
        assert wrong.status_code == 422 and "Enter the name of the person" in text_of(wrong)
        assert 'value="12"' in wrong.content.decode()
        client.post(taxi, {"amount": "£12", "agreed": "no", "receipt": "lost"})
        cost = Expense.objects.get()
        assert (cost.amount_asked, cost.receipt, cost.receipt_lost) == (Decimal("12.00"), False, True)
        assert "Lost" in text_of(client.get(page(claim, "costs")))

    def test_bank_details_are_asked_once_and_only_their_last_four_digits_are_shown(self):
        who = person("Ben Example", bank=False)
        client, claim = client_for(who), opened(who)
        answered(claim)
        assert client.get(page(claim)).url == page(claim, "bank")
        account = {"name_on_account": "B Example", "sort_code": "00-11-22", "account_number": "0123456"}
        wrong = client.post(page(claim, "bank"), account)
        assert wrong.status_code == 422 and "eight digits" in text_of(wrong)
        assert client.post(page(claim, "bank"), account | {"account_number": "01234567"}).url == page(claim, "check")
        shown = client.get(page(claim, "check")).content.decode()
        assert "ending in 4567" in shown and "01234567" not in shown and "001122" not in shown
        assert client.get(page(claim, "bank")).url == page(claim, "check")
        assert BankDetails.objects.get().entered_by == who

    def test_who_has_no_account_goes_on_without(self):
        who = person("Ben Example", bank=False)
        client, claim = client_for(who), opened(who)
        answered(claim)
        assert "choose a voucher" in text_of(client.get(page(claim, "bank")))
        assert client.post(page(claim, "bank"), {"later": "yes"}).url == page(claim, "check")
        shown = text_of(client.get(page(claim, "check")))
        assert "You will tell us your bank details yourself" in shown
        assert "We also need your bank details by then" in shown

    def test_costs_alone_are_claimed_from_home(self, client, ada):
        part = attended(ada, kind="web-content")
        assert "Did it cost you anything?" in text_of(client.get("/me/"))
        started = client.post(f"/claims/start/{part.pk}/").url
        claim = Claim.objects.get()
        assert started == page(claim, "costs")
        assert client.post(f"/claims/start/{part.pk}/").url == started
        assert client.get(f"/claims/start/{part.pk}/").status_code == 405
        assert client_for(person()).post(f"/claims/start/{part.pk}/").status_code == 404


class TestWhatIsNotRight:
    def test_hours_that_are_no_hours_say_what_to_do_and_stay_typed(self, client, ada):
        claim = opened(ada)
        for typed, told in [
            ("", "like 2 or 2.5"),
            ("two", "half or quarter hours"),
            ("1.1", "half or quarter hours"),
            ("9999", "more hours"),
        ]:
            wrong = client.post(page(claim, "hours"), {"hours": typed})
            assert wrong.status_code == 422 and told in text_of(wrong)
            assert "Error: " in wrong.content.decode() and f'value="{typed}"' in wrong.content.decode()

    def test_more_hours_than_planned_ask_why_in_their_own_words(self, client, ada):
        claim = opened(ada)
        asked = client.post(page(claim, "hours"), {"hours": "2.5"})
        assert asked.status_code == 200 and "Why did it take longer?" in text_of(asked)
        assert "There is a problem" not in text_of(asked) and "autofocus" in asked.content.decode()
        assert 'value="2.5"' in asked.content.decode()
        empty = client.post(page(claim, "hours"), {"hours": "2.5", "more_hours_because": " "})
        assert empty.status_code == 422 and "Tell us why it took longer" in text_of(empty)
        client.post(page(claim, "hours"), {"hours": "2.5", "more_hours_because": "We ran over."})
        claim.refresh_from_db()
        assert claim.more_hours_because == "We ran over."

    def test_a_choice_without_its_amount_or_charity_says_so(self, client, ada):
        claim = opened(ada)
        for typed, told in [
            ({}, "Choose one of the answers"),
            ({"answer": "none"}, "Choose one of the answers"),
            ({"answer": "lower"}, "Enter the amount you would like"),
            ({"answer": "lower", "lower_amount": "lots"}, "Enter pounds and pence, like 4.50."),
            ({"answer": "lower", "lower_amount": "30.01"}, "less than £30.00"),
            ({"answer": "lower", "lower_amount": "30"}, "£30.00 is all of it. Enter less, or choose to be paid all"),
            ({"answer": "donate"}, "name of the charity"),
        ]:
            wrong = client.post(page(claim, "choice"), typed)
            assert wrong.status_code == 422 and told in text_of(wrong)
        assert client.post(page(claim, "choice"), {"answer": "voucher", "lower_amount": "lots"}).status_code == 302

    def test_what_the_page_refuses_is_what_the_deed_refuses(self, client, ada):
        claim = opened(ada)
        refused = client.post(page(claim, "check"))
        assert refused.status_code == 422
        for missing in ("how many hours", "how you would like", "whether it cost"):
            assert missing in text_of(refused)

    def test_sending_twice_is_one_deed_and_the_second_shows_the_first(self, client, ada):
        claim = answered(opened(ada))
        assert client.post(page(claim, "check")).url == client.post(page(claim, "check")).url == page(claim, "sent")
        assert Event.objects.filter(what="claim submitted").count() == 1

    @pytest.mark.parametrize("name", ["hours", "choice", "costs", "costs/new", "bank"])
    def test_a_claim_that_was_sent_is_not_answered_from_another_window(self, client, ada, name):
        claim = answered(opened(ada))
        claims.submit_claim(claim.pk, by=ada, at=DECIDED)
        gone = client.post(page(claim, name)) if name != "costs/new" else client.get(page(claim, name))
        assert gone.url == page(claim)
        assert "You have sent this claim" in text_of(client.get(gone.url))

    @pytest.mark.parametrize("name", ["", "hours", "choice", "costs", "costs/new", "bank", "check", "sent", "withdraw"])
    def test_somebody_elses_claim_is_not_there(self, client, name):
        claim = opened(person())
        assert client.get(page(claim, name)).status_code == 404
        if name not in ("", "costs/new", "sent"):
            assert client.post(page(claim, name)).status_code == 404

    def test_somebody_who_is_busy_with_the_same_claim_is_told_to_try_again(self, client, ada, monkeypatch):
        from eligibility.busy import BUSY
        from eligibility.reasons import Refused

        def busy(*args, **more):
            raise Refused(BUSY)

        claim = opened(ada)
        monkeypatch.setattr(claiming, "answer_hours", busy)
        assert "try again" in text_of(client.post(page(claim, "hours"), {"hours": "2"}))

    @pytest.mark.parametrize(
        ("mode", "typed", "asked"),
        [
            ("train", {"amount": "1320", "receipt": "yes"}, "Is £1,320.00 right?"),
            ("car", {"miles": "1240"}, "Is 1240 miles right?"),
        ],
    )
    def test_a_cost_that_is_a_lot_is_read_back_once(self, client, ada, mode, typed, asked):
        claim = opened(ada)
        details = client.post(client.get(page(claim, "costs/new")).url, {"mode": mode}).url
        first = client.post(details, typed)
        assert first.status_code == 200 and asked in text_of(first) and not Expense.objects.exists()
        kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', first.content.decode()))
        kept.pop("csrfmiddlewaretoken", None)
        assert kept.items() >= typed.items()
        changing = client.post(details, kept | {"change": "yes"})
        assert changing.status_code == 200 and next(iter(typed.values())) in changing.content.decode()
        assert not Expense.objects.exists()
        assert client.post(details, kept).url == page(claim, "costs")
        # It is stored, so it is not asked about again.
        assert client.post(details, typed).url == page(claim, "costs")
        assert Expense.objects.count() == 1

    @pytest.mark.parametrize(
        ("mode", "typed"), [("train", {"amount": "200", "receipt": "yes"}), ("car", {"miles": "200"})]
    )
    def test_a_cost_up_to_the_line_is_not_asked_about(self, client, ada, mode, typed):
        claim = opened(ada)
        details = client.post(client.get(page(claim, "costs/new")).url, {"mode": mode}).url
        assert client.post(details, typed).status_code == 302

    def test_errors_about_a_taxi_are_listed_in_the_order_of_its_page_and_say_what_about(self, client, ada):
        claim = opened(ada)
        taxi = client.post(client.get(page(claim, "costs/new")).url, {"mode": "taxi"}).url
        shown = text_of(client.post(taxi, {"amount": "12.345"}))
        told = ["Enter pounds and pence", "Choose whether somebody agreed to it", "Choose whether you have a receipt"]
        places = [shown.index(each) for each in told]
        assert places == sorted(places)

    def test_S58_nothing_and_no_thanks_are_told_apart(self, client, ada):
        shown = text_of(client.get(page(opened(ada), "choice")))
        assert "you were a volunteer" in shown and "We write down nothing more" in shown

    def test_a_lower_amount_that_fewer_hours_overtake_is_asked_for_again_with_a_word_why(self, client, ada):
        claim = answered(opened(ada, hours="3"), answer="lower", lower_amount=Decimal("20.00"))
        again = client.post(page(claim, "hours"), {"hours": "1"})
        assert again.url == page(claim, "choice")
        shown = client.get(again.url)
        assert "Your time now comes to £15.00, so please choose again." in text_of(shown)
        assert 'value="15.00"' not in shown.content.decode()

    def test_who_cannot_be_paid_any_more_sends_no_choice_that_was_filled_in_before(self, client, ada):
        claim = opened(ada, choice="payment")
        not_offered(claim)
        assert client.get(page(claim)).url == page(claim, "costs")
        client.post(page(claim, "costs"), {"any_costs": "no"})
        shown = text_of(client.get(page(claim, "check")))
        assert "£30.00" not in shown and "Nothing to pay for your time" in shown
        assert client.post(page(claim, "check")).url == page(claim, "sent")
        claim.refresh_from_db()
        assert (claim.status, claim.choice) == ("submitted", "none")

    def test_an_account_that_is_not_the_right_one_says_what_to_do_before_it_is_sent(self, client, ada):
        claim = answered(opened(ada))
        assert "Not the right account? Ring us before you send this." in text_of(client.get(page(claim, "check")))

    def test_what_cannot_be_changed_says_what_to_do_instead(self, client, ada):
        claim = answered(opened(ada))
        claims.submit_claim(claim.pk, by=ada, at=DECIDED)
        client.get(page(claim, "hours"))
        assert "take it back and start again" in text_of(client.get(page(claim)))
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        client.get(page(claim, "hours"))
        shown = text_of(client.get(page(claim)))
        assert "We have agreed this claim" in shown and "ring us" in shown


class TestWhatBecameOfIt:
    def sent(self, ada, **more):
        claim = answered(opened(ada, **more))
        return claims.submit_claim(claim.pk, by=ada, at=DECIDED)

    def test_a_returned_claim_says_what_was_asked_and_can_be_sent_again(self, client, ada):
        claim = self.sent(ada)
        claims.return_claim(claim.pk, "Which train was it?", by=officer(), at=DECIDED)
        shown = text_of(client.get(page(claim)))
        assert "It is your turn" in shown and "Which train was it?" in shown
        assert "Change your answers and send again" in shown
        assert "Which train was it?" in text_of(client.get("/me/"))
        assert "Which train was it?" in text_of(client.get(page(claim, "check")))
        client.post(page(claim, "check"))
        assert "It is our turn" in text_of(client.get(page(claim)))

    def test_a_refused_claim_says_why_and_whom_to_ask(self, client, ada):
        lead = officer("lead@example.org")
        claim = self.sent(ada, contact=lead)
        claims.refuse_claim(claim.pk, "It did not take place.", by=officer(), at=DECIDED)
        shown = text_of(client.get(page(claim)))
        assert "It did not take place." in shown and lead.name in shown

    def test_an_approved_claim_says_when_it_is_paid_then_that_it_was(self, client, ada):
        claim = self.sent(ada)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert "We expect to pay this on Friday 27 November 2026" in text_of(client.get(page(claim)))
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        assert "It is ready to be paid on Friday 27 November 2026" in text_of(client.get(page(claim)))
        authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
        mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        settle_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF.replace(day=30))
        shown = text_of(client.get(page(claim)))
        assert "Paid into your bank on Friday 27 November 2026" in shown and "Finished" in shown

    def test_taking_a_claim_back_asks_first_and_asks_no_reason(self, client, ada):
        claim = self.sent(ada)
        shown = client.get(page(claim, "withdraw"))
        assert "You do not have to say why" in text_of(shown) and "<textarea" not in shown.content.decode()
        for _ in range(2):
            assert client.post(page(claim, "withdraw")).url == "/me/"
        claim.refresh_from_db()
        assert claim.status == "withdrawn"

    def test_a_draft_that_was_never_sent_is_not_taken_back_but_not_claimed(self, client, ada):
        claim = opened(ada)
        shown = text_of(client.get(page(claim, "withdraw")))
        assert "You do not want to claim for this?" in shown and "Take" not in shown
        client.post(page(claim, "withdraw"))
        home = text_of(client.get("/me/"))
        assert "You are not claiming for A morning together" in home and "taken back" not in home
        assert "Not claimed" in home
        shown = text_of(client.get(page(claim)))
        assert "You chose not to claim for this." in shown and "took this claim back" not in shown

    def test_a_draft_set_aside_for_paper_does_not_say_that_they_took_it_back(self, client, ada):
        claim = opened(ada)
        claiming.set_untouched_drafts_aside([claim.participation_id], by=officer(), at=DECIDED)
        shown = text_of(client.get(page(claim)))
        assert "It came to us on paper." in shown and "put this one aside" in shown
        assert "You took this claim back" not in shown and "You chose not" not in shown
        assert "Came on paper" in text_of(client.get("/me/claims/"))

    def test_a_claim_that_was_taken_back_is_started_again_with_its_answers(self, client, ada):
        claim = answered(opened(ada))
        claiming.store_cost(claim.pk, uuid4(), BUS, by=ada, at=DECIDED)
        claims.submit_claim(claim.pk, by=ada, at=DECIDED)
        client.post(page(claim, "withdraw"))
        again = client.post(f"/claims/start/{claim.participation_id}/").url
        shown = text_of(client.get(again))
        assert again.endswith("/check/") and "Paid by bank: £30.00" in shown and "£4.10" in shown
        assert "See the claim that took its place" in text_of(client.get(page(claim)))

    def test_the_last_look_shows_each_cost_with_who_agreed_and_the_way_to_its_own_page(self, client, ada):
        claim, key = answered(opened(ada)), uuid4()
        taxi = Travel("taxi", amount=Decimal("14.80"), receipt=False, agreed_with="Moira")
        claiming.store_cost(claim.pk, key, taxi, receipt_lost=True, by=ada, at=DECIDED)
        shown = client.get(page(claim, "check"))
        assert "£14.80, agreed with Moira, receipt lost" in text_of(shown)
        assert page(claim, f"costs/{key}/by/taxi") in shown.content.decode()

    def test_what_a_run_covers_is_not_taken_back(self, client, ada):
        claim = self.sent(ada)
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        assert "Take this claim back" not in text_of(client.get(page(claim)))
        assert client.post(page(claim, "withdraw")).url == page(claim)

    def test_a_part_of_the_costs_that_was_agreed_is_told_with_its_reason(self, client, ada):
        claim = opened(ada)
        claiming.store_cost(claim.pk, uuid4(), BUS, by=ada, at=DECIDED)
        claiming.answer_hours(claim.pk, claim.hours, by=ada, at=DECIDED)
        claiming.answer_choice(claim.pk, "payment", by=ada, at=DECIDED)
        claiming.answer_all_costs(claim.pk, by=ada, at=DECIDED)
        claims.submit_claim(claim.pk, by=ada, at=DECIDED)
        part = {claim.expenses.get().pk: (Decimal("2.00"), "One way was agreed.")}
        claims.approve_part(claim.pk, part, by=officer(), at=DECIDED)
        shown = text_of(client.get(page(claim)))
        assert "We agreed £2.00. One way was agreed." in shown
        assert "£30.00" in shown and "£32.00" not in shown

    def test_a_page_costs_the_same_few_queries_whatever_it_shows(self, client, ada):
        claim = opened(ada)
        counts = []
        for number in (1, 8):
            for _ in range(number):
                claiming.store_cost(claim.pk, uuid4(), BUS, by=ada, at=DECIDED)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(page(claim, "costs"))
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 16
