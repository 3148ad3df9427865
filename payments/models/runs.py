"""A payment pays: runs, the payments in them, and the lines that tie each to what it pays."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eligibility.models import Person
from payments.models.bank import BankDetails, Charity
from payments.models.claims import Payable
from payments.models.guards import after_insert, after_update, changed, never_deleted, refused_if

FIGURES = ("bank_payments", "bank_total", "voucher_payments", "voucher_total", "charity_payments", "charity_total")


def runs_out_of_balance(run_ids: str) -> str:
    """A query for those of the runs whose figures are not the sums of their payments, by method."""
    sums = ", ".join(
        f"count(*) FILTER (WHERE method = '{method}') AS {method}_payments, "
        f"coalesce(sum(amount) FILTER (WHERE method = '{method}'), 0) AS {method}_total"
        for method in ("bank", "voucher", "charity")
    )
    kept, summed = (", ".join(f"{table}.{name}" for name in FIGURES) for table in ("run", "sums"))
    return (
        "SELECT FROM payments_paymentrun AS run "
        f"CROSS JOIN LATERAL (SELECT {sums} FROM payments_payment WHERE run_id = run.id) AS sums "
        f"WHERE run.id IN ({run_ids}) AND ROW({kept}) IS DISTINCT FROM ROW({summed})"
    )


class PaymentRun(models.Model):
    """One pay day's batch. It keeps its figures and what it could not pay as they were when prepared."""

    class Kind(models.TextChoices):
        CALENDAR = "calendar", "Calendar run"
        EXCEPTIONAL = "exceptional", "Exceptional run"

    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.CALENDAR)
    nominal_on = models.DateField(help_text="The Friday the calendar names.")
    pay_on = models.DateField()
    cut_off_at = models.DateTimeField()
    covers_from = models.DateTimeField(null=True, blank=True, help_text="Decided after this; empty for the first run.")

    prepared_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: by the clock."
    )
    prepared_at = models.DateTimeField()
    authorised_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    authorised_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    bank_payments = models.PositiveIntegerField()
    bank_total = models.DecimalField(max_digits=12, decimal_places=2)
    voucher_payments = models.PositiveIntegerField()
    voucher_total = models.DecimalField(max_digits=12, decimal_places=2)
    charity_payments = models.PositiveIntegerField()
    charity_total = models.DecimalField(max_digits=12, decimal_places=2)
    claims_covered = models.PositiveIntegerField()
    cards_covered = models.PositiveIntegerField()
    # [{"payable": id, "reason": code}, …], never a name.
    blocked = models.JSONField(default=list)
    held = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    # The head of the audit trail's chain at that moment, kept where rewriting the chain does not reach.
    history_head = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["nominal_on"],
                condition=Q(cancelled_at__isnull=True, kind="calendar"),
                name="one_run_for_one_friday_of_the_calendar",
            ),
            models.UniqueConstraint(
                fields=["pay_on"], condition=Q(cancelled_at__isnull=True), name="one_run_for_one_pay_day"
            ),
            models.CheckConstraint(
                condition=Q(authorised_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(authorised_by=F("prepared_by")),
                name="a_run_is_not_authorised_by_who_prepared_it",
            ),
            models.CheckConstraint(
                condition=Q(authorised_by__isnull=True, authorised_at__isnull=True)
                | Q(authorised_by__isnull=False, authorised_at__isnull=False),
                name="an_authorisation_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by__isnull=True)
                | Q(
                    sent_at__isnull=False, sent_by__isnull=False, authorised_at__isnull=False, cancelled_at__isnull=True
                ),
                name="only_an_authorised_run_is_sent",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(sent_at__isnull=False), name="only_a_sent_run_settles"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="a_cancellation_has_who_and_when",
            ),
        ]
        triggers = [
            never_deleted("runs_stay"),
            after_insert(
                "a_run_is_born_balanced",
                refused_if(runs_out_of_balance("SELECT id FROM added"), "A run is the sum of its payments."),
                refused_if(
                    "SELECT FROM added "
                    "WHERE authorised_at IS NOT NULL OR sent_at IS NOT NULL OR cancelled_at IS NOT NULL",
                    "A run is prepared before anything else is done with it.",
                ),
            ),
            after_update(
                "a_run_keeps_its_figures",
                refused_if(
                    changed(
                        "kind", "nominal_on", "pay_on", "cut_off_at", "covers_from", "prepared_by_id", "prepared_at",
                        *FIGURES, "claims_covered", "cards_covered", "blocked", "held", "digest", "history_head",
                    ),
                    "A run keeps its figures as they were when it was prepared.",
                ),
                *(
                    refused_if(
                        changed(*(column for column in columns), where=f"b.{columns[-1]} IS NOT NULL"),
                        "What was signed stays signed.",
                    )
                    for columns in (
                        ("authorised_by_id", "authorised_at"),
                        ("sent_by_id", "sent_at"),
                        ("settled_at",),
                        ("cancelled_by_id", "cancelled_at"),
                    )
                ),
                refused_if(
                    "SELECT FROM after AS a JOIN before AS b USING (id) "
                    "WHERE b.cancelled_at IS NOT NULL AND b.authorised_at IS DISTINCT FROM a.authorised_at",
                    "A cancelled run is not authorised.",
                ),
                refused_if(
                    "SELECT FROM after AS a JOIN before AS b USING (id) "
                    "JOIN payments_payment AS payment ON payment.run_id = a.id "
                    "LEFT JOIN payments_bankdetails AS details ON details.id = payment.bank_details_id "
                    "JOIN payments_paymentline AS line ON line.payment_id = payment.id "
                    "JOIN payments_payable AS payable ON payable.id = line.payable_id "
                    "JOIN payments_claim AS claim ON claim.id = payable.claim_id "
                    "WHERE b.authorised_at IS NULL AND a.authorised_by_id IN "
                    "(claim.decided_by_id, payable.owed_by_id, details.entered_by_id, claim.person_id)",
                    "A run is authorised by somebody who decided none of its claims, entered none of its bank details "
                    "and is not paid by it.",
                ),
                refused_if(
                    runs_out_of_balance("SELECT id FROM after"),
                    "A run is the sum of its payments.",
                ),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"run of {self.pay_on:%d %B %Y}"

    @property
    def state(self) -> str:
        """Where the run stands: cancelled, settled, sent, authorised or prepared."""
        for state in ("cancelled", "settled", "sent", "authorised"):
            if getattr(self, f"{state}_at"):
                return state
        return "prepared"


class Payment(models.Model):
    """One payee, one method, one run. The payee is a person or a charity."""

    class State(models.TextChoices):
        PENDING = "pending", "In the run"
        SETTLED = "settled", "Paid"
        FAILED = "failed", "Came back"
        CANCELLED = "cancelled", "Cancelled with its run"

    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="payments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="payments")
    charity = models.ForeignKey(Charity, on_delete=models.PROTECT, null=True, related_name="payments")
    method = models.CharField(max_length=8, choices=Payable.Method.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    bank_details = models.ForeignKey(BankDetails, on_delete=models.PROTECT, null=True, related_name="payments")
    # As it was when the run was prepared, so that its lists never change.
    payee_name = models.CharField(max_length=200)
    reference = models.CharField(max_length=18, unique=True, help_text="Neutral, unique for ever.")
    state = models.CharField(max_length=9, choices=State.choices, db_default=State.PENDING)
    live = models.GeneratedField(
        expression=~Q(state__in=["failed", "cancelled"]), output_field=models.BooleanField(), db_persist=True
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_code = models.CharField(max_length=20, blank=True, db_default="")

    class Meta:
        indexes = [models.Index(fields=["failed_at"], condition=Q(state="failed"), name="payments_that_came_back")]
        constraints = [
            models.UniqueConstraint(fields=["id", "live"], name="a_payment_lends_its_life_to_its_lines"),
            models.UniqueConstraint(
                fields=["run", "person", "method"],
                condition=Q(live=True, person__isnull=False),
                name="a_person_is_paid_once_a_run_and_method",
            ),
            models.UniqueConstraint(
                fields=["run", "charity", "method"],
                condition=Q(live=True, charity__isnull=False),
                name="a_charity_is_paid_once_a_run_and_method",
            ),
            models.CheckConstraint(
                condition=Q(method="charity", charity__isnull=False, person__isnull=True)
                | Q(method__in=["bank", "voucher"], charity__isnull=True, person__isnull=False),
                name="a_payment_has_one_payee",
            ),
            models.CheckConstraint(
                condition=Q(method="bank", bank_details__isnull=False)
                | (~Q(method="bank") & Q(bank_details__isnull=True)),
                name="a_bank_payment_names_its_account",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_above_nothing"),
            models.CheckConstraint(
                condition=~Q(state="failed") | (Q(failed_at__isnull=False) & ~Q(failed_code="")),
                name="a_failed_payment_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(settled_at__isnull=False), name="a_settled_payment_says_when"
            ),
        ]
        triggers = [
            never_deleted("payments_stay"),
            after_insert(
                "a_payment_is_born_with_its_lines",
                refused_if(
                    "SELECT FROM added WHERE NOT EXISTS "
                    "(SELECT FROM payments_paymentline AS line WHERE line.payment_id = added.id)",
                    "A payment is the sum of its lines.",
                ),
                refused_if(runs_out_of_balance("SELECT run_id FROM added"), "A run is the sum of its payments."),
                refused_if(
                    "SELECT FROM added WHERE state <> 'pending'",
                    "A payment waits for its run before anything else is done with it.",
                ),
            ),
            after_update(
                "a_payment_keeps_its_amount",
                refused_if(
                    changed(
                        "run_id", "person_id", "charity_id", "method", "amount", "bank_details_id", "payee_name",
                        "reference",
                    ),
                    "A payment never changes what it pays, to whom or where.",
                ),
                refused_if(
                    changed("settled_at", where="b.settled_at IS NOT NULL"), "When a payment settled stays as it was."
                ),
                refused_if(
                    changed("failed_at", "failed_code", where="b.failed_at IS NOT NULL"),
                    "Why and when a payment came back stays as it was.",
                ),
                refused_if(
                    changed(
                        "state",
                        where="(b.state, a.state) NOT IN (('pending', 'settled'), ('pending', 'failed'), "
                        "('pending', 'cancelled'), ('settled', 'failed'))",
                    ),
                    "A payment that failed or was cancelled stays so; what it owed rides the next run.",
                ),
                refused_if(
                    "SELECT FROM after AS a JOIN before AS b USING (id) "
                    "JOIN payments_paymentrun AS run ON run.id = a.run_id "
                    "WHERE a.state <> b.state AND CASE a.state WHEN 'cancelled' THEN run.cancelled_at IS NULL "
                    "ELSE run.sent_at IS NULL END",
                    "A payment settles or fails once its run was sent, and is cancelled only with its run.",
                ),
            ),
        ]  # fmt: skip


class PaymentLine(models.Model):
    """What a payment pays. Its life follows the payment's, by a foreign key on both (id, live)."""

    # The composite key in the migration is the one that is checked.
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, related_name="lines")
    live = models.BooleanField(db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payable"], condition=Q(live=True), name="a_payable_is_in_one_live_payment"
            ),
        ]
        triggers = [
            never_deleted("lines_stay"),
            after_insert(
                "lines_add_up",
                refused_if(
                    "SELECT FROM payments_payment AS payment JOIN ("
                    "SELECT line.payment_id, sum(payable.amount) AS owed FROM payments_paymentline AS line "
                    "JOIN payments_payable AS payable ON payable.id = line.payable_id "
                    "WHERE line.payment_id IN (SELECT payment_id FROM added) GROUP BY line.payment_id"
                    ") AS sums ON sums.payment_id = payment.id WHERE sums.owed <> payment.amount",
                    "A payment is the sum of its lines.",
                ),
                refused_if(
                    "SELECT FROM added AS line "
                    "JOIN payments_payment AS payment ON payment.id = line.payment_id "
                    "JOIN payments_payable AS payable ON payable.id = line.payable_id "
                    "JOIN payments_claim AS claim ON claim.id = payable.claim_id "
                    "WHERE claim.status <> 'approved' OR payable.voided_at IS NOT NULL OR payable.held <> '' "
                    "OR payable.method <> payment.method OR payable.charity_id IS DISTINCT FROM payment.charity_id "
                    "OR payment.charity_id IS NULL AND claim.person_id IS DISTINCT FROM payment.person_id",
                    "A line pays what is owed, by its method, to its own payee.",
                ),
            ),
            after_update(
                "a_line_never_moves",
                refused_if(changed("payment_id", "payable_id"), "A line never changes what it pays."),
                refused_if(changed("live", where="a.live"), "A line that ended stays ended."),
            ),
        ]


class PaymentFile(models.Model):
    """The hash of a list made from an authorised run: made again, it must be the same bytes."""

    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="files")
    layout = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    payments = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "layout"], name="a_list_of_a_run_has_one_content")]
        triggers = [pgtrigger.Protect(name="a_file_hash_stays", operation=pgtrigger.Update | pgtrigger.Delete)]
