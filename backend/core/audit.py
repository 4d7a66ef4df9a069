"""Who did or read what. Rows are append-only and name objects, never their personal data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db import models

from backend.core.models import AuditEntry


class HasUserId(Protocol):
    """Whoever acts."""

    @property
    def user_id(self) -> int:
        """The acting user's key."""


def record(
    *,
    actor: HasUserId | None,
    action: str,
    target: models.Model | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row in the caller's transaction. `detail` holds no ID number, phone or full name."""
    AuditEntry.objects.create(
        at=at,
        actor_id=None if actor is None else actor.user_id,
        action=action,
        target_type="" if target is None else target._meta.label_lower,
        target_id="" if target is None else str(target.pk),
        detail=dict(detail or {}),
    )
