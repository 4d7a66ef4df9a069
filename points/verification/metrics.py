"""The alarm for Prometheus."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class DriftCollector(Collector):
    """Reads the last look when scraped, so that every process tells the same truth."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing, so that registering does not read the database."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the rows found wrong by the last look, and when that was; nothing before the first look."""
        from points.verification import queries  # noqa: PLC0415 – models load after this module

        try:
            last = queries.latest()
        except DatabaseError:
            return
        if last is None:
            return
        yield GaugeMetricFamily(
            "jishan_ledger_drift", "Rows the last check found wrong", value=queries.rows_wrong(last)
        )
        yield GaugeMetricFamily(
            "jishan_ledger_checked_at_seconds", "When it was, in Unix time", value=last.at.timestamp()
        )


def register() -> None:
    """Add the collector to the process's registry (called once, by the app's ready())."""
    REGISTRY.register(DriftCollector())
