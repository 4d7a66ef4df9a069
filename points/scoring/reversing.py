"""Reversed records give their points back, and the room they took under the caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import Q

from points.ledger import services as ledger
from points.ledger.models import Account, AccountKind, Transfer, TransferKind
from points.scoring import bonuses, wording
from points.scoring.awarding import SOURCE, lot_expiry
from points.scoring.documents import rules_from
from points.scoring.engine import SoFar, day_total
from points.scoring.models import Award, AwardKind, RuleSet
from points.scoring.queries import Day, DayAwards, RecordAward, awards_of, day_awards, earnings_of
from points.scoring.rules import Caps, Rules
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

Book = Mapping[int, tuple[RuleSet, Rules]]


def reverse_records(*, record_ids: Sequence[int], at: datetime) -> int:
    """Take back the awards of these reversed records and return how many were taken back now.

    Takes the ids of reversing records, or of the records they reverse. A record without an award, or whose
    award is taken back already, is passed over. If a cap had cut other records, they get the room that is
    free now; bonuses that nothing carries any more go with it. Points spent already are owed
    (ledger.services.reverse), unless the rules say otherwise.
    """
    with transaction.atomic():
        reversals = list(
            ServiceRecord.objects.filter(
                Q(pk__in=record_ids) | Q(reverses_id__in=record_ids), kind=RecordKind.REVERSAL
            )
            .select_related("reverses")
            .order_by("pk")
        )
        accounts = ledger.lock_accounts_of({reversal.volunteer_id for reversal in reversals})
        taken = [
            reversal for reversal in reversals if _reverse(reversal, accounts[reversal.volunteer_id], at=at)
        ]
        bonuses.settle({reversal.volunteer_id for reversal in taken}, at=at)
    return len(taken)


def _reverse(reversal: ServiceRecord, account: Account, *, at: datetime) -> bool:
    record = cast("ServiceRecord", reversal.reverses)
    day = (record.volunteer_id, record.service_date)
    earned = day_awards([day])[day].records.get(record.pk)
    if earned is None:
        return False
    book = {
        rule_set.pk: (rule_set, rules_from(rule_set.document))
        for rule_set in RuleSet.objects.filter(awards__volunteer=record.volunteer_id).distinct()
    }
    _take_back(earned, record, reversal, book, at=at)
    # A cap over months or years may have cut records of other days; without one only this day has room now.
    look_back = any(rules.caps.look_back for _, rules in book.values())
    days = awards_of(record.volunteer_id) if look_back else day_awards([day])
    _supplement(days, reversal, account, book, at=at)
    return True


def _take_back(
    earned: RecordAward,
    record: ServiceRecord,
    reversal: ServiceRecord,
    book: Book,
    *,
    at: datetime,
) -> None:
    """Take back what the record earned; where the rules let nobody owe points, what is left of it."""
    rule_set, rules = book[earned.rule_set_id]
    points = earned.points
    if not rules.may_owe:
        points = min(points, max(ledger.account_of(record.volunteer).balance, 0))
    zh, en = wording.taken_back(record.activity_name, record.minutes, points)
    taken: Transfer | None = None
    if points and earned.transfer_id:
        taken = ledger.reverse(
            transfer=Transfer.objects.get(pk=earned.transfer_id),
            key=f"{SOURCE}:{record.pk}:reversed:{reversal.pk}",
            points=points,
            sentence_zh=zh,
            sentence_en=en,
            rule_version=rule_set.label,
            beside=earned.transfer_ids,
            at=at,
        )
    Award.objects.create(
        record=record,
        cause=reversal,
        kind=AwardKind.REVERSAL,
        rule_set=rule_set,
        volunteer_id=record.volunteer_id,
        business_day=record.service_date,
        minutes_counted=-earned.minutes_counted,
        points=-points,
        breakdown=_breakdown("reversal", -points, zh, en),
        transfer=taken,
        at=at,
    )


def _supplement(
    days: Mapping[Day, DayAwards], reversal: ServiceRecord, account: Account, book: Book, *, at: datetime
) -> None:
    """Give other records what the caps of day, month, year and lifetime have room for, oldest day first."""
    earnings = earnings_of([reversal.volunteer_id])[reversal.volunteer_id]
    for (_, on), day in sorted(days.items()):
        for earned in day.records.values():
            _, rules = book[earned.rule_set_id]
            minutes, points = _missing(day, earned, rules.caps, earnings.so_far(on))
            if points <= 0:
                continue
            _post_supplement(earned, book, reversal, account, minutes=minutes, points=points, at=at)
            earned.minutes_counted += minutes
            earned.points += points
            earnings.add(on, points)


def _missing(day: DayAwards, earned: RecordAward, caps: Caps, so_far: SoFar) -> tuple[int, int]:
    """What every cap has room for and nobody was given yet, as far as this record alone could earn it."""
    minutes, points = day_total(day.pieces(), minutes=caps.day_minutes, points=caps.day_points)
    own_minutes, own_points = day_total(earned.pieces, minutes=caps.day_minutes, points=caps.day_points)
    given = day.records.values()
    room = [own_points - earned.points, points - sum(one.points for one in given)]
    for cap, used in (
        (caps.month_points, so_far.month),
        (caps.year_points, so_far.year),
        (caps.lifetime_points, so_far.lifetime),
    ):
        if cap is not None:
            room.append(cap - used)
    minutes_left = minutes - sum(one.minutes_counted for one in given)
    return max(0, min(own_minutes - earned.minutes_counted, minutes_left)), min(room)


def _post_supplement(
    earned: RecordAward,
    book: Book,
    reversal: ServiceRecord,
    account: Account,
    *,
    minutes: int,
    points: int,
    at: datetime,
) -> None:
    rule_set, rules = book[earned.rule_set_id]
    record = ServiceRecord.objects.get(pk=earned.record_id)
    same_day = record.service_date == reversal.service_date
    zh, en = wording.supplement(record.activity_name, record.minutes, points, same_day=same_day)
    transfer = ledger.post(
        key=f"{SOURCE}:{record.pk}:v{rule_set.label}:after:{reversal.pk}",
        kind=TransferKind.AWARD,
        legs=[
            ledger.Leg(account, points),
            ledger.Leg(ledger.system_account(AccountKind.ISSUANCE), -points),
        ],
        sentence_zh=zh,
        sentence_en=en,
        source_type=SOURCE,
        source_id=record.pk,
        expires_at=lot_expiry(rules, at=at),
        rule_version=rule_set.label,
        at=at,
    )
    Award.objects.create(
        record=record,
        cause=reversal,
        kind=AwardKind.SUPPLEMENT,
        rule_set=rule_set,
        volunteer_id=record.volunteer_id,
        business_day=record.service_date,
        minutes_counted=minutes,
        points=points,
        breakdown=_breakdown("supplement", points, zh, en),
        transfer=transfer,
        at=at,
    )


def _breakdown(code: str, points: int, zh: str, en: str) -> dict[str, object]:
    return {"lines": [{"code": code, "points": points, "zh": zh, "en": en}], "zh": zh, "en": en}
