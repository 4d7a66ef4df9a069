"""The outbox: a fact and its event part never, an effect happens once, nothing is lost silently."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F

from backend.core import outbox
from backend.core.clocks import CLOCK_TOLERANCE
from backend.core.models import OutboxEvent
from backend.core.outbox.models import lane_of
from backend.core.outbox.services import purge
from tests.core.deliveries import Recorder, dead_event, effects, emit, numbers

pytestmark = pytest.mark.django_db


# --- writing ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_fact_outside_a_transaction_cannot_be_reported(now):
    with pytest.raises(RuntimeError, match="needs the transaction"):
        outbox.emit(topic="t", key="k", payload={}, at=now)

    assert OutboxEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_event_vanishes_with_its_fact(now, valkey):
    with transaction.atomic():
        outbox.emit(topic="t", key="k", payload={}, at=now)
        transaction.set_rollback(True)

    assert OutboxEvent.objects.count() == 0
    assert valkey.llen("celery") == 0


@pytest.mark.django_db(transaction=True)
def test_a_transaction_nudges_once_however_many_facts_it_reports(now, valkey):
    with transaction.atomic():
        for number in range(3):
            outbox.emit(topic="t", key=f"k:{number}", payload={}, at=now)
        with transaction.atomic():
            outbox.emit(topic="t", key="k:3", payload={}, at=now)
        assert valkey.llen("celery") == 0

    assert OutboxEvent.objects.count() == 4
    (message,) = valkey.lrange("celery", 0, -1)
    assert json.loads(message)["headers"]["task"] == "workers.drain_outbox"


@pytest.mark.django_db(transaction=True)
def test_each_transaction_nudges(now, valkey):
    emit(now, number=1)
    emit(now, number=2)

    assert valkey.llen("celery") == 2


def test_an_event_is_due_at_once_and_has_not_been_tried(now):
    emit(now, topic="record.approved", number=17)

    event = OutboxEvent.objects.get()
    assert (event.topic, event.key, event.payload) == ("record.approved", "volunteer:17", {"record_id": 17})
    assert (event.created_at, event.due_at, event.done_at) == (now, now - CLOCK_TOLERANCE, None)
    assert (event.attempts, event.dead, event.last_error) == (0, False, "")


# --- draining --------------------------------------------------------------------------------------------


def test_a_topic_is_delivered_as_one_batch_in_order(now):
    for number in (1, 2, 3):
        emit(now, number=number)
    handler = Recorder(now)

    taken = outbox.drain(handlers={"record.approved": handler}, at=now)

    assert taken == 3
    assert handler.batches == [[1, 2, 3]]
    assert set(OutboxEvent.objects.values_list("done_at", "attempts")) == {(now, 0)}


def test_each_topic_goes_to_its_own_handler(now):
    emit(now, topic="record.approved", number=1)
    emit(now, topic="record.reversed", number=2)
    approved, reversed_ = Recorder(now), Recorder(now)

    outbox.drain(handlers={"record.approved": approved, "record.reversed": reversed_}, at=now)

    assert (approved.batches, reversed_.batches) == ([[1]], [[2]])


def test_events_of_one_key_are_delivered_in_order_whatever_their_topics(now):
    for topic, number in (("b", 1), ("a", 1), ("a", 2), ("b", 1), ("b", 2), ("b", 3)):
        emit(now, topic=topic, number=number)
    calls = []

    def handler_of(topic):
        def handle(batch, *, at):
            calls.append((topic, numbers(batch)))

        return handle

    handlers = {topic: handler_of(topic) for topic in "ab"}

    outbox.drain(handlers=handlers, at=now)

    assert calls == [("a", [2]), ("b", [1, 3]), ("a", [1]), ("b", [2]), ("b", [1])]


def test_the_lane_of_an_event_is_its_keys_and_nobody_else_writes_it(now):
    for number in (1, 2, 1):
        emit(now, topic="t", number=number)

    found = OutboxEvent.objects.order_by("id").values_list("lane", lane_of(F("key")))
    lanes_ = [lane for lane, _ in found]

    assert [lane == again for lane, again in found] == [True] * 3
    assert lanes_[0] == lanes_[2]
    with pytest.raises(ProgrammingError, match="lane"), connection.cursor() as cursor:
        cursor.execute("UPDATE core_outboxevent SET lane = 1")


def test_one_poisoned_event_among_many_costs_a_few_tries_and_not_one_for_each(now):
    for number in range(64):
        emit(now, number=number)
    handler = Recorder(now, poisoned={37})

    while outbox.drain(handlers={"record.approved": handler}, at=now):
        pass

    assert OutboxEvent.objects.get(done_at=None).payload == {"record_id": 37}
    assert sorted(effects()) == sorted(f"effect {number}" for number in range(64) if number != 37)
    assert len(handler.batches) <= 4 + 2 * 6  # four drains at most, and two tries for each halving


def test_what_is_done_is_not_delivered_again(now):
    emit(now)
    handler = Recorder(now)
    outbox.drain(handlers={"record.approved": handler}, at=now)

    taken = outbox.drain(handlers={"record.approved": handler}, at=now)

    assert taken == 0
    assert handler.batches == [[1]]


@pytest.mark.parametrize(
    ("ahead", "taken"), [(CLOCK_TOLERANCE, 1), (CLOCK_TOLERANCE + timedelta(seconds=1), 0)]
)
def test_an_event_written_by_a_clock_that_is_ahead_does_not_wait_for_ours(ahead, taken, now):
    emit(now + ahead)

    assert outbox.drain(handlers={"record.approved": Recorder(now)}, at=now) == taken


def test_a_drain_takes_one_batch_at_a_time(now, settings):
    settings.OUTBOX_BATCH = 2
    for number in (1, 2, 3):
        emit(now, number=number)
    handler = Recorder(now)

    taken = [outbox.drain(handlers={"record.approved": handler}, at=now) for _ in range(3)]

    assert taken == [2, 1, 0]
    assert handler.batches == [[1, 2], [3]]


def test_a_drain_refuses_to_run_inside_a_transaction(now):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        outbox.drain(handlers={}, at=now)


# --- two drains ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_drains_at_once_share_the_events_and_repeat_none(now, settings):
    settings.OUTBOX_BATCH = 2
    for number in (1, 2, 3, 4):
        emit(now, number=number)
    holding, may_finish = threading.Event(), threading.Event()
    slow, fast = Recorder(now), Recorder(now)

    def hold(batch, *, at):
        slow(batch, at=at)
        holding.set()
        assert may_finish.wait(20)

    def drain_slowly():
        try:
            outbox.drain(handlers={"record.approved": hold}, at=now)
        finally:
            connection.close()

    thread = threading.Thread(target=drain_slowly)
    thread.start()
    assert holding.wait(20)

    taken = [outbox.drain(handlers={"record.approved": fast}, at=now) for _ in range(2)]

    may_finish.set()
    thread.join(20)
    assert taken == [2, 0]
    assert (slow.batches, fast.batches) == ([[1, 2]], [[3, 4]])
    assert sorted(effects()) == ["effect 1", "effect 2", "effect 3", "effect 4"]
    assert set(OutboxEvent.objects.values_list("done_at", flat=True)) == {now}


# --- keeping house ---------------------------------------------------------------------------------------


def test_purging_forgets_old_deliveries_and_nothing_else(now, settings):
    dead = dead_event(now, settings)
    emit(now, number=2)
    outbox.drain(handlers={"record.approved": Recorder(now)}, at=now)
    emit(now + timedelta(days=1), number=3)
    outbox.drain(handlers={"record.approved": Recorder(now)}, at=now + timedelta(days=1))
    emit(now, topic="waiting", number=4)

    forgotten = purge(before=now + timedelta(hours=1))

    assert forgotten == 1
    assert list(OutboxEvent.objects.order_by("id").values_list("key", flat=True)) == [
        dead.key,
        "volunteer:3",
        "volunteer:4",
    ]


def test_postgresql_refuses_an_event_both_done_and_dead(now):
    emit(now)

    with pytest.raises(IntegrityError, match="outbox_done_or_dead"):
        OutboxEvent.objects.update(done_at=now, dead=True)
