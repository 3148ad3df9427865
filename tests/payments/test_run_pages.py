"""Payment runs on pages: the calendar, one run from its preview to the bank and back, and who may do what there."""

import re
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from threading import Event as Signal

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import FrameworkVersion
from eligibility import busy, second_factor
from eligibility.models import Event, StaffRole
from eligibility.operations import make_staff
from eligibility.roles import Role
from payments import payables
from payments.bank_files import make_file
from payments.books import close_books
from payments.models import Document, Payable, Payment, PaymentRun
from payments.reports import preflight
from payments.reports.year import calendar_of_years
from payments.runs import authorise_run, cancel_run, lists_taken, mark_sent, prepare_run, settle_run
from tests.doors import client_for
from tests.payments.office import (
    AFTER_CUT_OFF,
    DECIDED,
    PAY_DAY,
    approved,
    authoriser,
    give_bank_details,
    london,
    officer,
    person,
    surrey,
)

pytestmark = pytest.mark.django_db
RUN = f"/staff/runs/{PAY_DAY}/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def the_office_clock(monkeypatch):
    """Every page is looked at in the evening after the cut-off, unless a test says otherwise."""

    def moves_to(at):
        monkeypatch.setattr(timezone, "now", lambda: at)

    moves_to(AFTER_CUT_OFF)
    return moves_to


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()


def auditor():
    return make_staff("auditor@example.org", Role.AUDITOR, at=DECIDED)


def prepared() -> PaymentRun:
    return prepare_run(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)


def authorised() -> PaymentRun:
    prepared()
    return authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)


def sent() -> PaymentRun:
    authorised()
    return mark_sent(PAY_DAY, by=officer(), at=AFTER_CUT_OFF)


def sole_run() -> PaymentRun:
    return PaymentRun.objects.get()


def words(response) -> str:
    """What a page says, without its markup."""
    text = response.content.decode()
    main = text[text.index("<main") :]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split()).replace("&#x27;", "'").replace("&#39;", "'")


def with_app(who):
    """The person with an authenticator app, and the digits it shows."""
    second_factor.set_up(who, SECRET, at=DECIDED, by=who)
    return who


def digits(periods_later: int = 0) -> str:
    """What the app shows. The code is checked by the true clock, whatever the office's says."""
    import time
    from datetime import UTC, datetime

    return second_factor.digits_now(SECRET, datetime.fromtimestamp(time.time() + 30 * periods_later, UTC))


def typed(run: PaymentRun, **more) -> dict:
    return {"digest": run.digest, "seen": run.pk, "code": digits(), **more}


class TestTheCalendar:
    def test_it_says_which_run_closes_next_and_until_when(self, the_office_clock):
        surrey()
        the_office_clock(london("2026-11-24T12:00"))
        page = words(client_for(officer()).get("/staff/runs/"))
        assert "Next to close: the run of Friday 27 November 2026" in page
        assert "Claims approved by 12:00 on Wednesday 25 November are paid then. That is in 24 hours." in page

    def test_a_run_that_waits_for_somebody_comes_first(self):
        surrey()
        prepared()
        page = words(client_for(officer()).get("/staff/runs/"))
        assert page.index("27 November 2026 is prepared") < page.index("Next to close")

    def test_the_next_to_close_is_one_that_is_not_prepared_yet(self, the_office_clock):
        surrey()
        prepared()
        the_office_clock(london("2026-11-24T12:00"))
        page = words(client_for(officer()).get("/staff/runs/"))
        assert "Next to close: the run of Friday 11 December 2026" in page

    def test_christmas_day_is_paid_the_day_before_and_says_why(self):
        surrey()
        page = words(client_for(officer()).get("/staff/runs/"))
        assert "Thu 24 Dec" in page and "Friday 25 December 2026 is a bank holiday: Christmas Day." in page

    def test_S76_a_gap_of_21_days_names_the_extra_run_that_would_fill_it(self):
        surrey()
        page = words(client_for(officer()).get("/staff/runs/"))
        assert "21 days after the run before. An extra run on Friday 23 October 2026 would fill the gap." in page

    def test_the_share_kept_is_that_of_the_forecast(self):
        surrey()
        found = calendar_of_years([2026, 2027], PAY_DAY)
        for year in found.years:
            assert sum(month.kept for month in year.months) == year.forecast.kept_days
            assert sum(month.days for month in year.months) == 365
        page = words(client_for(officer()).get("/staff/runs/"))
        assert f"2026: {found.years[0].forecast.share}% of days" in page

    def test_where_no_framework_says_when_people_are_paid_the_page_says_so_and_promises_nothing(self):
        assert not FrameworkVersion.objects.exists()
        page = words(client_for(officer()).get("/staff/runs/"))
        assert "No framework in use here says when people are paid." in page and "How far the promise" not in page

    def test_a_run_shows_its_state_and_its_time_and_costs_apart(self):
        approved(person(), costs={"bus": "4.10"})
        sent()
        page = words(client_for(auditor()).get("/staff/runs/"))
        assert "Sent 1 bank payment: time £30.00, costs £4.10" in page and "34.10" not in page

    def test_its_queries_do_not_grow_with_the_runs(self):
        approved(person())
        prepared()
        client = client_for(officer())
        client.get("/staff/runs/")
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get("/staff/runs/")
        approved(person(), at=london("2026-12-01T12:00"))
        prepare_run(date(2026, 12, 11), by=officer(), at=london("2026-12-09T18:00"))
        with CaptureQueriesContext(connection) as more:
            client.get("/staff/runs/")
        assert len(more) == len(few)


