"""What the machine around the site sees: health, metrics, headers."""

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client, override_settings

STRICT = (
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_away(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOBODY_LISTENS}}


@pytest.fixture
def database_away():
    """The address of the database leads nowhere; the open connection is put back afterwards."""
    wrapper = connections["default"]
    host = wrapper.settings_dict["HOST"]
    wrapper.close()
    wrapper.settings_dict["HOST"] = "/nowhere"
    yield
    wrapper.close()
    wrapper.settings_dict["HOST"] = host


# --- health ----------------------------------------------------------------------------------------------


def test_a_living_process_says_so_without_touching_anything(client):
    answer = client.get("/health/live")  # this test has no database

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_a_site_with_its_servers_is_ready(client):
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "parts": {"database": "ok", "redis": "ok"}},
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_away")
def test_a_site_without_redis_serves_and_says_what_is_missing(client):
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "degraded", "parts": {"database": "ok", "redis": "down"}},
    )


@pytest.mark.django_db(transaction=True)
def test_a_site_without_its_database_is_not_ready(client, database_away):
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "parts": {"database": "down", "redis": "ok"}},
    )


# --- metrics ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_prometheus_finds_requests_and_the_outbox(client):
    client.get("/health/live")

    text = client.get("/metrics").content.decode()

    assert "django_http_requests_total_by_method_total" in text
    assert "\njishan_outbox_waiting 0.0\n" in text
    assert "\njishan_outbox_dead 0.0\n" in text


# --- headers ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/live", "/api/v1/regions/", "/api/v1/nobody/", "/nobody/", "/"])
def test_every_answer_lets_only_our_own_files_run(client, address):
    answer = client.get(address)

    assert answer["Content-Security-Policy"] == STRICT
    assert answer["Permissions-Policy"] == "geolocation=(self), camera=(self), microphone=()"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/login/", "/api/docs/"])
def test_the_back_office_may_style_inline_and_still_loads_nothing_from_elsewhere(client, address):
    policy = client.get(address)["Content-Security-Policy"]

    assert "http" not in policy
    assert policy.startswith("default-src 'self'; ")
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy


@pytest.mark.django_db
def test_the_page_of_the_api_works_offline(client):
    page = client.get("/api/docs/").content.decode()

    assert "https://" not in page
    assert "http://" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/login/", "/admin/login/", "/nobody/"])
def test_no_page_asks_a_third_party_for_anything(client, address):
    page = client.get(address).content.decode().replace("http://www.w3.org/", "")

    assert [
        part for part in ('src="http', 'href="http', 'src="//', "url(http", "@import") if part in page
    ] == []


@pytest.mark.django_db
def test_the_api_answers_rubbish_hosts_in_production_with_a_problem():
    client = Client(raise_request_exception=False)

    with override_settings(ALLOWED_HOSTS=["jishan.example"]):
        answer = client.get("/api/v1/regions/", headers={"Host": "evil.example"})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_debug_is_never_on():
    assert settings.DEBUG is False
