"""Back-office view of the regions."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from backend.core.admin import ReadOnly
from backend.regions.models import Region


@admin.register(Region)
class RegionAdmin(ReadOnly, ModelAdmin):
    """Divisions, loaded by a command and read-only here."""

    list_display = ("code", "name", "level")
    list_filter = ("level",)
    search_fields = ("code", "name")