class TestTheDayOfARun:
    def test_the_nominal_friday_leads_to_the_pay_day(self):
        surrey()
        answer = client_for(officer()).get("/staff/runs/2026-12-25/")
        assert (answer.status_code, answer["Location"]) == (302, "/staff/runs/2026-12-24/")

    @pytest.mark.parametrize("on", ["2026-11-28", "2026-11-3", "soon", "0001-01-01", "9999-12-31", "2026-02-30"])
    def test_any_other_day_is_not_found_and_says_what_to_do(self, on):
        surrey()
        answer = client_for(officer()).get(f"/staff/runs/{on}/")
        assert answer.status_code == 404 and "See all pay days" in words(answer)

    def test_a_day_in_between_names_the_pay_days_of_its_month(self):
        surrey()
        page = words(client_for(officer()).get("/staff/runs/2026-11-20/"))
        assert "people are paid on 13 November 2026 or 27 November 2026" in page


class TestBeforeItIsPrepared:
    def test_it_shows_what_it_would_pay_and_stores_nothing(self, the_office_clock):
        approved(person("Ada"), costs={"bus": "4.10"})
        the_office_clock(london("2026-11-24T12:00"))
        page = words(client_for(officer()).get(RUN))
        assert "Bank payments: for time £30.00" in page and "Bank payments: for costs £4.10" in page
        assert "34.10" not in page and "Prepare this run" not in page
        assert not PaymentRun.objects.exists() and not Event.objects.filter(what="run prepared").exists()

    def test_after_the_cut_off_an_officer_prepares_it_and_a_second_press_explains(self):
        approved(person())
        client = client_for(officer())
        assert "Prepare this run" in words(client.get(RUN))
        assert "The run is prepared." in words(client.post(f"{RUN}prepare/", follow=True))
        again = client.post(f"{RUN}prepare/", follow=True)
        assert "prepared before, by officer at 18:00" in words(again) or "The run is prepared." in words(again)
        assert PaymentRun.objects.count() == 1

    def test_before_the_cut_off_it_is_refused_as_the_command_refuses_it(self, the_office_clock):
        surrey()
        the_office_clock(london("2026-11-25T11:59"))
        answer = client_for(officer()).post(f"{RUN}prepare/")
        assert answer.status_code == 422
        assert "The cut-off of this run is 12:00 on Wednesday 25 November 2026. Prepare it then." in words(answer)

    def test_blocked_and_held_are_shown_with_their_fix_and_never_why_they_are_held(self):
        approved(person("Bea Blocked", bank=False))
        approved(person("Hal Held"))
        held = Payable.objects.get(claim__person__name="Hal Held")
        payables.hold_by_staff(held.pk, "secret words", review_on=date(2026, 12, 3), by=officer(), at=DECIDED)
        page = words(client_for(auditor()).get(RUN))
        assert "1 amount: We have no bank details for this person." in page
        assert "Who can: The person, or a payments officer for them." in page
        assert "Bea Blocked" in page and "Hal Held" in page and "Staff: officer" in page
        assert "secret words" not in page


