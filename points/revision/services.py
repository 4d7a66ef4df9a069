"""Dry runs and recomputations: asked for by people, carried on chunk by chunk by workers.

A chunk and the place it leads to are one transaction, so a run that was stopped, whose worker was killed or
whose server fell over goes on with the first volunteer who is not done. Nothing of it lives in the queue.
"""

from __future__ import annotations

from datetime import date, datetime

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from backend.accounts.scopes import Actor
from backend.core import audit, outbox
from backend.core.errors import Forbidden, NotFound
from backend.regions.codes import prefix_of
from backend.regions.models import Region
from points.revision import queries, tally
from points.revision.errors import (
    RevisionAlreadyRunning,
    RevisionMoveRefused,
    RevisionNeedsDryRun,
    RevisionNotInForce,
    RevisionPeriodInvalid,
    RevisionRegionOutside,
    RevisionRulesChanged,
)
from points.revision.models import RevisionRun
from points.revision.recomputing import recompute
from points.revision.scope import Scope, digest_of, scope_of
from points.revision.states import LIVE, MOVES, RunKind, RunState
from points.revision.trying import compare
from points.scoring import queries as scoring
from points.scoring.models import RuleSet, RuleSetStatus

log = structlog.get_logger(__name__)

MOST_YEARS = 10
_DAYS_A_YEAR = 366


def start_dry_run(
    *,
    rule_set_id: int,
    first_day: date,
    last_day: date,
    actor: Actor,
    at: datetime,
    from_rule_set_id: int | None = None,
    region_code: str = "",
) -> RevisionRun:
    """Ask what these rules would have given in a region and a period, beside other rules or what was given.

    Without a region it is that of the rules. Nothing but the result is written.

    :raises Forbidden: the actor makes no rules anywhere.
    :raises NotFound: the rules, the others or the region are not theirs.
    :raises RevisionRegionOutside: the rules could not hold there.
    :raises RevisionPeriodInvalid: the period ends before it begins, or is too long.
    :raises RevisionAlreadyRunning: the same run is not over.
    """
    rule_set = _rules_for(actor, rule_set_id)
    other = None if from_rule_set_id is None else _rules_for(actor, from_rule_set_id)
    region = _region(region_code or rule_set.region_id, rule_set, actor)
    if not first_day <= last_day or (last_day - first_day).days > MOST_YEARS * _DAYS_A_YEAR:
        raise RevisionPeriodInvalid(field="last_day", years=MOST_YEARS)
    return _begin(
        RevisionRun(
            kind=RunKind.DRY_RUN,
            to_rule_set=rule_set,
            from_rule_set=other,
            region=region,
            first_day=first_day,
            last_day=last_day,
        ),
        actor,
        at,
    )


def start_recompute(*, rule_set_id: int, actor: Actor, at: datetime) -> RevisionRun:
    """Bring every award these rules govern now under them, posting only differences.

    Rules in force were reviewed by a second person; here it is enough that somebody has seen a dry run.

    :raises Forbidden: the actor makes no rules anywhere.
    :raises NotFound: the rules are not of their regions.
    :raises RevisionNotInForce: the rules are not active.
    :raises RevisionNeedsDryRun: no finished dry run of exactly these rules.
    :raises RevisionAlreadyRunning: one is not over.
    """
    rule_set = _rules_for(actor, rule_set_id)
    region = _region(rule_set.region_id, rule_set, actor)
    if rule_set.status != RuleSetStatus.ACTIVE:
        raise RevisionNotInForce
    if queries.dry_run_of(rule_set) is None:
        raise RevisionNeedsDryRun
    return _begin(
        RevisionRun(
            kind=RunKind.RECOMPUTE,
            to_rule_set=rule_set,
            region=region,
            first_day=rule_set.effective_from,
        ),
        actor,
        at,
    )


def cancel(*, run_id: int, actor: Actor, at: datetime) -> RevisionRun:
    """Stop a run after the chunk it is at; what a recomputation has posted stays and is right.

    :raises NotFound: no such run in the actor's regions.
    :raises RevisionMoveRefused: it is over.
    """
    return _moved(run_id, RunState.CANCELLED, actor, at)


def resume(*, run_id: int, actor: Actor, at: datetime) -> RevisionRun:
    """Let a run that was stopped or failed go on from where it was.

    :raises NotFound: no such run in the actor's regions.
    :raises RevisionMoveRefused: it was not stopped.
    :raises RevisionAlreadyRunning: the same was asked for again meanwhile.
    """
    return _moved(run_id, RunState.QUEUED, actor, at)


