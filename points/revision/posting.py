"""Differences become adjusting transfers: one for each record whose points change, up first, then down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from points.ledger import services as ledger
from points.ledger.models import Account, AccountKind, Lot, Transfer, TransferKind
from points.ledger.queries import expired_out_of
from points.revision import wording
from points.revision.rescoring import Rescored
from points.scoring.awarding import SOURCE, lot_expiry
from points.scoring.models import Award, AwardKind, RuleSet
from points.scoring.rules import Rules
from points.scoring.wording import Text


@dataclass(frozen=True, slots=True)
class Change:
    """A record that comes under the rules, or shares a cap with one that does (`cause`)."""

    rescored: Rescored
    previous: RuleSet
    cause: Rescored | None = None

    @property
    def points(self) -> int:
        """The difference the rules make."""
        return self.rescored.difference


@dataclass(frozen=True, slots=True)
class Book:
    """The rules that give the new points, and the accounts that are locked."""

    rule_set: RuleSet
    rules: Rules
    accounts: Mapping[int, Account]


def post(changes: Sequence[Change], book: Book, *, at: datetime) -> int:
    """Write the differences and what they come from; return how many records changed their points."""
    posted = _affordable(changes, book)
    moving = [change for change in changes if posted[_record(change)]]
    transfers = _transfers(moving, posted, book, at=at) if moving else {}
    Award.objects.bulk_create(
        _award(change, posted[_record(change)], transfers.get(_record(change)), book, at=at)
        for change in changes
    )
    return len(moving)


def _record(change: Change) -> int:
    return change.rescored.record.pk


def _affordable(changes: Iterable[Change], book: Book) -> dict[int, int]:
    """The points to post by record: where nobody may owe, only as much is taken as there is."""
    left = {pk: account.balance for pk, account in book.accounts.items()}
    posted = {}
    for change in sorted(changes, key=lambda change: -change.points):
        owner, points = change.rescored.record.volunteer_id, change.points
        if points < 0 and not book.rules.may_owe:
            points = -min(-points, max(left[owner], 0))
        left[owner] += points
        posted[_record(change)] = points
    return posted


def _transfers(
    changes: Sequence[Change], posted: Mapping[int, int], book: Book, *, at: datetime
) -> dict[int, Transfer]:
    ordered = sorted(changes, key=lambda change: -posted[_record(change)])
    falling = [change for change in ordered if posted[_record(change)] < 0]
    earlier = {pk for change in falling for pk in change.rescored.standing.transfer_ids}
    expired = expired_out_of(earlier) if earlier else {}
    lots = {lot.transfer_id: lot for lot in Lot.objects.filter(transfer_id__in=earlier)} if earlier else {}
    issuance = ledger.system_account(AccountKind.ISSUANCE)
    postings = [
        _posting(change, posted[_record(change)], book, issuance, (lots, expired), at=at)
        for change in ordered
    ]
    made = ledger.post_many(postings=postings, at=at, locked=book.accounts.values())
    return {_record(change): transfer for change, transfer in zip(ordered, made, strict=True)}


def _posting(
    change: Change,
    points: int,
    book: Book,
    issuance: Account,
    earlier: tuple[Mapping[int, Lot], Mapping[int, int]],
    *,
    at: datetime,
) -> ledger.Posting:
    record, own = change.rescored.record, change.rescored.standing.transfer_ids
    account = book.accounts[record.volunteer_id]
    lots, expired = earlier
    legs = [ledger.Leg(account, points), ledger.Leg(issuance, -points)]
    if points < 0:
        gone = max(0, sum(expired.get(pk, 0) for pk in own))
        legs = ledger.legs_back(account, issuance, points=-points, expired=gone)
    text = _text(change, points, book)
    return ledger.Posting(
        key=_key(change, book.rule_set),
        kind=TransferKind.ADJUSTMENT,
        legs=legs,
        sentence_zh=text.zh,
        sentence_en=text.en,
        source_type=SOURCE,
        source_id=record.pk,
        expires_at=lot_expiry(book.rules, at=at) if points > 0 else None,
        rule_version=book.rule_set.label,
        takes_first=next((lots[pk] for pk in own if pk in lots), None) if points < 0 else None,
    )


def _key(change: Change, rule_set: RuleSet) -> str:
    """The fact: which record, from which version to which; beside a cause, because of which record."""
    key = f"{SOURCE}:{_record(change)}"
    if change.cause is None:
        return f"{key}:v{change.previous.label}-v{rule_set.label}"
    return f"{key}:v{rule_set.label}:after:{change.cause.record.pk}:v{change.previous.label}"


def _text(change: Change, points: int, book: Book) -> Text:
    before = change.rescored.standing.points
    return wording.changed(
        change.rescored.record.activity,
        change.rescored.record.minutes,
        old=book.rule_set.label if change.cause else change.previous.label,
        new=book.rule_set.label,
        before=before,
        after=before + points,
    )


def _award(change: Change, points: int, transfer: Transfer | None, book: Book, *, at: datetime) -> Award:
    record, standing, result = change.rescored.record, change.rescored.standing, change.rescored.result
    text = _text(change, points, book) if points else wording.unchanged(book.rule_set.label)
    return Award(
        record_id=record.pk,
        cause_id=change.cause.record.pk if change.cause else None,
        kind=AwardKind.RECOMPUTE,
        rule_set_id=book.rule_set.pk,
        previous_id=change.previous.pk,
        volunteer_id=record.volunteer_id,
        business_day=record.day,
        pieces=[[piece.minutes, piece.worth] for piece in result.pieces],
        minutes_counted=result.minutes_counted - standing.minutes_counted,
        points=points,
        breakdown=wording.changed_breakdown(result, text, before=standing.points, posted=points),
        transfer_id=transfer.pk if transfer else None,
        at=at,
    )
