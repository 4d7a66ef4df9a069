"""Counts, transfers, recalls and notices in the back office: read, never written."""

from django.contrib import admin
from unfold.admin import TabularInline

from backend.accounts.admin_scope import ScopedAdmin
from points.ledger.admin import ReadOnly
from points.market.models import ShelfLocation
from points.stockroom.models import CountLine, StockCount, StockNotice
from points.stockroom.recall_models import Recall
from points.stockroom.transfer_models import StockTransfer, StockTransferLine


@admin.register(ShelfLocation)
class ShelfLocationAdmin(ReadOnly, ScopedAdmin):
    region_path = "store__region_id"
    list_display = ("code", "name", "store")
    list_select_related = ("store",)
    search_fields = ("code", "name")


class CountLineInline(ReadOnly, TabularInline):
    """What was found; what the book said stays out, for a count may be open."""

    model = CountLine
    fields = ("product", "expires_on", "batch", "counted", "counted_by", "at")
    extra = 0


@admin.register(StockCount)
class StockCountAdmin(ReadOnly, ScopedAdmin):
    region_path = "store__region_id"
    list_display = ("id", "store", "scope", "status", "opened_by", "opened_at", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("store", "opened_by", "decided_by")
    inlines = (CountLineInline,)


class StockTransferLineInline(ReadOnly, TabularInline):
    model = StockTransferLine
    fields = ("batch", "quantity", "received", "arrived", "lost")
    fk_name = "transfer"
    extra = 0


@admin.register(StockTransfer)
class StockTransferAdmin(ReadOnly, ScopedAdmin):
    region_path = "from_store__region_id"
    list_display = ("id", "from_store", "to_store", "status", "sent_by", "sent_at", "received_by")
    list_filter = ("status",)
    list_select_related = ("from_store", "to_store", "sent_by", "received_by")
    inlines = (StockTransferLineInline,)


@admin.register(Recall)
class RecallAdmin(ReadOnly, ScopedAdmin):
    region_path = "root__store__region_id"
    list_display = ("id", "root", "reason", "opened_by", "opened_at", "settled_at", "lifted_by", "lifted_at")
    list_select_related = ("root", "opened_by", "lifted_by")


@admin.register(StockNotice)
class StockNoticeAdmin(ReadOnly, ScopedAdmin):
    region_path = "product__store__region_id"
    list_display = ("id", "kind", "product", "batch", "opened_at", "ended_at")
    list_filter = ("kind",)
    list_select_related = ("product", "batch")
