"""What part of a presence counts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.presence import Span, creditable_minutes, credited_span, within_shift

NINE = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)


def after(minutes):
    return NINE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        pytest.param(0, 180, 180, id="the whole shift"),
        pytest.param(-30, 240, 180, id="early and long: only the shift"),
        pytest.param(10, 100, 90, id="late and short"),
        pytest.param(-30, -5, 0, id="gone before it began"),
        pytest.param(200, 220, 0, id="came when it was over"),
    ],
)
def test_presence_counts_inside_the_shift_only(came, left, minutes):
    span = within_shift(
        checked_in_at=after(came), checked_out_at=after(left), starts_at=NINE, ends_at=after(180)
    )

    assert creditable_minutes(span, break_minutes=0) == minutes


def test_a_started_minute_does_not_count():
    assert Span(NINE, NINE + timedelta(minutes=59, seconds=59)).minutes == 59


def test_the_break_is_taken_off():
    assert creditable_minutes(Span(NINE, after(180)), break_minutes=30) == 150


def test_a_break_longer_than_the_presence_leaves_nothing():
    assert creditable_minutes(Span(NINE, after(20)), break_minutes=30) == 0


def test_a_shift_over_midnight_counts_whole():
    ten_in_the_evening = datetime(2026, 9, 15, 14, 0, tzinfo=UTC)
    six_in_the_morning = ten_in_the_evening + timedelta(hours=8)

    span = within_shift(
        checked_in_at=ten_in_the_evening,
        checked_out_at=six_in_the_morning,
        starts_at=ten_in_the_evening,
        ends_at=six_in_the_morning,
    )

    assert span.minutes == 480


def test_all_minutes_are_credited_over_the_whole_span():
    span = Span(NINE, after(180))

    assert credited_span(span, minutes=150, break_minutes=30) == span


def test_fewer_minutes_are_credited_over_the_beginning_with_the_break():
    assert credited_span(Span(NINE, after(180)), minutes=60, break_minutes=30) == Span(NINE, after(90))


@given(st.integers(1, 600), st.integers(0, 120), st.integers(1, 600))
def test_the_time_credited_lies_in_the_span_and_holds_the_minutes(length, pause, minutes):
    span = Span(NINE, after(length))
    minutes = min(minutes, length)

    credited = credited_span(span, minutes=minutes, break_minutes=pause)

    assert span.start == credited.start
    assert credited.end <= span.end
    assert credited.minutes >= minutes
