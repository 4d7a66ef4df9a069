"""What PostgreSQL refuses about runs."""

import pgtrigger

from points.revision.states import MOVES

_ASKED = (
    "kind",
    "to_rule_set_id",
    "from_rule_set_id",
    "region_id",
    "first_day",
    "last_day",
    "digest",
    "asked_by_id",
    "asked_at",
)


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


def _asked(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in _ASKED)


_KNOWN_MOVES = ", ".join(f"'{before.value}>{after.value}'" for before, after in sorted(MOVES))

RUN = [
    pgtrigger.Trigger(
        name="revision_is_a_fact",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"(({_asked('OLD')}) IS DISTINCT FROM ({_asked('NEW')})"
            " OR NEW.cursor < OLD.cursor OR (OLD.state = 'done' AND OLD.result <> NEW.result))"
        ),
        func=_refuse("revision_is_a_fact", "what was asked and found stays, and a run never goes back"),
    ),
    pgtrigger.Trigger(
        name="revision_state_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({_KNOWN_MOVES})"
        ),
        func=_refuse("revision_state_moves", "a run does not go on like this"),
    ),
    pgtrigger.Trigger(
        name="revision_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        func=_refuse("revision_kept", "a run is kept"),
    ),
]
