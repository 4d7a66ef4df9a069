"""Leaving, in time or not, and the clock that closes what was forgotten."""

from datetime import timedelta

import pytest

from tests.factories.attendance import (
    OpenAttendanceFactory,
    code_of,
    make_place,
)
from tests.factories.volunteers import ShiftFactory, SignUpFactory
from volunteers.activities.models import Shift
from volunteers.attendance import services
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade, Intent, ScanResult
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.scanning import Attempt

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def why(answer):
    return [reason["code"] for reason in answer.reasons]


def test_leaving_ends_the_attendance_and_counts_the_shift(scan, starts, ends, here):
    scan("in", starts - 10 * MINUTE, location=here)

    answer = scan("out", ends + 5 * MINUTE, location=here)

    attendance = Attendance.objects.get()
    assert (answer.result, answer.attendance) == (ScanResult.ACCEPTED, attendance)
    assert (attendance.status, attendance.checked_out_at, attendance.minutes, attendance.grade) == (
        AttendanceStatus.PENDING,
        ends + 5 * MINUTE,
        180,
        Grade.A,
    )
    assert answer.body["attendance"]["minutes"] == 180
    assert answer.reasons[0]["message"] == "签退成功 12:05，本次 3 小时，待负责人确认。"


def test_the_break_is_taken_off(scan, place, starts, ends):
    Shift.objects.filter(pk=place.shift_id).update(break_minutes=30)
    scan("in", starts)

    scan("out", ends)

    assert Attendance.objects.get().minutes == 150


def test_the_scans_of_an_attendance_are_its_evidence(scan, starts, ends, here):
    scan("in", starts, location=here)
    scan("out", ends)

    evidence = Attendance.objects.get().scans.order_by("pk").values_list("intent", "grade", "distance_m")

    assert list(evidence) == [("in", "A", 10), ("out", "B", None)]
    assert Attendance.objects.get().grade == Grade.B


def test_leaving_twice_says_there_is_nothing_to_leave_and_changes_nothing(scan, starts, ends):
    scan("in", starts)
    scan("out", ends)

    answer = scan("out", ends + MINUTE)

    attendance = Attendance.objects.get()
    assert (why(answer), attendance.checked_out_at) == (["not_checked_in"], ends)
    assert Scan.objects.count() == 3


def test_a_repeated_check_out_gets_its_first_answer(scan, starts, ends):
    scan("in", starts)
    first = scan("out", ends, nonce="bye")

    again = scan("out", ends + HOUR, nonce="bye")

    assert (again.as_text(), again.replayed, Attendance.objects.get().checked_out_at) == (
        first.as_text(),
        True,
        ends,
    )


def test_leaving_at_another_site_is_refused_and_names_the_right_one(scan, site, starts, ends):
    scan("in", starts)
    other = make_place(starts_at=starts + 4 * HOUR).shift.activity.site

    answer = scan("out", ends, token=code_of(other, ends))

    assert (why(answer), Attendance.objects.get().status) == (
        ["checked_in_elsewhere"],
        AttendanceStatus.OPEN,
    )
    assert site.name in answer.reasons[0]["message"]


def test_leaving_a_shift_over_midnight(scan, site, place):
    evening = place.shift.starts_at + 13 * HOUR  # 22:00
    night = SignUpFactory(
        shift=ShiftFactory(activity__site=site, starts_at=evening, ends_at=evening + 8 * HOUR),
        volunteer=place.volunteer,
    )
    scan("in", evening)

    answer = scan("out", evening + 8 * HOUR)

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.shift, attendance.minutes) == ("accepted", night.shift, 480)


def test_a_check_in_the_next_day_is_never_taken_for_a_check_out(scan, site, place, starts, ends):
    tomorrow = starts + 24 * HOUR
    SignUpFactory(
        shift=ShiftFactory(activity__site=site, starts_at=tomorrow, ends_at=tomorrow + 3 * HOUR),
        volunteer=place.volunteer,
    )
    scan("in", starts)

    answer = scan("in", tomorrow)

    yesterday, today = Attendance.objects.order_by("checked_in_at")
    assert answer.attendance == today
    assert (yesterday.status, yesterday.checked_out_at, yesterday.minutes, yesterday.flags) == (
        AttendanceStatus.PENDING,
        None,
        None,
        [Flag.FORGOT_CHECK_OUT],
    )
    assert (today.status, today.checked_in_at) == (AttendanceStatus.OPEN, tomorrow)


def test_coming_back_after_leaving_is_taken_and_flagged(scan, starts):
    scan("in", starts)
    scan("out", starts + HOUR)

    answer = scan("in", starts + 2 * HOUR)

    assert (answer.result, answer.attendance.flags) == (ScanResult.PROVISIONAL, [Flag.LATE, Flag.RE_ENTRY])
    assert Attendance.objects.count() == 2


# --- forgotten ---


def test_half_an_hour_after_the_shift_the_clock_closes_without_inventing_an_end(scan, starts, ends):
    scan("in", starts)

    closed = services.close_forgotten(at=ends + 30 * MINUTE)

    attendance = Attendance.objects.get()
    assert closed == 1
    assert (attendance.status, attendance.checked_out_at, attendance.minutes, attendance.flags) == (
        AttendanceStatus.PENDING,
        None,
        None,
        [Flag.FORGOT_CHECK_OUT],
    )


