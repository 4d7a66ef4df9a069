"""Back-office view of the regions."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backend.core.admin import ReadOnly
from backend.regions.models import Region


@admin.register(Region)
class RegionAdmin(ReadOnly, ModelAdmin):
    """Divisions, loaded by a command and read-only here."""

    list_display = ("code", "name", "level")
    list_filter = ("level",)
    search_fields = ("code", "name")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Region | None:
        """Find no region under an address PostgreSQL could not even read."""
        return None if "\x00" in object_id else super().get_object(request, object_id, from_field)
