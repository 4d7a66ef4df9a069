"""Back-office views of signals and samples: read-only, reviews are made in the pages."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from volunteers.integrity.models import AuditDraw, AuditItem, Signal


@admin.register(Signal)
class SignalAdmin(ReadOnly, ScopedAdmin):
    """What looked wrong, and what became of it."""

    region_path = "site__region"
    list_display = ("id", "day", "kind", "site", "manager", "volunteer", "state")
    list_filter = ("state", "kind")
    list_select_related = ("site", "manager", "volunteer")
    search_fields = ("site__name", "volunteer__number")
    date_hierarchy = "day"


@admin.register(AuditDraw)
class AuditDrawAdmin(ReadOnly, ModelAdmin):
    """The weekly draws; they are public."""

    list_display = ("period", "population", "percent", "seed", "drawn_at")


@admin.register(AuditItem)
class AuditItemAdmin(ReadOnly, ScopedAdmin):
    """The records drawn, and what their check found."""

    region_path = "record__region"
    list_display = ("id", "draw", "place", "record", "result", "reviewed_at")
    list_filter = ("result",)
    list_select_related = ("draw", "record")