def advance(*, at: datetime, interrupts: tuple[type[Exception], ...] = ()) -> bool:
    """Do one chunk of the run that waits longest; whether there was one.

    A run another worker is at is passed over. Whatever goes wrong in a chunk undoes the chunk and stops the
    run where an operator sees it, unless the database itself went away or the worker is told to stop
    (`interrupts`): then nothing of the chunk has happened, and it is done again.
    """
    not_its_fault: tuple[type[Exception], ...] = (OperationalError, InterfaceError, *interrupts)
    with transaction.atomic():
        waiting = RevisionRun.objects.filter(state__in=LIVE).order_by("touched_at", "pk")
        run = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if run is None:
            return False
        try:
            with transaction.atomic():
                _step(run, at)
                connection.check_constraints()  # what is asked at commit is asked here, or it would be lost
        except not_its_fault:
            raise
        except Exception as error:
            log.exception("revision_failed", run_id=run.pk, error=type(error).__name__)
            run.refresh_from_db()
            run.state, run.failure, run.touched_at = RunState.FAILED, type(error).__name__, at
            run.save(update_fields=["state", "failure", "touched_at"])
    return True


def _step(run: RevisionRun, at: datetime) -> None:
    rule_set = run.to_rule_set
    if digest_of(rule_set.document) != run.digest:
        raise RevisionRulesChanged
    scope = scope_of(run)
    volunteers, records = scope.chunk(after=run.cursor)
    run.started_at = run.started_at or at
    run.touched_at = at
    if volunteers:
        run.state = RunState.RUNNING
        run.cursor = volunteers[-1]
        run.records_done += records
        _do(run, volunteers, scope, at)
    else:
        run.state, run.finished_at = RunState.DONE, at
        if run.kind == RunKind.DRY_RUN:
            run.result = tally.added(run.result, ())
    run.save()


def _do(run: RevisionRun, volunteers: list[int], scope: Scope, at: datetime) -> None:
    rules = scoring.rules_of(run.to_rule_set)
    if run.kind == RunKind.RECOMPUTE:
        run.records_changed += recompute(
            volunteers=volunteers, scope=scope, rule_set=run.to_rule_set, rules=rules, at=at
        )
        return
    before = None if run.from_rule_set is None else scoring.rules_of(run.from_rule_set)
    compared = compare(volunteers=volunteers, scope=scope, before=before, after=rules)
    run.result = tally.added(run.result, compared)
    run.records_changed = run.result["changed"]


def _begin(run: RevisionRun, actor: Actor, at: datetime) -> RevisionRun:
    run.digest = digest_of(run.to_rule_set.document)
    run.asked_by_id, run.asked_at, run.touched_at = actor.user_id, at, at
    with transaction.atomic():
        _refuse_twice(run)
        run.records_total = scope_of(run).records().count()
        run.save(force_insert=True)
        audit.record(actor=actor, action=f"revision.{run.kind}", target=run, at=at)
        outbox.emit(topic="revision.due", key=f"revision:{run.pk}", payload={"run_id": run.pk}, at=at)
    return run


def _refuse_twice(run: RevisionRun) -> None:
    same = RevisionRun.objects.filter(
        kind=run.kind,
        to_rule_set=run.to_rule_set,
        from_rule_set=run.from_rule_set,
        region=run.region,
        first_day=run.first_day,
        last_day=run.last_day,
        state__in=LIVE,
    )
    if same.exists():
        raise RevisionAlreadyRunning


def _moved(run_id: int, state: RunState, actor: Actor, at: datetime) -> RevisionRun:
    if not actor.has(*scoring.WRITERS):
        raise Forbidden
    with transaction.atomic():
        run = RevisionRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
        if run is None or not _reaches(actor, run.region_id):
            raise NotFound
        if (run.state, state) not in MOVES:
            raise RevisionMoveRefused(state=run.get_state_display())
        if state == RunState.QUEUED:
            _refuse_twice(run)
            outbox.emit(topic="revision.due", key=f"revision:{run.pk}", payload={"run_id": run.pk}, at=at)
        run.state, run.failure, run.touched_at = state, "", at
        run.save(update_fields=["state", "failure", "touched_at"])
        audit.record(actor=actor, action=f"revision.{state}", target=run, at=at)
    return run


def _rules_for(actor: Actor, rule_set_id: int) -> RuleSet:
    if not actor.has(*scoring.WRITERS):
        raise Forbidden
    rule_set = scoring.visible_to(actor).filter(pk=rule_set_id).first()
    if rule_set is None:
        raise NotFound
    return rule_set


def _region(code: str, rule_set: RuleSet, actor: Actor) -> Region:
    region = Region.objects.filter(code=code).first()
    if region is None or not _reaches(actor, region.code):
        raise NotFound
    if not region.code.startswith(prefix_of(rule_set.region_id)):
        raise RevisionRegionOutside(field="region")
    return region


def _reaches(actor: Actor, region_code: str) -> bool:
    return any(region_code.startswith(prefix) for prefix in actor.regions(*scoring.WRITERS))
