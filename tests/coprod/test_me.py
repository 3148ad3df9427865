"""A co-producer's own pages: home, payments by tax year, cards."""

import re
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from payments import claiming, claims
from payments.documents import make_due_documents
from payments.models import Document, Payment
from payments.rules.asked import Travel
from payments.runs import authorise_run, fail_payment, mark_sent, prepare_run, settle_run
from payments.tracking import tax_years_of
from tests.doors import client_for
from tests.payments.office import AFTER_CUT_OFF, DECIDED, PAY_DAY, approved, authoriser, officer, person
from tests.payments.test_claiming import answered, attended, opened

pytestmark = pytest.mark.django_db
SETTLED = AFTER_CUT_OFF.replace(day=30)
BUS = Travel("bus", amount=Decimal("4.10"), receipt=True)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: DECIDED)


@pytest.fixture
def ada():
    return person("Ada Example")


@pytest.fixture
def client(ada):
    return client_for(ada)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def pay():
    prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
    authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
    mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)


class TestHome:
    def test_who_has_nothing_yet_is_told_what_will_be_here(self, client):
        shown = text_of(client.get("/me/"))
        assert "Hello, Ada Example" in shown and "There is nothing here yet." in shown

    def test_the_next_step_comes_first_and_what_was_asked_before_that(self, client, ada):
        asked = claims.submit_claim(answered(opened(ada)).pk, by=ada, at=DECIDED)
        claims.return_claim(asked.pk, "Which train?", by=officer(), at=DECIDED)
        opened(ada)
        shown = text_of(client.get("/me/"))
        assert shown.index("Which train?") < shown.index("Make your claim")

    def test_what_is_on_its_way_shows_time_and_costs_apart(self, client, ada):
        claim = answered(opened(ada))
        claiming.store_cost(claim.pk, uuid4(), BUS, by=ada, at=DECIDED)
        claims.submit_claim(claim.pk, by=ada, at=DECIDED)
        shown = text_of(client.get("/me/"))
        assert "£30.00" in shown and "£4.10" in shown and "£34.10" not in shown
        claims.approve_claims([claim.pk], by=officer(), at=DECIDED)
        assert "We expect: Friday 27 November 2026" in text_of(client.get("/me/"))

    def test_a_payment_that_came_back_asks_for_a_call(self, client, ada):
        approved(ada)
        pay()
        fail_payment(Payment.objects.get().reference, "5", by=officer(), at=SETTLED)
        assert "a payment came back from the bank. Please ring us or write" in text_of(client.get("/me/"))

    def test_bank_details_that_are_missing_are_asked_for_once_however_many_claims_wait(self):
        who = person("Ben Example", bank=False)
        waiting = [approved(who), approved(who)]
        shown = client_for(who).get("/me/").content.decode()
        assert shown.count("we need your bank details") == 1
        assert all(claim.reference in shown for claim in waiting)

    def test_what_was_taken_back_can_be_claimed_again_and_what_was_refused_is_not_asked_about(self, client, ada):
        claims.withdraw_claim(opened(ada).pk, by=ada, at=DECIDED)
        shown = text_of(client.get("/me/"))
        assert "You can still claim for" in shown and "Start again" in shown and "Did it cost you" not in shown
        again = claiming.start_claim(ada.participations.get().pk, by=ada, at=DECIDED)
        claims.submit_claim(answered(again).pk, by=ada, at=DECIDED)
        claims.refuse_claim(again.pk, "It did not take place.", by=officer(), at=DECIDED)
        assert "Start again" not in text_of(client.get("/me/"))

    def test_it_is_short_one_card_for_a_claim_on_its_way_and_the_latest_three_that_are_finished(self, client, ada):
        for day in range(1, 6):
            claims.withdraw_claim(opened(ada, on=date(2026, 11, day)).pk, by=ada, at=DECIDED)
        waits = approved(ada, costs={"bus": "4.10"})
        shown = client.get("/me/").content.decode()
        assert shown.count(waits.reference) == 1
        finished = shown[shown.index("Finished") :]
        assert re.findall(r"(\d) November 2026", finished) == ["5", "4", "3"]
        assert "All your claims" in shown

    def test_it_shows_nobody_elses_things(self, client):
        opened(person("Ben Example"))
        attended(person("Cai Example"), kind="web-content")
        assert "There is nothing here yet." in text_of(client.get("/me/"))

    def test_its_queries_do_not_grow(self, client, ada):
        counts = []
        for number in (1, 6):
            for _ in range(number):
                approved(ada)
                claims.submit_claim(answered(opened(ada)).pk, by=ada, at=DECIDED)
                opened(ada)
                attended(ada, kind="web-content")
            with CaptureQueriesContext(connection) as asked:
                client.get("/me/")
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 20


