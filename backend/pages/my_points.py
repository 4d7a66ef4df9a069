"""A volunteer's points: what there is, what moved, why, when it expires, and all of it as a file."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.errors import NotFound
from backend.pages.doors import volunteers_only
from backend.pages.lists import page_of
from backend.pages.points_forms import StatementForm
from backend.pages.visitor import VolunteerRequest
from points.ledger import announcing, queries
from points.statements import queries as statements
from points.statements.files import csv_file, xlsx_file


@require_GET
@never_cache
@volunteers_only
def statement(request: VolunteerRequest) -> HttpResponse:
    """Show my balance, what expires soon, and the lines that explain it."""
    volunteer, at = request.volunteer, timezone.now()
    form = StatementForm(request.GET)
    balance = queries.balance(volunteer, at=at)
    context = {
        "balance": balance,
        "owed": max(-balance.available, 0),
        "warnings": announcing.open_warnings(volunteer, at=at),
        "page_obj": page_of(request, queries.statement(volunteer, form.chosen())),
        "form": form,
        "english": _english(),
    }
    return render(request, "pages/volunteer/points.html", context)


@require_GET
@never_cache
@volunteers_only
def explain(request: VolunteerRequest, entry_id: int) -> HttpResponse:
    """Say why one line is what it is."""
    found = statements.explanation_of(request.volunteer, entry_id)
    if found is None:
        raise NotFound
    context = {"why": found, "points": abs(found.entry.amount), "english": _english()}
    return render(request, "pages/volunteer/points_why.html", context)


@require_GET
@never_cache
@volunteers_only
def lots(request: VolunteerRequest) -> HttpResponse:
    """Show when which points expire."""
    at = timezone.now()
    context = {
        "balance": queries.balance(request.volunteer, at=at),
        "page_obj": page_of(request, queries.open_lots(request.volunteer, at=at)),
        "soon": timezone.localdate(at + queries.SOON),
        "english": _english(),
    }
    return render(request, "pages/volunteer/points_lots.html", context)


@require_GET
@volunteers_only
def export_csv(request: VolunteerRequest) -> HttpResponse:
    """Send my statement as CSV."""
    return _file(csv_file(request.volunteer, StatementForm(request.GET).chosen()))


@require_GET
@volunteers_only
def export_xlsx(request: VolunteerRequest) -> HttpResponse:
    """Send my statement as XLSX."""
    return _file(xlsx_file(request.volunteer, StatementForm(request.GET).chosen()))


def _file(answer: HttpResponseBase) -> HttpResponse:
    return answer  # type: ignore[return-value] # a streamed answer is one for Django, not for its types


def _english() -> bool:
    return (get_language() or "").startswith("en")
