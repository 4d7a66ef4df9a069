"""Scanning in and out, with everything that is kept of it."""

from datetime import date, timedelta

import pytest
from django.forms.models import model_to_dict

from tests.factories.accounts import UserFactory
from tests.factories.attendance import code_of, make_place
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ShiftFactory, SignUpFactory, VolunteerFactory
from venues.sites.models import Site, SiteStatus
from volunteers.activities.choices import ShiftStatus, SignUpStatus
from volunteers.activities.models import Activity, Shift, SignUp
from volunteers.attendance import services
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade, ScanResult
from volunteers.attendance.facts import Location
from volunteers.attendance.geo import Crs, to_gcj02
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.choices import ConsentKind, VolunteerStatus
from volunteers.people.errors import NotRegistered
from volunteers.people.models import Consent, Volunteer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def why(answer):
    return [reason["code"] for reason in answer.reasons]


# --- in ---


def test_checking_in_opens_an_attendance_with_its_evidence(scan, place, site, starts, here):
    answer = scan("in", starts - 5 * MINUTE, location=here)

    attendance = Attendance.objects.get()
    assert model_to_dict(answer.attendance) == model_to_dict(attendance)
    assert (answer.result, answer.replayed) == (ScanResult.ACCEPTED, False)
    assert (attendance.volunteer, attendance.sign_up, attendance.shift, attendance.site) == (
        place.volunteer,
        place,
        place.shift,
        site,
    )
    assert (attendance.status, attendance.checked_in_at, attendance.checked_out_at, attendance.minutes) == (
        AttendanceStatus.OPEN,
        starts - 5 * MINUTE,
        None,
        None,
    )
    assert (attendance.grade, attendance.flags) == (Grade.A, [])


def test_the_scan_keeps_metres_and_a_hash_but_neither_place_nor_phone(scan, starts, here):
    scan("in", starts, location=here, device="phone-of-zhang")

    kept = Scan.objects.get()
    assert (kept.distance_m, kept.accuracy_m, kept.grade) == (10, 15, Grade.A)
    assert (kept.result, kept.reasons, kept.received_at, kept.captured_at) == (
        ScanResult.ACCEPTED,
        ["checked_in", "live_code", "near_site"],
        starts,
        None,
    )
    assert len(kept.device) == 64
    everything = str([getattr(kept, field.attname) for field in Scan._meta.concrete_fields])
    assert "phone-of-zhang" not in everything
    assert str(here.latitude)[:7] not in everything


def test_the_answer_reads_like_a_sentence(scan, starts, here):
    answer = scan("in", starts + 2 * MINUTE, location=here)

    assert answer.body == {
        "result": "accepted",
        "reasons": [
            {"code": "checked_in", "message": "签到成功 09:02，结束时记得签退。"},
            {"code": "live_code", "message": "现场动态码"},
            {"code": "near_site", "message": "距站点 10 米"},
        ],
        "attendance": {
            "id": answer.attendance.pk,
            "status": "open",
            "shift": {
                "id": answer.attendance.shift_id,
                "activity_name": "导诊",
                "starts_at": "2026-09-15T09:00:00+08:00",
                "ends_at": "2026-09-15T12:00:00+08:00",
            },
            "site": {"id": answer.attendance.site_id, "name": answer.attendance.site.name},
            "checked_in_at": "2026-09-15T09:02:00+08:00",
            "checked_out_at": None,
            "minutes": None,
            "grade": "A",
            "flags": [],
        },
    }


def test_a_gcj02_position_is_converted_before_it_is_measured(scan, site, starts):
    latitude, longitude = to_gcj02(site.latitude, site.longitude)

    scan("in", starts, location=Location(latitude, longitude, accuracy_m=15, crs=Crs.GCJ02))

    assert (Scan.objects.get().distance_m, Attendance.objects.get().grade) == (0, Grade.A)


