"""Deeds about people: staff roles, the one question."""

from datetime import datetime

from django.db import transaction

from eligibility import rules
from eligibility.identity import normal_email
from eligibility.models import EligibilityCheck, Event, Person, StaffRole
from eligibility.reasons import Reason, Refused
from eligibility.roles import Role


@transaction.atomic
def make_staff(email: str, role: Role, *, at: datetime, name: str = "") -> Person:
    """Make the person with this e-mail, holding ``role``. Does nothing to somebody who exists already."""
    email = normal_email(email)
    person, made = Person.objects.get_or_create(email=email, defaults={"name": name or email.partition("@")[0]})
    if made:
        StaffRole.objects.create(person=person, role=role, given_at=at)
        Event.objects.record("role given", person, by=None, at=at, role=role)
    return person


@transaction.atomic
def answer_the_question(person: Person, answer: str, *, by: Person | None, at: datetime) -> EligibilityCheck:
    """Keep a person's answer to the one capacity question, with the verdict and the why they were shown."""
    verdict = rules.check(answer)
    check = EligibilityCheck.objects.create(
        person=person, answer=answer, outcome=verdict.outcome, why=verdict.why, answered_at=at, recorded_by=by
    )
    Event.objects.record("eligibility answered", check, by=by, at=at, outcome=verdict.outcome)
    return check


@transaction.atomic
def override_eligibility(check: EligibilityCheck, outcome: str, reason: str, *, by: Person, at: datetime):
    """Staff decide otherwise, with a reason: a new check, so that the old one stays readable."""
    if not reason.strip():
        raise Refused(Reason("S26", "Write down why you decide otherwise."))
    new = EligibilityCheck.objects.create(
        person=check.person,
        answer=check.answer,
        outcome=outcome,
        why=check.why,
        overridden_because=reason,
        answered_at=at,
        recorded_by=by,
    )
    Event.objects.record("eligibility overridden", new, by=by, at=at, text=reason, outcome=outcome)
    return new


def person_called(email: str) -> Person:
    """The person with this e-mail, or Refused."""
    person = Person.objects.filter(email=normal_email(email)).first()
    if person is None:
        raise Refused(Reason("email", f"Nobody here has the e-mail {normal_email(email)}. Check it and try again."))
    return person
