"""Back-office view of the service records: read-only, corrections are reversals; and of the tickets."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection


@admin.register(ServiceRecord)
class ServiceRecordAdmin(ReadOnly, ScopedAdmin):
    """Approved minutes."""

    list_display = (
        "id",
        "volunteer",
        "activity_name",
        "service_date",
        "minutes",
        "kind",
        "organization_name",
    )
    list_filter = ("kind", "manual", "grade")
    list_select_related = ("volunteer",)
    search_fields = ("volunteer__number", "activity_name", "organization_name")
    date_hierarchy = "service_date"


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, ScopedAdmin):
    """Who asked for which other minutes, and what came of it."""

    region_path = "record__region"
    list_display = ("id", "record", "minutes_before", "minutes_after", "state", "asked_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("record",)
    search_fields = ("record__volunteer__number",)


@admin.register(Objection)
class ObjectionAdmin(ReadOnly, ScopedAdmin):
    """Who doubts what; how to reach them is read in the tickets page, with an audit row."""

    region_path = "attendance__site__region"
    exclude = ("contact",)
    list_display = ("ticket", "attendance", "record", "state", "raised_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("attendance", "record")
    search_fields = ("ticket", "attendance__volunteer__number")


@admin.register(DeadlineNotice)
class DeadlineNoticeAdmin(ReadOnly, ScopedAdmin):
    """Attendances somebody was reminded of."""

    region_path = "attendance__site__region"
    list_display = ("id", "attendance", "stage", "at")
    list_filter = ("stage",)
    list_select_related = ("attendance",)
