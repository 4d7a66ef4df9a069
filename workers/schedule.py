"""What the clock starts. Every entry expires: a worker that was away for a day finds a few, not a heap.

None expires sooner than the clocks of two servers may differ, or a worker whose clock is ahead of beat's
would throw every one of them away unseen.
"""

from typing import Any

from celery.schedules import crontab

from backend.core.clocks import CLOCK_TOLERANCE

_SOONEST = CLOCK_TOLERANCE.total_seconds()


def every(task: str, *, seconds: int) -> dict[str, Any]:
    """Start the task every so many seconds."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, _SOONEST)}}


def daily(task: str, *, hour: int, minute: int) -> dict[str, Any]:
    """Start the task once a day, by the business clock (Asia/Shanghai)."""
    return {"task": task, "schedule": crontab(hour=hour, minute=minute), "options": {"expires": 12 * 3600}}


BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-outbox": every("workers.sweep_outbox", seconds=5),
    "lapse-redemptions": every("workers.lapse_redemptions", seconds=60),
    "draw-ballots": every("workers.draw_ballots", seconds=60),
    "close-forgotten-attendances": every("workers.close_forgotten_attendances", seconds=60),
    "remind-forgotten": every("workers.remind_forgotten", seconds=60),
    "go-on-with-revisions": every("workers.go_on_with_revisions", seconds=15),
    "go-on-with-imports": every("workers.go_on_with_imports", seconds=15),
    "purge-expired": every("workers.purge_expired", seconds=3600),
    "close-days": every("workers.close_days", seconds=3600),  # a computer that is off at night closes by day
    "look-for-signals": daily("workers.look_for_signals", hour=2, minute=20),
    "look-over-stock": every("workers.look_over_stock", seconds=3600),  # told once, however often it looks
    "draw-audit-sample": daily("workers.draw_audit_sample", hour=2, minute=50),  # a week is drawn once
    "expire-points": daily("workers.expire_points", hour=0, minute=10),
    "warn-of-expiry": daily("workers.warn_of_expiry", hour=9, minute=0),  # nobody is woken by a message
    "verify-ledger": daily("workers.verify_ledger", hour=3, minute=0),
    "warn-of-questions": daily("workers.warn_of_questions", hour=8, minute=5),
    "warn-of-appeals": daily("workers.warn_of_appeals", hour=8, minute=10),
    "warn-of-deadlines": daily("workers.warn_of_deadlines", hour=8, minute=0),
    "note-relief-reviews": daily("workers.note_relief_reviews", hour=7, minute=40),
    "refresh-boards": daily("workers.refresh_boards", hour=3, minute=30),
}
