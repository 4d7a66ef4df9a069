"""Programmes, activities and shifts in the back office. Sign-ups are looked at, not edited."""

from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin_scope import ScopedAdmin
from volunteers.activities.models import Activity, Programme, Shift, SignUp


@admin.register(Programme)
class ProgrammeAdmin(ScopedAdmin):
    list_display = ("name", "organization", "region", "starts_on", "ends_on", "state")
    list_filter = ("state", "competent_department")
    list_select_related = ("organization", "region")
    search_fields = ("name",)
    autocomplete_fields = ("organization", "region")


@admin.register(Activity)
class ActivityAdmin(ScopedAdmin):
    region_path = "site__region_id"
    list_display = ("name", "programme", "site", "category", "activity_type", "minors_allowed")
    list_filter = ("activity_type", "category")
    list_select_related = ("programme", "site")
    search_fields = ("name",)
    autocomplete_fields = ("programme", "site")


@admin.register(Shift)
class ShiftAdmin(ScopedAdmin):
    region_path = "activity__site__region_id"
    list_display = ("id", "activity", "starts_at", "ends_at", "taken", "capacity", "status")
    list_filter = ("status",)
    list_select_related = ("activity",)
    search_fields = ("activity__name",)
    autocomplete_fields = ("activity",)
    readonly_fields = ("taken",)
    date_hierarchy = "starts_at"


@admin.register(SignUp)
class SignUpAdmin(ScopedAdmin):
    region_path = "shift__activity__site__region_id"
    list_display = ("id", "shift", "volunteer", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("shift", "volunteer")
    search_fields = ("volunteer__number",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        return False
