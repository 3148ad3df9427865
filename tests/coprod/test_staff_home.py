"""The staff's home says what needs doing and for whom; people are looked up by whoever may."""

import hashlib
import re
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eligibility.models import Person, StaffRole
from eligibility.operations import make_staff
from eligibility.roles import Role
from payments.claims import return_claim
from payments.models import Claim, Document, Payable
from payments.payables import hold_by_staff
from payments.runs import authorise_run, fail_payment, mark_sent, prepare_run
from tests.doors import client_for
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
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def office_time(monkeypatch):
    """Monday 23 November 2026, two working days before the cut-off; office_time["now"] = … moves it."""
    moments = {"now": london("2026-11-23T10:00")}
    monkeypatch.setattr("django.utils.timezone.now", lambda: moments["now"])
    return moments


def auditor():
    return make_staff("auditor@example.org", Role.AUDITOR, at=DECIDED)


def lead():
    return make_staff("lead@example.org", Role.ACTIVITY_LEAD, at=DECIDED)


def read(who, address="/staff/", status=200) -> str:
    page = client_for(who).get(address)
    assert page.status_code == status
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def mine(told: str) -> str:
    return told.partition("With somebody else")[0]


def others(told: str) -> str:
    return told.partition("With somebody else")[2]


class TestTheClock:
    def test_says_in_how_many_working_days_the_next_run_closes(self, office_time):
        assert "The next run closes in 2 working days , at 12:00 on Wednesday 25 November 2026" in read(officer())
        office_time["now"] = london("2026-11-25T11:59")
        assert "The next run closes today" in read(officer())
        office_time["now"] = london("2026-11-25T12:01")
        assert "Wednesday 9 December 2026" in read(officer())

    def test_weekends_and_bank_holidays_are_no_working_days(self, office_time):
        office_time["now"] = london("2026-12-18T10:00")
        told = read(officer())
        assert "The next run closes in 2 working days , at 12:00 on Tuesday 22 December 2026" in told
        assert "Thursday 24 December 2026" in told and "Christmas" in told


class TestClaims:
    def test_how_many_the_oldest_and_which_the_next_cut_off_decides_about(self):
        for on in (date(2026, 11, 9), date(2026, 11, 13), date(2026, 11, 20), date(2026, 11, 23)):
            submitted(person(), on=on)
        told = mine(read(officer()))
        assert "4 claims to decide" in told
        assert "The oldest is for Monday 9 November 2026." in told
        assert "3 are paid within the time promised only if decided by 12:00 on Wednesday 25 November 2026." in told
        assert "1 is later than promised already" in told

    def test_are_somebody_elses_to_decide_for_the_authoriser_and_the_auditor(self):
        submitted(person())
        for who in (authoriser(), auditor()):
            told = read(who)
            assert "1 claim to decide" in others(told) and "1 claim to decide" not in mine(told)

    def test_a_lead_is_told_of_their_own_activities_and_of_no_money(self):
        claim = submitted(person())
        submitted(person())
        claim.participation.activity.named_contact = lead()
        claim.participation.activity.save()
        approved(person(bank=False))
        told = read(lead())
        assert "1 claim to decide" in told
        assert "lacks" not in told

    def test_a_claim_that_was_returned_waits_for_nobody_here(self):
        return_claim(submitted(person()).pk, "One more thing.", by=officer(), at=DECIDED)
        assert "Nothing needs you now." in read(officer())


class TestRuns:
    def test_a_prepared_run_waits_for_whoever_can_authorise_it_by_name(self, office_time):
        boss = officer()
        StaffRole.objects.create(person=boss, role=Role.AUTHORISER, given_at=DECIDED)
        Person.objects.filter(pk=boss.pk).update(name="Peter Both")
        other = authoriser()
        approved(person())
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        office_time["now"] = AFTER_CUT_OFF
        told = read(other)
        assert "The run of Friday 27 November 2026 waits to be authorised" in mine(told)
        assert f"{other.name} can authorise it." in told
        assert "Peter Both cannot, because they had another hand in it." in told
        assert "You decided a claim in this run, so somebody else authorises it." in read(boss)

    def test_where_nobody_can_authorise_it_the_page_says_so(self, office_time):
        approved(person())
        prepare_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        office_time["now"] = AFTER_CUT_OFF
        assert "Nobody here can authorise it." in others(read(officer()))

    def test_then_it_waits_to_be_sent_and_then_for_nothing(self, office_time):
        approved(person())
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
        office_time["now"] = AFTER_CUT_OFF
        assert "is authorised and not sent" in mine(read(officer()))
        mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        assert "27 November 2026" not in read(officer())

    def test_a_run_that_nobody_prepared_is_missed(self, office_time):
        approved(person())
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
        mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        office_time["now"] = london("2026-12-10T09:00")
        assert "The run of Friday 11 December 2026 is not prepared" in mine(read(officer()))
        office_time["now"] = london("2026-12-12T09:00")
        assert "Its pay day has gone by." in read(officer())


