"""The in-tray and one claim: who sees what, and what a decider can do, once."""

import re
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.models import Participation
from eligibility.models import EligibilityCheck, Event, Person
from eligibility.operations import make_staff
from eligibility.reasons import Refused
from eligibility.roles import Role
from payments import in_tray
from payments.audit import audit_money
from payments.claims import approve_claims, refuse_claim, return_claim, state_amount, submit_claim, withdraw_claim
from payments.models import Claim, Payable
from payments.runs import prepare_run
from tests.doors import client_for
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
from tests.payments.test_claiming import opened

pytestmark = pytest.mark.django_db
NOW = london("2026-11-23T10:00")


@pytest.fixture(autouse=True)
def monday(monkeypatch):
    """The Monday before the cut-off of 25 November."""
    moments = {"now": NOW}
    monkeypatch.setattr("django.utils.timezone.now", lambda: moments["now"])
    return moments


def auditor():
    return make_staff("auditor@example.org", Role.AUDITOR, at=DECIDED)


def lead():
    return make_staff("lead@example.org", Role.ACTIVITY_LEAD, at=DECIDED)


def led_by(who: Person, claim: Claim) -> Claim:
    activity = claim.participation.activity
    activity.named_contact = who
    activity.save()
    return claim


def look(who, claim, name="staff-claim"):
    return client_for(who).get(reverse(name, args=[claim.reference]))


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def send(who, claim, name, client=None, **typed):
    """Open the page of a deed, as a browser does, and send its form."""
    client = client or client_for(who)
    typed.setdefault("seen", in_tray.last_event(claim))
    return client.post(reverse(name, args=[claim.reference]), typed, follow=False)


def status_of(claim: Claim) -> str:
    claim.refresh_from_db()
    return claim.status


