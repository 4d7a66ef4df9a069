"""Scanning a printed code: weaker evidence than the screen, and told so."""

from datetime import timedelta

import pytest

from tests.factories.attendance import CheckInPolicyFactory, poster_of
from venues.sites.models import Site
from volunteers.attendance import policies
from volunteers.attendance.choices import Channel, Flag
from volunteers.attendance.facts import Location
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.models import Consent

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def poster(site):
    return poster_of(site)


def headlines(answer):
    return [reason["code"] for reason in answer.reasons]


def offset(site, *, degrees=0.0, accuracy=15.0):
    return Location(site.latitude + degrees, site.longitude, accuracy_m=accuracy)


def test_near_the_site_a_poster_is_enough(scan, starts, here, poster):
    answer = scan("in", starts, token=poster, location=here)

    attendance, kept = Attendance.objects.get(), Scan.objects.get()
    assert (answer.result, attendance.grade, attendance.flags) == ("accepted", "C", [])
    assert headlines(answer) == ["checked_in", "poster_code", "near_site"]
    assert (kept.channel, kept.scanned_by_id) == (Channel.POSTER, None)


@pytest.mark.parametrize(
    ("where", "flags"),
    [
        (None, [Flag.POSTER]),
        ({"accuracy": 900}, [Flag.POSTER]),
        ({"degrees": 0.02}, [Flag.LOCATION_FAR, Flag.POSTER]),
    ],
    ids=["not shared", "vague", "far"],
)
def test_without_a_near_location_somebody_has_to_confirm(*, scan, site, starts, poster, where, flags):
    answer = scan("in", starts, token=poster, location=where and offset(site, **where))

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.grade, attendance.flags) == ("provisional", "D", flags)
    assert headlines(answer)[-1] == "poster"


def test_a_location_without_consent_is_not_used_for_a_poster_either(scan, starts, here, place, poster):
    Consent.objects.filter(volunteer=place.volunteer, kind="location").update(withdrawn_at=starts - HOUR)

    scan("in", starts, token=poster, location=here)

    assert (Attendance.objects.get().grade, Scan.objects.get().distance_m) == ("D", None)


def test_a_poster_kept_on_the_phone_counts_from_when_it_was_scanned(scan, starts, here, poster):
    answer = scan("in", starts + 5 * HOUR, captured_at=starts, token=poster, location=here)

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.checked_in_at, attendance.flags) == (
        "provisional",
        starts,
        [Flag.OFFLINE],
    )


def test_a_poster_scanned_a_moment_ago_is_no_upload(scan, starts, here, poster):
    scan("in", starts, captured_at=starts - MINUTE, token=poster, location=here)

    assert (Attendance.objects.get().checked_in_at, Attendance.objects.get().flags) == (starts, [])


@pytest.mark.parametrize(("age", "code"), [(24 * HOUR, "checked_in"), (25 * HOUR, "offline_too_old")])
def test_a_poster_is_uploaded_within_a_day(scan, starts, poster, age, code):
    assert headlines(scan("in", starts + age, captured_at=starts, token=poster))[0] == code


def test_a_poster_whose_edition_was_retired_is_worth_nothing(scan, site, starts, poster, here):
    Site.objects.filter(pk=site.pk).update(poster_version=2)

    assert headlines(scan("in", starts, token=poster, location=here)) == ["token_expired"]
    assert headlines(scan("in", starts, token=poster, captured_at=starts - HOUR)) == ["token_expired"]
    assert headlines(scan("in", starts, token=poster_of(site, edition=3))) == ["token_forged"]
    assert Attendance.objects.count() == 0


@pytest.mark.parametrize("scope", ["platform", "organization", "activity"])
def test_where_the_policy_takes_no_posters_none_is_taken(*, scan, site, place, starts, poster, here, scope):
    activity = place.shift.activity
    key = {"platform": "", "organization": activity.programme.organization_id, "activity": activity.pk}[scope]
    CheckInPolicyFactory(scope=scope, scope_id=str(key), figures={"posters_allowed": 0})
    policies.forget()

    answer = scan("in", starts, token=poster, location=here)

    assert (answer.result, headlines(answer)) == ("refused", ["poster_not_allowed"])
    assert Attendance.objects.count() == 0
    assert scan("in", starts, location=here).result == "accepted"


def test_an_activity_may_take_posters_where_the_site_takes_none(scan, place, starts, poster, here):
    CheckInPolicyFactory(figures={"posters_allowed": 0})
    CheckInPolicyFactory(
        scope="activity", scope_id=str(place.shift.activity_id), figures={"posters_allowed": 1}
    )
    policies.forget()

    assert scan("in", starts, token=poster, location=here).result == "accepted"


def test_one_leaves_by_poster_too_with_the_weaker_grade(scan, starts, ends, here, poster):
    scan("in", starts, location=here)

    answer = scan("out", ends, token=poster)

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.minutes, attendance.grade, attendance.flags) == (
        "provisional",
        180,
        "D",
        [Flag.POSTER],
    )


def test_one_does_not_leave_by_a_poster_that_is_not_taken(scan, starts, poster, here, ends):
    scan("in", starts, location=here)
    CheckInPolicyFactory(figures={"posters_allowed": 0})
    policies.forget()

    assert headlines(scan("out", ends, token=poster, location=here)) == ["poster_not_allowed"]
    assert Attendance.objects.get().checked_out_at is None
