"""My own code: for staff to scan, when a phone cannot scan, or somebody would rather not share a place."""

from datetime import timedelta

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.accounts.scopes import actor_for
from backend.core.codes import WINDOW_SECONDS
from backend.pages import pictures
from backend.pages.buttons import by_button
from backend.pages.doors import volunteers_only
from backend.pages.notes import note
from backend.pages.visitor import VolunteerRequest
from volunteers.people import passes

AHEAD = timedelta(minutes=10)  # so long the page goes on without network
_MILLISECONDS = 1000


@require_GET
@never_cache
@volunteers_only
def show(request: VolunteerRequest) -> HttpResponse:
    """Show the code of this half-minute, and whether a printed card counts."""
    first = passes.passes(request.volunteer, at=timezone.now())[0]
    context = {
        "volunteer": request.volunteer,
        "first": pictures.qr_svg(first.token, label=_label()),
        "card": passes.live_card(request.volunteer),
    }
    return render(request, "pages/volunteer/pass.html", context)


@require_GET
@never_cache
@volunteers_only
def codes(request: VolunteerRequest) -> JsonResponse:
    """Return the codes of the next ten minutes as SVG, with the times they count in ms since 1970."""
    at = timezone.now()
    count = AHEAD // timedelta(seconds=WINDOW_SECONDS)
    made = [
        {
            "from": round(each.starts_at.timestamp() * _MILLISECONDS),
            "until": round(each.ends_at.timestamp() * _MILLISECONDS),
            "svg": pictures.qr_svg(each.token, label=_label()),
        }
        for each in passes.passes(request.volunteer, at=at, count=count)
    ]
    return JsonResponse({"now": round(at.timestamp() * _MILLISECONDS), "codes": made})


@by_button
@volunteers_only
def revoke(request: VolunteerRequest) -> HttpResponse:
    """Make my printed card worthless, because it was lost."""
    passes.revoke_card(volunteer_id=request.volunteer.pk, actor=actor_for(request.user), at=timezone.now())
    note(request, _("已挂失，这张卡从现在起不能用了。要新卡请找社区工作人员。"))
    return redirect("pages:my-pass")


def _label() -> str:
    return _("我的服务码，请工作人员扫，每 30 秒换一次")
