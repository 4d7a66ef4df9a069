"""Guards of corrections and objections that a CHECK cannot express."""

import pgtrigger

from volunteers.records.states import CORRECTION_MOVES, OBJECTION_MOVES


def correction_fits_record() -> pgtrigger.Trigger:
    """Refuse a correction that does not begin open, about a record that counts, with its minutes."""
    return pgtrigger.Trigger(
        name="correction_fits_record",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=(
            "IF NEW.state <> 'open' OR NOT EXISTS (SELECT 1 FROM volunteers_servicerecord r "
            "WHERE r.id = NEW.record_id AND r.kind = 'service' AND r.minutes = NEW.minutes_before "
            "AND NOT EXISTS (SELECT 1 FROM volunteers_servicerecord b WHERE b.reverses_id = r.id)) THEN "
            "RAISE EXCEPTION 'correction_fits_record: it begins open, about a record that counts' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_fits_record'; "
            "END IF; RETURN NEW;"
        ),
    )


def correction_history_stays() -> pgtrigger.Trigger:
    """Refuse to change what was asked, to decide twice, or to remove a correction."""
    moves = ", ".join(f"'{a}>{b}'" for a, after in CORRECTION_MOVES.items() for b in sorted(after))
    fixed = "record_id, asked_by_id, asked_at, reason, minutes_before, minutes_after"
    decision = "decided_by_id, decided_at, decision_reason, reversal_id, replacement_id"
    return _history_stays("correction_history_stays", moves=moves, fixed=fixed, decision=decision)


def correction_decider_is_another() -> pgtrigger.Trigger:
    """Refuse a decision by who asked, by the volunteer, or by whoever wrote the record (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="correction_decider_is_another",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("decided_by_id"),
        condition=pgtrigger.Q(new__decided_by__isnull=False),
        func=(
            "IF NEW.decided_by_id = NEW.asked_by_id OR EXISTS (SELECT 1 FROM volunteers_servicerecord r "
            "JOIN volunteers_volunteer v ON v.id = r.volunteer_id WHERE r.id = NEW.record_id "
            "AND NEW.decided_by_id IN (r.recorded_by_id, v.user_id)) THEN "
            "RAISE EXCEPTION 'correction_decider_is_another: nobody decides about their own work' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_decider_is_another'; "
            "END IF; RETURN NEW;"
        ),
    )


def correction_result_is_its_own() -> pgtrigger.Trigger:
    """Refuse a result that is not the reversal of this record and the new record of the minutes asked for."""
    return pgtrigger.Trigger(
        name="correction_result_is_its_own",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("reversal_id", "replacement_id"),
        condition=pgtrigger.Q(new__reversal__isnull=False),
        func=(
            "IF NOT EXISTS (SELECT 1 FROM volunteers_servicerecord b "
            "WHERE b.id = NEW.reversal_id AND b.reverses_id = NEW.record_id) "
            "OR (NEW.replacement_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM volunteers_servicerecord n "
            "JOIN volunteers_servicerecord r ON r.id = NEW.record_id "
            "WHERE n.id = NEW.replacement_id AND n.attendance_id = r.attendance_id "
            "AND n.minutes = NEW.minutes_after AND n.version > r.version)) THEN "
            "RAISE EXCEPTION 'correction_result_is_its_own: the result belongs to another record' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_result_is_its_own'; "
            "END IF; RETURN NEW;"
        ),
    )


def objection_fits_attendance() -> pgtrigger.Trigger:
    """Refuse an objection that does not begin received or open, or that means nothing that could be used.

    It names a pending attendance, or an approved one with its record that counts. The attendance is locked
    first, so that an approval at the same moment comes wholly before or wholly after.
    """
    return pgtrigger.Trigger(
        name="objection_fits_attendance",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
        declare=[("status_now", "TEXT"), ("live", "BIGINT")],
        func=(
            "IF TG_OP = 'UPDATE' AND (NEW.state <> 'open' OR OLD.state = 'open') THEN RETURN NEW; END IF; "
            "SELECT a.status INTO status_now FROM volunteers_attendance a "
            "WHERE a.id = NEW.attendance_id FOR NO KEY UPDATE; "
            "IF NOT FOUND THEN RETURN NEW; END IF; "
            "SELECT r.id INTO live FROM volunteers_servicerecord r "
            "WHERE r.attendance_id = NEW.attendance_id AND r.kind = 'service' "
            "AND NOT EXISTS (SELECT 1 FROM volunteers_servicerecord b WHERE b.reverses_id = r.id); "
            "IF NEW.state NOT IN ('received', 'open') "
            "OR NOT ((status_now = 'pending' AND NEW.record_id IS NULL) "
            "OR (status_now = 'approved' AND NEW.record_id IS NOT NULL "
            "AND NEW.record_id IS NOT DISTINCT FROM live)) THEN "
            "RAISE EXCEPTION 'objection_fits_attendance: there is nothing here to object to' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_fits_attendance'; "
            "END IF; RETURN NEW;"
        ),
    )


def objection_history_stays() -> pgtrigger.Trigger:
    """Refuse to change what was raised, to decide twice, or to remove an objection.

    Accepting may name the record that was written since; sealing the contact under a new key is no change.
    """
    moves = ", ".join(f"'{a}>{b}'" for a, after in OBJECTION_MOVES.items() for b in sorted(after))
    fixed = "ticket, attendance_id, reason, raised_by_id, raised_at"
    decision = "record_id, accepted_by_id, accepted_at, decided_by_id, decided_at, decision_reason"
    return _history_stays("objection_history_stays", moves=moves, fixed=fixed, decision=decision)


def objection_decider_is_another() -> pgtrigger.Trigger:
    """Refuse a decision by who raised it, the volunteer, or the writer of the record (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="objection_decider_is_another",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("accepted_by_id", "decided_by_id"),
        func=(
            "IF NEW.raised_by_id IN (NEW.accepted_by_id, NEW.decided_by_id) "
            "OR EXISTS (SELECT 1 FROM volunteers_attendance a JOIN volunteers_volunteer v "
            "ON v.id = a.volunteer_id WHERE a.id = NEW.attendance_id "
            "AND v.user_id IN (NEW.accepted_by_id, NEW.decided_by_id)) "
            "OR EXISTS (SELECT 1 FROM volunteers_servicerecord r "
            "WHERE r.id = NEW.record_id AND r.recorded_by_id = NEW.decided_by_id) THEN "
            "RAISE EXCEPTION 'objection_decider_is_another: nobody decides about their own work' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_decider_is_another'; "
            "END IF; RETURN NEW;"
        ),
    )


def _history_stays(name: str, *, moves: str, fixed: str, decision: str) -> pgtrigger.Trigger:
    """Keep `fixed` for ever, and `decision` except while the state moves along `moves`."""

    def row(which: str, columns: str) -> str:
        return f"ROW({', '.join(f'{which}.{column}' for column in columns.split(', '))})"

    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            f"IF TG_OP = 'UPDATE' AND {row('NEW', fixed)} IS NOT DISTINCT FROM {row('OLD', fixed)} "
            f"AND ((OLD.state || '>' || NEW.state) IN ({moves}) OR (NEW.state = OLD.state "
            f"AND {row('NEW', decision)} IS NOT DISTINCT FROM {row('OLD', decision)})) "
            f"THEN RETURN NEW; END IF; RAISE EXCEPTION '{name}: what happened to a ticket is kept as it was' "
            f"USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"
        ),
    )
