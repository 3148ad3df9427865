"""A claim asks; a payable owes."""

import secrets

from django.db import models
from django.db.models import F, Func, JSONField, Q, Value

from activities.models import CHOICES, DeclinedAs, FrameworkVersion, Participation
from eligibility.models import Person
from payments.models.bank import Charity
from payments.models.guards import (
    after_delete,
    after_insert,
    after_update,
    changed,
    never_deleted,
    refused_if,
    waits_for_open_books,
)
from payments.rules.claims import MOVES

ALLOWED_MOVES = ", ".join(f"('{before}', '{after}')" for befores, after in MOVES.values() for before in befores)

# Without letters and digits that look or sound alike.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

THAT_RUN_IS_CLOSED = "That run is closed; give a later time."


def new_reference() -> str:
    """A claim's name for people: unguessable, and easy to read out on the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


class Claim(models.Model):
    """One person's request after an activity, with its own copy of what it is decided on."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Sent"
        RETURNED = "returned", "We need one more thing"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    reference = models.CharField(max_length=11, unique=True, default=new_reference, editable=False)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="claims")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="claims")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)

    # As offered and decided: copies, so that no later edit elsewhere changes what is owed.
    framework_version = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="+")
    band = models.SlugField()
    recognition = models.CharField(max_length=20, blank=True)
    rate = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    agreed_hours = models.DecimalField(max_digits=5, decimal_places=2)
    full_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)

    # As asked.
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    choice = models.CharField(max_length=10, choices=CHOICES, blank=True, help_text="Blank: not chosen yet.")
    declined_as = models.CharField(max_length=10, choices=DeclinedAs.choices, blank=True)
    lower_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    charity = models.ForeignKey(Charity, on_delete=models.PROTECT, null=True, blank=True, related_name="claims")
    more_hours_because = models.TextField(blank=True, db_default="", help_text="Their words: why longer than planned.")
    # Which questions of rules.claiming were answered, so that coming back leads to the next one.
    answered = models.JSONField(default=list, db_default=Value([], JSONField()), blank=True)
    staff_note = models.TextField(blank=True)

    # Empty when the person sent it themselves, or when it was decided on paper before it came here.
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["decided_at"], condition=Q(status="approved"), name="approved_by_decision"),
            # The in-tray, in its order. The approved are most of all there are and need no index of their own.
            models.Index(fields=["submitted_at", "id"], condition=Q(status="submitted"), name="claims_to_decide"),
            models.Index(
                fields=["status", "id"], condition=Q(status__in=["returned", "refused"]), name="claims_sent_back"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participation"],
                condition=~Q(status__in=["refused", "withdrawn"]),
                name="one_claim_for_one_part_in_an_activity",
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="hours_are_above_nothing"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("person")), name="nobody_decides_their_own_claim"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(entered_by__isnull=True) | ~Q(decided_by=F("entered_by")),
                name="nobody_decides_a_claim_they_entered",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=False, decided_at__isnull=False, status__in=["returned", "approved", "refused"]
                )
                | Q(decided_by__isnull=True, decided_at__isnull=True, status__in=["draft", "submitted"])
                | Q(status="withdrawn"),
                name="a_decision_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(
                    choice="lower", lower_amount__isnull=False, lower_amount__gt=0, lower_amount__lte=F("full_amount")
                )
                | (~Q(choice="lower") & Q(lower_amount__isnull=True)),
                name="a_lower_amount_is_never_above_the_full_one",
            ),
            models.CheckConstraint(
                condition=Q(choice="donate", charity__isnull=False) | (~Q(choice="donate") & Q(charity__isnull=True)),
                name="a_donation_names_its_charity",
            ),
            models.CheckConstraint(
                condition=Q(choice="decline", declined_as__in=DeclinedAs.values)
                | (~Q(choice="decline") & Q(declined_as="")),
                name="a_decline_says_how_it_was_meant",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved", choice__in=["payment", "voucher", "lower", "donate"])
                | Q(full_amount__isnull=False),
                name="what_is_owed_has_an_amount",
            ),
            models.CheckConstraint(
                condition=~Q(choice="") | Q(status__in=["draft", "withdrawn"]),
                name="a_claim_that_was_sent_has_a_choice",
            ),
        ]
        triggers = [
            never_deleted("claims_stay"),
            waits_for_open_books("a_claim_waits_for_open_books"),
            after_insert(
                "a_claim_is_born_undecided",
                refused_if(
                    "SELECT FROM added WHERE status = 'approved'", "A claim is approved by a deed, not born approved."
                ),
            ),
            after_update(
                "an_approved_claim_is_kept",
                refused_if(
                    changed(
                        "participation_id", "person_id", "framework_version_id", "band", "recognition", "rate",
                        "agreed_hours", "full_amount", "hours", "more_hours_because", "entered_by_id",
                        where="b.status = 'approved'",
                    ),
                    "An approved claim keeps what it was decided on.",
                ),
                refused_if(
                    changed(
                        "status",
                        where="b.status = 'approved' AND EXISTS (SELECT FROM payments_paymentrun AS run "
                        "WHERE run.cancelled_at IS NULL AND run.cut_off_at >= b.decided_at)",
                    ),
                    "A claim that a run covers stays approved.",
                ),
                refused_if(
                    changed("participation_id", "person_id", "entered_by_id", "reference"),
                    "A claim stays the same person's, and keeps who entered it.",
                ),
                refused_if(
                    changed("status", where=f"(b.status, a.status) NOT IN ({ALLOWED_MOVES})"),
                    "A claim does not move that way.",
                ),
                refused_if(
                    changed(
                        "choice", "declined_as", "lower_amount", "charity_id",
                        where="b.status = 'approved' AND EXISTS (SELECT FROM payments_payable AS payable "
                        "WHERE payable.claim_id = b.id AND payable.part = 'recognition' AND payable.number = 0 "
                        "AND payable.voided_at IS NULL)",
                    ),
                    "What is owed for it is voided before an approved claim changes.",
                ),
                refused_if(
                    changed(
                        "status",
                        where="b.status = 'approved' AND EXISTS (SELECT FROM payments_payable AS payable "
                        "WHERE payable.claim_id = b.id AND payable.voided_at IS NULL)",
                    ),
                    "What is owed for it is voided before an approved claim changes.",
                ),
                refused_if(
                    changed("decided_by_id", "decided_at", where="b.status = 'approved' AND a.status = 'approved'"),
                    "A decision keeps who made it and when.",
                ),
                refused_if(
                    changed(
                        "status",
                        where="a.status = 'approved' AND EXISTS (SELECT FROM payments_paymentrun AS run "
                        "WHERE run.cancelled_at IS NULL AND run.cut_off_at >= a.decided_at)",
                    ),
                    THAT_RUN_IS_CLOSED,
                ),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.reference


class Expense(models.Model):
    """One travel (or other agreed) cost on a claim, with its evidence."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="expenses")
    # Its address: sending a page twice stores one line.
    key = models.UUIDField(
        unique=True, editable=False, db_default=Func(function="gen_random_uuid", output_field=models.UUIDField())
    )
    mode = models.SlugField()
    amount_asked = models.DecimalField(max_digits=9, decimal_places=2)
    miles = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    mileage_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    receipt = models.BooleanField(null=True, blank=True)
    receipt_lost = models.BooleanField(default=False, db_default=False)
    taxi_agreed_with = models.CharField(max_length=200, blank=True)
    amount_approved = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    approved_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_asked__gte=0), name="a_cost_is_not_below_nothing"),
            models.CheckConstraint(
                condition=Q(amount_approved__isnull=True)
                | Q(amount_approved__gte=0, amount_approved__lte=F("amount_asked")),
                name="no_more_is_approved_than_was_asked",
            ),
        ]
        triggers = [
            after_delete(
                "expenses_stay",
                refused_if(
                    "SELECT FROM gone JOIN payments_claim AS claim ON claim.id = gone.claim_id "
                    "WHERE claim.status NOT IN ('draft', 'returned')",
                    "Cannot delete a cost: only the person may take it out, before the claim is sent.",
                ),
            ),
            after_insert(
                "an_approved_claim_gains_no_expense",
                refused_if(
                    "SELECT FROM added JOIN payments_claim AS claim ON claim.id = added.claim_id "
                    "WHERE claim.status = 'approved'",
                    "An approved claim keeps what it was decided on.",
                ),
            ),
            after_update(
                "an_approved_expense_is_kept",
                refused_if(
                    changed(
                        "claim_id", "mode", "amount_asked", "miles", "mileage_rate", "amount_approved", "receipt",
                        "receipt_lost", "taxi_agreed_with", "approved_because",
                        where="EXISTS (SELECT FROM payments_claim AS claim "
                        "WHERE claim.id = b.claim_id AND claim.status = 'approved')",
                    ),
                    "An approved claim keeps what it was decided on.",
                ),
            ),
        ]  # fmt: skip


class Payable(models.Model):
    """An amount we owe, born when a claim is approved. Time and costs are separate payables."""

    class Part(models.TextChoices):
        RECOGNITION = "recognition", "Payment for time"
        EXPENSES = "expenses", "Costs"

    class Method(models.TextChoices):
        BANK = "bank", "Bank payment"
        VOUCHER = "voucher", "Voucher"
        CHARITY = "charity", "Donation"

    class Hold(models.TextChoices):
        STAFF = "staff", "Held by staff"
        PERSON = "person", "Held by the person"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="payables")
    part = models.CharField(max_length=12, choices=Part.choices)
    number = models.PositiveSmallIntegerField(default=0, help_text="0 is the claim itself, 1 and up are top-ups.")
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    method = models.CharField(max_length=8, choices=Method.choices)
    # Whom a donation goes to: a copy, so that no later edit of the claim sends it elsewhere.
    charity = models.ForeignKey(Charity, on_delete=models.PROTECT, null=True, blank=True, related_name="payables")
    owed_at = models.DateTimeField(help_text="When it was decided.")
    # Empty where the claim's own decision says who.
    owed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payable_from = models.DateField(null=True, blank=True, help_text="Not on a pay day before this one.")

    held = models.CharField(max_length=6, choices=Hold.choices, blank=True)
    held_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    held_because = models.TextField(blank=True)
    held_review_on = models.DateField(null=True, blank=True)

    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    voided_because = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(voided_at__isnull=True), name="payables_that_stand"),
            models.Index(fields=["owed_at"], condition=Q(voided_at__isnull=True), name="payables_by_when_owed"),
            models.Index(
                fields=["held_review_on"], condition=Q(voided_at__isnull=True, held="staff"), name="payables_to_review"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payable_is_above_nothing"),
            models.CheckConstraint(
                condition=Q(part="recognition", method__in=["bank", "voucher", "charity"])
                | Q(part="expenses", method="bank"),
                name="time_and_costs_travel_by_their_own_methods",
            ),
            models.CheckConstraint(
                condition=Q(method="charity", charity__isnull=False) | (~Q(method="charity") & Q(charity__isnull=True)),
                name="a_donation_owed_names_its_charity",
            ),
            models.CheckConstraint(
                condition=Q(number=0, owed_by__isnull=True) | Q(number__gt=0, owed_by__isnull=False),
                name="a_top_up_has_who_decided_it",
            ),
            models.UniqueConstraint(
                fields=["claim", "part", "number"],
                condition=Q(voided_at__isnull=True),
                name="a_part_is_owed_once",
            ),
            models.CheckConstraint(
                condition=Q(held="staff", held_by__isnull=False, held_review_on__isnull=False) & ~Q(held_because="")
                | Q(held__in=["", "person"], held_by__isnull=True, held_because="", held_review_on__isnull=True),
                name="a_staff_hold_has_owner_reason_and_review",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_because="", voided_by__isnull=True)
                | Q(voided_at__isnull=False) & ~Q(voided_because=""),
                name="a_void_has_its_reason",
            ),
        ]
        triggers = [
            never_deleted("payables_stay"),
            waits_for_open_books("a_payable_waits_for_open_books"),
            after_insert(
                "a_payable_is_owed_in_open_time",
                refused_if(
                    "SELECT FROM added JOIN payments_paymentrun AS run "
                    "ON run.cancelled_at IS NULL AND run.cut_off_at >= added.owed_at",
                    THAT_RUN_IS_CLOSED,
                ),
                refused_if(
                    "SELECT FROM added JOIN payments_claim AS claim ON claim.id = added.claim_id "
                    "WHERE claim.status <> 'approved'",
                    "Only an approved claim owes anything.",
                ),
            ),
            after_update(
                "a_payable_in_a_run_is_kept",
                refused_if(
                    changed("claim_id", "part", "number", "amount", "method", "charity_id", "owed_at", "owed_by_id"),
                    "A payable never changes what it owes: void it and owe another.",
                ),
                refused_if(
                    "SELECT FROM after AS a JOIN before AS b USING (id) WHERE b.voided_at IS NOT NULL",
                    "A voided payable stays voided.",
                ),
                refused_if(
                    "SELECT FROM after AS a JOIN payments_paymentline AS line ON line.payable_id = a.id AND line.live",
                    "This is in a payment run, so it can no longer be held, released, voided or changed.",
                ),
            ),
        ]