class TestTheInTray:
    def test_shows_what_waits_longest_first_with_time_and_costs_apart(self):
        first = submitted(person("Ada Example"), costs={"train": "12.40"})
        second = submitted(person("Ben Example"))
        Claim.objects.filter(pk=first.pk).update(submitted_at=london("2026-11-22T12:00"))
        told = text_of(client_for(officer()).get("/staff/claims/"))
        assert told.index("Ben Example") < told.index("Ada Example")
        assert second.reference in told
        assert "£30.00 by bank" in told and "£12.40" in told and "42.40" not in told

    def test_the_filter_stays_in_the_address_and_says_where_one_is(self):
        submitted(person("Waits"))
        approved(person("Decided"))
        page = client_for(officer()).get("/staff/claims/?show=approved")
        assert "Decided" in text_of(page) and "Waits" not in text_of(page)
        assert "<title>Claims: approved – Coprod</title>" in page.content.decode()

    def test_an_unknown_filter_and_place_are_the_beginning(self):
        submitted(person("Waits"))
        client = client_for(officer())
        for address in (
            "?show=cheques",
            "?after=x",
            "?after=2026-13-40T99~1",
            "?after=~",
            "?after=2026-01-01T00:00:00%2B23:59~1",
            "?show=all&after=-1",
        ):
            assert "Waits" in text_of(client.get(f"/staff/claims/{address}")), address

    def test_is_found_by_reference_however_typed_and_by_name(self):
        claim = approved(person("Zoë Thistlewood"))
        client = client_for(officer())
        for words in (claim.reference, claim.reference.lower().replace("-", ""), claim.reference[:7], "thistle", "zoë"):
            assert claim.reference in text_of(client.get("/staff/claims/", {"q": words})), words
        assert "Nothing was found" in text_of(client.get("/staff/claims/", {"q": "x\0' OR 1=1 --"}))

    @pytest.mark.parametrize("show", ["to-decide", "all"])
    def test_goes_on_fifty_at_a_time_each_claim_once(self, show):
        who = person()
        made = {submitted(who).reference for _ in range(103)}
        client, address, seen, pages = client_for(officer()), f"/staff/claims/?show={show}", [], 0
        while address:
            page = client.get(address)
            seen += re.findall(r"/staff/claims/([2-9A-Z]{5}-[2-9A-Z]{5})/", page.content.decode())
            onward = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
            address, pages = onward and onward[1].replace("&amp;", "&"), pages + 1
        assert pages == 3 and len(seen) == 103 and set(seen) == made

    def test_a_draft_is_nobodys_to_read(self):
        claim = submitted(person("Undecided"))
        Claim.objects.filter(pk=claim.pk).update(status="withdrawn")
        hidden = submitted(person("Writing"))
        # The database lets no sent claim become a draft again, so the page is asked about what it filters by.
        assert "draft" not in in_tray.SHOWN["all"]
        assert in_tray.claims_seen_by(officer(), [Role.PAYMENTS_OFFICER]).filter(status="draft").count() == 0
        assert hidden.reference in text_of(client_for(officer()).get("/staff/claims/?show=all"))

    def test_a_draft_that_was_taken_back_and_never_sent_is_nobodys_to_read(self):
        claim = opened(person("Shy Example"))
        withdraw_claim(claim.pk, by=claim.person, at=DECIDED)
        for who in (officer(), auditor()):
            assert "Shy Example" not in text_of(client_for(who).get("/staff/claims/?show=all"))
            assert look(who, claim).status_code == 404
            assert claim.reference not in text_of(client_for(who).get(f"/staff/people/{claim.person.pk}/"))

    def test_a_claim_that_was_sent_and_taken_back_is_still_read(self):
        claim = submitted(person("Ada Example"))
        withdraw_claim(claim.pk, by=claim.person, at=DECIDED)
        assert look(officer(), claim).status_code == 200

    @pytest.mark.parametrize("year", ["9999", "0001"])
    def test_a_place_at_the_ends_of_the_calendar_is_the_beginning(self, year):
        submitted(person("Waits"))
        for zone in ("-23:59", "%2B23:59"):
            page = client_for(officer()).get(f"/staff/claims/?show=to-decide&after={year}-12-31T23:59:59{zone}~1")
            assert "Waits" in text_of(page)

    def test_costs_the_same_queries_for_two_claims_and_for_forty(self):
        client, counts = client_for(officer()), []
        for number in (2, 38):
            for _ in range(number):
                submitted(person(), costs={"bus": "2.00"})
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get("/staff/claims/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 12

    def test_says_which_claims_keep_the_promise_only_by_the_next_cut_off(self):
        for on in (date(2026, 11, 9), date(2026, 11, 13), date(2026, 11, 20)):
            submitted(person(f"On {on.day}"), on=on)
        told = text_of(client_for(officer()).get("/staff/claims/"))
        rows = {day: told[told.index(f"On {day}") :][:250] for day in (9, 13)}
        assert "Past two weeks" in rows[9] and "By Wed 25 Nov" in rows[13]
        assert told.count("By Wed 25 Nov") == 2

    def test_kind_words_where_nothing_waits(self):
        assert "Nothing waits for a decision" in text_of(client_for(officer()).get("/staff/claims/"))


class TestWhoSeesAClaim:
    def test_a_lead_sees_the_claims_on_their_own_activities_and_of_others_not_even_that_they_are_there(self):
        mine, others = led_by(lead(), submitted(person("Mine"))), submitted(person("Others"))
        told = text_of(client_for(lead()).get("/staff/claims/"))
        assert "Mine" in told and "Others" not in told
        assert look(lead(), mine).status_code == 200
        assert look(lead(), others).status_code == 404

    def test_a_lead_is_told_nothing_of_bank_details_staff_notes_or_history(self):
        claim = led_by(lead(), submitted(person()))
        Claim.objects.filter(pk=claim.pk).update(staff_note="Ring after six.")
        told = text_of(look(lead(), claim))
        assert "Bank details" not in told and "History" not in told and "Ring after six" not in told
        assert "Ring after six" in text_of(look(officer(), claim))

    @pytest.mark.parametrize("role", [auditor, authoriser])
    def test_who_does_not_decide_reads_all_of_it_and_is_offered_no_decision(self, role):
        claim = submitted(person())
        page = look(role(), claim)
        assert "Checks" in text_of(page) and "History" in text_of(page)
        assert "Approve" not in page.content.decode().split("<main")[1].split("</main>")[0].replace("Approved", "")

    @pytest.mark.parametrize("role", [auditor, authoriser, lead])
    @pytest.mark.parametrize(
        "deed", ["approve-claim", "approve-claim-part", "return-claim", "refuse-claim", "undo-approval"]
    )
    def test_nor_is_it_done_when_they_send_it(self, role, deed):
        claim = led_by(lead(), submitted(person()))
        assert send(role(), claim, deed, words="x", why="x", can_do="x").status_code == 403
        assert status_of(claim) == "submitted"

    def test_a_claim_that_there_is_not_is_not_found(self):
        assert client_for(officer()).get("/staff/claims/23456-789AB/").status_code == 404


class TestOneClaim:
    def test_every_check_is_listed_with_its_figures(self):
        told = text_of(look(officer(), submitted(person(), costs={"train": "12.40", "taxi": "9.00"})))
        for words in (
            "Claimed: 2 hours. The session was planned for 2 hours.",
            "Nobody recorded attendance.",
            "Sent 10 days after the activity.",
            "Train: receipt",
            "Nobody is named who agreed to it beforehand.",
            "No other claim of this person is for 10 November 2026.",
        ):
            assert words in told

    def test_another_claim_of_the_same_person_on_the_same_day_is_shown(self):
        who = person()
        one, other = submitted(who), submitted(who, kind="steering-group")
        assert other.reference in text_of(look(officer(), one))

    def test_a_lead_is_not_told_of_what_somebody_does_elsewhere(self):
        who = person(bank=False)
        claim, other = led_by(lead(), submitted(who)), submitted(who, kind="steering-group")
        activity = other.participation.activity
        activity.title = "Survivors' group"
        activity.save()
        told = text_of(look(lead(), claim))
        assert "Survivors" not in told and other.reference not in told
        assert "No other claim of this person is for 10 November 2026 at your activities." in told
        assert "As expected" in text_of(client_for(lead()).get("/staff/claims/")), "no count of checks they cannot read"
        led_by(lead(), other)
        assert other.reference in text_of(look(lead(), claim))

    def test_a_rate_that_is_not_the_one_offered_is_something_to_look_at(self):
        claim = submitted(person())
        Participation.objects.filter(claims=claim).update(rate=Decimal("20.00"))
        Claim.objects.filter(pk=claim.pk).update(rate=Decimal("20.00"))
        told = text_of(look(officer(), claim))
        assert "£30.00: 2 hours at £15.00 an hour" in told
        assert "Offered at £20.00 an hour. The policy’s rate on that day: £15.00. Please look" in told

    @pytest.mark.parametrize(
        "outcome, words",
        [
            ("offered", "Payment is offered to this person. As expected"),
            ("not_offered", "They are there in time that an employer pays for. Please look"),
            ("talk_first", "We said we would talk first. That is no reason to refuse. Please look"),
        ],
    )
    def test_the_decider_reads_what_the_one_question_led_to(self, outcome, words):
        claim = submitted(person())
        assert "Nobody recorded an answer to who pays for this time. Not recorded" in text_of(look(officer(), claim))
        asked = {"person": claim.person, "answer": "x", "outcome": outcome, "why": "x", "answered_at": DECIDED}
        check = EligibilityCheck.objects.create(**asked)
        Participation.objects.filter(claims=claim).update(eligibility_check=check)
        assert words in text_of(look(officer(), claim))

    def test_a_receipt_is_what_somebody_says_and_a_car_is_theirs(self):
        told = text_of(look(officer(), submitted(person(), costs={"train": "12.40", "car": "5.50"})))
        assert "They say they have the receipt." in told and "seen" not in told
        assert "Own car" in told and "Your own car" not in told

    def test_what_no_bank_can_pay_is_not_said_to_wait_for_the_next_run(self):
        told = text_of(look(officer(), approved(person(bank=False))))
        assert "Cannot be paid yet. We have no bank details for this person." in told
        assert "Waits for the next run" not in told
        assert "Waits for the next run" in text_of(look(officer(), approved(person())))

    def test_a_refused_claim_says_that_it_stays_so(self):
        claim = submitted(person())
        refuse_claim(claim.pk, "x", by=officer(), at=DECIDED)
        assert "A refusal stays: it cannot be undone here." in text_of(look(officer(), claim))

    def test_the_address_of_its_button_leads_to_the_claim(self):
        claim = submitted(person())
        assert look(officer(), claim, "approve-claim")["Location"] == f"/staff/claims/{claim.reference}/"

    def test_says_when_it_is_paid_if_approved_now_and_what_one_confirms(self):
        told = text_of(look(officer(), submitted(person("Ada Example"), on=date(2026, 11, 16))))
        assert "Approved now, it is paid on Friday 27 November 2026 , 11 days after the activity." in told
        assert "approve it by 12:00 on Wednesday 25 November 2026" in told
        assert "By approving you confirm that Ada Example took part for the hours claimed" in told

    def test_time_and_costs_are_never_added(self):
        told = text_of(look(officer(), submitted(person(), costs={"train": "12.40", "bus": "3.00"})))
        assert "£30.00" in told and "£15.40" in told and "45.40" not in told

    def test_history_says_who_and_when_and_whose_words_they_are(self):
        claim = submitted(person("Ada Example"))
        boss = officer()
        return_claim(claim.pk, "Please send the ticket.", by=boss, at=DECIDED)
        told = text_of(look(auditor(), claim))
        assert "Returned for one more thing" in told and "Staff wrote: Please send the ticket." in told
        assert f"Fri 20 Nov 2026, 12:00 Returned for one more thing {boss.name}" in told

    def test_costs_the_same_queries_however_long_its_history_is(self):
        short, long = submitted(person(), costs={"bus": "1.00"}), submitted(person())
        for mode in ("bus", "train", "parking"):
            long.expenses.create(mode=mode, amount_asked=Decimal("2.00"), receipt=True)
        for _ in range(6):
            return_claim(long.pk, "One more thing.", by=officer(), at=DECIDED)
            submit_claim(long.pk, by=long.person, at=DECIDED)
        client, counts = client_for(officer()), []
        for claim in (short, long):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("staff-claim", args=[claim.reference]))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 18


