"""Registers the context with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from volunteers.records import metrics


class VolunteersConfig(AppConfig):
    name = "volunteers"
    label = "volunteers"
    verbose_name = _("志愿者与服务")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the gauge of overdue attendances with Prometheus."""
        metrics.register()
