"""The outbox tells Prometheus how it is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from backend.core.models import OutboxEvent

pytestmark = pytest.mark.django_db


NAMES = ("waiting", "retrying", "dead", "oldest_seconds", "drained_last_minute")


def gauges():
    return [REGISTRY.get_sample_value(f"jishan_outbox_{name}") for name in NAMES]


def test_an_empty_outbox_is_all_zero():
    assert gauges() == [0, 0, 0, 0, 0]


def test_every_event_is_counted_where_it_is_and_the_oldest_untried_one_is_timed():
    now = timezone.now()
    for minutes, state in (
        (9, {}),
        (3, {}),
        (20, {"attempts": 3}),
        (60, {"dead": True, "attempts": 10}),
        (90, {"done_at": now - timedelta(seconds=5)}),
        (90, {"done_at": now - timedelta(seconds=90)}),
    ):
        at = now - timedelta(minutes=minutes)
        OutboxEvent.objects.create(topic="t", key="k", payload={}, created_at=at, due_at=at, **state)

    waiting, retrying, dead, oldest, drained = gauges()

    assert (waiting, retrying, dead, drained) == (2, 1, 1, 1)
    assert 540 <= oldest < 600
