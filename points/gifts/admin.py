"""Relatives and gifts in the back office: read, never written."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from points.gifts.models import Gift, Relative
from points.ledger.admin import ReadOnly


@admin.register(Relative)
class RelativeAdmin(ReadOnly, ScopedAdmin):
    """Declarations of the volunteers in reach."""

    region_path = "volunteer__region_id"
    list_display = ("id", "volunteer", "relative", "relation", "declared_at", "confirmed_at", "ended_at")
    list_filter = ("relation",)
    list_select_related = ("volunteer", "relative")


@admin.register(Gift)
class GiftAdmin(ReadOnly, ScopedAdmin):
    """Gifts of the volunteers in reach."""

    region_path = "volunteer__region_id"
    list_display = ("id", "volunteer", "to", "points", "at")
    list_filter = ("to",)
    list_select_related = ("volunteer",)
    exclude = ("token",)
    show_full_result_count = False
