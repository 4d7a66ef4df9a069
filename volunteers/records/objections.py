"""Objections: while one is open, the attendance is not approved and its record is not used any further.

A volunteer and whoever has the place in their scope opens one at once; anybody else may send one in, which a
decider accepts first. Not used means: no points that were not awarded yet, no hours on the public board.
"""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from backend.accounts import throttling
from backend.accounts.scopes import Actor
from backend.core import audit, outbox
from backend.core.errors import NotFound, TooManyRequests
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import visible_to
from volunteers.records import services
from volunteers.records.choices import ObjectionState, RecordKind
from volunteers.records.errors import (
    NothingToObject,
    ObjectionExists,
    ObjectionNotAccepted,
    ObjectionTargetRequired,
    OwnTicket,
    TicketDecided,
    TicketReasonRequired,
)
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import live_record_of
from volunteers.records.states import may_move
from volunteers.records.ticket_models import Objection

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud without mistakes
_LENGTH = 16  # 80 bits: not guessed


def raise_objection(
    *,
    actor: Actor,
    address: str,
    reason: str,
    at: datetime,
    attendance_id: int | None = None,
    record_id: int | None = None,
    contact: str = "",
) -> Objection:
    """Object to an attendance, or to a record that counts; from outside the scope it waits to be accepted.

    `actor` may be nobody (`user_id` 0). `address` is where a request came from, against floods; not kept.

    :raises ObjectionTargetRequired: not exactly one of the two. :raises TicketReasonRequired: no reason.
    :raises TooManyRequests: too many from this address. :raises NotFound: there is no such row.
    :raises NothingToObject: it is open, rejected or taken back.
    :raises ObjectionExists: another one is being looked into.
    """
    if (attendance_id is None) == (record_id is None):
        raise ObjectionTargetRequired(field="record")
    if not reason.strip():
        raise TicketReasonRequired(field="reason")
    if not actor.user_id:
        _count(address)
    with transaction.atomic():
        attendance = _target(attendance_id, record_id)
        within = bool(actor.user_id) and visible_to(actor).filter(pk=attendance.pk).exists()
        if actor.user_id and not within:
            _count(address)
        record = _used_record(attendance, record_id)
        if within:
            _check_none_open(attendance)
        with services.coded():
            objection = Objection.objects.create(
                ticket="".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)),
                attendance=attendance,
                record=record,
                reason=reason.strip(),
                contact=contact.strip() or None,
                raised_by_id=actor.user_id or None,
                raised_at=at,
                state=ObjectionState.OPEN if within else ObjectionState.RECEIVED,
            )
        if within:
            _contested(objection, at=at)
    return objection


def accept(*, objection_id: int, actor: Actor, at: datetime) -> Objection:
    """Open an objection from the public: from now on nothing of it is used. Accepting again changes nothing.

    :raises Forbidden, NotFound: not a decider; not in the actor's scope.
    :raises OwnTicket: the actor raised it, or is the volunteer. :raises TicketDecided: it is closed.
    :raises NothingToObject, ObjectionExists: there is nothing to stop any more, or another one is open.
    """
    services.check_role(actor)
    with transaction.atomic():
        objection = _locked(actor, objection_id)
        if objection.state == ObjectionState.OPEN:
            return objection
        _check_move(objection, ObjectionState.OPEN)
        _check_maker(objection, actor, judging=False)
        attendance = objection.attendance
        _check_none_open(attendance)
        objection.record = _used_record(attendance, None)
        objection.accepted_by_id = actor.user_id
        objection.accepted_at = at
        _save(objection, ObjectionState.OPEN, "record", "accepted_by", "accepted_at")
        _contested(objection, at=at)
    return objection


def uphold(*, objection_id: int, actor: Actor, reason: str, at: datetime) -> Objection:
    """Agree: a pending attendance is rejected, a record is reversed and its attendance decided anew.

    Upholding again changes nothing.

    :raises Forbidden, NotFound: not a decider; not in the actor's scope.
    :raises TicketReasonRequired: no reason.
    :raises OwnTicket: the actor raised it, is the volunteer, or wrote the record.
    :raises ObjectionNotAccepted, TicketDecided: it is not open.
    """
    return _judge(objection_id, ObjectionState.UPHELD, actor=actor, reason=reason, at=at)


def dismiss(*, objection_id: int, actor: Actor, reason: str, at: datetime) -> Objection:
    """Disagree: everything goes on as if nothing had been. Dismissing again changes nothing.

    An objection from the public may be dismissed without being accepted.

    :raises Forbidden, NotFound: not a decider; not in the actor's scope.
    :raises TicketReasonRequired: no reason.
    :raises OwnTicket: the actor raised it, is the volunteer, or wrote the record.
    :raises TicketDecided: it is closed otherwise.
    """
    return _judge(objection_id, ObjectionState.DISMISSED, actor=actor, reason=reason, at=at)


def withdraw(*, objection_id: int, actor: Actor, at: datetime) -> Objection:
    """Take one's own objection back. Doing so again changes nothing.

    :raises NotFound: the actor raised no such objection. :raises TicketDecided: it was decided.
    """
    with transaction.atomic():
        own = Objection.objects.filter(pk=objection_id, raised_by_id=actor.user_id or None)
        attendance_id = own.values_list("attendance_id", flat=True).first()
        if attendance_id is None or not actor.user_id:
            raise NotFound
        _lock_attendance(attendance_id)
        objection = own.select_for_update(of=("self",)).get()
        if objection.state == ObjectionState.WITHDRAWN:
            return objection
        _check_move(objection, ObjectionState.WITHDRAWN)
        was_open = objection.state == ObjectionState.OPEN
        objection.decided_at = at
        _save(objection, ObjectionState.WITHDRAWN, "decided_at")
        if was_open:
            _go_on(objection, at=at)
    return objection


