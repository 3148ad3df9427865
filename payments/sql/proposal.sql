-- What a run at %(cut_off_at)s, paid on %(pay_on)s, would pay, and what it could not pay and why.
-- One snapshot: the books are closed by whoever asks. Ends in one row, "figures".
WITH
covered AS (
    SELECT max(run.cut_off_at) AS covers_from
    FROM payments_paymentrun AS run
    WHERE run.cancelled_at IS NULL AND run.cut_off_at < %(cut_off_at)s
),
-- Owed by the cut-off, however old, and in no live payment.
standing AS MATERIALIZED (
    SELECT
        payable.id, payable.amount, payable.method, payable.held, payable.payable_from,
        CASE WHEN payable.method <> 'charity' THEN claim.person_id END AS person_id,
        payable.charity_id
    FROM payments_payable AS payable
    JOIN payments_claim AS claim ON claim.id = payable.claim_id
    WHERE payable.voided_at IS NULL
        AND payable.owed_at <= %(cut_off_at)s
        AND NOT EXISTS (SELECT FROM payments_paymentline AS line WHERE line.payable_id = payable.id AND line.live)
),
newest_details AS (
    SELECT DISTINCT ON (details.person_id) details.person_id, details.id, details.usable_from, details.bank_name
    FROM payments_bankdetails AS details
    WHERE details.person_id IN (SELECT person_id FROM standing WHERE method = 'bank')
    ORDER BY details.person_id, details.id DESC
),
judged AS MATERIALIZED (
    SELECT
        standing.*,
        CASE WHEN standing.method = 'bank' THEN details.id END AS bank_details_id,
        CASE
            WHEN standing.method <> 'bank' THEN NULL
            WHEN details.id IS NULL THEN 'no-bank-details'
            WHEN details.usable_from > %(cut_off_at)s THEN 'bank-details-cooling-off'
            WHEN details.bank_name = '' THEN 'unreadable-account-name'
        END AS obstacle
    FROM standing
    LEFT JOIN newest_details AS details ON details.person_id = standing.person_id
),
payees AS MATERIALIZED (
    SELECT
        judged.method, judged.person_id, judged.charity_id, judged.bank_details_id,
        sum(judged.amount) AS amount,
        array_agg(judged.id ORDER BY judged.id) AS payables
    FROM judged
    WHERE judged.held = ''
        AND judged.obstacle IS NULL
        AND (judged.payable_from IS NULL OR judged.payable_from <= %(pay_on)s)
    GROUP BY judged.method, judged.person_id, judged.charity_id, judged.bank_details_id
),
figures AS MATERIALIZED (
    SELECT
        (SELECT covers_from FROM covered) AS covers_from,
        count(*) FILTER (WHERE method = 'bank') AS bank_payments,
        coalesce(sum(amount) FILTER (WHERE method = 'bank'), 0) AS bank_total,
        count(*) FILTER (WHERE method = 'voucher') AS voucher_payments,
        coalesce(sum(amount) FILTER (WHERE method = 'voucher'), 0) AS voucher_total,
        count(*) FILTER (WHERE method = 'charity') AS charity_payments,
        coalesce(sum(amount) FILTER (WHERE method = 'charity'), 0) AS charity_total,
        (
            SELECT count(*) FROM payments_claim AS claim
            WHERE claim.status = 'approved'
                AND claim.decided_at <= %(cut_off_at)s
                AND claim.decided_at > coalesce((SELECT covers_from FROM covered), '-infinity')
        ) AS claims_covered,
        (
            SELECT count(*) FROM payments_document AS document
            WHERE document.kind = 'thank-you-card'
                AND document.cancelled_at IS NULL
                AND document.due_at <= %(cut_off_at)s
                AND document.due_at > coalesce((SELECT covers_from FROM covered), '-infinity')
        ) AS cards_covered,
        (
            SELECT coalesce(jsonb_agg(jsonb_build_object('payable', id, 'reason', obstacle) ORDER BY id), '[]')
            FROM judged WHERE held = '' AND obstacle IS NOT NULL
        ) AS blocked,
        (
            SELECT coalesce(jsonb_agg(jsonb_build_object('payable', id, 'by', held) ORDER BY id), '[]')
            FROM judged WHERE held <> ''
        ) AS held,
        run_digest(array_agg(
            payment_digest(method, person_id, charity_id, amount, bank_details_id, payables)
            ORDER BY method, person_id, charity_id
        )) AS digest
    FROM payees
)
