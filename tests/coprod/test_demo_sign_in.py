"""Signing in as the people of the demonstration."""

import io
import json
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from coprod.demo import STAFF
from coprod.demo_sign_in import demo_digits, demo_secret, give_demo_second_factor, is_of_the_demonstration
from eligibility import second_factor
from eligibility.models import Person
from eligibility.operations import make_staff
from eligibility.reasons import Refused
from eligibility.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    Person.objects.create(name="Imaginary", email="person0@demo.example")
    people = [make_staff(email, role, at=timezone.now(), name=name) for email, (name, role) in STAFF.items()]
    for person in people:
        give_demo_second_factor(person, at=timezone.now())
    return people


def printed(*command) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_all_staff_of_the_demonstration_share_one_secret(staff):
    assert {second_factor.secret_of(person) for person in staff} == {demo_secret()}


def test_another_installation_has_another_secret(settings):
    here = demo_secret()
    settings.SECRET_KEY = "another"
    assert demo_secret() != here


def test_a_factor_of_their_own_stays(staff):
    second_factor.set_up(staff[0], "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", at=timezone.now(), by=staff[0])
    give_demo_second_factor(staff[0], at=timezone.now())
    assert second_factor.secret_of(staff[0]) != demo_secret()


@pytest.mark.parametrize(
    "email",
    [
        "officer@example.org",
        "a@demo.example.org",
        "a@notdemo.example",
        "a@sub.demo.example",
        "demo.example",
        "@demo.example",
        "x@evil@demo.example",
        None,
    ],
)
def test_only_addresses_of_demo_example_are_of_the_demonstration(email):
    assert not is_of_the_demonstration(email)
    assert is_of_the_demonstration("Officer@DEMO.example")


def test_nobody_else_gets_the_shared_secret_or_their_digits_printed(capsys):
    real = make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())
    with pytest.raises(Refused):
        give_demo_second_factor(real, at=timezone.now())
    second_factor.set_up(real, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", at=timezone.now(), by=real)
    with pytest.raises(Refused):
        demo_digits(real, at=timezone.now())
    with pytest.raises(SystemExit) as refused:
        call_command("demo_code", "officer@example.org")
    assert refused.value.code == 1
    told = capsys.readouterr()
    assert "only addresses that end in @demo.example are" in told.err
    assert not re.search(r"\d{6}", told.out)


def test_the_printed_links_and_digits_sign_each_role_in(staff):
    answer = json.loads(printed("demo_sign_ins", "--format", "json"))
    assert [each["role"] for each in answer["links"]] == [
        "co-producer", "activity lead", "payments officer", "authoriser", "auditor",
    ]  # fmt: skip
    for each in answer["links"]:
        client = Client()
        secret = each["link"].rstrip("/").rpartition("/")[2]
        answer = client.post("/sign-in/link/", {"secret": secret})
        if each["role"] != "co-producer":
            assert answer.url == "/sign-in/second-factor/"
            digits = printed("demo_code", each["email"]).strip()
            answer = client.post("/sign-in/second-factor/", {"code": digits})
        assert answer.url == "/home/"


def test_what_is_printed_names_the_commands_for_more(staff):
    words = printed("demo_sign_ins")
    assert words.count("/sign-in/link/") == 5
    assert "demo_code auditor@demo.example" in words
    assert "sign_in_link auditor@demo.example" in words
    assert demo_secret()[:4] in words


def test_where_there_is_no_demonstration_nothing_is_printed():
    make_staff("officer@example.org", Role.PAYMENTS_OFFICER, at=timezone.now())
    assert printed("demo_sign_ins") == ""
