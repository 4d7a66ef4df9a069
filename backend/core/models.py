"""Tables of the floor: audit rows, outbox events, remembered answers."""

from backend.core.audit_models import AuditEntry
from backend.core.idempotency_models import RememberedAnswer
from backend.core.outbox.models import OutboxEvent

__all__ = ["AuditEntry", "OutboxEvent", "RememberedAnswer"]
