"""Reading the chain: what is published, what an export holds, and whether the book still agrees."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from points.ledger.models import ClosedDay, Transfer
from points.proof import chain
from points.proof.chain import Day
from points.proof.checking import CHAIN_FORMAT, Finding, compare
from points.proof.models import DayProof
from points.proof.proving import reckon
from points.proof.reading import day_lines

_GZIP = 31  # zlib's word for: with the header and the checksum of gzip
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class PublicTotals:
    """All proven days together, in points. `since` and `until` are the first and the last of them."""

    days: int = 0
    since: date | None = None
    until: date | None = None
    transfers: int = 0
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    pool: int = 0
    adjusted: int = 0
    outstanding: int = 0
    head: str = ""


def proofs() -> QuerySet[DayProof]:
    """Return the chain, newest day first."""
    return DayProof.objects.order_by("-sequence")


def proof_of(day: str) -> DayProof | None:
    """Return the proof of a day written `2026-09-12`, if it is a day and proven."""
    found = chain.as_date(day)
    return None if found is None else DayProof.objects.filter(day=found).first()


def totals() -> PublicTotals:
    """Return what all proven days come to."""
    last = proofs().first()
    if last is None:
        return PublicTotals()
    names = ("transfers", "issued", "redeemed", "expired", "pool", "adjusted")
    sums = DayProof.objects.aggregate(**{name: Sum(name) for name in names})
    first = DayProof.objects.order_by("sequence").values_list("day", flat=True)[0]
    return PublicTotals(
        days=last.sequence, since=first, until=last.day, outstanding=last.outstanding, head=last.head, **sums
    )


def whole_chain() -> dict[str, Any]:
    """Return `chain.json`: every day, the first one first."""
    days = DayProof.objects.order_by("sequence")
    return {"format": CHAIN_FORMAT, "days": [proof.published().told() for proof in days.iterator()]}


def export(proof: DayProof) -> Iterator[bytes]:
    """Yield the lines of a proven day as the book has them now, as gzip, the same bytes every time."""
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    waiting = bytearray()
    for written in day_lines(proof.day):
        waiting += f"{written.text}\n".encode()
        if len(waiting) >= _PIECE:
            packed = packer.compress(bytes(waiting))
            waiting.clear()
            if packed:
                yield packed
    yield packer.compress(bytes(waiting)) + packer.flush()


def recheck(*, since: date | None = None) -> Iterator[tuple[Day | None, list[Finding]]]:
    """Reckon every proven day again from the book, and yield each with what does not agree.

    The links of the chain are looked at from its beginning; days before `since` are not read again. Last
    comes, for no day, what lies outside of the chain.
    """
    before: Day | None = None
    for proof in DayProof.objects.order_by("sequence").iterator():
        day = proof.published()
        broken = chain.break_in(day, before)
        findings = [Finding(day.day, broken)] if broken else []
        if since is None or proof.day >= since:
            findings += _against_the_book(proof, day)
        yield day, findings
        before = day
    yield None, list(_outside(before))


def _against_the_book(proof: DayProof, day: Day) -> Iterator[Finding]:
    found = reckon(day_lines(proof.day))
    yield from compare(day, tree=found.tree, totals=found.totals)
    stored = list(proof.blocks.order_by("place").values_list("root", "last_id"))
    if stored != [(block.root.hex(), block.last) for block in found.blocks]:
        yield Finding(day.day, "blocks")


def _outside(last: Day | None) -> Iterator[Finding]:
    first = DayProof.objects.order_by("sequence").values_list("day", flat=True).first()
    if first and Transfer.objects.filter(business_day__lt=first).exists():
        yield Finding(first.isoformat(), "before_first")
    closed = ClosedDay.objects.order_by("day")
    for waiting in closed.filter(day__gt=date.fromisoformat(last.day)) if last else closed:
        yield Finding(waiting.day.isoformat(), "not_proven")
