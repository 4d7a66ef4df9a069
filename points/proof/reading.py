"""The canonical lines of a closed day, read from the book in pieces: memory does not grow with the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from points.ledger.models import AccountKind, Entry, Transfer
from points.proof import lines
from points.proof.models import AccountSalt

AT_ONCE = 1024
_FIELDS = (
    "pk", "kind", "key", "at", "sentence_zh", "sentence_en", "source_type", "source_id", "rule_version",
    "reverses__key", "settles__key", "created_by_id",
)  # fmt: skip
_Leg = tuple[int, str, int, bytes]  # account, its kind, points, salt


@dataclass(frozen=True, slots=True)
class Written:
    """A transfer as a line, with what its seal hides. `transfer` is the key in the book."""

    transfer: int
    number: str
    text: str
    legs: lines.Legs
    key: bytes
    rest: lines.Rest


def day_lines(day: date, *, after: int = 0, until: int | None = None, first: int = 1) -> Iterator[Written]:
    """Yield the lines of the transfers with keys above `after` and up to `until`; `first` is their place.

    What an account without a salt is called follows from no salt: such a day is not proven yet.
    """
    site = site_salt()
    place, rows = first, Transfer.objects.filter(business_day=day).order_by("pk")
    if until is not None:
        rows = rows.filter(pk__lte=until)
    while True:
        piece = list(rows.filter(pk__gt=after).values_list(*_FIELDS)[:AT_ONCE])
        if not piece:
            return
        legs = _legs([row[0] for row in piece])
        for row in piece:
            yield _written(row, legs[row[0]], lines.number(day.isoformat(), place), site)
            place += 1
        after = piece[-1][0]


def site_salt() -> bytes:
    """Return the salt of the site itself: nobody is ever given it."""
    salt = (
        AccountSalt.objects.filter(account__kind=AccountKind.ISSUANCE).values_list("salt", flat=True).first()
    )
    return bytes(salt or b"")


def _legs(transfers: Sequence[int]) -> dict[int, list[_Leg]]:
    found: dict[int, list[_Leg]] = defaultdict(list)
    rows = Entry.objects.filter(transfer_id__in=transfers).order_by("account_id")
    for transfer, account, kind, points, salt in rows.values_list(
        "transfer_id", "account_id", "account__kind", "amount", "account__proof_salt__salt"
    ):
        found[transfer].append((account, kind, points, bytes(salt or b"")))
    return found


def _written(row: Sequence[Any], legs: Iterable[_Leg], number: str, site: bytes) -> Written:
    pk, kind, key, at, zh, en, source_type, source_id, rule, reverses, settles, by = row
    told = tuple(
        (lines.pseudonym(salt, number) if of == AccountKind.VOLUNTEER else of, points)
        for _account, of, points, salt in legs
    )
    # Between two volunteers the seal is keyed by who joined first; where there is none, by the site.
    keeper = next((salt for _account, of, _points, salt in legs if of == AccountKind.VOLUNTEER), site)
    rest = {
        "key": key,
        "at": moment(at),
        "zh": zh,
        "en": en,
        "source": f"{source_type}:{source_id}",
        "rule": rule,
        "reverses": reverses,
        "settles": settles,
        "by": None if by is None else lines.actor(site, number, by),
    }
    opens = lines.rest_key(keeper, number)
    text = lines.write(line=number, kind=kind, legs=told, sealed=lines.seal(opens, rest))
    return Written(transfer=pk, number=number, text=text, legs=told, key=opens, rest=rest)


def moment(at: datetime) -> str:
    """Return an instant as it stands in the sealed rest: UTC, with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
