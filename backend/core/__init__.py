"""The floor: errors, outbox, idempotency, audit, crypto, pagination. It knows nothing of volunteers."""
