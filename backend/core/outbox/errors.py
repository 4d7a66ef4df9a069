"""What the outbox refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class EventNotDead(Refusal):
    """Only an event that was given up can be given another life."""

    code = "event_not_dead"
    status = 409
    message = _("这条事件没有停下，不用重新投递。")