class TestPreparing:
    def test_a_pay_day_that_has_gone_by_is_not_prepared_from_its_page(self, the_office_clock):
        approved(person())
        the_office_clock(london("2026-11-28T09:00"))
        client = client_for(officer())
        assert "Prepare this run" not in words(client.get(RUN))
        answer = client.post(f"{RUN}prepare/")
        assert answer.status_code == 422 and "This pay day has gone by." in words(answer)
        assert not PaymentRun.objects.exists()

    def test_the_address_of_its_button_leads_to_the_run(self):
        assert client_for(officer()).get(f"{RUN}prepare/")["Location"] == RUN

    def test_only_the_next_run_says_what_it_would_pay_today(self, the_office_clock):
        approved(person())
        the_office_clock(london("2026-11-23T09:00"))
        client = client_for(officer())
        assert "What it would pay" in words(client.get(RUN))
        later = words(client.get("/staff/runs/2026-12-11/"))
        assert "Other runs come before this one" in later and "£30.00" not in later


class TestAuthorising:
    def test_the_page_names_who_may_and_tells_the_others_every_reason(self):
        approved(person())
        prepared()
        authoriser()
        page = words(client_for(officer()).get(RUN))
        assert "authoriser may authorise it" in page and "You cannot authorise" not in page
        StaffRole.objects.create(person=officer(), role=Role.AUTHORISER, given_at=DECIDED)
        page = words(client_for(officer()).get(RUN))
        for reason in (
            "You prepared this run, so somebody else authorises it.",
            "You decided a claim in this run, so somebody else authorises it.",
        ):
            assert reason in page

    def test_it_takes_the_digest_that_was_looked_at_and_a_code_typed_again(self):
        approved(person())
        run = prepared()
        client = client_for(with_app(authoriser()))
        assert 'name="digest"' in client.get(RUN).content.decode()
        answer = client.post(f"{RUN}authorise/", typed(run), follow=True)
        assert "You authorised this run." in words(answer)
        run.refresh_from_db()
        assert run.authorised_by == authoriser()

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef"])
    def test_a_code_that_is_none_is_asked_for_again(self, code):
        run = prepared()
        answer = client_for(with_app(authoriser())).post(f"{RUN}authorise/", typed(run, code=code))
        assert answer.status_code == 422 and PaymentRun.objects.get().state == "prepared"

    def test_a_wrong_code_releases_nothing(self):
        run = prepared()
        wrong = "000000" if digits() != "000000" else "000001"
        answer = client_for(with_app(authoriser())).post(f"{RUN}authorise/", typed(run, code=wrong))
        assert answer.status_code == 422 and second_factor.WRONG.text in words(answer)
        assert PaymentRun.objects.get().state == "prepared"

    def test_a_code_works_once(self):
        run = prepared()
        who = with_app(authoriser())
        assert second_factor.confirm(who, digits()) == []
        answer = client_for(who).post(f"{RUN}authorise/", typed(run))
        assert second_factor.WRONG.text in words(answer) and PaymentRun.objects.get().state == "prepared"

    def test_a_recovery_code_does_not_authorise(self):
        who = with_app(authoriser())
        [code, *_] = second_factor.unused_recovery_codes(who)
        assert second_factor.confirm(who, code) == [second_factor.WRONG]
        assert code in second_factor.unused_recovery_codes(who)

    def test_guessing_codes_ends_soon(self):
        run = prepared()
        client = client_for(with_app(authoriser()))
        tries = [client.post(f"{RUN}authorise/", typed(run, code=f"{n:06}")).status_code for n in range(7)]
        assert tries[0] == 422 and tries[-1] == 429

    def test_another_run_than_was_looked_at_is_refused(self):
        approved(person())
        first = prepared()
        stale = typed(first)
        cancel_run(PAY_DAY, "one more claim", by=officer(), at=AFTER_CUT_OFF)
        give_bank_details(person("Late", bank=False))
        approved(person("Bea"), at=DECIDED)
        prepared()
        answer = client_for(with_app(authoriser())).post(f"{RUN}authorise/", stale)
        assert answer.status_code == 422 and "This is not the run you looked at." in words(answer)
        assert PaymentRun.objects.get(cancelled_at__isnull=True).state == "prepared"

    def test_the_same_run_prepared_anew_is_not_the_one_that_was_looked_at(self):
        approved(person())
        stale = typed(prepared())
        cancel_run(PAY_DAY, "by mistake", by=officer(), at=AFTER_CUT_OFF)
        prepared()
        answer = client_for(with_app(authoriser())).post(f"{RUN}authorise/", stale)
        assert "prepared anew after you opened the page" in words(answer)

    def test_who_had_a_hand_in_it_is_refused_with_every_reason_and_no_code_is_used_up(self):
        both = with_app(make_staff("both@example.org", Role.AUTHORISER, at=DECIDED))
        approved(person("Ada"), by=both)
        run = prepare_run(PAY_DAY, by=both, at=AFTER_CUT_OFF)
        answer = client_for(both).post(f"{RUN}authorise/", typed(run))
        assert "You prepared this run" in words(answer) and "You decided a claim in this run" in words(answer)
        assert second_factor.confirm(both, digits()) == []

    def test_the_second_press_explains(self):
        approved(person())
        run = prepared()
        who = with_app(authoriser())
        data = typed(run)
        client = client_for(who)
        client.post(f"{RUN}authorise/", data)
        answer = client.post(f"{RUN}authorise/", data)
        assert answer.status_code == 422
        assert "This run is authorised, so there is nothing to authorise." in words(answer)
        assert "Authorised by authoriser at 18:00" in words(answer)
        assert Event.objects.filter(what="run authorised").count() == 1


