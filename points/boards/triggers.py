"""Guards of the boards tables that a CHECK cannot express."""

import pgtrigger

from points.boards.states import MOVES

_STATUS_MOVES = """
    IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ({allowed}) THEN
        RAISE EXCEPTION 'an honour does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'honor_status_moves';
    END IF;
    IF OLD.status <> 'draft' AND to_jsonb(NEW) - {free} <> to_jsonb(OLD) - {free} THEN
        RAISE EXCEPTION 'what was published is revoked, not rewritten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'honor_published_stays';
    END IF;
    RETURN NEW;
"""

# Being born published would skip the second pair of eyes.
_BEGINS_AS_DRAFT = """
    IF NEW.status <> 'draft' THEN
        RAISE EXCEPTION 'an honour begins as a draft'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'honor_begins_as_draft';
    END IF;
    RETURN NEW;
"""

HONOR = [
    pgtrigger.Trigger(
        name="honor_begins_as_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_BEGINS_AS_DRAFT,
    ),
    pgtrigger.Trigger(
        name="honor_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=_STATUS_MOVES.format(
            allowed=", ".join(
                f"'{before.value}>{after.value}'"
                for before, afters in MOVES.items()
                for after in sorted(afters)
            ),
            free="'{status,consent,published_by_id,published_at,revoked_at,revoke_reason}'::text[]",
        ),
    ),
]
