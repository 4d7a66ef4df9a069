"""Approving, rejecting and taking back. The only place that writes service records."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import outbox
from backend.core.errors import Forbidden, NotFound, Refusal, refusal_for
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade
from volunteers.attendance.errors import SecondPersonNeeded
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import DECIDERS, decidable_by
from volunteers.people.models import Volunteer
from volunteers.records.choices import RecordKind
from volunteers.records.days import DayBook
from volunteers.records.errors import (
    AlreadyDecided,
    NotReversible,
    OwnAttendance,
    OwnRecord,
    RejectionReasonRequired,
    ReversalReasonRequired,
    StillInService,
    UnderObjection,
)
from volunteers.records.models import SCORED_FACTS, ServiceRecord
from volunteers.records.queries import contested, live_record_of
from volunteers.records.rules import Credit, Presence, credit

_LONGEST_REASON = 200  # the column


@dataclass(frozen=True)
class RowResult:
    """What became of one attendance of a batch: its record, or the refusal."""

    attendance_id: int
    record: ServiceRecord | None = None
    refusal: Refusal | None = None


def approve(
    *, attendance_id: int, actor: Actor, at: datetime, minutes: int | None = None, reason: str = ""
) -> ServiceRecord:
    """Credit an attendance: write its record, mark the time as credited, and report `record.approved`.

    Approving again returns the record that counts and changes nothing. `minutes` other than the scanned ones
    need a reason; see rules.credit for their limits.

    :raises Forbidden: a role that never decides (volunteers, supervisors).
    :raises NotFound: no such attendance in the actor's scope.
    :raises OwnAttendance: the actor is the volunteer.
    :raises StillInService: there is no check-out yet and the shift is not over.
    :raises AlreadyDecided: it was rejected.
    :raises UnderObjection: an objection to it is open.
    :raises SecondPersonNeeded: the actor entered it from paper.
    :raises CreditedOverlap: all of the time is credited already.
    """
    check_role(actor)
    with transaction.atomic():
        attendance = locked_attendance(actor, attendance_id)
        days = DayBook([attendance])
        return _approve(attendance, days, actor=actor, at=at, minutes=minutes, reason=reason.strip())


def approve_many(*, ids: Sequence[int], actor: Actor, at: datetime) -> list[RowResult]:
    """Credit several attendances by their scanned minutes; one that cannot be leaves the others alone.

    Returns one result per distinct id, in the order given.

    :raises Forbidden: a role that never decides.
    """
    check_role(actor)
    wanted = list(dict.fromkeys(ids))
    results: dict[int, RowResult] = {}
    with transaction.atomic():
        _lock_people(wanted)
        found = {attendance.pk: attendance for attendance in _lockable(actor).filter(pk__in=wanted)}
        days = DayBook(list(found.values()))
        for attendance_id, attendance in found.items():
            try:
                record = _approve(attendance, days, actor=actor, at=at, minutes=None, reason="")
            except Refusal as refusal:
                results[attendance_id] = RowResult(attendance_id, refusal=refusal)
            else:
                results[attendance_id] = RowResult(attendance_id, record=record)
    return [results.get(wish) or RowResult(wish, refusal=NotFound()) for wish in wanted]


def reject(*, attendance_id: int, actor: Actor, at: datetime, reason: str) -> Attendance:
    """Refuse an attendance, telling why. Rejecting again changes nothing.

    :raises Forbidden: a role that never decides.
    :raises RejectionReasonRequired: no reason.
    :raises NotFound: no such attendance in the actor's scope.
    :raises OwnAttendance: the actor is the volunteer.
    :raises StillInService: the volunteer has not left.
    :raises AlreadyDecided: it was approved; its record has to be reversed first.
    :raises SecondPersonNeeded: the actor entered it from paper.
    """
    check_role(actor)
    why = reason.strip()
    if not why:
        raise RejectionReasonRequired(field="reason")
    with transaction.atomic():
        attendance = locked_attendance(actor, attendance_id)
        _check_maker(attendance, actor)
        if attendance.status == AttendanceStatus.REJECTED:
            return attendance
        _check_pending(attendance)
        _check_second_person(attendance, actor)
        attendance.status = AttendanceStatus.REJECTED
        attendance.decided_by_id = actor.user_id
        attendance.decided_at = at
        attendance.decision_reason = why
        attendance.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
    return attendance


def reverse_record(*, record_id: int, actor: Actor, reason: str, at: datetime) -> ServiceRecord:
    """Take a record back by a row that cancels it, free its time, and return that row.

    The attendance waits for a decision again, flagged. Points follow from `record.reversed`, whose payload
    names the record taken back (`record_id`) and the row that does it (`reversal_id`). Reversing again
    returns the first reversal.

    :raises Forbidden: a role that never decides.
    :raises ReversalReasonRequired: no reason.
    :raises NotFound: no such record in the actor's scope.
    :raises OwnAttendance: the actor is the volunteer.
    :raises NotReversible: the row is itself a reversal.
    :raises OwnRecord: the actor wrote the record.
    """
    check_role(actor)
    why = reason.strip()
    if not why:
        raise ReversalReasonRequired(field="reason")
    with transaction.atomic():
        attendance = locked_attendance(actor, *_attendance_ids(record_id))
        _check_maker(attendance, actor)
        record = ServiceRecord.objects.get(pk=record_id)
        if record.kind == RecordKind.REVERSAL:
            raise NotReversible
        earlier = ServiceRecord.objects.filter(reverses=record).first()
        if earlier is not None:
            return earlier
        if record.recorded_by_id == actor.user_id:
            raise OwnRecord
        with coded():
            reversal = _write_reversal(record, actor=actor, reason=why, at=at)
            _reopen(attendance)
        outbox.emit(
            topic="record.reversed",
            key=f"volunteer:{record.volunteer_id}",
            payload={"record_id": record.pk, "reversal_id": reversal.pk},
            at=at,
        )
    return reversal


def check_role(actor: Actor) -> None:
    """Let those through who decide about attendances anywhere.

    :raises Forbidden: a role that never decides.
    """
    if not actor.has(*DECIDERS):
        raise Forbidden


def _lock_people(attendance_ids: Sequence[int]) -> None:
    """Lock whose attendances these are, before the attendances and in key order, as every scan does.

    One person's hours are decided one after the other, so the day's cap and what is taken stay true.
    """
    people = Volunteer.objects.select_for_update(no_key=True).filter(
        pk__in=Attendance.objects.filter(pk__in=attendance_ids).values("volunteer_id")
    )
    list(people.order_by("pk").values_list("pk", flat=True))


def _lockable(actor: Actor) -> QuerySet[Attendance]:
    """The attendances in scope, locked in pk order when read, with everything a record needs."""
    return (
        decidable_by(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("volunteer", "shift__activity__programme__organization", "site")
        .annotate(contested=contested())
        .order_by("pk")
    )


def locked_attendance(actor: Actor, *attendance_ids: int) -> Attendance:
    """Return an attendance this actor may decide about, locked after its volunteer.

    :raises NotFound: there is none in the actor's scope.
    """
    _lock_people(attendance_ids)
    attendance = _lockable(actor).filter(pk__in=attendance_ids).first()
    if attendance is None:
        raise NotFound
    return attendance


def _attendance_ids(record_id: int) -> Sequence[int]:
    return list(ServiceRecord.objects.filter(pk=record_id).values_list("attendance_id", flat=True))


def _check_maker(attendance: Attendance, actor: Actor) -> None:
    if attendance.volunteer.user_id == actor.user_id:
        raise OwnAttendance


def _check_second_person(attendance: Attendance, actor: Actor) -> None:
    if attendance.entered_by_id == actor.user_id:
        raise SecondPersonNeeded


def _check_pending(attendance: Attendance) -> None:
    if attendance.status == AttendanceStatus.OPEN:
        raise StillInService
    if attendance.status != AttendanceStatus.PENDING:
        raise AlreadyDecided


def _check_uncontested(attendance: Attendance) -> None:
    """Refuse early what the database would refuse; one opened this instant is left to its trigger."""
    if getattr(attendance, "contested", False):
        raise UnderObjection


@contextmanager
def coded() -> Iterator[None]:
    """Give a refusal of the database its code, and undo only what is inside."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal_for(error) from error


