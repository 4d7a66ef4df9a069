"""What a store publishes of its goods: per week and month, for anybody to read."""

from dataclasses import astuple

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from backend.pages.doors import anyone
from backend.pages.visitor import PageRequest
from points.market.models import Store
from points.storebook import statement as book
from points.storebook.api import xlsx_file
from points.storebook.rules import parse
from points.storebook.sheet import headings


@require_GET
@anyone
def statements(request: PageRequest, store_id: int) -> HttpResponse:
    """List the weeks and months of which a store has a statement."""
    store = get_object_or_404(Store, pk=store_id)
    periods = book.periods_of(store, at=timezone.now())
    context = {
        "store": store,
        "months": [period for period in periods if not period.is_week],
        "weeks": [period for period in periods if period.is_week],
    }
    return render(request, "pages/public/statements.html", context)


@require_GET
@anyone
def statement(request: PageRequest, store_id: int, period: str) -> HttpResponse:
    """Show what came in, what went out and what is left."""
    found = _found(store_id, period)
    rows = [(row.product, list(zip(headings(), astuple(row.figures), strict=True))) for row in found.products]
    context = {
        "statement": found,
        "store": found.store,
        "rows": rows,
        "headings": headings(),
        "total": list(zip(headings(), astuple(found.total), strict=True)),
    }
    return render(request, "pages/public/statement.html", context)


@require_GET
@anyone
def workbook(_request: PageRequest, store_id: int, period: str) -> HttpResponse:
    """Send the same as a workbook."""
    return xlsx_file(_found(store_id, period))  # type: ignore[return-value]  # a streamed answer


def _found(store_id: int, period: str) -> book.Statement:
    asked = parse(period)
    return book.statement_of(get_object_or_404(Store, pk=store_id), asked, at=timezone.now())
