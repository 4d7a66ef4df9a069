"""The canonical line of a transfer: what is published, what is sealed, who recognises it. Pure, Python only.

A line is four fields between tabs, in UTF-8, and ends with a line feed that is not part of its hash:

    2026-09-12/17 <tab> award <tab> issuance:-25 v.5b1f…:+25 <tab> <seal>

The number is the day and the place in the day. A volunteer's account goes by a name that is different in
every line: only the salt of that person, which they alone are given, tells which names are theirs. The seal
commits to the rest (time, sentence, source, rule version) without showing any of it.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PERSON = "v."
_PSEUDONYM_DIGITS = 32  # 128 bits
_LINE = re.compile(
    r"(\d{4}-\d{2}-\d{2})/([1-9]\d{0,11})\t([a-z_]{1,20})\t"
    r"((?:[a-z_]+|v\.[0-9a-f]{32}):[+-][1-9]\d{0,18}(?: (?:[a-z_]+|v\.[0-9a-f]{32}):[+-][1-9]\d{0,18})*)\t"
    r"([0-9a-f]{64})",
    re.ASCII,
)

Legs = tuple[tuple[str, int], ...]
Rest = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A published line, read back. `place` counts from 1; `legs` are (account, points)."""

    day: str
    place: int
    kind: str
    legs: Legs
    seal: str


def number(day: str, place: int) -> str:
    """Return the public number of a transfer: `2026-09-12/17`."""
    return f"{day}/{place}"


def pseudonym(salt: bytes, line: str) -> str:
    """Return what the person with this salt is called in the line with this number, and nowhere else."""
    return PERSON + _keyed(salt, f"account\n{line}")[:_PSEUDONYM_DIGITS]


def rest_key(salt: bytes, line: str) -> bytes:
    """Return the key that opens the seal of this line and of no other."""
    return bytes.fromhex(_keyed(salt, f"rest\n{line}"))


def actor(salt: bytes, line: str, user_id: int) -> str:
    """Return what stands in the sealed rest for whoever wrote the transfer; `salt` is the site's own."""
    return _keyed(salt, f"by\n{line}\n{user_id}")[:_PSEUDONYM_DIGITS]


def seal(key: bytes, rest: Rest) -> str:
    """Commit to what is not published."""
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _keyed(key, text)


def write(*, line: str, kind: str, legs: Iterable[tuple[str, int]], sealed: str) -> str:
    """Return the line, without its line feed; the legs are ordered by the name of the account."""
    told = " ".join(f"{account}:{points:+d}" for account, points in sorted(legs))
    return f"{line}\t{kind}\t{told}\t{sealed}"


def read(text: str) -> Line | None:
    """Read a line; None when it is not exactly one."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    day, place, kind, told, sealed = found.groups()
    legs = tuple(
        (account, int(points)) for account, _, points in (leg.partition(":") for leg in told.split(" "))
    )
    return Line(day=day, place=int(place), kind=kind, legs=legs, seal=sealed)


def _keyed(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
