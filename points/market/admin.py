"""The market in the back office: shelves are edited, stock and redemptions are read."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from unfold.admin import TabularInline

from backend.accounts.admin_scope import ScopedAdmin
from backend.accounts.backends import remembered_actor
from backend.accounts.models import User
from backend.accounts.scopes import Actor
from backend.core.errors import Refusal, refusal_for
from points.ledger.admin import ReadOnly
from points.market import services
from points.market.choices import Channel
from points.market.models import Batch, Product, StockMove, Store
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.slot_models import ServiceSlot


def acting(request: HttpRequest) -> Actor:
    """Return who works in the back office; nobody gets here without logging in."""
    return remembered_actor(cast("User", request.user))


class ThroughServices(ScopedAdmin):
    """New rows are made by a service; what it refuses is said on the form's page. Nothing is deleted."""

    fixed: tuple[str, ...] = ()  # set once, when the row is made

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except (Refusal, IntegrityError) as error:
            refusal = error if isinstance(error, Refusal) else refusal_for(error)
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return answer

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        read_only = tuple(super().get_readonly_fields(request, obj))
        return (*read_only, *self.fixed) if obj is not None else read_only

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


_POLICY = (
    "minimum_balance",
    "most_redemptions",
    "redemptions_period",
    "near_expiry_days",
    "near_expiry_percent",
)


@admin.register(Store)
class StoreAdmin(ThroughServices):
    fixed = ("region", "organization")
    list_display = ("name", "region", "organization", "status")
    list_filter = ("status",)
    list_select_related = ("region", "organization")
    search_fields = ("name", "address")
    autocomplete_fields = ("region", "organization")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 – Django's signature
        policy = {name: getattr(obj, name) for name in _POLICY}
        if change:
            if set(_POLICY) & set(form.changed_data):
                services.set_policy(store_id=obj.pk, actor=acting(request), at=timezone.now(), **policy)
            super().save_model(request, obj, form, change)
            return
        made = services.create_store(
            name=obj.name,
            region=obj.region,
            organization=obj.organization,
            address=obj.address,
            phone=obj.phone,
            opening=obj.opening,
            actor=acting(request),
            at=timezone.now(),
        )
        services.set_policy(store_id=made.pk, actor=acting(request), at=timezone.now(), **policy)
        obj.pk = made.pk


@admin.register(Product)
class ProductAdmin(ThroughServices):
    """What is set on the store's own pages is not set here: shelf, alert and the share for relief."""

    region_path = "store__region_id"
    fixed = ("store", "kind")
    exclude = ("location", "minimum_stock", "relief_reserved")
    list_display = (
        "name",
        "store",
        "category",
        "points",
        "unit",
        "person_limit",
        "household_limit",
        "status",
    )
    list_filter = ("status", "category")
    list_select_related = ("store",)
    search_fields = ("name", "barcode")
    autocomplete_fields = ("store",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 – Django's signature
        if change:
            super().save_model(request, obj, form, change)
            return
        made = services.create_product(
            store=obj.store,
            name=obj.name,
            unit=obj.unit,
            category=obj.category,
            points=obj.points,
            kind=obj.kind,
            barcode=obj.barcode,
            picture=obj.picture,
            person_limit=obj.person_limit,
            household_limit=obj.household_limit,
            limit_period=obj.limit_period,
            minimum_age=obj.minimum_age,
            residents_only=obj.residents_only,
            actor=acting(request),
            at=timezone.now(),
        )
        obj.pk = made.pk


class StockMoveInline(ReadOnly, TabularInline):
    model = StockMove
    fields = ("kind", "quantity", "redemption", "reason", "made_by", "at")
    extra = 0


@admin.register(ServiceSlot)
class ServiceSlotAdmin(ReadOnly, ScopedAdmin):
    region_path = "product__store__region_id"
    list_display = ("id", "product", "starts_at", "ends_at", "capacity", "taken", "closed_at")
    list_select_related = ("product",)


@admin.register(Batch)
class BatchAdmin(ReadOnly, ScopedAdmin):
    region_path = "store__region_id"
    list_display = ("id", "product", "store", "received", "on_hand", "reserved", "expires_on", "received_at")
    list_filter = ("expires_on",)
    list_select_related = ("product", "store")
    search_fields = ("product__name", "note")
    inlines = (StockMoveInline,)


@admin.register(StockMove)
class StockMoveAdmin(ReadOnly, ScopedAdmin):
    region_path = "batch__store__region_id"
    list_display = ("id", "at", "kind", "quantity", "batch", "redemption", "made_by", "reason")
    list_filter = ("kind",)
    list_select_related = ("batch", "redemption", "made_by")
    show_full_result_count = False


class RedemptionLineInline(ReadOnly, TabularInline):
    model = RedemptionLine
    fields = ("product", "quantity", "unit_points", "slot")
    extra = 0


@admin.register(Redemption)
class RedemptionAdmin(ReadOnly, ScopedAdmin):
    """The pick-up code is its owner's; nobody reads it here. What went to families in need is not listed."""

    region_path = "store__region_id"
    exclude = ("code",)
    list_display = ("id", "volunteer", "store", "status", "points", "created_at", "reserved_until")
    list_filter = ("status",)
    list_select_related = ("volunteer", "store")
    search_fields = ("volunteer__number",)
    show_full_result_count = False
    inlines = (RedemptionLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        rows: QuerySet[Redemption] = super().get_queryset(request)
        return rows.exclude(channel=Channel.RELIEF)
