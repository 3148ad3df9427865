"""Signing in with a code by e-mail or text."""

import logging
import re
import smtplib
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account import urls as allauth_account
from allauth.mfa import urls as allauth_mfa
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.HELP_PHONE = "01632 960960"
    return tmp_path / "mail"


@pytest.fixture
def ada():
    return Person.objects.create(name="Ada Known", email="ada@example.org", phone="07700 900123")


def ask(client, contact, **more):
    return client.post("/sign-in/", {"contact": contact, **more})


def code_in(words: str) -> str:
    return re.search(r"\b(\d{3} \d{3})\b", words)[1]


def texts(folder) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.txt"))]


def signed_in(client) -> str | None:
    return client.session.get(SESSION_KEY)


def with_code(client, contact="ada@example.org", **more):
    ask(client, contact, **more)
    return client.post("/sign-in/code/", {"code": code_in(mail.outbox[-1].body)})


def test_somebody_signs_in_with_the_code_in_their_email_and_arrives_home(ada):
    client = Client()
    assert ask(client, "ada@example.org").url == "/sign-in/code/"
    assert signed_in(client) is None
    answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0].body)})
    assert (answer.status_code, answer.url) == (302, "/home/")
    assert signed_in(client) == str(ada.pk)


def test_case_and_spaces_of_an_address_do_not_matter(ada):
    client = Client()
    with_code(client, "  ADA@Example.org ")
    assert signed_in(client) == str(ada.pk)


@pytest.mark.parametrize(
    "typed", ["07700900123", "+44 7700 900123", "0044 7700 900 123", "+44 (0)7700-900123", "7700900123"]
)
def test_somebody_signs_in_with_a_code_by_text_however_they_write_their_number(ada, folder, typed):
    client = Client()
    ask(client, typed)
    client.post("/sign-in/code/", {"code": code_in(texts(folder)[0])})
    assert signed_in(client) == str(ada.pk)
    assert mail.outbox == []


@pytest.mark.parametrize("spaced", ["{}{}", " {} {} ", "{}-{}", "Your code is {} {}.", "{}\n{}"])
def test_a_code_may_be_pasted_and_spaced_in_any_way(ada, spaced):
    client = Client()
    ask(client, "ada@example.org")
    client.post("/sign-in/code/", {"code": spaced.format(*code_in(mail.outbox[0].body).split())})
    assert signed_in(client) == str(ada.pk)


def test_the_digits_of_other_scripts_are_digits(ada):
    client = Client()
    ask(client, "ada@example.org")
    code = code_in(mail.outbox[0].body).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    client.post("/sign-in/code/", {"code": code})
    assert signed_in(client) == str(ada.pk)


def test_the_page_of_the_code_lets_a_telephone_fill_it_in(ada):
    client = Client()
    ask(client, "ada@example.org")
    page = client.get("/sign-in/code/").content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "no-store" in client.get("/sign-in/code/").headers["Cache-Control"]


def test_of_the_addresses_of_allauth_only_ours_exist():
    theirs = set(re.findall(r"name='(\w+)'", str([*allauth_account.urlpatterns, *flatten(allauth_mfa.urlpatterns)])))
    assert len(theirs) > 15
    there = {name for name in theirs if can_reverse(name)}
    assert there == {
        "account_login",
        "account_confirm_login_code",
        "account_logout",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    }


def flatten(patterns):
    for pattern in patterns:
        yield from flatten(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def can_reverse(name) -> bool:
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False


def test_nothing_anywhere_asks_for_a_password_or_offers_an_account():
    page = Client().get("/sign-in/").content.decode().lower()
    assert 'type="password"' not in page
    assert "sign up" not in page and "register" not in page
    for address in ["/accounts/login/", "/accounts/signup/", "/sign-up/", "/accounts/password/reset/", "/2fa/"]:
        assert Client().get(address).status_code == 404


# The same answer for everybody -----------------------------------------------------------------------


def steps(contact, folder):
    """All that a stranger sees, from asking to the last try, without what is their own."""
    client, seen = Client(), []

    def keep(answer):
        as_written = re.sub(r"^\+44(\d{4})(\d{6})$", r"0\1 \2", contact)
        page = answer.content.decode().replace(as_written, "CONTACT")
        page = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)
        seen.append((answer.status_code, answer.headers.get("Location"), page))

    keep(ask(client, contact))
    keep(client.get("/sign-in/code/"))
    keep(client.post("/sign-in/code/", {"code": "no digits"}))
    keep(client.post("/sign-in/code/", {"code": "1"}))
    keep(client.post("/sign-in/code/again/"))
    keep(client.get("/sign-in/code/"))
    keep(client.post("/sign-in/code/again/"))
    keep(client.post("/sign-in/code/again/"))
    keep(client.get("/sign-in/code/"))
    for number in range(4):
        keep(client.post("/sign-in/code/", {"code": str(number)}))
    keep(client.get("/sign-in/"))
    assert signed_in(client) is None
    return seen, len(mail.outbox) + len(texts(folder))


