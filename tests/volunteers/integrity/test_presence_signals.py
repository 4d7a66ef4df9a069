"""What the detectors see in scans and presences, and what they rightly do not see."""

from datetime import date, timedelta

import pytest

from tests.factories.accounts import StaffFactory
from tests.factories.attendance import AttendanceFactory, PaperSheetFactory
from tests.factories.integrity import minutes, scanned
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, VolunteerFactory
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import ScanAnnulment
from volunteers.integrity.choices import SignalKind

PHONE = "ab" * 32
DAY = timedelta(days=1)


@pytest.fixture
def shift(db):
    return ShiftFactory()


def borrowed(shift, *starts, device=PHONE):
    """Presences of different people with one phone; `starts` are minutes after nine."""
    return [
        scanned(
            shift=shift,
            device=device,
            checked_in_at=shift.starts_at + minutes(start),
            checked_out_at=None,
            minutes=None,
        )
        for start in starts
    ]


# --- one phone for many ---


def test_one_phone_for_three_people_within_half_an_hour_is_a_signal(shift, find):
    made = borrowed(shift, 0, 10, 30)

    (finding,) = find(SignalKind.SAME_DEVICE)

    assert (finding.site_id, finding.manager_id, finding.volunteer_id) == (
        shift.activity.site_id,
        None,
        None,
    )
    assert finding.evidence == {
        "people": 3,
        "from_at": "2026-09-15T01:00:00+00:00",
        "until_at": "2026-09-15T01:30:00+00:00",
        "attendances": [attendance.pk for attendance in made],
    }


def test_the_phone_is_named_by_a_piece_of_its_hash(shift, find):
    borrowed(shift, 0, 1, 2)

    assert find(SignalKind.SAME_DEVICE)[0].subject == f"site:{shift.activity.site_id}:device:{PHONE[:12]}"


def test_three_people_within_more_than_half_an_hour_are_none(shift, find):
    borrowed(shift, 0, 10, 31)

    assert find(SignalKind.SAME_DEVICE) == []


def test_two_people_with_one_phone_are_none_however_often(shift, find):
    first, _ = borrowed(shift, 0, 10)
    scanned(
        shift=shift,
        device=PHONE,
        volunteer=first.volunteer,
        checked_in_at=shift.starts_at + minutes(20),
    )

    assert find(SignalKind.SAME_DEVICE) == []


def test_phones_that_sent_no_name_are_not_taken_for_one(shift, find):
    borrowed(shift, 0, 1, 2, device="")

    assert find(SignalKind.SAME_DEVICE) == []


def test_the_phone_of_staff_who_scan_cards_is_no_borrowed_phone(shift, find):
    staff = StaffFactory()
    for _ in range(3):
        scanned(shift=shift, device=PHONE, staff=staff)

    assert find(SignalKind.SAME_DEVICE) == []


def test_a_scan_taken_back_within_minutes_is_no_evidence(shift, find):
    for attendance in borrowed(shift, 0, 1, 2):
        ScanAnnulment.objects.create(
            scan=attendance.scans.get(),
            reason="扫错了",
            annulled_by=attendance.volunteer.user,
            annulled_at=attendance.checked_in_at,
        )

    assert find(SignalKind.SAME_DEVICE) == []


def test_one_phone_at_two_sites_is_looked_at_by_site(shift, find):
    borrowed(shift, 0, 1)
    borrowed(ShiftFactory(), 2)

    assert find(SignalKind.SAME_DEVICE) == []


def test_only_the_crowded_stretch_is_evidence(shift, find):
    borrowed(shift, 100)
    crowd = borrowed(shift, 0, 1, 2)

    assert find(SignalKind.SAME_DEVICE)[0].evidence["attendances"] == [row.pk for row in crowd]


def test_the_days_do_not_mix(shift, find):
    borrowed(shift, 0, 1, 2)

    assert find(SignalKind.SAME_DEVICE, day=date(2026, 9, 14)) == []
    assert find(SignalKind.SAME_DEVICE, day=date(2026, 9, 16)) == []


# --- faster than anybody travels ---


def journey(*, kilometres=100.0, away):
    """Somebody who leaves one site at 12:00 and checks in at another after `away`."""
    volunteer = VolunteerFactory()
    here = ShiftFactory()
    there = ShiftFactory(
        activity__site=SiteFactory(
            # A degree of latitude is 111.195 km; both sites reach 200 m around their middle.
            latitude=here.activity.site.latitude + (kilometres + 0.4) / 111.195
        ),
        starts_at=here.ends_at + away,
    )
    return scanned(shift=here, volunteer=volunteer), scanned(shift=there, volunteer=volunteer)


def test_a_hundred_kilometres_in_39_minutes_is_a_signal(db, find):
    left, came = journey(away=minutes(39))

    (finding,) = find(SignalKind.FAST_TRAVEL)

    assert (finding.volunteer_id, finding.attendance_id, finding.site_id) == (
        came.volunteer_id,
        came.pk,
        came.site_id,
    )
    assert finding.evidence == {
        "from_site": left.site_id,
        "metres": pytest.approx(100_000, abs=20),
        "seconds": 39 * 60,
        "kmh": 153,
        "attendances": [left.pk, came.pk],
    }


def test_a_hundred_kilometres_in_41_minutes_is_none(db, find):
    journey(away=minutes(41))

    assert find(SignalKind.FAST_TRAVEL) == []


