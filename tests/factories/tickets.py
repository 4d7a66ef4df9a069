"""Corrections, objections and reminders."""

from datetime import UTC, datetime, timedelta

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from tests.factories.accounts import StaffFactory
from tests.factories.attendance import AttendanceFactory, ServiceRecordFactory
from volunteers.records.choices import NoticeStage, ObjectionState
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection

RAISED_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


class CorrectionFactory(DjangoModelFactory[Correction]):
    """The volunteer says that it was two hours."""

    class Meta:
        model = Correction

    record = SubFactory(ServiceRecordFactory)
    asked_by = SelfAttribute("record.volunteer.user")
    asked_at = LazyAttribute(lambda made: made.record.recorded_at + timedelta(hours=1))
    reason = "那天提前走了"
    minutes_before = SelfAttribute("record.minutes")
    minutes_after = 120


class ObjectionFactory(DjangoModelFactory[Objection]):
    """An open objection of a colleague to an attendance that waits."""

    class Meta:
        model = Objection

    ticket = Sequence(lambda number: f"{number:016d}")
    attendance = SubFactory(AttendanceFactory)
    reason = "那天没有看到他"
    raised_by = SubFactory(StaffFactory)
    raised_at = RAISED_AT
    state = ObjectionState.OPEN


class PublicObjectionFactory(ObjectionFactory):
    """One from somebody nobody knows."""

    raised_by = None
    state = ObjectionState.RECEIVED


class DeadlineNoticeFactory(DjangoModelFactory[DeadlineNotice]):
    """A reminder."""

    class Meta:
        model = DeadlineNotice

    attendance = SubFactory(AttendanceFactory)
    stage = NoticeStage.WARNED
    at = RAISED_AT
