"""A volunteer's own statement: each closed line with what opens its seal and what leads to its day's root."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet

from points.ledger.models import Entry
from points.proof import merkle
from points.proof.checking import STATEMENT_FORMAT
from points.proof.models import AccountSalt, DayProof, ProofBlock
from points.proof.proving import BLOCK
from points.proof.reading import Written, day_lines, moment

if TYPE_CHECKING:
    from volunteers.people.models import Volunteer

MOST_LINES = 500  # of one download; a year of one person is a few hundred
_Points = dict[int, int]  # by the key of the transfer


def salt_of(volunteer: Volunteer) -> str:
    """Return the volunteer's salt in hexadecimal; empty until one of their days is proven."""
    found = AccountSalt.objects.filter(account__volunteer=volunteer).values_list("salt", flat=True).first()
    return bytes(found or b"").hex()


def own_lines(volunteer: Volunteer) -> QuerySet[Entry]:
    """Return the volunteer's entries, newest first; `entry.proven` says whether their day is in the chain."""
    proven = Exists(DayProof.objects.filter(day=OuterRef("transfer__business_day")))
    own = Entry.objects.filter(account__volunteer=volunteer)
    return own.select_related("transfer").annotate(proven=proven).order_by("-pk")


def statement(volunteer: Volunteer, *, year: int) -> dict[str, Any]:
    """Return the statement of a year, newest `MOST_LINES` lines at most, as it is downloaded.

    `lines` can be checked against the chain; `pending` lists what is not closed and proven yet.
    """
    rows = list(own_lines(volunteer).filter(transfer__business_day__year=year)[:MOST_LINES])
    days = {entry.transfer.business_day for entry in rows}
    proofs = {proof.day: proof for proof in DayProof.objects.filter(day__in=days)}
    by_day: dict[date, _Points] = defaultdict(dict)
    pending = []
    for entry in rows:
        if entry.transfer.business_day in proofs:
            by_day[entry.transfer.business_day][entry.transfer_id] = entry.amount
        else:
            pending.append(_pending(entry))
    found = [line for day in sorted(by_day) for line in _proven(proofs[day], by_day[day])]
    return {
        "format": STATEMENT_FORMAT,
        "year": year,
        "salt": salt_of(volunteer),
        "heads": {day.isoformat(): proofs[day].head for day in sorted(proofs)},
        "lines": found,
        "pending": pending,
    }


def _pending(entry: Entry) -> dict[str, Any]:
    transfer = entry.transfer
    return {
        "day": transfer.business_day.isoformat(),
        "at": moment(transfer.at),
        "points": entry.amount,
        "zh": transfer.sentence_zh,
        "en": transfer.sentence_en,
    }


def _proven(proof: DayProof, points: _Points) -> Iterator[dict[str, Any]]:
    """Read only those blocks of the day again that hold a line of this person."""
    blocks = list(ProofBlock.objects.filter(proof=proof).order_by("place").values_list("last_id", "root"))
    roots = [bytes.fromhex(root) for _last, root in blocks]
    ends = [last for last, _root in blocks]
    wanted: dict[int, set[int]] = defaultdict(set)
    for transfer in points:
        wanted[bisect_left(ends, transfer)].add(transfer)
    for place in sorted(wanted):
        if place == len(blocks):
            continue  # written into the day by somebody who went around the book: there is no proof of it
        after = ends[place - 1] if place else 0
        written = list(day_lines(proof.day, after=after, until=ends[place], first=place * BLOCK + 1))
        leaves = [merkle.leaf(line.text.encode()) for line in written]
        above = merkle.path(place, roots)
        for index, line in enumerate(written):
            if line.transfer in wanted[place]:
                yield _line(line, points[line.transfer], [*merkle.path(index, leaves), *above])


def _line(line: Written, points: int, neighbours: list[bytes]) -> dict[str, Any]:
    return {
        "line": line.text,
        "points": points,
        "key": line.key.hex(),
        "rest": dict(line.rest),
        "path": [digest.hex() for digest in neighbours],
    }
