"""Taking back a scan that was a mistake."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import NotFound
from tests.factories.accounts import UserFactory, make_actor
from tests.factories.attendance import (
    CheckInPolicyFactory,
    VolunteerCardFactory,
    code_of,
    make_place,
    pass_of,
)
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance import annulment, policies, services, staff_scans
from volunteers.attendance.choices import AttendanceStatus, Flag, Intent
from volunteers.attendance.errors import (
    AlreadyInService,
    AnnulReasonRequired,
    AnnulTooLate,
    NothingToAnnul,
)
from volunteers.attendance.facts import Location
from volunteers.attendance.models import Attendance, Scan, ScanAnnulment
from volunteers.attendance.scanning import Attempt
from volunteers.people import passes
from volunteers.records import services as records

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def annul(place):
    """`annul(nonce, at)`: the volunteer takes a scan back."""

    def annul_now(nonce, at, *, user=None, reason=" 扫错了 "):
        who = user or place.volunteer.user
        return annulment.annul(user_id=who.pk, nonce=nonce, reason=reason, at=at)

    return annul_now


@pytest.fixture
def guard(site):
    return make_actor(Role.SITE_MANAGER, site.pk)


@pytest.fixture
def scan_for(place, site, guard):
    """The manager scans the volunteer's pass."""

    def scan_now(intent, at, nonce, *, token=None):
        attempt = Attempt(token or pass_of(place.volunteer, at), Intent(intent), nonce, site_id=site.pk)
        return staff_scans.scan_for(attempt, actor=guard, at=at)

    return scan_now


def headline(answer):
    return answer.reasons[0]["code"]


def standing():
    return [(row.status, row.checked_out_at, row.minutes) for row in Attendance.objects.order_by("pk")]


# --- in ---


def test_an_annulled_check_in_never_happened(scan, annul, starts, place):
    scan("in", starts, nonce="in")

    annulled = annul("in", starts + MINUTE)

    kept = ScanAnnulment.objects.get()
    assert (annulled.status, standing()) == (
        AttendanceStatus.ANNULLED,
        [(AttendanceStatus.ANNULLED, None, None)],
    )
    assert (kept.scan, kept.reason, kept.annulled_by_id, kept.annulled_at) == (
        Scan.objects.get(),
        "扫错了",
        place.volunteer.user_id,
        starts + MINUTE,
    )


def test_after_an_annulled_check_in_one_checks_in_as_if_for_the_first_time(scan, annul, starts, here):
    scan("in", starts, nonce="in", location=here)
    annul("in", starts + MINUTE)

    answer = scan("in", starts + 2 * MINUTE, location=here)

    assert (answer.result, answer.attendance.flags) == ("accepted", [])
    assert [status for status, *_ in standing()] == [AttendanceStatus.ANNULLED, AttendanceStatus.OPEN]


def test_the_number_of_an_annulled_scan_still_gets_its_first_answer(scan, annul, starts):
    first = scan("in", starts, nonce="in")
    annul("in", starts + MINUTE)

    again = scan("in", starts + 2 * MINUTE, nonce="in")

    assert (again.as_text(), Scan.objects.count()) == (first.as_text(), 1)
    assert [status for status, *_ in standing()] == [AttendanceStatus.ANNULLED]


# --- out ---


def test_after_an_annulled_check_out_the_service_goes_on(scan, annul, starts, here):
    scan("in", starts, location=here)
    scan("out", starts + HOUR, nonce="out", location=here)

    annul("out", starts + HOUR + MINUTE)

    assert standing() == [(AttendanceStatus.OPEN, None, None)]
    assert (Attendance.objects.get().grade, Attendance.objects.get().flags) == ("A", [])


def test_after_an_annulled_check_out_one_checks_out_again_and_the_minutes_are_right(
    scan, annul, starts, ends, here
):
    scan("in", starts, location=here)
    scan("out", starts + HOUR, nonce="out", location=here)
    annul("out", starts + HOUR)

    scan("out", ends, location=here)

    assert standing() == [(AttendanceStatus.PENDING, ends, 180)]
    assert Attendance.objects.get().flags == []


def test_what_the_annulled_check_out_raised_goes_with_it_and_what_the_check_in_raised_stays(
    *, scan, scan_for, annul, guard, site, starts, place
):
    far = Location(site.latitude + 0.02, site.longitude, accuracy_m=15)
    card = passes.card_token(VolunteerCardFactory(volunteer=place.volunteer))
    scan("in", starts + 20 * MINUTE, location=far)
    scan_for("out", starts + HOUR, "out", token=card)
    before = set(Attendance.objects.get().flags)

    annulment.annul(user_id=guard.user_id, nonce="out", reason="扫错人", at=starts + HOUR)

    attendance = Attendance.objects.get()
    assert before == {Flag.LATE, Flag.LOCATION_FAR, Flag.STAFF_CARD, Flag.SHORT}
    assert (set(attendance.flags), attendance.grade) == ({Flag.LATE, Flag.LOCATION_FAR}, "C")


def test_a_flag_that_both_ends_raised_stays(scan, annul, starts, site):
    far = Location(site.latitude + 0.02, site.longitude, accuracy_m=15)
    scan("in", starts, location=far)
    scan("out", starts + 2 * HOUR, nonce="out", location=far)

    annul("out", starts + 2 * HOUR)

    assert (Attendance.objects.get().flags, Attendance.objects.get().grade) == ([Flag.LOCATION_FAR], "C")


