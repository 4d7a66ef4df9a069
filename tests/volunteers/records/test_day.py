"""What a day holds: its cap, no minute twice, and what is too short to count by itself."""

from datetime import date, timedelta

import pytest

from backend.accounts.scopes import Role
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory, CheckInPolicyFactory
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, VolunteerFactory
from volunteers.attendance import policies
from volunteers.records import services
from volunteers.records.errors import CreditedOverlap, DayIsFull, PresenceTooShort
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LATER = SHIFT_STARTS + timedelta(days=3)


@pytest.fixture
def volunteer():
    return VolunteerFactory()


@pytest.fixture
def admin():
    return make_actor(Role.PLATFORM_ADMIN)


@pytest.fixture
def served(volunteer):
    """`served(after, hours)`: a presence that begins so many hours after nine in the morning."""

    def serve(after, hours, **more: object):
        starts_at = SHIFT_STARTS + HOUR * after
        shift = ShiftFactory(starts_at=starts_at, ends_at=starts_at + HOUR * hours)
        return AttendanceFactory(shift=shift, **{"volunteer": volunteer} | more)

    return serve


def approve(attendance, actor, **more: object):
    return services.approve(attendance_id=attendance.pk, actor=actor, at=LATER, **more)


def told(record):
    return record.minutes, record.reason


# --- the cap ---


def test_two_shifts_of_a_day_are_cut_to_eight_hours(served, admin):
    first, second = served(0, 5), served(5, 5)

    records = [approve(one, admin) for one in (first, second)]

    assert [told(record) for record in records] == [(300, ""), (180, "按每日最多 8 小时计")]
    assert records[1].ended_at - records[1].started_at == 3 * HOUR
    second.refresh_from_db()
    assert (second.minutes, second.decision_reason) == (180, "按每日最多 8 小时计")


def test_a_batch_is_cut_the_same_way(served, admin):
    shifts = [served(0, 5), served(5, 5), served(10, 1)]

    results = services.approve_many(ids=[one.pk for one in shifts], actor=admin, at=LATER)

    assert [row.record and row.record.minutes for row in results] == [300, 180, None]
    assert results[2].refusal.code == "day_is_full"


def test_a_full_day_takes_no_managers_word_either(served, admin):
    approve(served(0, 8), admin)
    more = served(8, 2)

    with pytest.raises(DayIsFull):
        approve(more, admin, minutes=60, reason="确实在场")

    assert ServiceRecord.objects.count() == 1


def test_the_reason_of_the_manager_and_that_of_the_cap_are_both_kept(served, admin):
    approve(served(0, 7), admin)

    record = approve(served(7, 3), admin, minutes=150, reason="提前离开")

    assert told(record) == (60, "提前离开；按每日最多 8 小时计")


def test_a_long_reason_leaves_room_in_the_column(served, admin):
    approve(served(0, 7), admin)

    record = approve(served(7, 3), admin, minutes=150, reason="由" * 200)

    assert (record.minutes, len(record.reason)) == (60, 200)


def test_what_was_reversed_leaves_its_room_again(served, admin):
    first, second = served(0, 8), served(8, 2)
    record = approve(first, admin)
    services.reverse_record(
        record_id=record.pk, actor=make_actor(Role.PLATFORM_ADMIN), reason="记错了", at=LATER
    )

    assert approve(second, admin).minutes == 120
    assert told(approve(first, admin)) == (360, "按每日最多 8 小时计")


def test_other_people_and_other_days_have_caps_of_their_own(served, admin):
    approve(served(0, 8), admin)

    assert approve(served(24, 8), admin).minutes == 480
    assert approve(served(-24, 8), admin).minutes == 480
    assert approve(served(8, 2, volunteer=VolunteerFactory()), admin).minutes == 120


