"""Runs over awards."""

from datetime import UTC, date, datetime
from typing import Any

from factory import LazyAttribute, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from points.revision.models import RevisionRun
from points.revision.scope import digest_of
from points.revision.states import RunKind
from tests.factories.accounts import StaffFactory


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
    asked_at = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
    touched_at = SelfAttribute("asked_at")