class TestClaims:
    def test_older_claims_are_a_page_away(self, client, ada, monkeypatch):
        monkeypatch.setattr("coprod.me.A_PAGE", 2)
        days = [10, 9, 12, 10, 11]
        made = [approved(ada, on=date(2026, 11, day)) for day in days]
        newest_first = sorted(made, key=lambda claim: (claim.participation.activity.on, claim.pk), reverse=True)
        seen, address = [], "/me/claims/"
        while address:
            shown = client.get(address).content.decode()
            seen += re.findall(r"claim ([2-9A-Z]{5}-[2-9A-Z]{5})", shown)
            older = re.search(r'href="(\?before=[-0-9.]+)"', shown)
            address = f"/me/claims/{older[1]}" if older else None
        assert seen == [claim.reference for claim in newest_first]


class TestPayments:
    def test_nothing_is_there_before_a_run_is_sent(self, client, ada):
        approved(ada)
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        assert "We have not paid you anything yet" in text_of(client.get("/me/payments/"))

    def test_time_costs_vouchers_and_gifts_are_kept_apart_and_agree_with_the_run_to_the_penny(self, client, ada):
        approved(ada, costs={"bus": "4.10"})
        approved(ada, choice="voucher")
        approved(ada, choice="lower", lower="10.01")
        approved(ada, choice="donate", charity="Local Hospice")
        approved(ada, choice="decline")
        approved(person("Ben Example"))
        pay()
        settle_run(PAY_DAY, by=officer(), at=SETTLED)
        [year] = tax_years_of(ada)
        assert (year.begins, year.by_bank, year.by_voucher) == (2026, Decimal("40.01"), Decimal("30.00"))
        assert (year.for_time, year.given, year.costs) == (Decimal("70.01"), Decimal("30.00"), Decimal("4.10"))
        paid = Payment.objects.filter(person=ada).aggregate(total=Sum("amount"))["total"]
        assert year.by_bank + year.by_voucher + year.costs == paid
        shown = text_of(client.get("/me/payments/"))
        assert "6 April 2026 to 5 April 2027" in shown and "£70.01" in shown and "£74.11" not in shown
        assert "Given to Local Hospice" in shown and "less as you chose" in shown
        assert "For 1 activity you chose to take nothing for your time" in shown

    def test_what_came_back_is_not_counted(self, client, ada):
        approved(ada)
        pay()
        fail_payment(Payment.objects.get().reference, "5", by=officer(), at=SETTLED)
        assert tax_years_of(ada) == []

    def test_its_queries_do_not_grow(self, client, ada):
        with CaptureQueriesContext(connection) as empty:
            client.get("/me/payments/")
        for _ in range(6):
            approved(ada, costs={"bus": "4.10"})
        pay()
        with CaptureQueriesContext(connection) as full:
            client.get("/me/payments/")
        assert len(full) <= len(empty) + 1


class TestCards:
    @pytest.fixture
    def card(self, ada, tmp_path, settings):
        settings.OUT_DIR = tmp_path
        approved(ada, kind="web-content", choice="none")
        return Document.objects.get()

    def test_a_card_that_is_not_there_yet_is_being_made(self, client, card):
        assert "It is being made" in text_of(client.get("/me/cards/"))
        assert client.get(f"/me/cards/{card.pk}/").status_code == 404

    def test_a_card_is_downloaded_by_whom_it_thanks_and_nobody_else(self, client, card):
        make_due_documents(at=DECIDED)
        assert "Download (PDF)" in text_of(client.get("/me/cards/"))
        got = client.get(f"/me/cards/{card.pk}/")
        assert b"".join(got.streaming_content).startswith(b"%PDF")
        assert got["Content-Disposition"].startswith('attachment; filename="thank-you-card-TY-')
        assert client_for(person("Ben Example")).get(f"/me/cards/{card.pk}/").status_code == 404

    def test_a_card_whose_file_is_gone_is_not_there(self, client, card, settings):
        make_due_documents(at=DECIDED)
        card.refresh_from_db()
        (settings.OUT_DIR / card.path).unlink()
        assert client.get(f"/me/cards/{card.pk}/").status_code == 404

    def test_who_has_no_card_is_told_what_they_are(self, client):
        assert "You have no cards yet" in text_of(client.get("/me/cards/"))
