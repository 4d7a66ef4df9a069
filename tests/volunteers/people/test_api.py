"""`/api/v1/volunteers/…`."""

import json
from datetime import date

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.regions import COMMUNITY, GUIYANG, RegionFactory, make_path
from tests.factories.volunteers import (
    VolunteerFactory,
    resident_id,
)
from volunteers.people.choices import ConsentKind
from volunteers.people.models import Volunteer
from volunteers.people.queries import consents_of

pytestmark = pytest.mark.django_db

VOLUNTEERS = "/api/v1/volunteers/"
ME = f"{VOLUNTEERS}me/"
ID_NUMBER = resident_id(born=date(1990, 5, 17), sequence=23)
CHILD = resident_id(born=date(2019, 1, 1), sequence=24)
BODY = {
    "name": "张晓明",
    "id_type": "resident_id",
    "id_number": ID_NUMBER,
    "region": COMMUNITY,
    "skills": ["急救"],
    "service_categories": ["health"],
    "available_times": ["周末上午"],
    "consents": ["privacy"],
}
GUARDIAN = {"name": "李梅", "phone": "13700001234", "relation": "母亲"}


def assert_problem(response, status: int, code: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code


def pointers(response) -> set[str]:
    return {error["pointer"] for error in response.json()["errors"]}


def secrets_in(response) -> list[str]:
    text = response.content.decode()
    return [secret for secret in (ID_NUMBER, CHILD, "13700001234", "13900001234") if secret in text]


@pytest.fixture
def community():
    return make_path()


@pytest.fixture
def user(community):
    return UserFactory(phone="13900001234")


def test_registering_answers_with_the_profile_masked(api, user):
    response = api(user).post(VOLUNTEERS, BODY)

    made = Volunteer.objects.get()
    shown = response.json()
    assert (response.status_code, secrets_in(response)) == (201, [])
    assert shown == {
        "id": made.pk,
        "number": made.number,
        "name": "张晓明",
        "sex": "male",
        "birth_date": "1990-05-17",
        "id_type": "resident_id",
        "id_number": f"520***********{ID_NUMBER[-4:]}",
        "phone": "139****1234",
        "region": COMMUNITY,
        "region_name": made.region.name,
        "skills": ["急救"],
        "service_categories": ["health"],
        "available_times": ["周末上午"],
        "consents": ["privacy"],
        "guardian": None,
        "status": "active",
        "status_label": "已注册",
        "review_reason": "",
        "registered_at": shown["registered_at"],
        "reviewed_at": None,
    }


def test_a_child_registers_with_a_guardian(api, user):
    body = BODY | {"id_number": CHILD, "guardian": GUARDIAN, "consents": ["privacy", "guardian"]}

    response = api(user).post(VOLUNTEERS, body)

    assert (response.status_code, secrets_in(response)) == (201, [])
    assert response.json()["guardian"] == {"name": "李梅", "phone": "137****1234", "relation": "母亲"}
    assert response.json()["consents"] == ["guardian", "privacy"]


def test_lists_may_be_left_out(api, user):
    body = {key: BODY[key] for key in ("name", "id_type", "id_number", "region", "consents")}

    assert api(user).post(VOLUNTEERS, body).json()["skills"] == []


def test_with_one_key_registering_happens_once(api, user):
    client = api(user)

    first = client.post(VOLUNTEERS, BODY, HTTP_IDEMPOTENCY_KEY="one")
    second = client.post(VOLUNTEERS, BODY, HTTP_IDEMPOTENCY_KEY="one")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Volunteer.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"id_number": "520102199005170231"}, 400, "id_number_invalid"),
        ({"id_number": "１" * 18}, 400, "id_number_invalid"),
        ({"sex": "female"}, 400, "id_details_mismatch"),
        ({"birth_date": "1990-05-18"}, 400, "id_details_mismatch"),
        ({"id_type": "passport", "id_number": "E1234567"}, 400, "id_details_missing"),
        ({"region": "999999999999"}, 400, "region_unknown"),
        ({"region": "1"}, 400, "region_unknown"),
        ({"consents": ["location"]}, 400, "consent_required"),
        ({"consents": []}, 400, "consent_required"),
        ({"id_number": CHILD}, 400, "guardian_required"),
        ({"id_number": resident_id(born=date(2024, 1, 1))}, 409, "too_young_to_register"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_keeps_nothing(api, user, changes, status, code):
    response = api(user).post(VOLUNTEERS, BODY | changes)

    assert_problem(response, status, code)
    assert secrets_in(response) == []
    assert not Volunteer.objects.exists()


def test_a_second_registration_is_refused(api, user):
    api(user).post(VOLUNTEERS, BODY)

    assert_problem(api(user).post(VOLUNTEERS, BODY), 409, "already_registered")
    assert_problem(api(UserFactory()).post(VOLUNTEERS, BODY), 409, "person_registered")
    assert Volunteer.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "rubbish"),
    [
        ("name", ""),
        ("name", None),
        ("name", ["张"]),
        ("name", {"a": 1}),
        ("name", "张\x00明"),
        ("name", "张" * 61),
        ("id_type", "library_card"),
        ("id_type", {}),
        ("id_type", 10**400),
        ("id_number", ""),
        ("id_number", None),
        ("id_number", []),
        ("id_number", "1\x00"),
        ("id_number", "9" * 31),
        ("region", None),
        ("region", 10**100),
        ("region", "520\x00"),
        ("skills", "急救"),
        ("skills", [None]),
        ("skills", [["急救"]]),
        ("skills", ["技" * 41]),
        ("skills", ["技"] * 21),
        ("skills", {"0": "急救"}),
        ("service_categories", ["magic"]),
        ("service_categories", [{}]),
        ("service_categories", 7),
        ("available_times", [""]),
        ("consents", None),
        ("consents", "privacy"),
        ("consents", ["everything"]),
        ("consents", ["privacy"] * 5),
        ("guardian", "李梅"),
        ("guardian", []),
        ("guardian", {}),
        ("guardian", GUARDIAN | {"phone": None}),
        ("guardian", GUARDIAN | {"name": "名" * 61}),
        ("sex", "x"),
        ("sex", []),
        ("birth_date", "yesterday"),
        ("birth_date", 19900517),
        ("birth_date", "1990-02-30"),
        ("birth_date", []),
    ],
)
def test_rubbish_in_a_field_is_an_invalid_request_that_points_there(api, user, field, rubbish):
    response = api(user).post(VOLUNTEERS, BODY | {field: rubbish})

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert {pointer.split("/")[1] for pointer in pointers(response)} == {field}
    assert not Volunteer.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "7", '"text"', "{", "\x00", '{"name": ' + "9" * 5000 + "}"]
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_body_that_is_no_object_is_an_invalid_request(api, user, method, body):
    VolunteerFactory(user=user)
    client = api(user)

    path = VOLUNTEERS if method == "post" else ME
    response = client.generic(method.upper(), path, body, content_type="application/json")

    if method == "patch" and body == "":
        assert response.status_code == 200  # nothing to change is no mistake
    else:
        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_half_a_character_is_an_invalid_request(api, user):
    body = json.dumps(BODY | {"name": "half"}).replace("half", "\\ud800")

    response = api(user).generic("POST", VOLUNTEERS, body, content_type="application/json")

    assert_problem(response, 400, "invalid")


