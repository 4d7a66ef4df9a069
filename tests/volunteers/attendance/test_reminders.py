"""Who is still checked in when the shift is over is told so, once."""

from datetime import timedelta

import pytest

from tests.accounts.carriers import KeepingSms
from tests.factories.attendance import AttendanceFactory, OpenAttendanceFactory
from volunteers.attendance import reminders
from volunteers.attendance.models import Attendance
from volunteers.attendance.reminders import remind_forgotten

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def sent(settings):
    """What the carrier was asked to send."""
    settings.SMS_BACKEND = "tests.accounts.carriers.KeepingSms"
    KeepingSms.sent.clear()
    return KeepingSms.sent


def test_at_the_end_of_the_shift_a_message_goes_out(sent):
    attendance = OpenAttendanceFactory()

    reminded = remind_forgotten(at=attendance.shift.ends_at)

    phone = attendance.volunteer.user.phone.open()
    assert (reminded, sent) == (1, [(phone, attendance.site.name)])
    assert Attendance.objects.get().reminded_at == attendance.shift.ends_at


def test_once_is_enough(sent):
    attendance = OpenAttendanceFactory()
    remind_forgotten(at=attendance.shift.ends_at)

    reminded = remind_forgotten(at=attendance.shift.ends_at + MINUTE)

    assert (reminded, len(sent)) == (0, 1)


def test_nobody_is_reminded_before_the_end_or_long_after_it_or_who_has_left(sent):
    attendance = OpenAttendanceFactory()
    AttendanceFactory(shift=attendance.shift)

    before = remind_forgotten(at=attendance.shift.ends_at - MINUTE)
    after = remind_forgotten(at=attendance.shift.ends_at + 60 * MINUTE)

    assert (before, after, sent) == (0, 0, [])


def test_a_carrier_that_is_away_stops_nobody_elses_reminder(settings, sent):
    settings.SMS_BACKEND = "tests.accounts.carriers.UnreachableSms"
    attendance = OpenAttendanceFactory()
    OpenAttendanceFactory(shift=attendance.shift)

    assert remind_forgotten(at=attendance.shift.ends_at) == 2


def test_everybody_is_reminded_whatever_their_number(monkeypatch, sent):
    attendance = OpenAttendanceFactory()
    OpenAttendanceFactory.create_batch(4, shift=attendance.shift)
    monkeypatch.setattr(reminders, "_BATCH", 2)

    assert remind_forgotten(at=attendance.shift.ends_at) == 5
    assert len(sent) == 5