def test_before_that_the_clock_leaves_people_alone(scan, starts, ends):
    scan("in", starts)

    closed = services.close_forgotten(at=ends + 29 * MINUTE)

    assert (closed, Attendance.objects.get().status) == (0, AttendanceStatus.OPEN)


def test_the_clock_may_run_twice(scan, starts, ends):
    scan("in", starts)
    services.close_forgotten(at=ends + HOUR)

    closed = services.close_forgotten(at=ends + HOUR)

    assert (closed, Attendance.objects.get().flags) == (0, [Flag.FORGOT_CHECK_OUT])


def test_the_clock_closes_everybody_whatever_their_number(monkeypatch, ends):
    shift = ShiftFactory()
    OpenAttendanceFactory.create_batch(5, shift=shift, flags=[Flag.LATE])
    monkeypatch.setattr(services, "_CLOSE_BATCH", 2)

    closed = services.close_forgotten(at=ends + HOUR)

    assert closed == 5
    assert set(Attendance.objects.values_list("status", flat=True)) == {"pending"}
    assert Attendance.objects.first().flags == [Flag.LATE, Flag.FORGOT_CHECK_OUT]


def test_a_late_check_out_answers_a_forgotten_one_and_is_flagged(scan, starts, ends):
    scan("in", starts)
    services.close_forgotten(at=ends + 30 * MINUTE)

    answer = scan("out", ends + 2 * HOUR)

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.status, attendance.checked_out_at) == (
        ScanResult.PROVISIONAL,
        AttendanceStatus.PENDING,
        ends + 2 * HOUR,
    )
    assert (attendance.minutes, attendance.flags) == (180, [Flag.LATE_CHECK_OUT])


def test_a_check_out_kept_on_the_phone_answers_a_forgotten_one(scan, starts, ends):
    scan("in", starts)
    services.close_forgotten(at=ends + 30 * MINUTE)

    answer = scan("out", ends + 20 * HOUR, captured_at=ends - 60 * MINUTE)

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.minutes, attendance.flags) == (
        ScanResult.PROVISIONAL,
        120,
        [Flag.OFFLINE],
    )


def test_after_twelve_hours_the_end_is_for_the_manager_to_say(scan, starts, ends):
    scan("in", starts)
    services.close_forgotten(at=ends + 30 * MINUTE)

    answer = scan("out", ends + 13 * HOUR)

    assert (why(answer), Attendance.objects.get().checked_out_at) == (["check_out_too_late"], None)


def test_a_decided_attendance_takes_no_check_out(scan, place, starts, ends):
    scan("in", starts)
    services.close_forgotten(at=ends + 30 * MINUTE)
    Attendance.objects.update(
        status=AttendanceStatus.REJECTED,
        decided_by=make_place(starts_at=starts + 24 * HOUR).volunteer.user,
        decided_at=ends + HOUR,
        decision_reason="没有到场",
    )

    answer = scan("out", ends + 2 * HOUR)

    assert (why(answer), Attendance.objects.get().checked_out_at) == (["not_checked_in"], None)


# --- many at once ---


def attempt(site, intent, nonce, at):
    return Attempt(token=code_of(site, at), intent=Intent(intent), nonce=nonce, captured_at=at)


def test_scans_kept_offline_are_taken_in_the_order_they_happened(place, site, starts, ends):
    answers = services.scan_many(
        volunteer_user_id=place.volunteer.user_id,
        attempts=[attempt(site, "out", "b", ends), attempt(site, "in", "a", starts)],
        at=ends + 5 * HOUR,
    )

    attendance = Attendance.objects.get()
    assert [why(answer)[0] for answer in answers] == ["checked_out", "checked_in"]
    assert (attendance.checked_in_at, attendance.checked_out_at, attendance.minutes) == (starts, ends, 180)


def test_uploading_twice_changes_nothing_and_answers_the_same(place, site, starts, ends):
    kept = [attempt(site, "in", "a", starts), attempt(site, "out", "b", ends)]
    user_id = place.volunteer.user_id
    first = services.scan_many(volunteer_user_id=user_id, attempts=kept, at=ends + HOUR)

    again = services.scan_many(volunteer_user_id=user_id, attempts=kept, at=ends + 2 * HOUR)

    assert [answer.as_text() for answer in again] == [answer.as_text() for answer in first]
    assert (Scan.objects.count(), Attendance.objects.count()) == (2, 1)


def test_a_row_that_is_refused_leaves_the_others_alone(place, site, starts, ends):
    answers = services.scan_many(
        volunteer_user_id=place.volunteer.user_id,
        attempts=[attempt(site, "in", "a", starts), attempt(site, "out", "b", ends + 24 * HOUR)],
        at=ends + HOUR,
    )

    assert [why(answer)[0] for answer in answers] == ["checked_in", "captured_in_future"]
    assert (Scan.objects.count(), Attendance.objects.get().status) == (2, AttendanceStatus.OPEN)
