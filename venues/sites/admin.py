"""Sites in the back office; keys are changed through the API and the console, which write the audit."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin_scope import ScopedAdmin
from venues.sites.errors import OpeningHoursInvalid
from venues.sites.hours import first_fault
from venues.sites.models import Site


class SiteForm(forms.ModelForm[Site]):
    """Says what is wrong with the opening hours, which the database only knows to be an object."""

    def clean_opening_hours(self) -> Any:
        hours = self.cleaned_data["opening_hours"] or {}
        if first_fault(hours) is not None:
            raise forms.ValidationError(OpeningHoursInvalid.message)
        return hours


@admin.register(Site)
class SiteAdmin(ScopedAdmin):
    form = SiteForm
    list_display = ("name", "host_type", "organization", "region", "status", "key_version")
    list_filter = ("status", "host_type")
    list_select_related = ("organization", "region")
    search_fields = ("name", "address")
    autocomplete_fields = ("organization", "region")
    readonly_fields = ("key_version", "key_rotated_at", "poster_version")

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        return False  # a site is closed: its scans and shifts stay