class TestWhatIsStuck:
    def test_payments_that_lack_something_are_counted_by_reason(self):
        approved(person(bank=False)), approved(person(bank=False))
        unreadable = person(bank=False)
        give_bank_details(unreadable, name_on_account="☃")
        approved(unreadable)
        told = mine(read(officer()))
        assert "3 payments lack something" in told
        assert "2 payments: we have no bank details. Ask each person" in told
        assert "1 payment: no bank can read the name on the account." in told

    def test_what_a_run_could_not_pay_stays_on_the_page_until_it_is_mended(self, office_time):
        who = person(bank=False)
        approved(who)
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        office_time["now"] = london("2026-12-01T09:00")
        assert "1 payment lacks something" in read(officer())
        give_bank_details(who)
        assert "lacks something" not in read(officer())

    def test_no_more_is_looked_through_than_a_page_has_time_for(self, monkeypatch):
        monkeypatch.setattr("payments.needs_doing.MOST_LOOKED_AT", 2)
        for _ in range(3):
            approved(person(bank=False))
        assert "At least 2 payments lack something" in read(officer())

    def test_a_payment_that_came_back_is_there_until_a_run_has_it_again(self, office_time):
        approved(person("Ada Example"))
        run = prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
        mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)
        office_time["now"] = london("2026-12-01T09:00")
        fail_payment(run.payments.get().reference, "5", by=officer(), at=office_time["now"])
        told = mine(read(officer()))
        assert "1 payment came back" in told and "Ada Example" in told
        prepare_run(date(2026, 12, 11), by=None, at=london("2026-12-09T13:00"))
        assert "came back" not in read(officer())

    def test_a_staff_hold_comes_up_on_its_day_and_the_persons_own_never(self, office_time):
        claim = approved(person("Ada Example"))
        hold_by_staff(claim.payables.get().pk, "Ring first.", date(2026, 11, 24), by=officer(), at=DECIDED)
        approved(person()).payables.update(held=Payable.Hold.PERSON)
        assert "to look at again" not in read(officer())
        office_time["now"] = london("2026-11-24T08:00")
        told = mine(read(officer()))
        assert "1 held payment to look at again" in told and "Ada Example" in told

    def test_a_card_that_cannot_be_made_is_told_with_why(self):
        approved(person("Ada Example"), kind="web-content", choice="none")
        Document.objects.update(problem="No font has the letter ☃.")
        told = mine(read(officer()))
        assert "1 document cannot be made" in told and "Card for Ada Example : No font has the letter ☃." in told


