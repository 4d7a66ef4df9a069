"""The Celery application “jishan”; every setting is a CELERY_* line of the Django settings.

`celery -A workers worker` and `celery -A workers beat` find it here. Domain code never imports it: it writes
outbox rows, and the floor nudges a worker by the name of a task.
"""

import os

from celery import Celery

from workers.schedule import BEAT_SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

app = Celery("jishan", include=["workers.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = BEAT_SCHEDULE
app.set_default()  # `current_app` in every thread of this process: the nudge of the outbox goes through it
