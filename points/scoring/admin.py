"""Rule sets and awards in the back office: read; rules are written through services, by two people."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from points.ledger.admin import ReadOnly
from points.scoring.bonus_models import BonusAward
from points.scoring.models import Award, RuleSet
from points.scoring.other_models import OtherAward


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


@admin.register(BonusAward)
class BonusAwardAdmin(ReadOnly, ScopedAdmin):
    """Bonuses of the volunteers in reach, also those taken back."""

    region_path = "volunteer__region_id"
    list_display = ("id", "volunteer", "kind", "month", "months", "points", "at", "taken_back_at")
    list_filter = ("kind",)
    list_select_related = ("volunteer",)


@admin.register(OtherAward)
class OtherAwardAdmin(ReadOnly, ScopedAdmin):
    """What earned points beside service; it is entered and decided through the service, by two people."""

    region_path = "volunteer__region_id"
    list_display = ("id", "volunteer", "kind", "quantity", "day", "state", "points", "entered_at")
    list_filter = ("kind", "state")
    list_select_related = ("volunteer",)
    search_fields = ("volunteer__number",)