def _approve(
    attendance: Attendance, days: DayBook, *, actor: Actor, at: datetime, minutes: int | None, reason: str
) -> ServiceRecord:
    """Decide about a locked attendance."""
    _check_maker(attendance, actor)
    if attendance.status == AttendanceStatus.APPROVED:
        record = live_record_of(attendance.pk)
        if record is not None:
            return record
    _check_pending(attendance)
    _check_uncontested(attendance)
    _check_second_person(attendance, actor)
    credited = credit(_presence(attendance), days.limits(attendance), minutes=minutes, reason=reason)
    reason = "；".join(filter(None, [reason, credited.trimmed]))[:_LONGEST_REASON]
    with coded():
        _mark_approved(attendance, credited, actor=actor, reason=reason, at=at)
        record = _write_record(attendance, credited, actor=actor, reason=reason, at=at)
        outbox.emit(
            topic="record.approved",
            key=f"volunteer:{record.volunteer_id}",
            payload={"record_id": record.pk},
            at=at,
        )
    days.note(record)
    return record


def _presence(attendance: Attendance) -> Presence:
    shift = attendance.shift
    return Presence(
        checked_in_at=attendance.checked_in_at,
        checked_out_at=attendance.checked_out_at,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        break_minutes=shift.break_minutes,
    )


