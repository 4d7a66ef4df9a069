"""Back-office views of scans and attendances: read-only, decisions are made in the manager's pages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from volunteers.attendance.models import Attendance, Scan, ScanAnnulment
from volunteers.attendance.paper_models import PaperSheet
from volunteers.attendance.policy_models import CheckInPolicy


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


@admin.register(ScanAnnulment)
class ScanAnnulmentAdmin(ReadOnly, ScopedAdmin):
    """Scans taken back, and why."""

    region_path = "scan__volunteer__region"
    list_display = ("id", "scan", "reason", "annulled_by", "annulled_at")
    list_select_related = ("scan", "annulled_by")
    search_fields = ("scan__volunteer__number",)


@admin.register(PaperSheet)
class PaperSheetAdmin(ReadOnly, ScopedAdmin):
    """Sheets entered by hand. The photograph shows names and stays out of the back office."""

    region_path = "shift__activity__site__region"
    list_display = ("id", "shift", "entered_by", "entered_at", "note")
    list_select_related = ("shift", "entered_by")
    fields = ("shift", "digest", "note", "entered_by", "entered_at")
    search_fields = ("shift__activity__name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the bytes of the photographs where they are."""
        return super().get_queryset(request).defer("picture")


@admin.register(CheckInPolicy)
class CheckInPolicyAdmin(ReadOnly, ModelAdmin):
    """Every check-in policy there is and was; the rules of the door are no secret."""

    list_display = ("id", "scope", "scope_id", "figures", "effective_from", "reason", "set_by", "set_at")
    list_filter = ("scope",)
    list_select_related = ("set_by",)
    search_fields = ("scope_id", "reason")
