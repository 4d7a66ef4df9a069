"""The Celery application “jishan”; its settings are the CELERY_* lines of the Django settings.

`celery -A workers worker` and `celery -A workers beat` find it here. Domain code never imports it: it writes
outbox rows, and the floor nudges a worker by the name of a task.
"""

import os

from celery import Celery

from workers.schedule import BEAT_SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

# Nobody waits for a broker that is away: the row is written, the sweep will find it. Without these lines a
# nudge tries again for six seconds, inside somebody's request.
GIVE_UP_AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}

app = Celery("jishan", include=["workers.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.broker_transport_options = {**app.conf.broker_transport_options, **GIVE_UP_AT_ONCE}
app.conf.beat_schedule = BEAT_SCHEDULE
app.set_default()  # `current_app` in every thread of this process: the nudge of the outbox goes through it
