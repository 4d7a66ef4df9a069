"""What a scan costs the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories.attendance import code_of, make_place
from volunteers.attendance.policies import policy_for

pytestmark = pytest.mark.django_db

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def statements(queries):
    return [query["sql"] for query in queries if not query["sql"].startswith(TRANSACTION)]


@pytest.fixture
def check(api):
    """`check(intent, place)` scans through the API and returns the statements it took."""

    def scan(intent, place):
        platform_policy_is_known()
        site = place.shift.activity.site
        client = api(place.volunteer.user)
        body = {
            "token": code_of(site, timezone.now()),
            "intent": intent,
            "nonce": f"{intent}-{place.pk}",
            "device": "phone",
            "location": {"lat": site.latitude, "lng": site.longitude, "accuracy_m": 20},
        }
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/api/v1/scans/", body)
        assert answer.data["result"] == "accepted"
        return statements(queries)

    return scan


def platform_policy_is_known():
    """Read the policies, which every process does once in half a minute."""
    policy_for(region_code="520102000000", organization_id=None, when=timezone.now())


@pytest.fixture
def place():
    return make_place(starts_at=timezone.now() + timedelta(minutes=5))


def test_an_accepted_check_in_takes_four_statements_with_the_callers_own(check, place):
    made = check("in", place)

    assert [statement.split(maxsplit=1)[0] for statement in made] == [
        "SELECT",
        "SELECT",
        "SELECT",
        "WITH",
    ]
    assert '"accounts_user"' in made[0]
    assert "FOR NO KEY UPDATE" in made[1]


def test_a_check_out_takes_six(check, place):
    check("in", place)

    assert len(check("out", place)) == 6


def test_a_busy_day_costs_a_check_in_nothing_more(check, place):
    for number in range(5):
        make_place(
            starts_at=place.shift.starts_at + timedelta(hours=4 * number),
            activity__site=place.shift.activity.site,
            activity__walk_in_allowed=True,
        )

    assert len(check("in", place)) == 4