def test_two_sites_of_one_neighbourhood_are_none_however_quick(db, find):
    journey(kilometres=1.99, away=timedelta(seconds=5))

    assert find(SignalKind.FAST_TRAVEL) == []


def test_two_places_in_the_same_second_are_a_signal_too(db, find):
    journey(away=timedelta(0))

    assert find(SignalKind.FAST_TRAVEL)[0].facts["kmh"] == 99_999


def test_the_way_over_midnight_belongs_to_the_day_of_arrival(db, find):
    volunteer = VolunteerFactory()
    evening = ShiftFactory(starts_at=SHIFT_STARTS + timedelta(hours=12))  # 21:00 to midnight
    morning = ShiftFactory(
        starts_at=SHIFT_STARTS + timedelta(hours=15, minutes=10),
        activity__site=SiteFactory(latitude=30.0),
    )
    scanned(shift=evening, volunteer=volunteer)
    scanned(shift=morning, volunteer=volunteer)

    assert find(SignalKind.FAST_TRAVEL) == []
    assert len(find(SignalKind.FAST_TRAVEL, day=date(2026, 9, 16))) == 1


def test_two_people_at_two_places_are_none(db, find):
    scanned(shift=ShiftFactory())
    scanned(shift=ShiftFactory(activity__site=SiteFactory(latitude=30.0)))

    assert find(SignalKind.FAST_TRAVEL) == []


# --- equally long ---


def group(shift, *lengths):
    """People who came within a minute of each other and stayed so many seconds."""
    return [
        AttendanceFactory(
            shift=shift,
            checked_in_at=shift.starts_at + timedelta(seconds=7 * place),
            checked_out_at=shift.starts_at + timedelta(seconds=7 * place + length),
        )
        for place, length in enumerate(lengths)
    ]


def test_five_presences_equal_to_the_second_are_a_signal(shift, find):
    made = group(shift, 7200, 7200, 7200, 7200, 7200)

    (finding,) = find(SignalKind.SAME_DURATION)

    assert finding.evidence == {
        "shift": shift.pk,
        "people": 5,
        "seconds": 7200,
        "attendances": [attendance.pk for attendance in made],
    }


def test_four_are_none(shift, find):
    group(shift, 7200, 7200, 7200, 7200, 7201)

    assert find(SignalKind.SAME_DURATION) == []


def test_a_group_that_comes_and_goes_together_is_none(shift, find):
    group(shift, *range(7200, 7220))

    assert find(SignalKind.SAME_DURATION) == []


def test_the_rows_of_a_paper_sheet_are_none(shift, find):
    sheet = PaperSheetFactory(shift=shift)
    for _ in range(5):
        AttendanceFactory(shift=shift, manual=True, sheet=sheet, entered_by=sheet.entered_by)

    assert find(SignalKind.SAME_DURATION) == []


def test_presences_that_were_annulled_are_none(shift, find):
    for _ in range(5):
        AttendanceFactory(shift=shift, status=AttendanceStatus.ANNULLED)

    assert find(SignalKind.SAME_DURATION) == []


def test_five_of_a_crowd_are_equal_by_chance(shift, find):
    group(shift, *[7200] * 5, *range(7300, 7346))  # 5 of 51 are less than a tenth

    assert find(SignalKind.SAME_DURATION) == []


def test_five_of_fifty_are_not(shift, find):
    group(shift, *[7200] * 5, *range(7300, 7345))

    assert [finding.facts["people"] for finding in find(SignalKind.SAME_DURATION)] == [5]


# --- closed ---


@pytest.fixture
def office(db):
    """A shift at a site that is open on Tuesdays from 08:30 to 12:00."""
    return ShiftFactory(activity__site__opening_hours={"tue": [["08:30", "12:00"]]})


def came(shift, clock):
    hour, minute = clock
    return AttendanceFactory(
        shift=shift,
        checked_in_at=SHIFT_STARTS + timedelta(hours=hour - 9, minutes=minute),
        checked_out_at=SHIFT_STARTS + timedelta(hours=hour - 8, minutes=minute),
    )


def test_coming_more_than_half_an_hour_before_opening_is_a_signal(office, find):
    early = came(office, (7, 59))
    came(office, (9, 0))

    (finding,) = find(SignalKind.CLOSED_HOURS)

    assert finding.evidence == {
        "shift": office.pk,
        "people": 1,
        "first_at": "2026-09-14T23:59:00+00:00",
        "attendances": [early.pk],
    }


@pytest.mark.parametrize("clock", [(8, 0), (9, 0), (11, 59), (12, 29)])
def test_coming_near_the_opening_hours_is_none(office, find, clock):
    came(office, clock)

    assert find(SignalKind.CLOSED_HOURS) == []


def test_a_closed_day_is_one_signal_per_shift(office, find):
    office.activity.site.opening_hours = {"wed": [["08:30", "12:00"]]}
    office.activity.site.save()
    made = [came(office, (9, number)) for number in range(3)]

    (finding,) = find(SignalKind.CLOSED_HOURS)

    assert finding.evidence["attendances"] == [row.pk for row in made]


def test_a_site_without_stated_hours_is_always_open(shift, find):
    came(shift, (3, 0))

    assert find(SignalKind.CLOSED_HOURS) == []
