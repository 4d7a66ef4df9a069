"""The outbox: a fact and its event part never, an effect happens once, nothing is lost silently."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from backend.core import audit, outbox
from backend.core.models import AuditEntry, OutboxEvent
from backend.core.outbox.services import purge, retry_dead

pytestmark = pytest.mark.django_db


def emit(at, *, topic="record.approved", number=1):
    with transaction.atomic():
        outbox.emit(topic=topic, key=f"volunteer:{number}", payload={"record_id": number}, at=at)


def numbers(batch):
    return [payload["record_id"] for payload in batch]


class Recorder:
    """A handler that remembers the batches it was given and writes one row per event."""

    def __init__(self, at, *, poisoned=()):
        self.at = at
        self.poisoned = poisoned
        self.batches = []

    def __call__(self, batch, *, at):
        self.batches.append(numbers(batch))
        for number in numbers(batch):
            audit.record(actor=None, action=f"effect {number}", target=None, at=self.at)
            if number in self.poisoned:
                raise ValueError(f"no record {number}")


def effects():
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


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
    assert (event.created_at, event.due_at, event.done_at) == (now, now, None)
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


def test_what_is_done_is_not_delivered_again(now):
    emit(now)
    handler = Recorder(now)
    outbox.drain(handlers={"record.approved": handler}, at=now)

    taken = outbox.drain(handlers={"record.approved": handler}, at=now)

    assert taken == 0
    assert handler.batches == [[1]]


def test_an_event_of_the_future_waits(now):
    emit(now + timedelta(seconds=1))

    assert outbox.drain(handlers={}, at=now) == 0


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


# --- failing ---------------------------------------------------------------------------------------------


def test_one_poisoned_event_does_not_hold_up_its_batch(now):
    for number in (1, 2, 3):
        emit(now, number=number)
    handler = Recorder(now, poisoned={2})

    outbox.drain(handlers={"record.approved": handler}, at=now)

    assert handler.batches == [[1, 2, 3], [1], [2], [3]]
    assert effects() == ["effect 1", "effect 3"]  # the half of the batch and the poisoned one are undone
    assert list(OutboxEvent.objects.order_by("id").values_list("done_at", "attempts", "last_error")) == [
        (now, 0, ""),
        (None, 1, "ValueError: no record 2"),
        (now, 0, ""),
    ]


def test_a_topic_nobody_handles_is_kept_and_said(now):
    emit(now, topic="nobody.cares")

    outbox.drain(handlers={}, at=now)

    event = OutboxEvent.objects.get()
    assert (event.done_at, event.attempts) == (None, 1)
    assert event.last_error == "LookupError: no handler for topic nobody.cares"


def test_waiting_doubles_up_to_an_hour(now, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 20
    emit(now)
    handler = Recorder(now, poisoned={1})
    at, waits = now, []

    for _ in range(14):
        outbox.drain(handlers={"record.approved": handler}, at=at)
        due = OutboxEvent.objects.get().due_at
        waits.append(int((due - at).total_seconds()))
        at = due

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]


def test_a_postponed_event_is_not_tried_before_its_time(now):
    emit(now)
    handler = Recorder(now, poisoned={1})
    outbox.drain(handlers={"record.approved": handler}, at=now)

    assert outbox.drain(handlers={"record.approved": handler}, at=now + timedelta(seconds=1)) == 0
    assert outbox.drain(handlers={"record.approved": handler}, at=now + timedelta(seconds=2)) == 1


def dead_event(now, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 2
    emit(now)
    for hours in (0, 2):
        outbox.drain(
            handlers={"record.approved": Recorder(now, poisoned={1})}, at=now + timedelta(hours=hours)
        )
    return OutboxEvent.objects.get()


def test_an_event_that_keeps_failing_is_given_up_and_kept(now, settings):
    event = dead_event(now, settings)

    assert (event.dead, event.done_at, event.attempts) == (True, None, 2)
    assert outbox.drain(handlers={"record.approved": Recorder(now)}, at=now + timedelta(days=9)) == 0


def test_a_dead_event_can_be_given_another_life(now, settings):
    event = dead_event(now, settings)
    later = now + timedelta(days=1)

    revived = retry_dead(event_ids=[event.pk], at=later)
    outbox.drain(handlers={"record.approved": Recorder(now)}, at=later)

    event.refresh_from_db()
    assert revived == 1
    assert (event.dead, event.attempts, event.done_at) == (False, 0, later)


def test_only_dead_events_are_revived(now):
    emit(now)
    outbox.drain(handlers={"record.approved": Recorder(now)}, at=now)

    assert retry_dead(event_ids=list(OutboxEvent.objects.values_list("pk", flat=True)), at=now) == 0
    assert OutboxEvent.objects.get().done_at == now


def test_an_error_is_kept_short(now):
    emit(now)

    def fail(batch, *, at):
        raise ValueError("x" * 5000)

    outbox.drain(handlers={"record.approved": fail}, at=now)

    assert len(OutboxEvent.objects.get().last_error) == 500


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_leaves_the_event_as_it_was(now):
    emit(now)

    def lose_the_connection(batch, *, at):
        audit.record(actor=None, action="half", target=None, at=now)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(5)")

    with pytest.raises(OperationalError):
        outbox.drain(handlers={"record.approved": lose_the_connection}, at=now)

    event = OutboxEvent.objects.get()
    assert (event.attempts, event.done_at, effects()) == (0, None, [])


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
