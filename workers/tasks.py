"""Tasks: each reads the clock and makes one domain call. All may run twice and beside themselves."""

import time

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from backend.core import outbox
from points.appeals import deadlines as appeals
from points.ballots import drawing as ballots
from points.boards import services as boards
from points.giving import questions
from points.imports import services as imports
from points.ledger import announcing
from points.ledger import services as ledger
from points.market import services as market
from points.proof import services as proof
from points.relief import services as relief
from points.revision import services as revision
from points.stockroom import lookout
from points.verification import services as verification
from volunteers.attendance import reminders
from volunteers.attendance import services as attendance
from volunteers.integrity import services as integrity
from volunteers.records import deadlines
from workers import housekeeping
from workers.celery import app
from workers.handlers import HANDLERS, IMPORT_TASK, REVISION_TASK, start_revisions

# A run ends after so many seconds and asks for the next: a worker told to stop is done soon, and the other
# tasks get their turn. A batch takes well under a second; one that hangs gives its lanes back.
_RUN_SECONDS = 10
_HANGS_SECONDS, _KILLED_SECONDS = 90, 120
_LONG_SECONDS = 840


@app.task(name="workers.drain_outbox", soft_time_limit=_HANGS_SECONDS, time_limit=_KILLED_SECONDS)
def drain_outbox(**_: object) -> None:
    """Deliver what is due: the nudge after a commit."""
    if _drain():
        drain_outbox.delay()


@app.task(name="workers.sweep_outbox", soft_time_limit=_HANGS_SECONDS, time_limit=_KILLED_SECONDS)
def sweep_outbox(**_: object) -> None:
    """Deliver what is due: by the clock, for nudges that were lost and retries whose time has come."""
    if _drain():
        drain_outbox.delay()


def _drain() -> bool:
    """Deliver until nothing is due (False) or the run has had its time (True)."""
    ends = time.monotonic() + _RUN_SECONDS
    while outbox.drain(handlers=HANDLERS, at=timezone.now()):
        if time.monotonic() > ends:
            return True
    return False


@app.task(name="workers.lapse_redemptions")
def lapse_redemptions(**_: object) -> None:
    """Give back what was not collected in time."""
    market.lapse_due(at=timezone.now())


@app.task(name="workers.draw_ballots")
def draw_ballots(**_: object) -> None:
    """Draw the ballots whose time has come, or go on with one that was cut off."""
    ballots.draw_due(at=timezone.now())


@app.task(name="workers.note_relief_reviews")
def note_relief_reviews(**_: object) -> None:
    """Note which households in need were not looked at again in time."""
    relief.note_overdue(at=timezone.now())


@app.task(name="workers.close_forgotten_attendances")
def close_forgotten_attendances(**_: object) -> None:
    """Close attendances whose shift is over, as pending and without an invented end."""
    attendance.close_forgotten(at=timezone.now())


@app.task(name="workers.look_for_signals")
def look_for_signals(**_: object) -> None:
    """Look at the last days for what is wrong; nothing follows but a row for somebody to review."""
    integrity.look_back(at=timezone.now())


@app.task(name="workers.draw_audit_sample")
def draw_audit_sample(**_: object) -> None:
    """Draw last week's records to check; asked daily, because a Monday may find no worker."""
    integrity.draw_sample(at=timezone.now())


@app.task(name="workers.remind_forgotten")
def remind_forgotten(**_: object) -> None:
    """Remind whoever is still checked in when their shift is over."""
    reminders.remind_forgotten(at=timezone.now())


@app.task(name="workers.warn_of_deadlines")
def warn_of_deadlines(**_: object) -> None:
    """Remind and escalate what waits too long for its decision (Order 67 Art 11)."""
    deadlines.warn_of_deadlines(at=timezone.now())


@app.task(name="workers.warn_of_questions")
def warn_of_questions(**_: object) -> None:
    """Remind and escalate donors' questions that wait for an answer."""
    questions.warn_of_questions(at=timezone.now())


@app.task(name="workers.warn_of_appeals")
def warn_of_appeals(**_: object) -> None:
    """Complain about appeals nobody published a report of in time (慈善法 Art 72)."""
    appeals.warn_of_appeals(at=timezone.now())


@app.task(name="workers.expire_points")
def expire_points(**_: object) -> None:
    """Move points past their last day to the expired ones."""
    while ledger.expire_lots(at=timezone.now()):
        pass


@app.task(name="workers.close_days")
def close_days(**_: object) -> None:
    """Close the business days that are over and append them to the public chain."""
    proof.close_days(at=timezone.now())


@app.task(name="workers.warn_of_expiry")
def warn_of_expiry(**_: object) -> None:
    """Tell volunteers 30 and 7 days ahead that points are about to expire."""
    announcing.warn_of_expiry(at=timezone.now())


@app.task(name="workers.verify_ledger")
def verify_ledger(**_: object) -> None:
    """Compare everything in the books that must be equal; what is not is an alarm, never repaired."""
    verification.verify_ledger(at=timezone.now())


@app.task(name=REVISION_TASK, soft_time_limit=_HANGS_SECONDS, time_limit=_KILLED_SECONDS)
def go_on_with_revisions(**_: object) -> None:
    """Carry dry runs and recomputations on, from wherever a worker left them."""
    ends = time.monotonic() + _RUN_SECONDS
    while revision.advance(at=timezone.now(), interrupts=(SoftTimeLimitExceeded,)):
        if time.monotonic() > ends:
            start_revisions()
            return


@app.task(name=IMPORT_TASK, soft_time_limit=_LONG_SECONDS, time_limit=_LONG_SECONDS + _RUN_SECONDS)
def go_on_with_imports(**_: object) -> None:
    """Check and take in what was uploaded; a file is one transaction, so it has its time."""
    while imports.advance(at=timezone.now(), interrupts=(SoftTimeLimitExceeded,)):
        pass


@app.task(name="workers.look_over_stock")
def look_over_stock(**_: object) -> None:
    """Tell keepers once of shortages and of goods past their last day; finish interrupted recalls."""
    lookout.look_over(at=timezone.now())


@app.task(name="workers.refresh_boards")
def refresh_boards(**_: object) -> None:
    """Count the hours board anew from the service records."""
    boards.rebuild(at=timezone.now())


@app.task(name="workers.purge_expired")
def purge_expired(**_: object) -> None:
    """Forget delivered events, remembered answers, used codes, sessions and tokens past their time."""
    housekeeping.purge_expired(at=timezone.now())
