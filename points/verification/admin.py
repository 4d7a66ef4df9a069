"""The looks at the books in the back office: read, never written."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from points.ledger.admin import ReadOnly
from points.verification import queries
from points.verification.models import LedgerCheck


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnly, ModelAdmin):
    """What each look found."""

    list_display = ("id", "at", "day", "ok")
    list_filter = ("ok",)


def alarm(request: HttpRequest) -> list[Any] | None:
    """Say on every page of the back office that the books do not agree, until a later look finds nothing."""
    if not request.user.is_authenticated or queries.drift() is None:
        return None
    return [_("账目核对发现差错"), "danger"]
