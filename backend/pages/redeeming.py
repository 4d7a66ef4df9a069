"""What a volunteer redeemed: the list, the pick-up code, or giving it back."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.accounts.scopes import Actor
from backend.core.errors import Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import volunteers_only
from backend.pages.lists import page_of
from backend.pages.visitor import VolunteerRequest
from points.market import counter, queries, services
from points.market.redemption_models import Redemption


@require_GET
@never_cache
@volunteers_only
def redemptions(request: VolunteerRequest) -> HttpResponse:
    """List what I redeemed."""
    context = {"page_obj": page_of(request, queries.redemptions_of(request.volunteer))}
    return render(request, "pages/volunteer/redemptions.html", context)


@require_GET
@never_cache
@volunteers_only
def redemption(request: VolunteerRequest, redemption_id: int) -> HttpResponse:
    """Show one redemption and, while it waits, its pick-up code."""
    return _show_redemption(request, redemption_id)


@by_button
@volunteers_only
def cancel(request: VolunteerRequest, redemption_id: int) -> HttpResponse:
    """Give a reservation back: points to me, goods to the shelf."""
    mine = _my_redemption(request, redemption_id)
    try:
        services.cancel(
            redemption_id=mine.pk, actor=Actor(user_id=request.volunteer.user_id), at=timezone.now()
        )
    except Refusal as refusal:
        return _show_redemption(request, redemption_id, refusal=refusal)
    return redirect("pages:redemption", redemption_id)


@by_button
@volunteers_only
def confirm(request: VolunteerRequest, redemption_id: int) -> HttpResponse:
    """Agree to what a clerk put together for me at the counter."""
    mine = _my_redemption(request, redemption_id)
    try:
        counter.confirm_own(
            redemption_id=mine.pk, actor=Actor(user_id=request.volunteer.user_id), at=timezone.now()
        )
    except Refusal as refusal:
        return _show_redemption(request, redemption_id, refusal=refusal)
    return redirect("pages:redemption", redemption_id)


def _my_redemption(request: VolunteerRequest, redemption_id: int) -> Redemption:
    found = queries.redemptions_of(request.volunteer).filter(pk=redemption_id).first()
    if found is None:
        raise Http404
    return found


def _show_redemption(
    request: VolunteerRequest, redemption_id: int, *, refusal: Refusal | None = None
) -> HttpResponse:
    found = _my_redemption(request, redemption_id)
    half = len(found.code) // 2
    context = {
        "redemption": found,
        "code_spaced": f"{found.code[:half]} {found.code[half:]}",
        "code_label": _("领取码 %(code)s") % {"code": found.code},
        "refusal": refusal,
    }
    return render(
        request, "pages/volunteer/redemption.html", context, status=refusal.status if refusal else 200
    )