@pytest.mark.django_db(transaction=True)
class TestTwoPeopleAtOnce:
    def press(self, people, run) -> list:
        """All of them press Authorise at the same moment, each with their own code."""
        together, answers = Barrier(len(people)), []

        def one(who):
            client = client_for(who)
            together.wait()
            answers.append(client.post(f"{RUN}authorise/", typed(run)))
            connection.close()

        threads = [Thread(target=one, args=[who]) for who in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers, key=lambda answer: answer.status_code)

    def test_two_authorisers_make_one_decision_and_one_explanation(self):
        approved(person())
        run = prepared()
        people = [with_app(authoriser(f"authoriser-{n}@example.org")) for n in range(2)]
        done, explained = self.press(people, run)
        assert (done.status_code, explained.status_code) == (302, 422)
        assert "This run is authorised, so there is nothing to authorise." in words(explained)
        assert Event.objects.filter(what="run authorised").count() == 1

    def test_one_authoriser_pressing_twice_makes_one_decision(self):
        approved(person())
        run = prepared()
        who = with_app(authoriser())
        done, explained = self.press([who, who], run)
        assert (done.status_code, explained.status_code) == (302, 422)
        assert Event.objects.filter(what="run authorised").count() == 1


class TestCancelling:
    def test_it_needs_a_reason_and_frees_the_day(self):
        approved(person())
        run = prepared()
        client = client_for(officer())
        assert client.post(f"{RUN}cancel/", {"seen": run.pk, "reason": " "}).status_code == 422
        answer = client.post(f"{RUN}cancel/", {"seen": run.pk, "reason": "one claim too many"}, follow=True)
        page = words(answer)
        assert "The run is cancelled." in page and "cancelled by officer" in page and "one claim too many" in page
        assert "Prepare this run" in page

    def test_after_its_list_was_taken_somebody_answers_for_it_or_it_stays(self):
        approved(person())
        run = authorised()
        make_file(PAY_DAY, "generic", by=authoriser(), reason="to the bank", at=AFTER_CUT_OFF)
        client = client_for(officer())
        page = client.get(f"{RUN}cancel/")
        told = words(page)
        assert "people would be paid twice" in told and "authoriser" in told and "to the bank" in told
        typed = {"seen": run.pk, "reason": "a payment is missing", "taken": page.context["form"]["taken"].value()}
        answer = client.post(f"{RUN}cancel/", typed)
        assert answer.status_code == 422 and "Say that no list was sent" in words(answer)
        assert PaymentRun.objects.get().state == "authorised"
        answer = client.post(f"{RUN}cancel/", typed | {"not_sent": "on"}, follow=True)
        assert "Confirmed that none of its lists was sent or will be" in words(answer)
        assert Event.objects.get(what="run cancelled").facts["lists_not_sent_up_to"] == typed["taken"]

    def test_a_list_taken_while_somebody_confirms_is_not_covered_by_it(self):
        approved(person())
        run = authorised()
        make_file(PAY_DAY, "generic", by=authoriser(), reason="to the bank", at=AFTER_CUT_OFF)
        client = client_for(officer())
        known = client.get(f"{RUN}cancel/").context["form"]["taken"].value()
        make_file(PAY_DAY, "generic", by=authoriser(), reason="once more", at=AFTER_CUT_OFF)
        typed = {"seen": run.pk, "reason": "x", "taken": known, "not_sent": "on"}
        answer = client.post(f"{RUN}cancel/", typed)
        assert answer.status_code == 422 and "was taken meanwhile" in words(answer)
        assert PaymentRun.objects.get().state == "authorised"

    def test_a_list_taken_before_the_question_was_even_asked_is_refused_too(self):
        approved(person())
        run = authorised()
        client = client_for(officer())
        client.get(f"{RUN}cancel/")
        make_file(PAY_DAY, "generic", by=authoriser(), reason="to the bank", at=AFTER_CUT_OFF)
        answer = client.post(f"{RUN}cancel/", {"seen": run.pk, "reason": "x", "taken": ""})
        assert answer.status_code == 422 and PaymentRun.objects.get().state == "authorised"

    def test_the_next_run_of_the_day_warns_of_the_lists_that_are_out(self):
        approved(person())
        authorised()
        make_file(PAY_DAY, "generic", by=officer(), reason="to the bank", at=AFTER_CUT_OFF)
        cancel_run(PAY_DAY, "again", by=officer(), at=AFTER_CUT_OFF, unsent_up_to=lists_taken([sole_run()]).last().pk)
        prepared()
        warning = "An earlier run of this day was cancelled after its lists were taken, by officer."
        assert warning in words(client_for(authoriser()).get(RUN))
        authorise_run(PAY_DAY, by=authoriser(), at=AFTER_CUT_OFF)
        assert "Never send that one." in words(client_for(officer()).get(f"{RUN}lists/generic/"))

    def test_a_run_that_was_sent_is_not_cancelled(self):
        run = sent()
        answer = client_for(officer()).post(f"{RUN}cancel/", {"seen": run.pk, "reason": "too late"})
        assert answer.status_code == 422 and "This run is sent, so it can no longer be cancelled." in words(answer)


