"""`/scans/` and `/attendances/` on the wire."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.attendance import (
    AttendanceFactory,
    OpenAttendanceFactory,
    ScanFactory,
    code_of,
    make_place,
)
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.models import Attendance, Scan

pytestmark = pytest.mark.django_db

HUGE = 10**400


@pytest.fixture
def place():
    """A place on a shift that begins in five minutes, by the real clock."""
    return make_place(starts_at=timezone.now() + timedelta(minutes=5))


@pytest.fixture
def body(place):
    """A good scan of what the site shows now."""
    site = place.shift.activity.site
    return {
        "token": code_of(site, timezone.now()),
        "intent": "in",
        "nonce": uuid.uuid4().hex,
        "location": {"lat": site.latitude, "lng": site.longitude, "accuracy_m": 20},
    }


@pytest.fixture
def client(api, place):
    return api(place.volunteer.user)


def test_a_scan_is_answered_with_result_reasons_and_attendance(client, body):
    answer = client.post("/api/v1/scans/", body)

    assert answer.status_code == 201
    assert set(answer.json()) == {"result", "reasons", "attendance"}
    assert answer.json()["result"] == "accepted"
    assert answer.json()["attendance"]["id"] == Attendance.objects.get().pk


def test_the_same_scan_again_is_the_same_bytes(client, body):
    first = client.post("/api/v1/scans/", body)

    again = client.post("/api/v1/scans/", body)

    assert (again.status_code, again.content) == (201, first.content)
    assert (Scan.objects.count(), Attendance.objects.count()) == (1, 1)


def test_the_address_in_the_code_will_do_as_well(client, body):
    answer = client.post("/api/v1/scans/", body | {"token": f"https://jishan.example/s/{body['token']}"})

    assert answer.json()["result"] == "accepted"


def test_a_position_in_gcj02_is_understood(client, body):
    answer = client.post("/api/v1/scans/", body | {"location": body["location"] | {"crs": "gcj02"}})

    assert (answer.json()["result"], answer.json()["reasons"][2]["code"]) == ("accepted", "location_far")


@pytest.mark.parametrize("token", ["nothing", "A" * 40, "积善", "x" * 2048])
def test_an_unreadable_code_is_an_answer_not_an_error(client, body, token):
    answer = client.post("/api/v1/scans/", body | {"token": token})

    assert (answer.status_code, answer.json()["result"], answer.json()["attendance"]) == (
        201,
        "refused",
        None,
    )
    assert answer.json()["reasons"][0]["code"] == "token_unreadable"
    assert Scan.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"token": None}, "/token", id="no token"),
        pytest.param({"token": "a\x00b"}, "/token", id="NUL in the token"),
        pytest.param({"token": ["x"]}, "/token", id="a list as token"),
        pytest.param({"token": "x" * 2049}, "/token", id="an endless token"),
        pytest.param({"intent": "up"}, "/intent", id="another intent"),
        pytest.param({"intent": {"in": 1}}, "/intent", id="an object as intent"),
        pytest.param({"nonce": ""}, "/nonce", id="no nonce"),
        pytest.param({"nonce": "n" * 65}, "/nonce", id="a long nonce"),
        pytest.param({"nonce": "a\x00"}, "/nonce", id="NUL in the nonce"),
        pytest.param({"captured_at": "yesterday"}, "/captured_at", id="no time"),
        pytest.param({"captured_at": "9999-12-31T23:59:59-12:00"}, "/captured_at", id="beyond time"),
        pytest.param({"captured_at": 12}, "/captured_at", id="a number as time"),
        pytest.param({"location": [1, 2]}, "/location/non_field_errors", id="a list as location"),
        pytest.param({"location": {"lat": 1}}, "/location/lng", id="half a location"),
        pytest.param({"device": "d" * 201}, "/device", id="a long device"),
        pytest.param({"device": {"a": 1}}, "/device", id="an object as device"),
    ],
)
def test_a_scan_of_the_wrong_shape_is_a_400_and_leaves_nothing(client, body, change, pointer):
    answer = client.post("/api/v1/scans/", body | change)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (Scan.objects.count(), Attendance.objects.count()) == (0, 0)


@pytest.mark.parametrize("field", ["lat", "lng", "accuracy_m"])
@pytest.mark.parametrize(
    "value", [999, -999.5, "nan", "inf", "-Infinity", "1e999", HUGE, True, None, "x", [], {}]
)
def test_a_number_that_cannot_be_a_position_is_a_400(client, body, field, value):
    if field == "accuracy_m" and value == 999:
        value = 100_001
    answer = client.post("/api/v1/scans/", body | {"location": body["location"] | {field: value}})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/location/{field}")
    assert Scan.objects.count() == 0


HALF_A_CHARACTER = b'{"token": "\\ud800", "intent": "in", "nonce": "n"}'


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"in"',
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"nonce": NaN}',
        b"9" * 5000,
        HALF_A_CHARACTER,
    ],
    ids=["nothing", "list", "text", "broken", "not text", "deep", "NaN", "long number", "half a character"],
)
def test_a_body_that_is_no_object_is_a_400(client, raw):
    answer = client.generic("POST", "/api/v1/scans/", raw, content_type="application/json")

    assert answer.status_code == 400


def test_without_a_volunteer_there_is_nobody_to_check_in(api, body):
    answer = api(UserFactory()).post("/api/v1/scans/", body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_registered")


def test_without_a_token_of_ones_own_there_is_no_scan(api, body):
    assert api(None).post("/api/v1/scans/", body).status_code == 401


def test_scans_are_not_read_back(client):
    assert client.get("/api/v1/scans/").status_code == 405


# --- batch ---


def kept(place, minutes_ago, intent, nonce):
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return {
        "token": code_of(place.shift.activity.site, at),
        "intent": intent,
        "nonce": nonce,
        "captured_at": at.isoformat(),
    }


def test_scans_kept_offline_are_each_answered(api):
    place = make_place(starts_at=timezone.now() - timedelta(hours=2))
    rows = [kept(place, 60, "out", "b"), {"nonce": "x"}, kept(place, 120, "in", "a"), None, 7]

    answer = api(place.volunteer.user).post("/api/v1/scans/batch/", {"scans": rows})

    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [(row["index"], row["status"]) for row in results] == [
        (0, 201),
        (1, 400),
        (2, 201),
        (3, 400),
        (4, 400),
    ]
    assert [row["answer"] and row["answer"]["result"] for row in results] == [
        "provisional",
        None,
        "provisional",
        None,
        None,
    ]
    assert results[1]["problem"]["code"] == "invalid"
    assert {error["pointer"] for error in results[1]["problem"]["errors"]} == {"/token", "/intent"}
    assert (Scan.objects.count(), Attendance.objects.get().minutes) == (2, 59)


def test_uploading_a_batch_again_is_the_same_bytes(api):
    place = make_place(starts_at=timezone.now() - timedelta(hours=2))
    rows = {"scans": [kept(place, 120, "in", "a"), kept(place, 60, "out", "b")]}
    client = api(place.volunteer.user)
    first = client.post("/api/v1/scans/batch/", rows)

    again = client.post("/api/v1/scans/batch/", rows)

    assert (again.content, Scan.objects.count()) == (first.content, 2)


def test_a_row_from_the_future_is_refused_and_kept(client, place):
    answer = client.post("/api/v1/scans/batch/", {"scans": [kept(place, -600, "in", "a")]})

    [row] = answer.json()["results"]
    assert (row["status"], row["answer"]["reasons"][0]["code"]) == (201, "captured_in_future")
    assert Scan.objects.count() == 1


@pytest.mark.parametrize(
    "batch", [{}, {"scans": None}, {"scans": []}, {"scans": {}}, {"scans": [{}] * 501}, {"scans": "x"}]
)
def test_a_batch_of_the_wrong_shape_is_a_400(client, batch):
    answer = client.post("/api/v1/scans/batch/", batch)

    assert (answer.status_code, Scan.objects.count()) == (400, 0)


def test_a_batch_of_five_hundred_is_taken(client):
    rows = [{"token": "x", "intent": "in", "nonce": f"n{number}"} for number in range(500)]

    answer = client.post("/api/v1/scans/batch/", {"scans": rows})

    assert (answer.status_code, len(answer.json()["results"]), Scan.objects.count()) == (200, 500, 500)


def test_a_batch_needs_a_volunteer(api):
    answer = api(UserFactory()).post(
        "/api/v1/scans/batch/", {"scans": [{"token": "x", "intent": "in", "nonce": "n"}]}
    )

    assert answer.json()["results"][0]["problem"]["code"] == "not_registered"


# --- attendances ---


def test_ones_own_attendances_are_listed(api):
    mine, _ = AttendanceFactory(), AttendanceFactory()

    answer = api(mine.volunteer.user).get("/api/v1/attendances/")

    [row] = answer.json()["results"]
    assert (row["id"], row["status"], row["minutes"], row["same_phone"]) == (mine.pk, "pending", 180, 0)
    assert row["volunteer"] == {"number": mine.volunteer.number, "name": "张*明"}


def test_attendances_are_narrowed_by_status(api):
    manager = api(make_staff(Role.PLATFORM_ADMIN))
    pending, _ = AttendanceFactory(), OpenAttendanceFactory()

    rows = manager.get("/api/v1/attendances/?status=pending").json()["results"]

    assert [row["id"] for row in rows] == [pending.pk]


@pytest.mark.parametrize("query", ["status=lost", "status=%00", "cursor=rubbish"])
def test_a_list_is_not_asked_for_what_there_is_not(api, query):
    answer = api(make_staff(Role.PLATFORM_ADMIN)).get(f"/api/v1/attendances/?{query}")

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_list_costs_the_same_whatever_its_length(api, item_count, django_assert_num_queries):
    AttendanceFactory.create_batch(item_count)
    manager = api(make_staff(Role.PLATFORM_ADMIN))

    with django_assert_num_queries(3):  # user, memberships, attendances
        answer = manager.get("/api/v1/attendances/")

    assert len(answer.json()["results"]) == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_one_attendance_shows_its_evidence(api, item_count, django_assert_num_queries):
    attendance = AttendanceFactory()
    ScanFactory.create_batch(
        item_count,
        volunteer=attendance.volunteer,
        attendance=attendance,
        site=attendance.site,
        result="accepted",
        grade="A",
        distance_m=12,
        accuracy_m=20,
    )
    manager = api(make_staff(Role.SITE_MANAGER, attendance.site_id))

    with django_assert_num_queries(4):  # user, memberships, attendance, scans
        answer = manager.get(f"/api/v1/attendances/{attendance.pk}/")

    assert [scan["distance_m"] for scan in answer.json()["scans"]] == [12] * item_count


@pytest.mark.parametrize("key", ["0", "999999", str(2**63), "9" * 100])
def test_an_attendance_that_is_not_there_is_not_found(api, key):
    assert api(make_staff(Role.PLATFORM_ADMIN)).get(f"/api/v1/attendances/{key}/").status_code == 404


def test_somebody_elses_attendance_is_not_found(api):
    attendance = AttendanceFactory()

    answer = api(VolunteerFactory().user).get(f"/api/v1/attendances/{attendance.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
