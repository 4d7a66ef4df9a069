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


def household_closes_empty() -> pgtrigger.Trigger:
    """Keep a household's number, and close it once, when nobody lives there. Names may be corrected."""
    return pgtrigger.Trigger(
        name="household_closes_empty",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY['name', 'contact', 'region_id', 'closed_at'] "
            "<> to_jsonb(OLD) - ARRAY['name', 'contact', 'region_id', 'closed_at'] "
            "OR (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at) "
            "OR (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND EXISTS ("
            "SELECT 1 FROM volunteers_householdmember AS home "
            "WHERE home.household_id = NEW.id AND home.left_at IS NULL)) THEN "
            "RAISE EXCEPTION 'household_closes_empty: a household is closed once, and empty' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'household_closes_empty'; "
            "END IF; RETURN NEW;"
        ),
    )


def household_member_joins() -> pgtrigger.Trigger:
    """Let people move into open households only, and nobody enter themselves: it decides whom they may serve.

    The lock makes closing the same household wait, or us see that it is closed.
    """
    return pgtrigger.Trigger(
        name="household_member_joins",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=(
            "PERFORM 1 FROM volunteers_household AS household "
            "WHERE household.id = NEW.household_id AND household.closed_at IS NULL FOR SHARE; "
            "IF NOT FOUND THEN "
            "RAISE EXCEPTION 'household_takes_members: it is closed' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'household_takes_members'; "
            "END IF; "
            "IF EXISTS (SELECT 1 FROM volunteers_volunteer AS person "
            "WHERE person.id = NEW.volunteer_id AND person.user_id = NEW.added_by_id) THEN "
            "RAISE EXCEPTION 'household_not_own: somebody else enters you' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'household_not_own'; "
            "END IF; RETURN NEW;"
        ),
    )


def household_request_is_history() -> pgtrigger.Trigger:
    """Keep every request: a row is answered once, and otherwise neither changed nor removed."""
    return pgtrigger.Trigger(
        name="household_request_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.state = 'open' AND NEW.state <> 'open' "
            "AND to_jsonb(NEW) - ARRAY['state', 'answer', 'answered_by_id', 'answered_at'] "
            "= to_jsonb(OLD) - ARRAY['state', 'answer', 'answered_by_id', 'answered_at'] THEN RETURN NEW; "
            "END IF; "
            "RAISE EXCEPTION 'household_request_is_history: requests are answered, never rewritten' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'household_request_is_history';"
        ),
    )