class TestItsLists:
    def test_each_is_taken_with_a_reason_as_a_file_with_a_neutral_name(self):
        approved(person("Ada Example"))
        run = authorised()
        client = client_for(officer())
        assert client.post(f"{RUN}lists/generic/", {"seen": run.pk}).status_code == 422
        answer = client.post(f"{RUN}lists/generic/", {"seen": run.pk, "reason": "to the bank"})
        assert answer["Content-Disposition"] == 'attachment; filename="2026-11-27-bank-file.csv"'
        assert b"ADA EXAMPLE" in answer.content
        assert "£30.00 Last by officer, 18:00, Wed 25 Nov 2026" in words(client.get(RUN))
        assert "Make sure it is sent only once." in words(client.get(f"{RUN}lists/generic/"))

    def test_a_run_that_is_not_authorised_has_none(self):
        run = prepared()
        client = client_for(officer())
        assert client.get(f"{RUN}lists/generic/").status_code == 302
        answer = client.post(f"{RUN}lists/generic/", {"seen": run.pk, "reason": "early"})
        assert "Its lists can be made once it is authorised." in words(answer)

    def test_no_page_shows_an_account(self):
        approved(person("Ada"))
        run = authorised()
        account = Payment.objects.get().bank_details.account()
        client = client_for(officer())
        for address in ("/staff/runs/", RUN, f"{RUN}lines/", f"{RUN}send/", f"{RUN}report/html/", f"{RUN}report/csv/"):
            page = client.get(address).content.decode()
            assert account["account_number"] not in page, address
        assert run.state == "authorised"

    def test_a_list_that_is_none_is_not_found(self):
        authorised()
        assert client_for(officer()).get(f"{RUN}lists/passwords/").status_code == 404


