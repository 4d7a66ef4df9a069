"""Staff scan the volunteer's own code: pass or card, live or kept while offline."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.codes import TokenForged, TokenMalformed
from backend.core.errors import Forbidden, NotFound
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.attendance import (
    AttendanceFactory,
    VolunteerCardFactory,
    code_of,
    make_place,
    pass_of,
    poster_of,
)
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import VolunteerFactory
from venues.sites.models import Site, SiteStatus
from volunteers.attendance import queries, staff_scans
from volunteers.attendance.choices import Channel, Flag, Intent
from volunteers.attendance.errors import OwnCode
from volunteers.attendance.facts import Location
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.scanning import Attempt
from volunteers.people import passes
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def guard(site):
    """The manager of the site, with a phone to scan with."""
    return make_actor(Role.SITE_MANAGER, site.pk)


@pytest.fixture
def card(place):
    return passes.card_token(VolunteerCardFactory(volunteer=place.volunteer))


@pytest.fixture
def scan_for(place, site, guard):
    """`scan_for(intent, at, **attempt)`: the manager scans the volunteer's pass."""
    numbers = count(1)

    def scan_now(intent, at, *, actor=guard, **more: Any):
        given = {
            "token": pass_of(place.volunteer, more.get("captured_at") or at),
            "intent": Intent(intent),
            "nonce": f"s{next(numbers)}",
            "site_id": site.pk,
        }
        return staff_scans.scan_for(Attempt(**given | more), actor=actor, at=at)

    return scan_now


def why(answer):
    return [reason["code"] for reason in answer.reasons]


# --- pass and card ---


def test_a_pass_is_as_good_as_the_screen_and_needs_no_location(scan_for, starts, guard):
    answer = scan_for("in", starts)

    attendance, kept = Attendance.objects.get(), Scan.objects.get()
    assert (answer.result, why(answer)) == ("accepted", ["checked_in", "staff_pass"])
    assert (attendance.grade, attendance.flags) == ("A", [])
    assert (kept.channel, kept.scanned_by_id) == (Channel.PASS, guard.user_id)


def test_a_card_is_a_little_weaker_and_says_so(scan_for, starts, card):
    answer = scan_for("in", starts, token=card)

    attendance = Attendance.objects.get()
    assert (answer.result, why(answer)) == ("accepted", ["checked_in", "staff_card"])
    assert (attendance.grade, attendance.flags) == ("B", [Flag.STAFF_CARD])


@pytest.mark.parametrize(("code", "grade"), [("pass", "B"), ("card", "C")])
def test_what_the_scanner_kept_offline_counts_from_then(scan_for, starts, card, code, grade):
    more = {"token": card} if code == "card" else {}

    answer = scan_for("in", starts + 5 * HOUR, captured_at=starts, **more)

    attendance = Attendance.objects.get()
    assert (answer.result, attendance.checked_in_at, attendance.grade) == ("provisional", starts, grade)
    assert Flag.OFFLINE in attendance.flags


def test_staff_check_out_as_well(scan_for, starts, ends, card):
    scan_for("in", starts)

    scan_for("out", ends, token=card)

    attendance = Attendance.objects.get()
    assert (attendance.minutes, attendance.grade, attendance.flags) == (180, "B", [Flag.STAFF_CARD])


def test_a_position_of_the_scanner_is_not_kept(scan_for, starts, site):
    scan_for("in", starts, location=Location(site.latitude + 1, site.longitude, accuracy_m=5))

    assert (Scan.objects.get().distance_m, Attendance.objects.get().flags) == (None, [])


def test_the_same_number_again_gets_the_first_answer_byte_for_byte(scan_for, starts):
    first = scan_for("in", starts, nonce="same")

    again = scan_for("in", starts + HOUR, nonce="same")

    assert (again.as_text(), again.replayed) == (first.as_text(), True)
    assert (Scan.objects.count(), Attendance.objects.count()) == (1, 1)


def test_a_colleague_who_sends_the_same_number_gets_the_same_answer(scan_for, starts, site):
    first = scan_for("in", starts, nonce="same")

    again = scan_for(
        "in", starts, nonce="same", actor=make_actor(Role.ORGANIZATION_MANAGER, site.organization_id)
    )

    assert (again.as_text(), Scan.objects.count()) == (first.as_text(), 1)


def test_one_scanner_for_many_people_is_no_sign_of_cheating(site, guard, starts):
    for name in "ab":
        made = make_place(activity__site=site)
        attempt = Attempt(pass_of(made.volunteer, starts), Intent.IN, name, device="scanner", site_id=site.pk)
        staff_scans.scan_for(attempt, actor=guard, at=starts)

    rows = queries.with_details(Attendance.objects.all())

    assert [row.same_phone for row in rows] == [0, 0]


# --- refused, and kept with the reason ---


@pytest.mark.parametrize("age", [2 * MINUTE, -2 * MINUTE])
def test_a_pass_of_another_time_is_refused(scan_for, place, starts, age):
    answer = scan_for("in", starts, token=pass_of(place.volunteer, starts - age))

    assert (answer.result, why(answer), Scan.objects.get().result) == (
        "refused",
        ["token_expired"],
        "refused",
    )


def test_a_pass_kept_for_more_than_a_day_is_too_old(scan_for, starts):
    assert why(scan_for("in", starts + 25 * HOUR, captured_at=starts)) == ["offline_too_old"]


