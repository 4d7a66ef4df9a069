"""What the detectors see in approvals, and what they rightly do not see."""

from datetime import date, timedelta

import pytest

from backend.accounts.services import PHONE_PURPOSE
from backend.core.crypto import blind_index
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    PaperSheetFactory,
    ScanFactory,
    ServiceRecordFactory,
)
from tests.factories.integrity import scanned
from tests.factories.ledger import serve, take_back
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.volunteers import GuardianFactory, ShiftFactory, VolunteerFactory
from volunteers.attendance.choices import AttendanceStatus, Grade, ScanResult
from volunteers.integrity.choices import SignalKind

SUNDAY = date(2026, 9, 20)
MOTHER = "13700001234"


@pytest.fixture
def manager(db):
    return StaffFactory()


# --- approved at once ---


def approved(shift, manager, *, after):
    """A presence whose record was written so long after its check-out came in."""
    attendance = scanned(
        shift=shift,
        status=AttendanceStatus.APPROVED,
        credited=(shift.starts_at, shift.ends_at),
        decided_by=manager,
        decided_at=shift.ends_at + after,
    )
    return ServiceRecordFactory(attendance=attendance)


@pytest.fixture
def shift(db):
    return ShiftFactory()


def test_three_approvals_within_ten_seconds_are_a_signal(shift, manager, find):
    made = [approved(shift, manager, after=timedelta(seconds=seconds)) for seconds in (2, 5, 9)]

    (finding,) = find(SignalKind.QUICK_APPROVAL)

    assert (finding.manager_id, finding.site_id) == (manager.pk, shift.activity.site_id)
    assert finding.evidence == {
        "approvals": 3,
        "within_seconds": 10,
        "fastest_seconds": 2,
        "attendances": [record.attendance_id for record in made],
    }


def test_the_tenth_second_is_slow_enough(shift, manager, find):
    for seconds in (2, 5, 10):
        approved(shift, manager, after=timedelta(seconds=seconds))

    assert find(SignalKind.QUICK_APPROVAL) == []


def test_two_people_approving_quickly_are_counted_each(shift, manager, find):
    for who in (manager, manager, StaffFactory()):
        approved(shift, who, after=timedelta(seconds=1))

    assert find(SignalKind.QUICK_APPROVAL) == []


def test_an_upload_counts_from_when_it_came_in(shift, manager, find):
    for _ in range(3):
        record = approved(shift, manager, after=timedelta(hours=4))
        ScanFactory(
            volunteer=record.volunteer,
            attendance=record.attendance,
            site=record.attendance.site,
            result=ScanResult.PROVISIONAL,
            grade=Grade.C,
            captured_at=shift.ends_at,
            received_at=record.recorded_at - timedelta(seconds=3),
        )

    assert [finding.facts["fastest_seconds"] for finding in find(SignalKind.QUICK_APPROVAL)] == [3]


def test_a_paper_sheet_counts_from_when_it_was_entered(shift, manager, find):
    sheet = PaperSheetFactory(shift=shift, entered_at=shift.ends_at + timedelta(hours=2))
    for seconds in (4, 5, 6):
        attendance = ApprovedAttendanceFactory(
            shift=shift,
            manual=True,
            sheet=sheet,
            entered_by=sheet.entered_by,
            decided_by=manager,
            decided_at=sheet.entered_at + timedelta(seconds=seconds),
        )
        ServiceRecordFactory(attendance=attendance, manual=True)

    assert [finding.facts["fastest_seconds"] for finding in find(SignalKind.QUICK_APPROVAL)] == [4]


# --- entered by hand ---


def recorded(manager, minutes, *, manual, day=SUNDAY, **more):
    return serve(
        minutes,
        day=day,
        manual=manual,
        attendance__decided_by=manager,
        **more,
    )


def by_hand(manager, *, times=5, minutes=60, **more):
    return [recorded(manager, minutes, manual=True, **more) for _ in range(times)]


def test_a_third_of_the_hours_by_hand_is_a_signal(manager, find):
    manual = by_hand(manager, minutes=60)
    recorded(manager, 600, manual=False)

    (finding,) = find(SignalKind.MANUAL_SHARE, day=SUNDAY)

    assert finding.manager_id == manager.pk
    assert finding.site_id in {record.attendance.site_id for record in manual}
    assert finding.evidence == {
        "days": 30,
        "minutes": 900,
        "manual_minutes": 300,
        "records": 5,
        "percent": 33,
        "peers_percent": 0,
        "attendances": [record.attendance_id for record in manual],
    }


def test_less_than_three_tenths_is_none(manager, find):
    by_hand(manager, minutes=60)
    recorded(manager, 710, manual=False)  # 300 of 1010

    assert find(SignalKind.MANUAL_SHARE, day=SUNDAY) == []


