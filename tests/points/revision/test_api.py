"""Dry runs and recomputations through the API."""

import pytest

from backend.accounts.scopes import Role
from points.revision.models import RevisionRun
from tests.factories.accounts import make_staff
from tests.factories.ledger import default_rules, serve
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import TWELVE, award, finish, newer_rules

pytestmark = pytest.mark.django_db

YEAR = {"first_day": "2026-01-01", "last_day": "2026-12-31"}


@pytest.fixture
def rules(now):
    default_rules()
    award(serve(volunteer=VolunteerFactory(number="118273640551")), at=now)
    return newer_rules(base=TWELVE)


@pytest.fixture
def staff(api):
    return api(make_staff(Role.COMMUNITY_STAFF, "5201"))


def test_a_dry_run_is_asked_for_watched_and_read(staff, rules, now):
    answer = staff.post(f"/api/v1/points/rule-sets/{rules.pk}/dry-runs/", YEAR, format="json")
    run = answer.json()
    assert (answer.status_code, run["state"], run["percent"], run["result"]) == (201, "queued", 0, {})

    finish(RevisionRun.objects.get(), at=now)
    run = staff.get(f"/api/v1/points/revisions/{run['id']}/").json()

    assert (run["state"], run["percent"], run["records_changed"]) == ("done", 100, 1)
    assert (run["result"]["before"], run["result"]["after"]) == (25, 30)
    assert run["result"]["largest"] == [{"number": "1182****0551", "before": 25, "after": 30}]


def test_a_recomputation_is_asked_for_stopped_and_continued(staff, rules, now):
    staff.post(f"/api/v1/points/rule-sets/{rules.pk}/dry-runs/", YEAR, format="json")
    finish(RevisionRun.objects.get(), at=now)

    run = staff.post(f"/api/v1/points/rule-sets/{rules.pk}/recompute/").json()
    assert (run["kind"], run["first_day"], run["last_day"]) == ("recompute", "2026-09-01", None)
    stopped = staff.post(f"/api/v1/points/revisions/{run['id']}/cancel/").json()
    going = staff.post(f"/api/v1/points/revisions/{run['id']}/resume/").json()
    assert (stopped["state"], going["state"]) == ("cancelled", "queued")

    refused = staff.post(f"/api/v1/points/revisions/{run['id']}/resume/")
    assert (refused.status_code, refused.json()["code"]) == (409, "revision_move_refused")


def test_without_a_dry_run_it_is_refused(staff, rules):
    answer = staff.post(f"/api/v1/points/rule-sets/{rules.pk}/recompute/")

    assert (answer.status_code, answer.json()["code"]) == (409, "revision_needs_dry_run")


def test_one_key_starts_one_run(staff, rules):
    address = f"/api/v1/points/rule-sets/{rules.pk}/dry-runs/"

    answers = [staff.post(address, YEAR, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert RevisionRun.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"first_day": "x", "last_day": "2026-12-31"},
        {"first_day": "2026-12-31", "last_day": "2026-01-01"},
        {**YEAR, "region": "x"},
        {**YEAR, "compare_with": "x"},
        {**YEAR, "compare_with": 0},
        {**YEAR, "compare_with": 2**70},
        {"first_day": "0001-01-01", "last_day": "9999-12-31"},
    ],
)
def test_bad_input_is_refused(staff, rules, body):
    answer = staff.post(f"/api/v1/points/rule-sets/{rules.pk}/dry-runs/", body, format="json")

    assert answer.status_code == 400
    assert RevisionRun.objects.count() == 0