def test_a_known_and_an_unknown_address_get_the_same_answers_and_as_many_messages(ada, folder):
    known, sent = steps("ada@example.org", folder)
    unknown, sent_to_both = steps("eve@example.org", folder)
    assert known == unknown
    assert sent_to_both == 2 * sent == 6


def test_a_known_and_an_unknown_and_a_shared_number_get_the_same_answers_and_as_many_messages(ada, folder):
    Person.objects.create(name="One", phone="07700 900200")
    Person.objects.create(name="Other", phone="+447700900200")
    known, sent = steps("+447700900123", folder)
    unknown, _ = steps("+447700900999", folder)
    shared, sent_to_all = steps("+447700900200", folder)
    assert known == unknown == shared
    assert sent_to_all == 3 * sent == 9


def test_known_and_unknown_take_as_many_queries(ada):
    counts = []
    for contact in ["ada@example.org", "eve@example.org"]:
        with CaptureQueriesContext(connection) as done:
            ask(Client(), contact)
        counts.append(len(done))
    assert counts[0] == counts[1]


def test_an_unknown_address_is_told_so_kindly_in_its_own_mail_only(ada):
    ask(Client(), "eve@example.org")
    assert mail.outbox[0].to == ["eve@example.org"]
    assert "We do not know this address" in mail.outbox[0].body
    assert "01632 960960" in mail.outbox[0].body
    assert not re.search(r"\d{3} \d{3}\b", mail.outbox[0].body.replace("01632 960960", ""))


def test_a_number_that_two_people_share_signs_nobody_in_and_says_to_ring(folder):
    for name, number in [("One", "07700 900200"), ("Other", "+44 (0) 7700 900200")]:
        Person.objects.create(name=name, phone=number)
    ask(Client(), "07700900200")
    assert "Please ring 01632 960960" in texts(folder)[0]
    assert "code" not in texts(folder)[0].lower()


def test_a_number_kept_with_other_words_signs_nobody_in(folder):
    Person.objects.create(name="One", phone="07700 900200 (my daughter's)")
    ask(Client(), "07700900200")
    assert "We cannot sign you in" in texts(folder)[0]


# Wrong, late, too often ---------------------------------------------------------------------------------


