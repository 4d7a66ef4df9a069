"""Back-office view of the service records: read-only, corrections are reversals."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from volunteers.records.models import ServiceRecord


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
