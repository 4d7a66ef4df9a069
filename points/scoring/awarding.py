"""Approved records become awards: set-based, once each, whatever the queue delivers twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localtime

from backend.core.workdays import kind_of
from points.ledger import services as ledger
from points.ledger.lots import NEVER
from points.ledger.models import Account, AccountKind, Transfer, TransferKind
from points.scoring import bonuses
from points.scoring.engine import Facts, Result, SoFar, score
from points.scoring.extras import expires_at
from points.scoring.models import Award, AwardKind, RuleSet
from points.scoring.queries import Earnings, RecordAward, RuleBook, day_awards, earnings_of
from points.scoring.rules import Rules, Served
from volunteers.records.choices import RecordKind
from volunteers.records.models import SCORED_FACTS, ServiceRecord
from volunteers.records.queries import contested

SOURCE = "record"


@dataclass(frozen=True, slots=True)
class ScoredRecord:
    """What scoring needs of a service record."""

    pk: int
    volunteer_id: int
    region_id: str
    day: date
    minutes: int
    activity: str
    manual: bool
    started_at: datetime
    ended_at: datetime
    category: str
    recipient: str
    activity_type: str
    difficulty: int
    skilled: bool
    organizer: bool
    scheduled_minutes: int


def award_records(*, record_ids: Sequence[int], at: datetime) -> int:
    """Award points for these service records and return how many were awarded now.

    Records awarded before, reversed meanwhile, contested or unknown are passed over, so it may run twice and
    beside itself; a contested one is reported again when its objection is dismissed. Caps are merged over
    each volunteer's business day, month, year and lifetime, whatever the order of approval; so are bonuses.

    :raises RuleSetMissing: a record's region has no rules for its day; nothing of the batch is written.
    """
    with transaction.atomic():
        owners = ServiceRecord.objects.filter(pk__in=record_ids, kind=RecordKind.SERVICE)
        # The lock comes first: what follows then sees every award another worker has committed.
        accounts = ledger.lock_accounts_of(set(owners.values_list("volunteer_id", flat=True)))
        records = _unawarded(record_ids)
        if not records:
            return 0
        book = RuleBook(record.region_id for record in records)
        scored = _score(records, book)
        transfers = _post(scored, book, accounts, at=at)
        Award.objects.bulk_create(_award(item, transfers.get(item[0].pk), at=at) for item in scored)
        bonuses.settle({record.volunteer_id for record in records}, at=at)
    return len(scored)


def _score(records: Sequence[ScoredRecord], book: RuleBook) -> list[tuple[ScoredRecord, RuleSet, Result]]:
    """Score the records in turn, each on top of what is awarded already and of those before it."""
    days = day_awards({(record.volunteer_id, record.day) for record in records})
    rule_sets = {record.pk: book.rule_set_for(record.region_id, record.day) for record in records}
    look_back = any(book.rules_of(rule_set).caps.look_back for rule_set in rule_sets.values())
    volunteers = {record.volunteer_id for record in records}
    # Sums over years are read only where a cap asks for them.
    earnings = earnings_of(volunteers) if look_back else {pk: Earnings() for pk in volunteers}
    scored = []
    for record in records:
        rule_set = rule_sets[record.pk]
        day, earned = days[record.volunteer_id, record.day], earnings[record.volunteer_id]
        result = score(facts_of(record, earned.so_far(record.day, day.pieces())), book.rules_of(rule_set))
        day.records[record.pk] = RecordAward(record.pk, rule_set.pk, result.pieces)
        earned.add(record.day, result.points)
        scored.append((record, rule_set, result))
    return scored


def lot_expiry(rules: Rules, *, at: datetime) -> datetime:
    """Return the expiry of a lot given at `at`; points that never expire have `NEVER`."""
    return expires_at(at, rules) or NEVER


def breakdown_of(result: Result) -> dict[str, Any]:
    """Return the reckoning as it is stored with the award."""
    return {
        "lines": [
            {"code": line.code, "points": line.points, "zh": line.text_zh, "en": line.text_en}
            for line in result.lines
        ],
        "zh": result.sentence_zh,
        "en": result.sentence_en,
    }


def _unawarded(record_ids: Sequence[int]) -> list[ScoredRecord]:
    return to_score(
        ServiceRecord.objects.filter(
            ~Exists(Award.objects.filter(record=OuterRef("pk"))),
            ~Exists(ServiceRecord.objects.filter(reverses=OuterRef("pk"))),
            ~contested("attendance_id"),
            pk__in=record_ids,
            kind=RecordKind.SERVICE,
        )
    )


def to_score(records: QuerySet[ServiceRecord]) -> list[ScoredRecord]:
    """Return what scoring needs of these records, oldest first, in one query."""
    rows = records.order_by("pk").values_list(
        "pk",
        "volunteer_id",
        "region_id",
        "service_date",
        "minutes",
        "activity_name",
        "manual",
        "started_at",
        "ended_at",
        *SCORED_FACTS,
    )
    return [ScoredRecord(*row) for row in rows]


def facts_of(record: ScoredRecord, so_far: SoFar) -> Facts:
    """Return the facts the engine asks for."""
    return Facts(
        activity=record.activity,
        minutes=record.minutes,
        day=record.day,
        scheduled_minutes=record.scheduled_minutes,
        started=localtime(record.started_at),
        ended=localtime(record.ended_at),
        served=Served(
            category=record.category,
            recipient=record.recipient,
            activity_type=record.activity_type,
            day_kind=kind_of(record.day),
            difficulty=record.difficulty,
            skilled=record.skilled,
            organizer=record.organizer,
        ),
        manual=record.manual,
        so_far=so_far,
    )


def _post(
    scored: Sequence[tuple[ScoredRecord, RuleSet, Result]],
    book: RuleBook,
    accounts: dict[int, Account],
    *,
    at: datetime,
) -> dict[int, Transfer]:
    """Write the transfers of all awards worth anything, by record."""
    worth = [item for item in scored if item[2].points]
    if not worth:
        return {}
    issuance = ledger.system_account(AccountKind.ISSUANCE)
    postings = [
        ledger.Posting(
            key=f"{SOURCE}:{record.pk}:v{rule_set.label}",
            kind=TransferKind.AWARD,
            legs=(
                ledger.Leg(accounts[record.volunteer_id], result.points),
                ledger.Leg(issuance, -result.points),
            ),
            sentence_zh=result.sentence_zh,
            sentence_en=result.sentence_en,
            source_type=SOURCE,
            source_id=record.pk,
            expires_at=lot_expiry(book.rules_of(rule_set), at=at),
            rule_version=rule_set.label,
        )
        for record, rule_set, result in worth
    ]
    transfers = ledger.post_many(postings=postings, at=at, locked=accounts.values())
    return {record.pk: transfer for (record, _, _), transfer in zip(worth, transfers, strict=True)}


def _award(item: tuple[ScoredRecord, RuleSet, Result], transfer: Transfer | None, *, at: datetime) -> Award:
    record, rule_set, result = item
    return Award(
        record_id=record.pk,
        kind=AwardKind.SERVICE,
        rule_set_id=rule_set.pk,
        volunteer_id=record.volunteer_id,
        business_day=record.day,
        pieces=[[piece.minutes, piece.worth] for piece in result.pieces],
        minutes_counted=result.minutes_counted,
        points=result.points,
        breakdown=breakdown_of(result),
        transfer_id=transfer.pk if transfer else None,
        at=at,
    )
