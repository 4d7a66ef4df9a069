"""Rule sets and awards in the back office: read; rules are written through services, by two people."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from points.ledger.admin import ReadOnly
from points.scoring.models import Award, RuleSet


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnly, ScopedAdmin):
    """Rule sets of the regions in reach."""

    list_display = ("label", "region", "effective_from", "status", "created_by", "reviewed_by")
    list_filter = ("status",)
    list_select_related = ("region", "created_by", "reviewed_by")


@admin.register(Award)
class AwardAdmin(ReadOnly, ScopedAdmin):
    """Awards of the volunteers in reach, with how they were reckoned."""

    region_path = "volunteer__region_id"
    list_display = ("id", "record", "kind", "rule_set", "minutes_counted", "points", "at")
    list_filter = ("kind",)
    list_select_related = ("record", "rule_set")
    show_full_result_count = False
