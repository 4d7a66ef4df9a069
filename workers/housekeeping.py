"""Forgetting what nobody needs any more. Facts are never purged; only means to an end are."""

from datetime import datetime, timedelta

from django.core.management import call_command

from backend.accounts.models import OneTimeCode
from backend.core.models import RememberedAnswer
from backend.core.outbox.services import purge

EVENTS_KEPT = timedelta(days=14)
ANSWERS_KEPT = timedelta(days=2)  # a client that retries a request does so within hours
CODES_KEPT = timedelta(days=1)


def purge_expired(*, at: datetime) -> None:
    """Forget delivered events, remembered answers, one-time codes, sessions and tokens past their time."""
    purge(before=at - EVENTS_KEPT)
    RememberedAnswer.objects.filter(created_at__lt=at - ANSWERS_KEPT).delete()
    OneTimeCode.objects.filter(expires_at__lt=at - CODES_KEPT).delete()
    call_command("clearsessions")
    call_command("flushexpiredtokens")
