"""Calling goods back, and who has them: read by managers only, every reading written down."""

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Forbidden, Invalid, NotFound, Refusal
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.stores import searched, searched_for
from backend.pages.visitor import ActorRequest
from points.market.models import Product, Store
from points.market.queries import stores_kept_by
from points.statements.export import plain
from points.stockroom import queries, recalling
from points.stockroom.queries import KEEPERS, RECALLERS
from points.stockroom.recall_models import Recall

_OFFERED = 40


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def recalls(request: ActorRequest, store_id: int) -> HttpResponse:
    """Show the recalls that touch a store, and call something back."""
    store = queries.store_for(request.actor, store_id)
    if request.method == "GET":
        return _list(request, store)
    try:
        made = recalling.open_recall(
            batch_id=whole_number(request.POST.get("batch", "")) or 0,
            reason=request.POST.get("reason", ""),
            actor=request.actor,
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _list(request, store, refusal=refusal)
    note(request, _("已召回：各店的这批商品都已冻结，预留已取消，积分已退回。"))
    return redirect("pages:store-recall", made.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def recall(request: ActorRequest, recall_id: int) -> HttpResponse:
    """Show one recall; ask who has the goods, take the list along, write off what is left, or lift it."""
    found = queries.recall_for(request.actor, recall_id)
    if request.method == "GET":
        return _page(request, found)
    given: dict[str, Any] = {"recall_id": found.pk, "actor": request.actor, "at": timezone.now()}
    step = request.POST.get("step", "")
    try:
        if step == "recipients":
            return _page(request, found, recipients=recalling.read_recipients(**given))
        if step == "contacts":
            return _sheet(found, recalling.read_recipients(**given, contacts=True))
        if step == "lift":
            recalling.lift_recall(**given, reason=request.POST.get("reason", ""))
            note(request, _("已解除召回：各店的这批商品又可以兑换了。"))
        elif step == "write-off":
            gone = recalling.write_off_rest(**given)
            note(request, _("已报损 %(n)s 件。") % {"n": gone})
        else:
            raise Invalid(field="step")
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        return _page(request, found, refusal=refusal)
    return redirect("pages:store-recall", found.pk)


def _sheet(found: Recall, rows: list[recalling.Recipient]) -> HttpResponse:
    """Return who to call, for the member of staff who asked; the file's name says nothing of people."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="recall-{found.pk}.csv"'
    answer["Cache-Control"] = "private, no-store"
    answer.write("\ufeff")
    sheet = csv.writer(answer)
    sheet.writerow([_("兑换编号"), _("姓名"), _("编号"), _("联系方式"), _("件数"), _("门店"), _("领取日期")])
    for row in rows:
        day = row.day.isoformat() if row.day else ""
        named = [plain(row.name), row.number, plain(row.contact), row.quantity, plain(row.store), day]
        sheet.writerow([row.redemption_id, *named])
    return answer


def _list(request: ActorRequest, store: Store, *, refusal: Refusal | None = None) -> HttpResponse:
    asked = searched_for(request)
    batches = queries.batches_in(store).filter(recalled_at__isnull=True)
    if asked:
        batches = batches.filter(product__in=searched(Product.objects.filter(store=store), asked).order_by())
    context = {
        "store": store,
        "q": asked,
        "chosen": whole_number(request.POST.get("batch", "") or request.GET.get("batch", "")),
        "batches": batches[:_OFFERED],
        "page_obj": page_of(request, queries.recalls_of(request.actor)),
        "refusal": refusal,
    }
    return render(request, "pages/keeper/recalls.html", context, status=refusal.status if refusal else 200)


def _page(
    request: ActorRequest,
    found: Recall,
    *,
    recipients: list[recalling.Recipient] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    kept = stores_kept_by(request.actor)
    batches = queries.family(found.root_id).filter(store__in=kept).select_related("store", "product")
    context = {
        "recall": found,
        "batches": batches,
        "left": sum(batch.on_hand - batch.reserved for batch in batches),
        "may_read": request.actor.has(*RECALLERS),
        "opened_it": found.opened_by_id == request.actor.user_id,
        "recipients": recipients,
        "refusal": refusal,
    }
    return render(request, "pages/keeper/recall.html", context, status=refusal.status if refusal else 200)
