"""The page of one shift, shown to everybody; what it offers depends on who looks."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render

from backend.core.errors import Refusal
from backend.pages.visitor import PageRequest
from volunteers.activities.choices import LIVE, ShiftStatus
from volunteers.activities.models import Shift, SignUp
from volunteers.activities.queries import public_shifts, sign_ups_of


def show_shift(
    request: PageRequest, shift_id: int, *, at: datetime, refusal: Refusal | None = None
) -> HttpResponse:
    """Render a shift with the one thing this visitor can do about it, and a refusal if there was one."""
    shift = public_shifts().filter(pk=shift_id).first()
    if shift is None:
        raise Http404
    volunteer = request.visitor.volunteer
    sign_up = sign_ups_of(volunteer).filter(shift=shift, status__in=LIVE).first() if volunteer else None
    context = {
        "shift": shift,
        "sign_up": sign_up,
        "state": _state(request, shift, sign_up, at),
        "can_cancel": at < shift.starts_at,
        "refusal": refusal,
    }
    return render(request, "pages/volunteer/shift.html", context, status=refusal.status if refusal else 200)


def _state(request: PageRequest, shift: Shift, sign_up: SignUp | None, at: datetime) -> str:
    """Name what the visitor sees: the shift's fate first, then their own place, then what they may do."""
    if shift.status == ShiftStatus.CANCELLED:
        return "cancelled"
    if at >= shift.ends_at:
        return "over"
    if sign_up is not None:
        return str(sign_up.status)
    if request.visitor.user is None:
        return "anonymous"
    if request.visitor.volunteer is None:
        return "unregistered"
    return "full" if shift.taken >= shift.capacity else "open"