def test_without_consent_the_location_is_not_even_measured(scan, place, starts, here):
    Consent.objects.filter(volunteer=place.volunteer, kind=ConsentKind.LOCATION).update(withdrawn_at=starts)

    answer = scan("in", starts, location=here)

    assert (answer.result, why(answer)) == (
        ScanResult.ACCEPTED,
        ["checked_in", "live_code", "location_not_consented"],
    )
    assert (Scan.objects.get().distance_m, Attendance.objects.get().grade) == (None, Grade.B)


def test_somewhere_else_is_taken_down_and_flagged(scan, site, starts):
    answer = scan("in", starts, location=Location(site.latitude + 0.1, site.longitude, accuracy_m=15))

    assert (answer.result, answer.attendance.grade, answer.attendance.flags) == (
        ScanResult.ACCEPTED,
        Grade.C,
        [Flag.LOCATION_FAR],
    )


def test_the_account_needs_a_volunteer(scan, starts):
    with pytest.raises(NotRegistered):
        scan("in", starts, volunteer_user_id=UserFactory().pk)

    assert Scan.objects.count() == 0


def test_a_registration_waiting_for_review_is_refused_and_the_attempt_kept(scan, place, starts):
    Volunteer.objects.filter(pk=place.volunteer_id).update(status=VolunteerStatus.SUSPENDED)

    answer = scan("in", starts)

    assert (answer.result, why(answer), answer.attendance) == ("refused", ["volunteer_not_active"], None)
    assert (Scan.objects.get().reasons, Attendance.objects.count()) == (["volunteer_not_active"], 0)


def test_a_closed_site_is_refused(scan, site, starts):
    Site.objects.filter(pk=site.pk).update(status=SiteStatus.CLOSED)

    assert why(scan("in", starts)) == ["site_closed"]


def test_a_minor_is_refused_at_an_adults_door(scan, place, starts):
    Volunteer.objects.filter(pk=place.volunteer_id).update(birth_date=date(2010, 1, 1))

    assert why(scan("in", starts)) == ["too_young"]


# --- which shift ---


def test_a_place_at_another_site_is_no_place_here(scan, starts):
    elsewhere = SiteFactory()

    answer = scan("in", starts, token=code_of(elsewhere, starts))

    assert why(answer) == ["not_signed_up"]
    assert Scan.objects.get().site == elsewhere


def test_a_cancelled_place_is_none(scan, place, starts):
    SignUp.objects.filter(pk=place.pk).update(status=SignUpStatus.CANCELLED, cancelled_at=starts - HOUR)

    assert why(scan("in", starts)) == ["not_signed_up"]


def test_a_place_in_the_waiting_list_is_not_enough(site, starts):
    shift = ShiftFactory(activity__site=site)
    waiting = SignUpFactory(shift=shift, status=SignUpStatus.WAITING)

    answer = services.scan(
        volunteer_user_id=waiting.volunteer.user_id,
        token=code_of(site, starts),
        intent="in",
        nonce="n",
        at=starts,
    )

    assert why(answer) == ["waiting_list"]


def test_a_shift_that_was_called_off_says_so(scan, place, starts):
    SignUp.objects.filter(pk=place.pk).update(status=SignUpStatus.CANCELLED, cancelled_at=starts - HOUR)
    Shift.objects.filter(pk=place.shift_id).update(status=ShiftStatus.CANCELLED)

    answer = scan("in", starts)

    assert (why(answer), answer.reasons[0]["message"]) == (
        ["shift_cancelled"],
        "班次「导诊」已取消，不用签到。",
    )


def test_an_open_door_takes_whoever_comes(site, starts):
    shift = ShiftFactory(activity__site=site, activity__walk_in_allowed=True)
    passer_by = VolunteerFactory()

    answer = services.scan(
        volunteer_user_id=passer_by.user_id, token=code_of(site, starts), intent="in", nonce="n", at=starts
    )

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.shift, attendance.sign_up) == ("accepted", shift, None)
    assert attendance.flags == [Flag.WALK_IN]