class TestDeciding:
    def test_approving_owes_its_parts_says_so_and_goes_to_the_next_claim(self):
        claim, following = submitted(person(), costs={"train": "12.40"}), submitted(person())
        client = client_for(officer())
        answer = send(None, claim, "approve-claim", client)
        assert (answer.status_code, answer["Location"]) == (302, f"/staff/claims/{following.reference}/")
        assert status_of(claim) == "approved"
        assert sorted(claim.payables.values_list("part", "amount")) == [
            ("expenses", Decimal("12.40")),
            ("recognition", Decimal("30.00")),
        ]
        told = text_of(client.get(answer["Location"]))
        assert f"Claim {claim.reference} approved: £12.40 for costs and £30.00 for the time." in told
        assert "The next pay day is Friday 27 November 2026." in told
        assert audit_money()["broken"] == []

    def test_after_the_last_one_the_in_tray_says_that_nothing_waits(self):
        client = client_for(officer())
        answer = send(None, submitted(person()), "approve-claim", client)
        assert answer["Location"] == "/staff/claims/"
        assert "No other claim waits for you." in text_of(client.get("/staff/claims/"))

    def test_the_next_claim_is_never_ones_own_or_one_they_entered(self):
        boss = officer()
        claim = submitted(person())
        submitted(boss), submitted(person(), entered_by=boss)
        free = submitted(person())
        assert send(boss, claim, "approve-claim")["Location"] == f"/staff/claims/{free.reference}/"

    def test_sent_twice_it_is_done_once_and_the_second_page_says_who_did_it(self):
        claim, client = submitted(person()), client_for(officer())
        seen = in_tray.last_event(claim)
        assert send(None, claim, "approve-claim", client, seen=seen).status_code == 302
        again = send(None, claim, "approve-claim", client, seen=seen)
        assert again.status_code == 409
        assert "Approved by you, 10:00 on Monday 23 November 2026." in text_of(again)
        assert claim.payables.count() == 1

    @pytest.mark.parametrize("deed", ["approve-claim", "return-claim", "refuse-claim"])
    def test_a_page_that_somebody_else_overtook_does_nothing_and_says_by_whom(self, deed):
        claim = submitted(person())
        seen = in_tray.last_event(claim)
        other = make_staff("second@example.org", Role.PAYMENTS_OFFICER, at=DECIDED, name="Bela Second")
        return_claim(claim.pk, "The ticket, please.", by=other, at=NOW)
        answer = send(officer(), claim, deed, seen=seen, words="x", why="x", can_do="x")
        assert answer.status_code == 409
        assert "Returned for one more thing by Bela Second, 10:00 on Monday 23 November 2026." in text_of(answer)
        assert status_of(claim) == "returned" and claim.decided_by == other

    def test_a_claim_sent_anew_since_it_was_seen_is_looked_at_again(self):
        claim = submitted(person())
        seen = in_tray.last_event(claim)
        return_claim(claim.pk, "The ticket, please.", by=officer(), at=NOW)
        submit_claim(claim.pk, by=claim.person, at=NOW)
        assert send(officer(), claim, "approve-claim", seen=seen).status_code == 409
        assert status_of(claim) == "submitted"

    @pytest.mark.parametrize("seen", ["", "x", "9" * 30])
    def test_a_page_that_says_nothing_sensible_of_what_it_showed_does_nothing(self, seen):
        claim = submitted(person())
        return_claim(claim.pk, "The ticket, please.", by=officer(), at=NOW)
        submit_claim(claim.pk, by=claim.person, at=NOW)
        assert send(officer(), claim, "approve-claim", seen=seen).status_code in (409, 422)
        assert status_of(claim) == "submitted"

    def test_nobody_decides_their_own_claim_and_the_page_says_why(self):
        boss = officer()
        own, entered = submitted(boss), submitted(person(), entered_by=boss)
        for claim, why in ((own, "This is your own claim"), (entered, "You entered this claim")):
            page = look(boss, claim)
            assert why in text_of(page) and "Your decision" not in text_of(page)
            answer = send(boss, claim, "approve-claim")
            assert answer.status_code == 422 and why in text_of(answer)
            for deed in ("return-claim", "refuse-claim", "approve-claim-part"):
                assert look(boss, claim, deed).status_code == 302
            assert status_of(claim) == "submitted"

    def test_a_decision_for_a_closed_run_is_refused_with_the_reason_the_command_prints(self):
        claim = submitted(person())
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        answer = send(officer(), claim, "approve-claim")
        assert answer.status_code == 422
        assert "There is a problem" in text_of(answer) and "That run is closed" in text_of(answer)
        assert "<title>Error: " in answer.content.decode()


