"""`/api/v1/volunteers/…`, the part for staff: the list and the review."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.scopes import Role
from tests.factories.accounts import MembershipFactory, UserFactory, make_staff
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory, make_path
from tests.factories.volunteers import (
    GuardianFactory,
    RegistrationPolicyFactory,
    VolunteerFactory,
    resident_id,
)
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

VOLUNTEERS = "/api/v1/volunteers/"
ID_NUMBER = resident_id(born=date(1990, 5, 17), sequence=23)
BODY = {
    "name": "张晓明",
    "id_type": "resident_id",
    "id_number": ID_NUMBER,
    "region": COMMUNITY,
    "consents": ["privacy"],
}


def assert_problem(response, status: int, code: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    ("role", "scope"),
    [(Role.COMMUNITY_STAFF, "5201"), (Role.SUPERVISOR, "52"), (Role.PLATFORM_ADMIN, "")],
)
def test_staff_list_the_volunteers_of_their_region(api, role, scope):
    here = VolunteerFactory()
    if role != Role.PLATFORM_ADMIN:
        VolunteerFactory(region=RegionFactory(code=CHENGDU_JINJIANG))

    response = api(make_staff(role, scope)).get(VOLUNTEERS)

    assert [row["id"] for row in response.json()["results"]] == [here.pk]


def test_the_list_shows_nothing_in_full(api):
    made = VolunteerFactory(id_type="resident_id", id_number=ID_NUMBER, user__phone="13900001234")
    GuardianFactory(volunteer=made)

    response = api(make_staff(Role.PLATFORM_ADMIN)).get(VOLUNTEERS)

    text = response.content.decode()
    assert len(response.json()["results"]) == 1
    assert [secret for secret in (ID_NUMBER, "13900001234", "13700001234") if secret in text] == []


def test_the_list_narrows_by_status_and_region(api):
    VolunteerFactory()
    waiting = VolunteerFactory(status=VolunteerStatus.PENDING)
    VolunteerFactory(status=VolunteerStatus.PENDING, region=RegionFactory(code=CHENGDU_JINJIANG))

    response = api(make_staff(Role.PLATFORM_ADMIN)).get(VOLUNTEERS, {"status": "pending", "region": "52"})

    assert [row["id"] for row in response.json()["results"]] == [waiting.pk]


@pytest.mark.parametrize("query", [{"status": "odd"}, {"region": "x"}, {"status": "\x00"}])
def test_rubbish_in_the_query_is_an_invalid_request(api, query):
    assert_problem(api(make_staff(Role.PLATFORM_ADMIN)).get(VOLUNTEERS, query), 400, "invalid")


@pytest.mark.parametrize("role", [Role.SITE_MANAGER, Role.STORE_CLERK, Role.ORGANIZATION_MANAGER])
def test_other_roles_do_not_list_volunteers(api, role):
    assert_problem(api(make_staff(role, 1)).get(VOLUNTEERS), 403, "forbidden")


@pytest.mark.parametrize("path", ["", "me/", "me/consents/privacy/", "1/approve/", "1/reject/"])
def test_asking_for_the_options_is_no_server_error(api, path):
    assert api(make_staff(Role.PLATFORM_ADMIN)).options(VOLUNTEERS + path).status_code == 200


def test_volunteers_do_not_list_each_other(api):
    assert_problem(api(VolunteerFactory().user).get(VOLUNTEERS), 403, "forbidden")


def test_listing_costs_the_same_for_one_volunteer_and_for_three(api):
    staff = api(make_staff(Role.PLATFORM_ADMIN))
    GuardianFactory()
    with CaptureQueriesContext(connection) as one:
        staff.get(VOLUNTEERS)

    GuardianFactory.create_batch(2)
    with CaptureQueriesContext(connection) as three:
        assert len(staff.get(VOLUNTEERS).json()["results"]) == 3

    assert (len(one), len(three)) == (4, 4)  # user, roles, volunteers, consents


def test_a_registration_is_approved(api):
    RegistrationPolicyFactory(region=make_path())
    user = UserFactory()
    waiting = api(user).post(VOLUNTEERS, BODY).json()
    staff = make_staff(Role.COMMUNITY_STAFF, "5201")

    response = api(staff).post(f"{VOLUNTEERS}{waiting['id']}/approve/", {})

    assert (waiting["status"], response.status_code, response.json()["status"]) == ("pending", 200, "active")
    assert Volunteer.objects.get().reviewed_by == staff


def test_a_registration_is_rejected_with_a_reason_the_applicant_reads(api):
    waiting = VolunteerFactory(status=VolunteerStatus.PENDING)
    client = api(make_staff(Role.COMMUNITY_STAFF, "5201"))

    response = client.post(f"{VOLUNTEERS}{waiting.pk}/reject/", {"reason": "照片不清"})

    assert (response.status_code, response.json()["status"]) == (200, "rejected")
    assert api(waiting.user).get(f"{VOLUNTEERS}me/").json()["review_reason"] == "照片不清"


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": None}, {"reason": "长" * 201}])
def test_a_rejection_without_a_reason_is_an_invalid_request(api, body):
    waiting = VolunteerFactory(status=VolunteerStatus.PENDING)

    response = api(make_staff(Role.PLATFORM_ADMIN)).post(f"{VOLUNTEERS}{waiting.pk}/reject/", body)

    waiting.refresh_from_db()
    assert_problem(response, 400, "invalid")
    assert waiting.status == VolunteerStatus.PENDING


@pytest.mark.parametrize("action", ["approve", "reject"])
@pytest.mark.parametrize(
    ("role", "scope", "answer"),
    [
        (Role.COMMUNITY_STAFF, "51", (404, "not_found")),
        (Role.SUPERVISOR, "52", (403, "forbidden")),
        (Role.SITE_MANAGER, 1, (403, "forbidden")),
    ],
)
def test_nobody_else_reviews(api, action, role, scope, answer):
    waiting = VolunteerFactory(status=VolunteerStatus.PENDING)

    response = api(make_staff(role, scope)).post(f"{VOLUNTEERS}{waiting.pk}/{action}/", {"reason": "原因"})

    waiting.refresh_from_db()
    assert_problem(response, *answer)
    assert waiting.status == VolunteerStatus.PENDING


def test_what_was_decided_is_not_decided_again(api):
    active = VolunteerFactory()

    response = api(make_staff(Role.PLATFORM_ADMIN)).post(f"{VOLUNTEERS}{active.pk}/approve/", {})

    assert_problem(response, 409, "already_reviewed")


def test_staff_do_not_approve_themselves(api):
    waiting = VolunteerFactory(status=VolunteerStatus.PENDING)
    MembershipFactory(user=waiting.user)

    response = api(waiting.user).post(f"{VOLUNTEERS}{waiting.pk}/approve/", {})

    assert_problem(response, 403, "own_registration")


@pytest.mark.parametrize("pk", [0, 2**63, 10**40])
def test_a_volunteer_that_is_not_there_is_not_found(api, pk):
    response = api(make_staff(Role.PLATFORM_ADMIN)).post(f"{VOLUNTEERS}{pk}/approve/", {})

    assert_problem(response, 404, "not_found")
