"""Guards of the training tables that a CHECK cannot express."""

import pgtrigger


def qualification_is_history() -> pgtrigger.Trigger:
    """Keep every qualification: a row is revoked once, and otherwise neither changed nor removed."""
    return pgtrigger.Trigger(
        name="qualification_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL "
            "AND to_jsonb(NEW) - 'revoked_at' = to_jsonb(OLD) - 'revoked_at' THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'qualification_is_history: qualifications are revoked, never rewritten' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'qualification_is_history';"
        ),
    )
