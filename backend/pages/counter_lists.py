"""The counter without network: the page that works from this device, and the list it works from.

A list belongs to the browser that took it: the session remembers its number and signature, so that the same
device may settle online what it holds, and no other. Hand-overs are told to the API (`collect-batch`).
"""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from backend.core.errors import NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.clerk import SESSION_LIST
from backend.pages.doors import roles_only
from backend.pages.numbers import whole_number
from backend.pages.visitor import CLERKS, ActorRequest
from points.market import offline


@require_GET
@never_cache
@ensure_csrf_cookie
@roles_only(*CLERKS)
def away(request: ActorRequest) -> HttpResponse:
    """Show the page a device keeps for when the network is gone; its script has everything else."""
    return render(request, "pages/clerk/offline.html")


@by_button
@roles_only(*CLERKS)
def take(request: ActorRequest) -> JsonResponse:
    """Lease what waits to this browser, in place of the list it had.

    After signing in again the session knows of none; then the browser sends what it kept.
    """
    store_id = whole_number(request.POST.get("store", ""))
    if store_id is None:
        raise NotFound(field="store")
    held, at = request.session.get(SESSION_LIST) or request.POST, timezone.now()
    old = {"instead_of": held.get("serial", ""), "signature": held.get("signature", "")}
    try:
        taken = offline.take(store_id=store_id, actor=request.actor, at=at, **old)
    except Refusal as refusal:
        request.session.pop(SESSION_LIST, None)
        return JsonResponse({"code": refusal.code, "detail": str(refusal)}, status=refusal.status)
    request.session[SESSION_LIST] = {"serial": taken.serial, "signature": taken.signature}
    return JsonResponse(
        {"serial": taken.serial, "text": taken.text, "signature": taken.signature, "size": taken.size},
        status=201,
    )


@by_button
@roles_only(*CLERKS)
def give_back(request: ActorRequest) -> HttpResponse:
    """Let go of this browser's list."""
    held = request.session.pop(SESSION_LIST, None) or request.POST
    offline.give_back(
        serial=held.get("serial", ""),
        signature=held.get("signature", ""),
        actor=request.actor,
        at=timezone.now(),
    )
    return HttpResponse(status=204)
