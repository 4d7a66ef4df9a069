"""Runs are asked for by those who may, go on chunk by chunk, and stop and go on again."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry, OutboxEvent
from points.ledger.models import Transfer
from points.revision import services
from points.revision.errors import (
    RevisionAlreadyRunning,
    RevisionMoveRefused,
    RevisionNeedsDryRun,
    RevisionNotInForce,
    RevisionPeriodInvalid,
    RevisionRegionOutside,
)
from points.revision.models import RevisionRun
from points.revision.services import advance, cancel, resume, start_dry_run, start_recompute
from points.scoring.models import Award
from tests.factories.accounts import make_actor
from tests.factories.ledger import default_rules, serve
from tests.factories.regions import COMMUNITY, GUIYANG, make_path
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import (
    SIX,
    TWELVE,
    YEAR,
    award,
    dry_run,
    finish,
    newer_rules,
    points_of,
    recomputed,
    staff,
)

pytestmark = pytest.mark.django_db

PERIOD = dict(zip(("first_day", "last_day"), YEAR, strict=True))


@pytest.fixture
def records(now):
    """One record of each of three volunteers, 25 points each."""
    default_rules()
    made = [serve(volunteer=volunteer) for volunteer in VolunteerFactory.create_batch(3)]
    award(*made, at=now)
    return made


@pytest.fixture
def one_at_a_time(monkeypatch):
    monkeypatch.setattr("points.revision.scope.MOST_VOLUNTEERS", 1)


@pytest.fixture
def rules():
    return newer_rules(base=TWELVE)


def asked(rule_set, now, **more):
    return start_dry_run(**{"rule_set_id": rule_set.pk, "actor": staff(), "at": now, **PERIOD, **more})


# --- dry runs ---


def test_a_dry_run_adds_up_and_writes_nothing_else(records, rules, now):
    poor = serve(20, volunteer=records[0].volunteer, day=date(2026, 9, 13))
    award(poor, at=now)
    before = (Award.objects.count(), Transfer.objects.count())

    run = dry_run(rules, at=now)

    result = run.result
    assert (run.state, run.finished_at, run.percent) == ("done", now, 100)
    assert (result["before"], result["after"]) == (75, 90)
    assert (result["records"], result["changed"]) == (4, 3)
    assert result["people"] == {"up": 3, "down": 0, "same": 0}
    (figures,) = result["categories"].values()
    assert figures == {"records": 4, "changed": 3, "before": 75, "after": 90}
    assert result["largest"][0] == {"volunteer": records[0].volunteer_id, "before": 25, "after": 30}
    assert (Award.objects.count(), Transfer.objects.count()) == before


def test_rules_that_are_no_more_than_a_draft_can_be_tried_beside_others(records, now):
    draft = newer_rules(2, status="draft", base=SIX)
    dearer = newer_rules(3, base=TWELVE)

    result = dry_run(draft, at=now, from_rule_set_id=dearer.pk).result

    assert (result["before"], result["after"]) == (90, 45)
    assert result["people"]["down"] == 3


def test_only_records_of_the_period_and_the_region_count(records, rules, now):
    outside = serve(day=date(2026, 6, 1))
    award(outside, at=now)
    community = make_path(COMMUNITY)

    assert dry_run(rules, at=now, first_day=date(2026, 9, 1)).result["records"] == 3
    assert dry_run(rules, at=now, region_code=community.code).result["records"] == 4
    newer_rules(1, region_code=COMMUNITY, base=SIX, effective_from=date(2026, 9, 1))
    assert dry_run(rules, at=now).result["records"] == 1


def test_a_dry_run_of_nothing_says_so(rules, now):
    run = dry_run(rules, at=now)

    assert (run.state, run.result["records"], run.result["largest"]) == ("done", 0, [])


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"first_day": date(2027, 1, 1)}, RevisionPeriodInvalid),
        ({"first_day": date(1990, 1, 1)}, RevisionPeriodInvalid),
        ({"region_code": "510100000000"}, NotFound),
        ({"region_code": "x"}, NotFound),
        ({"rule_set_id": 0}, NotFound),
        ({"from_rule_set_id": 0}, NotFound),
    ],
)
def test_what_makes_no_sense_is_refused(rules, now, more, refusal):
    with pytest.raises(refusal):
        asked(rules, now, **more)
    assert RevisionRun.objects.count() == 0


def test_rules_of_a_community_are_not_tried_on_the_city(now):
    make_path(COMMUNITY)
    own = newer_rules(1, region_code=COMMUNITY)

    with pytest.raises(RevisionRegionOutside):
        asked(own, now, region_code=GUIYANG)


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SUPERVISOR, "5201", Forbidden),
        (Role.SITE_MANAGER, 1, Forbidden),
        (Role.COMMUNITY_STAFF, "5101", NotFound),
    ],
)
def test_others_start_nothing(rules, now, role, scope, refusal):
    actor = make_actor(role, scope)

    with pytest.raises(refusal):
        asked(rules, now, actor=actor)
    with pytest.raises(refusal):
        start_recompute(rule_set_id=rules.pk, actor=actor, at=now)
    assert RevisionRun.objects.count() == 0


def test_the_same_is_not_asked_for_twice_at_once(records, rules, now):
    asked(rules, now)

    with pytest.raises(RevisionAlreadyRunning):
        asked(rules, now)
    assert RevisionRun.objects.count() == 1


# --- recomputing ---


def test_a_recomputation_needs_a_finished_dry_run_of_exactly_these_rules(records, rules, now):
    actor = staff()
    asked(rules, now)

    with pytest.raises(RevisionNeedsDryRun):
        start_recompute(rule_set_id=rules.pk, actor=actor, at=now)


def test_a_dry_run_of_a_draft_that_was_changed_since_does_not_count(records, now):
    rules = newer_rules(status="draft", base=SIX)
    dry_run(rules, at=now)
    rules.document = {**rules.document, "base": TWELVE}
    rules.status = "active"
    rules.reviewed_by = None
    type(rules).objects.filter(pk=rules.pk).update(document=rules.document)
    for status in ("reviewed", "active"):
        type(rules).objects.filter(pk=rules.pk).update(status=status)

    with pytest.raises(RevisionNeedsDryRun):
        start_recompute(rule_set_id=rules.pk, actor=staff(), at=now)


def test_only_rules_in_force_recompute(records, now):
    draft = newer_rules(status="draft", base=SIX)
    dry_run(draft, at=now)

    with pytest.raises(RevisionNotInForce):
        start_recompute(rule_set_id=draft.pk, actor=staff(), at=now)


def test_who_asked_is_kept_and_a_worker_is_told(records, rules, now):
    run = asked(rules, now)

    assert AuditEntry.objects.latest("pk").action == "revision.dry_run"
    event = OutboxEvent.objects.get(topic="revision.due")
    assert (event.key, event.payload) == (f"revision:{run.pk}", {"run_id": run.pk})


# --- stopping and going on ---


def recomputing(rules, now):
    actor = staff()
    dry_run(rules, at=now, actor=actor)
    return start_recompute(rule_set_id=rules.pk, actor=actor, at=now)


def test_a_stopped_run_goes_on_where_it_was(records, rules, now, one_at_a_time):
    run = recomputing(rules, now)
    advance(at=now)

    cancel(run_id=run.pk, actor=staff(), at=now)
    assert advance(at=now) is False
    assert points_of(records) == [30, 25, 25]

    resume(run_id=run.pk, actor=staff(), at=now)
    run = finish(run, at=now + timedelta(hours=1))
    assert (run.state, run.records_done, run.records_changed) == ("done", 3, 3)
    assert points_of(records) == [30, 30, 30]


def test_what_is_over_is_neither_stopped_nor_continued(records, rules, now):
    run = recomputed(rules, at=now)

    with pytest.raises(RevisionMoveRefused):
        cancel(run_id=run.pk, actor=staff(), at=now)
    with pytest.raises(RevisionMoveRefused):
        resume(run_id=run.pk, actor=staff(), at=now)


def test_a_stopped_run_does_not_go_on_beside_the_same(records, rules, now):
    stopped = asked(rules, now)
    cancel(run_id=stopped.pk, actor=staff(), at=now)
    asked(rules, now)

    with pytest.raises(RevisionAlreadyRunning):
        resume(run_id=stopped.pk, actor=staff(), at=now)


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [(Role.SUPERVISOR, "5201", Forbidden), (Role.COMMUNITY_STAFF, "5101", NotFound)],
)
def test_others_stop_nothing(rules, now, role, scope, refusal):
    run = asked(rules, now)

    with pytest.raises(refusal):
        cancel(run_id=run.pk, actor=make_actor(role, scope), at=now)
    run.refresh_from_db()
    assert run.state == "queued"


@pytest.mark.parametrize("error", [OperationalError("gone"), KeyboardInterrupt()])
@pytest.mark.usefixtures("one_at_a_time")
def test_a_killed_worker_loses_a_chunk_and_no_more(records, rules, now, monkeypatch, error):
    run = recomputing(rules, now)
    advance(at=now)
    real = services.recompute

    def killed(**chunk):
        real(**chunk)
        raise error

    monkeypatch.setattr(services, "recompute", killed)
    with pytest.raises(type(error)):
        advance(at=now)
    run.refresh_from_db()
    assert (run.state, run.records_done) == ("running", 1)
    assert points_of(records) == [30, 25, 25]

    monkeypatch.setattr(services, "recompute", real)
    assert finish(run, at=now).records_changed == 3
    assert points_of(records) == [30, 30, 30]


def test_a_chunk_that_cannot_be_done_stops_the_run_visibly(records, rules, now, one_at_a_time, monkeypatch):
    run = recomputing(rules, now)
    advance(at=now)
    real = services.recompute

    def broken(**chunk):
        real(**chunk)
        raise ValueError

    monkeypatch.setattr(services, "recompute", broken)
    run = finish(run, at=now)
    assert (run.state, run.failure, run.records_done) == ("failed", "ValueError", 1)
    assert points_of(records) == [30, 25, 25]

    monkeypatch.setattr(services, "recompute", real)
    resume(run_id=run.pk, actor=staff(), at=now)
    run = finish(run, at=now)
    assert (run.state, run.failure) == ("done", "")
    assert points_of(records) == [30, 30, 30]


def test_a_worker_told_to_stop_undoes_its_chunk_and_blames_nobody(records, rules, now, monkeypatch):
    run = recomputing(rules, now)

    def told(**chunk):
        raise TimeoutError

    monkeypatch.setattr(services, "recompute", told)
    with pytest.raises(TimeoutError):
        advance(at=now, interrupts=(TimeoutError,))
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_draft_changed_under_a_dry_run_stops_it(records, now, one_at_a_time):
    draft = newer_rules(status="draft", base=SIX)
    run = asked(draft, now)
    advance(at=now)
    type(draft).objects.filter(pk=draft.pk).update(document={**draft.document, "base": TWELVE})

    run = finish(run, at=now)

    assert (run.state, run.failure) == ("failed", "RevisionRulesChanged")


def test_runs_take_turns(records, rules, now, one_at_a_time):
    first, second = asked(rules, now), asked(rules, now, first_day=date(2026, 9, 1))
    for number in range(2):
        advance(at=now + timedelta(seconds=number + 1))
    done = RevisionRun.objects.order_by("pk").values_list("records_done", flat=True)

    assert list(done) == [1, 1]
    assert {first.state, second.state} == {"queued"}
