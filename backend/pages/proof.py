"""The public books and their chain, and how a volunteer finds themselves in them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from backend.pages.doors import anyone, volunteers_only
from backend.pages.lists import page_of
from backend.pages.visitor import PageRequest, VolunteerRequest
from points.proof import queries
from points.proof.statement import own_lines, salt_of

_DAYS = 14


@require_safe
@anyone
def books(request: PageRequest) -> HttpResponse:
    """Show what was issued and used, the chain of days, and how anybody checks it."""
    context = {
        "totals": queries.totals(),
        "page_obj": page_of(request, queries.proofs(), per_page=_DAYS),
    }
    return render(request, "pages/public/proof.html", context)


@require_GET
@never_cache
@volunteers_only
def my_books(request: VolunteerRequest) -> HttpResponse:
    """Show my code, my lines, and which of them are closed and published."""
    volunteer = request.volunteer
    context = {
        "salt": salt_of(volunteer),
        "page_obj": page_of(request, own_lines(volunteer)),
        "year": timezone.localdate().year,
        "english": (get_language() or "").startswith("en"),
    }
    return render(request, "pages/volunteer/proof.html", context)
