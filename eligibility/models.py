"""People, what they do here, whether payment is offered, and the one audit trail."""

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Now, Right

from eligibility.roles import STAFF, Role

# What two ways of writing one telephone number have in common: 07700 900123, +44 7700 900123.
LAST_DIGITS = Right(Func(F("phone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace"), 10)


class Person(AbstractBaseUser):
    """A human being: a co-producer, somebody on the staff, or both. One person, one row.

    Four-eyes rules compare people, so somebody with two hats has one row. There are no passwords; a
    person on paper or on the telephone has no e-mail and never signs in.
    """

    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True, null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    # "!" is Django's mark for a password that nothing can match.
    password = models.CharField(max_length=128, default="!", editable=False)

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(email=Lower("email")), name="an_email_is_lower_case"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_person_has_a_name"),
        ]
        indexes = [
            models.Index(LAST_DIGITS, name="a_person_by_their_number"),
            # Three letters from anywhere in a name find it (eligibility/people.py).
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="people_by_parts_of_their_name"),
        ]

    def __str__(self):
        return self.name

    def roles(self) -> frozenset[Role]:
        """What this person is here: a co-producer, and whatever staff roles they hold now."""
        held = self.staff_roles.filter(ended_at__isnull=True).values_list("role", flat=True)
        return frozenset([Role.VISITOR, Role.CO_PRODUCER, *map(Role, held)])


class StaffRole(models.Model):
    """A person's role on the staff, from when to when."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="staff_roles")
    role = models.CharField(max_length=30, choices=[(role.value, role.label) for role in STAFF])
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=Q(ended_at__isnull=True), name="a_role_is_held_once_at_a_time"
            )
        ]


class SignInLink(models.Model):
    """A link that signs one person in, once, for a quarter of an hour. Of its secret only the digest is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_links")
    secret_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class EligibilityCheck(models.Model):
    """A dated answer to "Is someone else paying you to be here?", with the reason that was shown.

    The answer and nothing else: no fact about work, money, health or family is ever asked or kept.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="eligibility_checks")
    answer = models.CharField(max_length=30)
    outcome = models.CharField(max_length=30)
    why = models.TextField()
    overridden_because = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")


class EventManager(models.Manager):
    def record(self, what, subject, *, by, at, text="", **facts):
        """Write down one deed in the caller's transaction. ``facts`` are figures and codes, never personal."""
        return self.record_all(what, [(subject, facts)], by=by, at=at, text=text)[0]

    def record_all(self, what, subjects_and_facts, *, by, at, text=""):
        """The same deed done to many, as one insert."""
        events = self.bulk_create(
            [
                Event(what=what, about=subject._meta.model_name, about_id=subject.pk, by=by, at=at, facts=facts)
                for subject, facts in subjects_and_facts
            ],
            batch_size=5000,
        )
        if text:
            EventText.objects.bulk_create([EventText(event=event, text=text) for event in events], batch_size=5000)
        return events


class Event(models.Model):
    """What happened, to what, by whom, when. Append-only: the database refuses any other use.

    ``at`` is when it counts as done; ``recorded_at`` is the database's own clock.
    """

    what = models.CharField(max_length=60)
    about = models.CharField(max_length=40)
    about_id = models.BigIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    facts = models.JSONField(default=dict)

    objects = EventManager()

    class Meta:
        indexes = [models.Index(fields=["about", "about_id"])]
        triggers = [
            pgtrigger.Protect(name="an_event_never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class EventText(models.Model):
    """The words that belong to an event: a reason, a note. The chain holds only their salted hash.

    Erasing a person may blank them; nothing else may touch them.
    """

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="words")
    salt = models.UUIDField(db_default=models.Func(function="gen_random_uuid", output_field=models.UUIDField()))
    text = models.TextField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="an_event_text_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="an_event_text_is_only_blanked",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(new__text="")
                | pgtrigger.Q(old__salt__df=pgtrigger.F("new__salt"))
                | pgtrigger.Q(old__event__df=pgtrigger.F("new__event")),
            ),
        ]


class EventSeal(models.Model):
    """One link of the chain over the events: changed or removed history shows (promise 7)."""

    seq = models.BigIntegerField(primary_key=True)
    # No foreign key: a removed event must leave its seal behind as the proof.
    event_id = models.BigIntegerField(unique=True)
    text_hash = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="a_seal_never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
