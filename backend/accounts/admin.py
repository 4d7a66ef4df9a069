"""Back-office views of people who act; a phone is never shown in full."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from backend.accounts.admin_scope import ScopedAdmin
from backend.accounts.models import Membership, Organization, User
from backend.core.masking import mask_phone

admin.site.unregister(Group)  # rights come from memberships, not from groups


class MembershipInline(TabularInline):
    """Roles of one user."""

    model = Membership
    fk_name = "user"
    extra = 0
    fields = ("role", "scope_type", "scope_id", "granted_at")


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Users; passwords are set with `manage.py changepassword`."""

    list_display = ("id", "username", "display_name", "masked_phone", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "display_name")
    fields = ("username", "display_name", "masked_phone", "is_active", "is_staff")
    readonly_fields = ("masked_phone",)
    inlines: ClassVar = [MembershipInline]

    @admin.display(description="手机号")
    def masked_phone(self, user: User) -> str:
        """The phone, masked."""
        return mask_phone(user.phone.open()) if user.phone else "—"

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, not deleted."""
        return False


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    """Organizations."""

    list_display = ("name", "kind", "credit_code", "region", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "credit_code")
    autocomplete_fields = ("region",)