@pytest.mark.parametrize("scope", ["platform", "organization", "activity"])
def test_the_cap_is_the_policys(served, admin, scope):
    attendance = served(0, 8)
    activity = attendance.shift.activity
    key = {"platform": "", "organization": activity.programme.organization_id, "activity": activity.pk}[scope]
    CheckInPolicyFactory(scope=scope, scope_id=str(key), figures={"daily_minutes": 120})
    policies.forget()

    assert told(approve(attendance, admin)) == (120, "按每日最多 2 小时计")


# --- over midnight ---


def test_a_night_counts_for_the_day_it_began(served, admin):
    evening = served(13, 4)  # 22:00 to 02:00

    record = approve(evening, admin)

    assert (record.service_date, record.minutes) == (date(2026, 9, 15), 240)


def test_a_night_shares_the_cap_of_the_day_it_began_and_not_of_the_next(served, admin):
    approve(served(0, 6), admin)
    approve(served(24, 8), admin)

    assert told(approve(served(13, 4), admin)) == (120, "按每日最多 8 小时计")


def test_what_is_left_of_a_night_counts_for_the_day_the_rest_begins(served, admin):
    approve(served(24, 7), admin)
    approve(served(12, 4), admin)  # 21:00 to 01:00

    record = approve(served(13, 6), admin)  # 22:00 to 04:00, of which 01:00 to 04:00 is left

    assert (record.service_date, record.minutes) == (date(2026, 9, 16), 60)
    by_day = ServiceRecord.objects.filter(service_date=date(2026, 9, 16)).values_list("minutes", flat=True)
    assert sum(by_day) == 480


# --- no minute twice ---


def test_what_another_record_covers_is_left_out(served, admin):
    approve(served(0, 3), admin)

    record = approve(served(2, 3), admin)

    assert told(record) == (120, "与其他服务记录重叠的时间已扣除")
    assert (record.started_at, record.ended_at) == (SHIFT_STARTS + 3 * HOUR, SHIFT_STARTS + 5 * HOUR)


def test_in_a_batch_too(served, admin):
    twins = [served(0, 3), served(1, 3), served(1, 2)]

    results = services.approve_many(ids=[one.pk for one in twins], actor=admin, at=LATER)

    assert [row.record and row.record.minutes for row in results] == [180, 60, None]
    assert results[2].refusal.code == "credited_overlap"


def test_what_is_covered_whole_is_refused(served, admin):
    approve(served(0, 4), admin)

    with pytest.raises(CreditedOverlap):
        approve(served(1, 2), admin)


# --- too short ---


@pytest.mark.parametrize(("minutes", "counts"), [(107, False), (108, True)])
def test_less_than_sixty_percent_needs_a_reason(served, admin, minutes, counts):
    attendance = served(0, 3, checked_out_at=SHIFT_STARTS + MINUTE * minutes)

    if counts:
        assert approve(attendance, admin).minutes == minutes
    else:
        with pytest.raises(PresenceTooShort) as refusal:
            approve(attendance, admin)
        assert refusal.value.data == {"percent": 60}
        assert told(approve(attendance, admin, reason="送老人去医院")) == (minutes, "送老人去医院")


def test_in_a_batch_what_is_too_short_waits(served, admin):
    short, whole = served(0, 3, checked_out_at=SHIFT_STARTS + HOUR), served(4, 3)

    results = services.approve_many(ids=[short.pk, whole.pk], actor=admin, at=LATER)

    assert [row.refusal and row.refusal.code for row in results] == ["presence_too_short", None]
    short.refresh_from_db()
    assert short.status == "pending"


def test_being_cut_by_the_day_does_not_make_it_short(served, admin):
    approve(served(0, 7), admin)

    assert approve(served(7, 3), admin).minutes == 60


@pytest.mark.parametrize(("percent", "refused"), [(0, False), (30, False), (34, True)])
def test_how_much_is_enough_is_the_policys(served, admin, percent, refused):
    CheckInPolicyFactory(figures={"min_presence_percent": percent})
    policies.forget()
    attendance = served(0, 3, checked_out_at=SHIFT_STARTS + HOUR)

    [result] = services.approve_many(ids=[attendance.pk], actor=admin, at=LATER)

    assert (result.refusal is not None) is refused
