"""What a manager reviews, and what the scans behind many rows tell at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.scopes import Role
from tests.factories.accounts import make_actor
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    AttendanceFactory,
    OpenAttendanceFactory,
    ScanFactory,
)
from tests.factories.volunteers import ShiftFactory
from volunteers.attendance.choices import AttendanceStatus, Channel, Flag
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import with_details
from volunteers.attendance.reviews import (
    on_shift,
    reviewable_shifts,
    shifts_to_review,
    signals,
    waiting_for,
    workloads,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift():
    return ShiftFactory()


@pytest.fixture
def manager(shift):
    return make_actor(Role.SITE_MANAGER, shift.activity.site_id)


def scanned(attendance, device="", **more: Any):
    """Put a scan behind an attendance."""
    ScanFactory(
        volunteer=attendance.volunteer,
        attendance=attendance,
        site=attendance.site,
        result="accepted",
        grade="A",
        device=device,
        **{"received_at": attendance.checked_in_at, **more},
    )


def on(shift, **fields: Any):
    return AttendanceFactory(shift=shift, **fields)


# --- what waits ------------------------------------------------------------------------------------------


def test_a_workload_counts_clean_rows_and_those_to_look_at(shift, manager):
    on(shift)
    on(shift, flags=[Flag.LATE])
    on(shift, checked_out_at=None, minutes=None)
    on(shift, minutes=0)
    for _ in range(2):
        scanned(on(shift), "phone")
    OpenAttendanceFactory(shift=shift)
    ApprovedAttendanceFactory(shift=shift)

    (load,) = workloads(manager, list(shifts_to_review(manager)))

    assert (load.shift, load.clean, load.flagged, load.waiting) == (shift, 1, 5, 6)


def test_the_shift_that_waits_longest_comes_first(shift, manager):
    earlier = ShiftFactory(activity=shift.activity, starts_at=shift.starts_at - timedelta(days=1))
    on(shift)
    on(earlier)

    assert list(shifts_to_review(manager)) == [earlier, shift]


def test_a_shift_without_anybody_to_decide_about_does_not_wait(shift, manager):
    OpenAttendanceFactory(shift=shift)
    ApprovedAttendanceFactory(shift=shift)
    on(ShiftFactory())

    assert list(shifts_to_review(manager)) == []


def test_ones_own_hours_wait_for_somebody_else(shift, manager):
    on(shift, volunteer__user_id=manager.user_id)

    assert list(waiting_for(manager)) == []
    assert list(waiting_for(make_actor(Role.SITE_MANAGER, shift.activity.site_id))) != []


def test_a_site_can_be_picked_out(shift):
    other = on(ShiftFactory())
    on(shift)
    admin = make_actor(Role.PLATFORM_ADMIN)

    assert list(shifts_to_review(admin, site_id=other.site_id)) == [other.shift]


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.SITE_MANAGER, True),
        (Role.ORGANIZATION_MANAGER, True),
        (Role.PLATFORM_ADMIN, True),
        (Role.SUPERVISOR, False),
        (Role.STORE_CLERK, False),
    ],
)
def test_who_reviews_a_shift(shift, role, sees):
    scopes = {
        Role.SITE_MANAGER: shift.activity.site_id,
        Role.ORGANIZATION_MANAGER: shift.activity.programme.organization_id,
        Role.SUPERVISOR: "52",
        Role.STORE_CLERK: 1,
    }

    found = reviewable_shifts(make_actor(role, scopes.get(role, "")))

    assert found.filter(pk=shift.pk).exists() is sees


def test_a_shift_shows_the_decided_too_and_not_those_still_there(shift, manager):
    waiting, decided = on(shift), ApprovedAttendanceFactory(shift=shift)
    OpenAttendanceFactory(shift=shift)
    on(shift, status=AttendanceStatus.ANNULLED)

    assert list(on_shift(manager, shift)) == [waiting, decided]


# --- one phone for several people -------------------------------------------------------------------------


def shared(*attendances: Attendance) -> dict[int, int]:
    rows = Attendance.objects.filter(pk__in=[row.pk for row in attendances])
    return dict(signals(rows).phones)


def test_the_same_as_one_row_at_a_time(shift):
    """The set-based count and the subquery of `with_details` are two ways to one number."""
    elsewhere = on(ShiftFactory())
    rows = [on(shift) for _ in range(5)]
    for place, row in enumerate(rows):
        scanned(row, f"phone{place // 2}")
    scanned(rows[0], "phone2")
    scanned(rows[1], "")
    scanned(elsewhere, "phone0")
    scanned(rows[3], "phone4", received_at=rows[3].checked_in_at - timedelta(days=14))
    scanned(rows[4], "phone4")
    everything = Attendance.objects.all()

    told = signals(everything).phones

    one_by_one = {row.pk: row.same_phone for row in with_details(everything) if row.same_phone}
    assert dict(told) == one_by_one
    assert told[rows[0].pk] == 2


def test_a_phone_staff_scan_with_says_nothing(shift):
    staff = make_actor(Role.SITE_MANAGER, shift.activity.site_id)
    rows = [on(shift), on(shift)]
    for row in rows:
        scanned(row, "scanner", channel=Channel.PASS, scanned_by_id=staff.user_id)

    assert shared(*rows) == {}


def test_the_way_is_told_where_it_is_not_the_screen(shift):
    staff = make_actor(Role.SITE_MANAGER, shift.activity.site_id)
    plain, helped = on(shift), on(shift)
    scanned(plain, "phone")
    scanned(helped, channel=Channel.POSTER)
    scanned(helped, channel=Channel.CARD, scanned_by_id=staff.user_id)
    scanned(helped, channel=Channel.POSTER)

    told = signals([plain, helped]).channels

    assert told == {helped.pk: [Channel.POSTER, Channel.CARD]}


@pytest.mark.parametrize("people", [1, 40])
def test_many_rows_cost_two_statements(shift, people):
    rows = [on(shift) for _ in range(people)]
    for row in rows:
        scanned(row, f"phone{row.pk}")

    with CaptureQueriesContext(connection) as statements:
        signals(rows)

    assert len(statements) == 2


def test_no_rows_cost_nothing(shift):
    with CaptureQueriesContext(connection) as statements:
        told = signals([])

    assert (len(statements), dict(told.phones), dict(told.channels)) == (0, {}, {})
