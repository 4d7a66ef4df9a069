"""Triggers that several contexts use."""

import pgtrigger


def append_only(name: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses UPDATE and DELETE with the constraint name `name` (design.md §4.2)."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            f"RAISE EXCEPTION '{name}: rows are never changed or removed' "
            f"USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"
        ),
    )
