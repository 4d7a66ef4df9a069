"""Why a line of a statement is what it is, read from what is behind it: award, redemption, gift, lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from points.ledger.models import Entry, LotUse, Transfer
from points.ledger.queries import statement
from points.scoring.models import Award

if TYPE_CHECKING:
    from volunteers.people.models import Volunteer
    from volunteers.records.models import ServiceRecord


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a reckoning; the points of all lines sum to the points of the entry."""

    points: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Portion:
    """What a movement took from points of one expiry (−), put there (+), or gave back (+)."""

    points: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one line of a volunteer's statement."""

    entry: Entry
    steps: Sequence[Step] = field(default_factory=tuple)
    record: ServiceRecord | None = None
    rules_from: date | None = None
    minutes_counted: int | None = None
    redemption_id: int | None = None
    undoes: Entry | None = None
    undone_by: Entry | None = None
    portions: Sequence[Portion] = field(default_factory=tuple)


def explanation_of(volunteer: Volunteer, entry_id: int) -> Explanation | None:
    """Return what is behind one of the volunteer's own lines; None when it is not theirs."""
    entry = statement(volunteer).filter(pk=entry_id).first()
    if entry is None:
        return None
    transfer = entry.transfer
    award = Award.objects.filter(transfer=transfer).select_related("record", "rule_set").first()
    return Explanation(
        entry=entry,
        steps=_steps(award),
        record=award.record if award else None,
        rules_from=award.rule_set.effective_from if award else None,
        minutes_counted=award.minutes_counted if award else None,
        redemption_id=transfer.source_id if transfer.source_type == "redemption" else None,
        undoes=_leg(entry, transfer.reverses_id or transfer.settles_id),
        undone_by=_leg(entry, _answer_to(transfer)),
        portions=_portions(entry),
    )


def _steps(award: Award | None) -> Sequence[Step]:
    lines = award.breakdown.get("lines", ()) if award else ()
    return tuple(Step(line["points"], line["zh"], line["en"]) for line in lines)


def _leg(entry: Entry, transfer_id: int | None) -> Entry | None:
    """The same account's line in another transfer; a capture has none, for the points had left before."""
    if transfer_id is None:
        return None
    return Entry.objects.filter(transfer_id=transfer_id, account_id=entry.account_id).first()


def _answer_to(transfer: Transfer) -> int | None:
    """The transfer that reversed or released this one; goods brought back answer the hold they paid for."""
    answer = (
        Transfer.objects.filter(reverses=transfer).first()
        or Transfer.objects.filter(settles=transfer).first()
    )
    if answer is not None and answer.settles_id is not None:
        refund = Transfer.objects.filter(reverses=answer).first()
        answer = refund or answer
    return answer.pk if answer else None


def _portions(entry: Entry) -> Sequence[Portion]:
    """From which expiry the points came or into which they went, soonest first."""
    moved: dict[date, int] = {}
    made = entry.transfer.lots.filter(account_id=entry.account_id)
    for amount, expires_at in made.values_list("amount", "expires_at"):
        moved[_last_day(expires_at)] = moved.get(_last_day(expires_at), 0) + amount
    uses = LotUse.objects.filter(transfer=entry.transfer, lot__account_id=entry.account_id)
    for amount, expires_at in uses.exclude(lot__transfer=entry.transfer).values_list(
        "amount", "lot__expires_at"
    ):
        moved[_last_day(expires_at)] = moved.get(_last_day(expires_at), 0) + amount
    return tuple(Portion(points, day) for day, points in sorted(moved.items()))


def _last_day(expires_at: datetime) -> date:
    return localdate(expires_at - timedelta(microseconds=1))
