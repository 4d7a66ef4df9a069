"""Scanning in and out by the volunteer's own phone, and the clock that closes what was forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from backend.core.errors import Refusal
from volunteers.attendance import facts
from volunteers.attendance.answers import ScanAnswer
from volunteers.attendance.choices import AttendanceStatus, Channel, Intent
from volunteers.attendance.facts import Location
from volunteers.attendance.models import Attendance
from volunteers.attendance.policy import LIMITS
from volunteers.attendance.scanning import Attempt, Reading, close_without_end, take

_CLOSE_BATCH = 500
_LEAST_PATIENCE = timedelta(minutes=LIMITS["close_after_minutes"][0])
_DETAILS = ("shift__activity__programme", "site")


def scan(
    *,
    volunteer_user_id: int,
    token: str,
    intent: str,
    nonce: str,
    at: datetime,
    device: str = "",
    captured_at: datetime | None = None,
    sent_at: datetime | None = None,
    location: Location | None = None,
) -> ScanAnswer:
    """Check a volunteer in or out, or say why not; either way the scan is kept.

    `at` is when the server received it. `captured_at` is the phone's time for a scan uploaded later: it
    counts only if the token was valid then; `sent_at`, the phone's time of sending, tells how wrong its
    clock is. A nonce seen before gets its first answer again, word for word.

    :raises NotRegistered: the account has no volunteer.
    """
    attempt = Attempt(token, Intent(intent), nonce, device, captured_at, sent_at, location)
    return scan_own(attempt, volunteer_user_id=volunteer_user_id, at=at)


def scan_own(attempt: Attempt, *, volunteer_user_id: int, at: datetime) -> ScanAnswer:
    """Do what `scan` does, with the attempt in one piece.

    :raises NotRegistered: the account has no volunteer.
    """
    with transaction.atomic():
        volunteer = facts.lock_volunteer(volunteer_user_id)
        return take(attempt, _reading(attempt.token), volunteer=volunteer, at=at)


def scan_many(
    *, volunteer_user_id: int, attempts: Sequence[Attempt], at: datetime
) -> list[ScanAnswer | Refusal]:
    """Take in a volunteer's scans kept while offline; return what each was answered, in the order given.

    They are taken in the order they happened. Each has a savepoint of its own, so one that is refused with an
    error leaves no trace and spoils no other.
    """
    order = sorted(range(len(attempts)), key=lambda index: (attempts[index].captured_at or at, index))
    answers: dict[int, ScanAnswer | Refusal] = {}
    with transaction.atomic():
        for index in order:
            try:
                answers[index] = scan_own(attempts[index], volunteer_user_id=volunteer_user_id, at=at)
            except Refusal as refusal:
                answers[index] = refusal
    return [answers[index] for index in range(len(attempts))]


def close_forgotten(*, at: datetime) -> int:
    """Close every attendance whose shift ended long enough ago without a check-out; return how many.

    How long is `close_after_minutes` of the policy that holds for it. They become pending with no end time:
    a manager decides, nobody invents (rules.md E). Rows a scan is working on are left to the next run.
    """
    last, closed = 0, 0
    while batch := _open_after(last, ended_before=at - _LEAST_PATIENCE):
        last = batch[-1].pk
        closed += _close([row.pk for row in batch if _patience_is_over(row, at)])
    return closed


def _reading(token: str) -> Reading:
    """Return what a site's code says about itself, unverified."""
    claim = facts.read_token(token)
    if claim is None:
        return Reading(site_id=None)
    return Reading(
        site_id=claim.site_id,
        channel=Channel.POSTER if claim.is_poster else Channel.SCREEN,
        judge=lambda site, capture, at, policy: facts.judge_token(
            token, site=site, capture=capture, at=at, policy=policy
        ),
    )


def _open_after(last: int, *, ended_before: datetime) -> list[Attendance]:
    over = Attendance.objects.filter(
        pk__gt=last, status=AttendanceStatus.OPEN, shift__ends_at__lte=ended_before
    )
    return list(over.select_related(*_DETAILS).order_by("pk")[:_CLOSE_BATCH])


def _patience_is_over(attendance: Attendance, at: datetime) -> bool:
    patience = timedelta(minutes=facts.policy_of(attendance).close_after_minutes)
    return attendance.shift.ends_at <= at - patience


def _close(attendance_ids: Sequence[int]) -> int:
    with transaction.atomic():
        held = (
            Attendance.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(pk__in=attendance_ids, status=AttendanceStatus.OPEN)
            .order_by("pk")
        )
        return close_without_end(list(held.values_list("pk", flat=True)))
