"""Points out of nowhere, approved service, and the rules it is scored by."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import make_aware
from factory.declarations import SubFactory
from factory.django import DjangoModelFactory

from points.ledger import services as ledger
from points.ledger.models import Account, AccountKind, Transfer, TransferKind
from points.scoring import services as scoring
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.other_models import OtherAward, OtherAwardKind
from points.scoring.presets import DEFAULT_DOCUMENT, DEFAULT_EFFECTIVE_FROM
from tests.factories.accounts import StaffFactory
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.regions import GUIYANG, RegionFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.models import Volunteer
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NEXT_YEAR_END = datetime(2027, 12, 31, 16, tzinfo=UTC)  # 2028-01-01 00:00 in Guiyang
SATURDAY = date(2026, 9, 12)


def give(
    volunteer: Volunteer,
    points: int,
    *,
    key: str,
    at: datetime = LONG_AGO,
    expires_at: datetime | None = NEXT_YEAR_END,
) -> Transfer:
    """Post points as an award does."""
    with transaction.atomic():
        return ledger.post(
            key=key,
            kind=TransferKind.AWARD,
            legs=[
                ledger.Leg(ledger.account_of(volunteer), points),
                ledger.Leg(ledger.system_account(AccountKind.ISSUANCE), -points),
            ],
            sentence_zh=f"{key}，计 {points} 积分。",
            sentence_en=f"{key}: {points} points.",
            source_type="record",
            source_id=1,
            expires_at=expires_at,
            at=at,
        )


def hold(volunteer: Volunteer, points: int, *, key: str, at: datetime = LONG_AGO) -> Transfer:
    """Set points aside, as a reservation in the charity supermarket does."""
    with transaction.atomic():
        return ledger.hold(
            volunteer_id=volunteer.pk,
            points=points,
            key=key,
            sentence_zh="预约兑换 大米",
            sentence_en="Reserved: rice",
            source_type="redemption",
            source_id=1,
            at=at,
        )


def capture(held: Transfer, *, key: str, at: datetime) -> Transfer:
    """Spend held points, as handing over the goods does."""
    with transaction.atomic():
        return ledger.capture(hold=held, key=key, sentence_zh="已领取", sentence_en="Collected", at=at)


def refund(captured: Transfer, *, key: str, at: datetime) -> Transfer:
    """Give the points of goods that were brought back."""
    with transaction.atomic():
        return ledger.refund(capture=captured, key=key, sentence_zh="已退货", sentence_en="Refunded", at=at)


def release(held: Transfer, *, key: str, at: datetime) -> Transfer:
    """Give held points back, as cancelling does."""
    with transaction.atomic():
        return ledger.release(hold=held, key=key, sentence_zh="已退回", sentence_en="Returned", at=at)


def reverse(award: Transfer, *, key: str, at: datetime, points: int | None = None) -> Transfer:
    """Take an award back, as reversing its record does."""
    with transaction.atomic():
        return ledger.reverse(
            transfer=award, key=key, sentence_zh="已撤销", sentence_en="Reversed", at=at, points=points
        )


def account(volunteer: Volunteer) -> Account:
    """Return the volunteer's account as it is now."""
    return Account.objects.get(volunteer=volunteer)


def default_rules(region_code: str = GUIYANG) -> RuleSet:
    """Put the preset into force in a region."""
    RegionFactory.create(code=region_code)
    return scoring.ensure_default_rule_set(region_code=region_code, at=LONG_AGO)


def rules_in_force(*, region_code: str = GUIYANG, version: int = 1, **changes: Any) -> RuleSet:
    """Put the preset with changes into force in a region, from long ago."""
    RegionFactory.create(code=region_code)
    return RuleSet.objects.create(
        region_id=region_code,
        version=version,
        effective_from=DEFAULT_EFFECTIVE_FROM,
        status=RuleSetStatus.ACTIVE,
        document={**DEFAULT_DOCUMENT, **changes},
        created_at=LONG_AGO,
    )


def serve(
    minutes: int = 150,
    *,
    volunteer: Volunteer | None = None,
    day: date = SATURDAY,
    hour: int = 9,
    activity: str = "图书整理",
    **record: Any,
) -> ServiceRecord:
    """Make an approved record of some minutes from that hour on; the shift is as long."""
    starts_at = make_aware(datetime.combine(day, time(hour)))
    made: ServiceRecord = ServiceRecordFactory.create(
        attendance__volunteer=volunteer or VolunteerFactory.create(),
        attendance__shift__activity__name=activity,
        **{"attendance__shift__ends_at": starts_at + timedelta(minutes=minutes)} | record,
        attendance__shift__starts_at=starts_at,
        attendance__checked_out_at=starts_at + timedelta(minutes=minutes),
    )
    return made


class OtherAwardFactory(DjangoModelFactory[OtherAward]):
    """A lecture that waits for a second person."""

    class Meta:
        model = OtherAward

    volunteer = SubFactory(VolunteerFactory)
    kind = OtherAwardKind.LECTURE
    day = SATURDAY
    reference = "急救讲座"
    evidence = "签到表第 3 页"
    entered_by = SubFactory(StaffFactory)
    entered_at = LONG_AGO


def take_back(record: ServiceRecord) -> ServiceRecord:
    """Make the row that reverses a record."""
    same = {
        field.name: getattr(record, field.name)
        for field in ServiceRecord._meta.fields
        if field.name not in {"id", "kind", "reverses", "minutes", "reason", "recorded_by"}
    }
    return ServiceRecord.objects.create(
        **same,
        kind=RecordKind.REVERSAL,
        reverses=record,
        minutes=-record.minutes,
        reason="登记有误",
        recorded_by=StaffFactory.create(),
    )