class TestApprovingPart:
    def test_the_form_shows_what_was_asked_for_each_cost(self):
        told = look(officer(), submitted(person(), costs={"train": "12.40", "bus": "3.00"}), "approve-claim-part")
        assert "Train: £12.40 asked" in text_of(told) and 'value="12.40"' in told.content.decode()

    def test_less_is_approved_with_its_reason_and_the_rest_as_asked(self):
        claim = submitted(person(), costs={"train": "12.40", "bus": "3.00"})
        train, bus = claim.expenses.order_by("pk")
        typed = {f"amount_{train.pk}": "£10", f"reason_{train.pk}": "Only the return.", f"amount_{bus.pk}": "3.00"}
        assert send(officer(), claim, "approve-claim-part", **typed).status_code == 302
        assert list(claim.expenses.order_by("pk").values_list("amount_approved", "approved_because")) == [
            (Decimal("10.00"), "Only the return."),
            (Decimal("3.00"), ""),
        ]
        assert claim.payables.get(part="expenses").amount == Decimal("13.00")
        assert "Only the return." in text_of(look(auditor(), claim))

    def test_less_without_a_reason_says_where_and_keeps_what_was_typed(self):
        claim = submitted(person(), costs={"train": "12.40", "bus": "3.00"})
        train, bus = claim.expenses.order_by("pk")
        answer = send(officer(), claim, "approve-claim-part", **{f"amount_{train.pk}": "10.5", f"amount_{bus.pk}": "x"})
        page = answer.content.decode()
        assert answer.status_code == 422 and status_of(claim) == "submitted"
        assert f'href="#id_reason_{train.pk}"' in page and f'href="#id_amount_{bus.pk}"' in page
        assert 'value="10.5"' in page and 'value="x"' in page

    def test_words_that_are_too_long_are_said_beside_their_box_and_nothing_is_lost(self):
        claim = submitted(person(), costs={"train": "12.40"})
        [train] = claim.expenses.all()
        typed = {f"amount_{train.pk}": "5", f"reason_{train.pk}": "x" * 1001}
        answer = send(officer(), claim, "approve-claim-part", **typed)
        assert answer.status_code == 422 and "Write it in 1000 letters or fewer." in text_of(answer)
        assert "x" * 1001 in answer.content.decode()

    def test_more_than_was_asked_is_said_once_beside_the_amount(self):
        claim = submitted(person(), costs={"train": "12.40"})
        [train] = claim.expenses.all()
        answer = send(officer(), claim, "approve-claim-part", **{f"amount_{train.pk}": "999", f"reason_{train.pk}": ""})
        assert answer.context["form"].errors == {
            f"amount_{train.pk}": ["Approve between nothing and what was asked. A top-up can add what is missing."]
        }

    def test_more_than_was_asked_is_refused_by_the_rule(self):
        claim = submitted(person(), costs={"train": "12.40"})
        amount = f"amount_{claim.expenses.get().pk}"
        answer = send(officer(), claim, "approve-claim-part", **{amount: "13.00"})
        assert answer.status_code == 422 and "what was asked" in text_of(answer)
        assert status_of(claim) == "submitted"


