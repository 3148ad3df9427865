"""The commands of a payment run, as scripts and auditors use them."""

import hashlib
import json
import re
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eligibility.models import Event, Person
from payments.models import PaymentRun
from payments.payables import hold_for_person
from tests.payments.office import DECIDED, approved, give_bank_details, officer, person, surrey

pytestmark = pytest.mark.django_db

ON = ("--on", "2026-11-27")
OFFICER = ("--by", "officer@example.org", "--create-staff", "--at", "2026-11-25T18:00")
AUTHORISER = ("--by", "authoriser@example.org", "--create-staff", "--at", "2026-11-25T19:00")
JSON = ("--format", "json")
BANK_FILE = ("bank_file", "2026-11-27", "--layout", "generic", *OFFICER)


@pytest.fixture
def told(capsysbinary):
    """Run a command: (exit code, the bytes on standard output, the words on standard error)."""

    def run(*words):
        code = 0
        try:
            call_command(*words)
        except SystemExit as stop:
            code = stop.code
        out, err = capsysbinary.readouterr()
        return code, out, err.decode()

    return run


@pytest.fixture
def answer(told):
    """The JSON a command answers with. It must succeed."""

    def run(*words):
        code, out, err = told(*words, *JSON)
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def refusal(told):
    def run(*words):
        code, out, err = told(*words)
        assert (code, out) == (1, b"")
        return err

    return run


# prepare_run ------------------------------------------------------------------------------------------


def test_no_claims_is_a_run_of_zeros(answer):
    surrey()
    run = answer("prepare_run", *ON, *OFFICER)
    assert {name: run[name] for name in ("claims", "thank_you_cards", "blocked_payables", "payments", "totals")} == {
        "claims": 0,
        "thank_you_cards": 0,
        "blocked_payables": 0,
        "payments": {},
        "totals": {},
    }
    assert (run["blocked"], run["held"], run["state"], run["preview"]) == ([], [], "prepared", False)


def test_the_figures_of_a_run(answer):
    approved(person(), costs={"train": "5.50"})
    approved(person(), choice="donate", charity="Rainy Day Trust")
    approved(person(), kind="regular-advice", choice="voucher")
    approved(person(), kind="web-content", choice="none")
    run = answer("prepare_run", *ON, *OFFICER)
    assert run["run"] == PaymentRun.objects.get().pk
    assert (run["on"], run["pay_on"], run["cut_off"]) == ("2026-11-27", "2026-11-27", "2026-11-25T12:00:00+00:00")
    assert (run["claims"], run["thank_you_cards"], run["covers_from"]) == (4, 1, None)
    assert run["payments"] == {"bank": 1, "voucher": 1, "charity": 1}
    assert run["totals"] == {"bank": "35.50", "voucher": "30.00", "charity": "30.00"}
    assert run["prepared_by"] == "officer@example.org"
    assert re.fullmatch("[0-9a-f]{64}", run["digest"])


def test_methods_with_nothing_are_left_out(answer):
    approved(person())
    run = answer("prepare_run", *ON, *OFFICER)
    assert (run["payments"], run["totals"]) == ({"bank": 1}, {"bank": "30.00"})


def test_what_is_blocked_has_its_reason_and_its_fix_and_what_is_held_stands_apart(answer):
    claim = approved(person("Nia Example", bank=False), costs={"bus": "2.40"})
    waits = approved(person("Tom Example"))
    hold_for_person(waits.payables.get().pk, by=officer(), at=DECIDED)
    run = answer("prepare_run", *ON, *OFFICER)
    assert run["blocked_payables"] == len(run["blocked"]) == 2
    assert run["blocked"][0] == {
        "payable": claim.payables.get(part="recognition").pk,
        "claim": claim.reference,
        "person": "Nia Example",
        "part": "time",
        "amount": "30.00",
        "method": "bank",
        "reason": "no-bank-details",
        "why": "We have no bank details for this person.",
        "fix": "Ask them for the account they want to be paid into. Payment for time can be a voucher instead.",
    }
    assert [(held["person"], held["amount"], held["by"]) for held in run["held"]] == [
        ("Tom Example", "30.00", "person")
    ]


