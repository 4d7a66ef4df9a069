"""The core app."""

from django.apps import AppConfig

from backend.core import metrics


class CoreConfig(AppConfig):
    """Outbox, audit and idempotency tables."""

    name = "backend.core"
    label = "core"
    verbose_name = "底座"

    def ready(self) -> None:
        """Register the outbox gauges with Prometheus."""
        metrics.register()
