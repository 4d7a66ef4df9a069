"""A volunteer's own tickets: “this record is wrong”, “this is not right”, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.scopes import Actor, actor_for
from backend.core.errors import NotFound, Refusal
from backend.core.network import client_address
from backend.pages.buttons import by_button
from backend.pages.doors import volunteers_only
from backend.pages.forms import CorrectionForm, ReasonForm
from backend.pages.notes import note
from backend.pages.templatetags.jishan import duration
from backend.pages.visitor import VolunteerRequest
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.people.models import Volunteer
from volunteers.records import corrections, objections, queries
from volunteers.records.choices import CorrectionState, ObjectionState, RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, Objection


@dataclass(frozen=True)
class TicketLine:
    """One ticket under its row: where it stands, and while it is open whose task it is and until when."""

    label: str
    tone: str
    sentence: str
    due_on: date | None = None
    is_open: bool = False
    own_objection: int | None = None  # who raised it may take it back


def show_tickets(
    volunteer: Volunteer, records: Iterable[ServiceRecord], attendances: Iterable[Attendance] = ()
) -> None:
    """Give each row its `tickets`, and say whether it `may_correct` and `may_object`; two queries in all."""
    rows, waiting = list(records), list(attendances)
    wishes = queries.corrections_about([row.pk for row in rows])
    doubts = queries.objections_about(
        [*(row.attendance_id for row in rows), *(attendance.pk for attendance in waiting)]
    )
    for row in rows:
        lines = [_correction_line(wish) for wish in wishes if wish.record_id == row.pk]
        lines += [_objection_line(doubt, volunteer) for doubt in doubts if doubt.record_id == row.pk]
        counts = row.kind == RecordKind.SERVICE and not getattr(row, "is_reversed", False)
        contested = getattr(row, "contested", False)
        asked = any(wish.record_id == row.pk and wish.state == CorrectionState.OPEN for wish in wishes)
        vars(row).update(
            tickets=lines,
            may_correct=counts and not contested and not asked,
            may_object=counts and not contested,
        )
    for attendance in waiting:
        own = [doubt for doubt in doubts if doubt.attendance_id == attendance.pk and not doubt.record_id]
        pending = attendance.status == AttendanceStatus.PENDING
        vars(attendance).update(
            tickets=[_objection_line(doubt, volunteer) for doubt in own],
            may_object=pending and not any(doubt.state == ObjectionState.OPEN for doubt in own),
        )


def _correction_line(wish: Correction) -> TicketLine:
    change = f"{duration(wish.minutes_before)} → {duration(wish.minutes_after)}"
    if wish.state == CorrectionState.OPEN:
        sentence = _("申请更正 %(change)s：%(reason)s") % {"change": change, "reason": wish.reason}
        return TicketLine(_("更正待核实"), "amber", sentence, wish.due_on, is_open=True)
    sentence = f"{change}。{wish.decision_reason}" if wish.decision_reason else change
    tone = "jade" if wish.state == CorrectionState.APPROVED else "rust"
    return TicketLine(str(wish.get_state_display()), tone, sentence)


def _objection_line(doubt: Objection, volunteer: Volunteer) -> TicketLine:
    if doubt.state == ObjectionState.OPEN:
        sentence = _("有人提出异议，有结论前不计积分、不上榜单。")
        own = doubt.pk if doubt.raised_by_id == volunteer.user_id else None
        return TicketLine(_("异议核查中"), "amber", sentence, doubt.due_on, is_open=True, own_objection=own)
    tone = "rust" if doubt.state == ObjectionState.UPHELD else "jade"
    return TicketLine(str(doubt.get_state_display()), tone, doubt.decision_reason)


@require_http_methods(["GET", "POST"])
@never_cache
@volunteers_only
def correct(request: VolunteerRequest, record_id: int) -> HttpResponse:
    """Ask for other minutes in one of my records."""
    record = get_object_or_404(queries.records_of(request.volunteer), pk=record_id)
    form, status = CorrectionForm(request.POST or None, initial={"minutes": record.minutes}), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                corrections.ask(
                    record_id=record.pk, actor=actor_for(request.user), at=timezone.now(), **form.cleaned_data
                )
            except Refusal as refusal:
                form.add_refusal(refusal)
                status = refusal.status
            else:
                note(request, _("更正申请已提交，由另一位负责人核实，结果会显示在这条记录下面。"))
                return redirect("pages:records")
    return render(request, "pages/volunteer/correct.html", {"record": record, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@volunteers_only
def object_record(request: VolunteerRequest, record_id: int) -> HttpResponse:
    """Object to one of my records: it is not mine, or not what happened."""
    record = get_object_or_404(queries.records_of(request.volunteer), pk=record_id)
    heading = {"name": record.activity_name, "at": record.started_at, "until": record.ended_at}
    return _object(request, heading, record_id=record.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@volunteers_only
def object_attendance(request: VolunteerRequest, attendance_id: int) -> HttpResponse:
    """Object to one of my attendances before it is decided."""
    own = Attendance.objects.filter(volunteer=request.volunteer).select_related("shift__activity")
    attendance = own.filter(pk=attendance_id).first()
    if attendance is None:
        raise NotFound
    heading = {
        "name": attendance.shift.activity.name,
        "at": attendance.checked_in_at,
        "until": attendance.checked_out_at,
    }
    return _object(request, heading, attendance_id=attendance.pk)


@by_button
@volunteers_only
def withdraw(request: VolunteerRequest, objection_id: int) -> HttpResponse:
    """Take my own objection back."""
    objections.withdraw(objection_id=objection_id, actor=Actor(user_id=request.user.pk), at=timezone.now())
    note(request, _("异议已撤回，一切照旧。"))
    return redirect("pages:records")


def _object(
    request: VolunteerRequest,
    heading: dict[str, object],
    *,
    record_id: int | None = None,
    attendance_id: int | None = None,
) -> HttpResponse:
    form, status = ReasonForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                objections.raise_objection(
                    actor=Actor(user_id=request.user.pk),
                    address=client_address(request),
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                    record_id=record_id,
                    attendance_id=attendance_id,
                )
            except Refusal as refusal:
                form.add_refusal(refusal)
                status = refusal.status
            else:
                note(request, _("异议已提交，核查期间这条记录不会被使用，结论会显示在记录下面。"))
                return redirect("pages:records")
    return render(request, "pages/volunteer/object.html", {"heading": heading, "form": form}, status=status)
