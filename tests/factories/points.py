"""Runs over awards."""

from datetime import UTC, date, datetime
from typing import Any

from factory import LazyAttribute, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from points.revision.models import RevisionRun
from points.revision.scope import digest_of
from points.revision.states import RunKind, RunState
from points.scoring.models import RuleSet
from tests.factories.accounts import StaffFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.choices import ServiceCategory

ASKED = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


class RevisionRunFactory(DjangoModelFactory[RevisionRun]):
    """A dry run that waits; name its `to_rule_set`."""

    class Meta:
        model = RevisionRun

    kind = RunKind.DRY_RUN
    region = SelfAttribute("to_rule_set.region")
    first_day = date(2026, 1, 1)
    last_day: Any = date(2026, 12, 31)
    digest = LazyAttribute(lambda made: digest_of(made.to_rule_set.document))
    asked_by = SubFactory(StaffFactory)
    asked_at = ASKED
    touched_at = SelfAttribute("asked_at")


def finished_dry_run(rule_set: RuleSet, *, people: int) -> RevisionRun:
    """Make a dry run that has found something in every category, and so many people it changes most for."""
    figures = {"records": 9, "changed": 4, "before": 90, "after": 100}
    found = {
        "before": 900,
        "after": 1000,
        "people": {"up": 18, "down": 1, "same": 1},
        "categories": dict.fromkeys(ServiceCategory.values, figures),
        "largest": [
            {"volunteer": volunteer.pk, "before": 10, "after": 20}
            for volunteer in VolunteerFactory.create_batch(people)
        ],
    }
    made: RevisionRun = RevisionRunFactory.create(
        to_rule_set=rule_set, state=RunState.DONE, finished_at=ASKED, result=found
    )
    return made
