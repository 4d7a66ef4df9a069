"""Runs in the back office: read; they are asked for on their pages."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from points.ledger.admin import ReadOnly
from points.revision.models import RevisionRun


@admin.register(RevisionRun)
class RevisionRunAdmin(ReadOnly, ScopedAdmin):
    """Dry runs and recomputations of the regions in reach."""

    list_display = (
        "id",
        "kind",
        "to_rule_set",
        "region",
        "state",
        "records_done",
        "records_changed",
        "asked_at",
    )
    list_filter = ("kind", "state")
    list_select_related = ("to_rule_set", "region")
