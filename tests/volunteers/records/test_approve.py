"""Approving: one at a time, many at once, by the right people."""

from datetime import date, timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import OutboxEvent
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    AttendanceFactory,
    ForgottenAttendanceFactory,
    OpenAttendanceFactory,
)
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ShiftFactory
from volunteers.activities.models import Activity
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.records import services
from volunteers.records.choices import RecordKind
from volunteers.records.errors import (
    AdjustmentReasonRequired,
    AlreadyDecided,
    CreditedOverlap,
    MinutesRequired,
    OwnAttendance,
    RejectionReasonRequired,
    StillInService,
)
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def attendance():
    return AttendanceFactory()


@pytest.fixture
def manager(attendance):
    return make_actor(Role.SITE_MANAGER, attendance.site_id)


@pytest.fixture
def later(attendance):
    return attendance.shift.ends_at + HOUR


def untouched(attendance):
    attendance.refresh_from_db()
    return (attendance.status, ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (
        AttendanceStatus.PENDING,
        0,
        0,
    )


# --- approve ---


def test_approving_writes_the_fields_of_article_seven(attendance, manager, later):
    record = services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    activity = attendance.shift.activity
    organization = activity.programme.organization
    assert ServiceRecord.objects.get() == record
    assert (record.activity_name, record.content, record.responsible_name) == (
        "导诊",
        "引导挂号、取药",
        "王芳",
    )
    assert (record.service_date, record.place) == (
        date(2026, 9, 15),
        f"{attendance.site.name}（新华路 1 号）",
    )
    assert (record.started_at, record.ended_at, record.minutes) == (
        attendance.shift.starts_at,
        attendance.shift.ends_at,
        180,
    )
    assert (record.organization, record.organization_name) == (organization, organization.name)
    assert (record.volunteer, record.region_id, record.grade, record.manual) == (
        attendance.volunteer,
        attendance.site.region_id,
        "A",
        False,
    )
    assert (record.kind, record.version, record.recorded_by_id, record.recorded_at) == (
        RecordKind.SERVICE,
        1,
        manager.user_id,
        later,
    )


def test_approving_credits_the_time_and_signs_the_decision(attendance, manager, later):
    services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    attendance.refresh_from_db()
    assert (attendance.status, attendance.decided_by_id, attendance.decided_at) == (
        AttendanceStatus.APPROVED,
        manager.user_id,
        later,
    )
    assert (attendance.credited.lower, attendance.credited.upper) == (
        attendance.shift.starts_at,
        attendance.shift.ends_at,
    )


def test_approving_reports_it_in_the_same_transaction(attendance, manager, later):
    record = services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    event = OutboxEvent.objects.get()
    assert (event.topic, event.key, event.payload) == (
        "record.approved",
        f"volunteer:{attendance.volunteer_id}",
        {"record_id": record.pk},
    )


def test_approving_again_returns_the_record_and_changes_nothing(attendance, manager, later):
    record = services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    again = services.approve(attendance_id=attendance.pk, actor=manager, at=later + HOUR, minutes=5)

    assert (again, again.minutes, again.recorded_at) == (record, 180, later)
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (1, 1)


def test_renaming_the_activity_later_leaves_the_record_alone(attendance, manager, later):
    record = services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    Activity.objects.filter(pk=attendance.shift.activity_id).update(name="改名", content="别的")

    record.refresh_from_db()
    assert (record.activity_name, record.content) == ("导诊", "引导挂号、取药")


def test_a_night_belongs_to_the_day_it_began(manager, attendance):
    evening = attendance.shift.starts_at + 13 * HOUR
    night = AttendanceFactory(
        shift=ShiftFactory(activity=attendance.shift.activity, starts_at=evening, ends_at=evening + 8 * HOUR)
    )

    record = services.approve(attendance_id=night.pk, actor=manager, at=evening + 9 * HOUR)

    assert (record.service_date, record.minutes) == (date(2026, 9, 15), 480)


def test_adjusting_keeps_the_reason_with_the_record(attendance, manager, later):
    record = services.approve(
        attendance_id=attendance.pk, actor=manager, at=later, minutes=120, reason=" 中途离开 "
    )

    attendance.refresh_from_db()
    assert (record.minutes, record.reason, record.ended_at) == (
        120,
        "中途离开",
        attendance.shift.starts_at + 2 * HOUR,
    )
    assert (attendance.minutes, attendance.decision_reason) == (120, "中途离开")


def test_more_than_the_scans_show_is_recorded_with_the_weakest_grade(attendance, manager, later):
    short = AttendanceFactory(
        shift=attendance.shift, checked_out_at=attendance.shift.starts_at + timedelta(minutes=10)
    )

    record = services.approve(
        attendance_id=short.pk, actor=manager, at=later, minutes=120, reason="手机没电，负责人在场"
    )

    short.refresh_from_db()
    assert (record.minutes, record.grade, short.grade) == (120, "D", "A")


def test_adjusting_without_a_reason_changes_nothing(attendance, manager, later):
    with pytest.raises(AdjustmentReasonRequired):
        services.approve(attendance_id=attendance.pk, actor=manager, at=later, minutes=120, reason="  ")

    assert untouched(attendance)


def test_a_forgotten_check_out_needs_the_managers_word(manager, later, attendance):
    forgotten = ForgottenAttendanceFactory(shift=attendance.shift)

    with pytest.raises(MinutesRequired):
        services.approve(attendance_id=forgotten.pk, actor=manager, at=later)
    record = services.approve(
        attendance_id=forgotten.pk, actor=manager, at=later, minutes=150, reason="11:30 离开"
    )

    forgotten.refresh_from_db()
    assert (record.minutes, forgotten.minutes, forgotten.checked_out_at) == (150, 150, None)


def test_somebody_still_here_is_not_approved(manager, later, attendance):
    current = OpenAttendanceFactory(shift=attendance.shift)

    with pytest.raises(StillInService):
        services.approve(attendance_id=current.pk, actor=manager, at=later)


def test_time_that_is_credited_already_is_refused_whole(manager, later, attendance):
    ApprovedAttendanceFactory(volunteer=attendance.volunteer)

    with pytest.raises(CreditedOverlap):
        services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    assert untouched(attendance)


# --- who ---


def test_nobody_approves_their_own_hours(attendance, later):
    MembershipFactory(user=attendance.volunteer.user)

    with pytest.raises(OwnAttendance):
        services.approve(attendance_id=attendance.pk, actor=actor_for(attendance.volunteer.user), at=later)

    assert untouched(attendance)


def test_a_volunteer_decides_nothing(attendance, later):
    with pytest.raises(Forbidden):
        services.approve(attendance_id=attendance.pk, actor=actor_for(attendance.volunteer.user), at=later)

    assert untouched(attendance)


@pytest.mark.parametrize(
    ("role", "scope"), [(Role.SUPERVISOR, "52"), (Role.STORE_CLERK, 1)], ids=["supervisor", "clerk"]
)
def test_other_roles_decide_nothing(attendance, later, role, scope):
    with pytest.raises(Forbidden):
        services.approve(attendance_id=attendance.pk, actor=make_actor(role, scope), at=later)

    assert untouched(attendance)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.SITE_MANAGER, lambda: SiteFactory().pk),
        (Role.ORGANIZATION_MANAGER, lambda: SiteFactory().organization_id),
        (Role.COMMUNITY_STAFF, lambda: "5101"),
    ],
)
def test_outside_the_scope_there_is_nothing(attendance, later, role, scope):
    with pytest.raises(NotFound):
        services.approve(attendance_id=attendance.pk, actor=make_actor(role, scope()), at=later)

    assert untouched(attendance)


