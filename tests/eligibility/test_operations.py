"""Deeds about people: staff, the one question, what was overridden."""

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, transaction

from eligibility.models import EligibilityCheck, Event, Person, Role
from eligibility.operations import answer_the_question, make_staff, override_eligibility
from eligibility.reasons import Refused
from eligibility.sealing import InvalidToken, seal, unseal
from tests.payments.office import DECIDED, officer, person

pytestmark = pytest.mark.django_db


def test_staff_are_people_and_an_existing_person_is_left_as_they_are():
    made = make_staff("Officer@Example.org", Role.PAYMENTS_OFFICER, at=DECIDED)
    assert made.email == "officer@example.org" and Role.PAYMENTS_OFFICER in made.roles()
    again = make_staff("officer@example.org", Role.AUTHORISER, at=DECIDED)
    assert again == made and Role.AUTHORISER not in again.roles()
    assert Event.objects.filter(what="role given").count() == 1


def test_one_email_is_one_person_whatever_its_case():
    Person.objects.create(name="Ada", email="ada@example.org")
    for email in ("ada@example.org", "Ada@example.org"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.create(name="Ada", email=email)
    Person.objects.create(name="On paper"), Person.objects.create(name="By telephone")


def test_an_answer_is_kept_with_the_why_that_was_shown():
    check = answer_the_question(person(), "employer-made-up", by=None, at=DECIDED)
    assert check.outcome == "talk_first" and check.why
    assert Event.objects.filter(what="eligibility answered", about_id=check.pk).exists()


def test_S26_an_override_needs_its_reason_and_leaves_the_first_answer():
    check = answer_the_question(person(), "employer-time", by=None, at=DECIDED)
    with pytest.raises(Refused):
        override_eligibility(check, "offered", " ", by=officer(), at=DECIDED)
    override_eligibility(check, "offered", "Her employer agreed to it.", by=officer(), at=DECIDED)
    assert list(EligibilityCheck.objects.order_by("pk").values_list("outcome", flat=True)) == ["not_offered", "offered"]


def test_R55_sealed_details_open_only_in_their_own_place():
    sealed = seal({"account_number": "12345678"}, place="bank-details 1")
    assert "12345678" not in sealed
    assert unseal(sealed, place="bank-details 1") == {"account_number": "12345678"}
    with pytest.raises(InvalidToken):
        unseal(sealed, place="bank-details 2")


def test_R56_a_new_key_seals_and_the_old_one_still_opens(settings):
    sealed = seal({"a": "b"}, place="x")
    settings.BANK_DETAILS_KEYS = [Fernet.generate_key().decode(), *settings.BANK_DETAILS_KEYS]
    assert unseal(sealed, place="x") == {"a": "b"}
    newly = seal({"a": "b"}, place="x")
    settings.BANK_DETAILS_KEYS = settings.BANK_DETAILS_KEYS[1:]
    with pytest.raises(InvalidToken):
        unseal(newly, place="x")