def test_a_wrong_code_says_so_beside_its_box_and_how_many_tries_are_left(ada):
    client = Client()
    ask(client, "ada@example.org")
    answer = client.post("/sign-in/code/", {"code": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That code is not right. Check it and try again. You can try 4 more times." in page
    assert 'href="#id_code"' in page
    assert "<title>Error: " in page.replace("\n", "")


def test_five_wrong_codes_cancel_the_code(ada):
    client = Client()
    ask(client, "ada@example.org")
    right = code_in(mail.outbox[0].body)
    for number in range(5):
        answer = client.post("/sign-in/code/", {"code": str(number)})
    assert answer.url == "/sign-in/"
    assert "we have cancelled it" in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/code/", {"code": right}).url == "/sign-in/"
    assert signed_in(client) is None


def test_tries_made_side_by_side_with_copies_of_one_session_are_counted_together(ada):
    """An attacker who keeps sending the first cookie gets no more tries than anybody."""
    client = Client()
    ask(client, "ada@example.org")
    before = client.session["account_login"]
    answers = []
    for number in range(7):
        session = client.session
        session["account_login"] = before  # as if no try had been written yet
        session.save()
        answers.append(client.post("/sign-in/code/", {"code": str(number)}).status_code)
    assert answers == [422] * 5 + [429] * 2


def test_a_code_is_too_old_after_a_quarter_of_an_hour(ada, monkeypatch):
    client = Client()
    ask(client, "ada@example.org")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 15 * 60 + 1)
    answer = client.post("/sign-in/code/", {"code": code_in(mail.outbox[0].body)})
    assert answer.url == "/sign-in/"
    assert "Your code is too old now, or it was used." in client.get("/sign-in/").content.decode()


def test_a_code_that_was_used_does_not_sign_in_again(ada):
    client = Client()
    with_code(client)
    old = mail.outbox[0].body
    client.post("/sign-out/")
    assert client.post("/sign-in/code/", {"code": code_in(old)}).url == "/sign-in/"
    assert signed_in(client) is None


def test_a_new_code_replaces_the_old_one(ada):
    client = Client()
    ask(client, "ada@example.org")
    client.post("/sign-in/code/again/")
    first, second = (code_in(message.body) for message in mail.outbox)
    if first != second:
        assert client.post("/sign-in/code/", {"code": first}).status_code == 422
    client.post("/sign-in/code/", {"code": second})
    assert signed_in(client) == str(ada.pk)


def test_asking_too_often_for_one_address_is_told_when_to_come_back(ada):
    for _ in range(5):
        assert ask(Client(), "ada@example.org").status_code == 302
    for contact in ["ada@example.org", "ADA@example.org"]:
        answer = ask(Client(), contact)
        assert answer.status_code == 429
        assert 500 < int(answer.headers["Retry-After"]) <= 600
        assert re.search(r"You can try again at <strong>\d\d:\d\d</strong>", answer.content.decode())
    assert ask(Client(), "other@example.org").status_code == 302


def test_a_computer_that_asks_for_many_people_is_slowed_down():
    answers = [ask(Client(), f"somebody{number}@example.org").status_code for number in range(22)]
    assert answers == [302] * 20 + [429] * 2


def test_where_somebody_is_cannot_be_made_up():
    """Without a proxy of ours, X-Forwarded-For is only what somebody claims."""
    for number in range(21):
        answer = Client(headers={"x-forwarded-for": f"192.0.2.{number}"}).post(
            "/sign-in/", {"contact": f"somebody{number}@example.org"}
        )
    assert answer.status_code == 429


def test_behind_a_proxy_of_ours_the_address_that_it_saw_counts(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(21):
        claimed = f"192.0.2.{number}, 198.51.100.7"
        answer = Client(headers={"x-forwarded-for": claimed}).post(
            "/sign-in/", {"contact": f"somebody{number}@example.org"}
        )
    assert answer.status_code == 429
    assert (
        Client(headers={"x-forwarded-for": "198.51.100.8"}).post("/sign-in/", {"contact": "a@example.org"}).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your email address or mobile number"),
        ("Ada", "Enter an email address, like name@example.com, or a UK mobile number, like 07700 900123"),
        ("ada@", "Enter an email address, like name@example.com"),
        ("01632 960960", "or a UK mobile number"),
        ("07700 90012", "or a UK mobile number"),
        ("a" * 300, "This is too long to be one"),
    ],
)
def test_what_is_no_address_is_said_and_what_was_typed_stays(typed, said):
    answer = ask(Client(), typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'href="#id_contact"' in answer.content.decode()
    assert mail.outbox == []


def test_where_no_texts_can_be_sent_only_an_email_address_is_asked_for(settings, ada):
    settings.CHANNELS = {"email": settings.CHANNELS["email"]}
    assert "What is your email address?" in Client().get("/sign-in/").content.decode()
    answer = ask(Client(), "07700 900123")
    assert answer.status_code == 422
    assert "Enter an email address, like name@example.com<" in answer.content.decode()


def test_an_address_that_no_mail_can_go_to_is_no_error_of_ours(settings):
    settings.EMAIL_BACKEND = "eligibility.channels.MailFolder"
    for contact in ["a@" + "ü" * 63 + ".com", "ü@example.org", "a@xn--a.com"]:
        assert ask(Client(), contact).status_code in (302, 422, 503)


class Broken(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("ada@example.org did not like it")


@pytest.mark.parametrize("contact", ["ada@example.org", "eve@example.org"])
def test_mail_that_cannot_be_sent_is_said_and_nothing_personal_is_logged(ada, settings, contact, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    with caplog.at_level(logging.DEBUG):
        answer = ask(Client(), contact)
    assert answer.status_code == 503
    assert "We could not send a code just now." in answer.content.decode()
    assert contact in answer.content.decode()
    assert "was not sent" in caplog.text
    assert "@example.org" not in caplog.text


def test_a_new_code_that_cannot_be_sent_leaves_the_old_one_working(ada, settings):
    client = Client()
    ask(client, "ada@example.org")
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    client.post("/sign-in/code/again/")
    assert "We could not send a code just now." in client.get("/sign-in/code/").content.decode()
    client.post("/sign-in/code/", {"code": code_in(mail.outbox[0].body)})
    assert signed_in(client) == str(ada.pk)


def test_a_code_sent_twice_with_one_press_signs_in_once_and_explains(ada):
    """The second press carries the cookie from before the first was answered."""
    client, again = Client(), Client()
    ask(client, "ada@example.org")
    again.cookies.update(client.cookies)
    code = code_in(mail.outbox[0].body)
    assert client.post("/sign-in/code/", {"code": code}).url == "/home/"
    answer = again.post("/sign-in/code/", {"code": code}, follow=True)
    assert "Your code is too old now, or it was used." in answer.content.decode()
    assert signed_in(client) == str(ada.pk)


# What is sent ----------------------------------------------------------------------------------------------

TELLING = re.compile(r"care|pay|activit|co-?produc|disab|surrey|council|charit|benefit", re.IGNORECASE)


def test_the_mail_and_the_text_are_neutral_short_and_say_that_nobody_asks_for_the_code(ada, folder, settings):
    settings.DEFAULT_FROM_EMAIL = "help@example.org"
    ask(Client(), "ada@example.org")
    ask(Client(), "07700 900123")
    [message], [text] = mail.outbox, texts(folder)
    assert message.subject == "Your sign-in code"
    assert message.from_email == "help@example.org"
    assert message.message().get_content_type() == "text/plain"
    for words in [message.subject, message.body, text]:
        assert not TELLING.search(words)
    for words in [message.body, text]:
        assert "Nobody will ever ask you for" in words
        assert "01632 960960" in words
        assert "Ada" not in words
    # One text, so that it is neither dear nor torn.
    assert len(text.partition("\n\n")[2].strip()) <= 160
    assert "&" not in message.body + text


def test_texts_lie_in_a_folder_that_only_its_owner_reads(ada, folder):
    ask(Client(), "07700 900123")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]
    assert texts(folder)[0].startswith("To: +447700900123\n\n")


def test_emails_lie_in_the_same_folder_readable_as_they_are(ada, folder, settings):
    settings.EMAIL_BACKEND = "eligibility.channels.MailFolder"
    ask(Client(), "ada@example.org")
    [path] = folder.iterdir()
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert code_in(path.read_text())


def test_no_code_and_nobody_is_in_the_logs_or_the_session(ada, caplog):
    client = Client()
    with caplog.at_level(logging.DEBUG):
        ask(client, "ada@example.org")
        kept = str(dict(client.session.items()))
        code = code_in(mail.outbox[0].body)
        client.post("/sign-in/code/", {"code": "1"})
        client.post("/sign-in/code/", {"code": code})
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    for secret in [code, code.replace(" ", "")]:
        assert secret not in logged
        assert secret not in kept
    assert "ada@" not in logged


# Sessions ---------------------------------------------------------------------------------------------------


def test_the_key_of_the_session_changes_at_sign_in(ada):
    client = Client()
    ask(client, "ada@example.org")
    before = client.session.session_key
    client.post("/sign-in/code/", {"code": code_in(mail.outbox[0].body)})
    assert client.session.session_key != before


def test_a_co_producer_stays_signed_in_for_two_weeks_and_staff_for_eight_hours(ada):
    client = Client()
    with_code(client)
    assert 14 * 24 * 3600 - 60 < client.session.get_expiry_age() <= 14 * 24 * 3600
    make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())
    staff = Client()
    with_code(staff, "officer@example.org")
    assert 8 * 3600 - 60 < staff.session.get_expiry_age() <= 8 * 3600


def test_somebody_comes_back_to_the_page_they_asked_for(ada):
    client = Client()
    asked = client.get("/me/payments/").url
    page = client.get(asked).content.decode()
    assert '<input type="hidden" name="next" value="/me/payments/">' in page
    assert with_code(client, next=parse_qs(urlsplit(asked).query)["next"][0]).url == "/me/payments/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://testserver/me/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "evil",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(ada, elsewhere):
    client = Client()
    assert elsewhere not in client.get("/sign-in/", {"next": elsewhere}).content.decode()
    assert with_code(client, next=elsewhere).url == "/home/"
    assert client.get("/sign-in/", {"next": elsewhere}).url == "/home/"


def test_signing_out_takes_a_button_and_ends_the_session(ada):
    client = Client()
    with_code(client)
    assert "Do you want to sign out?" in client.get("/sign-out/").content.decode()
    assert signed_in(client)
    assert client.post("/sign-out/").url == "/"
    assert signed_in(client) is None
    assert client.post("/sign-out/").status_code == 302


def test_no_page_of_signing_in_can_be_posted_to_from_elsewhere(ada):
    client = Client(enforce_csrf_checks=True)
    for address in ["/sign-in/", "/sign-in/code/", "/sign-in/code/again/", "/sign-in/link/", "/sign-out/"]:
        assert client.post(address).status_code == 403
