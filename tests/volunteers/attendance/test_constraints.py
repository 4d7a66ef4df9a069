"""Around the Python: PostgreSQL keeps scans and attendances in order by itself."""

from datetime import timedelta

import pytest

from tests.factories.accounts import StaffFactory
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    AttendanceFactory,
    OpenAttendanceFactory,
    PaperSheetFactory,
    ScanAnnulmentFactory,
    ScanFactory,
)
from tests.factories.database import guards_of, refused_by
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, VolunteerFactory
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance, Scan

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

CHANGES = {
    "attendance_status_known": {"status": "lost"},
    "attendance_grade_known": {"grade": "E"},
    "attendance_flags_known": {"flags": ["late", "ugly"]},
    "attendance_minutes_not_negative": {"minutes": -1},
    "attendance_decision_signed": {"decided_at": SHIFT_STARTS},
    "attendance_credited_when_approved": {"credited": (SHIFT_STARTS, SHIFT_STARTS + HOUR)},
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_that_breaks_the_rules_is_refused(name):
    attendance = AttendanceFactory()
    # Unknown words are not moves either; the table of moves is asked first.
    expected = "attendance_status_moves" if name == "attendance_status_known" else name

    with refused_by(expected):
        Attendance.objects.filter(pk=attendance.pk).update(**CHANGES[name])


def test_an_unknown_status_cannot_be_inserted():
    with refused_by("attendance_status_known"):
        AttendanceFactory(status="lost")


def test_nobody_is_in_two_places_at_once():
    current = OpenAttendanceFactory()

    with refused_by("attendance_open_once"):
        OpenAttendanceFactory(volunteer=current.volunteer)


def test_nobody_leaves_before_they_came():
    with refused_by("attendance_out_after_in"):
        AttendanceFactory(checked_out_at=SHIFT_STARTS - MINUTE, minutes=0)


def test_an_open_attendance_has_no_end():
    with refused_by("attendance_open_has_no_end"):
        OpenAttendanceFactory(minutes=5)


def test_a_rejection_says_why():
    with refused_by("attendance_rejection_explained"):
        AttendanceFactory(
            status=AttendanceStatus.REJECTED, decided_by=StaffFactory(), decided_at=SHIFT_STARTS
        )


def test_approved_time_is_credited_time():
    with refused_by("attendance_credited_when_approved"):
        ApprovedAttendanceFactory(credited=None)


# --- credited once ---


def test_the_same_minute_is_never_credited_twice():
    first = ApprovedAttendanceFactory()
    second = ShiftFactory(starts_at=first.checked_out_at - MINUTE)

    with refused_by("attendance_credited_no_overlap"):
        ApprovedAttendanceFactory(volunteer=first.volunteer, shift=second)


def test_one_shift_may_begin_when_the_other_ends():
    first = ApprovedAttendanceFactory()
    second = ShiftFactory(starts_at=first.checked_out_at)

    ApprovedAttendanceFactory(volunteer=first.volunteer, shift=second)

    assert Attendance.objects.filter(status="approved").count() == 2


def test_two_people_may_be_credited_for_the_same_time():
    first = ApprovedAttendanceFactory()

    ApprovedAttendanceFactory(shift=first.shift)

    assert Attendance.objects.filter(status="approved").count() == 2


# --- the table of moves ---


@pytest.mark.parametrize(
    ("make", "after"),
    [
        (OpenAttendanceFactory, AttendanceStatus.APPROVED),
        (OpenAttendanceFactory, AttendanceStatus.REJECTED),
        (AttendanceFactory, AttendanceStatus.ANNULLED),
        (ApprovedAttendanceFactory, AttendanceStatus.OPEN),
        (ApprovedAttendanceFactory, AttendanceStatus.ANNULLED),
        (ApprovedAttendanceFactory, AttendanceStatus.REJECTED),
    ],
)
def test_a_move_the_table_does_not_have_is_refused(make, after):
    attendance = make()

    with refused_by("attendance_status_moves"):
        Attendance.objects.filter(pk=attendance.pk).update(status=after)


def test_a_rejection_is_final():
    attendance = AttendanceFactory(
        status=AttendanceStatus.REJECTED,
        decided_by=StaffFactory(),
        decided_at=SHIFT_STARTS,
        decision_reason="没有到场",
    )

    with refused_by("attendance_status_moves"):
        Attendance.objects.filter(pk=attendance.pk).update(status=AttendanceStatus.PENDING)


# --- evidence ---


@pytest.mark.parametrize("field", ["volunteer", "shift", "site", "checked_in_at", "checked_out_at"])
def test_what_was_scanned_is_not_rewritten(field):
    attendance, other = AttendanceFactory(), AttendanceFactory()
    change = {
        "volunteer": other.volunteer,
        "shift": other.shift,
        "site": other.site,
        "checked_in_at": attendance.checked_in_at - MINUTE,
        "checked_out_at": attendance.checked_out_at + MINUTE,
    }[field]

    with refused_by("attendance_evidence_stays"):
        Attendance.objects.filter(pk=attendance.pk).update(**{field: change})


def test_a_check_out_cannot_be_taken_away():
    attendance = AttendanceFactory()

    with refused_by("attendance_evidence_stays"):
        Attendance.objects.filter(pk=attendance.pk).update(checked_out_at=None)


def test_an_attendance_cannot_be_removed():
    attendance = AttendanceFactory()

    with refused_by("attendance_evidence_stays"):
        Attendance.objects.filter(pk=attendance.pk)._raw_delete("default")


# --- maker and checker ---


def test_nobody_approves_their_own_hours():
    attendance = AttendanceFactory()

    with refused_by("attendance_decider_is_not_volunteer"):
        Attendance.objects.filter(pk=attendance.pk).update(
            status=AttendanceStatus.APPROVED,
            credited=(attendance.checked_in_at, attendance.checked_out_at),
            decided_by=attendance.volunteer.user,
            decided_at=attendance.checked_out_at,
        )


def test_nobody_is_inserted_as_having_approved_their_own_hours():
    volunteer = VolunteerFactory()

    with refused_by("attendance_decider_is_not_volunteer"):
        ApprovedAttendanceFactory(volunteer=volunteer, decided_by=volunteer.user)


def test_whoever_entered_paper_hours_does_not_approve_them():
    sheet = PaperSheetFactory()
    attendance = AttendanceFactory(shift=sheet.shift, manual=True, entered_by=sheet.entered_by, sheet=sheet)

    with refused_by("attendance_second_person"):
        Attendance.objects.filter(pk=attendance.pk).update(
            status=AttendanceStatus.APPROVED,
            credited=(attendance.checked_in_at, attendance.checked_out_at),
            decided_by=sheet.entered_by,
            decided_at=attendance.checked_out_at,
        )


def test_whoever_entered_paper_hours_does_not_reject_them_either():
    sheet = PaperSheetFactory()
    attendance = AttendanceFactory(shift=sheet.shift, manual=True, entered_by=sheet.entered_by, sheet=sheet)

    with refused_by("attendance_second_person"):
        Attendance.objects.filter(pk=attendance.pk).update(
            status=AttendanceStatus.REJECTED,
            decided_by=sheet.entered_by,
            decided_at=attendance.checked_out_at,
            decision_reason="写错了",
        )


@pytest.mark.parametrize("missing", ["manual", "entered_by", "sheet"])
def test_paper_hours_name_their_sheet_and_who_entered_them(missing):
    sheet = PaperSheetFactory()
    given = {"manual": True, "entered_by": sheet.entered_by, "sheet": sheet}
    given[missing] = False if missing == "manual" else None

    with refused_by("attendance_manual_has_sheet"):
        AttendanceFactory(shift=sheet.shift, **given)


# --- annulled scans ---


def test_no_presence_opens_again_while_its_check_out_stands():
    attendance = AttendanceFactory()

    with refused_by("attendance_reopened_by_annulment"):
        Attendance.objects.filter(pk=attendance.pk).update(
            status=AttendanceStatus.OPEN, checked_out_at=None, minutes=None
        )


def test_no_presence_opens_again_because_an_earlier_check_out_was_annulled():
    attendance = AttendanceFactory()
    taken_back, counts = (
        ScanFactory(
            volunteer=attendance.volunteer,
            attendance=attendance,
            site=attendance.site,
            intent="out",
            result="accepted",
            grade="A",
        )
        for _ in range(2)
    )
    ScanAnnulmentFactory(scan=taken_back)
    again = {"status": AttendanceStatus.OPEN, "checked_out_at": None, "minutes": None}

    with refused_by("attendance_reopened_by_annulment"):
        Attendance.objects.filter(pk=attendance.pk).update(**again)

    ScanAnnulmentFactory(scan=counts)
    assert Attendance.objects.filter(pk=attendance.pk).update(**again) == 1


@pytest.mark.parametrize("scanned", [False, True])
def test_no_presence_is_void_while_its_check_in_stands(scanned):
    current = OpenAttendanceFactory()
    if scanned:
        ScanFactory(
            volunteer=current.volunteer, attendance=current, site=current.site, result="accepted", grade="A"
        )

    with refused_by("attendance_annulled_by_annulment"):
        Attendance.objects.filter(pk=current.pk).update(status=AttendanceStatus.ANNULLED)


# --- what is said ---


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("attendance_proposal_sound", {"proposed_out_at": SHIFT_STARTS + HOUR}),
        ("attendance_proposal_sound", {"proposed_at": SHIFT_STARTS}),
        (
            "attendance_proposal_sound",
            {"proposed_out_at": SHIFT_STARTS - HOUR, "proposed_at": SHIFT_STARTS + HOUR},
        ),
        ("attendance_questions_dated", {"question": "几点离开的？"}),
        ("attendance_questions_dated", {"asked_at": SHIFT_STARTS}),
        ("attendance_questions_dated", {"answer": "十一点半"}),
    ],
)
def test_what_is_said_has_its_time(name, change):
    attendance = AttendanceFactory()

    with refused_by(name):
        Attendance.objects.filter(pk=attendance.pk).update(**change)