def test_a_presence_opened_again_is_closed_by_the_clock_like_any_other(scan, annul, starts, ends):
    scan("in", starts)
    scan("out", ends, nonce="out")
    annul("out", ends + MINUTE)

    services.close_forgotten(at=ends + HOUR)

    assert standing() == [(AttendanceStatus.PENDING, None, None)]
    assert Attendance.objects.get().flags == [Flag.FORGOT_CHECK_OUT]


def test_first_the_end_then_the_beginning(scan, annul, starts):
    scan("in", starts, nonce="in")
    scan("out", starts + MINUTE, nonce="out")

    with pytest.raises(NothingToAnnul):
        annul("in", starts + 2 * MINUTE)
    annul("out", starts + 2 * MINUTE)
    annul("in", starts + 2 * MINUTE)

    assert standing() == [(AttendanceStatus.ANNULLED, None, None)]


# --- again, and too late ---


def test_annulling_again_changes_nothing(scan, annul, starts):
    scan("in", starts, nonce="in")
    annul("in", starts)

    again = annul("in", starts + 5 * HOUR, reason="别的")

    assert (again.status, ScanAnnulment.objects.get().reason) == (AttendanceStatus.ANNULLED, "扫错了")


@pytest.mark.parametrize("minutes", [None, 5, 0])
def test_a_scan_is_taken_back_within_minutes(scan, annul, starts, minutes):
    if minutes is not None:
        CheckInPolicyFactory(figures={"annul_minutes": minutes})
        policies.forget()
    limit = timedelta(minutes=15 if minutes is None else minutes)
    scan("in", starts, nonce="in")

    with pytest.raises(AnnulTooLate) as refusal:
        annul("in", starts + limit + timedelta(seconds=1))
    assert refusal.value.data["minutes"] == limit // MINUTE
    assert annul("in", starts + limit).status == AttendanceStatus.ANNULLED


def test_the_minutes_of_an_upload_are_counted_from_when_it_reached_us(scan, annul, starts):
    scan("in", starts + 5 * HOUR, captured_at=starts, nonce="in")

    assert annul("in", starts + 5 * HOUR + 10 * MINUTE).status == AttendanceStatus.ANNULLED


# --- who ---


def test_whoever_scanned_for_somebody_takes_it_back(scan_for, annul, guard, starts):
    scan_for("in", starts, "in")

    annulled = annulment.annul(user_id=guard.user_id, nonce="in", reason="扫错人", at=starts)

    assert (annulled.status, ScanAnnulment.objects.get().annulled_by_id) == (
        AttendanceStatus.ANNULLED,
        guard.user_id,
    )


def test_the_volunteer_does_not_take_back_what_staff_scanned(scan_for, annul, starts):
    scan_for("in", starts, "in")

    with pytest.raises(NotFound):
        annul("in", starts)


def test_staff_do_not_take_back_what_the_volunteer_scanned(scan, guard, starts):
    scan("in", starts, nonce="in")

    with pytest.raises(NotFound):
        annulment.annul(user_id=guard.user_id, nonce="in", reason="扫错人", at=starts)


@pytest.mark.parametrize("nonce", ["in", "nothing", ""])
def test_a_stranger_finds_nothing(scan, annul, starts, nonce):
    scan("in", starts, nonce="in")

    for stranger in (VolunteerFactory().user, UserFactory()):
        with pytest.raises(NotFound):
            annul(nonce, starts, user=stranger)

    assert (ScanAnnulment.objects.count(), Attendance.objects.get().status) == (0, "open")


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_says_why(scan, annul, starts, reason):
    scan("in", starts, nonce="in")

    with pytest.raises(AnnulReasonRequired):
        annul("in", starts, reason=reason)


# --- nothing to annul ---


def test_a_refused_scan_did_nothing(scan, annul, starts):
    scan("in", starts, token="rubbish", nonce="in")

    with pytest.raises(NothingToAnnul):
        annul("in", starts)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_is_decided_is_not_annulled(*, scan, annul, guard, starts, ends, decision):
    scan("in", starts)
    scan("out", ends, nonce="out")
    decide = getattr(records, decision)
    decide(attendance_id=Attendance.objects.get().pk, actor=guard, at=ends, reason="没有到场")

    with pytest.raises(NothingToAnnul):
        annul("out", ends + MINUTE)

    assert ScanAnnulment.objects.count() == 0


def test_what_was_overtaken_by_the_clock_is_not_annulled(scan, annul, ends):
    scan("in", ends - MINUTE, nonce="in")
    CheckInPolicyFactory(figures={"close_after_minutes": 5})
    policies.forget()
    services.close_forgotten(at=ends + 10 * MINUTE)

    with pytest.raises(NothingToAnnul):
        annul("in", ends + 10 * MINUTE)


def test_nobody_is_in_service_twice_because_of_an_annulment(scan, annul, place, site, starts):
    scan("in", starts)
    scan("out", starts + HOUR, nonce="out")
    next_shift = make_place(starts_at=starts + HOUR, activity__walk_in_allowed=True).shift
    other = next_shift.activity.site
    scan("in", starts + HOUR, token=code_of(other, starts + HOUR))

    with pytest.raises(AlreadyInService):
        annul("out", starts + HOUR + MINUTE)

    assert [status for status, *_ in standing()] == ["pending", "open"]
    assert ScanAnnulment.objects.count() == 0


def test_one_number_of_two_volunteers_is_the_later_scan_of_that_scanner(site, guard, starts):
    for _ in range(2):
        made = make_place(activity__site=site)
        attempt = Attempt(pass_of(made.volunteer, starts), Intent.IN, "same", site_id=site.pk)
        staff_scans.scan_for(attempt, actor=guard, at=starts)

    annulment.annul(user_id=guard.user_id, nonce="same", reason="扫错人", at=starts)

    assert [status for status, *_ in standing()] == ["open", "annulled"]