class TestReturningAndRefusing:
    def test_what_is_needed_is_sent_back_in_words(self):
        claim = submitted(person())
        assert send(officer(), claim, "return-claim", words="The train ticket, please.").status_code == 302
        assert status_of(claim) == "returned"
        assert Event.objects.get(what="claim returned").words.text == "The train ticket, please."

    def test_a_refusal_says_why_and_what_can_be_done_next(self):
        claim = submitted(person())
        send(officer(), claim, "refuse-claim", why="Not an activity of ours.", can_do="Ring your own council.")
        assert status_of(claim) == "refused"
        told = Event.objects.get(what="claim refused").words.text
        assert told == "Not an activity of ours.\n\nWhat you can do next: Ring your own council."

    @pytest.mark.parametrize("deed", ["return-claim", "refuse-claim"])
    def test_without_words_nothing_happens_and_the_page_says_what_is_missing(self, deed):
        claim = submitted(person())
        answer = send(officer(), claim, deed, words="  ", why="", can_do="")
        assert answer.status_code == 422 and "so that the person can be told" in text_of(answer)
        assert status_of(claim) == "submitted"


class TestUndoing:
    def test_an_approval_is_undone_until_a_run_covers_it(self):
        claim = approved(person())
        assert "Undo this approval" in text_of(look(officer(), claim))
        answer = send(officer(), claim, "undo-approval", why="A slip.")
        assert answer["Location"] == f"/staff/claims/{claim.reference}/"
        assert status_of(claim) == "submitted"
        assert not Payable.objects.filter(claim=claim, voided_at__isnull=True).exists()
        assert audit_money()["broken"] == []

    def test_once_a_run_covers_it_the_page_says_so_and_the_deed_is_refused(self):
        claim = approved(person())
        prepare_run(PAY_DAY, by=None, at=AFTER_CUT_OFF)
        page = text_of(look(officer(), claim))
        assert "A payment run covers this claim" in page and "Undo this approval" not in page
        answer = send(officer(), claim, "undo-approval", why="A slip.")
        assert answer.status_code == 422 and "A payment run covers this claim" in text_of(answer)
        assert status_of(claim) == "approved"

    def test_its_words_stay_with_the_office_as_its_page_promises(self):
        claim = approved(person())
        assert "Only staff read these words." in text_of(look(officer(), claim, "undo-approval"))
        send(officer(), claim, "undo-approval", why="Said by a colleague.")
        mine = client_for(claim.person)
        for address in ("/me/", "/me/claims/", reverse("claim", args=[claim.reference])):
            assert "Said by a colleague" not in text_of(mine.get(address)), address
        told = text_of(look(officer(), claim))
        assert told.count("Said by a colleague.") == 1, "one deed, told once"

    def test_a_reason_is_needed(self):
        claim = approved(person())
        assert send(officer(), claim, "undo-approval", why=" ").status_code == 422
        assert status_of(claim) == "approved"


