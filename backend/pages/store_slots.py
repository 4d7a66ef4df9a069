"""The times at which a store gives its services: made, changed and closed by who keeps the store."""

from datetime import datetime
from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import NotFound, Refusal
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import STORE_KEEPERS, ActorRequest
from points.market import queries, services
from points.market.choices import ProductKind
from points.market.models import Product, Store
from points.market.rules import MOST_PLACES
from points.market.slot_errors import SlotInvalid
from points.market.slot_models import ServiceSlot

_LOCAL = "%Y-%m-%dT%H:%M"


def _moment(testid: str) -> forms.DateTimeInput:
    return forms.DateTimeInput(format=_LOCAL, attrs={"type": "datetime-local", "data-testid": testid})


class SlotForm(PageForm):
    """So many places of a service, from when to when."""

    refusal_fields: ClassVar = {"ends_at": "ends_at"}

    product = forms.ModelChoiceField(
        label=gettext_lazy("服务"),
        queryset=Product.objects.none(),
        empty_label=gettext_lazy("请选择"),
        widget=forms.Select(attrs={"data-testid": "product"}),
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("开始"),
        widget=_moment("starts-at"),
        input_formats=[_LOCAL, "%Y-%m-%dT%H:%M:%S"],
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("结束"),
        widget=_moment("ends-at"),
        input_formats=[_LOCAL, "%Y-%m-%dT%H:%M:%S"],
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("名额"),
        min_value=1,
        max_value=MOST_PLACES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "capacity"}),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*STORE_KEEPERS)
def slots(request: ActorRequest, store_id: int) -> HttpResponse:
    """Show the coming slots of a store's services; open one, change its places, close it."""
    store = get_object_or_404(queries.stores_kept_by(request.actor), pk=store_id)
    at = timezone.now()
    if request.method == "GET":
        return _show(request, store, _form(store), at=at)
    if request.POST.get("act") == "change":
        return _change(request, store, at=at)
    form = _form(store, request)
    if form.is_valid():
        try:
            services.open_slot(actor=request.actor, at=at, **form.cleaned_data)
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("时段已开放预约。"))
            return redirect("pages:store-slots", store.pk)
    return _show(request, store, form, at=at)


def _form(store: Store, request: ActorRequest | None = None) -> SlotForm:
    form = SlotForm(request.POST if request else None)
    product = form.fields["product"]
    if isinstance(product, forms.ModelChoiceField):
        product.queryset = Product.objects.filter(store=store, kind=ProductKind.SERVICE).order_by(
            "name", "pk"
        )
    return form


def _change(request: ActorRequest, store: Store, *, at: datetime) -> HttpResponse:
    """Give a slot other places, or stop and resume booking."""
    slot_id = whole_number(request.POST.get("slot", ""))
    if slot_id is None or not ServiceSlot.objects.filter(pk=slot_id, product__store=store).exists():
        raise NotFound(field="slot")
    closing = {"close": True, "resume": False}.get(request.POST.get("booking", ""))
    try:
        capacity = whole_number(request.POST.get("capacity", ""))
        if closing is None and capacity is None:
            raise SlotInvalid(field="capacity", most=MOST_PLACES)
        services.change_slot(
            slot_id=slot_id,
            capacity=capacity if closing is None else None,
            closed=closing,
            actor=request.actor,
            at=at,
        )
    except Refusal as refusal:
        return _show(request, store, _form(store), at=at, refusal=refusal, refused=slot_id)
    note(request, _("已保存。"))
    return redirect("pages:store-slots", store.pk)


def _show(
    request: ActorRequest,
    store: Store,
    form: SlotForm,
    *,
    at: datetime,
    refusal: Refusal | None = None,
    refused: int | None = None,
) -> HttpResponse:
    coming = ServiceSlot.objects.filter(product__store=store, ends_at__gt=at)
    page = page_of(request, coming.select_related("product").order_by("starts_at", "pk"))
    services_there = Product.objects.filter(store=store, kind=ProductKind.SERVICE).exists()
    context = {
        "store": store,
        "form": form,
        "page_obj": page,
        "services_there": services_there,
        "most": MOST_PLACES,
        "refusal": refusal,
        "refused": refused,
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "pages/manager/store_slots.html", context, status=status)
