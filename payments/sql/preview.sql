-- Follows proposal.sql: its figures, with what each method would pay for time and for costs.
SELECT
    figures.*,
    (
        SELECT coalesce(jsonb_agg(sums), '[]')
        FROM (
            SELECT payees.method, payable.part, sum(payable.amount) AS amount
            FROM payees
            CROSS JOIN LATERAL unnest(payees.payables) AS paid (id)
            JOIN payments_payable AS payable ON payable.id = paid.id
            GROUP BY payees.method, payable.part
        ) AS sums
    ) AS parts
FROM figures
