-- What no run could pay as things stand: how many, by reason, and since when the oldest is owed.
-- %(cut_off_at)s is the last run's cut-off, and %(run)s its key. What was owed before it stands in that run's own
-- lists; what is owed since is looked at here, up to %(most)s of it, so that a page costs the same in every year.
WITH
since AS (
    SELECT payable.id, payable.claim_id, payable.owed_at
    FROM payments_payable AS payable
    WHERE payable.voided_at IS NULL AND payable.owed_at > coalesce(%(cut_off_at)s::timestamptz, '-infinity')
        AND payable.held = '' AND payable.method = 'bank'
    ORDER BY payable.owed_at
    LIMIT %(most)s
),
set_aside AS (
    SELECT (entry ->> 'payable')::bigint AS id
    FROM payments_paymentrun AS run, jsonb_array_elements(run.blocked || run.held) AS entry
    WHERE run.id = %(run)s
    LIMIT %(most)s
),
candidates AS (
    SELECT id, claim_id, owed_at FROM since
    UNION
    SELECT payable.id, payable.claim_id, payable.owed_at
    FROM set_aside
    -- OFFSET 0: look each of them up, instead of reading all there ever were.
    JOIN LATERAL (
        SELECT * FROM payments_payable WHERE payments_payable.id = set_aside.id OFFSET 0
    ) AS payable ON payable.voided_at IS NULL AND payable.held = '' AND payable.method = 'bank'
),
lacking AS MATERIALIZED (
    SELECT
        candidates.id,
        candidates.owed_at,
        CASE
            WHEN details.id IS NULL THEN 'no-bank-details'
            WHEN details.usable_from > %(at)s THEN 'bank-details-cooling-off'
            ELSE 'unreadable-account-name'
        END AS reason
    FROM candidates
    JOIN LATERAL (
        SELECT person_id FROM payments_claim WHERE payments_claim.id = candidates.claim_id OFFSET 0
    ) AS claim ON TRUE
    LEFT JOIN LATERAL (
        SELECT id, usable_from, bank_name FROM payments_bankdetails
        WHERE person_id = claim.person_id ORDER BY id DESC LIMIT 1
    ) AS details ON TRUE
    WHERE details.id IS NULL OR details.usable_from > %(at)s OR details.bank_name = ''
)
SELECT reason, count(*), min(owed_at), (SELECT count(*) >= %(most)s FROM since) AS at_least
FROM lacking
WHERE (SELECT count(*) FROM payments_paymentline AS line WHERE line.payable_id = lacking.id AND line.live) = 0
GROUP BY reason
ORDER BY reason
