"""A phone's clock may be wrong; when something was scanned is told by ours."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.moments import Capture, capture_of

NOW = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ANY_TIME = st.datetimes(timezones=st.just(UTC))
WRONG_BY = st.timedeltas(-500 * DAY, 500 * DAY)
AGES = st.timedeltas(timedelta(0), 2 * DAY)


def test_a_scan_that_was_sent_at_once_says_nothing():
    assert capture_of(None, sent_at=NOW, at=NOW) is None


def test_without_the_time_of_sending_the_phone_is_believed():
    assert capture_of(NOW - MINUTE, sent_at=None, at=NOW) == Capture(
        NOW - MINUTE, NOW - MINUTE, ahead=-MINUTE
    )


def test_a_phone_ahead_has_not_scanned_after_now():
    capture = capture_of(NOW + MINUTE, sent_at=None, at=NOW)

    assert (capture.when, capture.claimed_at, capture.ahead) == (NOW, NOW + MINUTE, MINUTE)


@given(AGES, WRONG_BY)
def test_with_the_time_of_sending_a_wrong_clock_changes_nothing(age, wrong):
    capture = capture_of(NOW - age + wrong, sent_at=NOW + wrong, at=NOW)

    assert (capture.when, capture.ahead) == (NOW - age, -age)
    assert abs(capture.offset_s + wrong.total_seconds()) <= 0.5


@given(ANY_TIME, st.none() | ANY_TIME, ANY_TIME.filter(lambda at: at.year > 1990))
def test_whatever_the_phone_says_the_moment_is_past_and_can_be_kept(captured_at, sent_at, at):
    capture = capture_of(captured_at, sent_at=sent_at, at=at)

    assert at - timedelta(days=3650) <= capture.when <= at
    assert 2000 <= capture.claimed_at.year <= 2100
    assert capture.offset_s is None or abs(capture.offset_s) < 2**31


@given(ANY_TIME)
def test_a_scan_later_than_its_sending_is_ahead(sent_at):
    if sent_at.year == 9999:
        return

    capture = capture_of(sent_at + MINUTE, sent_at=sent_at, at=NOW)

    assert (capture.ahead, capture.when) == (MINUTE, NOW)
