"""Drains beside each other: one person's events one after the other, different people's at once."""

import threading
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection, transaction

from backend.core import outbox
from backend.core.models import OutboxEvent
from tests.concurrency.rivals import race

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 20
TOPIC = "record.approved"


def emit(at, *, key, number):
    with transaction.atomic():
        outbox.emit(topic=TOPIC, key=key, payload={"key": key, "number": number}, at=at)


class Watched:
    """A handler that knows who is inside at the same time, and holds whoever comes first if asked to."""

    def __init__(self, *, hold=False):
        self.inside = []
        self.met = []
        self.delivered = defaultdict(list)
        self.guard = threading.Lock()
        self.held, self.released = threading.Event(), threading.Event()
        if not hold:
            self.released.set()

    def __call__(self, batch, *, at):
        keys = {payload["key"] for payload in batch}
        with self.guard:
            self.met += [sorted(keys & other) for other in self.inside if keys & other]
            self.inside.append(keys)
            first = not self.held.is_set()
            self.held.set()
        if first:
            assert self.released.wait(PATIENCE_SECONDS)
        with self.guard:
            self.inside.remove(keys)
            for payload in batch:
                self.delivered[payload["key"]].append(payload["number"])


def without_guards(run):
    """Take both guards off: every lane is free, and rows are read without locks."""

    def execute(call, sql, params, many, context):
        bare = sql.replace("pg_try_advisory_xact_lock(%(space)s, lane)", "%(space)s > 0")
        return call(bare.partition(" FOR NO KEY UPDATE")[0], params, many, context)

    def unguarded():
        with connection.execute_wrapper(execute):
            return run()

    return unguarded


def second_drain_while_the_first_is_inside(watched, at, *, guarded):
    """Start a drain, wait until its handler is inside, and let another one try; how many that one took."""
    wrap = (lambda run: run) if guarded else without_guards

    def first():
        return outbox.drain(handlers={TOPIC: watched}, at=at)

    def second():
        assert watched.held.wait(PATIENCE_SECONDS)
        try:
            return outbox.drain(handlers={TOPIC: watched}, at=at)
        finally:
            watched.released.set()

    return race(wrap(first), wrap(second))


def test_without_the_lanes_two_drains_deliver_one_persons_events_at_once(now, settings):
    settings.OUTBOX_BATCH = 1
    for number in (1, 2):
        emit(now, key="volunteer:17", number=number)
    watched = Watched(hold=True)

    taken = second_drain_while_the_first_is_inside(watched, now, guarded=False)

    assert taken == [1, 1]
    assert watched.met == [["volunteer:17"]]
    assert watched.delivered == {"volunteer:17": [1, 1]}


def test_one_persons_events_wait_for_each_other(now, settings):
    settings.OUTBOX_BATCH = 1
    for number in (1, 2):
        emit(now, key="volunteer:17", number=number)
    watched = Watched(hold=True)

    taken = second_drain_while_the_first_is_inside(watched, now, guarded=True)

    assert taken == [1, 0]
    assert (watched.met, watched.delivered) == ([], {"volunteer:17": [1]})
    assert outbox.drain(handlers={TOPIC: watched}, at=now) == 1
    assert watched.delivered == {"volunteer:17": [1, 2]}


def test_different_peoples_events_do_not_wait_for_each_other(now, settings):
    settings.OUTBOX_BATCH = 1
    for number, key in enumerate(("volunteer:17", "volunteer:18")):
        emit(now, key=key, number=number)
    assert OutboxEvent.objects.values("lane").distinct().count() == 2
    watched = Watched(hold=True)

    taken = second_drain_while_the_first_is_inside(watched, now, guarded=True)

    assert taken == [1, 1]
    assert watched.delivered == {"volunteer:17": [0], "volunteer:18": [1]}


def test_four_drains_over_a_full_outbox_deliver_all_once_and_each_persons_in_order(now, settings):
    settings.OUTBOX_BATCH = 7
    people = [f"volunteer:{number}" for number in range(30)]
    at = now - timedelta(days=1)
    for number in range(10):
        OutboxEvent.objects.bulk_create(
            OutboxEvent(
                topic=TOPIC, key=key, payload={"key": key, "number": number}, created_at=at, due_at=at
            )
            for key in people
        )
    watched = Watched()

    def drain_all():
        taken = total = 0
        while taken or OutboxEvent.objects.filter(done_at=None).exists():
            taken = outbox.drain(handlers={TOPIC: watched}, at=now)
            total += taken
        return total

    totals = race(*[drain_all] * 4)

    assert sum(totals) == 300
    assert watched.met == []
    assert watched.delivered == {key: list(range(10)) for key in people}
