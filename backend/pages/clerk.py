"""The counter of a charity supermarket: who stands there, what they take, agreed and handed over, once.

One form holds the whole desk (desk.py). With a script htmx swaps it in place; without, the page loads anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.scopes import actor_for
from backend.accounts.services import verify_password
from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages import desk
from backend.pages.desk import Desk
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.numbers import whole_number
from backend.pages.visitor import CLERKS, ActorRequest
from points.market import counter as baskets
from points.market import counter_queries, offline, queries, services
from points.market.choices import RedemptionStatus
from points.market.models import Store
from points.market.redemption_models import Redemption

_LAST = 5
_PER_PAGE = 10
_SUGGESTED = 6
SESSION_LIST = "offline_list"

Step = Callable[[ActorRequest, Desk], Desk]


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@roles_only(*CLERKS)
def counter(request: ActorRequest) -> HttpResponse:
    """Show the desk; on POST do one step: recognise, reserve, agree, hand over, cancel."""
    store = _store(request)
    if request.method == "GET":
        return _page(request, _opened(request, store), done=_just_done(request))
    before = desk.read(store, request.POST, actor=request.actor, at=timezone.now())
    step = request.POST.get("step", "")
    try:
        if step == "collect":
            done = _hand_over(request, before)
            if request.htmx:
                return _page(request, Desk(store=store), done=done)
            return redirect(f"{reverse('pages:counter')}?store={store.pk}&done={done.pk}")
        return _page(request, _do(request, before, step))
    except Refusal as refusal:
        return _page(request, _again(request, before), refusal=refusal)


@require_GET
@never_cache
@roles_only(*CLERKS)
def suggestions(request: ActorRequest) -> HttpResponse:
    """Show what the first letters could mean: goods, and what waits to be collected."""
    store, text = _store(request), request.GET.get("code", "").replace("\x00", "").strip()
    context: dict[str, Any] = {"suggestions": (), "found": ()}
    if text:
        goods = counter_queries.goods_like(store.pk, text, at=timezone.now())
        context = {
            "suggestions": goods[:_SUGGESTED],
            "found": counter_queries.waiting_at(store.pk, text=text)[:_SUGGESTED],
        }
    return render(request, "pages/clerk/part_suggestions.html", context)


@require_GET
@never_cache
@roles_only(*CLERKS)
def basket_state(request: ActorRequest, redemption_id: int) -> JsonResponse:
    """Tell the page whether the volunteer has agreed meanwhile."""
    found = counter_queries.served(redemption_id, request.actor)
    if found is None:
        raise NotFound
    return JsonResponse({"status": found.status, "confirmed": found.confirmed_at is not None})


def _do(request: ActorRequest, before: Desk, step: str) -> Desk:
    """Do what one of the desk's buttons says. :raises Invalid: no such button."""
    for name in ("add", "pick"):  # a suggestion carries its own key
        chosen = whole_number(request.POST.get(name, ""))
        if chosen is not None:
            return desk.add(before, chosen) if name == "add" else _pick(request, before, chosen)
    act = _STEPS.get(step)
    if act is None:
        raise Invalid(field="step")
    return act(request, before)


def _scan(request: ActorRequest, before: Desk) -> Desk:
    """Recognise what is in the field; Enter in another field of the desk means what that field is for."""
    text = request.POST.get("code", "")
    if not text.strip():
        for name, act in (("otp", _by_code), ("password", _by_second)):
            if request.POST.get(name):
                return act(request, before)
        if before.lines:
            return before
    return desk.take_in(before, text, actor=request.actor, at=timezone.now())


def _pick(request: ActorRequest, before: Desk, redemption_id: int) -> Desk:
    found = counter_queries.served(redemption_id, request.actor)
    if found is None:
        raise NotFound
    services.require_reserved(found)
    return desk.show(before, found)


def _open(request: ActorRequest, before: Desk) -> Desk:
    opened = baskets.open_basket(
        volunteer=request.POST.get("who", ""),
        store_id=before.store.pk,
        lines=[services.LineInput(product_id, quantity) for product_id, quantity in before.lines.items()],
        actor=request.actor,
        at=timezone.now(),
    )
    return _shown(request, before, opened)


def _refresh(_request: ActorRequest, before: Desk) -> Desk:
    """Look again; what lapsed or was declined meanwhile says so."""
    if before.redemption is not None:
        services.require_reserved(before.redemption)
    return before


def _send_code(request: ActorRequest, before: Desk) -> Desk:
    sent = baskets.send_code(redemption_id=_waiting(before).pk, actor=request.actor, at=timezone.now())
    return replace(before, code_sent=True, demo_code=sent.demo_code)


def _by_code(request: ActorRequest, before: Desk) -> Desk:
    agreed = baskets.confirm_by_code(
        redemption_id=_waiting(before).pk,
        code=request.POST.get("otp", "").replace("\x00", "")[:12],
        actor=request.actor,
        at=timezone.now(),
    )
    return _shown(request, before, agreed)


def _by_second(request: ActorRequest, before: Desk) -> Desk:
    """Somebody else of the staff signs for this one act; the clerk stays signed in."""
    second = verify_password(
        request=request,
        username=request.POST.get("username", "").replace("\x00", "")[:60],
        password=request.POST.get("password", "").replace("\x00", "")[:128],
    )
    agreed = baskets.confirm_by_card(
        redemption_id=_waiting(before).pk,
        card=request.POST.get("who", ""),
        actor=actor_for(second),
        at=timezone.now(),
    )
    return _shown(request, before, agreed)


