"""The book in the back office: read, never written."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from backend.accounts.admin_scope import ScopedAdmin
from points.ledger.models import Account, ClosedDay, Entry, ExpiryWarning, Lot, Transfer


class ReadOnly:
    """Looks, but never changes: points move only through ledger.services."""

    def has_add_permission(self, *_args: object, **_kwargs: object) -> bool:
        return False

    def has_change_permission(self, *_args: object, **_kwargs: object) -> bool:
        return False

    def has_delete_permission(self, *_args: object, **_kwargs: object) -> bool:
        return False


class EntryInline(ReadOnly, TabularInline):
    model = Entry
    fields = ("account", "amount")
    extra = 0


@admin.register(Transfer)
class TransferAdmin(ReadOnly, ScopedAdmin):
    """Transfers of the volunteers in reach, with their legs."""

    region_path = "entries__account__volunteer__region_id"
    list_display = ("id", "key", "kind", "business_day", "sentence_zh", "rule_version")
    list_filter = ("kind",)
    search_fields = ("key",)
    show_full_result_count = False
    inlines = (EntryInline,)


@admin.register(Account)
class AccountAdmin(ReadOnly, ScopedAdmin):
    """Accounts of the volunteers in reach."""

    region_path = "volunteer__region_id"
    list_display = ("id", "kind", "volunteer", "balance", "may_go_negative")
    list_filter = ("kind",)
    list_select_related = ("volunteer",)
    search_fields = ("volunteer__number",)
    show_full_result_count = False


@admin.register(Lot)
class LotAdmin(ReadOnly, ScopedAdmin):
    """Lots of the volunteers in reach."""

    region_path = "account__volunteer__region_id"
    list_display = ("id", "account", "amount", "remaining", "expires_at")
    list_select_related = ("account",)
    show_full_result_count = False


@admin.register(ClosedDay)
class ClosedDayAdmin(ReadOnly, ModelAdmin):
    """Days of the book nothing can be written into any more."""

    list_display = ("day", "closed_at")


@admin.register(ExpiryWarning)
class ExpiryWarningAdmin(ReadOnly, ScopedAdmin):
    """Warnings to the volunteers in reach."""

    region_path = "account__volunteer__region_id"
    list_display = ("id", "account", "stage", "points", "expires_at", "warned_at")
    list_filter = ("stage",)
    list_select_related = ("account",)
    show_full_result_count = False