def test_a_cancelled_place_at_an_open_door_is_a_walk_in(scan, place, starts):
    Activity.objects.filter(pk=place.shift.activity_id).update(walk_in_allowed=True)
    SignUp.objects.filter(pk=place.pk).update(status=SignUpStatus.CANCELLED, cancelled_at=starts - HOUR)

    scan("in", starts)

    attendance = Attendance.objects.get()
    assert (attendance.flags, attendance.sign_up) == ([Flag.WALK_IN], None)


def test_a_place_at_an_open_door_is_a_place(scan, place, starts):
    Activity.objects.filter(pk=place.shift.activity_id).update(walk_in_allowed=True)

    scan("in", starts)

    attendance = Attendance.objects.get()
    assert (attendance.flags, attendance.sign_up) == ([], place)


@pytest.mark.parametrize(
    ("offset", "reason"), [(-31 * MINUTE, "too_early"), (-11 * HOUR, "too_early"), (14 * HOUR, "shift_over")]
)
def test_near_the_shift_the_reason_names_it(scan, starts, offset, reason):
    assert why(scan("in", starts + offset)) == [reason]


@pytest.mark.parametrize("offset", [-13 * HOUR, 16 * HOUR])
def test_a_shift_on_another_day_is_not_named(scan, starts, offset):
    assert why(scan("in", starts + offset)) == ["not_signed_up"]


# --- again ---


def test_the_same_nonce_gets_the_first_answer_word_for_word(scan, starts, here):
    first = scan("in", starts, nonce="same", location=here)

    again = scan("in", starts + HOUR, nonce="same")

    assert (again.as_text(), again.replayed, again.attendance) == (first.as_text(), True, first.attendance)
    assert (Scan.objects.count(), Attendance.objects.count()) == (1, 1)


def test_a_refusal_is_repeated_too_even_when_it_would_succeed_now(scan, starts):
    first = scan("in", starts - HOUR, nonce="same")

    again = scan("in", starts, nonce="same")

    assert (why(again), again.as_text(), again.replayed) == (["too_early"], first.as_text(), True)
    assert Attendance.objects.count() == 0


def test_a_nonce_used_for_a_check_in_never_becomes_a_check_out(scan, starts, ends):
    scan("in", starts, nonce="same")

    again = scan("out", ends, nonce="same")

    assert (why(again)[0], Attendance.objects.get().status) == ("checked_in", AttendanceStatus.OPEN)


def test_an_unreadable_code_is_repeated_by_its_nonce(scan, starts):
    first = scan("in", starts, nonce="same", token="https://example.com/menu")

    again = scan("in", starts, nonce="same", token="still nothing")

    assert (again.as_text(), again.replayed, Scan.objects.count()) == (first.as_text(), True, 1)


def test_another_volunteer_may_use_the_same_nonce(scan, site, starts):
    other = SignUpFactory(shift=ShiftFactory(activity__site=site))
    scan("in", starts, nonce="same")

    answer = services.scan(
        volunteer_user_id=other.volunteer.user_id,
        token=code_of(site, starts),
        intent="in",
        nonce="same",
        at=starts,
    )

    assert (answer.result, answer.replayed, Attendance.objects.count()) == ("accepted", False, 2)


def test_checking_in_twice_is_refused_kindly_and_changes_nothing(scan, starts):
    scan("in", starts + 2 * MINUTE)

    answer = scan("in", starts + HOUR)

    assert answer.reasons == [
        {"code": "already_checked_in", "message": "您已签到 09:02，不用再扫，结束时记得签退。"}
    ]
    attendance = Attendance.objects.get()
    assert (attendance.status, attendance.checked_in_at) == (AttendanceStatus.OPEN, starts + 2 * MINUTE)
    assert Scan.objects.count() == 2


def test_in_service_at_one_site_there_is_no_check_in_at_another(scan, place, starts):
    scan("in", starts)
    library = make_place(starts_at=starts + 4 * HOUR).shift.activity.site

    answer = scan("in", starts + HOUR, token=code_of(library, starts + HOUR))

    assert (why(answer), Attendance.objects.count()) == (["not_checked_out"], 1)