def reveal_contact(*, objection_id: int, actor: Actor, at: datetime) -> str:
    """Return how to reach who raised it, "" when they did not say; every reading is an audit row.

    :raises Forbidden, NotFound: not a decider; not in the actor's scope.
    """
    services.check_role(actor)
    with transaction.atomic():
        objection = _locked(actor, objection_id)
        audit.record(actor=actor, action="objection.contact", target=objection, at=at)
        sealed = objection.contact
        return "" if sealed is None else str(sealed.open())


def _count(address: str) -> None:
    throttling.hit(
        limits=settings.OBJECTIONS_PER_ADDRESS, name="objection-address", who=address, refusal=TooManyRequests
    )


def _target(attendance_id: int | None, record_id: int | None) -> Attendance:
    """Return the attendance meant, locked: an approval at the same moment waits, or has happened."""
    if record_id is not None:
        records = ServiceRecord.objects.filter(pk=record_id, kind=RecordKind.SERVICE)
        attendance_id = records.values_list("attendance_id", flat=True).first()
    if attendance_id is None:
        raise NotFound
    return _lock_attendance(attendance_id)


def _lock_attendance(attendance_id: int) -> Attendance:
    locked = Attendance.objects.select_for_update(of=("self",), no_key=True)
    attendance = locked.filter(pk=attendance_id).first()
    if attendance is None:
        raise NotFound
    return attendance


def _used_record(attendance: Attendance, record_id: int | None) -> ServiceRecord | None:
    """Return the record that counts, None while the attendance is pending."""
    if attendance.status == AttendanceStatus.PENDING and record_id is None:
        return None
    record = live_record_of(attendance.pk) if attendance.status == AttendanceStatus.APPROVED else None
    if record is None or record_id not in {None, record.pk}:
        raise NothingToObject
    return record


def _check_none_open(attendance: Attendance) -> None:
    if Objection.objects.filter(attendance=attendance, state=ObjectionState.OPEN).exists():
        raise ObjectionExists


def _locked(actor: Actor, objection_id: int) -> Objection:
    """Return the ticket, locked after its attendance: the order in which everything here takes its locks."""
    tickets = Objection.objects.filter(pk=objection_id)
    attendance_id = tickets.values_list("attendance_id", flat=True).first()
    if attendance_id is None:
        raise NotFound
    services.locked_attendance(actor, attendance_id)
    return tickets.select_for_update(of=("self",)).select_related("attendance__volunteer", "record").get()


def _judge(
    objection_id: int, verdict: ObjectionState, *, actor: Actor, reason: str, at: datetime
) -> Objection:
    services.check_role(actor)
    why = reason.strip()
    if not why:
        raise TicketReasonRequired(field="reason")
    with transaction.atomic():
        objection = _locked(actor, objection_id)
        if objection.state == verdict:
            return objection
        _check_move(objection, verdict)
        _check_maker(objection, actor, judging=True)
        was_open = objection.state == ObjectionState.OPEN
        objection.decided_by_id = actor.user_id
        objection.decided_at = at
        objection.decision_reason = why
        _save(objection, verdict, "decided_by", "decided_at", "decision_reason")
        if verdict == ObjectionState.UPHELD:
            _take_away(objection, actor=actor, reason=why, at=at)
        elif was_open:
            _go_on(objection, at=at)
    return objection


def _check_move(objection: Objection, after: ObjectionState) -> None:
    if may_move(objection.state, after):
        return
    if objection.state == ObjectionState.RECEIVED:
        raise ObjectionNotAccepted
    raise TicketDecided


def _check_maker(objection: Objection, actor: Actor, *, judging: bool) -> None:
    makers = {objection.raised_by_id, objection.attendance.volunteer.user_id}
    if judging and objection.record is not None:
        makers.add(objection.record.recorded_by_id)
    if actor.user_id in makers:
        raise OwnTicket


def _save(objection: Objection, state: ObjectionState, *fields: str) -> None:
    objection.state = state
    with services.coded():
        objection.save(update_fields=["state", *fields])


def _take_away(objection: Objection, *, actor: Actor, reason: str, at: datetime) -> None:
    if objection.record_id is not None:
        services.reverse_record(record_id=objection.record_id, actor=actor, reason=reason, at=at)
    else:
        services.reject(attendance_id=objection.attendance_id, actor=actor, reason=reason, at=at)


def _contested(objection: Objection, *, at: datetime) -> None:
    """Report that a record is not to be used for the time being."""
    record = objection.record
    if record is not None:
        outbox.emit(
            topic="record.contested",
            key=f"volunteer:{record.volunteer_id}",
            payload={"record_id": record.pk},
            at=at,
        )


def _go_on(objection: Objection, *, at: datetime) -> None:
    """Report the record as approved once more: what was held back follows now, and nothing twice."""
    record = objection.record
    if record is not None:
        outbox.emit(
            topic="record.approved",
            key=f"volunteer:{record.volunteer_id}",
            payload={"record_id": record.pk},
            at=at,
        )
