# ruff: noqa: E501
"""Answering a claim: which questions are answered, costs with an address, drafts that have no choice yet."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0001_initial"),
        ("payments", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="an_approved_claim_is_kept",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="expense",
            name="expenses_stay",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="expense",
            name="an_approved_expense_is_kept",
        ),
        migrations.RemoveConstraint(
            model_name="claim",
            name="what_is_owed_has_an_amount",
        ),
        migrations.AddField(
            model_name="claim",
            name="answered",
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="claim",
            name="more_hours_because",
            field=models.TextField(blank=True, db_default="", help_text="Their words: why longer than planned."),
        ),
        migrations.AddField(
            model_name="expense",
            name="key",
            field=models.UUIDField(
                db_default=models.Func(function="gen_random_uuid", output_field=models.UUIDField()),
                editable=False,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="expense",
            name="receipt_lost",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="claim",
            name="choice",
            field=models.CharField(
                blank=True,
                choices=[
                    ("payment", "payment"),
                    ("voucher", "voucher"),
                    ("lower", "lower"),
                    ("donate", "donate"),
                    ("decline", "decline"),
                    ("none", "none"),
                ],
                help_text="Blank: not chosen yet.",
                max_length=10,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="an_approved_claim_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE broken boolean;",
                    func="EXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (b.status = 'approved') AND ROW(a.participation_id, a.person_id, a.framework_version_id, a.band, a.recognition, a.rate, a.agreed_hours, a.full_amount, a.hours, a.more_hours_because, a.entered_by_id) IS DISTINCT FROM ROW(b.participation_id, b.person_id, b.framework_version_id, b.band, b.recognition, b.rate, b.agreed_hours, b.full_amount, b.hours, b.more_hours_because, b.entered_by_id)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'An approved claim keeps what it was decided on.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (b.status = 'approved' AND EXISTS (SELECT FROM payments_paymentrun AS run WHERE run.cancelled_at IS NULL AND run.cut_off_at >= b.decided_at)) AND ROW(a.status) IS DISTINCT FROM ROW(b.status)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'A claim that a run covers stays approved.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (TRUE) AND ROW(a.participation_id, a.person_id, a.entered_by_id, a.reference) IS DISTINCT FROM ROW(b.participation_id, b.person_id, b.entered_by_id, b.reference)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'A claim stays the same person''s, and keeps who entered it.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE ((b.status, a.status) NOT IN (('draft', 'submitted'), ('returned', 'submitted'), ('submitted', 'approved'), ('submitted', 'returned'), ('submitted', 'refused'), ('approved', 'submitted'), ('draft', 'withdrawn'), ('submitted', 'withdrawn'), ('returned', 'withdrawn'), ('approved', 'withdrawn'))) AND ROW(a.status) IS DISTINCT FROM ROW(b.status)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'A claim does not move that way.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (b.status = 'approved' AND EXISTS (SELECT FROM payments_payable AS payable WHERE payable.claim_id = b.id AND payable.part = 'recognition' AND payable.number = 0 AND payable.voided_at IS NULL)) AND ROW(a.choice, a.declined_as, a.lower_amount, a.charity_id) IS DISTINCT FROM ROW(b.choice, b.declined_as, b.lower_amount, b.charity_id)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'What is owed for it is voided before an approved claim changes.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (b.status = 'approved' AND EXISTS (SELECT FROM payments_payable AS payable WHERE payable.claim_id = b.id AND payable.voided_at IS NULL)) AND ROW(a.status) IS DISTINCT FROM ROW(b.status)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'What is owed for it is voided before an approved claim changes.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (b.status = 'approved' AND a.status = 'approved') AND ROW(a.decided_by_id, a.decided_at) IS DISTINCT FROM ROW(b.decided_by_id, b.decided_at)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'A decision keeps who made it and when.' USING ERRCODE = 'check_violation'; END IF;\nEXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (a.status = 'approved' AND EXISTS (SELECT FROM payments_paymentrun AS run WHERE run.cancelled_at IS NULL AND run.cut_off_at >= a.decided_at)) AND ROW(a.status) IS DISTINCT FROM ROW(b.status)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'That run is closed; give a later time.' USING ERRCODE = 'check_violation'; END IF;\nRETURN NULL;",
                    hash="9ad531635b19ec5ddbad3b7082c7f7d59e5f892b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_an_approved_claim_is_kept_063cb",
                    referencing="REFERENCING OLD TABLE AS before  NEW TABLE AS after ",
                    table="payments_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="expense",
            trigger=pgtrigger.compiler.Trigger(
                name="expenses_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE broken boolean;",
                    func="EXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM gone JOIN payments_claim AS claim ON claim.id = gone.claim_id WHERE claim.status NOT IN ('draft', 'returned')) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'Cannot delete a cost: only the person may take it out, before the claim is sent.' USING ERRCODE = 'check_violation'; END IF;\nRETURN NULL;",
                    hash="a4a4135b1d04a90ef0fca2d94d8ae529523cd1bf",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_expenses_stay_1a21d",
                    referencing="REFERENCING OLD TABLE AS gone ",
                    table="payments_expense",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="expense",
            trigger=pgtrigger.compiler.Trigger(
                name="an_approved_expense_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE broken boolean;",
                    func="EXECUTE $query$ SELECT count(*) > 0 FROM (SELECT FROM after AS a JOIN before AS b USING (id) WHERE (EXISTS (SELECT FROM payments_claim AS claim WHERE claim.id = b.claim_id AND claim.status = 'approved')) AND ROW(a.claim_id, a.mode, a.amount_asked, a.miles, a.mileage_rate, a.amount_approved, a.receipt, a.receipt_lost, a.taxi_agreed_with, a.approved_because) IS DISTINCT FROM ROW(b.claim_id, b.mode, b.amount_asked, b.miles, b.mileage_rate, b.amount_approved, b.receipt, b.receipt_lost, b.taxi_agreed_with, b.approved_because)) AS found $query$ INTO broken;\nIF broken THEN RAISE EXCEPTION 'An approved claim keeps what it was decided on.' USING ERRCODE = 'check_violation'; END IF;\nRETURN NULL;",
                    hash="afb84985b639fbf5ad39c27bbabe152b97fb205b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_an_approved_expense_is_kept_9334f",
                    referencing="REFERENCING OLD TABLE AS before  NEW TABLE AS after ",
                    table="payments_expense",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("choice__in", ["payment", "voucher", "lower", "donate"]), ("status", "approved"), _negated=True
                    ),
                    ("full_amount__isnull", False),
                    _connector="OR",
                ),
                name="what_is_owed_has_an_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("choice", ""), _negated=True), ("status__in", ["draft", "withdrawn"]), _connector="OR"
                ),
                name="a_claim_that_was_sent_has_a_choice",
            ),
        ),
    ]