# --- scans ---


def test_one_nonce_has_one_answer():
    first = ScanFactory()

    with refused_by("scan_nonce_once"):
        ScanFactory(volunteer=first.volunteer, nonce=first.nonce)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("scan_nonce_given", {"nonce": ""}),
        ("scan_words_known", {"intent": "up"}),
        ("scan_accepted_has_attendance", {"result": "accepted"}),
        ("scan_accepted_has_attendance", {"grade": "A"}),
        ("scan_distance_with_accuracy", {"distance_m": 5}),
        ("scan_distance_with_accuracy", {"distance_m": -5, "accuracy_m": 5}),
        ("scan_channel_known", {"channel": "smoke"}),
        ("scan_staff_named", {"channel": "card"}),
    ],
)
def test_a_scan_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        ScanFactory(**given)


def test_a_refused_scan_names_no_attendance():
    attendance = AttendanceFactory()

    with refused_by("scan_accepted_has_attendance"):
        ScanFactory(attendance=attendance)


def test_a_scan_never_changes():
    scan = ScanFactory()

    with refused_by("scan_append_only"):
        Scan.objects.filter(pk=scan.pk).update(reasons=["checked_in"])


def test_a_scan_is_never_removed():
    scan = ScanFactory()

    with refused_by("scan_append_only"):
        Scan.objects.filter(pk=scan.pk)._raw_delete("default")


def test_every_guard_of_the_tables_has_its_case():
    in_tests_of_their_own = {
        "attendance_open_once",
        "attendance_credited_no_overlap",
        "attendance_out_after_in",
        "attendance_open_has_no_end",
        "attendance_rejection_explained",
        "attendance_status_moves",
        "attendance_evidence_stays",
        "attendance_decider_is_not_volunteer",
        "attendance_not_under_objection",  # tests/volunteers/records/test_ticket_constraints.py
        "attendance_second_person",
        "attendance_manual_has_sheet",
        "attendance_reopened_by_annulment",
        "attendance_annulled_by_annulment",
        "attendance_proposal_sound",
        "attendance_questions_dated",
        "scan_channel_known",
        "scan_staff_named",
        "scan_nonce_once",
        "scan_nonce_given",
        "scan_words_known",
        "scan_accepted_has_attendance",
        "scan_distance_with_accuracy",
        "scan_append_only",
    }

    assert guards_of(Attendance, Scan) == {*CHANGES, *in_tests_of_their_own}
