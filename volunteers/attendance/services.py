"""Scanning in and out, and the clock that closes what was forgotten.

docs/checkin.md draws `scan`: change both together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Func, Value

from backend.core.errors import Refusal
from volunteers.attendance import facts
from volunteers.attendance.answers import Body, ScanAnswer, attendance_body, body_of
from volunteers.attendance.choices import AttendanceStatus, Flag, Intent
from volunteers.attendance.errors import CapturedInFuture
from volunteers.attendance.facts import Location, LockedVolunteer, SiteFacts
from volunteers.attendance.models import Attendance
from volunteers.attendance.policy import Policy, current_policy
from volunteers.attendance.rules import CheckIn, CheckOut, Decision, Facts, Fix, TokenState, decide
from volunteers.attendance.storage import insert_attendance, insert_scan

_CLOSE_BATCH = 500
_USABLE = frozenset({TokenState.LIVE, TokenState.CAPTURED})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One scan as the phone sent it."""

    token: str
    intent: Intent
    nonce: str
    device: str = ""
    captured_at: datetime | None = None
    location: Location | None = None


def scan(
    *,
    volunteer_user_id: int,
    token: str,
    intent: str,
    nonce: str,
    at: datetime,
    device: str = "",
    captured_at: datetime | None = None,
    location: Location | None = None,
) -> ScanAnswer:
    """Check a volunteer in or out, or say why not; either way the scan is kept.

    `at` is when the server received it. `captured_at` is the phone's time for a scan uploaded later: it
    counts only if the token was valid then. A nonce seen before gets its first answer again, word for word.

    :raises NotRegistered: the account has no volunteer.
    :raises CapturedInFuture: `captured_at` is later than `at` by more than a phone's clock may run ahead.
    """
    policy = current_policy()
    attempt = Attempt(token, Intent(intent), nonce, device, captured_at, location)
    attempt = _with_honest_clock(attempt, at=at, policy=policy)
    claim = facts.read_token(token)
    with transaction.atomic():
        volunteer = facts.lock_volunteer(volunteer_user_id)
        site = None
        if claim is not None:
            site = facts.site_with_history(
                site_id=claim.site_id,
                volunteer_id=volunteer.pk,
                nonce=nonce,
                intent=attempt.intent,
                at=at,
                captured_at=attempt.captured_at,
            )
        before = site.answer if site else facts.earlier_answer(volunteer_id=volunteer.pk, nonce=nonce)
        if before is not None:
            return ScanAnswer.again(before)
        if site is not None:
            return _scan_at(site, attempt, volunteer=volunteer, at=at, policy=policy)
        nowhere = TokenState.UNREADABLE if claim is None else TokenState.FORGED
        decision = decide(Facts(intent=attempt.intent, token=nowhere, when=at), policy)
        return _keep(attempt, decision, volunteer=volunteer, at=at)


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
            attempt = attempts[index]
            try:
                answers[index] = scan(
                    volunteer_user_id=volunteer_user_id,
                    token=attempt.token,
                    intent=attempt.intent,
                    nonce=attempt.nonce,
                    device=attempt.device,
                    captured_at=attempt.captured_at,
                    location=attempt.location,
                    at=at,
                )
            except Refusal as refusal:
                answers[index] = refusal
    return [answers[index] for index in range(len(attempts))]


def close_forgotten(*, at: datetime) -> int:
    """Close every attendance whose shift ended half an hour ago without a check-out; return how many.

    They become pending with no end time: a manager decides, nobody invents (rules.md E, “Forgot check-out”).
    Rows a scan is working on are left to the next run.
    """
    before = at - timedelta(minutes=current_policy().close_after_minutes)
    closed = 0
    while batch := _close_batch(before):
        closed += batch
    return closed


def _close_batch(before: datetime) -> int:
    with transaction.atomic():
        forgotten = list(
            Attendance.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(status=AttendanceStatus.OPEN, shift__ends_at__lte=before)
            .order_by("pk")
            .values_list("pk", flat=True)[:_CLOSE_BATCH]
        )
        return _close_without_end(forgotten)


def _close_without_end(attendance_ids: Sequence[int]) -> int:
    flagged = Func(F("flags"), Value(Flag.FORGOT_CHECK_OUT.value), function="array_append")
    return Attendance.objects.filter(pk__in=attendance_ids, status=AttendanceStatus.OPEN).update(
        status=AttendanceStatus.PENDING, flags=flagged
    )


def _with_honest_clock(attempt: Attempt, *, at: datetime, policy: Policy) -> Attempt:
    """Forgive a phone a clock that runs a little ahead; refuse one that claims tomorrow."""
    if attempt.captured_at is None or attempt.captured_at <= at:
        return attempt
    if attempt.captured_at > at + timedelta(seconds=policy.clock_skew_seconds):
        raise CapturedInFuture(field="captured_at")
    return replace(attempt, captured_at=at)


