"""Guards of the attendance tables that a CHECK cannot express."""

import pgtrigger

from volunteers.attendance.states import MOVES

# True when a scan of this intent still counts for the attendance, or there never was one.
_STANDS = (
    "(SELECT count(*) = 0 OR count(*) > count(a.id) FROM volunteers_scan s "
    "LEFT JOIN volunteers_scanannulment a ON a.scan_id = s.id "
    "WHERE s.attendance_id = NEW.id AND s.intent = '{intent}')"
)


def status_moves() -> pgtrigger.Trigger:
    """Refuse a change of status that the table in states.py does not have."""
    allowed = ", ".join(f"'{before}>{after}'" for before, afters in MOVES.items() for after in sorted(afters))
    return pgtrigger.Trigger(
        name="attendance_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        func=(
            "IF NEW.status <> OLD.status "
            f"AND (OLD.status || '>' || NEW.status) NOT IN ({allowed}) THEN "
            "RAISE EXCEPTION 'attendance_status_moves: % to %', OLD.status, NEW.status "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_status_moves'; "
            "END IF; RETURN NEW;"
        ),
    )


def reopened_by_annulment() -> pgtrigger.Trigger:
    """Refuse to open a presence again unless every scan that ended it was annulled."""
    return pgtrigger.Trigger(
        name="attendance_reopened_by_annulment",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Q(old__status="pending", new__status="open"),
        func=(
            f"IF {_STANDS.format(intent='out')} THEN "
            "RAISE EXCEPTION 'attendance_reopened_by_annulment: its check-out was not annulled' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_reopened_by_annulment'; "
            "END IF; RETURN NEW;"
        ),
    )


def annulled_by_annulment() -> pgtrigger.Trigger:
    """Refuse to void a presence unless every scan that began it was annulled."""
    return pgtrigger.Trigger(
        name="attendance_annulled_by_annulment",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Q(old__status="open", new__status="annulled"),
        func=(
            f"IF {_STANDS.format(intent='in')} THEN "
            "RAISE EXCEPTION 'attendance_annulled_by_annulment: its check-in was not annulled' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_annulled_by_annulment'; "
            "END IF; RETURN NEW;"
        ),
    )


def evidence_stays() -> pgtrigger.Trigger:
    """Refuse to rewrite what was scanned: who, which shift, where, when in, and when out once known.

    A check-out that was annulled is the exception: see `reopened_by_annulment`.
    """
    return pgtrigger.Trigger(
        name="attendance_evidence_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND ROW(NEW.volunteer_id, NEW.shift_id, NEW.site_id, NEW.checked_in_at, "
            "NEW.manual, NEW.entered_by_id, NEW.sheet_id) "
            "IS NOT DISTINCT FROM ROW(OLD.volunteer_id, OLD.shift_id, OLD.site_id, OLD.checked_in_at, "
            "OLD.manual, OLD.entered_by_id, OLD.sheet_id) "
            "AND (OLD.checked_out_at IS NULL OR NEW.checked_out_at = OLD.checked_out_at "
            "OR (OLD.status = 'pending' AND NEW.status = 'open' AND NEW.checked_out_at IS NULL)) "
            "THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'attendance_evidence_stays: what was scanned is kept as it was' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_evidence_stays';"
        ),
    )


def decider_is_not_volunteer() -> pgtrigger.Trigger:
    """Refuse a decision by the volunteer whose hours it is about (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="attendance_decider_is_not_volunteer",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("decided_by_id", "volunteer_id"),
        condition=pgtrigger.Q(new__decided_by__isnull=False),
        func=(
            "IF EXISTS (SELECT 1 FROM volunteers_volunteer v "
            "WHERE v.id = NEW.volunteer_id AND v.user_id = NEW.decided_by_id) THEN "
            "RAISE EXCEPTION 'attendance_decider_is_not_volunteer: nobody approves their own hours' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_decider_is_not_volunteer'; "
            "END IF; RETURN NEW;"
        ),
    )


def not_under_objection() -> pgtrigger.Trigger:
    """Refuse to approve an attendance while an objection to it is open.

    Objections live a layer above (volunteers/records); only this sentence of SQL knows them here. Whoever
    opens one locks the attendance first, so that the two never pass each other unseen.
    """
    return pgtrigger.Trigger(
        name="attendance_not_under_objection",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Q(new__status="approved"),
        func=(
            "IF OLD.status <> 'approved' AND EXISTS (SELECT 1 FROM volunteers_objection o "
            "WHERE o.attendance_id = NEW.id AND o.state = 'open') THEN "
            "RAISE EXCEPTION 'attendance_not_under_objection: an objection is open' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_not_under_objection'; "
            "END IF; RETURN NEW;"
        ),
    )
