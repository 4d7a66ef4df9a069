"""Events and their effects, over the real table of handlers."""

import ast

import pytest
from django.db import transaction
from redis.exceptions import RedisError

from backend.accounts.scopes import Role
from backend.core import outbox
from backend.core.models import OutboxEvent
from points.ledger import queries
from points.ledger.models import Transfer
from points.models import HoursTotal
from points.scoring.models import Award
from tests.architecture.sources import python_files
from tests.factories.accounts import make_actor
from tests.factories.ledger import account, default_rules, serve, take_back
from tests.factories.regions import RegionFactory
from tests.factories.tickets import ObjectionFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.records.objections import dismiss
from workers import handlers
from workers.handlers import HANDLERS

pytestmark = pytest.mark.django_db

CHENGDU = "510104000000"


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def rules():
    return default_rules()


def report(topic, at, **payload: int):
    with transaction.atomic():
        outbox.emit(topic=topic, key="test", payload=payload, at=at)


def drain(at):
    while outbox.drain(handlers=HANDLERS, at=at):
        pass


def test_an_approved_record_becomes_points_and_hours_on_the_board(zhang, rules, now):
    record = serve(volunteer=zhang)
    report("record.approved", now, record_id=record.pk)

    drain(now)

    assert queries.balance(zhang, at=now).available == 25
    assert HoursTotal.objects.get(volunteer=zhang, period="all").minutes == 150


def test_a_run_that_is_asked_for_is_left_to_a_task_of_its_own(
    zhang, rules, now, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(handlers.current_app, "send_task", lambda name, **_: sent.append(name))

    with django_capture_on_commit_callbacks(execute=True):
        handlers.HANDLERS["revision.due"]([{"run_id": 1}], at=now)

    assert sent == ["workers.go_on_with_revisions"]


@pytest.mark.parametrize("error", [ConnectionError, RedisError])
def test_without_a_broker_the_clock_finds_the_run(monkeypatch, error):
    asked = []

    def refuse(name, **_):
        asked.append(name)
        raise error

    monkeypatch.setattr(handlers.current_app, "send_task", refuse)

    handlers.start_revisions()

    assert asked == ["workers.go_on_with_revisions"]


def test_an_event_delivered_twice_awards_once(zhang, rules, now):
    record = serve(volunteer=zhang)
    report("record.approved", now, record_id=record.pk)
    drain(now)
    OutboxEvent.objects.update(done_at=None)
    report("record.approved", now, record_id=record.pk)

    drain(now)

    assert not OutboxEvent.objects.filter(done_at=None).exists()
    assert Award.objects.count() == 1
    assert account(zhang).balance == 25
    assert HoursTotal.objects.get(volunteer=zhang, period="all").minutes == 150


def test_a_reversed_record_loses_points_and_hours(zhang, rules, now):
    record = serve(volunteer=zhang)
    report("record.approved", now, record_id=record.pk)
    drain(now)
    reversal = take_back(record)
    report("record.reversed", now, record_id=record.pk, reversal_id=reversal.pk)

    drain(now)

    assert account(zhang).balance == 0
    assert HoursTotal.objects.get(volunteer=zhang, period="all").minutes == 0


def test_a_contested_record_leaves_the_board_and_comes_back_with_its_points(zhang, rules, now):
    record = serve(volunteer=zhang)
    objection = ObjectionFactory(attendance=record.attendance, record=record)
    for topic in ("record.approved", "record.contested"):
        report(topic, now, record_id=record.pk)
    drain(now)
    hours = HoursTotal.objects.filter(volunteer=zhang, period="all")
    meanwhile = (account(zhang).balance, hours.get().minutes)

    staff = make_actor(Role.COMMUNITY_STAFF, "5201")
    dismiss(objection_id=objection.pk, actor=staff, reason="在场", at=now)
    drain(now)

    assert meanwhile == (0, 0)
    assert (account(zhang).balance, HoursTotal.objects.get(volunteer=zhang, period="all").minutes) == (
        25,
        150,
    )


def test_approval_and_reversal_in_one_batch_leave_nothing(zhang, rules, now):
    record = serve(volunteer=zhang)
    report("record.approved", now, record_id=record.pk)
    report("record.reversed", now, record_id=record.pk, reversal_id=take_back(record).pk)

    drain(now)

    assert OutboxEvent.objects.filter(done_at=None).count() == 0
    assert sum(Award.objects.values_list("points", flat=True)) == 0


def test_one_record_without_rules_does_not_hold_up_the_others(zhang, rules, now):
    lost = serve(region=RegionFactory(code=CHENGDU))
    for record in (lost, serve(volunteer=zhang)):
        report("record.approved", now, record_id=record.pk)

    drain(now)

    waiting = OutboxEvent.objects.get(done_at=None)
    assert (waiting.payload, waiting.attempts, waiting.dead) == ({"record_id": lost.pk}, 1, False)
    assert waiting.due_at > now
    assert waiting.last_error.startswith("RuleSetMissing")
    assert account(zhang).balance == 25
    assert Transfer.objects.count() == 1


def test_a_record_without_rules_is_given_up_visibly_and_awarded_once_there_are_some(now, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 2
    record = serve(region=RegionFactory(code=CHENGDU))
    report("record.approved", now, record_id=record.pk)
    for _ in range(2):
        drain(OutboxEvent.objects.get().due_at)
    dead = OutboxEvent.objects.get()
    assert (dead.dead, dead.attempts) == (True, 2)

    default_rules(CHENGDU)
    outbox.services.retry_dead(event_ids=[dead.pk], at=now)
    drain(now)

    assert account(record.volunteer).balance == 25


def test_every_topic_that_is_emitted_has_a_handler():
    emitted = {
        keyword.value.value
        for path in python_files(tests=False)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "emit"
        for keyword in node.keywords
        if keyword.arg == "topic" and isinstance(keyword.value, ast.Constant)
    }

    assert emitted == set(HANDLERS)


def test_a_changed_board_is_delivered(now):
    with transaction.atomic():
        outbox.emit(
            topic="board.changed", key="board:donors", payload={"board": "donors", "region": "52"}, at=now
        )

    drain(now)

    assert OutboxEvent.objects.filter(done_at=None).count() == 0
