"""`/scans/` and `/scans/batch/` with a `site`: staff who scan a volunteer's code."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import MembershipFactory, make_staff
from tests.factories.attendance import VolunteerCardFactory, code_of, make_place, pass_of
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.models import Attendance, Scan
from volunteers.people import passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A place on a shift that begins in five minutes, by the real clock."""
    return make_place(starts_at=timezone.now() + timedelta(minutes=5))


@pytest.fixture
def site(place):
    return place.shift.activity.site


@pytest.fixture
def manager(site):
    return make_staff(Role.SITE_MANAGER, site.pk)


@pytest.fixture
def body(place, site):
    return {
        "token": pass_of(place.volunteer, timezone.now()),
        "intent": "in",
        "nonce": uuid.uuid4().hex,
        "site": site.pk,
    }


def test_staff_check_somebody_in(api, manager, body, place):
    answer = api(manager).post("/api/v1/scans/", body)

    attendance = Attendance.objects.get()
    assert (answer.status_code, answer.json()["result"]) == (201, "accepted")
    assert (answer.json()["attendance"]["id"], attendance.volunteer) == (attendance.pk, place.volunteer)
    assert Scan.objects.get().scanned_by_id == manager.pk


def test_the_same_scan_again_is_the_same_bytes(api, manager, body):
    first = api(manager).post("/api/v1/scans/", body)

    again = api(manager).post("/api/v1/scans/", body | {"token": pass_of(VolunteerFactory(), timezone.now())})
    same = api(manager).post("/api/v1/scans/", body)

    assert (same.status_code, same.content) == (201, first.content)
    assert again.json()["reasons"][0]["code"] == "not_signed_up"
    assert Attendance.objects.count() == 1


def test_a_card_does_as_well(api, manager, body, place):
    card = passes.card_token(VolunteerCardFactory(volunteer=place.volunteer))

    answer = api(manager).post("/api/v1/scans/", body | {"token": card})

    assert (answer.json()["result"], Attendance.objects.get().flags) == ("accepted", ["staff_card"])


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("rubbish", 400, "token_malformed"),
        ("A" * 40, 400, "token_malformed"),
        ("x" * 2048, 400, "token_malformed"),
        ("积善", 400, "token_malformed"),
    ],
)
def test_what_is_nobodys_code_is_an_error_and_leaves_nothing(*, api, manager, body, token, status, code):
    answer = api(manager).post("/api/v1/scans/", body | {"token": token})

    assert (answer.status_code, answer.json()["code"], Scan.objects.count()) == (status, code, 0)


def test_a_sites_code_is_nobodys(api, manager, body, site):
    answer = api(manager).post("/api/v1/scans/", body | {"token": code_of(site, timezone.now())})

    assert (answer.status_code, answer.json()["code"]) == (400, "token_malformed")


@pytest.mark.parametrize("key", [0, -1, "x", 2**63, 10**400, True, [], {}, 1.5])
def test_a_site_that_cannot_be_is_a_400(api, manager, body, key):
    answer = api(manager).post("/api/v1/scans/", body | {"site": key})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/site")


def test_another_sites_staff_find_nothing(api, body):
    answer = api(make_staff(Role.SITE_MANAGER, 999_999)).post("/api/v1/scans/", body)

    assert (answer.status_code, answer.json()["code"], Scan.objects.count()) == (404, "not_found", 0)


def test_a_volunteer_scans_nobody_else(api, body):
    answer = api(VolunteerFactory().user).post("/api/v1/scans/", body)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_ones_own_code_is_for_others_to_scan(api, body, place, site):
    user = place.volunteer.user
    MembershipFactory(user=user, role=Role.SITE_MANAGER, scope_type="site", scope_id=str(site.pk))

    answer = api(user).post("/api/v1/scans/", body)

    assert (answer.status_code, answer.json()["code"], Scan.objects.count()) == (403, "own_code", 0)


def test_the_answer_names_nobody(api, manager, body, place):
    text = api(manager).post("/api/v1/scans/", body).content.decode()

    assert place.volunteer.name not in text
    assert place.volunteer.user.phone.open() not in text


# --- batch ---


def kept(volunteer, minutes_ago, intent, nonce, *, site=None):
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return {
        "token": pass_of(volunteer, at),
        "intent": intent,
        "nonce": nonce,
        "captured_at": at.isoformat(),
        "sent_at": timezone.now().isoformat(),
        **({"site": site.pk} if site else {}),
    }


