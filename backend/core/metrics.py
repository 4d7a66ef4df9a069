"""Numbers for Prometheus that belong to the floor."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

OUTBOX_DELIVERED = Counter("jishan_outbox_delivered", "Events whose effect was made", ["topic"])
OUTBOX_FAILED = Counter("jishan_outbox_failed", "Deliveries that failed and will be retried", ["topic"])


class OutboxCollector(Collector):
    """Reads the outbox when scraped, so that every process tells the same truth."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing, so that registering does not read the database."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the number waiting, the number dead and the age of the oldest waiting event in seconds."""
        from backend.core.models import OutboxEvent  # noqa: PLC0415 – models load after this module

        try:
            row = OutboxEvent.objects.filter(done_at__isnull=True).aggregate(
                waiting_count=Count("id", filter=Q(dead=False)),
                dead_count=Count("id", filter=Q(dead=True)),
                oldest=Min("created_at", filter=Q(dead=False)),
            )
        except DatabaseError:
            return
        age = (timezone.now() - row["oldest"]).total_seconds() if row["oldest"] else 0.0
        yield GaugeMetricFamily(
            "jishan_outbox_waiting", "Events waiting for their effect", value=row["waiting_count"]
        )
        yield GaugeMetricFamily(
            "jishan_outbox_dead", "Events given up on, to be looked at", value=row["dead_count"]
        )
        yield GaugeMetricFamily("jishan_outbox_oldest_seconds", "Age of the oldest waiting event", value=age)


def register() -> None:
    """Add the collector to the process's registry (called once, by the app's ready())."""
    REGISTRY.register(OutboxCollector())
