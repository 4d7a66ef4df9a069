"""On the wire: taking a scan back, proposing an end, asking and answering, policies."""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.attendance import (
    CheckInPolicyFactory,
    ForgottenAttendanceFactory,
    code_of,
    make_place,
)
from tests.factories.regions import GUIYANG, make_path
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.models import Attendance, ScanAnnulment
from volunteers.attendance.policy_models import CheckInPolicy

pytestmark = pytest.mark.django_db

HUGE = 10**400


@pytest.fixture
def scanned(api):
    """A volunteer's client, and the number of their check-in a moment ago."""
    place = make_place(starts_at=timezone.now() + timedelta(minutes=5))
    client, nonce = api(place.volunteer.user), uuid.uuid4().hex
    token = code_of(place.shift.activity.site, timezone.now())
    client.post("/api/v1/scans/", {"token": token, "intent": "in", "nonce": nonce})
    return client, nonce


@pytest.fixture
def forgotten():
    return ForgottenAttendanceFactory()


@pytest.fixture
def volunteer(api, forgotten):
    return api(forgotten.volunteer.user)


@pytest.fixture
def manager(api, forgotten):
    return api(make_staff(Role.SITE_MANAGER, forgotten.site_id))


def talk(attendance, verb):
    return f"/api/v1/attendances/{attendance.pk}/{verb}/"


# --- annul ---


def test_a_scan_is_taken_back(scanned):
    client, nonce = scanned

    answer = client.post("/api/v1/scans/annul/", {"nonce": nonce, "reason": "扫错了"})

    assert (answer.status_code, answer.json()["status"]) == (200, "annulled")
    assert ScanAnnulment.objects.get().scan.nonce == nonce


def test_taking_back_twice_is_one(scanned):
    client, nonce = scanned
    body = {"nonce": nonce, "reason": "扫错了"}

    answers = [
        client.post("/api/v1/scans/annul/", body, headers={"Idempotency-Key": key}) for key in ("a", "a", "b")
    ]

    assert {answer.content for answer in answers} == {answers[0].content}
    assert ScanAnnulment.objects.count() == 1


def test_a_stranger_takes_nothing_back(api, scanned):
    _, nonce = scanned

    answer = api(VolunteerFactory().user).post("/api/v1/scans/annul/", {"nonce": nonce, "reason": "x"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Attendance.objects.get().status == "open"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"nonce": None}, "/nonce"),
        ({"nonce": "n" * 65}, "/nonce"),
        ({"nonce": "a\x00"}, "/nonce"),
        ({"nonce": []}, "/nonce"),
        ({"reason": ""}, "/reason"),
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 201}, "/reason"),
        ({"reason": {}}, "/reason"),
        ({"reason": "a\x00b"}, "/reason"),
    ],
)
def test_what_cannot_be_taken_back_is_a_400(scanned, change, pointer):
    client, nonce = scanned

    answer = client.post("/api/v1/scans/annul/", {"nonce": nonce, "reason": "扫错了"} | change)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert ScanAnnulment.objects.count() == 0


# --- propose, ask, answer ---


def test_the_end_is_proposed_asked_about_and_answered(volunteer, manager, forgotten):
    left = forgotten.shift.starts_at + timedelta(hours=2)

    proposed = volunteer.post(talk(forgotten, "propose"), {"left_at": left.isoformat(), "note": "先走了"})
    asked = manager.post(talk(forgotten, "ask"), {"question": "谁可以证明？"})
    answered = volunteer.post(talk(forgotten, "answer"), {"answer": "王芳"})

    assert [answer.status_code for answer in (proposed, asked, answered)] == [200, 200, 200]
    shown = manager.get(f"/api/v1/attendances/{forgotten.pk}/").json()
    assert (shown["checked_out_at"], shown["proposal_note"], shown["question"], shown["answer"]) == (
        None,
        "先走了",
        "谁可以证明？",
        "王芳",
    )
    assert shown["proposed_out_at"] == proposed.json()["proposed_out_at"]


@pytest.mark.parametrize(
    "time",
    [
        None,
        "",
        "soon",
        12,
        HUGE,
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T15:59:59Z",
        "9999-12-31T23:59:59-12:00",
        [],
        {},
    ],
)
def test_nobody_leaves_at_a_time_that_cannot_be(volunteer, forgotten, time):
    answer = volunteer.post(talk(forgotten, "propose"), {"left_at": time})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/left_at")
    forgotten.refresh_from_db()
    assert forgotten.proposed_out_at is None


@pytest.mark.parametrize("words", [None, "", "  ", [], {}, "x" * 201, "a\x00b"])
def test_questions_and_answers_are_words(volunteer, manager, forgotten, words):
    asked = manager.post(talk(forgotten, "ask"), {"question": words})
    answered = volunteer.post(talk(forgotten, "answer"), {"answer": words})

    assert (asked.status_code, answered.status_code) == (400, 400)
    assert asked.json()["errors"][0]["pointer"] == "/question"
    assert answered.json()["errors"][0]["pointer"] == "/answer"


