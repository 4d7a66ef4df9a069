"""Guards of the giving tables that a CHECK cannot express."""

import pgtrigger

_LINE_MATCHES_BATCH = """
    IF NOT EXISTS (
        SELECT 1 FROM points_batch AS batch
          JOIN points_donation AS donation ON donation.store_id = batch.store_id AND donation.kind = 'goods'
         WHERE donation.id = NEW.donation_id AND batch.id = NEW.batch_id
           AND batch.product_id = NEW.product_id AND batch.received = NEW.quantity
           AND batch.expires_on IS NOT DISTINCT FROM NEW.expires_on
    ) THEN
        RAISE EXCEPTION 'the batch holds other goods'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'donation_line_matches_batch';
    END IF;
    RETURN NEW;
"""

DONATION_LINE = [
    pgtrigger.Trigger(
        name="donation_line_matches_batch",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_LINE_MATCHES_BATCH,
    )
]
