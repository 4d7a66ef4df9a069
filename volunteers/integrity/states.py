"""The life of a signal, as a table. The database holds the same table (triggers.py).

| from | to | by whom |
|---|---|---|
| new | cleared, confirmed | community staff who are neither the manager nor a volunteer it is about |
"""

from volunteers.integrity.choices import SignalState

MOVES: dict[SignalState, frozenset[SignalState]] = {
    SignalState.NEW: frozenset({SignalState.CLEARED, SignalState.CONFIRMED}),
    SignalState.CLEARED: frozenset(),
    SignalState.CONFIRMED: frozenset(),
}
