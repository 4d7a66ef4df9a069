"""What is said about an attendance before it is decided: when I left, what I am asked and answer."""

from datetime import datetime

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core.errors import Forbidden, NotFound
from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.attendance.errors import NotAsked, NothingToPropose, ProposalInvalid, QuestionRequired
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import DECIDERS, decidable_by
from volunteers.attendance.reasons import clock


def propose_end(
    *, volunteer_user_id: int, attendance_id: int, left_at: datetime, note: str, at: datetime
) -> Attendance:
    """Keep when the volunteer says they left an attendance that the clock closed; the manager decides.

    It may be corrected until then. No end is invented: the check-out stays unknown (rules.md E).

    :raises NotFound: not the volunteer's own. :raises NothingToPropose: it has a check-out, or is decided.
    :raises ProposalInvalid: before the check-in, or after the scheduled end.
    """
    with transaction.atomic():
        attendance = _own(volunteer_user_id, attendance_id)
        if attendance.status != AttendanceStatus.PENDING or attendance.checked_out_at is not None:
            raise NothingToPropose
        ends_at = attendance.shift.ends_at
        if not attendance.checked_in_at < left_at <= ends_at:
            raise ProposalInvalid(field="left_at", end=clock(ends_at, beside=at))
        attendance.proposed_out_at = left_at
        attendance.proposed_at = at
        attendance.proposal_note = note.strip()
        attendance.flags = list(dict.fromkeys([*attendance.flags, Flag.PROPOSED.value]))
        attendance.save(update_fields=["proposed_out_at", "proposed_at", "proposal_note", "flags"])
    return attendance


def ask_back(*, attendance_id: int, actor: Actor, question: str, at: datetime) -> Attendance:
    """Ask the volunteer about an attendance that waits for a decision; a new question replaces the old.

    :raises Forbidden: a role that never decides. :raises NotFound: not in the actor's scope.
    :raises QuestionRequired: no words. :raises NotAsked: it is decided or still in service.
    """
    if not actor.has(*DECIDERS):
        raise Forbidden
    words = question.strip()
    if not words:
        raise QuestionRequired(field="question")
    with transaction.atomic():
        attendance = _locked(attendance_id)
        if attendance is None or not decidable_by(actor).filter(pk=attendance_id).exists():
            raise NotFound
        if attendance.status != AttendanceStatus.PENDING:
            raise NotAsked
        attendance.question, attendance.asked_at = words, at
        attendance.answer, attendance.answered_at = "", None
        attendance.save(update_fields=["question", "asked_at", "answer", "answered_at"])
    return attendance


def answer(*, volunteer_user_id: int, attendance_id: int, text: str, at: datetime) -> Attendance:
    """Keep what the volunteer answers; it may be corrected until the decision.

    :raises NotFound: not the volunteer's own. :raises QuestionRequired: no words.
    :raises NotAsked: there is no question, or the decision was made.
    """
    words = text.strip()
    if not words:
        raise QuestionRequired(field="answer")
    with transaction.atomic():
        attendance = _own(volunteer_user_id, attendance_id)
        if attendance.status != AttendanceStatus.PENDING or not attendance.question:
            raise NotAsked
        attendance.answer, attendance.answered_at = words, at
        attendance.save(update_fields=["answer", "answered_at"])
    return attendance


def _locked(attendance_id: int) -> Attendance | None:
    held = Attendance.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("shift__activity", "site", "volunteer").filter(pk=attendance_id).first()


def _own(volunteer_user_id: int, attendance_id: int) -> Attendance:
    attendance = _locked(attendance_id)
    if attendance is None or attendance.volunteer.user_id != volunteer_user_id:
        raise NotFound
    return attendance
