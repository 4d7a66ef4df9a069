"""Numbers for Prometheus about the ten working days of Order 67 Art 11."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils.timezone import localdate
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class OverdueCollector(Collector):
    """Counts when scraped, so that every process tells the same truth."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing, so that registering does not read the database."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield how many attendances wait although their last day is over."""
        from volunteers.records.queries import overdue  # noqa: PLC0415 – models load after this module

        try:
            count = overdue(localdate()).count()
        except DatabaseError:
            return
        yield GaugeMetricFamily(
            "jishan_attendances_overdue", "Attendances past their tenth working day", value=count
        )


def register() -> None:
    """Add the collector to the process's registry (called once, by the app's ready())."""
    REGISTRY.register(OverdueCollector())
