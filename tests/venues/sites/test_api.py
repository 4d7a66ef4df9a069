"""`/api/v1/sites/…`."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory
from tests.factories.venues import SiteFactory
from venues.sites import qr
from venues.sites.models import SiteStatus
from venues.sites.queries import accepted_keys

pytestmark = pytest.mark.django_db

SITES = "/api/v1/sites/"


def names(response) -> list[str]:
    assert response.status_code == 200
    return [site["name"] for site in response.json()["results"]]


def assert_problem(response, status: int, code: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code


def test_anybody_may_list_the_active_sites(api):
    SiteFactory(name="市二医")
    SiteFactory(name="旧址", status=SiteStatus.CLOSED)

    assert names(api(None).get(SITES)) == ["市二医"]


def test_a_site_shows_where_and_when_but_nothing_of_its_key(api):
    site = SiteFactory(opening_hours={"mon": [["08:30", "17:30"]]})

    shown = api(None).get(f"{SITES}{site.pk}/").json()

    assert shown == {
        "id": site.pk,
        "name": site.name,
        "host_type": "hospital",
        "host_type_label": "医院",
        "organization": site.organization_id,
        "organization_name": site.organization.name,
        "region": COMMUNITY,
        "region_name": site.region.name,
        "address": "新华路 1 号",
        "latitude": 26.5783,
        "longitude": 106.7135,
        "radius_m": 200,
        "opening_hours": {"mon": [["08:30", "17:30"]]},
        "is_open": shown["is_open"],
        "status": "active",
        "distance_m": None,
    }


@pytest.mark.parametrize("region", ["52", "5201", "520102", "520100000000"])
def test_the_list_narrows_to_a_subtree_of_regions(api, region):
    SiteFactory(name="贵阳")
    SiteFactory(name="成都", region=RegionFactory(code=CHENGDU_JINJIANG))

    assert names(api(None).get(SITES, {"region": region})) == ["贵阳"]


def test_near_puts_the_nearest_first_and_says_how_far(api):
    SiteFactory(name="远", latitude=26.5883)
    SiteFactory(name="近")

    response = api(None).get(SITES, {"near": "26.5783,106.7135"})

    assert names(response) == ["近", "远"]
    assert [site["distance_m"] for site in response.json()["results"]] == [0, 1112]
    assert (response.json()["next"], response.json()["previous"]) == (None, None)


@pytest.mark.parametrize(
    "query",
    [
        {"region": "5"},
        {"region": "52010"},
        {"region": "9" * 400},
        {"region": "52%"},
        {"region": "５２"},
        {"region": "52\x00"},
        {"near": "here"},
        {"near": "91,0"},
        {"near": "0,181"},
        {"near": "nan,nan"},
        {"near": "1e400,0"},
        {"near": "26.5"},
        {"near": "26.5,106.7,1"},
        {"near": "\x00,1"},
    ],
)
def test_rubbish_in_the_query_is_an_invalid_request(api, query):
    assert_problem(api(None).get(SITES, query), 400, "invalid")


@pytest.mark.parametrize("pk", [0, 999_999, 2**63, 10**30])
@pytest.mark.parametrize("tail", ["", "qr/", "qr.png", "qr.svg"])
def test_a_site_that_is_not_there_is_not_found(api, pk, tail):
    client = api(make_staff(Role.PLATFORM_ADMIN))

    assert_problem(client.get(f"{SITES}{pk}/{tail}"), 404, "not_found")


def test_a_made_up_cursor_is_no_server_error(api):
    assert api(None).get(SITES, {"cursor": "bm9uc2Vuc2U="}).status_code in {200, 404}


def test_listing_costs_the_same_for_one_site_and_for_three(api):
    SiteFactory()
    with CaptureQueriesContext(connection) as one:
        api(None).get(SITES)

    SiteFactory.create_batch(2)
    with CaptureQueriesContext(connection) as three:
        assert len(names(api(None).get(SITES))) == 3

    assert (len(one), len(three)) == (1, 1)


def test_the_manager_gets_the_code_of_the_site(api):
    site = SiteFactory()
    before = timezone.now()

    response = api(make_staff(Role.SITE_MANAGER, site.pk)).get(f"{SITES}{site.pk}/qr/")

    assert response.status_code == 200
    token = response.json()["token"]
    assert response.json()["url"].endswith(f"/s/{token}")
    assert qr.verify(token, keys=accepted_keys(site, at=before), at=before).site_id == site.pk
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("tail", "kind", "start"),
    [("qr.png", "image/png", b"\x89PNG"), ("qr.svg", "image/svg+xml", b"<?xml")],
)
def test_the_code_comes_as_a_picture_too(api, tail, kind, start):
    site = SiteFactory()

    response = api(make_staff(Role.SITE_MANAGER, site.pk)).get(f"{SITES}{site.pk}/{tail}", HTTP_ACCEPT=kind)

    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert response.content.startswith(start)


@pytest.mark.parametrize("tail", ["qr/", "qr.png", "qr.svg"])
def test_a_kind_of_answer_we_do_not_have_is_not_acceptable(api, tail):
    site = SiteFactory()

    response = api(make_staff(Role.PLATFORM_ADMIN)).get(f"{SITES}{site.pk}/{tail}", HTTP_ACCEPT="text/turtle")

    assert_problem(response, 406, "not_acceptable")


@pytest.mark.parametrize("path", ["", "1/", "1/qr/", "1/qr.png", "1/rotate-key/"])
def test_asking_for_the_options_is_no_server_error(api, path):
    assert api(make_staff(Role.PLATFORM_ADMIN)).options(f"{SITES}{path}").status_code in {200, 404}


@pytest.mark.parametrize("tail", ["qr/", "qr.png", "qr.svg"])
@pytest.mark.parametrize(
    ("role", "scope", "answer"),
    [
        (Role.SITE_MANAGER, 999_999, (404, "not_found")),
        (Role.ORGANIZATION_MANAGER, 999_999, (404, "not_found")),
        (Role.COMMUNITY_STAFF, "51", (404, "not_found")),
        (Role.SUPERVISOR, "52", (403, "forbidden")),
        (Role.STORE_CLERK, 1, (403, "forbidden")),
    ],
)
def test_nobody_else_gets_the_code(api, tail, role, scope, answer):
    site = SiteFactory()

    assert_problem(api(make_staff(role, scope)).get(f"{SITES}{site.pk}/{tail}"), *answer)


def test_a_volunteer_gets_no_code_from_afar(api):
    assert_problem(api(UserFactory()).get(f"{SITES}{SiteFactory().pk}/qr/"), 403, "forbidden")


def test_a_stranger_is_asked_to_log_in(api):
    assert_problem(api(None).get(f"{SITES}{SiteFactory().pk}/qr/"), 401, "not_authenticated")


def test_a_closed_site_has_no_code(api):
    site = SiteFactory(status=SiteStatus.CLOSED)

    assert_problem(
        api(make_staff(Role.SITE_MANAGER, site.pk)).get(f"{SITES}{site.pk}/qr/"), 409, "site_closed"
    )


def test_the_manager_rotates_the_key(api):
    site = SiteFactory()

    response = api(make_staff(Role.SITE_MANAGER, site.pk)).post(f"{SITES}{site.pk}/rotate-key/")

    site.refresh_from_db()
    assert (response.status_code, response.json()["key_version"], site.key_version) == (200, 2, 2)


def test_a_supervisor_only_looks(api):
    site = SiteFactory()

    response = api(make_staff(Role.SUPERVISOR, "52")).post(f"{SITES}{site.pk}/rotate-key/")

    site.refresh_from_db()
    assert_problem(response, 403, "forbidden")
    assert site.key_version == 1


def test_the_names_of_the_addresses_are_stable():
    assert reverse("site-qr", args=[1]) == "/api/v1/sites/1/qr/"
    assert reverse("site-qr-png", args=[1]) == "/api/v1/sites/1/qr.png"
    assert reverse("site-rotate-key", args=[1]) == "/api/v1/sites/1/rotate-key/"
