"""Corrections, objections and the overdue list on the wire."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role, actor_for
from tests.factories.accounts import make_staff
from tests.factories.attendance import AttendanceFactory
from tests.factories.tickets import ObjectionFactory, PublicObjectionFactory
from tests.factories.volunteers import ShiftFactory
from volunteers.records import services
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, Objection

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_staff(Role.COMMUNITY_STAFF, "520102")


@pytest.fixture
def staff(api):
    return api(make_staff(Role.COMMUNITY_STAFF, "5201"))


@pytest.fixture
def record(manager, now):
    return services.approve(attendance_id=AttendanceFactory().pk, actor=actor_for(manager), at=now)


@pytest.fixture
def volunteer(api, record):
    return api(record.volunteer.user)


def test_a_correction_from_asking_to_the_new_record(volunteer, staff, record):
    asked = volunteer.post(f"/api/v1/records/{record.pk}/corrections/", {"minutes": 120, "reason": "早退"})
    done = staff.post(f"/api/v1/corrections/{asked.json()['id']}/approve/", {})

    ticket = done.json()
    assert (asked.status_code, done.status_code) == (201, 200)
    assert (ticket["state"], ticket["minutes_before"], ticket["minutes_after"]) == ("approved", 180, 120)
    assert ticket["volunteer"]["name"] == "张*明"
    rows = {row["id"]: row for row in volunteer.get("/api/v1/records/").json()["results"]}
    assert rows[ticket["replacement"]]["minutes"] == 120
    assert rows[ticket["reversal"]]["minutes"] == -180
    assert rows[record.pk]["is_reversed"] is True


def test_a_repeated_key_asks_and_decides_once(volunteer, staff, record):
    key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    wish = {"minutes": 120, "reason": "早退"}
    asked = [volunteer.post(f"/api/v1/records/{record.pk}/corrections/", wish, **key) for _ in range(2)]
    address = f"/api/v1/corrections/{asked[0].json()['id']}/approve/"
    done = [staff.post(address, {}, **key) for _ in range(2)]

    assert asked[0].content == asked[1].content
    assert done[0].content == done[1].content
    assert (Correction.objects.count(), ServiceRecord.objects.count()) == (1, 3)


def test_refusing_needs_a_reason_and_ends_the_ticket(volunteer, staff, record):
    asked = volunteer.post(f"/api/v1/records/{record.pk}/corrections/", {"minutes": 0, "reason": "x"}).json()
    address = f"/api/v1/corrections/{asked['id']}/refuse/"

    silent, explained = staff.post(address, {}), staff.post(address, {"reason": "照片可证"})

    assert (silent.status_code, explained.status_code) == (400, 200)
    listed = volunteer.get("/api/v1/corrections/", {"state": "refused"}).json()["results"]
    assert [row["decision_reason"] for row in listed] == ["照片可证"]
    assert volunteer.get("/api/v1/corrections/", {"state": "open"}).json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"minutes": 60},
        {"reason": "x"},
        {"minutes": "many", "reason": "x"},
        {"minutes": -1, "reason": "x"},
        {"minutes": 1441, "reason": "x"},
        {"minutes": 10**400, "reason": "x"},
        {"minutes": 60, "reason": "x" * 201},
        {"minutes": 60, "reason": "a\x00b"},
        {"minutes": 60, "reason": "  "},
        [],
        "x",
    ],
)
def test_a_wish_of_the_wrong_shape_is_a_400(volunteer, record, body):
    answer = volunteer.post(f"/api/v1/records/{record.pk}/corrections/", body)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not Correction.objects.exists()


def test_the_public_objects_without_signing_in_and_follows_its_number(api, staff, record):
    nobody = api(None)
    sent = nobody.post(
        "/api/v1/objections/", {"record": record.pk, "reason": "那天没人", "contact": "13800001234"}
    )
    ticket = sent.json()["ticket"]
    objection = Objection.objects.get()
    seen = [nobody.get(f"/api/v1/objections/{ticket}/").json()["state"]]
    for action, body in (("accept", {}), ("uphold", {"reason": "核实"})):
        assert staff.post(f"/api/v1/objections/{objection.pk}/{action}/", body).status_code == 200
        seen.append(nobody.get(f"/api/v1/objections/{ticket.lower()}/").json()["state"])

    assert sent.status_code == 201
    assert seen == ["received", "open", "upheld"]
    assert set(sent.json()) == {"ticket", "state", "raised_at", "due_on", "decided_at"}
    assert ServiceRecord.objects.filter(reverses=record).exists()


def test_an_objection_is_listed_for_those_who_decide(api, staff, volunteer):
    objection = PublicObjectionFactory(reason="没有看到他")

    [row] = staff.get("/api/v1/objections/", {"state": "received"}).json()["results"]

    assert (row["id"], row["reason"], row["volunteer"]["name"]) == (objection.pk, "没有看到他", "张*明")
    assert "contact" not in row
    assert volunteer.get("/api/v1/objections/").json()["results"] == []
    assert api(None).get("/api/v1/objections/").status_code == 401


def test_dismissing_lets_everything_go_on_and_withdrawing_too(api, staff, volunteer, record):
    for _ in range(2):
        raised = volunteer.post("/api/v1/objections/", {"record": record.pk, "reason": "不是我"})
        assert raised.json()["state"] == "open"
        [marked] = volunteer.get("/api/v1/records/").json()["results"]
        assert marked["contested"] is True
        latest = Objection.objects.latest("pk").pk
        if latest == Objection.objects.earliest("pk").pk:
            ended = staff.post(f"/api/v1/objections/{latest}/dismiss/", {"reason": "是本人"})
        else:
            ended = volunteer.post(f"/api/v1/objections/{latest}/withdraw/")
        assert ended.status_code == 200

    [row] = volunteer.get("/api/v1/records/").json()["results"]
    assert row["contested"] is False


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"reason": "x"}, 400),
        ({"record": 1, "attendance": 1, "reason": "x"}, 400),
        ({"record": "x", "reason": "x"}, 400),
        ({"record": 0, "reason": "x"}, 400),
        ({"record": 2**63, "reason": "x"}, 400),
        ({"record": 2**62, "reason": "x"}, 404),
        ({"record": 1, "reason": "x" * 501}, 400),
        ({"record": 1, "reason": "a\x00b"}, 400),
        ({"record": 1, "reason": "x", "contact": "x" * 101}, 400),
        ([], 400),
    ],
)
def test_an_objection_of_the_wrong_shape_is_refused(api, body, status):
    assert api(None).post("/api/v1/objections/", body).status_code == status
    assert not Objection.objects.exists()


def test_an_approval_under_objection_has_its_own_code(staff):
    objection = ObjectionFactory()

    answer = staff.post(f"/api/v1/attendances/{objection.attendance_id}/approve/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "under_objection")


def test_the_overdue_list_says_whose_task_it_is_and_how_late(api, staff):
    late = AttendanceFactory(shift=ShiftFactory(starts_at=timezone.now() - timedelta(days=60)))
    AttendanceFactory(shift=ShiftFactory(starts_at=timezone.now() - timedelta(days=2)))

    [row] = staff.get("/api/v1/attendances/overdue/").json()["results"]

    activity = late.shift.activity
    assert (row["id"], row["responsible_name"]) == (late.pk, activity.responsible_name)
    assert row["organization_name"] == activity.programme.organization.name
    assert row["days_late"] > 20
    assert api(late.volunteer.user).get("/api/v1/attendances/overdue/").status_code == 403


def test_a_waiting_row_shows_its_last_day(staff, record):
    waiting = AttendanceFactory()

    rows = {row["id"]: row["due_on"] for row in staff.get("/api/v1/attendances/").json()["results"]}

    assert rows == {waiting.pk: "2026-09-29", record.attendance_id: None}
