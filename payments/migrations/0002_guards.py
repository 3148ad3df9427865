"""What Django has no words for: keys over two columns, and the digest a person signs."""

from django.db import migrations

LINES_LIVE_AND_END_WITH_THEIR_PAYMENT = """
    ALTER TABLE payments_paymentline ADD CONSTRAINT lines_live_and_end_with_their_payment
    FOREIGN KEY (payment_id, live) REFERENCES payments_payment (id, live) ON UPDATE CASCADE
"""

A_CLAIM_IS_ITS_PARTICIPATIONS_PERSONS = """
    ALTER TABLE payments_claim ADD CONSTRAINT a_claim_is_its_participations_persons
    FOREIGN KEY (participation_id, person_id) REFERENCES activities_participation (id, person_id)
    DEFERRABLE INITIALLY DEFERRED
"""

A_PAYMENT_GOES_TO_ITS_PAYEES_OWN_ACCOUNT = """
    ALTER TABLE payments_payment ADD CONSTRAINT a_payment_goes_to_its_payees_own_account
    FOREIGN KEY (bank_details_id, person_id) REFERENCES payments_bankdetails (id, person_id)
"""

PAYMENT_DIGEST = """
    CREATE FUNCTION payment_digest(
        method text, person bigint, charity bigint, amount numeric, bank_details bigint, payables bigint[]
    ) RETURNS text LANGUAGE sql IMMUTABLE RETURN
        method || '|' || coalesce('person ' || person, 'charity ' || charity) || '|' || amount::numeric(12, 2)
        || '|' || coalesce(bank_details::text, '') || '|' || array_to_string(payables, ',')
"""

RUN_DIGEST = """
    CREATE FUNCTION run_digest(payments text[]) RETURNS text LANGUAGE sql IMMUTABLE RETURN
        encode(sha256(convert_to(coalesce(array_to_string(payments, E'\\n'), ''), 'UTF8')), 'hex')
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(
            LINES_LIVE_AND_END_WITH_THEIR_PAYMENT,
            "ALTER TABLE payments_paymentline DROP CONSTRAINT lines_live_and_end_with_their_payment",
        ),
        migrations.RunSQL(
            A_CLAIM_IS_ITS_PARTICIPATIONS_PERSONS,
            "ALTER TABLE payments_claim DROP CONSTRAINT a_claim_is_its_participations_persons",
        ),
        migrations.RunSQL(
            A_PAYMENT_GOES_TO_ITS_PAYEES_OWN_ACCOUNT,
            "ALTER TABLE payments_payment DROP CONSTRAINT a_payment_goes_to_its_payees_own_account",
        ),
        migrations.RunSQL(PAYMENT_DIGEST, "DROP FUNCTION payment_digest"),
        migrations.RunSQL(RUN_DIGEST, "DROP FUNCTION run_digest"),
    ]
