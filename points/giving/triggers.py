"""Guards of the giving tables that a CHECK cannot express. Each names the constraint it stands for."""

import pgtrigger

from points.giving.states import FIRST, MOVES


def _refuse(condition: str, name: str, why: str) -> str:
    return f"""
    IF {condition} THEN
        RAISE EXCEPTION '{why}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NEW;
"""


def _beneficiary_is_another(name: str) -> pgtrigger.Trigger:
    """Refuse a donor who names themselves as the one who benefits, whatever the spaces and letter case."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.beneficiary <> ''"),
        func=_refuse(
            "EXISTS (SELECT 1 FROM points_donor AS donor WHERE donor.id = NEW.donor_id AND "
            "(donor.credit_code = NEW.beneficiary_code OR "
            "lower(regexp_replace(donor.name, '\\s', '', 'g')) = "
            "lower(regexp_replace(NEW.beneficiary, '\\s', '', 'g'))))",
            name,
            "donors do not give to themselves",
        ),
    )


DONOR = [
    pgtrigger.Trigger(
        name="donor_claimed_by_its_phone",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("user_id", "contact_index"),
        condition=pgtrigger.Condition("NEW.user_id IS NOT NULL"),
        func=_refuse(
            "NOT EXISTS (SELECT 1 FROM accounts_user AS person "
            "WHERE person.id = NEW.user_id AND person.phone_index = NEW.contact_index)",
            "donor_claimed_by_its_phone",
            "the account has another phone than the donor",
        ),
    ),
    pgtrigger.Trigger(
        # At the end of the transaction, because the change is written beside it.
        name="donor_consent_has_history",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("consent", "show_amount", "show_picture"),
        timing=pgtrigger.Deferred,
        func=_refuse(
            "EXISTS (SELECT 1 FROM points_donor AS donor CROSS JOIN LATERAL (VALUES "
            "('name', donor.consent, OLD.consent), "
            "('amount', CASE WHEN donor.show_amount THEN 'yes' ELSE 'no' END, "
            "CASE WHEN OLD.show_amount THEN 'yes' ELSE 'no' END), "
            "('picture', CASE WHEN donor.show_picture THEN 'yes' ELSE 'no' END, "
            "CASE WHEN OLD.show_picture THEN 'yes' ELSE 'no' END)) AS said (matter, now, was) "
            "WHERE donor.id = NEW.id AND said.now <> said.was AND said.now IS DISTINCT FROM "
            "(SELECT change.new FROM points_consentchange AS change WHERE change.donor_id = donor.id "
            "AND change.matter = said.matter ORDER BY change.id DESC LIMIT 1))",
            "donor_consent_has_history",
            "a consent changes with a row that says who changed it",
        ),
    ),
]

DONOR_PICTURE = [
    pgtrigger.Trigger(
        name="donor_picture_of_somebody_known",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=_refuse(
            "EXISTS (SELECT 1 FROM points_donor AS donor "
            "WHERE donor.id = NEW.donor_id AND donor.kind = 'anonymous')",
            "donor_picture_of_somebody_known",
            "nothing is kept of an anonymous donor",
        ),
    )
]

CONSENT_CHANGE = [
    pgtrigger.Trigger(
        name="consent_change_by_the_donor",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.by = 'donor'"),
        func=_refuse(
            "NOT EXISTS (SELECT 1 FROM points_donor AS donor "
            "WHERE donor.id = NEW.donor_id AND donor.user_id = NEW.changed_by_id)",
            "consent_change_by_the_donor",
            "only the donor speaks as the donor",
        ),
    )
]

# A gift stays as it was written down; only that its receipt was revoked is added, with the revocation's time.
_GIFT_STAYS = """
    IF TG_OP = 'INSERT' AND NEW.revoked_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'revoked_at' = to_jsonb(OLD) - 'revoked_at'
       AND OLD.revoked_at IS NULL AND EXISTS (
           SELECT 1 FROM points_receipt AS receipt
             JOIN points_receiptrevocation AS revocation ON revocation.receipt_id = receipt.id
            WHERE receipt.donation_id = NEW.id AND revocation.revoked_at = NEW.revoked_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a gift is not rewritten'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'donation_append_only';
"""

DONATION = [
    pgtrigger.Trigger(
        name="donation_append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_GIFT_STAYS,
    ),
    _beneficiary_is_another("donation_beneficiary_is_another"),
]

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

# What was pledged stays; each step adds its own columns once, and a finished intake is finished.
_STEPS = """ARRAY['status', 'received_by_id', 'received_at', 'inspected_by_id', 'inspected_at', 'signed_at',
       'donation_id', 'valuation_fen', 'official_ticket', 'ticket_code', 'receipt_waived', 'closed_by_id',
       'closed_at', 'close_reason']"""

_INTAKE_MOVES = f"""
    IF TG_OP = 'DELETE' OR OLD.status IN ({{closed}})
       OR (NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ({{allowed}})) THEN
        RAISE EXCEPTION 'an intake goes one way'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_moves';
    END IF;
    IF to_jsonb(NEW) - {_STEPS} <> to_jsonb(OLD) - {_STEPS}
       OR (OLD.received_at IS NOT NULL AND ROW(NEW.received_by_id, NEW.received_at)
           IS DISTINCT FROM ROW(OLD.received_by_id, OLD.received_at))
       OR (OLD.inspected_at IS NOT NULL AND ROW(NEW.inspected_by_id, NEW.inspected_at)
           IS DISTINCT FROM ROW(OLD.inspected_by_id, OLD.inspected_at)) THEN
        RAISE EXCEPTION 'what was pledged does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_facts_stay';
    END IF;
    RETURN NEW;
"""

_SIGNED_BY_BOTH = """
    IF (SELECT count(*) FROM points_intakesignature WHERE intake_id = NEW.id) <> 2 OR NOT EXISTS (
        SELECT 1 FROM points_donation AS donation
         WHERE donation.id = NEW.donation_id AND donation.donor_id = NEW.donor_id
           AND donation.store_id = NEW.store_id AND donation.handled_by_id = (
               SELECT user_id FROM points_intakesignature WHERE intake_id = NEW.id AND party = 'handler')
    ) OR (SELECT sum(accepted) FROM points_intakeline WHERE intake_id = NEW.id) IS DISTINCT FROM
         (SELECT sum(quantity) FROM points_donationline WHERE donation_id = NEW.donation_id) THEN
        RAISE EXCEPTION 'goods are signed for by both sides, and what was accepted is what was booked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_signed_by_both';
    END IF;
    RETURN NEW;
"""

INTAKE = [
    pgtrigger.Trigger(
        name="intake_begins_pledged",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_refuse(
            f"NEW.status <> '{FIRST.value}'", "intake_begins_pledged", "an intake begins as a pledge"
        ),
    ),
    pgtrigger.Trigger(
        # The table of states.py, once more for whatever reaches the rows without the services.
        name="intake_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_INTAKE_MOVES.format(
            closed=", ".join(f"'{status.value}'" for status, after in MOVES.items() if not after),
            allowed=", ".join(
                f"'{before.value}>{after.value}'"
                for before, afters in MOVES.items()
                for after in sorted(afters)
            ),
        ),
    ),
    pgtrigger.Trigger(
        name="intake_signed_by_both",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Condition("NEW.status = 'signed'"),
        func=_SIGNED_BY_BOTH,
    ),
    _beneficiary_is_another("intake_beneficiary_is_another"),
]

_LINE_HISTORY = """
    SELECT status INTO step FROM points_intake WHERE id = NEW.intake_id;
    IF TG_OP = 'INSERT' THEN
        IF step <> 'pledged' OR NEW.counted IS NOT NULL OR NEW.accepted IS NOT NULL THEN
            RAISE EXCEPTION 'lines are pledged first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_line_history_stays';
        END IF;
        RETURN NEW;
    END IF;
    IF ROW(NEW.intake_id, NEW.offered, NEW.quantity, NEW.promised_expiry)
       IS DISTINCT FROM ROW(OLD.intake_id, OLD.offered, OLD.quantity, OLD.promised_expiry)
       OR (OLD.counted IS NOT NULL AND NEW.counted IS DISTINCT FROM OLD.counted)
       OR OLD.accepted IS NOT NULL OR step NOT IN ('pledged', 'received') THEN
        RAISE EXCEPTION 'what was offered, counted and inspected stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_line_history_stays';
    END IF;
    RETURN NEW;
"""

INTAKE_LINE = [
    pgtrigger.Trigger(
        name="intake_line_history_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        declare=[("step", "text")],
        func=_LINE_HISTORY,
    ),
    pgtrigger.Trigger(
        name="intake_line_never_removed",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        func="RAISE EXCEPTION 'a pledge is withdrawn, not removed' "
        "USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_line_never_removed';",
    ),
    pgtrigger.Trigger(
        name="intake_line_of_that_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.product_id IS NOT NULL"),
        func=_refuse(
            "NOT EXISTS (SELECT 1 FROM points_intake AS intake JOIN points_product AS product "
            "ON product.store_id = intake.store_id "
            "WHERE intake.id = NEW.intake_id AND product.id = NEW.product_id)",
            "intake_line_of_that_store",
            "the product belongs to another store",
        ),
    ),
]

# The drawing may be sealed anew under another key; its digest says that it is the same.
_SIGNATURE_STAYS = """
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'drawing' <> to_jsonb(OLD) - 'drawing'
       OR (NEW.drawing IS NULL) <> (OLD.drawing IS NULL) THEN
        RAISE EXCEPTION 'a signature stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_signature_stays';
    END IF;
    RETURN NEW;
"""

_SIGNATURE_OF_ITS_SIDE = """
    SELECT donor.user_id, donor.kind, intake.status INTO owner, sort, step
      FROM points_intake AS intake JOIN points_donor AS donor ON donor.id = intake.donor_id
     WHERE intake.id = NEW.intake_id;
    IF step <> 'inspected'
       OR (NEW.party = 'handler' AND NEW.user_id = owner)
       OR (NEW.party = 'donor' AND NEW.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM owner)
       OR EXISTS (SELECT 1 FROM points_intakesignature AS other
                   WHERE other.intake_id = NEW.intake_id AND other.user_id = NEW.user_id)
       OR (NEW.anonymous AND sort <> 'anonymous') THEN
        RAISE EXCEPTION 'each side signs for itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_signature_of_its_side';
    END IF;
    RETURN NEW;
"""

INTAKE_SIGNATURE = [
    pgtrigger.Trigger(
        name="intake_signature_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_SIGNATURE_STAYS,
    ),
    pgtrigger.Trigger(
        name="intake_signature_of_its_side",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("owner", "bigint"), ("sort", "text"), ("step", "text")],
        func=_SIGNATURE_OF_ITS_SIDE,
    ),
]

RECEIPT_REVOCATION = [
    pgtrigger.Trigger(
        name="receipt_revoked_by_another",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_refuse(
            "EXISTS (SELECT 1 FROM points_receipt AS receipt JOIN points_donation AS donation "
            "ON donation.id = receipt.donation_id WHERE receipt.id = NEW.receipt_id "
            "AND NEW.revoked_by_id IN (receipt.issued_by_id, donation.handled_by_id))",
            "receipt_revoked_by_another",
            "who issued a receipt does not revoke it",
        ),
    ),
    pgtrigger.Trigger(
        # At the end of the transaction, because the gift is marked after it.
        name="receipt_revocation_marks_gift",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_refuse(
            "NOT EXISTS (SELECT 1 FROM points_receipt AS receipt JOIN points_donation AS donation "
            "ON donation.id = receipt.donation_id WHERE receipt.id = NEW.receipt_id "
            "AND donation.revoked_at = NEW.revoked_at)",
            "receipt_revocation_marks_gift",
            "a gift says that its receipt was revoked",
        ),
    ),
]
