"""What fails is tried again, later and later, and in the end kept where somebody sees it."""

from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from backend.accounts.scopes import Role
from backend.core import audit, outbox
from backend.core.models import AuditEntry, OutboxEvent
from backend.core.outbox.errors import EventNotDead
from backend.core.outbox.services import backoff, retry_dead, retry_one
from tests.core.deliveries import Recorder, dead_event, effects, emit
from tests.factories.accounts import make_actor

pytestmark = pytest.mark.django_db


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
