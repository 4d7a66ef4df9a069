"""The path of donated goods from a promise to the shelf, as a table. The database holds it too (triggers.py).

Who may make the move: the store's keepers; withdrawing also the donor; signing both, each for their side.
"""

from points.giving.choices import IntakeStatus

FIRST = IntakeStatus.PLEDGED
_CLOSED = frozenset({IntakeStatus.REFUSED, IntakeStatus.WITHDRAWN})
MOVES: dict[IntakeStatus, frozenset[IntakeStatus]] = {
    IntakeStatus.PLEDGED: frozenset({IntakeStatus.RECEIVED}) | _CLOSED,
    IntakeStatus.RECEIVED: frozenset({IntakeStatus.INSPECTED}) | _CLOSED,
    IntakeStatus.INSPECTED: frozenset({IntakeStatus.SIGNED}) | _CLOSED,
    IntakeStatus.SIGNED: frozenset(),
    IntakeStatus.REFUSED: frozenset(),
    IntakeStatus.WITHDRAWN: frozenset(),
}
OPEN = tuple(status for status, after in MOVES.items() if after)


def may_move(before: str, after: str) -> bool:
    """Whether an intake may go from one state to the other."""
    return IntakeStatus(after) in MOVES[IntakeStatus(before)]
