"""Goods on their way between the stores of an organisation: send, count, explain what is missing."""

from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.stores import searched, searched_for
from backend.pages.visitor import ActorRequest
from points.market.errors import StockQuantityInvalid
from points.market.models import Product, Store
from points.market.queries import keeps_stock
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import queries, transferring
from points.stockroom.errors import TransferCountInvalid
from points.stockroom.queries import KEEPERS
from points.stockroom.states import TransferStatus
from points.stockroom.transfer_models import StockTransfer

_OFFERED = 40  # batches on the form; the search finds the others
_BATCH = "batch-"


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def transfers(request: ActorRequest, store_id: int) -> HttpResponse:
    """Show what goes from and to a store, and send something."""
    store = queries.store_for(request.actor, store_id)
    if request.method == "GET":
        return _list(request, store)
    try:
        sent = transferring.send(
            from_store=store,
            to_store_id=whole_number(request.POST.get("to_store", "")) or 0,
            lines=_lines(request),
            note=request.POST.get("note", ""),
            actor=request.actor,
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _list(request, store, refusal=refusal)
    note(request, _("已发出，对方收货清点后入库。"))
    return redirect("pages:store-transfer", sent.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def transfer(request: ActorRequest, transfer_id: int) -> HttpResponse:
    """Show one transfer; receive it, take it back, or write off what is missing."""
    found = queries.transfer_for(request.actor, transfer_id)
    if request.method == "GET":
        return _page(request, found)
    given: dict[str, Any] = {"transfer_id": found.pk, "actor": request.actor, "at": timezone.now()}
    try:
        step = request.POST.get("step", "")
        if step == "receive":
            done = transferring.receive(**given, counted=_counted(request, found))
            short = done.status == TransferStatus.SHORT
            note(request, _("已收货，短少的请另一位工作人员核销。") if short else _("已收货，已经入库。"))
        elif step == "loss":
            reason = request.POST.get("reason", "")
            transferring.write_off_loss(**given, reason=reason)
            note(request, _("短少已核销，原因已记录。"))
        elif step == "cancel":
            transferring.take_back(**given)
            note(request, _("已撤回，商品回到本店。"))
        else:
            raise Invalid(field="step")
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, found, refusal=refusal)
    return redirect("pages:store-transfer", found.pk)


def _lines(request: ActorRequest) -> list[transferring.SentGoods]:
    """Return the batches with a quantity; rubbish in one refuses all."""
    lines = []
    for name, typed in request.POST.items():
        if name.startswith(_BATCH) and str(typed).strip():
            batch, quantity = whole_number(name.removeprefix(_BATCH)), whole_number(str(typed).strip())
            if batch is None or quantity is None:
                raise StockQuantityInvalid(field="lines", most=MOST_OF_A_BATCH)
            if quantity:
                lines.append(transferring.SentGoods(batch, quantity))
    return lines


def _counted(request: ActorRequest, found: StockTransfer) -> dict[int, transferring.CountedGoods]:
    counted = {}
    for line in found.lines.all():
        received = whole_number(request.POST.get(f"line-{line.pk}", ""))
        if received is None:
            raise TransferCountInvalid(field="lines")
        chosen = whole_number(request.POST.get(f"product-{line.pk}", ""))
        counted[line.pk] = transferring.CountedGoods(received, chosen)
    return counted


def _is_of_lines(refusal: Refusal | None) -> bool:
    return refusal is not None and ("lines" in (refusal.field or "") or refusal.field == "product")


def _list(request: ActorRequest, store: Store, *, refusal: Refusal | None = None) -> HttpResponse:
    asked = searched_for(request)
    batches = queries.batches_in(store).filter(recalled_at__isnull=True, on_hand__gt=F("reserved"))
    if asked:
        batches = batches.filter(product__in=searched(Product.objects.filter(store=store), asked).order_by())
    offered = list(batches[:_OFFERED])
    for batch in offered:
        batch.typed = request.POST.get(f"{_BATCH}{batch.pk}", "")  # type: ignore[attr-defined]  # for the form
    context = {
        "store": store,
        "q": asked,
        "others": queries.other_stores(store),
        "batches": offered,
        "to_store": whole_number(request.POST.get("to_store", "")),
        "page_obj": page_of(
            request,
            queries.transfers_of(request.actor).filter(from_store=store)
            | queries.transfers_of(request.actor).filter(to_store=store),
        ),
        "refusal": refusal,
        "refused_lines": _is_of_lines(refusal),
    }
    return render(request, "pages/keeper/transfers.html", context, status=refusal.status if refusal else 200)


def _page(request: ActorRequest, found: StockTransfer, *, refusal: Refusal | None = None) -> HttpResponse:
    waits = found.status == TransferStatus.SENT
    receives = keeps_stock(request.actor, found.to_store)
    lines = [
        {
            "line": line,
            "there": queries.same_product(line.batch.product, found.to_store) if waits and receives else None,
            "missing": line.quantity - (line.received or 0),
            "typed": request.POST.get(f"line-{line.pk}", ""),
            "chosen": whole_number(request.POST.get(f"product-{line.pk}", "")),
        }
        for line in found.lines.all()
    ]
    choices = Product.objects.none()
    if waits and receives and any(row["there"] is None for row in lines):
        choices = Product.objects.filter(store=found.to_store).order_by("name", "pk")
    context = {
        "transfer": found,
        "lines": lines,
        "choices": choices,
        "may_receive": waits and receives,
        "may_cancel": waits and keeps_stock(request.actor, found.from_store),
        "short": found.status == TransferStatus.SHORT,
        "may_explain": found.received_by_id != request.actor.user_id,
        "refusal": refusal,
        "refused_lines": _is_of_lines(refusal),
    }
    return render(request, "pages/keeper/transfer.html", context, status=refusal.status if refusal else 200)
