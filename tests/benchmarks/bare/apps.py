"""The yardstick: what the same framework does when it has nothing to decide."""

from pathlib import Path

from django.apps import AppConfig


class BareConfig(AppConfig):
    name = "tests.benchmarks.bare"
    label = "bare"
    path = str(Path(__file__).parent)
    default_auto_field = "django.db.models.BigAutoField"