class TestWhereThePolicyStatesNoAmount:
    @pytest.fixture
    def claim(self):
        claim = submitted(person("Ada Example"))
        Claim.objects.filter(pk=claim.pk).update(full_amount=None, rate=None)
        return claim

    def test_it_is_not_approved_before_somebody_says_what_the_time_is_worth(self, claim):
        page = look(officer(), claim)
        assert "The policy states no amount" in text_of(page) and "Approve all of it" not in text_of(page)
        assert "No amount yet" in text_of(client_for(officer()).get("/staff/claims/"))
        assert send(officer(), claim, "approve-claim").status_code == 422
        assert status_of(claim) == "submitted"

    def test_the_amount_is_kept_with_its_reason_and_the_claim_can_be_decided(self, claim):
        answer = send(officer(), claim, "state-claim-amount", amount="45", why="As for a panel.")
        assert answer["Location"] == f"/staff/claims/{claim.reference}/"
        told = text_of(look(officer(), claim))
        assert "£45.00" in told and "Staff wrote: As for a panel." in told and "Approve all of it" in told

    def test_a_slip_can_be_put_right_until_the_claim_is_decided(self, claim):
        send(officer(), claim, "state-claim-amount", amount="3000", why="A slip.")
        told = text_of(look(officer(), claim, "state-claim-amount"))
        assert "It was said to be worth £3,000.00" in told
        send(officer(), claim, "state-claim-amount", amount="30", why="As for a panel.")
        claim.refresh_from_db()
        assert claim.full_amount == Decimal("30.00")
        told = text_of(look(officer(), claim))
        assert "Amount for the time stated: £30.00" in told and "Change that amount" in told
        assert Event.objects.filter(what="amount stated").latest("pk").facts == {"amount": "30.00", "before": "3000.00"}
        approve_claims([claim.pk], by=officer(), at=NOW)
        with pytest.raises(Refused):
            state_amount(claim.pk, Decimal("31.00"), "x", by=officer(), at=NOW)

    def test_the_person_reads_why_and_the_page_says_so(self, claim):
        assert "They read these words." in text_of(look(officer(), claim, "state-claim-amount"))
        send(officer(), claim, "state-claim-amount", amount="30", why="As for a panel.")
        mine = client_for(claim.person).get(reverse("claim", args=[claim.reference]))
        assert "As for a panel." in text_of(mine)

    @pytest.mark.parametrize("amount", ["37,50", "3,75", "1,2,3"])
    def test_pence_behind_a_comma_are_never_a_hundred_times_as_much(self, claim, amount):
        assert send(officer(), claim, "state-claim-amount", amount=amount, why="x").status_code == 422
        assert send(officer(), claim, "state-claim-amount", amount="£1,250.00", why="x").status_code == 302
        claim.refresh_from_db()
        assert claim.full_amount == Decimal("1250.00")

    def test_what_is_not_an_amount_and_what_needs_none_is_refused(self, claim):
        for typed in ({"amount": "0", "why": "x"}, {"amount": "lots", "why": "x"}, {"amount": "5", "why": ""}):
            assert send(officer(), claim, "state-claim-amount", **typed).status_code == 422
        stated = send(officer(), submitted(person()), "state-claim-amount", amount="5", why="x")
        assert stated.status_code == 422 and "The policy says what this claim comes to" in text_of(stated)


@contextmanager
def held_by_somebody_else(claim):
    """Another connection has the claim's row."""
    import psycopg2

    other = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM payments_claim WHERE id = %s FOR UPDATE", [claim.pk])
            yield
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_somebody_is_at_work_on_is_a_try_again_and_no_crash(monkeypatch):
    monkeypatch.setattr("eligibility.busy.PATIENCE", "100ms")
    claim = submitted(person())
    with held_by_somebody_else(claim):
        answer = send(officer(), claim, "approve-claim")
    assert answer.status_code == 422 and "try again in a minute" in text_of(answer)
    assert status_of(claim) == "submitted"
    approve_claims([claim.pk], by=officer(), at=NOW)
