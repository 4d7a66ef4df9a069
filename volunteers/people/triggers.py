"""Guards of the people tables that a CHECK cannot express."""

import pgtrigger

from volunteers.people.states import MOVES


def status_moves() -> pgtrigger.Trigger:
    """Refuse a change of status that the table in states.py does not have."""
    allowed = ", ".join(f"'{before}>{after}'" for before, afters in MOVES.items() for after in sorted(afters))
    return pgtrigger.Trigger(
        name="volunteer_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        func=(
            "IF NEW.status <> OLD.status "
            f"AND (OLD.status || '>' || NEW.status) NOT IN ({allowed}) THEN "
            "RAISE EXCEPTION 'volunteer_status_moves: % to %', OLD.status, NEW.status "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'volunteer_status_moves'; "
            "END IF; RETURN NEW;"
        ),
    )


def number_stays() -> pgtrigger.Trigger:
    """Refuse to change a volunteer number: cards and certificates carry it."""
    return pgtrigger.Trigger(
        name="volunteer_number_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("number", "user_id"),
        func=(
            "IF NEW.number <> OLD.number OR NEW.user_id <> OLD.user_id THEN "
            "RAISE EXCEPTION 'volunteer_number_stays: number and account are for life' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'volunteer_number_stays'; "
            "END IF; RETURN NEW;"
        ),
    )


def consent_is_history() -> pgtrigger.Trigger:
    """Keep every consent ever given: a row is withdrawn once, and otherwise neither changed nor removed."""
    return pgtrigger.Trigger(
        name="consent_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL "
            "AND ROW(NEW.id, NEW.volunteer_id, NEW.kind, NEW.granted_at) "
            "= ROW(OLD.id, OLD.volunteer_id, OLD.kind, OLD.granted_at) THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'consent_is_history: consents are withdrawn, never rewritten' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_is_history';"
        ),
    )


def card_is_history() -> pgtrigger.Trigger:
    """Keep every card ever issued: a row is revoked once, and otherwise neither changed nor removed."""
    return pgtrigger.Trigger(
        name="card_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL "
            "AND ROW(NEW.id, NEW.volunteer_id, NEW.version, NEW.issued_by_id, NEW.issued_at) "
            "= ROW(OLD.id, OLD.volunteer_id, OLD.version, OLD.issued_by_id, OLD.issued_at) THEN RETURN NEW; "
            "END IF; "
            "RAISE EXCEPTION 'card_is_history: cards are revoked, never rewritten' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'card_is_history';"
        ),
    )


def household_member_is_history() -> pgtrigger.Trigger:
    """Keep who lived where: a row is ended once, and otherwise neither changed nor removed."""
    return pgtrigger.Trigger(
        name="household_member_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.left_at IS NULL AND NEW.left_at IS NOT NULL "
            "AND to_jsonb(NEW) - 'left_at' = to_jsonb(OLD) - 'left_at' THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'household_member_is_history: members leave, rows are not rewritten' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'household_member_is_history';"
        ),
    )
