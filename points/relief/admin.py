"""How a region helps, in the back office. The list itself is not there: only its named keepers read it."""

from django.contrib import admin

from backend.accounts.admin_scope import ScopedAdmin
from points.relief.models import ReliefPolicy


@admin.register(ReliefPolicy)
class ReliefPolicyAdmin(ScopedAdmin):
    list_display = ("region", "grace_days", "monthly_items", "hold_hours")
    list_select_related = ("region",)
    autocomplete_fields = ("region",)
