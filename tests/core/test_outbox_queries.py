"""Reading the outbox: how long, how old, how fast, and what waits under a key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.outbox import queries
from backend.core.outbox.states import EventState
from tests.factories.events import make_dead_event, make_delivered, make_event

pytestmark = pytest.mark.django_db


def test_an_event_is_in_exactly_one_state():
    made = {
        EventState.WAITING: make_event(),
        EventState.RETRYING: make_event(attempts=1),
        EventState.DEAD: make_dead_event(),
        EventState.DONE: make_delivered(1),
    }

    assert {state: list(queries.in_state(state)) for state in EventState} == {
        state: [event] for state, event in made.items()
    }
    assert {queries.state_of(event): event for event in made.values()} == made


def test_what_waits_under_a_key_comes_in_the_order_of_delivery_and_dead_ones_are_not_forgotten():
    third, first = make_event(age=timedelta(minutes=1)), make_dead_event(age=timedelta(hours=1))
    second = make_event(age=timedelta(minutes=9), attempts=2)
    make_event(key="volunteer:11")
    make_event(topic="record.contested")
    make_delivered(1)

    found = queries.undelivered(key="volunteer:1", topics=("record.approved",))

    assert found == [first, second, third]


def test_what_is_ahead_is_due_before_and_neither_done_nor_dead(monkeypatch):
    mine = make_event()
    for number in range(3):
        make_event(key=f"volunteer:{number}", due_at=mine.due_at - timedelta(seconds=number))
    make_event(key="volunteer:9", due_at=mine.due_at + timedelta(seconds=1))
    make_delivered(60)
    make_dead_event(age=timedelta(hours=1))

    assert queries.ahead_of(mine) == 2  # the one due at the same moment was written later
    monkeypatch.setattr(queries, "MOST_COUNTED", 1)
    assert queries.ahead_of(mine) == 1


def test_how_long_it_takes_is_measured_from_the_latest_deliveries():
    assert queries.usual_seconds("record.approved") is None
    now = timezone.now()
    for number in range(100):
        make_delivered(0.2, at=now - timedelta(minutes=number))
    assert queries.usual_seconds("record.approved") == 1

    for _ in range(6):
        make_delivered(41.5, at=now)
    make_delivered(900, at=now, topic="record.reversed")

    assert queries.usual_seconds("record.approved") == 42


def test_a_clock_that_is_behind_makes_no_negative_age():
    make_event(age=-timedelta(minutes=5))

    assert queries.queue(at=timezone.now()).oldest_seconds == 0