class TestOrderAndCost:
    def test_the_oldest_promise_comes_first(self):
        submitted(person(), on=date(2026, 11, 20))
        approved(person(bank=False), at=london("2026-11-17T12:00"))
        told = mine(read(officer()))
        assert told.index("lacks something") < told.index("to decide")

    def test_costs_the_same_queries_for_a_little_and_for_much(self, office_time):
        client, counts = client_for(officer()), []
        for number in (1, 9):
            for _ in range(number):
                submitted(person(), costs={"bus": "1.00"})
                approved(person(bank=False))
                held = approved(person()).payables.get()
                hold_by_staff(held.pk, "Ring first.", date(2026, 11, 20), by=officer(), at=DECIDED)
                approved(person(), kind="web-content", choice="none")
            Document.objects.update(problem="x")
            with CaptureQueriesContext(connection) as queries:
                client.get("/staff/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 20

    def test_kind_words_where_nothing_waits(self):
        assert "Nothing needs you now." in read(officer())
        assert "You read here, and change nothing." in read(auditor())
        assert "activities that name you" in read(lead())

    def test_is_closed_to_a_co_producer(self):
        assert client_for(person()).get("/staff/").status_code == 403


class TestPeople:
    @pytest.mark.parametrize("words", ["thistle", "THISTLEWOOD", "zoë thi", "wood Zoë"])
    def test_are_found_by_parts_of_their_name_in_any_order(self, words):
        person("Zoë Thistlewood"), person("Ben Wood")
        told = read(officer(), f"/staff/people/?q={words}")
        assert "Zoë Thistlewood" in told and "Ben Wood" not in told

    def test_are_found_by_the_beginning_of_their_e_mail_by_whoever_has_contacts(self):
        who = person("Ada Example")
        Person.objects.filter(pk=who.pk).update(email="adas.mail@example.org", phone="01632 960001")
        told = read(officer(), "/staff/people/?q=Adas.Mail@")
        assert "Ada Example" in told and "01632 960001" in told
        assert "Nobody was found" in read(auditor(), "/staff/people/?q=adas.mail")

    def test_a_reader_of_the_books_has_names_and_no_contact(self):
        who = person("Ada Example")
        for address in ("/staff/people/?q=example", f"/staff/people/{who.pk}/"):
            assert who.email in read(officer(), address)
            told = read(auditor(), address)
            assert "Ada Example" in told and who.email not in told

    def test_short_words_are_asked_to_be_longer_and_other_scripts_are_not(self):
        person("李小龙")
        assert "at least three letters" in read(officer(), "/staff/people/?q=ab")
        assert "李小龙" in read(officer(), "/staff/people/?q=李小")

    @pytest.mark.parametrize("words", ["%%%", "___", "a.c", "(((", "\\\\\\", "';--", "[[[", "***"])
    def test_what_means_something_to_a_pattern_is_only_letters_here(self, words):
        person("Ada Abc")
        assert "Nobody was found" in read(officer(), f"/staff/people/?q={words.replace('%', '%25')}")

    def test_the_search_uses_its_index(self):
        from eligibility.people import people_called

        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = people_called("thistle", by_email=True).explain()
        assert "people_by_parts_of_their_name" in plan and "Seq Scan" not in plan

    def test_a_person_has_claims_payments_and_cards(self, office_time):
        who = person("Ada Example")
        claim = approved(who)
        approved(who, kind="web-content", choice="none")
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        told = read(auditor(), f"/staff/people/{who.pk}/")
        assert claim.reference in told and "Approved" in told
        assert "Fri 27 Nov 2026" in told and "£30.00" in told and "In the run" in told
        assert "Being made" in told

    def test_a_draft_has_no_link(self):
        claim = submitted(person("Ada Example"))
        told = client_for(officer()).get(f"/staff/people/{claim.person_id}/").content.decode()
        assert f"/staff/claims/{claim.reference}/" in told

    @pytest.mark.parametrize("who, status", [(officer, 200), (auditor, 200), (authoriser, 403), (lead, 403)])
    def test_a_made_card_is_downloaded_by_whoever_may_read_people(self, who, status):
        claim = approved(person(), kind="web-content", choice="none")
        made = made_card(claim)
        answer = client_for(who()).get(f"/staff/people/{claim.person_id}/cards/{made.pk}/")
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content) == b"%PDF-card"
            assert "attachment" in answer["Content-Disposition"]

    def test_a_card_of_somebody_else_or_not_made_or_no_card_is_not_there(self):
        claim = approved(person(), kind="web-content", choice="none")
        made, other = made_card(claim), person()
        for address in (f"{other.pk}/cards/{made.pk}", f"{claim.person_id}/cards/{made.pk + 1}"):
            assert client_for(officer()).get(f"/staff/people/{address}/").status_code == 404
        waiting = approved(person(), kind="web-content", choice="none")
        due = Document.objects.get(participation=waiting.participation)
        assert client_for(officer()).get(f"/staff/people/{waiting.person_id}/cards/{due.pk}/").status_code == 404

    def test_nobody_is_nowhere(self):
        assert client_for(officer()).get("/staff/people/999999/").status_code == 404

    def test_a_page_costs_the_same_queries_for_one_claim_and_for_twenty(self):
        who, client, counts = person(), client_for(officer()), []
        for number in (1, 19):
            for _ in range(number):
                approved(who)
                approved(who, kind="web-content", choice="none")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/staff/people/{who.pk}/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 10


def made_card(claim: Claim) -> Document:
    card = Document.objects.get(participation=claim.participation)
    card.path, card.made_at, card.sha256 = f"cards/{card.pk}.pdf", CUT_OFF, hashlib.sha256(b"%PDF-card").hexdigest()
    card.save()
    file = settings.OUT_DIR / card.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"%PDF-card")
    return card