def _cancel(request: ActorRequest, before: Desk) -> Desk:
    _let_go(request, _waiting(before))
    services.cancel(redemption_id=_waiting(before).pk, actor=request.actor, at=timezone.now())
    return Desk(store=before.store, met=before.met)


_STEPS: Mapping[str, Step] = {
    "": _scan,
    "find": _scan,
    "scan": _scan,
    "update": lambda _request, before: before,
    "open": _open,
    "refresh": _refresh,
    "send-code": _send_code,
    "by-code": _by_code,
    "by-second": _by_second,
    "cancel": _cancel,
}


def _hand_over(request: ActorRequest, before: Desk) -> Redemption:
    """Hand over what lies on the desk, or what the code typed without looking first belongs to."""
    at, waiting = timezone.now(), before.redemption
    if waiting is None:
        waiting = queries.by_code(request.POST.get("code", ""), request.actor)
        before = replace(before, pickup=waiting.code)
    _let_go(request, waiting)
    if before.pickup:
        return services.collect(redemption_id=waiting.pk, code=before.pickup, actor=request.actor, at=at)
    who = request.POST.get("who", "")
    return baskets.hand_over(redemption_id=waiting.pk, actor=request.actor, at=at, who=who)


def _let_go(request: ActorRequest, waiting: Redemption) -> None:
    """Release the offline lease of this very browser, which settles the redemption online after all.

    What its list says of the row is forgotten by the page (counter_list.js).
    """
    held = request.session.get(SESSION_LIST)
    if held:
        try:
            offline.give_back(**held, actor=request.actor, at=timezone.now(), redemption_ids=[waiting.pk])
        except Refusal:
            del request.session[SESSION_LIST]


def _waiting(before: Desk) -> Redemption:
    if before.redemption is None:
        raise NotFound(field="redemption")
    return before.redemption


def _shown(request: ActorRequest, before: Desk, changed: Redemption) -> Desk:
    found = counter_queries.served(changed.pk, request.actor)
    return before if found is None else desk.show(before, found)


def _again(request: ActorRequest, before: Desk) -> Desk:
    """After a refusal, keep what can still be used: a settled redemption is put away."""
    found = before.redemption
    if found is None:
        return before
    fresh = counter_queries.served(found.pk, request.actor)
    if fresh is None or fresh.status != RedemptionStatus.RESERVED:
        return replace(before, redemption=None, pickup="")
    return desk.show(before, fresh)


def _store(request: ActorRequest) -> Store:
    """Return the store chosen, or the first one the clerk serves; the page lists them all."""
    served = list(counter_queries.stores_served_by(request.actor))
    asked = whole_number(request.POST.get("store") or request.GET.get("store") or "")
    if not served:
        raise NotFound(field="store")
    return next((store for store in served if store.pk == asked), served[0])


def _opened(request: ActorRequest, store: Store) -> Desk:
    """Open the page, with a redemption from the list when the address names one."""
    number = whole_number(request.GET.get("redemption", ""))
    found = None if number is None else counter_queries.served(number, request.actor)
    if found is None or found.status != RedemptionStatus.RESERVED:
        return Desk(store=store)
    return desk.show(Desk(store=found.store), found)


def _just_done(request: ActorRequest) -> Redemption | None:
    number = whole_number(request.GET.get("done", ""))
    found = None if number is None else counter_queries.served(number, request.actor)
    return found if found is not None and found.status == RedemptionStatus.COLLECTED else None


def _page(
    request: ActorRequest, shown: Desk, *, done: Redemption | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    at = timezone.now()
    lines = desk.lines_of(shown, at=at)
    context: dict[str, Any] = {
        "desk": shown,
        "lines": lines,
        "total": desk.total_of(shown, lines, at=at),
        "available": desk.points_of(shown, at=at),
        "limits": desk.limits_of(shown, at=at),
        "theirs": _theirs(shown),
        "done": done,
        "refusal": refusal,
        "typed": request.POST.get("code", "")[:40].replace("\x00", "") if refusal else "",
    }
    status = refusal.status if refusal else 200
    if request.htmx and request.htmx.target != "lists":
        return render(request, "pages/clerk/part_desk.html", context, status=status)
    q = request.GET.get("q", "").replace("\x00", "").strip()
    waiting = counter_queries.waiting_at(shown.store.pk, text=q)
    context |= {
        "stores": list(counter_queries.stores_served_by(request.actor)),
        "q": q,
        "page_obj": page_of(request, waiting, per_page=_PER_PAGE),
        "last": counter_queries.handed_over_at(shown.store.pk)[:_LAST],
        "lists": offline.live_lists(request.actor, at=at).filter(store=shown.store),
        "own_list": (request.session.get(SESSION_LIST) or {}).get("serial", ""),
        "title": _("柜台"),
    }
    return render(request, "pages/clerk/counter.html", context, status=status)


def _theirs(shown: Desk) -> list[Redemption]:
    """What else waits here for the person at the counter."""
    if shown.met is None or shown.redemption is not None or shown.lines:
        return []
    return list(counter_queries.waiting_for(shown.met.volunteer.pk, shown.store.pk)[:_SUGGESTED])
