"""“Scanned by mistake?” – taking a scan back within minutes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.core.errors import Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import refuse, volunteers_only
from backend.pages.visitor import VolunteerRequest
from volunteers.attendance import annulment
from volunteers.attendance.choices import AttendanceStatus

_LONGEST = 200
_MILLISECONDS = 1000


def way_back(*, volunteer_id: int, nonce: str) -> dict[str, Any]:
    """Return what a scan's result needs to offer taking it back: until when, and the usual reasons."""
    until = annulment.annullable_until(volunteer_id=volunteer_id, nonce=nonce)
    if until is None:
        return {}
    return {
        "annul_until_ms": round(until.timestamp() * _MILLISECONDS),
        "annul_until": until,
        "annul_reasons": [_("扫错了站点的码"), _("签到签退点反了"), _("今天不是我的班次"), _("替别人点的")],
        "nonce": nonce,
    }


@by_button
@volunteers_only
def annul(request: VolunteerRequest) -> HttpResponse:
    """Take back one of my scans, with a reason chosen or typed."""
    nonce, typed = request.POST.get("nonce", "")[:_LONGEST], request.POST.get("other", "")
    reason = (typed.strip() or request.POST.get("reason", "")).replace("\0", "")[:_LONGEST]
    try:
        attendance = annulment.annul(
            user_id=request.user.pk, nonce=nonce.replace("\0", ""), reason=reason, at=timezone.now()
        )
    except Refusal as refusal:
        return refuse(request, refusal)
    context = {
        "nonce": nonce,
        "reason": reason,
        "attendance": attendance,
        "came": attendance.status == AttendanceStatus.ANNULLED,
        "volunteer": request.volunteer,
    }
    return render(request, "pages/scan/annulled.html", context)
