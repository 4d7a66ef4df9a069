"""The chain in the back office: read, never written. Salts are shown to nobody but their owner."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from points.ledger.admin import ReadOnly
from points.proof.models import DayProof


@admin.register(DayProof)
class DayProofAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "sequence",
        "day",
        "transfers",
        "issued",
        "redeemed",
        "expired",
        "outstanding",
        "head",
        "proven_at",
    )
    show_full_result_count = False
