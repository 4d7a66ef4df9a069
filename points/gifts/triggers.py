"""What PostgreSQL refuses about relatives and gifts."""

import pgtrigger


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


RELATIVE = [
    pgtrigger.Trigger(
        name="relative_moves_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "((OLD.volunteer_id, OLD.relative_id, OLD.relation, OLD.declared_at)"
            " IS DISTINCT FROM (NEW.volunteer_id, NEW.relative_id, NEW.relation, NEW.declared_at)"
            " OR (OLD.confirmed_at IS NOT NULL AND OLD.confirmed_at IS DISTINCT FROM NEW.confirmed_at)"
            " OR OLD.ended_at IS NOT NULL)"
        ),
        func=_refuse("relative_moves_once", "a declaration is confirmed once, ended once, and else a fact"),
    ),
    pgtrigger.Trigger(
        name="relative_never_removed",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        func=_refuse("relative_never_removed", "a declaration is ended, never removed"),
    ),
]

GIFT = [
    pgtrigger.Trigger(
        name="gift_to_confirmed_relative",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.relative_id IS NOT NULL"),
        func="""
            IF NOT EXISTS (
                SELECT 1 FROM points_relative AS relative
                 WHERE relative.id = NEW.relative_id AND relative.volunteer_id = NEW.volunteer_id
                   AND relative.confirmed_at IS NOT NULL AND relative.ended_at IS NULL) THEN
                RAISE EXCEPTION 'points go to a confirmed relative of the giver only'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_to_confirmed_relative';
            END IF;
            RETURN NEW;
        """,
    ),
]
