"""Guards of the service records that a CHECK cannot express."""

import pgtrigger


def recorder_is_not_volunteer() -> pgtrigger.Trigger:
    """Refuse a record written by the person whose hours it holds (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="record_recorder_is_not_volunteer",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=(
            "IF EXISTS (SELECT 1 FROM volunteers_volunteer v "
            "WHERE v.id = NEW.volunteer_id AND v.user_id = NEW.recorded_by_id) THEN "
            "RAISE EXCEPTION 'record_recorder_is_not_volunteer: nobody records their own hours' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'record_recorder_is_not_volunteer'; "
            "END IF; RETURN NEW;"
        ),
    )


def reversal_mirrors() -> pgtrigger.Trigger:
    """Refuse a reversal that is not the exact opposite of a service record, or that its recorder wrote."""
    return pgtrigger.Trigger(
        name="record_reversal_mirrors",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__reverses__isnull=False),
        declare=[("original", "RECORD")],
        func="""
            SELECT kind, volunteer_id, attendance_id, version, minutes, recorded_by_id INTO original
              FROM volunteers_servicerecord WHERE id = NEW.reverses_id;
            IF NOT FOUND THEN RETURN NEW; END IF;  -- the foreign key will say so
            IF original.kind <> 'service' OR original.volunteer_id <> NEW.volunteer_id
               OR original.attendance_id <> NEW.attendance_id OR original.version <> NEW.version
               OR original.minutes <> -NEW.minutes THEN
                RAISE EXCEPTION 'record_reversal_mirrors: a reversal takes back one service record, whole'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'record_reversal_mirrors';
            END IF;
            IF original.recorded_by_id = NEW.recorded_by_id THEN
                RAISE EXCEPTION 'record_reverser_is_another: nobody takes back what they recorded themselves'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'record_reverser_is_another';
            END IF;
            RETURN NEW;
        """,
    )


def one_live_record() -> pgtrigger.Trigger:
    """Refuse a second service record of an attendance while one is not reversed, or a gap in versions."""
    return pgtrigger.Trigger(
        name="record_live_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__kind="service"),
        declare=[("live", "INT"), ("latest", "INT")],
        func="""
            SELECT count(*) FILTER (WHERE taken_back.id IS NULL), coalesce(max(r.version), 0)
              INTO live, latest
              FROM volunteers_servicerecord r
              LEFT JOIN volunteers_servicerecord taken_back ON taken_back.reverses_id = r.id
             WHERE r.attendance_id = NEW.attendance_id AND r.kind = 'service';
            IF live > 0 OR NEW.version <> latest + 1 THEN
                RAISE EXCEPTION 'record_live_once: an attendance has one record that counts'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'record_live_once';
            END IF;
            RETURN NEW;
        """,
    )
