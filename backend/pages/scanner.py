"""Staff scan a volunteer's own code at the door: for the elderly, for whoever has no phone or no signal.

The page keeps scanning without network. What it kept it sends to `POST /api/v1/scans/batch/`; the service
behind it decides about each row, so this page only shows the door, and whose rows they turned out to be.
"""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from backend.core.masking import mask_name
from backend.pages.doors import roles_only
from backend.pages.numbers import whole_numbers
from backend.pages.visitor import MANAGERS, ActorRequest
from venues.sites.queries import managed_by
from volunteers.attendance.queries import decidable_by

_MOST_ROWS = 500
_LENGTH = _MOST_ROWS * 12  # characters: keys of nine digits, comma and all


@require_GET
@never_cache
@ensure_csrf_cookie
@roles_only(*MANAGERS)
def scanner(request: ActorRequest, site_id: int) -> HttpResponse:
    """Show the scanner of one of my sites; the script beside it keeps and sends the scans.

    The cookie carries the CSRF token at the time of sending: the one in a page kept for days would be stale.
    """
    site = get_object_or_404(managed_by(request.actor), pk=site_id)
    return render(request, "pages/manager/scanner.html", {"site": site})


@require_GET
@never_cache
@roles_only(*MANAGERS)
def names(request: ActorRequest, site_id: int) -> JsonResponse:
    """Return the masked name behind each attendance (`ids`, joined by commas) a scan at this site made."""
    site = get_object_or_404(managed_by(request.actor), pk=site_id)
    wanted = whole_numbers(request.GET.get("ids", "")[:_LENGTH].split(","))
    rows = decidable_by(request.actor).filter(site=site, pk__in=wanted)
    found = rows.values_list("pk", "volunteer__name", "volunteer__number")
    return JsonResponse({str(pk): f"{mask_name(name)} {number[-4:]}" for pk, name, number in found})
