"""One chunk of a dry run: what records earn under these rules, beside others or what was really awarded."""

from __future__ import annotations

from collections.abc import Collection

from points.revision.rescoring import groups
from points.revision.scope import Scope
from points.revision.tally import Compared
from points.scoring.queries import awards_of
from points.scoring.rules import Rules


def compare(
    *, volunteers: Collection[int], scope: Scope, before: Rules | None, after: Rules
) -> list[Compared]:
    """Return each record that counts, before and after; `before` is None for what was really awarded."""
    look_back = after.caps.look_back or (before is not None and before.caps.look_back)
    found = groups(awards_of(*volunteers), scope.records(), look_back=look_back, volunteers=volunteers)
    compared = []
    for group in found:
        then = group.rescored(after)
        first = then if before is None else group.rescored(before)
        compared += [
            Compared(
                new.record.volunteer_id,
                new.record.category,
                new.standing.points if before is None else old.result.points,
                new.result.points,
            )
            for old, new in zip(first, then, strict=True)
        ]
    return compared
