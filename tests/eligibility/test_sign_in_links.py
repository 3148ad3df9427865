"""Links that sign somebody in once."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from eligibility import second_factor
from eligibility.models import Event, Person, SignInLink
from eligibility.operations import make_staff
from eligibility.reasons import Refused
from eligibility.roles import Role
from eligibility.sign_in_links import make_sign_in_link, use_sign_in_link


def somebody() -> Person:
    return Person.objects.create(name="Ada Known", email="ada@example.org")


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def secret_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def follow(client, link):
    return client.post("/sign-in/link/", {"secret": secret_of(link)})


@pytest.mark.django_db
def test_the_command_prints_one_link_and_leaves_an_event(settings):
    settings.SITE_URL = "https://coprod.example.org"
    ada, printed = somebody(), io.StringIO()
    call_command("sign_in_link", " ADA@example.org ", stdout=printed)
    [line] = printed.getvalue().splitlines()
    assert line.startswith("https://coprod.example.org/sign-in/link/")
    assert Event.objects.get(what="sign-in link made").about_id == ada.pk
    assert secret_of(line) not in str(SignInLink.objects.values())


@pytest.mark.django_db
def test_the_command_refuses_somebody_who_is_not_here(capsys):
    with pytest.raises(SystemExit) as refused:
        call_command("sign_in_link", "nobody@example.org")
    assert refused.value.code == 1
    assert "Nobody here has the e-mail nobody@example.org." in capsys.readouterr().err


@pytest.mark.django_db
def test_looking_at_a_link_uses_nothing_up_and_its_button_signs_in():
    ada, client = somebody(), Client()
    link = make_sign_in_link(ada, at=timezone.now())
    for _ in range(3):
        page = client.get(path_of(link))
        assert page.status_code == 200
        assert "no-store" in page.headers["Cache-Control"]
    assert SESSION_KEY not in client.session
    before = client.session.session_key
    assert follow(client, link).url == "/home/"
    assert client.session[SESSION_KEY] == str(ada.pk)
    assert client.session.session_key != before
    assert Event.objects.get(what="signed in by link").by == ada


@pytest.mark.django_db
def test_a_link_that_is_used_late_or_made_up_gives_the_same_page():
    ada = somebody()
    used = make_sign_in_link(ada, at=timezone.now())
    follow(Client(), used)
    late = make_sign_in_link(ada, at=timezone.now() - timedelta(minutes=15, seconds=1))
    made_up = used[:-3] + "xx/"
    pages = set()
    for link in [used, late, made_up]:
        client = Client()
        for answer in [client.get(path_of(link)), follow(client, link)]:
            assert answer.status_code == 410
            assert "You can sign in with a code instead" in answer.content.decode()
            pages.add(answer.content.decode().partition("<main")[2].partition("</main")[0])
        assert SESSION_KEY not in client.session
    assert len(pages) == 1


@pytest.mark.django_db
def test_a_link_of_staff_still_asks_for_the_second_factor():
    officer = make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())
    second_factor.set_up(officer, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", at=timezone.now(), by=officer)
    client = Client()
    assert follow(client, make_sign_in_link(officer, at=timezone.now())).url == "/sign-in/second-factor/"
    assert SESSION_KEY not in client.session


@pytest.mark.django_db
def test_a_link_followed_where_somebody_else_is_signed_in_signs_them_out_first():
    officer = make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())
    second_factor.set_up(officer, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", at=timezone.now(), by=officer)
    ada, client = somebody(), Client()
    follow(client, make_sign_in_link(ada, at=timezone.now()))
    link = make_sign_in_link(officer, at=timezone.now())
    assert "Ada Known is signed in here now, and will be signed out." in client.get(path_of(link)).content.decode()
    assert follow(client, link).url == "/sign-in/second-factor/"
    assert SESSION_KEY not in client.session
    assert client.get("/sign-in/second-factor/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_link_at_once_one_signs_in():
    ada, at = somebody(), timezone.now()
    for _ in range(5):
        secret = secret_of(make_sign_in_link(ada, at=at))
        start = Barrier(8)

        def use(number, secret=secret, start=start):
            start.wait()
            try:
                return use_sign_in_link(secret, at=at)
            except Refused:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            outcomes = list(threads.map(use, range(8)))
        assert [who for who in outcomes if who] == [ada]
    assert Event.objects.filter(what="signed in by link").count() == 5
