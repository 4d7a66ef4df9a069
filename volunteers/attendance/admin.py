"""Back-office views of scans and attendances: read-only, decisions are made in the manager's pages."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from volunteers.attendance.models import Attendance, Scan


@admin.register(Attendance)
class AttendanceAdmin(ReadOnly, ScopedAdmin):
    """Presences and where they stand."""

    region_path = "site__region"
    list_display = ("id", "volunteer", "site", "shift", "status", "checked_in_at", "minutes", "grade")
    list_filter = ("status", "grade")
    list_select_related = ("volunteer", "site", "shift")
    search_fields = ("volunteer__number",)


@admin.register(Scan)
class ScanAdmin(ReadOnly, ScopedAdmin):
    """Every attempt, accepted or refused."""

    region_path = "volunteer__region"
    list_display = ("id", "volunteer", "site", "intent", "result", "reasons", "received_at", "grade")
    list_filter = ("result", "intent", "grade")
    list_select_related = ("volunteer", "site")
    search_fields = ("volunteer__number",)
