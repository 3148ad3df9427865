"""Payment policies with their dated versions, activities, and one person's part in each."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from activities.framework import Choice, Policy
from eligibility.models import EligibilityCheck, Person

CHOICES = [(choice.value, choice.value) for choice in Choice]


class DeclinedAs(models.TextChoices):
    """How "nothing, please" was meant."""

    VOLUNTARY = "voluntary", "Voluntary"
    NO_THANKS = "no-thanks", "No thanks"


class Framework(models.Model):
    """An organisation's payment policy. What it says is in its versions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)

    def __str__(self):
        return self.name


class FrameworkVersion(models.Model):
    """One dated version of a policy, whole. Once it is more than a draft it never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        CONSULTATION = "consultation"
        ADOPTED = "adopted"
        RETIRED = "retired"

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=40)
    status = models.CharField(max_length=20, choices=Status.choices)
    effective_from = models.DateField()
    review_by = models.DateField(null=True, blank=True)
    document = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "version"], name="a_version_is_there_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_published_version_never_changes",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__status="draft")
                & (
                    pgtrigger.Q(old__document__df=pgtrigger.F("new__document"))
                    | pgtrigger.Q(old__version__df=pgtrigger.F("new__version"))
                    | pgtrigger.Q(old__framework__df=pgtrigger.F("new__framework"))
                    | pgtrigger.Q(old__effective_from__df=pgtrigger.F("new__effective_from"))
                    | pgtrigger.Q(old__review_by__df=pgtrigger.F("new__review_by"))
                    | pgtrigger.Q(new__status="draft")
                ),
            ),
            pgtrigger.Protect(
                name="a_published_version_stays",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
            ),
        ]

    def __str__(self):
        return f"{self.framework.slug} {self.version}"

    @property
    def policy(self) -> Policy:
        return Policy.from_document(self.document)


class Activity(models.Model):
    """Something happening on a day, under one framework version."""

    framework_version = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="activities")
    kind = models.SlugField(blank=True, help_text="Blank when it was placed by its scores.")
    # Neutral: the only title that cards, references and subjects may use.
    title = models.CharField(max_length=200)
    on = models.DateField()
    session_hours = models.DecimalField(max_digits=5, decimal_places=2)
    agreed_hours = models.DecimalField(max_digits=5, decimal_places=2)
    named_contact = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="activities_led"
    )

    class Meta:
        indexes = [models.Index(fields=["framework_version", "kind", "on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(session_hours__gt=0) & Q(agreed_hours__gt=0) & Q(agreed_hours__lte=F("session_hours")),
                name="agreed_hours_fit_the_session",
            ),
        ]

    def __str__(self):
        return self.title


class Participation(models.Model):
    """One person's part in one activity: what was offered, what they chose, what they attended."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="participations")
    role = models.SlugField(blank=True)
    eligibility_check = models.ForeignKey(EligibilityCheck, on_delete=models.PROTECT, null=True, blank=True)

    # Offered: where the scale places this part, and what that means in hours and pounds.
    band = models.SlugField()
    band_why = models.TextField(blank=True)
    band_overridden_because = models.TextField(blank=True)
    rate = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)

    # Chosen: best before the activity; a claim carries its own copy.
    choice = models.CharField(max_length=10, choices=CHOICES, blank=True)
    declined_as = models.CharField(max_length=10, choices=DeclinedAs.choices, blank=True)
    lower_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    charity_name = models.CharField(max_length=200, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)

    # Attended: what the register says.
    attended_hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    attended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "activity"], name="a_person_takes_part_once"),
            # So that a claim's person is provably its participation's person.
            models.UniqueConstraint(fields=["id", "person"], name="a_participation_is_one_persons"),
        ]
