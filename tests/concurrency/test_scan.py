"""Scans that arrive at the same moment: a double tap, a retry that overtakes, a phone and the clock."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from tests.concurrency.rivals import Meeting, race
from tests.factories.attendance import OpenAttendanceFactory, code_of, make_place
from tests.factories.volunteers import SHIFT_STARTS
from volunteers.attendance import services
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance, Scan

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)
ENDS = SHIFT_STARTS + timedelta(hours=3)
MANY = 8


def scanning(place, intent, at, nonce):
    site = place.shift.activity.site

    def scan():
        return services.scan(
            volunteer_user_id=place.volunteer.user_id,
            token=code_of(site, at),
            intent=intent,
            nonce=nonce,
            at=at,
        )

    return scan


def unguarded(meeting, scan):
    def run():
        with meeting.unguarded():
            return scan()

    return run


def headline(answer):
    return answer.reasons[0]["code"]


# --- without the lock ---


def test_without_the_lock_two_check_ins_see_the_same_nothing_and_the_database_refuses_one():
    place = make_place()
    meeting = Meeting(2, ["FROM venues_site"])

    outcome = race(
        unguarded(meeting, scanning(place, "in", SHIFT_STARTS, "a")),
        unguarded(meeting, scanning(place, "in", SHIFT_STARTS, "b")),
    )

    [lost] = [result for result in outcome if isinstance(result, Exception)]
    assert isinstance(lost, IntegrityError)
    assert "attendance_open_once" in str(lost)
    assert (Attendance.objects.count(), Scan.objects.count()) == (1, 1)


def test_without_the_lock_two_check_outs_end_the_same_presence_and_the_database_refuses_one():
    place = make_place()
    scanning(place, "in", SHIFT_STARTS, "in")()
    meeting = Meeting(2, ['FROM "volunteers_attendance"', '"checked_out_at" IS NULL'])

    outcome = race(
        unguarded(meeting, scanning(place, "out", ENDS, "a")),
        unguarded(meeting, scanning(place, "out", ENDS + SECOND, "b")),
    )

    [lost] = [result for result in outcome if isinstance(result, Exception)]
    assert isinstance(lost, IntegrityError)
    assert "attendance_evidence_stays" in str(lost)


# --- with it ---


def test_a_double_tap_gets_one_answer_twice():
    place = make_place()

    first, second = race(*[scanning(place, "in", SHIFT_STARTS, "same")] * 2)

    assert first.as_text() == second.as_text()
    assert sorted([first.replayed, second.replayed]) == [False, True]
    assert (Attendance.objects.count(), Scan.objects.count()) == (1, 1)


def test_two_scans_at_once_are_one_check_in_and_one_kind_refusal():
    place = make_place()

    outcome = race(*[scanning(place, "in", SHIFT_STARTS, f"n{number}") for number in range(MANY)])

    assert sorted(map(headline, outcome)) == ["already_checked_in"] * (MANY - 1) + ["checked_in"]
    assert (Attendance.objects.count(), Scan.objects.count()) == (1, MANY)


def test_a_check_out_sent_many_times_at_once_is_one_row():
    place = make_place()
    scanning(place, "in", SHIFT_STARTS, "in")()

    outcome = race(*[scanning(place, "out", ENDS, "out")] * MANY)

    assert {answer.as_text() for answer in outcome} == {outcome[0].as_text()}
    assert [answer.replayed for answer in outcome].count(False) == 1
    assert Scan.objects.filter(intent="out").count() == 1
    attendance = Attendance.objects.get()
    assert (attendance.status, attendance.checked_out_at, attendance.minutes) == (
        AttendanceStatus.PENDING,
        ENDS,
        180,
    )


def test_check_outs_with_different_nonces_end_the_presence_once():
    place = make_place()
    scanning(place, "in", SHIFT_STARTS, "in")()

    outcome = race(*[scanning(place, "out", ENDS + SECOND * number, f"n{number}") for number in range(MANY)])

    assert sorted(map(headline, outcome)) == ["checked_out"] + ["not_checked_in"] * (MANY - 1)
    assert Attendance.objects.count() == 1


def test_a_hundred_and_sixty_check_outs_of_forty_presences_leave_forty():
    places = [make_place() for _ in range(40)]
    for place in places:
        scanning(place, "in", SHIFT_STARTS, "in")()

    def twice(place, nonce):
        leave = scanning(place, "out", ENDS, nonce)
        return lambda: (leave(), leave())

    outcome = race(*[twice(place, nonce) for place in places for nonce in ("out", "out")])

    answers = [answer for pair in outcome for answer in pair]
    assert (len(answers), sum(not answer.replayed for answer in answers)) == (160, 40)
    assert Scan.objects.filter(intent="out").count() == 40
    assert Attendance.objects.filter(status="pending", minutes=180).count() == 40


def test_people_do_not_wait_for_each_other():
    places = [make_place() for _ in range(MANY)]

    outcome = race(*[scanning(place, "in", SHIFT_STARTS, "same") for place in places])

    assert [answer.result for answer in outcome] == ["accepted"] * MANY
    assert Attendance.objects.count() == MANY


def test_the_clock_and_a_check_out_at_the_same_moment_leave_one_end():
    place = make_place()
    current = OpenAttendanceFactory(volunteer=place.volunteer, shift=place.shift)
    late = ENDS + timedelta(minutes=31)

    answer, closed = race(scanning(place, "out", late, "out"), lambda: services.close_forgotten(at=late))

    current.refresh_from_db()
    assert (headline(answer), closed in {0, 1}) == ("checked_out", True)
    assert (current.status, current.checked_out_at, current.flags) == (
        AttendanceStatus.PENDING,
        late,
        ["late_check_out"],
    )