class TestSendingAndAfter:
    def test_it_is_marked_sent_once_and_the_second_press_explains(self):
        approved(person())
        run = authorised()
        client = client_for(officer())
        page = words(client.get(f"{RUN}send/"))
        assert "Nobody has taken the list “Bank file” yet." in page
        assert "The run is marked as sent." in words(client.post(f"{RUN}send/", {"seen": run.pk}, follow=True))
        again = client.post(f"{RUN}send/", {"seen": run.pk})
        assert again.status_code == 422
        assert "This run is sent. Only an authorised run is marked sent, and only once." in words(again)

    def test_a_page_of_a_run_that_was_prepared_anew_marks_nothing(self):
        approved(person())
        stale = authorised()
        cancel_run(PAY_DAY, "by mistake", by=officer(), at=AFTER_CUT_OFF)
        authorised()
        answer = client_for(officer()).post(f"{RUN}send/", {"seen": stale.pk})
        assert "prepared anew after you opened the page" in words(answer)
        assert PaymentRun.objects.get(cancelled_at__isnull=True).state == "authorised"

    def test_a_payment_that_came_back_is_entered_by_reference_and_code(self):
        approved(person("Ada"))
        run = sent()
        client = client_for(officer())
        assert "until Tuesday 1 December 2026" in words(client.get(RUN))
        payment = Payment.objects.get()
        data = {"seen": run.pk, "reference": f" {payment.reference.lower()} ", "code": "5"}
        page = words(client.post(f"{RUN}came-back/", data, follow=True))
        assert "to Ada came back. What it paid waits for the next run." in page
        assert "A payment came back, bank code 5" in page
        again = client.post(f"{RUN}came-back/", data)
        assert again.status_code == 422 and "This payment is failed already." in words(again)

    @pytest.mark.parametrize("reference", ["CP 00000000", "x" * 30, "£"])
    def test_a_reference_nobody_knows_is_asked_for_again(self, reference):
        run = sent()
        answer = client_for(officer()).post(f"{RUN}came-back/", {"seen": run.pk, "reference": reference, "code": "5"})
        assert answer.status_code == 422 and "No payment has the reference" in words(answer)

    def test_a_late_return_of_a_settled_run_can_be_entered(self):
        approved(person("Ada"))
        run = sent()
        settle_run(PAY_DAY, by=None, at=london("2026-12-02T09:00"))
        data = {"seen": run.pk, "reference": Payment.objects.get().reference, "code": "ARUCS-2"}
        assert client_for(officer()).post(f"{RUN}came-back/", data).status_code == 302


class TestReports:
    @pytest.mark.parametrize("kind", ["html", "csv", "json"])
    def test_they_are_made_when_asked_for(self, kind):
        approved(person("Ada"))
        prepared()
        answer = client_for(auditor()).get(f"{RUN}report/{kind}/")
        assert answer["Content-Disposition"] == f'attachment; filename="2026-11-27-run-report.{kind}"'
        assert b"Ada" in answer.content

    def test_the_worker_s_pdf_is_handed_out_while_nothing_has_happened_since(self, settings, tmp_path):
        from hashlib import sha256

        prepared()
        settings.OUT_DIR = tmp_path
        (tmp_path / "report.pdf").write_bytes(b"%PDF-made by the worker")
        Document.objects.update(
            made_at=AFTER_CUT_OFF, path="report.pdf", sha256=sha256(b"%PDF-made by the worker").hexdigest()
        )
        client = client_for(auditor())
        assert client.get(f"{RUN}report/pdf/").content == b"%PDF-made by the worker"
        assert "The PDF was made at 18:00" in words(client.get(RUN))
        authorise_run(PAY_DAY, by=authoriser(), at=london("2026-11-25T08:00"))
        assert "The PDF is made when you ask for it." in words(client.get(RUN))

    def test_without_a_pdf_engine_the_page_says_so(self, monkeypatch):
        from eligibility.pdf import PdfEngineMissing
        from payments.pages import runs

        def missing(report):
            raise PdfEngineMissing

        prepared()
        monkeypatch.setitem(runs.FORMATS, "pdf", missing)
        assert "The PDF cannot be made here." in words(client_for(auditor()).get(f"{RUN}report/pdf/", follow=True))


class TestWhoMayDoWhat:
    @pytest.mark.parametrize("make", [auditor, lambda: make_staff("lead@example.org", Role.ACTIVITY_LEAD, at=DECIDED)])
    def test_auditors_and_leads_change_nothing(self, make):
        approved(person())
        run = prepared()
        client = client_for(make())
        for deed in ("prepare/", "authorise/", "cancel/", "send/", "came-back/", "lists/generic/"):
            answer = client.post(RUN + deed, {**typed(run), "reason": "mine", "reference": "x"})
            assert answer.status_code == 403, deed
        assert PaymentRun.objects.get().state == "prepared"

    def test_an_auditor_reads_all_of_it_and_sees_no_button(self):
        approved(person())
        authorised()
        client = client_for(auditor())
        for address in ("/staff/runs/", RUN, f"{RUN}lines/", f"{RUN}blocked/", f"{RUN}held/"):
            page = client.get(address)
            assert page.status_code == 200, address
            main = page.content.decode().split("<main")[1].split("</main")[0]
            assert "<form" not in main and "Mark as sent" not in main and "/lists/" not in main, address

    @pytest.mark.parametrize("role", [Role.ACTIVITY_LEAD, None])
    def test_a_lead_and_a_co_producer_have_no_door_here(self, role):
        who = make_staff("lead@example.org", role, at=DECIDED) if role else person()
        assert client_for(who).get("/staff/runs/").status_code == 403
        assert client_for(who).get(RUN).status_code == 403


