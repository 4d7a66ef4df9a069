"""Programmes, activities and shifts in the back office. Sign-ups are looked at, not edited."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backend.accounts.admin_scope import ScopedAdmin
from backend.accounts.scopes import actor_for
from backend.core.errors import Refusal
from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.activities.services import cancel_shift

_SETTLED = ("activity", "starts_at", "ends_at", "capacity", "break_minutes")


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
    list_display = ("name", "programme", "site", "category", "activity_type", "difficulty", "minors_allowed")
    list_filter = ("activity_type", "category", "difficulty", "skilled")
    list_select_related = ("programme", "site")
    search_fields = ("name",)
    autocomplete_fields = ("programme", "site", "organizer")


@admin.register(Shift)
class ShiftAdmin(ScopedAdmin):
    region_path = "activity__site__region_id"
    list_display = ("id", "activity", "starts_at", "ends_at", "taken", "capacity", "status")
    list_filter = ("status",)
    list_select_related = ("activity",)
    search_fields = ("activity__name",)
    autocomplete_fields = ("activity",)
    readonly_fields = ("taken", "status")
    date_hierarchy = "starts_at"
    actions = ("call_off",)

    def get_readonly_fields(self, request: HttpRequest, obj: Shift | None = None) -> tuple[str, ...]:
        """Time and places of a shift people have signed up for change through the services only."""
        return self.readonly_fields if obj is None else (*self.readonly_fields, *_SETTLED)

    def has_delete_permission(self, request: HttpRequest, obj: Shift | None = None) -> bool:
        return False  # a shift is called off

    @admin.action(description=_("取消选中的班次"), permissions=["change"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Shift]) -> None:
        """Call the chosen shifts off, with their sign-ups; say which cannot be."""
        actor = actor_for(request.user)
        for shift in queryset:
            try:
                cancel_shift(shift_id=shift.pk, actor=actor, at=timezone.now())
            except Refusal as refusal:
                self.message_user(request, f"{shift.pk}：{refusal}", messages.WARNING)
            else:
                self.message_user(request, _("已取消班次 %(id)s。") % {"id": shift.pk}, messages.SUCCESS)


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
