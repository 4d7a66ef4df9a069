"""The regions app."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """Divisions of the mainland by their 12-digit codes."""

    name = "backend.regions"
    label = "regions"
    verbose_name = "行政区划"
