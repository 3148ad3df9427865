-- Follows proposal.sql: the run, its payments and their lines, born together in this one statement.
, new_run AS (
    INSERT INTO payments_paymentrun (
        kind, nominal_on, pay_on, cut_off_at, covers_from, prepared_by_id, prepared_at,
        bank_payments, bank_total, voucher_payments, voucher_total, charity_payments, charity_total,
        claims_covered, cards_covered, blocked, held, digest, history_head
    )
    SELECT
        %(kind)s, %(nominal_on)s, %(pay_on)s, %(cut_off_at)s, covers_from, %(prepared_by)s, %(prepared_at)s,
        bank_payments, bank_total, voucher_payments, voucher_total, charity_payments, charity_total,
        claims_covered, cards_covered, blocked, held, digest,
        coalesce((SELECT seal.hash FROM eligibility_eventseal AS seal ORDER BY seal.seq DESC LIMIT 1), '')
    FROM figures
    RETURNING id
),
numbered AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('payments_payment', 'id')) AS payment_id, payees.*
    FROM payees
),
new_payments AS (
    INSERT INTO payments_payment (
        id, run_id, person_id, charity_id, method, amount, bank_details_id, payee_name, reference
    )
    SELECT
        numbered.payment_id, new_run.id, numbered.person_id, numbered.charity_id, numbered.method, numbered.amount,
        numbered.bank_details_id, coalesce(person.name, charity.name),
        %(reference_prefix)s || ' ' || upper(lpad(to_hex(numbered.payment_id), 8, '0'))
    FROM numbered
    CROSS JOIN new_run
    LEFT JOIN eligibility_person AS person ON person.id = numbered.person_id
    LEFT JOIN payments_charity AS charity ON charity.id = numbered.charity_id
),
new_lines AS (
    INSERT INTO payments_paymentline (payment_id, payable_id)
    SELECT numbered.payment_id, unnest(numbered.payables) FROM numbered
)
SELECT id FROM new_run