@pytest.mark.parametrize("raw", [b"", b"[]", b'"x"', b"{", b"\xff", b'{"answer": "\\ud800"}', b"[" * 100_000])
@pytest.mark.parametrize("verb", ["propose", "ask", "answer"])
def test_a_body_that_is_no_object_is_a_400(manager, forgotten, verb, raw):
    answer = manager.generic("POST", talk(forgotten, verb), raw, content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize("verb", ["propose", "ask", "answer"])
@pytest.mark.parametrize("key", ["0", "999999", "9" * 100])
def test_an_attendance_that_is_not_there_is_not_found(manager, verb, key):
    body = {"left_at": timezone.now().isoformat(), "question": "?", "answer": "!"}

    assert manager.post(f"/api/v1/attendances/{key}/{verb}/", body).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [("propose", {"left_at": "2026-09-15T03:00:00Z"}), ("answer", {"answer": "x"})],
)
def test_others_attendances_are_not_found(api, forgotten, verb, body):
    answer = api(VolunteerFactory().user).post(talk(forgotten, verb), body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_one_key_asks_once(manager, forgotten):
    first, again = (
        manager.post(talk(forgotten, "ask"), {"question": "?"}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    )

    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")


# --- policies ---


@pytest.fixture
def staff(api):
    make_path(GUIYANG)
    return api(make_staff(Role.COMMUNITY_STAFF, "5201"))


@pytest.fixture
def policy():
    return {
        "scope": "region",
        "scope_id": GUIYANG,
        "figures": {"early_minutes": 60},
        "effective_from": (timezone.now() + timedelta(days=1)).isoformat(),
        "reason": "冬天路远",
    }


def test_a_policy_is_set_and_listed_with_its_history(api, staff, policy):
    CheckInPolicyFactory(figures={"late_minutes": 5})

    answer = staff.post("/api/v1/check-in-policies/", policy)

    assert (answer.status_code, answer.json()["figures"]) == (201, {"early_minutes": 60})
    listed = api(UserFactory()).get("/api/v1/check-in-policies/").json()["results"]
    assert [row["figures"] for row in listed] == [{"early_minutes": 60}, {"late_minutes": 5}]
    narrowed = staff.get("/api/v1/check-in-policies/?scope=platform").json()["results"]
    assert [row["scope"] for row in narrowed] == ["platform"]


def test_one_key_sets_one_policy(staff, policy):
    first, again = (
        staff.post("/api/v1/check-in-policies/", policy, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    other = staff.post("/api/v1/check-in-policies/", policy)

    assert (again.content, CheckInPolicy.objects.count()) == (first.content, 1)
    assert (other.status_code, other.json()["code"]) == (409, "policy_exists")


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "planet"},
        {"scope": None},
        {"scope_id": "9" * 21},
        {"scope_id": "a\x00b"},
        {"scope_id": []},
        {"figures": None},
        {"figures": {}},
        {"figures": []},
        {"figures": {"early_minutes": None}},
        {"figures": {"early_minutes": "soon"}},
        {"figures": {"early_minutes": HUGE}},
        {"figures": {"early_minutes": -1}},
        {"figures": {"early_minutes": 1.5}},
        {"figures": {"early_minutes": [1]}},
        {"figures": {"unheard_of": 1}},
        {"figures": {"%(x)s": 1}},
        {"figures": {"a\x00b": 1}},
        {"figures": {"积善" * 500: 1}},
        {"effective_from": None},
        {"effective_from": "2020-01-01T00:00:00Z"},
        {"effective_from": "9999-12-31T23:59:59Z"},
        {"effective_from": HUGE},
        {"reason": ""},
        {"reason": "x" * 201},
    ],
)
def test_a_policy_that_makes_no_sense_is_a_400(staff, policy, change):
    answer = staff.post("/api/v1/check-in-policies/", policy | change)

    assert (answer.status_code, CheckInPolicy.objects.count()) == (400, 0)


def test_half_a_character_as_a_figure_is_a_400(staff, policy):
    raw = json.dumps(policy | {"figures": {"\ud800": 1}}).encode()

    answer = staff.generic("POST", "/api/v1/check-in-policies/", raw, content_type="application/json")

    assert answer.status_code == 400


def test_the_last_day_there_is_does_not_break_the_list(staff, policy):
    staff.post("/api/v1/check-in-policies/", policy | {"effective_from": "9999-12-31T15:59:59Z"})

    assert staff.get("/api/v1/check-in-policies/").status_code == 200


@pytest.mark.parametrize(
    "scope", [{"scope": "platform", "scope_id": ""}, {"scope_id": "510100000000"}, {"scope_id": "52"}]
)
def test_a_scope_of_others_is_not_found(staff, policy, scope):
    answer = staff.post("/api/v1/check-in-policies/", policy | scope)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("query", ["scope=planet", "scope=%00", "scope_id=%00", "cursor=x"])
def test_the_list_is_not_asked_for_what_there_is_not(staff, query):
    assert staff.get(f"/api/v1/check-in-policies/?{query}").status_code in {200, 400, 404}
