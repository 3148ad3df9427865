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
from tests.payments.test_claiming import answered, attended, opened

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
        kind = client.get(page(claim, "costs/new")).url
        assert "Ask us about this cost" in text_of(client.post(kind, {"mode": "other"}))
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
        assert asked.status_code == 422 and "Why did it take longer?" in text_of(asked)
        client.post(page(claim, "hours"), {"hours": "2.5", "more_hours_because": "We ran over."})
        claim.refresh_from_db()
        assert claim.more_hours_because == "We ran over."

    def test_a_choice_without_its_amount_or_charity_says_so(self, client, ada):
        claim = opened(ada)
        for typed, told in [
            ({}, "Choose one of the answers"),
            ({"answer": "none"}, "Choose one of the answers"),
            ({"answer": "lower"}, "Enter the amount you would like"),
            ({"answer": "lower", "lower_amount": "lots"}, "using only digits"),
            ({"answer": "lower", "lower_amount": "30.01"}, "£30.00 or less"),
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
        assert client.get(page(claim, "check")).status_code == 200
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