@pytest.mark.parametrize("key", [0, 10**30])
def test_what_does_not_exist_is_not_found(manager, later, key):
    with pytest.raises(NotFound):
        services.approve(attendance_id=key, actor=manager, at=later)


# --- many ---


def test_many_are_credited_and_each_refusal_stands_alone(attendance, manager, later):
    good = AttendanceFactory(shift=attendance.shift)
    forgotten = ForgottenAttendanceFactory(shift=attendance.shift)
    elsewhere = AttendanceFactory()

    results = services.approve_many(
        ids=[good.pk, forgotten.pk, elsewhere.pk, attendance.pk, good.pk], actor=manager, at=later
    )

    assert [(row.attendance_id, row.refusal and row.refusal.code) for row in results] == [
        (good.pk, None),
        (forgotten.pk, "minutes_required"),
        (elsewhere.pk, "not_found"),
        (attendance.pk, None),
    ]
    assert {row.record.attendance for row in results if row.record} == {good, attendance}
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (2, 2)
    assert set(Attendance.objects.filter(status="pending")) == {forgotten, elsewhere}


def test_an_overlap_inside_one_batch_is_refused_once(attendance, manager, later):
    twin = AttendanceFactory(shift=attendance.shift, volunteer=attendance.volunteer)

    first, second = services.approve_many(ids=[attendance.pk, twin.pk], actor=manager, at=later)

    assert (first.refusal, second.record, second.refusal.code) == (None, None, "credited_overlap")
    assert ServiceRecord.objects.count() == 1


def test_a_volunteer_decides_nothing_in_bulk_either(attendance, later):
    with pytest.raises(Forbidden):
        services.approve_many(ids=[attendance.pk], actor=actor_for(attendance.volunteer.user), at=later)


# --- reject ---


def test_rejecting_tells_why_and_writes_no_record(attendance, manager, later):
    services.reject(attendance_id=attendance.pk, actor=manager, at=later, reason=" 没有到场 ")

    attendance.refresh_from_db()
    assert (attendance.status, attendance.decided_by_id, attendance.decision_reason) == (
        AttendanceStatus.REJECTED,
        manager.user_id,
        "没有到场",
    )
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def test_rejecting_again_changes_nothing(attendance, manager, later):
    services.reject(attendance_id=attendance.pk, actor=manager, at=later, reason="没有到场")

    again = services.reject(attendance_id=attendance.pk, actor=manager, at=later + HOUR, reason="别的")

    assert (again.decision_reason, again.decided_at) == ("没有到场", later)


def test_rejecting_needs_a_reason(attendance, manager, later):
    with pytest.raises(RejectionReasonRequired):
        services.reject(attendance_id=attendance.pk, actor=manager, at=later, reason=" ")

    assert untouched(attendance)


def test_an_approved_attendance_is_not_rejected(attendance, manager, later):
    services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    with pytest.raises(AlreadyDecided):
        services.reject(attendance_id=attendance.pk, actor=manager, at=later, reason="反悔")


def test_a_rejected_attendance_is_not_approved(attendance, manager, later):
    services.reject(attendance_id=attendance.pk, actor=manager, at=later, reason="没有到场")

    with pytest.raises(AlreadyDecided):
        services.approve(attendance_id=attendance.pk, actor=manager, at=later)


def test_somebody_still_here_is_not_rejected(manager, later, attendance):
    current = OpenAttendanceFactory(shift=attendance.shift)

    with pytest.raises(StillInService):
        services.reject(attendance_id=current.pk, actor=manager, at=later, reason="走了")


def test_nobody_rejects_their_own_attendance(attendance, later):
    MembershipFactory(user=attendance.volunteer.user)

    with pytest.raises(OwnAttendance):
        services.reject(
            attendance_id=attendance.pk, actor=actor_for(attendance.volunteer.user), at=later, reason="x"
        )
