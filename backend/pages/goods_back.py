"""Goods that come back, and devices that do not: what the staff of a store do besides handing over."""

from typing import Any

from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.scopes import Role
from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import ActorRequest
from points.market import offline, queries
from points.market import returns as services
from points.market.choices import RedemptionStatus, ReturnCondition, ReturnDecision
from points.market.counter_queries import said_at_counter
from points.market.return_models import GoodsReturn

_LAST = 10
_LONGEST_QUERY = 40
_ABOVE = (Role.ORGANIZATION_MANAGER, *queries.KEEPERS_BY_REGION)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*services.TAKERS)
def returns(request: ActorRequest) -> HttpResponse:
    """Show what came back, what waits for a decision first, and enter another one."""
    if request.method == "GET":
        return _page(request, whole_number(request.GET.get("redemption", "")))
    redemption_id = whole_number(request.POST.get("redemption", ""))
    if redemption_id is None:
        raise NotFound(field="redemption")
    try:
        services.ask_return(
            redemption_id=redemption_id,
            reason=request.POST.get("reason", ""),
            condition=request.POST.get("condition", ""),
            actor=request.actor,
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, redemption_id, refusal=refusal)
    note(request, _("已登记，请另一名工作人员决定。"))
    return redirect("pages:returns")


@by_button
@roles_only(*services.TAKERS)
def decide(request: ActorRequest, return_id: int) -> HttpResponse:
    """Agree or disagree with what somebody else entered."""
    decision, given = request.POST.get("decision"), {"actor": request.actor, "at": timezone.now()}
    try:
        if decision == ReturnDecision.APPROVED:
            services.approve_return(return_id=return_id, **given)  # type: ignore[arg-type]  # two kinds of values
            note(request, _("已同意，商品和积分都已退回。"))
        elif decision == ReturnDecision.REFUSED:
            reason = request.POST.get("reason", "")
            services.refuse_return(return_id=return_id, reason=reason, **given)  # type: ignore[arg-type]  # as above
            note(request, _("未同意，理由已记录。"))
        else:
            raise Invalid(field="decision")
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, None, refusal=refusal, deciding=return_id)
    return redirect("pages:returns")


@by_button
@roles_only(*_ABOVE)
def list_lost(request: ActorRequest, serial: str) -> HttpResponse:
    """End the list of a device that is broken or gone."""
    offline.declare_lost(serial=serial, actor=request.actor, at=timezone.now())
    note(request, _("离线清单已作废，单子可以在别的设备上办理。"))
    return redirect("pages:returns")


def _page(
    request: ActorRequest,
    redemption_id: int | None,
    *,
    refusal: Refusal | None = None,
    deciding: int | None = None,
) -> HttpResponse:
    redemption = None
    if redemption_id is not None:
        redemption = services.returnable(redemption_id, request.actor)
    page: Page[GoodsReturn] = page_of(request, services.returns_visible_to(request.actor))
    context: dict[str, Any] = {
        "redemption": redemption,
        "conditions": ReturnCondition.choices,
        "condition": request.POST.get("condition", "") or ReturnCondition.values[0],
        "refusal": refusal,
        "deciding": deciding,
        "page_obj": page,
        "rows": [_row(asked, request) for asked in page],
        "lists": offline.live_lists(request.actor, at=timezone.now())[:_LAST],
        "may_end_lists": request.actor.has(*_ABOVE),
        "q": _said(request),
        "last": _last(request) if redemption is None else (),
    }
    return render(request, "pages/clerk/returns.html", context, status=refusal.status if refusal else 200)


def _last(request: ActorRequest) -> Any:
    gone = queries.redemptions_visible_to(request.actor).filter(
        status=RedemptionStatus.COLLECTED, store__in=queries.stores_kept_by(request.actor)
    )
    return said_at_counter(gone, _said(request)).order_by("-collected_at", "-pk")[:_LAST]


def _said(request: ActorRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_QUERY]


def _row(asked: GoodsReturn, request: ActorRequest) -> dict[str, Any]:
    return {
        "asked": asked,
        "waits": not asked.decision,
        "mine": asked.asked_by_id == request.actor.user_id,
    }
