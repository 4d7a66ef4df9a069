"""Clocks and queues: the Celery application, its schedule, and which event has which effect."""

from workers.celery import app

__all__ = ["app"]
