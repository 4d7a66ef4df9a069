"""Correcting an approved record: a ticket, somebody else's decision, a reversal and a new record.

Order 67 Arts 12–13: a volunteer may say that a record is wrong, and the organization checks and corrects.
"""

from datetime import datetime

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core.errors import Forbidden, NotFound
from volunteers.attendance.presence import Span
from volunteers.attendance.queries import decidable_by
from volunteers.records import services
from volunteers.records.choices import CorrectionState, RecordKind
from volunteers.records.errors import (
    CorrectionChangesNothing,
    CorrectionExists,
    CorrectionNotCreditable,
    MinutesExceedShift,
    NotReversible,
    OwnTicket,
    RecordSuperseded,
    TicketDecided,
    TicketReasonRequired,
)
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import visible_to, with_details
from volunteers.records.ticket_models import Correction


def ask(*, record_id: int, actor: Actor, minutes: int, reason: str, at: datetime) -> Correction:
    """Say that a record should hold other minutes, 0 to take it back; somebody else will decide.

    :raises NotFound: the actor cannot see such a record.
    :raises Forbidden: they may read it, and are neither its volunteer nor one who decides there.
    :raises TicketReasonRequired: no reason.
    :raises NotReversible, RecordSuperseded: the row is a reversal, or was taken back.
    :raises CorrectionChangesNothing, MinutesExceedShift: the minutes it has, or more than the shift was long.
    :raises CorrectionExists: another correction of it is open.
    """
    record = with_details(visible_to(actor)).select_related("attendance__shift").filter(pk=record_id).first()
    if record is None:
        raise NotFound
    _check_asker(record, actor)
    why = reason.strip()
    if not why:
        raise TicketReasonRequired(field="reason")
    if record.kind == RecordKind.REVERSAL:
        raise NotReversible
    if getattr(record, "is_reversed", False):
        raise RecordSuperseded
    _check_minutes(record, minutes)
    if Correction.objects.filter(record=record, state=CorrectionState.OPEN).exists():
        raise CorrectionExists
    with services.coded():
        return Correction.objects.create(
            record=record,
            asked_by_id=actor.user_id,
            asked_at=at,
            reason=why,
            minutes_before=record.minutes,
            minutes_after=minutes,
        )


def approve(*, correction_id: int, actor: Actor, at: datetime, reason: str = "") -> Correction:
    """Grant a correction: in one transaction the record is reversed and the new one written.

    With 0 minutes the attendance is rejected instead. `record.reversed` and `record.approved` are reported
    as for any other decision. Approving again returns the ticket and changes nothing.

    :raises Forbidden, NotFound: not a decider; not in the actor's scope.
    :raises OwnTicket: the actor asked for it, is the volunteer, or wrote the record.
    :raises TicketDecided: it was refused. :raises RecordSuperseded: the record was taken back meanwhile.
    :raises CorrectionNotCreditable: other records of the day leave less than what was asked for.
    :raises UnderObjection, DayIsFull: what else `services.approve` refuses.
    """
    services.check_role(actor)
    with transaction.atomic():
        correction = _locked(actor, correction_id)
        if correction.state == CorrectionState.APPROVED:
            return correction
        _check_open(correction, actor)
        record = correction.record
        if ServiceRecord.objects.filter(reverses=record).exists():
            raise RecordSuperseded
        correction.reversal = services.reverse_record(
            record_id=record.pk, actor=actor, reason=correction.reason, at=at
        )
        correction.replacement = _rewrite(correction, actor=actor, at=at)
        _close(correction, CorrectionState.APPROVED, actor=actor, reason=reason.strip(), at=at)
    return correction


def refuse(*, correction_id: int, actor: Actor, reason: str, at: datetime) -> Correction:
    """Leave the record as it is, telling why. Refusing again changes nothing.

    :raises Forbidden, NotFound: not a decider; not in the actor's scope.
    :raises TicketReasonRequired: no reason.
    :raises OwnTicket: the actor asked for it, is the volunteer, or wrote the record.
    :raises TicketDecided: it was approved.
    """
    services.check_role(actor)
    if not reason.strip():
        raise TicketReasonRequired(field="reason")
    with transaction.atomic():
        correction = _locked(actor, correction_id)
        if correction.state == CorrectionState.REFUSED:
            return correction
        _check_open(correction, actor)
        _close(correction, CorrectionState.REFUSED, actor=actor, reason=reason.strip(), at=at)
    return correction


def _check_asker(record: ServiceRecord, actor: Actor) -> None:
    if record.volunteer.user_id == actor.user_id:
        return
    if not decidable_by(actor).filter(pk=record.attendance_id).exists():
        raise Forbidden


def _check_minutes(record: ServiceRecord, minutes: int) -> None:
    shift = record.attendance.shift
    most = Span(shift.starts_at, shift.ends_at).minutes
    if not 0 <= minutes <= most:
        raise MinutesExceedShift(field="minutes", most=most)
    if minutes == record.minutes:
        raise CorrectionChangesNothing(field="minutes")


def _locked(actor: Actor, correction_id: int) -> Correction:
    """Return the ticket, locked after its attendance: the order in which all tickets take locks."""
    tickets = Correction.objects.filter(pk=correction_id)
    attendance_id = tickets.values_list("record__attendance_id", flat=True).first()
    if attendance_id is None:
        raise NotFound
    services.locked_attendance(actor, attendance_id)
    return tickets.select_for_update(of=("self",)).select_related("record__volunteer").get()


def _check_open(correction: Correction, actor: Actor) -> None:
    if correction.state != CorrectionState.OPEN:
        raise TicketDecided
    record = correction.record
    if actor.user_id in {correction.asked_by_id, record.volunteer.user_id, record.recorded_by_id}:
        raise OwnTicket


def _rewrite(correction: Correction, *, actor: Actor, at: datetime) -> ServiceRecord | None:
    attendance_id = correction.record.attendance_id
    if not correction.minutes_after:
        services.reject(attendance_id=attendance_id, actor=actor, reason=correction.reason, at=at)
        return None
    record = services.approve(
        attendance_id=attendance_id,
        actor=actor,
        minutes=correction.minutes_after,
        reason=correction.reason,
        at=at,
    )
    if record.minutes != correction.minutes_after:
        raise CorrectionNotCreditable(most=record.minutes)
    return record


def _close(
    correction: Correction, state: CorrectionState, *, actor: Actor, reason: str, at: datetime
) -> None:
    correction.state = state
    correction.decided_by_id = actor.user_id
    correction.decided_at = at
    correction.decision_reason = reason
    with services.coded():
        correction.save(
            update_fields=[
                "state",
                "decided_by",
                "decided_at",
                "decision_reason",
                "reversal",
                "replacement",
            ]
        )