def test_own_and_others_scans_are_answered_in_the_order_sent(api):
    mine, theirs = (make_place(starts_at=timezone.now() - timedelta(hours=2)) for _ in range(2))
    site = theirs.shift.activity.site
    user = mine.volunteer.user
    MembershipFactory(user=user, role=Role.SITE_MANAGER, scope_type="site", scope_id=str(site.pk))
    at = timezone.now() - timedelta(minutes=100)
    own = {
        "token": code_of(mine.shift.activity.site, at),
        "intent": "in",
        "nonce": "own",
        "captured_at": at.isoformat(),
    }
    rows = [
        kept(theirs.volunteer, 10, "out", "b", site=site),
        own,
        {"nonce": "broken", "site": site.pk},
        kept(theirs.volunteer, 110.5, "in", "a", site=site),
        kept(mine.volunteer, 100, "in", "c", site=site),
        kept(theirs.volunteer, 100, "in", "d") | {"site": site.pk + 10_000},
    ]

    answer = api(user).post("/api/v1/scans/batch/", {"scans": rows})

    told = [
        row["answer"]["reasons"][0]["code"] if row["answer"] else row["problem"]["code"]
        for row in answer.json()["results"]
    ]
    assert told == ["checked_out", "checked_in", "invalid", "checked_in", "own_code", "not_found"]
    assert sorted(Attendance.objects.values_list("volunteer", "minutes")) == sorted(
        [(mine.volunteer_id, None), (theirs.volunteer_id, 100)]
    )


def test_uploading_again_is_the_same_bytes(api, manager, place, site):
    rows = {"scans": [kept(place.volunteer, 1, "in", "a", site=site)]}

    first, again = (api(manager).post("/api/v1/scans/batch/", rows) for _ in range(2))

    assert (again.content, Scan.objects.count()) == (first.content, 1)


def test_a_scanner_uploads_five_hundred_rows(api, manager, site):
    rows = [{"token": "x", "intent": "in", "nonce": f"n{number}", "site": site.pk} for number in range(500)]

    answer = api(manager).post("/api/v1/scans/batch/", {"scans": rows})

    assert [row["status"] for row in answer.json()["results"]] == [400] * 500
    assert api(manager).post("/api/v1/scans/batch/", {"scans": [*rows, rows[0]]}).status_code == 400


# --- clocks ---


@pytest.mark.parametrize("field", ["captured_at", "sent_at"])
@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T15:59:59Z",
        "9999-12-31T23:59:59-12:00",
        "2026-09-15T09:00:00+23:59",
        "2026-02-30T09:00:00Z",
        "٢٠٢٦-09-15T09:00:00Z",
        "2026-09-15T09:00:00",
    ],
)
def test_no_time_of_a_phone_breaks_anything(api, place, site, field, time):
    now = timezone.now()
    body = {"token": code_of(site, now), "intent": "in", "nonce": "n"}
    times = {"captured_at": now.isoformat(), "sent_at": now.isoformat()} | {field: time}

    answer = api(place.volunteer.user).post("/api/v1/scans/", body | times)

    assert answer.status_code in {201, 400}
    assert Scan.objects.count() == (1 if answer.status_code == 201 else 0)
    assert api(place.volunteer.user).get("/api/v1/attendances/").status_code == 200


def test_both_times_and_their_difference_are_kept_and_shown(api, site):
    place = make_place(starts_at=timezone.now() - timedelta(hours=1), activity__site=site)
    wrong, now = timedelta(days=40), timezone.now()
    scanned = now - timedelta(minutes=50)
    body = {
        "token": code_of(site, scanned),
        "intent": "in",
        "nonce": "n",
        "captured_at": (scanned - wrong).isoformat(),
        "sent_at": (now - wrong).isoformat(),
    }

    answer = api(place.volunteer.user).post("/api/v1/scans/", body)

    kept_scan, attendance = Scan.objects.get(), Attendance.objects.get()
    assert answer.json()["result"] == "provisional"
    assert abs(attendance.checked_in_at - scanned) < timedelta(seconds=30)
    assert (kept_scan.captured_at, abs(kept_scan.clock_offset_s - 40 * 86_400) < 30) == (
        scanned - wrong,
        True,
    )
    manager = api(make_staff(Role.SITE_MANAGER, site.pk))
    [shown] = manager.get(f"/api/v1/attendances/{attendance.pk}/").json()["scans"]
    assert (shown["clock_offset_s"], shown["channel"]) == (kept_scan.clock_offset_s, "screen")
