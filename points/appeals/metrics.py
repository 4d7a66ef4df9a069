"""Numbers for Prometheus about what the public is owed: reports on appeals, answers to donors."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils.timezone import localdate
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class OpennessCollector(Collector):
    """Counts when scraped, so that every process tells the same truth."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing, so that registering does not read the database."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield how many appeals and questions wait although their last day is over."""
        from points.appeals.queries import overdue as appeals  # noqa: PLC0415 – models load after this module
        from points.giving.question_queries import overdue as questions  # noqa: PLC0415 – same

        today = localdate()
        try:
            late, unanswered = len(appeals(today)), questions(today).count()
        except DatabaseError:
            return
        yield GaugeMetricFamily(
            "jishan_appeals_overdue", "Appeals whose report is past its last day", value=late
        )
        yield GaugeMetricFamily(
            "jishan_donor_questions_overdue",
            "Donors' questions past their fifth working day",
            value=unanswered,
        )


def register() -> None:
    """Add the collector to the process's registry (called once, by the app's ready())."""
    REGISTRY.register(OpennessCollector())