def test_another_kind_of_body_is_not_read(api, user):
    response = api(user).generic("POST", VOLUNTEERS, "<name/>", content_type="application/xml")

    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", VOLUNTEERS),
        ("get", VOLUNTEERS),
        ("get", ME),
        ("patch", ME),
        ("put", f"{ME}consents/privacy/"),
        ("post", f"{VOLUNTEERS}1/approve/"),
        ("post", f"{VOLUNTEERS}1/reject/"),
    ],
)
def test_strangers_are_asked_to_log_in(api, method, path):
    assert_problem(getattr(api(None), method)(path, {}), 401, "not_authenticated")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", ME, None),
        ("patch", ME, {"skills": []}),
        ("put", f"{ME}consents/location/", {"granted": True}),
    ],
)
def test_who_has_not_registered_is_told_so(api, method, path, body):
    assert_problem(getattr(api(UserFactory()), method)(path, body), 404, "not_registered")


def test_the_profile_changes_where_asked(api, user):
    VolunteerFactory(user=user, skills=["急救"])
    RegionFactory(code=GUIYANG)

    response = api(user).patch(ME, {"region": GUIYANG, "service_categories": ["tax"]})

    shown = response.json()
    assert (response.status_code, shown["region"]) == (200, GUIYANG)
    assert (shown["service_categories"], shown["skills"]) == (["tax"], ["急救"])


def test_identity_does_not_change_by_asking(api, user):
    VolunteerFactory(user=user)

    shown = api(user).patch(
        ME, {"name": "李四", "status": "active", "number": "1", "birth_date": "2000-01-01"}
    )

    assert (shown.status_code, shown.json()["name"], shown.json()["birth_date"]) == (
        200,
        "张晓明",
        "1990-01-01",
    )


@pytest.mark.parametrize("body", [{"region": "0"}, {"skills": None}, {"service_categories": ["x"]}])
def test_a_profile_does_not_take_rubbish(api, user, body):
    VolunteerFactory(user=user)

    assert api(user).patch(ME, body).status_code == 400


def test_a_consent_is_given_and_withdrawn(api, user):
    volunteer = VolunteerFactory(user=user)
    client = api(user)

    given = client.put(f"{ME}consents/honor_board/", {"granted": True})
    left = client.put(f"{ME}consents/privacy/", {"granted": False})

    assert (given.json(), left.json()) == (
        {"consents": ["honor_board", "privacy"]},
        {"consents": ["honor_board"]},
    )
    assert consents_of(volunteer) == {ConsentKind.HONOR_BOARD}


@pytest.mark.parametrize("body", [{}, {"granted": "perhaps"}, {"granted": None}, {"granted": []}])
def test_a_consent_is_yes_or_no(api, user, body):
    VolunteerFactory(user=user)

    assert_problem(api(user).put(f"{ME}consents/privacy/", body), 400, "invalid")


def test_a_consent_to_something_unknown_is_not_found(api, user):
    VolunteerFactory(user=user)

    assert_problem(api(user).put(f"{ME}consents/everything/", {"granted": True}), 404, "not_found")