def _mark_approved(
    attendance: Attendance, credited: Credit, *, actor: Actor, reason: str, at: datetime
) -> None:
    attendance.status = AttendanceStatus.APPROVED
    attendance.minutes = credited.minutes
    attendance.credited = (credited.span.start, credited.span.end)
    attendance.decided_by_id = actor.user_id
    attendance.decided_at = at
    attendance.decision_reason = reason
    attendance.save(
        update_fields=["status", "minutes", "credited", "decided_by", "decided_at", "decision_reason"]
    )


def _write_record(
    attendance: Attendance, credited: Credit, *, actor: Actor, reason: str, at: datetime
) -> ServiceRecord:
    """Copy the fields of Order 67 Art 7 and what points are reckoned from: later changes leave them alone."""
    activity = attendance.shift.activity
    organization = activity.programme.organization
    site = attendance.site
    return ServiceRecord.objects.create(
        volunteer=attendance.volunteer,
        attendance=attendance,
        version=_next_version(attendance),
        kind=RecordKind.SERVICE,
        activity_name=activity.name,
        service_date=localdate(credited.span.start),
        place=f"{site.name}（{site.address}）" if site.address else site.name,
        content=activity.content or activity.name,
        started_at=credited.span.start,
        ended_at=credited.span.end,
        minutes=credited.minutes,
        organization=organization,
        organization_name=organization.name,
        responsible_name=activity.responsible_name,
        region_id=site.region_id,
        category=activity.category,
        recipient=activity.recipient,
        activity_type=activity.activity_type,
        difficulty=activity.difficulty,
        skilled=activity.skilled,
        organizer=activity.organizer_id == attendance.volunteer_id,
        scheduled_minutes=attendance.shift.scheduled_minutes,
        grade=Grade.D if credited.on_word else attendance.grade,
        manual=attendance.manual,
        reason=reason,
        recorded_by_id=actor.user_id,
        recorded_at=at,
    )


def _next_version(attendance: Attendance) -> int:
    """Return 1 unless an earlier record was reversed; the flag spares the usual approval a query."""
    if Flag.REVERSED not in attendance.flags:
        return 1
    records = ServiceRecord.objects.filter(attendance=attendance, kind=RecordKind.SERVICE)
    return (records.aggregate(latest=Max("version"))["latest"] or 0) + 1


def _write_reversal(record: ServiceRecord, *, actor: Actor, reason: str, at: datetime) -> ServiceRecord:
    return ServiceRecord.objects.create(
        volunteer_id=record.volunteer_id,
        attendance_id=record.attendance_id,
        version=record.version,
        kind=RecordKind.REVERSAL,
        reverses=record,
        activity_name=record.activity_name,
        service_date=record.service_date,
        place=record.place,
        content=record.content,
        started_at=record.started_at,
        ended_at=record.ended_at,
        minutes=-record.minutes,
        organization_id=record.organization_id,
        organization_name=record.organization_name,
        responsible_name=record.responsible_name,
        region_id=record.region_id,
        **{name: getattr(record, name) for name in SCORED_FACTS},
        grade=record.grade,
        manual=record.manual,
        reason=reason,
        recorded_by_id=actor.user_id,
        recorded_at=at,
    )


def _reopen(attendance: Attendance) -> None:
    """Put an approved attendance back to be decided, with the minutes its scans say."""
    attendance.status = AttendanceStatus.PENDING
    attendance.minutes = _presence(attendance).minutes
    attendance.credited = None
    attendance.decided_by = None
    attendance.decided_at = None
    attendance.decision_reason = ""
    attendance.flags = list(dict.fromkeys([*attendance.flags, Flag.REVERSED.value]))
    attendance.save(
        update_fields=[
            "status",
            "minutes",
            "credited",
            "decided_by",
            "decided_at",
            "decision_reason",
            "flags",
        ]
    )
