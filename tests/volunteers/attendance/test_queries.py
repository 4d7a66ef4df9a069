"""Who sees which attendances."""

from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.scopes import Role, actor_for
from tests.factories.accounts import make_actor
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    AttendanceFactory,
    OpenAttendanceFactory,
    ScanFactory,
)
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.queries import (
    decidable_by,
    live_at,
    open_attendance,
    pending_for,
    visible_to,
    with_details,
)

pytestmark = pytest.mark.django_db

DECIDERS = {
    Role.SITE_MANAGER: lambda attendance: attendance.site_id,
    Role.ORGANIZATION_MANAGER: lambda attendance: attendance.shift.activity.programme.organization_id,
    Role.COMMUNITY_STAFF: lambda _: "520102",
    Role.PLATFORM_ADMIN: lambda _: "",
}


@pytest.fixture
def attendance():
    return AttendanceFactory()


@pytest.fixture
def elsewhere():
    """An attendance at a site of another organization, in Chengdu."""
    site = SiteFactory(region=RegionFactory(code=CHENGDU_JINJIANG))
    return AttendanceFactory(shift__activity__site=site)


@pytest.mark.parametrize("role", sorted(DECIDERS))
def test_a_manager_decides_within_the_scope(role, attendance, elsewhere):
    actor = make_actor(role, DECIDERS[role](attendance))

    everything = {attendance, elsewhere} if role == Role.PLATFORM_ADMIN else {attendance}
    assert set(decidable_by(actor)) == everything
    assert set(visible_to(actor)) == everything
    assert set(pending_for(actor)) == everything


def test_a_supervisor_reads_the_region_and_decides_nothing(attendance, elsewhere):
    actor = make_actor(Role.SUPERVISOR, "5201")

    assert (set(visible_to(actor)), set(decidable_by(actor))) == ({attendance}, set())


def test_a_volunteer_reads_their_own(attendance, elsewhere):
    actor = actor_for(attendance.volunteer.user)

    assert (set(visible_to(actor)), set(decidable_by(actor))) == ({attendance}, set())


def test_a_clerk_reads_nothing(attendance):
    assert list(visible_to(make_actor(Role.STORE_CLERK, 1))) == []


def test_only_what_is_pending_waits_the_oldest_first(attendance):
    actor = make_actor(Role.PLATFORM_ADMIN)
    OpenAttendanceFactory()
    ApprovedAttendanceFactory()
    later = AttendanceFactory()

    assert list(pending_for(actor)) == [attendance, later]


def test_ones_own_attendance_waits_for_somebody_else(attendance):
    volunteer = VolunteerFactory()
    AttendanceFactory(volunteer=volunteer, shift=attendance.shift, site=attendance.site)
    actor = make_actor(Role.SITE_MANAGER, attendance.site_id)
    own = type(actor)(user_id=volunteer.user_id, grants=actor.grants)

    assert list(pending_for(own)) == [attendance]


def test_a_row_to_decide_needs_no_further_query(attendance, django_assert_num_queries):
    actor = make_actor(Role.PLATFORM_ADMIN)

    with django_assert_num_queries(1):
        [row] = pending_for(actor)
        shown = (row.volunteer.name, row.shift.activity.name, row.site.name, row.same_phone)

    assert shown == ("张晓明", "导诊", attendance.site.name, 0)


# --- one phone for several people ---


def scanned(attendance, device, **more: Any):
    ScanFactory(
        volunteer=attendance.volunteer,
        attendance=attendance,
        site=attendance.site,
        result="accepted",
        grade="A",
        device=device,
        **more,
    )


def sharing(attendance):
    return with_details(type(attendance).objects.filter(pk=attendance.pk)).get().same_phone


def test_others_who_used_the_same_phone_here_are_counted_once(attendance):
    for _ in range(2):
        other = AttendanceFactory(shift=attendance.shift, site=attendance.site)
        scanned(other, "phone")
        scanned(other, "phone")
    scanned(attendance, "phone")

    assert sharing(attendance) == 2


def test_ones_own_second_scan_is_not_somebody_else(attendance):
    scanned(attendance, "phone")
    scanned(attendance, "phone")

    assert sharing(attendance) == 0


def test_phones_that_did_not_say_which_they_are_are_not_the_same(attendance):
    other = AttendanceFactory(shift=attendance.shift, site=attendance.site)
    scanned(attendance, "")
    scanned(other, "")

    assert sharing(attendance) == 0


def test_the_same_phone_weeks_ago_or_elsewhere_says_nothing(attendance, elsewhere):
    scanned(attendance, "phone")
    scanned(elsewhere, "phone")
    weeks_ago = AttendanceFactory(shift=attendance.shift, site=attendance.site)
    scanned(weeks_ago, "phone", received_at=attendance.checked_in_at - timedelta(days=14))

    assert sharing(attendance) == 0


# --- now ---


def test_how_many_are_here(attendance):
    OpenAttendanceFactory.create_batch(2, shift=attendance.shift)
    OpenAttendanceFactory()

    assert live_at(attendance.site) == 2


def test_the_attendance_one_is_in(django_assert_num_queries):
    current = OpenAttendanceFactory()

    with django_assert_num_queries(1):
        found = open_attendance(current.volunteer)
        shown = (found, found.shift.activity.name, found.site.name)

    assert shown == (current, "导诊", current.site.name)


def test_whoever_has_left_is_in_none(attendance):
    assert open_attendance(attendance.volunteer) is None
