"""Closed by default: what a page is for decides who comes in, and a page that does not say is for nobody."""

import pytest
from django.http import HttpResponse
from django.urls import path

from eligibility.doors import door
from eligibility.models import Event
from eligibility.roles import STAFF, Deed, Role
from tests.doors import client_for, visitor
from tests.payments.office import person
from tests.roles import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.eligibility.test_doors")]


def unmarked(request):
    raise AssertionError("nobody comes this far")


@door(Deed.READ_CLAIMS)
def claims(request):
    return HttpResponse("claims, for " + " ".join(sorted(request.roles)))


@door(Deed.READ_PUBLIC_PAGES)
def public(request):
    return HttpResponse("for everybody")


@door(Deed.LOOK_AFTER_MY_OWN)
def own(request):
    return HttpResponse("my own")


urlpatterns = [
    path("unmarked/", unmarked),
    path("claims/", claims),
    path("public/", public),
    path("own/", own),
    path("sign-in/", public, name="account_login"),
    path("me/second-factor/", own, name="mfa_activate_totp"),
]
# What the frame of a page links to. An error page is drawn in it.
urlpatterns += [
    path(f"elsewhere/{name}/", public, name=name)
    for name in ("front-page", "home", "me", "my-payments", "my-cards", "staff-home", "staff-claims", "runs", "people")
]


@pytest.mark.parametrize("role", Role)
def test_a_page_that_names_no_deed_is_closed_to_everybody(role):
    who, client = somebody(role)
    answer = client.get("/unmarked/")
    assert answer.status_code == (302 if role is Role.VISITOR else 403)


def test_a_visitor_is_sent_to_sign_in_and_then_comes_back_to_the_same_page():
    answer = visitor().get("/claims/?after=7&status=draft")
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=%2Fclaims%2F%3Fafter%3D7%26status%3Ddraft")


def test_what_a_visitor_wanted_to_send_is_not_sent_again_after_signing_in():
    answer = visitor().post("/claims/", {"approve": "all"})
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=%2F")


def test_everybody_reads_public_pages():
    assert visitor().get("/public/").content == b"for everybody"


def test_who_signed_in_without_a_role_is_told_that_they_may_not():
    assert client_for(person()).get("/claims/").status_code == 403


@pytest.mark.parametrize("role", STAFF)
def test_staff_without_their_second_factor_are_sent_to_set_it_up(role):
    who, _ = somebody(role)
    answer = client_for(who, second_factor=False).get("/claims/")
    assert (answer.status_code, answer.url) == (302, "/me/second-factor/")


def test_staff_need_no_second_factor_for_what_is_their_own():
    who, _ = somebody(Role.PAYMENTS_OFFICER)
    assert client_for(who, second_factor=False).get("/own/").content == b"my own"


def test_a_second_factor_belongs_to_who_used_it():
    """Somebody else's record in the session opens nothing."""
    first, _ = somebody(Role.PAYMENTS_OFFICER)
    second, _ = somebody(Role.PAYMENTS_OFFICER, email="second@example.org")
    client = client_for(first)
    session = client.session
    session["account_authentication_methods_user"] = str(second.pk)
    session.save()
    assert client.get("/claims/").url == "/me/second-factor/"


def test_a_role_that_was_ended_opens_nothing_from_the_next_click():
    who, client = somebody(Role.PAYMENTS_OFFICER)
    assert client.get("/claims/").status_code == 200
    who.staff_roles.update(ended_at="2026-11-20T12:00Z")
    assert client.get("/claims/").status_code == 403


def test_what_somebody_saw_is_not_kept_for_the_next_at_a_shared_computer():
    answer = client_for(person()).get("/own/")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_page_is_told_who_is_looking():
    _, client = somebody(Role.AUDITOR)
    assert client.get("/claims/").content == b"claims, for auditor co-producer visitor"


def test_standing_before_a_closed_door_leaves_no_event():
    who, client = somebody(Role.AUDITOR)
    before = Event.objects.count()
    client.post("/unmarked/")
    assert Event.objects.count() == before
