"""Imports in the back office: who uploaded what, without the rows."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from points.imports.models import ImportJob
from points.ledger.admin import ReadOnly


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnly, ScopedAdmin):
    """The imports of the regions in reach."""

    exclude = ("content", "preview")
    list_display = ("id", "kind", "store", "region", "state", "rows", "made", "known", "faulty", "asked_at")
    list_filter = ("kind", "state")
    list_select_related = ("store", "region")