def test_a_photograph_of_a_pass_is_not_uploaded_as_another_time(scan_for, place, starts):
    answer = scan_for("in", starts + HOUR, captured_at=starts, token=pass_of(place.volunteer, starts - HOUR))

    assert why(answer) == ["token_expired"]


def test_a_revoked_card_is_refused_also_for_earlier_scans(scan_for, place, starts):
    old = passes.card_token(VolunteerCardFactory(volunteer=place.volunteer, revoked_at=starts - HOUR))

    assert why(scan_for("in", starts, token=old)) == ["token_forged"]
    assert why(scan_for("in", starts, token=old, captured_at=starts - 2 * HOUR)) == ["token_forged"]
    VolunteerCardFactory(volunteer=place.volunteer, version=2)
    assert why(scan_for("in", starts, token=old)) == ["token_expired"]
    assert Attendance.objects.count() == 0


def test_a_card_nobody_printed_is_forged(scan_for, place, starts, card):
    forged = card[:-1] + ("A" if card[-1] != "A" else "B")

    assert why(scan_for("in", starts, token=forged)) == ["token_forged"]


def test_a_pass_of_nobody_is_an_error_and_leaves_nothing(scan_for, starts):
    nobody = Volunteer(pk=2**50)

    with pytest.raises(TokenForged):
        scan_for("in", starts, token=pass_of(nobody, starts))

    assert Scan.objects.count() == 0


def test_a_sites_code_is_nobodys(scan_for, site, starts):
    for token in (code_of(site, starts), poster_of(site)):
        with pytest.raises(TokenMalformed):
            scan_for("in", starts, token=token)

    assert Scan.objects.count() == 0


def test_a_volunteers_own_scan_takes_no_pass(scan, place, starts, card):
    assert why(scan("in", starts, token=pass_of(place.volunteer, starts))) == ["token_unreadable"]
    assert why(scan("in", starts, token=card)) == ["token_unreadable"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda place: Site.objects.filter(activities__shifts=place.shift).update(
                status=SiteStatus.CLOSED
            ),
            "site_closed",
        ),
        (
            lambda place: Volunteer.objects.filter(pk=place.volunteer_id).update(status="suspended"),
            "volunteer_not_active",
        ),
    ],
)
def test_staff_cannot_do_what_the_rules_refuse(scan_for, place, starts, change, reason):
    change(place)

    assert why(scan_for("in", starts)) == [reason]


def test_somebody_without_a_place_is_refused(scan_for, starts):
    assert why(scan_for("in", starts, token=pass_of(VolunteerFactory(), starts))) == ["not_signed_up"]


def test_without_a_check_in_there_is_no_check_out(scan_for, ends):
    assert why(scan_for("out", ends)) == ["not_checked_in"]


def test_checked_in_at_one_site_means_checked_out_there(scan_for, starts, ends):
    scan_for("in", starts)
    other = SiteFactory()

    answer = scan_for("out", ends, site_id=other.pk, actor=make_actor(Role.SITE_MANAGER, other.pk))

    assert why(answer) == ["checked_in_elsewhere"]


# --- who ---


def test_staff_do_not_scan_themselves(scan_for, place, site, starts):
    MembershipFactory(
        user=place.volunteer.user, role=Role.SITE_MANAGER, scope_type="site", scope_id=str(site.pk)
    )

    with pytest.raises(OwnCode):
        scan_for("in", starts, actor=actor_for(place.volunteer.user))

    assert Scan.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SITE_MANAGER, 999_999, NotFound),
        (Role.ORGANIZATION_MANAGER, 999_999, NotFound),
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
    ],
)
def test_nobody_else_scans_for_somebody(scan_for, starts, role, scope, refusal):
    with pytest.raises(refusal):
        scan_for("in", starts, actor=make_actor(role, scope))

    assert (Scan.objects.count(), Attendance.objects.count()) == (0, 0)


def test_a_volunteer_scans_nobody_else(scan_for, starts):
    with pytest.raises(Forbidden):
        scan_for("in", starts, actor=actor_for(VolunteerFactory().user))


@pytest.mark.parametrize("site_id", [None, 0, 2**63 - 1])
def test_staff_say_where_they_are(scan_for, starts, site_id):
    with pytest.raises(NotFound):
        scan_for("in", starts, site_id=site_id)


# --- many ---


def test_a_bad_row_spoils_no_other_and_the_order_is_that_of_time(place, site, guard, starts, ends):
    rows = [
        Attempt(pass_of(place.volunteer, ends), Intent.OUT, "b", captured_at=ends, site_id=site.pk),
        Attempt("rubbish", Intent.IN, "x", site_id=site.pk),
        Attempt(pass_of(place.volunteer, starts), Intent.IN, "a", captured_at=starts, site_id=site.pk),
        Attempt(pass_of(place.volunteer, starts), Intent.IN, "c", site_id=site.pk + 1),
    ]

    answers = staff_scans.scan_many_for(rows, actor=guard, at=ends + HOUR)

    assert [getattr(answer, "code", None) or why(answer)[0] for answer in answers] == [
        "checked_out",
        "token_malformed",
        "checked_in",
        "not_found",
    ]
    assert Attendance.objects.get().minutes == 180


def test_somebody_decided_about_is_not_scanned_out_again(scan_for, place, starts, ends):
    AttendanceFactory(shift=place.shift, volunteer=place.volunteer)

    assert why(scan_for("out", ends)) == ["not_checked_in"]
