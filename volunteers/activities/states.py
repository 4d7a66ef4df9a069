"""The life of a sign-up, as a table. The database holds the same table (triggers.py)."""

from volunteers.activities.choices import SignUpStatus

MOVES: dict[SignUpStatus, frozenset[SignUpStatus]] = {
    SignUpStatus.WAITING: frozenset({SignUpStatus.CONFIRMED, SignUpStatus.CANCELLED}),
    SignUpStatus.CONFIRMED: frozenset({SignUpStatus.CANCELLED}),
    SignUpStatus.CANCELLED: frozenset(),
}


def may_move(before: str, after: str) -> bool:
    """Whether a sign-up may go from one state to the other."""
    return SignUpStatus(after) in MOVES[SignUpStatus(before)]
