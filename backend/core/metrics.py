"""Numbers for Prometheus that belong to the floor."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

# Of this process: a worker's are seen where a worker is scraped. The gauges below are read from the table.
OUTBOX_DELIVERED = Counter("jishan_outbox_delivered", "Events whose effect was made", ["topic"])
OUTBOX_FAILED = Counter("jishan_outbox_failed", "Deliveries that failed and will be retried", ["topic"])


class OutboxCollector(Collector):
    """Reads the outbox when scraped, so that every process tells the same truth."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing, so that registering does not read the database."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield how long, how old and how fast the outbox is, and what fails (docs/operations.md)."""
        from backend.core.outbox.queries import queue  # noqa: PLC0415 – models load after this module

        try:
            now = queue(at=timezone.now())
        except DatabaseError:
            return
        for name, meaning, value in (
            ("waiting", "Events waiting for their first delivery", now.waiting),
            ("retrying", "Events that failed and wait for the next try", now.retrying),
            ("dead", "Events given up on, to be looked at", now.dead),
            ("oldest_seconds", "Age of the oldest event that was never tried", now.oldest_seconds),
            ("drained_last_minute", "Events delivered within the last minute", now.drained_last_minute),
        ):
            yield GaugeMetricFamily(f"jishan_outbox_{name}", meaning, value=value)


def register() -> None:
    """Add the collector to the process's registry (called once, by the app's ready())."""
    REGISTRY.register(OutboxCollector())
