"""What every other test stands on."""

import urllib.request

import pytest
from django.db import connection, transaction

from backend.core import outbox
from backend.core.outbox.models import OutboxEvent
from tests import servers
from tests.factories.accounts import UserFactory


@pytest.mark.django_db
def test_a_client_carries_its_users_token(api):
    user = UserFactory.create()

    assert api(user).get("/api/v1/auth/me/").status_code == 200


def test_a_client_of_nobody_is_anonymous(api):
    assert api(None).get("/api/v1/auth/me/").status_code == 401


def test_now_does_not_move(now):
    assert now.isoformat() == "2026-09-15T02:00:00+00:00"


def test_valkey_is_empty_at_the_start_of_a_test(valkey):
    assert valkey.dbsize() == 0


def test_the_live_site_answers(live):
    with urllib.request.urlopen(f"{live}/health/live") as answer:  # noqa: S310 – the site of this process
        assert answer.status == 200


@pytest.mark.django_db(transaction=True)
def test_the_worker_works_on_this_tests_rows(celery_worker, until, now):
    with transaction.atomic():
        outbox.emit(topic="board.changed", key="board:donors", payload={"board": "donors"}, at=now)

    until(lambda: OutboxEvent.objects.get().done_at is not None)


@pytest.mark.django_db
def test_a_subprocess_is_told_of_the_test_database(test_database_url):
    assert f"/{connection.settings_dict['NAME']}?" in test_database_url


def test_each_test_process_has_its_own_valkey_database():
    environ = {
        "PYTEST_XDIST_WORKER": "gw3",
        "JISHAN_TEST_SERVERS": "1",
        "DATABASE_URL": "postgres://x",
        "REDIS_URL": "redis://127.0.0.1:1234/0",
    }

    assert (servers.claim(environ), environ["REDIS_URL"]) == (None, "redis://127.0.0.1:1234/4")


def test_servers_somebody_provides_are_used():
    environ = {"DATABASE_URL": "postgres://x", "REDIS_URL": "redis://127.0.0.1:1234/0"}

    assert (servers.claim(environ), environ["DATABASE_URL"]) == (None, "postgres://x")
