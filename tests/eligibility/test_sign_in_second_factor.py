"""The second factor of staff."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from eligibility import second_factor
from eligibility.models import Event, StaffRole
from eligibility.operations import make_staff
from eligibility.roles import Role
from eligibility.sign_in_links import make_sign_in_link
from tests.doors import client_for
from tests.payments.office import person

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def officer():
    return make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())


@pytest.fixture
def with_app(officer):
    second_factor.set_up(officer, SECRET, at=timezone.now(), by=officer)
    return officer


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on when it is told to, from the beginning of half a minute."""

    class Clock:
        now = time.time() // 30 * 30

        def go(self, seconds):
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


def digits(secret=SECRET, later=0) -> str:
    return second_factor.format_hotp_value(second_factor.hotp_value(secret, int(time.time()) // 30 + later))


def by_link(who) -> Client:
    client = Client()
    link = make_sign_in_link(who, at=timezone.now())
    client.post("/sign-in/link/", {"secret": link.rstrip("/").rpartition("/")[2]})
    return client


def key_on(page) -> str:
    return re.search(r"coprod-key\"><code>([A-Z2-7 ]+)</code>", page.content.decode())[1]


def codes_on(page) -> list[str]:
    return re.findall(r"<li><code>(\d{4} \d{4})</code>", page.content.decode())


def test_staff_set_up_their_app_then_keep_their_codes_and_come_to_the_page_they_wanted(officer):
    client = by_link(officer)
    assert client.get("/staff/claims/").url == "/me/second-factor/"
    page = client.get("/me/second-factor/")
    assert '<img class="coprod-scan" src="data:image/svg+xml;base64,' in page.content.decode()
    assert 'alt="A picture for your authenticator app' in page.content.decode()
    key = key_on(page)
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", key)
    assert key_on(client.get("/me/second-factor/")) == key, "a picture already scanned stays good"
    before = client.session.session_key
    done = client.post("/me/second-factor/", {"code": digits(key.replace(" ", ""))})
    assert done.url == "/me/second-factor/codes/"
    assert client.session.session_key != before
    assert len(codes_on(client.get("/me/second-factor/codes/"))) == 10
    assert client.post("/me/second-factor/codes/").url == "/staff/claims/"
    assert client.get("/staff/claims/").status_code == 200
    assert Event.objects.get(what="second factor set up").by == officer


def test_recovery_codes_are_shown_until_they_are_kept_and_never_after(officer):
    client = by_link(officer)
    key = key_on(client.get("/me/second-factor/")).replace(" ", "")
    client.post("/me/second-factor/", {"code": digits(key)})
    shown = codes_on(client.get("/me/second-factor/codes/"))
    assert codes_on(client.get("/me/second-factor/codes/")) == shown
    client.post("/me/second-factor/codes/")
    assert client.get("/me/second-factor/codes/").url == "/me/second-factor/"
    assert "You have 10 recovery codes left" in client.get("/me/second-factor/").content.decode()
    assert client_for(officer).get("/me/second-factor/codes/").url == "/me/second-factor/"


def test_a_wrong_code_at_set_up_is_said_beside_its_box_and_sets_nothing_up(officer):
    client = by_link(officer)
    answer = client.post("/me/second-factor/", {"code": "12"})
    assert answer.status_code == 422
    assert "That code is not right" in answer.content.decode()
    assert 'href="#id_code"' in answer.content.decode()
    assert not second_factor.has_one(officer)


def test_the_second_sign_in_asks_for_six_digits_and_nothing_else_opens(with_app, clock):
    client = by_link(with_app)
    assert SESSION_KEY not in client.session
    for address in ["/staff/claims/", "/me/", "/me/second-factor/", "/me/second-factor/new-telephone/"]:
        assert client.get(address).url.startswith("/sign-in/")
    before = client.session.session_key
    answer = client.post("/sign-in/second-factor/", {"code": f" {digits()[:3]} {digits()[3:]} "})
    assert answer.url == "/home/"
    assert client.session.session_key != before
    assert client.get("/staff/claims/").status_code == 200


def test_six_digits_work_once_for_as_long_as_they_could_be_right(with_app, clock):
    code = digits()
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": code}).status_code == 302
    for _ in range(3):
        answer = by_link(with_app).post("/sign-in/second-factor/", {"code": code})
        assert answer.status_code == 422
        assert "it was used before" in answer.content.decode()
        clock.go(31)
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": digits()}).status_code == 302


def test_a_telephone_half_a_minute_slow_or_fast_still_works(with_app, clock):
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": digits(later=-1)}).status_code == 302
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": digits(later=1)}).status_code == 302


def test_a_recovery_code_signs_in_once_and_says_how_many_are_left(with_app):
    code = second_factor.unused_recovery_codes(with_app)[3]
    client = by_link(with_app)
    assert client.post("/sign-in/second-factor/", {"code": f"{code[:4]} {code[4:]}"}).url == "/home/"
    assert "You used a recovery code. You have 9 left." in client.get("/me/second-factor/").content.decode()
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": code}).status_code == 422
    assert Event.objects.filter(what="recovery code used").count() == 1


def test_guessing_at_the_second_factor_is_stopped_after_five_tries(with_app):
    answers = [by_link(with_app).post("/sign-in/second-factor/", {"code": "0"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_staff_who_have_a_factor_but_whose_session_lacks_it_are_asked_for_it_not_offered_a_new_one(with_app):
    client = client_for(with_app, second_factor=False)
    assert client.get("/staff/claims/?after=3").url == "/me/second-factor/"
    for method in [client.get, client.post]:
        assert method("/me/second-factor/").url == "/me/second-factor/prove/"
        assert method("/me/second-factor/new-telephone/").url == "/me/second-factor/prove/"
    client.get("/staff/claims/?after=3")
    assert client.post("/me/second-factor/prove/", {"code": digits()}).url == "/staff/claims/?after=3"
    assert client.get("/staff/claims/").status_code == 200
    assert second_factor.secret_of(with_app) == SECRET


def test_a_session_that_becomes_one_of_staff_gets_the_hours_of_staff(with_app):
    client = client_for(with_app, second_factor=False)
    client.post("/me/second-factor/prove/", {"code": digits()})
    assert client.session.get_expiry_age() <= 8 * 3600


def test_a_new_telephone_takes_a_fresh_proof_and_replaces_the_old_one(with_app, clock):
    client = by_link(with_app)
    client.post("/sign-in/second-factor/", {"code": digits()})
    clock.go(5 * 60 + 1)
    assert client.get("/me/second-factor/new-telephone/").url == "/me/second-factor/prove/"
    assert client.post("/me/second-factor/prove/", {"code": digits()}).url == "/me/second-factor/new-telephone/"
    key = key_on(client.get("/me/second-factor/new-telephone/")).replace(" ", "")
    client.post("/me/second-factor/new-telephone/", {"code": digits(key)})
    assert second_factor.secret_of(with_app) == key
    assert Event.objects.filter(what="second factor replaced").count() == 1
    clock.go(60)
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": digits()}).status_code == 422
    assert by_link(with_app).post("/sign-in/second-factor/", {"code": digits(key)}).status_code == 302


def test_new_recovery_codes_take_a_fresh_proof_and_end_the_old_ones(with_app, clock):
    client = by_link(with_app)
    client.post("/sign-in/second-factor/", {"code": digits()})
    old = second_factor.unused_recovery_codes(with_app)
    clock.go(5 * 60 + 1)
    assert client.post("/me/second-factor/codes/new/").url == "/me/second-factor/prove/"
    assert second_factor.unused_recovery_codes(with_app) == old
    assert client.post("/me/second-factor/prove/", {"code": digits()}).url == "/me/second-factor/"
    assert client.post("/me/second-factor/codes/new/").url == "/me/second-factor/codes/"
    new = [code.replace(" ", "") for code in codes_on(client.get("/me/second-factor/codes/"))]
    assert len(new) == 10 and not set(new) & set(old)
    assert client.get("/me/second-factor/codes/new/").status_code == 405


def test_a_co_producer_is_never_asked_for_a_second_factor():
    client = by_link(person())
    assert client.get("/me/").status_code == 200


def test_somebody_given_a_role_sets_up_a_second_factor_before_its_pages_open():
    who = person()
    client = by_link(who)
    StaffRole.objects.create(person=who, role=Role.AUDITOR, given_at=timezone.now())
    assert client.get("/staff/claims/").url == "/me/second-factor/"
    assert client.get("/me/second-factor/").status_code == 200


def test_secrets_lie_sealed_in_the_database_and_the_session(with_app):
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored
    assert second_factor.unused_recovery_codes(with_app)[0] not in stored
    fresh = make_staff("lead@example.org", Role.ACTIVITY_LEAD, at=timezone.now())
    client = by_link(fresh)
    key = key_on(client.get("/me/second-factor/")).replace(" ", "")
    assert key not in str(dict(client.session.items()))


def test_whoever_has_the_shell_takes_a_lost_factor_away_and_a_new_one_is_set_up(with_app, capsys):
    call_command("forget_second_factor", "officer@example.org")
    assert not second_factor.has_one(with_app)
    assert Event.objects.get(what="second factor taken away").about_id == with_app.pk
    with pytest.raises(SystemExit):
        call_command("forget_second_factor", "officer@example.org")
    assert by_link(with_app).get("/staff/claims/").url == "/me/second-factor/"


def test_a_factor_taken_away_in_the_middle_of_signing_in_leaves_nobody_stuck(with_app):
    client = by_link(with_app)
    second_factor.forget(with_app, at=timezone.now())
    assert client.get("/sign-in/second-factor/").url == "/home/"


def test_taking_a_factor_away_ends_every_session_that_was_opened_with_it(with_app):
    somewhere = client_for(with_app)
    assert somewhere.get("/staff/").status_code == 200
    second_factor.forget(with_app, at=timezone.now())
    assert somewhere.get("/staff/").url.startswith("/sign-in/")
