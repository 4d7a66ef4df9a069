"""The outbox: a fact and its event part never, an effect happens once, nothing is lost silently."""

import json
import threading
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.models import F

from backend.accounts.scopes import Role
from backend.core import audit, outbox
from backend.core.clocks import CLOCK_TOLERANCE
from backend.core.models import AuditEntry, OutboxEvent
from backend.core.outbox.errors import EventNotDead
from backend.core.outbox.models import lane_of
from backend.core.outbox.services import backoff, purge, retry_dead, retry_one
from tests.factories.accounts import make_actor

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


# --- failing ---------------------------------------------------------------------------------------------


def test_one_poisoned_event_does_not_hold_up_its_batch(now):
    for number in (1, 2, 3):
        emit(now, number=number)
    handler = Recorder(now, poisoned={2})

    outbox.drain(handlers={"record.approved": handler}, at=now)

    assert handler.batches == [[1, 2, 3], [1], [2, 3], [2], [3]]
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
        waits.append((due - at).total_seconds())
        at = due

    longest = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]
    assert [whole / 2 <= wait <= whole for whole, wait in zip(longest, waits, strict=True)] == [True] * 14


def test_events_that_failed_together_do_not_come_back_together_and_each_waits_what_it_always_waits():
    waits = [backoff(event_id=number, attempts=8) for number in range(1000)]

    assert waits == [backoff(event_id=number, attempts=8) for number in range(1000)]
    assert len(set(waits)) == 1000
    quarters = [sum(wait < timedelta(seconds=128 + 32 * part) for wait in waits) for part in (1, 2, 3)]
    assert [abs(below - 250 * part) < 60 for part, below in enumerate(quarters, start=1)] == [True] * 3


def test_a_postponed_event_is_not_tried_before_its_time(now):
    emit(now)
    handler = Recorder(now, poisoned={1})
    outbox.drain(handlers={"record.approved": handler}, at=now)

    assert outbox.drain(handlers={"record.approved": handler}, at=now + timedelta(seconds=0.9)) == 0
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


@pytest.mark.django_db(transaction=True)
def test_a_run_that_takes_too_long_leaves_the_event_as_it_was(now):
    emit(now)

    def take_too_long(batch, *, at):
        audit.record(actor=None, action="half", target=None, at=now)
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        outbox.drain(handlers={"record.approved": take_too_long}, at=now)

    event = OutboxEvent.objects.get()
    assert (event.attempts, event.done_at, effects()) == (0, None, [])


def test_an_error_is_kept_without_what_it_says_about_people(now):
    emit(now)

    def fail(batch, *, at):
        raise ValueError("no account of 13812345678\nDETAIL: (name)=(张晓明)")

    outbox.drain(handlers={"record.approved": fail}, at=now)

    assert OutboxEvent.objects.get().last_error == "ValueError: no account of [phone]"


def test_who_gave_an_event_another_life_is_written_down(now, settings):
    event = dead_event(now, settings)
    actor = make_actor(Role.PLATFORM_ADMIN)

    retry_one(event_id=event.pk, actor=actor, at=now + timedelta(days=1))

    row = AuditEntry.objects.get(action="outbox.retried")
    assert (row.actor_id, row.target_id, row.detail) == (
        actor.user_id,
        str(event.pk),
        {"topic": "record.approved", "attempts": 2},
    )
    with pytest.raises(EventNotDead):
        retry_one(event_id=event.pk, actor=actor, at=now + timedelta(days=1))
    assert AuditEntry.objects.filter(action="outbox.retried").count() == 1


def test_all_that_is_dead_gets_another_life_at_once(now, settings):
    event = dead_event(now, settings)
    emit(now, number=2)

    assert retry_dead(event_ids=None, at=now + timedelta(days=1)) == 1
    assert list(OutboxEvent.objects.filter(dead=False).values_list("attempts", flat=True)) == [0, 0]
    event.refresh_from_db()
    assert event.due_at <= now + timedelta(days=1)


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
