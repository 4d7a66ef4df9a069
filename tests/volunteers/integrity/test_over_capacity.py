"""More people at a site than its shifts have places."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.attendance import AttendanceFactory, ForgottenAttendanceFactory
from tests.factories.integrity import minutes
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory
from volunteers.activities.choices import ShiftStatus
from volunteers.integrity.choices import SignalKind
from volunteers.integrity.findings import BusinessDay
from volunteers.integrity.presence_signals import _peak, _Room, _Stay
from volunteers.integrity.thresholds import Thresholds


def came(shift, clock):
    hour, minute = clock
    return AttendanceFactory(
        shift=shift,
        checked_in_at=SHIFT_STARTS + timedelta(hours=hour - 9, minutes=minute),
        checked_out_at=SHIFT_STARTS + timedelta(hours=hour - 8, minutes=minute),
    )


@pytest.fixture
def small(db):
    """A shift with two places."""
    return ShiftFactory(capacity=2)


def test_three_people_on_two_places_are_a_signal(small, find):
    made = [came(small, (9, number)) for number in (0, 10, 20)]

    (finding,) = find(SignalKind.OVER_CAPACITY)

    assert finding.evidence == {
        "peak_at": "2026-09-15T01:20:00+00:00",
        "people": 3,
        "places": 2,
        "attendances": [row.pk for row in made],
    }


def test_as_many_as_there_are_places_are_none(small, find):
    came(small, (9, 0))
    came(small, (9, 10))

    assert find(SignalKind.OVER_CAPACITY) == []


def test_one_after_the_other_is_none(small, find):
    for hour in (9, 10, 11):
        came(small, (hour, 0))

    assert find(SignalKind.OVER_CAPACITY) == []


def test_the_places_of_all_shifts_that_run_are_counted(small, find):
    for minute in (0, 10, 20):
        came(small, (9, minute))
    ShiftFactory(activity=small.activity, capacity=1)

    assert find(SignalKind.OVER_CAPACITY) == []


def test_a_cancelled_shift_has_no_places(small, find):
    for minute in (0, 10, 20):
        came(small, (9, minute))
    ShiftFactory(activity=small.activity, capacity=1, status=ShiftStatus.CANCELLED)

    assert len(find(SignalKind.OVER_CAPACITY)) == 1


def test_who_forgot_to_check_out_left_when_the_shift_was_over(small, find):
    for _ in range(2):
        ForgottenAttendanceFactory(shift=small)
    afternoon = ShiftFactory(activity=small.activity, capacity=2, starts_at=SHIFT_STARTS + timedelta(hours=5))
    for _ in range(2):
        AttendanceFactory(shift=afternoon)

    assert find(SignalKind.OVER_CAPACITY) == []


def test_some_spare_may_be_allowed(small, find):
    for minute in (0, 10, 20):
        came(small, (9, minute))

    assert find(SignalKind.OVER_CAPACITY, capacity_spare_percent=50) == []
    assert len(find(SignalKind.OVER_CAPACITY, capacity_spare_percent=49)) == 1


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 300)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 300), st.integers(1, 4)), max_size=3),
)
def test_the_fullest_moment_is_the_fullest_of_all_moments(stays, rooms):
    day = BusinessDay(date(2026, 9, 15))

    def at(minute):
        return day.start + minutes(minute)

    def excess(minute):
        people = sum(start <= minute < start + length for start, length in stays)
        return people - sum(places for start, length, places in rooms if start <= minute < start + length)

    worst = max(excess(minute) for minute, _ in stays)
    peak = _peak(
        [_Stay(number, at(start), at(start + length)) for number, (start, length) in enumerate(stays)],
        [_Room(at(start), at(start + length), places) for start, length, places in rooms],
        day,
        Thresholds(),
    )

    assert (peak is None) == (worst <= 0)
    assert peak is None or excess((peak[0] - day.start) // minutes(1)) == worst
