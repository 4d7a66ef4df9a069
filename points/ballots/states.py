"""The life of a ballot, as a table. The database holds the same table (triggers.py)."""

from points.ballots.choices import BallotStatus

FIRST = BallotStatus.OPEN
# The clock draws and hands the numbers out; a keeper of the store may cancel what is not drawn.
MOVES: dict[BallotStatus, frozenset[BallotStatus]] = {
    BallotStatus.OPEN: frozenset({BallotStatus.DRAWN, BallotStatus.CANCELLED}),
    BallotStatus.DRAWN: frozenset({BallotStatus.DONE}),
    BallotStatus.DONE: frozenset(),
    BallotStatus.CANCELLED: frozenset(),
}
