"""Back-office views of people who act; a phone is never shown in full."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from backend.accounts import services
from backend.accounts.admin_scope import ScopedAdmin
from backend.accounts.errors import CreditCodeInvalid
from backend.accounts.models import Membership, Organization, User
from backend.accounts.scopes import Role, ScopeType, actor_for
from backend.core.masking import mask_phone

admin.site.unregister(Group)  # rights come from memberships, not from groups


class MembershipInline(TabularInline):
    """Roles of one user."""

    model = Membership
    fk_name = "user"
    extra = 0
    fields = ("role", "scope_type", "scope_id")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Roles are given and taken back, not rewritten."""
        return False


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

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 – Django's signature
        """Give and take back roles through the services, which write the audit."""
        actor, at = actor_for(request.user), timezone.now()
        for new in formset.save(commit=False):
            services.grant(
                user=new.user,
                role=Role(new.role),
                scope_type=ScopeType(new.scope_type),
                scope_id=new.scope_id,
                actor=actor,
                at=at,
            )
        for gone in formset.deleted_objects:
            services.revoke(membership=gone, actor=actor, at=at)


class OrganizationForm(forms.ModelForm[Organization]):
    """Checks the credit code as registering does (GB 32100-2015)."""

    def clean_credit_code(self) -> str | None:
        """Return the code in capitals, or None for a group that needs none."""
        code = self.cleaned_data["credit_code"]
        try:
            return services.check_credit_code(code) if code else None
        except CreditCodeInvalid as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    """Organizations."""

    form = OrganizationForm
    list_display = ("name", "kind", "credit_code", "region", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "credit_code")
    autocomplete_fields = ("region",)
