"""Reversed records give their points back, and the room they took under the daily cap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import Q

from points.ledger import services as ledger
from points.ledger.models import Account, AccountKind, Transfer, TransferKind
from points.scoring.awarding import SOURCE, lot_expiry
from points.scoring.engine import Rules, day_total, rules_from
from points.scoring.models import Award, AwardKind, RuleSet
from points.scoring.queries import DayAwards, RecordAward, day_awards
from points.scoring.wording import Wording
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord


def reverse_records(*, record_ids: Sequence[int], at: datetime) -> int:
    """Take back the awards of these reversed records and return how many were taken back now.

    Takes the ids of reversing records, or of the records they reverse. A record without an award, or whose
    award is taken back already, is passed over. If the daily cap had cut other records of that day, they get
    the room that is free now. Points spent already are owed (ledger.services.reverse).
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
        return sum(_reverse(reversal, accounts[reversal.volunteer_id], at=at) for reversal in reversals)


def _reverse(reversal: ServiceRecord, account: Account, *, at: datetime) -> bool:
    record = cast("ServiceRecord", reversal.reverses)
    day = day_awards({(record.volunteer_id, record.service_date)})[record.volunteer_id, record.service_date]
    earned = day.records.pop(record.pk, None)
    if earned is None:
        return False
    rule_sets = RuleSet.objects.in_bulk(
        {earned.rule_set_id, *(one.rule_set_id for one in day.records.values())}
    )
    _take_back(earned, record, reversal, rule_sets, at=at)
    _supplement(day, reversal, account, rule_sets, at=at)
    return True


def _take_back(
    earned: RecordAward,
    record: ServiceRecord,
    reversal: ServiceRecord,
    rule_sets: Mapping[int, RuleSet],
    *,
    at: datetime,
) -> None:
    rule_set = rule_sets[earned.rule_set_id]
    zh, en = Wording(record.activity_name, record.minutes).taken_back(earned.points)
    taken: Transfer | None = None
    if earned.points and earned.transfer_id:
        taken = ledger.reverse(
            transfer=Transfer.objects.get(pk=earned.transfer_id),
            key=f"{SOURCE}:{record.pk}:reversed:{reversal.pk}",
            points=earned.points,
            sentence_zh=zh,
            sentence_en=en,
            rule_version=rule_set.label,
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
        points=-earned.points,
        breakdown=_breakdown("reversal", -earned.points, zh, en),
        transfer=taken,
        at=at,
    )


def _supplement(
    day: DayAwards,
    reversal: ServiceRecord,
    account: Account,
    rule_sets: Mapping[int, RuleSet],
    *,
    at: datetime,
) -> None:
    """Give the other records of the day what the daily cap now has room for, oldest award first."""
    records = ServiceRecord.objects.in_bulk(day.records)
    for earned in day.records.values():
        rule_set = rule_sets[earned.rule_set_id]
        rules = rules_from(rule_set.document)
        minutes_missing, points_missing = _missing(day, earned, rules)
        if points_missing <= 0:
            continue
        record = records[earned.record_id]
        zh, en = Wording(record.activity_name, record.minutes).supplement(points_missing)
        transfer = ledger.post(
            key=f"{SOURCE}:{record.pk}:v{rule_set.label}:after:{reversal.pk}",
            kind=TransferKind.AWARD,
            legs=[
                ledger.Leg(account, points_missing),
                ledger.Leg(ledger.system_account(AccountKind.ISSUANCE), -points_missing),
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
            minutes_counted=minutes_missing,
            points=points_missing,
            breakdown=_breakdown("supplement", points_missing, zh, en),
            transfer=transfer,
            at=at,
        )
        earned.points += points_missing
        earned.minutes_counted += minutes_missing


def _missing(day: DayAwards, earned: RecordAward, rules: Rules) -> tuple[int, int]:
    """What the day is worth now and nobody was given yet, as far as this record alone could earn it."""
    minutes, points = day_total(day.pieces(), cap=rules.cap_minutes)
    own_minutes, own_points = day_total([earned.piece], cap=rules.cap_minutes)
    given = day.records.values()
    return (
        min(own_minutes - earned.minutes_counted, minutes - sum(one.minutes_counted for one in given)),
        min(own_points - earned.points, points - sum(one.points for one in given)),
    )


def _breakdown(code: str, points: int, zh: str, en: str) -> dict[str, object]:
    return {"lines": [{"code": code, "points": points, "zh": zh, "en": en}], "zh": zh, "en": en}
