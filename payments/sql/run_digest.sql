-- The digest of what a run pays, computed from its rows as proposal.sql computed it from what was owed.
SELECT run_digest(array_agg(
    payment_digest(
        payment.method, payment.person_id, payment.charity_id, payment.amount, payment.bank_details_id, paid.payables
    )
    ORDER BY payment.method, payment.person_id, payment.charity_id
))
FROM payments_payment AS payment
CROSS JOIN LATERAL (
    SELECT array_agg(line.payable_id ORDER BY line.payable_id) AS payables
    FROM payments_paymentline AS line WHERE line.payment_id = payment.id
) AS paid
WHERE payment.run_id = %s