def test_preparing_twice_prints_the_same_whatever_happened_since(told):
    nia = person("Nia Example", bank=False)
    approved(nia)
    _, first, _ = told("prepare_run", *ON, *OFFICER, *JSON)
    give_bank_details(nia)
    assert told("prepare_run", *ON, *OFFICER, *JSON) == (0, first, "")


def test_before_the_cut_off_a_run_is_refused_and_a_preview_stores_nothing(refusal, answer):
    approved(person("Nia Example", bank=False), by=officer("decider@example.org"))
    early = ("--by", "officer@example.org", "--create-staff", "--at", "2026-11-25T11:59")
    staff, events = Person.objects.count(), Event.objects.count()
    run = answer("prepare_run", *ON, *early, "--preview")
    assert (run["run"], run["preview"], run["state"]) == (None, True, "preview")
    assert (run["claims"], run["blocked_payables"], len(run["blocked"])) == (1, 1, 1)
    assert (Person.objects.count(), Event.objects.count(), PaymentRun.objects.count()) == (staff, events, 0)
    assert "Prepare it then. Until then, a preview shows what it would pay." in refusal("prepare_run", *ON, *early)


def test_a_preview_of_a_run_that_stands_shows_that_run(answer):
    approved(person())
    assert answer("prepare_run", *ON, *OFFICER) == answer("prepare_run", *ON, *OFFICER, "--preview")


def test_a_run_answers_to_its_friday_and_to_its_pay_day_and_no_other(answer, refusal):
    surrey()
    at = ("--by", "officer@example.org", "--create-staff", "--at", "2026-12-23T18:00")
    run = answer("prepare_run", "--on", "2026-12-25", *at)
    assert (run["on"], run["pay_on"]) == ("2026-12-25", "2026-12-24")
    assert answer("prepare_run", "--on", "2026-12-24", *at) == run
    assert "is not a pay day" in refusal("prepare_run", "--on", "2026-12-23", *at)
    assert "is not a date" in refusal("prepare_run", "--on", "25/12/2026", *at)


def test_a_cut_off_in_summer_is_told_with_its_offset(answer):
    surrey()
    run = answer("prepare_run", "--on", "2026-06-26", *OFFICER[:-1], "2026-06-25T09:00")
    assert run["cut_off"] == "2026-06-24T12:00:00+01:00"


def test_the_number_of_queries_does_not_depend_on_the_number_of_claims(answer):
    by = officer()

    def queries(on, at) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer("prepare_run", "--on", on, *OFFICER[:-1], at)
        return len(captured)

    approved(person(bank=False), by=by)
    few = queries("2026-11-27", "2026-11-25T18:00")
    for _ in range(15):
        approved(person(bank=False), by=by, at=DECIDED.replace(month=12, day=1))
        approved(person(), by=by, at=DECIDED.replace(month=12, day=1))
    assert queries("2026-12-11", "2026-12-09T18:00") == few


def test_words_are_short_and_say_what_to_do(told):
    approved(person("Nia Example", bank=False))
    approved(person(), costs={"train": "5.50"})
    code, out, _ = told("prepare_run", *ON, *OFFICER)
    words = out.decode()
    assert code == 0
    assert words.startswith("Run of Friday 27 November 2026: prepared, waiting to be authorised by a second person.")
    assert "1 bank payment  £35.50" in words
    assert "1 amount blocked. Everybody else is paid.\n  We have no bank details for this person. Ask them" in words
    assert "\n    Nia Example, time, £30.00, claim " in words


# authorise_run and mark_sent --------------------------------------------------------------------------


