"""Guards of the integrity tables that a CHECK cannot express."""

import pgtrigger

from volunteers.integrity.states import MOVES


def evidence_stays() -> pgtrigger.Trigger:
    """Refuse to rewrite or remove what was found; only the review of a signal is added."""
    return pgtrigger.Trigger(
        name="signal_evidence_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND ROW(NEW.id, NEW.kind, NEW.subject, NEW.day, NEW.evidence, NEW.site_id, "
            "NEW.manager_id, NEW.volunteer_id, NEW.attendance_id, NEW.found_at) IS NOT DISTINCT FROM "
            "ROW(OLD.id, OLD.kind, OLD.subject, OLD.day, OLD.evidence, OLD.site_id, "
            "OLD.manager_id, OLD.volunteer_id, OLD.attendance_id, OLD.found_at) THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'signal_evidence_stays: what was found is kept as it was' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'signal_evidence_stays';"
        ),
    )


def state_moves() -> pgtrigger.Trigger:
    """Refuse a change of state that the table in states.py does not have, and of a review already made."""
    allowed = ", ".join(f"'{before}>{after}'" for before, afters in MOVES.items() for after in sorted(afters))
    return pgtrigger.Trigger(
        name="signal_state_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=(
            "IF ROW(NEW.state, NEW.reviewed_by_id, NEW.reviewed_at, NEW.reason) IS DISTINCT FROM "
            "ROW(OLD.state, OLD.reviewed_by_id, OLD.reviewed_at, OLD.reason) "
            f"AND (OLD.state || '>' || NEW.state) NOT IN ({allowed}) THEN "
            "RAISE EXCEPTION 'signal_state_moves: % to %', OLD.state, NEW.state "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'signal_state_moves'; "
            "END IF; RETURN NEW;"
        ),
    )


def reviewer_is_apart() -> pgtrigger.Trigger:
    """Refuse a review by the manager or by one of the volunteers the signal is about (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="signal_reviewer_is_apart",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("reviewed_by_id"),
        condition=pgtrigger.Q(new__reviewed_by__isnull=False),
        func="""
            IF NEW.reviewed_by_id = NEW.manager_id OR EXISTS (
                SELECT 1 FROM volunteers_volunteer v
                 WHERE v.user_id = NEW.reviewed_by_id
                   AND (v.id = NEW.volunteer_id OR EXISTS (
                       SELECT 1 FROM volunteers_attendance a
                        WHERE a.volunteer_id = v.id
                          AND (a.id = NEW.attendance_id
                               OR NEW.evidence->'attendances' @> to_jsonb(a.id))))) THEN
                RAISE EXCEPTION 'signal_reviewer_is_apart: nobody reviews a signal about themselves'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'signal_reviewer_is_apart';
            END IF;
            RETURN NEW;
        """,
    )


def auditor_is_apart() -> pgtrigger.Trigger:
    """Refuse a check of a record by whoever wrote it or served the hours (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="audit_item_checker_is_apart",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("reviewed_by_id"),
        condition=pgtrigger.Q(new__reviewed_by__isnull=False),
        func=(
            "IF EXISTS (SELECT 1 FROM volunteers_servicerecord r "
            "JOIN volunteers_volunteer v ON v.id = r.volunteer_id WHERE r.id = NEW.record_id "
            "AND NEW.reviewed_by_id IN (r.recorded_by_id, v.user_id)) THEN "
            "RAISE EXCEPTION 'audit_item_checker_is_apart: nobody checks what they recorded or served' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_item_checker_is_apart'; "
            "END IF; RETURN NEW;"
        ),
    )


def item_is_decided_once() -> pgtrigger.Trigger:
    """Refuse to change what was drawn, to decide a second time, and to remove an item."""
    return pgtrigger.Trigger(
        name="audit_item_decided_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.result = 'pending' AND ROW(NEW.id, NEW.draw_id, NEW.record_id, "
            "NEW.place) = ROW(OLD.id, OLD.draw_id, OLD.record_id, OLD.place) THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'audit_item_decided_once: a drawn record is checked once and stays drawn' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_item_decided_once';"
        ),
    )
