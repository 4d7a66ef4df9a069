"""The roof as an app: its commands, and the queue that every process of the site must know."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "backend.config"
    label = "config"

    def ready(self) -> None:
        """Make Jishan's Celery application the current one, also in web processes and commands.

        Without it a nudge after a commit would go to Celery's default broker, which is nobody's.
        """
        import_module("workers.celery")
