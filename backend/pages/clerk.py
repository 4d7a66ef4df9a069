"""The counter of a charity supermarket: a code comes in, goods go out, once."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.scopes import Role
from backend.core.errors import Refusal
from backend.pages.doors import roles_only
from backend.pages.numbers import whole_number
from backend.pages.visitor import CLERKS, ActorRequest
from points.market import queries, services
from points.market.choices import RedemptionStatus
from points.market.errors import (
    RedemptionAlreadyCollected,
    RedemptionCancelled,
    RedemptionLapsed,
    RedemptionReturned,
)
from points.market.redemption_models import Redemption

_LAST = 10
_NOTHING_LEFT: Mapping[str, type[Refusal]] = {
    RedemptionStatus.COLLECTED: RedemptionAlreadyCollected,
    RedemptionStatus.CANCELLED: RedemptionCancelled,
    RedemptionStatus.LAPSED: RedemptionLapsed,
    RedemptionStatus.RETURNED: RedemptionReturned,
}


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*CLERKS)
def counter(request: ActorRequest) -> HttpResponse:
    """Find a redemption by its pick-up code, show whose and what, hand it over."""
    if request.method == "GET":
        return _page(request, done=_just_done(request))
    code = request.POST.get("code", "").replace("\x00", "")
    try:
        if request.POST.get("step") == "collect":
            done = services.collect(code=code, actor=request.actor, at=timezone.now())
            return redirect(f"{reverse('pages:counter')}?done={done.pk}")
        return _page(request, **_preview(request, code))
    except Refusal as refusal:
        return _page(request, refusal=refusal, typed=code)


def _preview(request: ActorRequest, code: str) -> dict[str, Any]:
    """Return what the clerk checks before handing over; nothing is written yet."""
    found = queries.by_code(code, request.actor)
    if found.status in _NOTHING_LEFT:
        raise _NOTHING_LEFT[found.status]
    at = timezone.now()
    products = [line.product_id for line in found.lines.all()]
    shelf = queries.as_shelf(
        list(queries.products_on_shelf(at=at, store_id=found.store_id).filter(pk__in=products)),
        volunteer=found.volunteer,
        at=at,
    )
    limits = [f"{item.product.name}：{item.limit_sentence}" for item in shelf if item.limit_sentence]
    return {"redemption": found, "limits": limits}


def _handed_over(request: ActorRequest) -> QuerySet[Redemption]:
    stores = request.actor.stores(Role.STORE_CLERK)
    return queries.redemptions_visible_to(request.actor).filter(
        status=RedemptionStatus.COLLECTED, store_id__in=stores
    )


def _just_done(request: ActorRequest) -> Redemption | None:
    done = whole_number(request.GET.get("done", ""))
    return None if done is None else _handed_over(request).filter(pk=done).first()


def _page(request: ActorRequest, *, refusal: Refusal | None = None, **shown: Any) -> HttpResponse:
    context = {
        **shown,
        "refusal": refusal,
        "last": _handed_over(request).order_by("-collected_at", "-pk")[:_LAST],
    }
    return render(request, "pages/clerk/counter.html", context, status=refusal.status if refusal else 200)
