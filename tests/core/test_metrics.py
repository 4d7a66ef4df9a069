"""The outbox tells Prometheus how it is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from backend.core.models import OutboxEvent

pytestmark = pytest.mark.django_db


def gauges():
    names = ("jishan_outbox_waiting", "jishan_outbox_dead", "jishan_outbox_oldest_seconds")
    return [REGISTRY.get_sample_value(name) for name in names]


def test_an_empty_outbox_is_all_zero():
    assert gauges() == [0, 0, 0]


def test_waiting_and_dead_events_are_counted_and_the_oldest_one_is_timed():
    now = timezone.now()
    for minutes, state in ((9, {}), (3, {}), (60, {"dead": True}), (90, {"done_at": now})):
        at = now - timedelta(minutes=minutes)
        OutboxEvent.objects.create(topic="t", key="k", payload={}, created_at=at, due_at=at, **state)

    waiting, dead, oldest = gauges()

    assert (waiting, dead) == (2, 1)
    assert 540 <= oldest < 600
