"""Deciding and reading records on the wire."""

import uuid

import pytest

from backend.accounts.scopes import Role
from backend.core.models import OutboxEvent
from tests.factories.accounts import make_staff
from tests.factories.attendance import (
    AttendanceFactory,
    ForgottenAttendanceFactory,
    ServiceRecordFactory,
)
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.models import Attendance
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def attendance():
    return AttendanceFactory()


@pytest.fixture
def manager(api, attendance):
    return api(make_staff(Role.SITE_MANAGER, attendance.site_id))


def untouched(attendance):
    attendance.refresh_from_db()
    return (attendance.status, ServiceRecord.objects.count()) == ("pending", 0)


def test_approving_answers_the_record(manager, attendance):
    answer = manager.post(f"/api/v1/attendances/{attendance.pk}/approve/", {})

    assert answer.status_code == 200
    record = answer.json()
    assert (record["kind"], record["minutes"], record["attendance"], record["service_date"]) == (
        "service",
        180,
        attendance.pk,
        "2026-09-15",
    )
    assert record["volunteer"] == {"number": attendance.volunteer.number, "name": "张*明"}


def test_approving_without_a_body_credits_what_was_scanned(manager, attendance):
    answer = manager.post(f"/api/v1/attendances/{attendance.pk}/approve/")

    assert (answer.status_code, answer.json()["minutes"]) == (200, 180)


def test_approving_twice_answers_the_same(manager, attendance):
    address = f"/api/v1/attendances/{attendance.pk}/approve/"
    first = manager.post(address, {})

    again = manager.post(address, {})

    assert (again.status_code, again.json()) == (200, first.json())
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (1, 1)


def test_a_repeated_key_is_answered_from_memory(manager, attendance):
    address = f"/api/v1/attendances/{attendance.pk}/approve/"
    key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    first = manager.post(address, {}, **key)

    again = manager.post(address, {}, **key)
    reused = manager.post(address, {"minutes": 60, "reason": "x"}, **key)

    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


def test_adjusting_needs_a_reason(manager, attendance):
    address = f"/api/v1/attendances/{attendance.pk}/approve/"

    refused = manager.post(address, {"minutes": 120})
    accepted = manager.post(address, {"minutes": 120, "reason": "中途离开"})

    assert (refused.status_code, refused.json()["code"]) == (400, "adjustment_reason_required")
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    assert (accepted.json()["minutes"], accepted.json()["reason"]) == (120, "中途离开")


@pytest.mark.parametrize(
    "body",
    [
        {"minutes": "many"},
        {"minutes": -1},
        {"minutes": 1441, "reason": "x"},
        {"minutes": 10**400, "reason": "x"},
        {"minutes": 1.5, "reason": "x"},
        {"minutes": [], "reason": "x"},
        {"minutes": 0, "reason": "x" * 201},
        {"minutes": 60, "reason": "a\x00b"},
        {"reason": {"a": 1}},
        [],
        "x",
    ],
)
def test_a_decision_of_the_wrong_shape_is_a_400_and_leaves_nothing(manager, attendance, body):
    answer = manager.post(f"/api/v1/attendances/{attendance.pk}/approve/", body)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert untouched(attendance)


@pytest.mark.parametrize("action", ["approve", "reject"])
@pytest.mark.parametrize("key", ["0", str(2**63), "9" * 60])
def test_what_is_not_there_is_not_found(manager, action, key):
    answer = manager.post(f"/api/v1/attendances/{key}/{action}/", {"reason": "x"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_volunteer_decides_nothing(api, attendance, action):
    answer = api(attendance.volunteer.user).post(
        f"/api/v1/attendances/{attendance.pk}/{action}/", {"reason": "x"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert untouched(attendance)


def test_rejecting_answers_the_attendance(manager, attendance):
    answer = manager.post(f"/api/v1/attendances/{attendance.pk}/reject/", {"reason": "没有到场"})

    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (
        200,
        attendance.pk,
        "rejected",
    )


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}, {"reason": "x" * 201}]
)
def test_rejecting_needs_a_reason(manager, attendance, body):
    answer = manager.post(f"/api/v1/attendances/{attendance.pk}/reject/", body)

    assert answer.status_code == 400
    assert untouched(attendance)


# --- many ---


def test_many_are_answered_one_by_one(manager, attendance):
    forgotten = ForgottenAttendanceFactory(shift=attendance.shift)

    answer = manager.post("/api/v1/attendances/approve/", {"ids": [attendance.pk, forgotten.pk, 10**15]})

    rows = answer.json()["results"]
    assert [(row["id"], row["status"]) for row in rows] == [
        (attendance.pk, 200),
        (forgotten.pk, 400),
        (10**15, 404),
    ]
    assert (rows[0]["record"]["minutes"], rows[0]["problem"]) == (180, None)
    assert (rows[1]["record"], rows[1]["problem"]["code"]) == (None, "minutes_required")
    assert (rows[2]["record"], rows[2]["problem"]["code"]) == (None, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": []},
        {"ids": None},
        {"ids": "1"},
        {"ids": [0]},
        {"ids": [-1]},
        {"ids": [2**63]},
        {"ids": [10**400]},
        {"ids": ["x"]},
        {"ids": [None]},
        {"ids": list(range(1, 502))},
    ],
)
def test_a_list_of_the_wrong_shape_is_a_400(manager, attendance, body):
    answer = manager.post("/api/v1/attendances/approve/", body)

    assert answer.status_code == 400
    assert untouched(attendance)


@pytest.mark.parametrize("item_count", [1, 3])
def test_approving_many_costs_a_fixed_number_of_statements_each(
    manager, attendance, item_count, django_assert_num_queries
):
    others = AttendanceFactory.create_batch(item_count - 1, shift=attendance.shift)
    wanted = [attendance.pk, *(other.pk for other in others)]

    # user, memberships, two locking reads, the policies, what is credited already; then per row: update,
    # insert, event; transactions around them
    with django_assert_num_queries(6 + 2 + item_count * (3 + 2)):
        manager.post("/api/v1/attendances/approve/", {"ids": wanted})

    assert Attendance.objects.filter(status="approved").count() == item_count


# --- records ---


def test_ones_own_records_are_listed(api):
    mine, _ = ServiceRecordFactory(), ServiceRecordFactory()

    [row] = api(mine.volunteer.user).get("/api/v1/records/").json()["results"]

    assert (row["id"], row["minutes"], row["is_reversed"], row["reverses"]) == (mine.pk, 180, False, None)


def test_somebody_without_records_sees_none(api):
    ServiceRecordFactory()

    assert api(VolunteerFactory().user).get("/api/v1/records/").json()["results"] == []


def test_records_need_a_token_of_ones_own(api):
    assert api(None).get("/api/v1/records/").status_code == 401


@pytest.mark.parametrize("query", ["kind=gift", "cursor=rubbish"])
def test_a_list_is_not_asked_for_what_there_is_not(api, query):
    assert api(make_staff(Role.PLATFORM_ADMIN)).get(f"/api/v1/records/?{query}").status_code in {400, 404}


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_list_costs_the_same_whatever_its_length(api, item_count, django_assert_num_queries):
    ServiceRecordFactory.create_batch(item_count)
    staff = api(make_staff(Role.PLATFORM_ADMIN))

    with django_assert_num_queries(3):  # user, memberships, records
        answer = staff.get("/api/v1/records/")

    assert len(answer.json()["results"]) == item_count
