"""One scan of one volunteer, whoever holds the phone: gather, decide, write.

docs/checkin.md draws `take`: change both together.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F, Func, Value

from volunteers.attendance import facts
from volunteers.attendance.answers import Body, ScanAnswer, attendance_body, body_of
from volunteers.attendance.choices import STAFF_CHANNELS, AttendanceStatus, Channel, Flag, Intent
from volunteers.attendance.facts import Location, LockedVolunteer, SiteFacts
from volunteers.attendance.models import Attendance
from volunteers.attendance.moments import Capture, capture_of
from volunteers.attendance.policies import platform_policy
from volunteers.attendance.policy import Policy
from volunteers.attendance.rules import decide
from volunteers.attendance.situation import CheckIn, CheckOut, Decision, Facts, TokenState
from volunteers.attendance.storage import ScanRow, insert_scan, opened

_USABLE = frozenset({TokenState.LIVE, TokenState.CAPTURED})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One scan as the phone sent it."""

    token: str
    intent: Intent
    nonce: str
    device: str = ""
    captured_at: datetime | None = None
    sent_at: datetime | None = None
    location: Location | None = None
    site_id: int | None = None  # given by staff who scan a volunteer's code


@dataclass(frozen=True, slots=True)
class Reading:
    """What the scanned code is about: at which site, by which way, and how to judge it there."""

    site_id: int | None  # None: the code names no site, because it is none of ours
    channel: Channel = Channel.SCREEN
    judge: Callable[[SiteFacts, Capture | None, datetime, Policy], TokenState] = lambda *_: (
        TokenState.UNREADABLE
    )
    scanned_by: int | None = None


@dataclass(frozen=True, slots=True)
class _Scan:
    """An attempt under way: who, when, and what the code says."""

    attempt: Attempt
    reading: Reading
    volunteer: LockedVolunteer
    at: datetime
    capture: Capture | None


def take(attempt: Attempt, reading: Reading, *, volunteer: LockedVolunteer, at: datetime) -> ScanAnswer:
    """Answer one scan of a locked volunteer and keep it for ever.

    `at` is when the server received it. A nonce seen before gets its first answer again, word for word.
    """
    capture = capture_of(attempt.captured_at, sent_at=attempt.sent_at, at=at)
    scan = _Scan(attempt, reading, volunteer, at, capture)
    site = _site(scan, captured_at=capture.when if capture else None)
    before = site.answer if site else facts.earlier_answer(volunteer_id=volunteer.pk, nonce=attempt.nonce)
    if before is not None:
        return ScanAnswer.again(before)
    if site is not None:
        return _take_at(site, scan)
    nowhere = TokenState.UNREADABLE if reading.site_id is None else TokenState.FORGED
    return _keep(scan, decide(Facts(attempt.intent, nowhere, at), platform_policy()))


def close_without_end(attendance_ids: list[int]) -> int:
    """Close open attendances as pending; nobody invents an end (rules.md E, “Forgot check-out”)."""
    flagged = Func(F("flags"), Value(Flag.FORGOT_CHECK_OUT.value), function="array_append")
    return Attendance.objects.filter(pk__in=attendance_ids, status=AttendanceStatus.OPEN).update(
        status=AttendanceStatus.PENDING, flags=flagged
    )


def _take_at(site: SiteFacts, scan: _Scan) -> ScanAnswer:
    """Decide at a site that exists, under the volunteer's lock, and write what was decided."""
    policy = site.policy(scan.capture.when if scan.capture else scan.at)
    token = scan.reading.judge(site, scan.capture, scan.at, policy)
    if token is TokenState.LIVE and scan.capture is not None:
        # The phone's time does not count: neither do the policies and the trainings of that time.
        site = _site(scan, captured_at=None) or site
        policy = site.policy(scan.at)
    known = _facts_at(site, scan, token)
    current: Attendance | None = None
    if known.token in _USABLE:
        current, known = _with_service(known, site, volunteer=scan.volunteer)
    decision = decide(known, policy)
    shown: Body | None = None
    attendance: Attendance | None = None
    if isinstance(decision, CheckIn):
        if decision.closes_stale and current is not None:
            close_without_end([current.pk])
        attendance, shown = _check_in(decision, known.when, site=site, volunteer=scan.volunteer)
    elif isinstance(decision, CheckOut) and current is not None:
        attendance, shown = _check_out(decision, known.when, attendance=current)
    return _keep(scan, decision, known=known, attendance=attendance, shown=shown)


def _site(scan: _Scan, *, captured_at: datetime | None) -> SiteFacts | None:
    if scan.reading.site_id is None:
        return None
    return facts.site_with_history(
        site_id=scan.reading.site_id,
        volunteer_id=scan.volunteer.pk,
        nonce=scan.attempt.nonce,
        intent=scan.attempt.intent,
        at=scan.at,
        captured_at=captured_at,
    )


def _facts_at(site: SiteFacts, scan: _Scan, token: TokenState) -> Facts:
    """Return what is known from the code, the place and the person."""
    uploaded = token is TokenState.CAPTURED and scan.capture is not None
    when = scan.capture.when if uploaded and scan.capture else scan.at
    location = scan.attempt.location if scan.reading.channel not in STAFF_CHANNELS else None
    may_locate = site.location_consented and token in _USABLE
    return Facts(
        intent=scan.attempt.intent,
        token=token,
        when=when,
        channel=scan.reading.channel,
        site_id=site.pk,
        site_active=site.is_active,
        site_open=site.is_open(when),
        site_radius_m=site.radius_m,
        volunteer_active=scan.volunteer.is_active,
        birth_date=scan.volunteer.birth_date,
        trainings=frozenset(filter(None, site.qualifications)),
        insured="" in site.qualifications,
        fix=facts.fix_of(location, site) if location and may_locate else None,
        fix_withheld=location is not None and not site.location_consented,
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
    attendance = opened(
        decision, key=site.next_attendance, volunteer_id=volunteer.pk, site_id=site.pk, checked_in_at=when
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
    scan: _Scan,
    decision: Decision,
    *,
    known: Facts | None = None,
    attendance: Attendance | None = None,
    shown: Body | None = None,
) -> ScanAnswer:
    """Write the scan with the answer it gets."""
    body = body_of(result=decision.result.value, reasons=decision.reasons, attendance=shown)
    answer = ScanAnswer(body=body, attendance=attendance)
    row = ScanRow(
        volunteer_id=scan.volunteer.pk,
        nonce=scan.attempt.nonce,
        intent=scan.attempt.intent,
        result=decision.result,
        reasons=[reason.code.value for reason in decision.reasons],
        site_id=known.site_id if known else None,
        attendance=attendance,
        received_at=scan.at,
        captured_at=scan.capture.claimed_at if scan.capture else None,
        grade=decision.grade,
        fix=known.fix if known else None,
        device=scan.attempt.device,
        answer=answer.as_text(),
        channel=scan.reading.channel,
        scanned_by=scan.reading.scanned_by,
        clock_offset_s=scan.capture.offset_s if scan.capture else None,
    )
    insert_scan(row)
    return answer
