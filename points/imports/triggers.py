"""What PostgreSQL refuses about imports."""

import pgtrigger

from points.imports.states import MOVES

_ASKED = ("kind", "store_id", "region_id", "digest", "rows", "asked_by_id", "asked_at")


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


def _asked(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in _ASKED)


_KNOWN_MOVES = ", ".join(f"'{before.value}>{after.value}'" for before, after in sorted(MOVES))

JOB = [
    pgtrigger.Trigger(
        name="import_is_a_fact",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"(({_asked('OLD')}) IS DISTINCT FROM ({_asked('NEW')}))"),
        func=_refuse("import_is_a_fact", "what was uploaded, where to and by whom stays"),
    ),
    pgtrigger.Trigger(
        name="import_state_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({_KNOWN_MOVES})"
        ),
        func=_refuse("import_state_moves", "an import does not go on like this"),
    ),
    pgtrigger.Trigger(
        name="import_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        func=_refuse("import_kept", "an import is kept"),
    ),
]
