"""Cutting long lists into pages a phone can load."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 20


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, per_page: int = PER_PAGE
) -> Page[Any]:
    """Return the page of `rows` the address asks for; out of range gives the nearest page there is."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
