"""The lives of corrections and objections, as tables. The database holds the same (ticket_triggers.py).

| correction | to | by whom |
|---|---|---|
| open | approved, refused | a decider who is not the asker, the volunteer or the writer of the record |

| objection | to | by whom |
|---|---|---|
| received | open | a decider: a public objection is triaged first and blocks nothing until then |
| received | dismissed, withdrawn | a decider; who raised it |
| open | upheld, dismissed | a decider who is not the raiser, the volunteer or the writer of the record |
| open | withdrawn | who raised it |
"""

from volunteers.records.choices import CorrectionState, ObjectionState

CORRECTION_MOVES: dict[CorrectionState, frozenset[CorrectionState]] = {
    CorrectionState.OPEN: frozenset({CorrectionState.APPROVED, CorrectionState.REFUSED}),
    CorrectionState.APPROVED: frozenset(),
    CorrectionState.REFUSED: frozenset(),
}
OBJECTION_MOVES: dict[ObjectionState, frozenset[ObjectionState]] = {
    ObjectionState.RECEIVED: frozenset(
        {ObjectionState.OPEN, ObjectionState.DISMISSED, ObjectionState.WITHDRAWN}
    ),
    ObjectionState.OPEN: frozenset(
        {ObjectionState.UPHELD, ObjectionState.DISMISSED, ObjectionState.WITHDRAWN}
    ),
    ObjectionState.UPHELD: frozenset(),
    ObjectionState.DISMISSED: frozenset(),
    ObjectionState.WITHDRAWN: frozenset(),
}


def may_move(before: str, after: str) -> bool:
    """Whether an objection may go from one state to the other."""
    return ObjectionState(after) in OBJECTION_MOVES[ObjectionState(before)]
