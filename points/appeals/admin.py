"""Appeals in the back office: read here, kept on the staff pages."""

from django.contrib import admin
from unfold.admin import TabularInline

from backend.accounts.admin_scope import ScopedAdmin
from points.appeals.models import Appeal, AppealLine, AppealReport
from points.ledger.admin import ReadOnly


class AppealLineInline(ReadOnly, TabularInline):
    model = AppealLine
    fields = ("item", "unit", "needed")
    extra = 0


class AppealReportInline(ReadOnly, TabularInline):
    model = AppealReport
    fields = ("number", "final", "figures", "note", "published_by", "published_at")
    extra = 0


@admin.register(Appeal)
class AppealAdmin(ReadOnly, ScopedAdmin):
    list_display = ("title", "region", "organization", "command_order", "status", "opened_at")
    list_filter = ("status",)
    list_select_related = ("region", "organization")
    search_fields = ("title", "command_order")
    inlines = (AppealLineInline, AppealReportInline)
