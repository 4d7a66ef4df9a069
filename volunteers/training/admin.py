"""Back-office view of trainings and insurances: read-only, recorded and revoked through the service."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.admin import ReadOnly
from volunteers.training.models import Qualification


@admin.register(Qualification)
class QualificationAdmin(ReadOnly, ScopedAdmin):
    """What people have learned and are insured for."""

    region_path = "volunteer__region"
    list_display = ("id", "volunteer", "kind", "course", "valid_from", "valid_until", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("volunteer",)
    search_fields = ("volunteer__number", "course")