class TestLargeRuns:
    def test_the_queries_of_its_page_do_not_grow(self):
        who = with_app(authoriser())

        def counted(people) -> int:
            for n in range(people):
                approved(person(f"Person {n:03}"), costs={"bus": "2.00"})
                approved(person(f"Blocked {n:03}", bank=False))
            run = prepared()
            client = client_for(who)
            client.get(RUN)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(RUN).status_code == 200
            cancel_run(PAY_DAY, "again", by=officer(), at=AFTER_CUT_OFF)
            assert run.pk
            return len(queries)

        counted(1)
        assert counted(2) == counted(6)

    def test_lines_are_paged_by_name_and_none_is_lost_or_shown_twice(self):
        names = [f"Person {n:02}" for n in range(7)] + ["Person 03"]
        for name in names:
            approved(person(name), costs={"bus": "2.00"})
        run = prepared()
        seen, after = [], None
        while True:
            page = preflight.lines_page(run, after=after, size=3)
            seen += page.entries
            assert len(page.entries) <= 3
            after = page.goes_on_after
            if after is None:
                break
        assert len(seen) == 16 and len({entry.key for entry in seen}) == 16
        assert [entry.payee for entry in seen] == sorted(entry.payee for entry in seen)
        assert sum(entry.amount for entry in seen if entry.part == "costs") == Decimal("16.00")

    def test_blocked_amounts_are_paged_too(self):
        for n in range(5):
            approved(person(f"Person {n}", bank=False))
        run = prepared()
        first = preflight.blocked_page(run, size=3)
        rest = preflight.blocked_page(run, after=first.goes_on_after, size=3)
        assert [entry.payee for entry in first.entries + rest.entries] == [f"Person {n}" for n in range(5)]
        assert rest.goes_on_after is None

    def test_no_page_lists_more_than_fifty_lines(self):
        ada = officer()
        for n in range(52):
            approved(person(f"Person {n:02}"), by=ada)
        prepared()
        client = client_for(officer())
        page = client.get(f"{RUN}lines/").content.decode()
        assert page.count("Interview panel") <= 50 and "The next 50" in page
        assert client.get(f"{RUN}lines/?after=nonsense").status_code == 200


class TestChangedAccounts:
    def test_who_is_paid_into_another_account_than_before_is_pointed_out(self):
        ada = person("Ada")
        approved(ada, at=london("2026-11-10T12:00"))
        prepare_run(date(2026, 11, 13), by=officer(), at=london("2026-11-11T18:00"))
        approved(ada)
        approved(person("Bea"))
        details = give_bank_details(ada, entered_by=officer())
        found, more = preflight.changed_accounts(prepared())
        assert [(one.payee, one.ends_in, one.entered_by) for one in found] == [("Ada", details.last_four, "officer")]
        assert not more

    def test_first_details_are_no_change(self):
        approved(person("Ada"))
        assert preflight.changed_accounts(prepared()) == ([], False)


@pytest.mark.django_db(transaction=True)
class TestWhenTheBooksAreBusy:
    def test_a_page_waits_a_short_while_then_says_so_and_stores_nothing(self, monkeypatch):
        monkeypatch.setattr(busy, "PATIENCE", "200ms")
        approved(person())
        client = client_for(officer())
        closed, looked = Signal(), Signal()

        def somebody_else():
            with transaction.atomic():
                close_books()
                closed.set()
                looked.wait(30)
            connection.close()

        other = Thread(target=somebody_else)
        other.start()
        closed.wait(30)
        answer = client.post(f"{RUN}prepare/")
        looked.set()
        other.join()
        assert answer.status_code == 422 and "try again in a minute" in words(answer)
        assert not PaymentRun.objects.exists()
        assert client.post(f"{RUN}prepare/").status_code == 302
