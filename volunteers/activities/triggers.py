"""Guards of the activity tables that a CHECK cannot express.

Who may take a place is decided in rules.py with friendly words; the same law is written here once more for
whatever reaches the table without the service: law ages only (18 and 14), never a region's configurable ones.
"""

import pgtrigger

from volunteers.activities.states import MOVES


def _refuse(name: str, words: str) -> str:
    return f"RAISE EXCEPTION '{name}: {words}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"


def sign_up_admission() -> pgtrigger.Trigger:
    """Copy the shift's time onto a new sign-up, and refuse who may not have a place on it."""
    return pgtrigger.Trigger(
        name="sign_up_admission",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("facts", "RECORD"), ("age", "INT")],
        func=f"""
            SELECT s.starts_at, s.ends_at, s.status, a.minors_allowed, a.min_age,
                   v.birth_date, v.status AS volunteer_status
              INTO facts
              FROM volunteers_shift s
              JOIN volunteers_activity a ON a.id = s.activity_id
              CROSS JOIN volunteers_volunteer v
             WHERE s.id = NEW.shift_id AND v.id = NEW.volunteer_id;
            IF NOT FOUND THEN RETURN NEW; END IF;  -- the foreign keys will say so
            NEW.period := tstzrange(facts.starts_at, facts.ends_at);
            IF NEW.status = 'cancelled' THEN RETURN NEW; END IF;
            IF facts.status <> 'open' THEN
                {_refuse("sign_up_shift_open", "the shift is cancelled")}
            END IF;
            IF facts.volunteer_status <> 'active' THEN
                {_refuse("sign_up_volunteer_active", "the registration is not active")}
            END IF;
            age := extract(year FROM age(
                (facts.starts_at AT TIME ZONE 'Asia/Shanghai')::date, facts.birth_date
            ));
            IF age < facts.min_age OR (age < 18 AND NOT facts.minors_allowed) THEN
                {_refuse("sign_up_old_enough", "too young for the activity")}
            END IF;
            IF age < 14 AND NOT EXISTS (
                SELECT 1 FROM volunteers_consent c
                 WHERE c.volunteer_id = NEW.volunteer_id AND c.kind = 'guardian' AND c.withdrawn_at IS NULL
            ) THEN
                {_refuse("sign_up_guardian_agrees", "under 14 and no guardian agreed")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 – a trigger body of constants, nothing from a request
    )


def sign_up_moves() -> pgtrigger.Trigger:
    """Refuse a change of status that states.py does not have, and any change of whose place it is or when."""
    allowed = ", ".join(f"'{before}>{after}'" for before, afters in MOVES.items() for after in sorted(afters))
    return pgtrigger.Trigger(
        name="sign_up_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF NEW.shift_id <> OLD.shift_id OR NEW.volunteer_id <> OLD.volunteer_id
               OR (NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ({allowed})) THEN
                {_refuse("sign_up_moves", "not a move a sign-up can make")}
            END IF;
            NEW.period := (
                SELECT tstzrange(s.starts_at, s.ends_at) FROM volunteers_shift s WHERE s.id = NEW.shift_id
            );
            RETURN NEW;
        """,  # noqa: S608 – a trigger body of constants, nothing from a request
    )


def sign_up_counts() -> pgtrigger.Trigger:
    """Keep `Shift.taken` equal to the number of confirmed sign-ups; its CHECK then guards the capacity."""
    return pgtrigger.Trigger(
        name="sign_up_counts",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("status") | pgtrigger.Delete,
        declare=[("change", "INT := 0")],
        func="""
            IF TG_OP <> 'INSERT' AND OLD.status = 'confirmed' THEN change := change - 1; END IF;
            IF TG_OP <> 'DELETE' AND NEW.status = 'confirmed' THEN change := change + 1; END IF;
            IF change <> 0 THEN
                UPDATE volunteers_shift SET taken = taken + change
                 WHERE id = COALESCE(NEW.shift_id, OLD.shift_id);
            END IF;
            RETURN NULL;
        """,
    )


def shift_taken_is_counted() -> pgtrigger.Trigger:
    """Refuse a hand-written `taken`: only the counting trigger of the sign-ups writes it."""
    return pgtrigger.Trigger(
        name="shift_taken_is_counted",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("taken"),
        func=f"""
            IF (TG_OP = 'INSERT' AND NEW.taken <> 0)
               OR (TG_OP = 'UPDATE' AND NEW.taken <> OLD.taken AND pg_trigger_depth() < 2) THEN
                {_refuse("shift_taken_is_counted", "places taken are counted from the sign-ups")}
            END IF;
            RETURN NEW;
        """,
    )


def shift_time_follows() -> pgtrigger.Trigger:
    """Carry a changed shift time to its live sign-ups, so that overlaps are judged by the time that holds."""
    return pgtrigger.Trigger(
        name="shift_time_follows",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("starts_at", "ends_at"),
        condition=pgtrigger.Q(old__starts_at__df=pgtrigger.F("new__starts_at"))
        | pgtrigger.Q(old__ends_at__df=pgtrigger.F("new__ends_at")),
        func="""
            UPDATE volunteers_signup SET period = tstzrange(NEW.starts_at, NEW.ends_at)
             WHERE shift_id = NEW.id AND status <> 'cancelled';
            RETURN NULL;
        """,
    )
