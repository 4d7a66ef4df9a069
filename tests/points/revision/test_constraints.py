"""What PostgreSQL refuses about runs."""

from datetime import date

import pytest

from points.revision.models import RevisionRun
from tests.factories.database import refused_by
from tests.factories.points import RevisionRunFactory
from tests.points.revision.runs import newer_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return RevisionRunFactory(to_rule_set=newer_rules())


def change(run, **fields):
    RevisionRun.objects.filter(pk=run.pk).update(**fields)


@pytest.mark.parametrize(
    "fields",
    [{"kind": "recompute"}, {"first_day": date(2026, 2, 1)}, {"digest": "0" * 64}, {"cursor": -1}],
)
def test_what_was_asked_stays_and_a_run_never_goes_back(run, fields):
    with refused_by("revision_is_a_fact"):
        change(run, **fields)


def test_what_was_found_stays(run, now):
    change(run, state="done", finished_at=now, result={"before": 1})

    with refused_by("revision_is_a_fact"):
        change(run, result={"before": 2})


@pytest.mark.parametrize("state", ["queued", "running", "cancelled", "failed"])
def test_a_run_that_is_over_stays_over(run, now, state):
    change(run, state="done", finished_at=now)

    with refused_by("revision_state_moves"):
        change(run, state=state, finished_at=None)


def test_a_run_is_kept(run):
    with refused_by("revision_kept"):
        RevisionRun.objects.all()._raw_delete("default")


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({}, "revision_live_once"),
        ({"kind": "audit"}, "revision_kind_known"),
        ({"state": "lost"}, "revision_state_known"),
        ({"last_day": date(2025, 1, 1)}, "revision_period_ordered"),
        ({"state": "done"}, "revision_done_has_a_time"),
    ],
)
def test_the_database_knows_what_a_run_is(run, fields, constraint):
    with refused_by(constraint):
        RevisionRunFactory(to_rule_set=run.to_rule_set, **fields)
