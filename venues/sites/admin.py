"""Sites in the back office; keys are changed through the API and the console, which write the audit."""

from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin_scope import ScopedAdmin
from venues.sites.models import Site


@admin.register(Site)
class SiteAdmin(ScopedAdmin):
    list_display = ("name", "host_type", "organization", "region", "status", "key_version")
    list_filter = ("status", "host_type")
    list_select_related = ("organization", "region")
    search_fields = ("name", "address")
    autocomplete_fields = ("organization", "region")
    readonly_fields = ("key_version", "key_rotated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        return False  # a site is closed: its scans and shifts stay
