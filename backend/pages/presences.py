"""What a volunteer says about their own attendances: when I left, and what I answer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.errors import Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import volunteers_only
from backend.pages.forms import AnswerForm, PageForm, ProposalForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.tickets import show_tickets
from backend.pages.timeline import Presence, moment_after, presence_of
from backend.pages.visitor import VolunteerRequest
from points.arrivals.queries import uncounted
from volunteers.attendance import proposals
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import own
from volunteers.records import queries as records

_SHOWN = 20
_UNRECORDED = (AttendanceStatus.OPEN, AttendanceStatus.PENDING, AttendanceStatus.REJECTED)


@require_GET
@never_cache
@volunteers_only
def my_records(request: VolunteerRequest) -> HttpResponse:
    """List my service records, and the attendances that are no record yet with how far they are."""
    return _page(request)


@by_button
@volunteers_only
def propose(request: VolunteerRequest, attendance_id: int) -> HttpResponse:
    """Say when I left an attendance that has no check-out."""
    attendance = get_object_or_404(own(request.volunteer), pk=attendance_id)
    form = ProposalForm(request.POST)
    if not form.is_valid():
        return _page(request, about=attendance.pk, form=form)
    try:
        proposals.propose_end(
            volunteer_user_id=request.user.pk,
            attendance_id=attendance.pk,
            left_at=moment_after(attendance.checked_in_at, form.cleaned_data["left_at"]),
            note=form.cleaned_data["note"],
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _page(request, about=attendance.pk, form=form, status=refusal.status)
    note(request, _("已申报离开时间，等负责人确认。"))
    return redirect(f"{reverse('pages:records')}#attendance-{attendance.pk}")


@by_button
@volunteers_only
def answer(request: VolunteerRequest, attendance_id: int) -> HttpResponse:
    """Answer what the manager asked."""
    attendance = get_object_or_404(own(request.volunteer), pk=attendance_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, about=attendance.pk, form=form)
    try:
        proposals.answer(
            volunteer_user_id=request.user.pk,
            attendance_id=attendance.pk,
            text=form.cleaned_data["answer"],
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _page(request, about=attendance.pk, form=form, status=refusal.status)
    note(request, _("已答复，等负责人确认。"))
    return redirect(f"{reverse('pages:records')}#attendance-{attendance.pk}")


def _page(
    request: VolunteerRequest, *, about: int = 0, form: PageForm | None = None, status: int = 200
) -> HttpResponse:
    """Render the records; `form` is one that was not taken, at the attendance it is `about`."""
    volunteer = request.volunteer
    unrecorded = own(volunteer).filter(status__in=_UNRECORDED).order_by("-pk")[:_SHOWN]
    # What waits for a word of mine comes first.
    mine = sorted((presence_of(each) for each in unrecorded), key=lambda each: not each.needs_me)
    page = page_of(request, records.records_of(volunteer))
    show_tickets(volunteer, page, [each.attendance for each in mine])
    context = {
        "minutes": records.totals_of(volunteer),
        "waiting": [_row(each, form if each.attendance.pk == about else None) for each in mine],
        "page_obj": page,
        "uncounted": uncounted([record.pk for record in page]),
    }
    return render(request, "pages/volunteer/records.html", context, status=status)


def _row(presence: Presence, form: PageForm | None) -> dict[str, Any]:
    attendance = presence.attendance
    row: dict[str, Any] = {"presence": presence, "attendance": attendance, "refused": form is not None}
    prefix = f"attendance-{attendance.pk}"
    if presence.can_propose:
        row["proposal"] = form if isinstance(form, ProposalForm) else ProposalForm(initial=_said(attendance))
        row["proposal"].auto_id = f"{prefix}-%s"
    if presence.can_answer:
        row["answer"] = form if isinstance(form, AnswerForm) else AnswerForm(initial=_said(attendance))
        row["answer"].auto_id = f"{prefix}-%s"
    return row


def _said(attendance: Attendance) -> dict[str, object]:
    """Prefill with what was said before, else with the shift's end: most people leave then."""
    left_at = timezone.localtime(attendance.proposed_out_at or attendance.shift.ends_at)
    return {
        "left_at": left_at.time().replace(second=0, microsecond=0),
        "note": attendance.proposal_note,
        "answer": attendance.answer,
    }
