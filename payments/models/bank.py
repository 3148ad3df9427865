"""Where money goes: people's bank details, and charities."""

import uuid
from collections.abc import Iterable

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eligibility.models import Person
from eligibility.sealing import fingerprint, seal, unseal
from payments.models.guards import never_deleted
from payments.rules.bank_text import bank_text


class BankDetailsManager(models.Manager):
    def sealed(self, person, *, sort_code, account_number, name_on_account, entered_by, entered_at, **more):
        """A new, unsaved version with its account sealed. ``sort_code`` is six digits, ``account_number`` eight."""
        details = self.model(
            person=person,
            name_on_account=name_on_account,
            bank_name=bank_text(name_on_account),
            last_four=account_number[-4:],
            entered_by=entered_by,
            entered_at=entered_at,
            **more,
        )
        details.sealed = seal({"sort_code": sort_code, "account_number": account_number}, place=details.place)
        details.fingerprint = account_fingerprint(sort_code, account_number)
        return details

    def newest_of(self, people):
        """The version that counts for each of ``people``: the one entered last."""
        return self.filter(person__in=people).order_by("person", "-id").distinct("person")


def account_fingerprint(sort_code: str, account_number: str, roll_number: str = "") -> str:
    """By which equal accounts are found unopened. Building society members share a number, not a roll number."""
    return fingerprint(f"{sort_code} {account_number} {roll_number}")


class BankDetails(models.Model):
    """One version of a person's bank details. Append-only; a payment points at the version it used."""

    # What the sealing is bound to; known before the row is.
    sealed_for = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bank_details")
    name_on_account = models.CharField(max_length=200)
    # As the bank's file can carry it: 18 characters at most, may be empty when nothing can be made of the name.
    bank_name = models.CharField(max_length=18, blank=True)
    last_four = models.CharField(max_length=4)
    sealed = models.TextField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    # Empty: usable at once (first details never wait). Otherwise a change cools off until then.
    usable_from = models.DateTimeField(null=True, blank=True)

    objects = BankDetailsManager()

    class Meta:
        indexes = [models.Index(fields=["person", "-id"])]
        # So that a payment's account is provably its payee's.
        constraints = [models.UniqueConstraint(fields=["id", "person"], name="bank_details_are_one_persons")]
        triggers = [
            never_deleted("bank_details_stay"),
            # Not even sealed anew: an account that could be swapped here would be paid after it was authorised.
            pgtrigger.ReadOnly(name="bank_details_never_change"),
        ]

    @property
    def place(self) -> str:
        return f"bank-details {self.sealed_for}"

    def account(self) -> dict[str, str]:
        """The account opened: sort_code and account_number."""
        return unseal(self.sealed, place=self.place)


class Charity(models.Model):
    """A charity somebody asked us to give their payment to."""

    name = models.CharField(max_length=200)
    # The name without case and spaces: "Local  hospice" is "Local Hospice".
    key = models.CharField(max_length=200, unique=True)
    registered_number = models.CharField(max_length=20, blank=True)
    sealed_account = models.TextField(blank=True)
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_again_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="a_charity_has_a_name"),
            models.CheckConstraint(
                condition=Q(checked_again_by__isnull=True) | ~Q(checked_again_by=F("checked_by")),
                name="a_charity_is_checked_by_two_people",
            ),
        ]
        triggers = [
            never_deleted("charities_stay"),
            pgtrigger.ReadOnly(name="a_charity_keeps_its_name", fields=["name", "key"]),
        ]

    def __str__(self):
        return self.name

    @staticmethod
    def key_of(name: str) -> str:
        return "".join(name.casefold().split())

    @classmethod
    def called(cls, names: Iterable[str]) -> dict[str, "Charity"]:
        """Each charity by its key, made where it is new: case and spaces make no second charity."""
        wanted = {}
        for name in names:
            if name:
                wanted.setdefault(cls.key_of(name), name)
        missing = [cls(key=key, name=name) for key, name in wanted.items()]
        cls.objects.bulk_create(missing, ignore_conflicts=True, batch_size=5000)
        return {charity.key: charity for charity in cls.objects.filter(key__in=wanted)}