def _scan_at(
    site: SiteFacts, attempt: Attempt, *, volunteer: LockedVolunteer, at: datetime, policy: Policy
) -> ScanAnswer:
    """Decide at a site that exists, under the volunteer's lock, and write what was decided."""
    known = _facts_at(site, attempt, volunteer=volunteer, at=at, policy=policy)
    current: Attendance | None = None
    if known.token in _USABLE:
        current, known = _with_service(known, site, volunteer=volunteer)
    decision = decide(known, policy)
    shown: Body | None = None
    attendance: Attendance | None = None
    if isinstance(decision, CheckIn):
        if decision.closes_stale and current is not None:
            _close_without_end([current.pk])
        attendance, shown = _check_in(decision, known.when, site=site, volunteer=volunteer)
    elif isinstance(decision, CheckOut) and current is not None:
        attendance, shown = _check_out(decision, known.when, attendance=current)
    return _keep(
        attempt,
        decision,
        volunteer=volunteer,
        at=at,
        site_id=site.pk,
        fix=known.fix,
        attendance=attendance,
        shown=shown,
    )


def _facts_at(
    site: SiteFacts, attempt: Attempt, *, volunteer: LockedVolunteer, at: datetime, policy: Policy
) -> Facts:
    """Return what is known from the token, the place and the person."""
    token = facts.judge_token(attempt.token, site=site, captured_at=attempt.captured_at, at=at, policy=policy)
    late_upload = token is TokenState.CAPTURED and attempt.captured_at is not None
    may_locate = site.location_consented and token in _USABLE
    return Facts(
        intent=attempt.intent,
        token=token,
        when=attempt.captured_at if late_upload and attempt.captured_at else at,
        site_id=site.pk,
        site_active=site.is_active,
        site_radius_m=site.radius_m,
        volunteer_active=volunteer.is_active,
        birth_date=volunteer.birth_date,
        fix=facts.fix_of(attempt.location, site) if attempt.location and may_locate else None,
        fix_withheld=attempt.location is not None and not site.location_consented,
    )


def _with_service(
    known: Facts, site: SiteFacts, *, volunteer: LockedVolunteer
) -> tuple[Attendance | None, Facts]:
    """Add what the volunteer is doing and, for a check-in, what they may do here."""
    if known.intent == Intent.OUT:
        current = facts.lock_unfinished(volunteer_id=volunteer.pk, site_id=site.pk, when=known.when)
        return current, replace(known, presence=facts.presence_of(current))
    current = None
    if site.open_attendance is not None:
        current = facts.lock_open(attendance_id=site.open_attendance)
    return current, replace(known, presence=facts.presence_of(current), shifts=site.shifts)


def _check_in(
    decision: CheckIn, when: datetime, *, site: SiteFacts, volunteer: LockedVolunteer
) -> tuple[Attendance, Body]:
    shift = decision.shift
    attendance = insert_attendance(
        volunteer_id=volunteer.pk,
        sign_up_id=shift.sign_up_id if shift.confirmed else None,
        shift_id=shift.shift_id,
        site_id=site.pk,
        checked_in_at=when,
        grade=decision.grade,
        flags=decision.flags,
    )
    shown = attendance_body(
        attendance,
        activity_name=shift.activity_name,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        site_name=site.name,
    )
    return attendance, shown


def _check_out(decision: CheckOut, when: datetime, *, attendance: Attendance) -> tuple[Attendance, Body]:
    """End a presence whose row is locked. A late check-out answers a forgotten one."""
    kept = [flag for flag in attendance.flags if flag != Flag.FORGOT_CHECK_OUT]
    attendance.flags = list(dict.fromkeys([*kept, *(flag.value for flag in decision.flags)]))
    attendance.status = AttendanceStatus.PENDING
    attendance.checked_out_at = when
    attendance.minutes = decision.minutes
    attendance.grade = decision.grade
    attendance.save(update_fields=["status", "checked_out_at", "minutes", "grade", "flags"])
    shown = attendance_body(
        attendance,
        activity_name=attendance.shift.activity.name,
        starts_at=attendance.shift.starts_at,
        ends_at=attendance.shift.ends_at,
        site_name=attendance.site.name,
    )
    return attendance, shown


def _keep(
    attempt: Attempt,
    decision: Decision,
    *,
    volunteer: LockedVolunteer,
    at: datetime,
    site_id: int | None = None,
    fix: Fix | None = None,
    attendance: Attendance | None = None,
    shown: Body | None = None,
) -> ScanAnswer:
    """Write the scan with the answer it gets."""
    body = body_of(result=decision.result.value, reasons=decision.reasons, attendance=shown)
    answer = ScanAnswer(body=body, attendance=attendance)
    insert_scan(
        volunteer_id=volunteer.pk,
        nonce=attempt.nonce,
        intent=attempt.intent,
        result=decision.result,
        reasons=[reason.code.value for reason in decision.reasons],
        site_id=site_id,
        attendance_id=attendance.pk if attendance else None,
        received_at=at,
        captured_at=attempt.captured_at,
        grade=decision.grade,
        fix=fix,
        device=attempt.device,
        answer=answer.as_text(),
    )
    return answer