def test_promise_5_who_prepared_a_run_does_not_authorise_it_a_second_person_does(answer, refusal):
    approved(person(), by=officer("decider@example.org"))
    answer("prepare_run", *ON, *OFFICER)
    assert "is not an authoriser here" in refusal("authorise_run", *ON, *OFFICER)
    run = answer("authorise_run", *ON, *AUTHORISER)
    assert (run["state"], run["authorised_by"]) == ("authorised", "authoriser@example.org")
    assert run["authorised_at"] == "2026-11-25T19:00:00+00:00"
    run = answer("mark_sent", *ON, *OFFICER)
    assert (run["state"], run["sent_by"], run["sent_at"]) == (
        "sent",
        "officer@example.org",
        "2026-11-25T18:00:00+00:00",
    )
    assert "only once" in refusal("mark_sent", *ON, *AUTHORISER)


def test_each_deed_needs_its_role(answer, refusal):
    answer("prepare_run", *ON, *OFFICER)
    answer("authorise_run", *ON, *AUTHORISER)
    assert "is not a payments officer here" in refusal("prepare_run", *ON, *AUTHORISER)
    auditor = Person.objects.create(name="Someone", email="someone@example.org")
    for words in (("mark_sent", *ON), BANK_FILE[:4] + ("--reason", "curious")):
        assert "is not a payments officer or an authoriser here" in refusal(*words, "--by", auditor.email)


def test_nothing_is_authorised_before_it_is_prepared(refusal):
    surrey()
    assert "not prepared yet" in refusal("authorise_run", *ON, *AUTHORISER)


# bank_file --------------------------------------------------------------------------------------------


@pytest.fixture
def authorised(answer):
    approved(person("Siobhán O'Brien"), costs={"train": "5.50"}, by=officer("decider@example.org"))
    answer("prepare_run", *ON, *OFFICER)
    answer("authorise_run", *ON, *AUTHORISER)


def test_a_list_is_printed_to_the_byte_and_nothing_with_it(authorised, told):
    code, first, err = told(*BANK_FILE, "--reason", "to upload it")
    assert (code, err) == (0, "")
    assert first.startswith(b"reference,name,sort_code,account_number,amount,pay_on\r\nCP ")
    assert first.endswith(b",35.50,2026-11-27\r\n")
    code, again, err = told(*BANK_FILE, "--reason", "the upload failed")
    assert (code, again) == (0, first)
    assert "taken before, by officer at 18:00 on 25 November 2026. Make sure it is sent only once." in err


def test_a_list_in_a_file_is_the_same_bytes_and_only_its_owner_reads_it(authorised, told, tmp_path):
    place = tmp_path / "bank.csv"
    _, printed, _ = told(*BANK_FILE, "--reason", "to compare")
    code, out, _ = told(*BANK_FILE, "--reason", "to upload it", "--output", str(place))
    assert (code, out) == (0, b"")
    assert place.read_bytes() == printed
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_a_refusal(authorised, refusal, tmp_path):
    assert "cannot be written" in refusal(
        *BANK_FILE, "--reason", "x", "--output", str(tmp_path / "nowhere" / "bank.csv")
    )


def test_a_blank_reason_is_refused(authorised, refusal):
    assert "Say why you need this list." in refusal(*BANK_FILE, "--reason", " ")


# run_report -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["html", "csv", "json", "text"])
def test_a_report_goes_to_standard_output_or_into_a_file(authorised, told, tmp_path, name):
    place = tmp_path / f"report.{name}"
    code, printed, err = told("run_report", "2026-11-27", "--format", name)
    assert (code, err) == (0, "") and printed
    assert told("run_report", "2026-11-27", "--format", name, "--output", str(place)) == (0, b"", f"Written: {place}\n")
    assert place.read_bytes() == printed


@pytest.mark.needs_pango
def test_a_pdf_report_is_printed_as_bytes_that_are_always_the_same(authorised, told):
    code, pdf, _ = told("run_report", "2026-11-27", "--format", "pdf")
    assert code == 0 and pdf.startswith(b"%PDF")
    _, again, _ = told("run_report", "2026-11-27", "--format", "pdf")
    assert hashlib.sha256(again).digest() == hashlib.sha256(pdf).digest()


def test_a_run_that_is_not_prepared_has_no_report(refusal):
    surrey()
    assert "not prepared yet" in refusal("run_report", date(2026, 11, 27).isoformat())
