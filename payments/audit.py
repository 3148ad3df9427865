"""The audit of the money: every promise as a query that finds what breaks it, over all of history.

It changes nothing but the chain: events not sealed yet are sealed first, so that it can tell afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pgtrigger
from django.apps import apps
from django.db import connection

from eligibility.history import broken_seals, seal_events
from payments.bank_files import made_again_the_same
from payments.models import Claim, Payable, Payment, PaymentFile, PaymentRun
from payments.models.runs import runs_out_of_balance

# What an approved claim's time is worth, from its own copy of what it was decided on.
TIME_OWED = """CASE WHEN claim.choice = 'lower' THEN claim.lower_amount
    WHEN claim.choice IN ('payment', 'voucher', 'donate') THEN claim.full_amount ELSE 0 END"""

PARTS_OWED = f"""
    SELECT claim.id AS claim_id, 'recognition' AS part, {TIME_OWED} AS amount
    FROM payments_claim AS claim WHERE claim.status = 'approved'
    UNION ALL
    SELECT claim.id, 'expenses', coalesce(sum(expense.amount_approved), 0)
    FROM payments_claim AS claim LEFT JOIN payments_expense AS expense ON expense.claim_id = claim.id
    WHERE claim.status = 'approved' GROUP BY claim.id
"""


def without_event(subject: str, table: str, what: str, *, where: str, by: str = "", at: str = "") -> str:
    """A query for rows whose move left no event with the same who and when.

    EXCEPT compares the two sides as sets, so takes seconds on tables that PostgreSQL has not measured yet.
    """
    moved = ", ".join(f"moved.{column}" for column in ("id", by, at) if column)
    told = ", ".join(f"event.{column}" for column in ("about_id", by and "by_id", at and "at") if column)
    return (
        f"SELECT {moved} FROM {table} AS moved WHERE {where} EXCEPT "
        f"SELECT {told} FROM eligibility_event AS event WHERE event.about = '{subject}' AND event.what = '{what}'"
    )


@dataclass(frozen=True)
class Check:
    """One query that finds nothing while the promise holds: the ids of what breaks it."""

    promise: int
    sentence: str
    query: str


CHECKS = [
    Check(
        1,
        "An approved part is not owed by exactly one payable of its amount.",
        f"""
        SELECT part.claim_id FROM ({PARTS_OWED}) AS part
        LEFT JOIN LATERAL (
            SELECT payable.amount, payable.voided_at FROM payments_payable AS payable
            WHERE payable.claim_id = part.claim_id AND payable.part = part.part AND payable.number = 0
            ORDER BY payable.id DESC LIMIT 1
        ) AS last ON true
        WHERE part.amount IS NULL
            OR part.amount > 0 AND (last.amount IS NULL OR last.voided_at IS NULL AND last.amount <> part.amount)
            OR part.amount = 0 AND last.amount IS NOT NULL AND last.voided_at IS NULL
        """,
    ),
    Check(
        1,
        "Something is owed on a claim that is not approved.",
        """
        SELECT payable.id FROM payments_payable AS payable JOIN payments_claim AS claim ON claim.id = payable.claim_id
        WHERE payable.voided_at IS NULL AND claim.status <> 'approved'
        """,
    ),
    Check(
        1,
        "A payable was voided without a reason.",
        "SELECT id FROM payments_payable WHERE voided_at IS NOT NULL AND voided_because = ''",
    ),
    Check(
        2,
        "A payable is in more than one place at once.",
        """
        SELECT payable.id FROM payments_payable AS payable
        JOIN payments_paymentline AS line ON line.payable_id = payable.id
        WHERE line.live GROUP BY payable.id
        HAVING count(*) > 1 OR bool_or(payable.held <> '') OR bool_or(payable.voided_at IS NOT NULL)
        """,
    ),
    Check(
        2,
        "A line does not live and end with its payment.",
        """
        SELECT line.id FROM payments_paymentline AS line
        LEFT JOIN payments_payment AS payment ON payment.id = line.payment_id
        WHERE payment.id IS NULL OR line.live <> (payment.state NOT IN ('failed', 'cancelled'))
        """,
    ),
    Check(
        2,
        "A payment and its run do not stand at the same point.",
        """
        SELECT payment.id FROM payments_payment AS payment JOIN payments_paymentrun AS run ON run.id = payment.run_id
        WHERE (run.cancelled_at IS NOT NULL) <> (payment.state = 'cancelled')
            OR run.sent_at IS NULL AND payment.state IN ('settled', 'failed')
            OR run.settled_at IS NOT NULL AND payment.state = 'pending'
        """,
    ),
    Check(
        3,
        "A payment is not the sum of its lines, or pays somebody else.",
        """
        SELECT payment.id FROM payments_payment AS payment
        LEFT JOIN payments_paymentline AS line ON line.payment_id = payment.id
        LEFT JOIN payments_payable AS payable ON payable.id = line.payable_id
        LEFT JOIN payments_claim AS claim ON claim.id = payable.claim_id
        GROUP BY payment.id
        HAVING coalesce(sum(payable.amount), 0) <> payment.amount OR bool_or(payable.method <> payment.method)
            OR bool_or(payable.charity_id IS DISTINCT FROM payment.charity_id)
            OR bool_or(payment.charity_id IS NULL AND claim.person_id IS DISTINCT FROM payment.person_id)
        """,
    ),
    Check(
        3,
        "A payment goes to somebody else's account.",
        """
        SELECT payment.id FROM payments_payment AS payment
        JOIN payments_bankdetails AS details ON details.id = payment.bank_details_id
        WHERE details.person_id <> payment.person_id
        """,
    ),
    Check(
        7,
        "The history that a run was prepared on is no longer there.",
        """
        SELECT run.id FROM payments_paymentrun AS run WHERE run.history_head <> ''
            AND NOT EXISTS (SELECT FROM eligibility_eventseal AS seal WHERE seal.hash = run.history_head)
        """,
    ),
    Check(
        3,
        "A run is not the sum of its payments.",
        runs_out_of_balance("SELECT id FROM payments_paymentrun").replace("SELECT FROM", "SELECT run.id FROM", 1),
    ),
    Check(
        3,
        "A run no longer pays what was prepared: its digest differs.",
        """
        SELECT run.id FROM payments_paymentrun AS run
        LEFT JOIN (
            SELECT payment.run_id, run_digest(array_agg(
                payment_digest(
                    payment.method, payment.person_id, payment.charity_id, payment.amount,
                    payment.bank_details_id, paid.payables
                ) ORDER BY payment.method, payment.person_id, payment.charity_id
            )) AS digest
            FROM payments_payment AS payment
            JOIN (
                SELECT payment_id, array_agg(payable_id ORDER BY payable_id) AS payables
                FROM payments_paymentline GROUP BY payment_id
            ) AS paid ON paid.payment_id = payment.id
            GROUP BY payment.run_id
        ) AS now ON now.run_id = run.id
        WHERE run.digest <> coalesce(now.digest, run_digest(NULL))
        """,
    ),
    Check(
        3,
        "A run is not what was written down when it was prepared, authorised or sent.",
        """
        SELECT run.id FROM payments_paymentrun AS run
        JOIN eligibility_event AS event ON event.about = 'paymentrun' AND event.about_id = run.id
        WHERE event.facts ->> 'digest' <> run.digest
        """,
    ),
    Check(
        4,
        "A list that left the house does not have its run's payments and total.",
        """
        SELECT file.id FROM payments_paymentfile AS file JOIN payments_paymentrun AS run ON run.id = file.run_id
        WHERE run.authorised_at IS NULL OR (file.payments, file.total) IS DISTINCT FROM (CASE file.layout
            WHEN 'voucher-orders' THEN (run.voucher_payments, run.voucher_total)
            WHEN 'donations' THEN (run.charity_payments, run.charity_total)
            ELSE (run.bank_payments, run.bank_total) END)
        """,
    ),
    Check(
        5,
        "Somebody decided their own claim, or one they entered.",
        "SELECT id FROM payments_claim WHERE decided_by_id IN (person_id, entered_by_id)",
    ),
    Check(
        5,
        "A run was authorised by somebody who had a hand in it, or is paid by it.",
        """
        SELECT DISTINCT run.id FROM payments_paymentrun AS run
        LEFT JOIN payments_payment AS payment ON payment.run_id = run.id
        LEFT JOIN payments_bankdetails AS details ON details.id = payment.bank_details_id
        LEFT JOIN payments_paymentline AS line ON line.payment_id = payment.id
        LEFT JOIN payments_payable AS payable ON payable.id = line.payable_id
        LEFT JOIN payments_claim AS claim ON claim.id = payable.claim_id
        WHERE run.cancelled_at IS NULL AND run.authorised_by_id IN (
            run.prepared_by_id, claim.decided_by_id, payable.owed_by_id, details.entered_by_id, claim.person_id
        )
        """,
    ),
    Check(
        6,
        "An amount is kept as a float.",
        """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND data_type IN ('real', 'double precision')
            AND (table_name LIKE 'payments\\_%%' OR table_name LIKE 'activities\\_%%')
        """,
    ),
    *(
        Check(7, f"A move left no event: {what}.", without_event(subject, table, what, **more))
        for subject, table, what, more in [
            (
                "claim",
                "payments_claim",
                "claim approved",
                {"where": "moved.status = 'approved'", "by": "decided_by_id", "at": "decided_at"},
            ),
            ("claim", "payments_claim", "claim refused", {"where": "moved.status = 'refused'", "by": "decided_by_id"}),
            ("claim", "payments_claim", "claim withdrawn", {"where": "moved.status = 'withdrawn'"}),
            (
                "payable",
                "payments_payable",
                "payable voided",
                {"where": "moved.voided_at IS NOT NULL", "by": "voided_by_id"},
            ),
            ("payable", "payments_payable", "payable held", {"where": "moved.held <> ''"}),
            ("payable", "payments_payable", "topped up", {"where": "moved.number > 0", "at": "owed_at"}),
            (
                "bankdetails",
                "payments_bankdetails",
                "bank details entered",
                {"where": "TRUE", "by": "entered_by_id", "at": "entered_at"},
            ),
            ("payment", "payments_payment", "payment failed", {"where": "moved.state = 'failed'", "at": "failed_at"}),
            *(
                (
                    "paymentrun",
                    "payments_paymentrun",
                    f"run {move}",
                    {"where": f"moved.{move}_at IS NOT NULL", "by": f"{move}_by_id", "at": f"{move}_at"},
                )
                for move in ("prepared", "authorised", "sent", "cancelled")
            ),
            (
                "paymentrun",
                "payments_paymentrun",
                "run settled",
                {"where": "moved.settled_at IS NOT NULL", "at": "settled_at"},
            ),
        ]
    ),
]


def audit_money() -> dict:
    """Check every promise: {"ok": bool, "checked": {what: how many}, "broken": [{promise, what, ids}]}."""
    seal_events()
    # Each check is one query, so sees one moment, whatever the office does meanwhile.
    with connection.cursor() as cursor:
        broken = [*broken_promises(cursor), *missing_guards(cursor), *lists_that_would_differ()]
    broken += [{"promise": 7, "what": f"The history was touched: {place}.", "ids": []} for place in broken_seals()]
    checked = {
        "claims": Claim.objects.count(),
        "payables": Payable.objects.count(),
        "payments": Payment.objects.count(),
        "runs": PaymentRun.objects.count(),
        "checks": len(CHECKS) + 3,
    }
    return {"ok": not broken, "checked": checked, "broken": broken}


def broken_promises(cursor) -> Iterator[dict]:
    for check in CHECKS:
        cursor.execute(check.query, [])
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            yield {"promise": check.promise, "what": check.sentence, "ids": ids}


def lists_that_would_differ() -> Iterator[dict]:
    """Every list that left the house, made again: the same bytes, or promise 4 is broken."""
    for file in PaymentFile.objects.select_related("run").order_by("pk"):
        if not made_again_the_same(file):
            yield {"promise": 4, "what": "A list that left the house would differ if made again.", "ids": [file.pk]}


def missing_guards(cursor) -> Iterator[dict]:
    """A guard that was dropped or switched off breaks promise 3 before anybody has used the gap.

    Only names are compared: whoever owns the tables can hollow a guard out, so the service's account should not.
    """
    cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
    there = set(cursor.fetchall())
    for model, trigger in pgtrigger.registered():
        if (trigger.get_pgid(model), model._meta.db_table) not in there:
            yield {"promise": 3, "what": f"The database no longer holds the guard {trigger.name}.", "ids": []}
    cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
    names = {name for (name,) in cursor.fetchall()}
    for model in apps.get_app_config("payments").get_models():
        for constraint in model._meta.constraints:
            if constraint.name not in names:
                yield {"promise": 3, "what": f"The database no longer holds the guard {constraint.name}.", "ids": []}
