"""Every figure of a policy does something, to a real scan or to the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.attendance import OpenAttendanceFactory, code_of, make_place
from volunteers.attendance import services
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SPRING = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def refused(scan):
    """The reason a check-in is refused for, or None."""

    def why(intent, when, **more: object):
        answer = scan(intent, when, **more)
        return answer.reasons[0]["code"] if answer.result == "refused" else None

    return why


@pytest.mark.parametrize("scope", ["platform", "region", "organization", "activity"])
def test_check_in_opens_when_the_policy_says(put, refused, place, starts, scope):
    activity = place.shift.activity
    key = {
        "platform": "",
        "region": activity.site.region_id,
        "organization": activity.programme.organization_id,
        "activity": activity.pk,
    }[scope]
    put(scope, key, early_minutes=60)

    assert refused("in", starts - 61 * MINUTE) == "too_early"
    assert refused("in", starts - 60 * MINUTE) is None


@pytest.mark.parametrize(("minutes", "flags"), [(20, []), (21, ["late"])])
def test_late_begins_when_the_policy_says(*, put, scan, here, starts, minutes, flags):
    put("platform", "", late_minutes=20)

    assert scan("in", starts + MINUTE * minutes, location=here).attendance.flags == flags


def test_an_upload_is_as_old_as_the_policy_allows(put, refused, starts):
    put("platform", "", offline_hours=2)

    assert refused("in", starts + 2 * HOUR + MINUTE, captured_at=starts) == "offline_too_old"
    assert refused("in", starts + 2 * HOUR, captured_at=starts) is None


@pytest.mark.parametrize("scope", ["platform", "organization"])
def test_a_phone_runs_ahead_as_far_as_the_policy_allows(*, put, refused, place, site, starts, scope):
    put(scope, "" if scope == "platform" else site.organization_id, clock_skew_seconds=300)
    token = code_of(site, starts)

    assert refused("in", starts, captured_at=starts + 6 * MINUTE, token=token) == "captured_in_future"
    assert refused("in", starts, captured_at=starts + 5 * MINUTE, token=token) is None


def test_a_code_is_as_old_as_the_policy_allows(put, refused, site, starts):
    put("platform", "", code_tolerance_windows=3)

    assert refused("in", starts, token=code_of(site, starts - 2 * MINUTE)) == "token_expired"
    assert refused("in", starts, token=code_of(site, starts - 1.5 * MINUTE)) is None


@pytest.mark.parametrize("scope", ["platform", "activity"])
def test_a_position_is_as_vague_as_the_policy_allows(*, put, scan, place, starts, here, scope):
    put(scope, "" if scope == "platform" else place.shift.activity_id, accuracy_limit_m=20)
    vague = type(here)(here.latitude, here.longitude, accuracy_m=21)

    assert scan("in", starts, location=vague).attendance.grade == "B"


def test_a_check_out_is_taken_as_late_as_the_policy_allows(put, scan, refused, starts, ends):
    put("platform", "", late_check_out_hours=1)
    scan("in", starts)

    assert refused("out", ends + HOUR + MINUTE) == "check_out_too_late"
    assert refused("out", ends + HOUR) is None


@pytest.mark.parametrize(("percent", "flags"), [(50, []), (51, ["short"])])
def test_short_is_what_the_policy_calls_short(*, put, scan, here, starts, percent, flags):
    put("platform", "", min_presence_percent=percent)
    scan("in", starts, location=here)

    assert scan("out", starts + 1.5 * HOUR, location=here).attendance.flags == flags


def test_a_scan_uploaded_later_is_judged_by_the_policy_of_its_own_time(put, refused, starts):
    put("platform", "", SPRING, early_minutes=60)
    put("platform", "", starts, early_minutes=0)

    assert refused("in", starts + HOUR, captured_at=starts - 45 * MINUTE) is None


def test_a_scan_that_counts_now_is_judged_by_the_policy_of_now_whatever_the_phone_says(
    put, refused, site, starts
):
    put("platform", "", SPRING, early_minutes=240)
    put("platform", "", starts - 2 * HOUR, early_minutes=10)
    now = starts - 30 * MINUTE

    assert refused("in", now, captured_at=starts - 3 * HOUR, token=code_of(site, now)) == "too_early"


def test_the_clock_closes_each_when_its_policy_says(put, starts, ends):
    quick, slow = (make_place(starts_at=starts) for _ in range(2))
    put("activity", quick.shift.activity_id, close_after_minutes=5)
    put("activity", slow.shift.activity_id, close_after_minutes=720)
    for place in (quick, slow):
        OpenAttendanceFactory(shift=place.shift, volunteer=place.volunteer)
    usual = OpenAttendanceFactory()

    closed = [services.close_forgotten(at=ends + MINUTE * minutes) for minutes in (4, 5, 30, 719, 720)]

    assert closed == [0, 1, 1, 0, 1]
    usual.refresh_from_db()
    assert (usual.status, Attendance.objects.filter(checked_out_at__isnull=False).count()) == (
        AttendanceStatus.PENDING,
        0,
    )
