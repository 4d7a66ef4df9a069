"""Facts that must have effects: written with the fact, delivered until done (docs/architecture.md)."""

from backend.core.outbox.services import drain, emit

__all__ = ["drain", "emit"]
