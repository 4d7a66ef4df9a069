"""Which day a clock's time belongs to."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils.timezone import localtime
from hypothesis import given
from hypothesis import strategies as st

from backend.pages.timeline import moment_after


@pytest.mark.parametrize(
    ("came", "left", "wanted"),
    [
        ("2026-09-15T01:02:30+00:00", time(12, 0), "2026-09-15T12:00:00+08:00"),
        ("2026-09-15T14:30:00+00:00", time(1, 15), "2026-09-16T01:15:00+08:00"),  # a night shift
        ("2026-09-15T01:00:00+00:00", time(9, 0), "2026-09-16T09:00:00+08:00"),  # not the check-in itself
    ],
)
def test_a_time_is_the_first_after_the_check_in(came: str, left: time, wanted: str) -> None:
    assert moment_after(datetime.fromisoformat(came), left) == datetime.fromisoformat(wanted)


@given(
    came=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(
        lambda naive: naive.replace(tzinfo=UTC)
    ),
    left=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
def test_it_is_always_within_a_day_and_shows_that_time(came: datetime, left: time) -> None:
    moment = moment_after(came, left)

    assert timedelta(0) < moment - came <= timedelta(days=1)
    assert localtime(moment).time() == left