def test_four_records_are_none(manager, find):
    by_hand(manager, times=4)

    assert find(SignalKind.MANUAL_SHARE, day=SUNDAY) == []


def test_where_the_others_do_the_same_it_is_none(manager, find):
    by_hand(manager)
    other = StaffFactory()
    recorded(other, 340, manual=True)
    recorded(other, 660, manual=False)  # a third of 100 % would be 33 %

    assert find(SignalKind.MANUAL_SHARE, day=SUNDAY) == []


def test_the_others_of_another_county_do_not_excuse_it(manager, find):
    by_hand(manager)
    recorded(StaffFactory(), 600, manual=True, region=RegionFactory(code=CHENGDU_JINJIANG))

    assert [finding.manager_id for finding in find(SignalKind.MANUAL_SHARE, day=SUNDAY)] == [manager.pk]


def test_what_was_taken_back_is_not_counted(manager, find):
    for record in by_hand(manager):
        take_back(record)

    assert find(SignalKind.MANUAL_SHARE, day=SUNDAY) == []


def test_thirty_days_are_looked_at_and_no_more(manager, find):
    by_hand(manager, day=SUNDAY - timedelta(days=29))

    assert len(find(SignalKind.MANUAL_SHARE, day=SUNDAY)) == 1
    assert find(SignalKind.MANUAL_SHARE, day=SUNDAY + timedelta(days=7)) == []


def test_shares_are_asked_on_sundays(manager, find):
    by_hand(manager, day=SUNDAY - timedelta(days=1))

    assert find(SignalKind.MANUAL_SHARE, day=SUNDAY - timedelta(days=1)) == []


# --- kin ---


def with_phone(phone):
    return UserFactory(phone=phone)


def test_a_guardian_who_approves_is_a_signal(db, find):
    child = GuardianFactory(phone=MOTHER).volunteer
    mother = with_phone(MOTHER)
    record = ServiceRecordFactory(attendance=ApprovedAttendanceFactory(volunteer=child, decided_by=mother))

    (finding,) = find(SignalKind.RELATED_PHONE)

    assert (finding.manager_id, finding.volunteer_id) == (mother.pk, child.pk)
    assert finding.evidence == {"records": 1, "minutes": 180, "attendances": [record.attendance_id]}


def test_somebody_elses_child_is_none(db, find):
    child = GuardianFactory(phone=MOTHER).volunteer
    ServiceRecordFactory(
        attendance=ApprovedAttendanceFactory(volunteer=child, decided_by=with_phone("13700001235"))
    )

    assert find(SignalKind.RELATED_PHONE) == []
    assert find(SignalKind.SAME_HOUSEHOLD) == []


def test_staff_without_a_phone_are_nobodys_guardian(db, manager, find):
    child = GuardianFactory(phone=MOTHER).volunteer
    ServiceRecordFactory(attendance=ApprovedAttendanceFactory(volunteer=child, decided_by=manager))
    ServiceRecordFactory(attendance=ApprovedAttendanceFactory(decided_by=manager))

    assert find(SignalKind.RELATED_PHONE) == []


def test_two_of_one_guardian_are_a_signal(db, find):
    sister, brother = (GuardianFactory(phone=MOTHER).volunteer for _ in range(2))
    record = ServiceRecordFactory(
        attendance=ApprovedAttendanceFactory(volunteer=brother, decided_by=sister.user)
    )

    (finding,) = find(SignalKind.SAME_HOUSEHOLD)

    assert (finding.manager_id, finding.volunteer_id) == (sister.user_id, brother.pk)
    assert finding.evidence["attendances"] == [record.attendance_id]
    assert find(SignalKind.RELATED_PHONE) == []


def test_a_child_who_approves_a_guardian_is_a_signal_too(db, find):
    mother = VolunteerFactory(user=with_phone(MOTHER))
    child = GuardianFactory(phone=MOTHER).volunteer
    ServiceRecordFactory(attendance=ApprovedAttendanceFactory(volunteer=mother, decided_by=child.user))

    assert [finding.volunteer_id for finding in find(SignalKind.SAME_HOUSEHOLD)] == [mother.pk]


def test_two_volunteers_without_guardians_are_no_household(db, find):
    ServiceRecordFactory(attendance=ApprovedAttendanceFactory(decided_by=VolunteerFactory().user))

    assert find(SignalKind.SAME_HOUSEHOLD) == []


def test_the_hash_of_a_guardian_is_the_hash_of_an_account(db):
    assert GuardianFactory(phone=MOTHER).phone_index == blind_index(MOTHER, purpose=PHONE_PURPOSE)
