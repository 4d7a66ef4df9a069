"""What a volunteer's own pages ask: what waits for a word of theirs, and what can be taken back."""

from datetime import timedelta

import pytest

from tests.factories.attendance import AttendanceFactory, ForgottenAttendanceFactory
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, VolunteerFactory
from volunteers.attendance.annulment import annul, annullable_until
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import awaiting, own

pytestmark = pytest.mark.django_db

ASKED = {"question": "几点走的？", "asked_at": SHIFT_STARTS}


@pytest.mark.parametrize(
    ("factory", "fields", "waits"),
    [
        (ForgottenAttendanceFactory, {}, 1),
        (ForgottenAttendanceFactory, {"proposed_out_at": SHIFT_STARTS, "proposed_at": SHIFT_STARTS}, 0),
        (AttendanceFactory, {}, 0),
        (AttendanceFactory, ASKED, 1),
        (AttendanceFactory, {**ASKED, "answer": "十二点", "answered_at": SHIFT_STARTS}, 0),
        (
            ForgottenAttendanceFactory,
            {"status": AttendanceStatus.REJECTED, "decision_reason": "不在", "decided_at": SHIFT_STARTS},
            0,
        ),
    ],
)
def test_what_waits_for_a_word_of_the_volunteer(factory, fields, waits):
    if "decided_at" in fields:
        fields = {**fields, "decided_by": VolunteerFactory().user}
    attendance = factory(**fields)

    assert awaiting(attendance.volunteer).count() == waits


def test_ones_own_are_nobody_elses():
    mine = AttendanceFactory()
    AttendanceFactory(shift=ShiftFactory(starts_at=SHIFT_STARTS + timedelta(days=1)))

    assert list(own(mine.volunteer)) == [mine]


def test_a_scan_can_be_taken_back_for_a_quarter_of_an_hour(scan, place, starts, django_assert_num_queries):
    scan("in", starts, nonce="first")

    with django_assert_num_queries(1):
        until = annullable_until(volunteer_id=place.volunteer.pk, nonce="first")

    assert until == starts + timedelta(minutes=15)


def test_a_refused_an_annulled_and_another_ones_scan_cannot(scan, place, starts):
    scan("out", starts, nonce="refused")
    scan("in", starts, nonce="annulled")
    annul(user_id=place.volunteer.user_id, nonce="annulled", reason="扫错了", at=starts)

    asked = [
        (place.volunteer.pk, "refused"),
        (place.volunteer.pk, "annulled"),
        (VolunteerFactory().pk, "annulled"),
    ]
    assert [annullable_until(volunteer_id=who, nonce=nonce) for who, nonce in asked] == [None] * 3
    assert Attendance.objects.get().status == AttendanceStatus.ANNULLED
