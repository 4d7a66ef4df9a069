"""Signals, samples, and presences that leave scans behind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from backend.accounts.models import User
from tests.factories.attendance import AttendanceFactory, ScanFactory, ServiceRecordFactory
from tests.factories.venues import SiteFactory
from volunteers.attendance.choices import Channel, Grade, Intent, ScanResult
from volunteers.attendance.models import Attendance
from volunteers.integrity.choices import SignalKind
from volunteers.integrity.draws import seed_of
from volunteers.integrity.models import AuditDraw, AuditItem, Signal

FOUND_AT = datetime(2026, 9, 15, 18, 20, tzinfo=UTC)


class SignalFactory(DjangoModelFactory[Signal]):
    """Too many people at a site, seen this Tuesday; its evidence touches no attendance."""

    class Meta:
        model = Signal

    kind = SignalKind.OVER_CAPACITY
    subject = Sequence(lambda number: f"site:{number}")
    day = date(2026, 9, 15)
    site = SubFactory(SiteFactory)
    evidence = {"peak_at": "2026-09-15T01:30:00+00:00", "people": 12, "places": 10, "attendances": []}
    found_at = FOUND_AT


class AuditDrawFactory(DjangoModelFactory[AuditDraw]):
    """A week with fifty records."""

    class Meta:
        model = AuditDraw

    period = Sequence(lambda number: f"{2001 + number // 50}-W{number % 50 + 1:02d}")
    percent = 2
    population = 50
    seed = LazyAttribute(lambda made: seed_of(period=made.period, population=made.population))
    drawn_at = FOUND_AT


class AuditItemFactory(DjangoModelFactory[AuditItem]):
    """A record that was drawn and waits for its check."""

    class Meta:
        model = AuditItem

    draw = SubFactory(AuditDrawFactory)
    record = SubFactory(ServiceRecordFactory)
    place = 1


def scanned(*, device: str = "", staff: User | None = None, **presence: Any) -> Attendance:
    """Make a presence with the scans it came from, by a phone: the volunteer's, or the one of `staff`."""
    attendance: Attendance = AttendanceFactory.create(**presence)
    moments = {Intent.IN: attendance.checked_in_at, Intent.OUT: attendance.checked_out_at}
    for intent, at in moments.items():
        if at is not None:
            ScanFactory.create(
                volunteer=attendance.volunteer,
                attendance=attendance,
                site=attendance.site,
                intent=intent,
                result=ScanResult.ACCEPTED,
                reasons=["checked_in"],
                received_at=at,
                grade=Grade.A,
                device=device,
                channel=Channel.SCREEN if staff is None else Channel.CARD,
                scanned_by=staff,
            )
    return attendance


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)
