-- What no run could pay as things stand: how many, by reason, and since when the oldest is owed.
-- %(cut_off_at)s is the last run's cut-off, and %(run)s its key. What was owed before it stands in that run's own
-- lists; what is owed since is looked at here, up to %(most)s of it, so that a page costs the same in every year.
WITH
since AS (
    SELECT payable.id
    FROM payments_payable AS payable
    WHERE payable.voided_at IS NULL AND payable.owed_at > coalesce(%(cut_off_at)s::timestamptz, '-infinity')
    ORDER BY payable.owed_at
    LIMIT %(most)s
),
set_aside AS (
    SELECT (entry ->> 'payable')::bigint AS id
    FROM payments_paymentrun AS run, jsonb_array_elements(run.blocked || run.held) AS entry
    WHERE run.id = %(run)s
    LIMIT %(most)s
),
candidates AS (SELECT id FROM since UNION SELECT id FROM set_aside),
judged AS (
    SELECT
        payable.owed_at,
        CASE
            WHEN details.id IS NULL THEN 'no-bank-details'
            WHEN details.usable_from > %(at)s THEN 'bank-details-cooling-off'
            WHEN details.bank_name = '' THEN 'unreadable-account-name'
        END AS reason
    FROM candidates
    JOIN payments_payable AS payable ON payable.id = candidates.id
    JOIN payments_claim AS claim ON claim.id = payable.claim_id
    LEFT JOIN LATERAL (
        SELECT id, usable_from, bank_name FROM payments_bankdetails
        WHERE person_id = claim.person_id ORDER BY id DESC LIMIT 1
    ) AS details ON TRUE
    WHERE payable.voided_at IS NULL AND payable.held = '' AND payable.method = 'bank'
        AND NOT EXISTS (SELECT FROM payments_paymentline AS line WHERE line.payable_id = payable.id AND line.live)
)
SELECT reason, count(*), min(owed_at), (SELECT count(*) >= %(most)s FROM since) AS at_least
FROM judged WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason
