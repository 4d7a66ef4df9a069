"""What `jishan-verify` looks at: chain, exports of days, a volunteer's statement. Pure, Python only."""

from __future__ import annotations

import gzip
import hmac
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from points.proof import chain, lines, merkle
from points.proof.chain import Day, Totals

CHAIN_FORMAT = "jishan-chain-1"
STATEMENT_FORMAT = "jishan-statement-1"
LONGEST_LINE = 4096  # bytes; a line of ours has a few hundred
_NAMED = re.compile(r"(\d{4}-\d{2}-\d{2})\.tsv(?:\.gz)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong: where (a day, a line or a file), what, and the two values that should agree."""

    where: str
    code: str
    found: str = ""
    wanted: str = ""


def read_chain(told: object) -> list[Day] | None:
    """Read `chain.json`; None when it is not a chain."""
    if not isinstance(told, Mapping) or told.get("format") != CHAIN_FORMAT:
        return None
    rows = told.get("days")
    if not isinstance(rows, list):
        return None
    days = [day for day in map(chain.day_from, rows) if day is not None]
    return days if len(days) == len(rows) else None


def check_chain(days: Sequence[Day], *, heads: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield where the chain is broken, and which of the heads somebody noted earlier are not in it."""
    before = None
    for day in days:
        broken = chain.break_in(day, before)
        if broken:
            yield Finding(day.day, broken)
        before = day
    known = {day.head for day in days}
    for head in heads:
        if head not in known:
            yield Finding(head, "unknown_head")


def check_export(path: Path, days: Mapping[str, Day]) -> Iterator[Finding]:
    """Yield what differs between the export of a day and the chain; at most one finding per question."""
    named = _NAMED.fullmatch(path.name)
    day = days.get(named[1]) if named else None
    if named is None:
        yield Finding(path.name, "file_name")
        return
    if day is None:
        yield Finding(named[1], "not_in_chain")
        return
    tree, totals = merkle.Tree(), Totals()
    try:
        for text in _lines_in(path):
            wrong = _wrong_in(text, day.day, tree.size + 1, totals)
            if wrong:
                yield wrong
                return
            tree.add(merkle.leaf(text))
    except (OSError, EOFError, zlib.error) as error:
        yield Finding(day.day, "unreadable", type(error).__name__)
        return
    yield from compare(day, tree=tree, totals=totals)


def compare(day: Day, *, tree: merkle.Tree, totals: Totals) -> Iterator[Finding]:
    """Yield what differs between the lines of a day and what the chain says of it."""
    if tree.size != day.transfers:
        yield Finding(day.day, "count", str(tree.size), str(day.transfers))
    elif tree.root().hex() != day.root:
        yield Finding(day.day, "root", tree.root().hex(), day.root)
    for name in ("issued", "redeemed", "expired", "pool", "adjusted"):
        found, wanted = getattr(totals, name), getattr(day, name)
        if found != wanted:
            yield Finding(day.day, f"total_{name}", str(found), str(wanted))


def _wrong_in(text: bytes, day: str, place: int, totals: Totals) -> Finding | None:
    """Read one line into the totals, or say what is wrong with it."""
    where = lines.number(day, place)
    try:
        line = lines.read(text.decode())
    except UnicodeDecodeError:
        line = None
    if line is None:
        return Finding(where, "garbage")
    if line.day != day:
        return Finding(where, "other_day", line.day, day)
    if line.place != place:
        return Finding(where, "out_of_order", str(line.place), str(place))
    if sum(points for _account, points in line.legs) != 0:
        return Finding(where, "unbalanced")
    try:
        totals.add(line.legs)
    except KeyError:
        return Finding(where, "unknown_account")
    return None


def _lines_in(path: Path) -> Iterator[bytes]:
    """Yield the lines, however large the file is; a line that does not end is not one of ours."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while text := file.readline(LONGEST_LINE):
            yield text[:-1] if text.endswith(b"\n") else text + b"\0"  # \0 stands in no line: it is garbage


def check_statement(told: Mapping[str, Any], days: Mapping[str, Day]) -> Iterator[Finding]:
    """Yield what is wrong in a statement: every line must be its owner's and lead to its day's root."""
    rows, salt = told.get("lines"), _bytes(told.get("salt"))
    if told.get("format") != STATEMENT_FORMAT or not isinstance(rows, list) or salt is None:
        yield Finding("", "not_a_statement")
        return
    seen: set[str] = set()
    for row in rows:
        finding = _wrong_with(row, salt, days, seen)
        if finding:
            yield finding


def _wrong_with(row: Any, salt: bytes, days: Mapping[str, Day], seen: set[str]) -> Finding | None:  # noqa: PLR0911 – one answer per question
    text = row.get("line") if isinstance(row, Mapping) else None
    line = lines.read(text) if isinstance(text, str) else None
    if line is None or not isinstance(text, str):
        return Finding("", "garbage")
    where = lines.number(line.day, line.place)
    day = days.get(line.day)
    if day is None:
        return Finding(where, "not_in_chain")
    if where in seen:
        return Finding(where, "twice")
    seen.add(where)
    if dict(line.legs).get(lines.pseudonym(salt, where)) != row.get("points"):
        return Finding(where, "not_yours")
    if not _opens(line, row):
        return Finding(where, "seal")
    neighbours = _path(row.get("path"))
    reached = None
    if neighbours is not None:
        leaf = merkle.leaf(text.encode())
        reached = merkle.climb(leaf, index=line.place - 1, size=day.transfers, neighbours=neighbours)
    if reached is None or reached.hex() != day.root:
        return Finding(where, "not_included")
    return None


def _opens(line: lines.Line, row: Mapping[str, Any]) -> bool:
    key, rest = _bytes(row.get("key")), row.get("rest")
    if key is None or not isinstance(rest, Mapping):
        return False
    if not all(value is None or isinstance(value, str) for value in rest.values()):
        return False
    return hmac.compare_digest(lines.seal(key, rest), line.seal)


def _bytes(text: object) -> bytes | None:
    try:
        return bytes.fromhex(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _path(told: object) -> list[bytes] | None:
    if not isinstance(told, list):
        return None
    found = [_bytes(text) for text in told]
    neighbours = [digest for digest in found if digest is not None]
    return neighbours if len(neighbours) == len(found) else None
