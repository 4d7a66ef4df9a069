"""People in the back office: to look up and to set regional rules. Document number and phones stay masked.

Registrations are reviewed in the console and through the API, where the rules and the audit are.
"""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from backend.core.masking import mask_id, mask_phone
from volunteers.people.models import RegistrationPolicy, Volunteer, VolunteerCard


@admin.register(Volunteer)
class VolunteerAdmin(ScopedAdmin):
    list_display = ("number", "name", "masked_id", "masked_phone", "region", "status", "registered_at")
    list_filter = ("status", "id_type")
    list_select_related = ("user", "region")
    search_fields = ("number", "name")
    fields = (
        "number",
        "name",
        "sex",
        "birth_date",
        "id_type",
        "masked_id",
        "masked_phone",
        "masked_guardian",
        "region",
        "skills",
        "service_categories",
        "available_times",
        "status",
        "registered_at",
        "reviewed_by",
        "reviewed_at",
        "review_reason",
    )
    readonly_fields = fields

    @admin.display(description=_("证件号码"))
    def masked_id(self, volunteer: Volunteer) -> str:
        return mask_id(volunteer.id_number.open())

    @admin.display(description=_("手机号"))
    def masked_phone(self, volunteer: Volunteer) -> str:
        phone = volunteer.user.phone
        return mask_phone(phone.open()) if phone else "—"

    @admin.display(description=_("监护人"))
    def masked_guardian(self, volunteer: Volunteer) -> str:
        guardian = getattr(volunteer, "guardian", None)
        if guardian is None:
            return "—"
        return f"{guardian.name} {guardian.relation} {mask_phone(guardian.phone.open())}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Volunteer | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Volunteer | None = None) -> bool:
        return False


@admin.register(RegistrationPolicy)
class RegistrationPolicyAdmin(ScopedAdmin):
    list_display = ("region", "review_required", "min_age", "guardian_until", "board_min_age")
    list_select_related = ("region",)
    autocomplete_fields = ("region",)


@admin.register(VolunteerCard)
class VolunteerCardAdmin(ReadOnly, ScopedAdmin):
    """Cards issued and revoked; never what is printed on them."""

    region_path = "volunteer__region"
    list_display = ("id", "volunteer", "version", "issued_at", "revoked_at")
    list_select_related = ("volunteer",)
    search_fields = ("volunteer__number",)
