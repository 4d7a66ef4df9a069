"""New rules over records that stand under the old ones: how many come under them per second."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from backend.accounts.scopes import Role, actor_for
from backend.core.outbox.models import OutboxEvent
from points.revision.models import RevisionRun
from points.revision.services import advance, start_dry_run, start_recompute
from points.revision.states import RunState
from points.scoring.models import Award, RuleSet, RuleSetStatus
from points.scoring.presets import DEFAULT_DOCUMENT, DEFAULT_EFFECTIVE_FROM
from points.scoring.services import award_records, ensure_default_rule_set
from tests.benchmarks import crowd
from tests.factories.accounts import make_staff
from tests.factories.regions import COMMUNITY
from volunteers.people.choices import ServiceCategory
from volunteers.records.models import ServiceRecord

_EACH = 100  # records of one volunteer; one of them differs
_BATCH = 500


def recomputation(*, records: int) -> dict[str, float]:
    """Award records, change the rules so that one in a hundred differs, and bring all under the new ones.

    One process carries the run on, as the worker does; PostgreSQL has the other core.
    """
    people = crowd.volunteers(records // _EACH, prefix="V")
    ensure_default_rule_set(region_code=COMMUNITY, at=timezone.now())
    made = crowd.approved_records(people, each=_EACH, category=ServiceCategory.LEGAL)
    owned = ServiceRecord.objects.filter(volunteer__in=people).order_by("volunteer_id", "pk")
    keys = list(owned.values_list("pk", flat=True))
    for first in range(0, made, _BATCH):
        award_records(record_ids=keys[first : first + _BATCH], at=timezone.now())
    rules = _rules()
    actor = actor_for(make_staff(Role.COMMUNITY_STAFF, COMMUNITY))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE points_award, volunteers_servicerecord, volunteers_attendance")
    today = timezone.localdate()
    tried = _seconds(
        start_dry_run(
            rule_set_id=rules.pk,
            first_day=today - timedelta(days=365),
            last_day=today,
            actor=actor,
            at=timezone.now(),
        )
    )
    run = start_recompute(rule_set_id=rules.pk, actor=actor, at=timezone.now())
    seconds = _seconds(run)
    OutboxEvent.objects.filter(done_at=None).delete()
    moved = Award.objects.filter(rule_set=rules, kind="recompute").count()
    if (moved, run.records_changed) != (made, len(people)):
        raise RuntimeError(f"{moved} of {made} records moved, {run.records_changed} changed")
    return {
        "dry_run_per_s": round(made / tried, 1),
        "recompute_per_s": round(made / seconds, 1),
    }


def _rules() -> RuleSet:
    """The preset, with the last day's kind of service at twice the rate."""
    rate = {
        "when": {"categories": [ServiceCategory.LEGAL]},
        "label": {"zh": "法律服务", "en": "legal"},
        "points": 20,
        "per_minutes": 60,
    }
    return RuleSet.objects.create(
        region_id=COMMUNITY,
        version=2,
        effective_from=DEFAULT_EFFECTIVE_FROM + timedelta(days=1),
        status=RuleSetStatus.ACTIVE,
        document={**DEFAULT_DOCUMENT, "rates": [rate]},
        created_at=timezone.now(),
    )


def _seconds(run: RevisionRun) -> float:
    """Carry a run to its end; how long that took.

    :raises RuntimeError: it failed.
    """
    begun = time.perf_counter()
    while advance(at=timezone.now()):
        pass
    seconds = time.perf_counter() - begun
    run.refresh_from_db()
    if run.state != RunState.DONE:
        raise RuntimeError(f"the run ended as {run.state}: {run.failure}")
    return seconds
