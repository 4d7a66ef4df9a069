"""The pages of those who keep a store, as they use them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from points.market.choices import MoveKind
from points.market.models import Batch, Product, StockMove
from points.stockroom.models import CountLine, StockCount
from points.stockroom.recall_models import Recall
from points.stockroom.transfer_models import StockTransfer
from tests.factories.market import deliver
from tests.factories.stockroom import make_hub, taken_home
from tests.pages.scenes import browser
from tests.pages.visits_stockroom import full_hub

pytestmark = pytest.mark.django_db


def sit(actor) -> Client:
    """Open the browser of somebody."""
    return browser(User.objects.get(pk=actor.user_id))


def at(name, *keys):
    return reverse(f"pages:{name}", args=keys)


def text(answer) -> str:
    return answer.content.decode()


def test_a_count_is_blind_until_it_is_closed_and_decided_by_another():
    hub = make_hub(8765)
    clerk, second = sit(hub.clerk), sit(hub.second)
    clerk.post(at("store-counts", hub.store.pk), {"scope": "all"})
    count = StockCount.objects.get()
    here = at("store-count", count.pk)

    page = text(clerk.get(f"{here}?q={hub.rice.barcode}"))
    clerk.post(here, {"step": "line", "product": hub.rice.pk, "expires_on": "", "counted": "8760"})
    blind = text(clerk.get(here))
    clerk.post(here, {"step": "close"})
    own = clerk.post(here, {"step": "approve"})
    seen = text(second.get(here))
    second.post(here, {"step": "approve", "reason": "少了五袋"})

    assert ("大米" in page, "8765" in page + blind, "8765" in seen) == (True, False, True)
    assert (own.status_code, "参加过盘点的人不能复核" in text(own)) == (403, True)
    assert StockMove.objects.get(kind=MoveKind.COUNT_DOWN).reason == f"盘点 #{count.pk}：少了五袋"
    assert Batch.objects.get().on_hand == 8760


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "１２", "9" * 30, "\x00", "<b>"])
def test_rubbish_in_a_count_is_refused_on_the_page(typed):
    hub = make_hub()
    clerk = sit(hub.clerk)
    clerk.post(at("store-counts", hub.store.pk), {"scope": "all"})
    here = at("store-count", StockCount.objects.get().pk)

    answers = [
        clerk.post(here, {"step": "line", "product": hub.rice.pk, "counted": typed}),
        clerk.post(here, {"step": "line", "product": hub.rice.pk, "counted": "1", "expires_on": f"x{typed}"}),
        clerk.post(here, {"step": typed}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert not CountLine.objects.exists()


def test_a_product_among_three_hundred_is_found_by_name_barcode_and_shelf():
    hub = full_hub()
    clerk = sit(hub.clerk)
    here = at("store", hub.store.pk)
    clerk.post(here, {"code": "c-03", "name": "冷柜"})
    form = {"name": "大米", "unit": "袋", "category": "grain_oil", "points": "10", "status": "on_shelf"}
    place = hub.store.locations.get().pk
    saved = clerk.post(
        at("store-product", hub.store.pk, hub.rice.pk),
        form | {"barcode": hub.rice.barcode, "location": place, "minimum_stock": "60"},
    )

    for asked in ("大米", hub.rice.barcode, "C-03"):
        page = text(clerk.get(here, {"q": asked}))
        assert page.count('data-testid="product"') == 1
    assert saved.status_code == 302
    assert "可领 50 袋，最低 60" in page
    assert text(clerk.get(here, {"q": "\x00没有"})).count('data-testid="product"') == 0


def test_goods_are_received_and_written_off_with_a_reason_or_refused_at_the_field():
    hub = make_hub()
    clerk = sit(hub.clerk)
    product, store = at("store-receive", hub.store.pk, hub.rice.pk), at("store-write-off", hub.store.pk)
    yesterday = timezone.localdate() - timedelta(days=1)

    old = clerk.post(product, {"quantity": "5", "expires_on": yesterday.isoformat()})
    none = clerk.post(product, {"quantity": "0"})
    clerk.post(product, {"quantity": "5", "expires_on": "", "note": "光明粮油店 采购"})
    silent = clerk.post(store, {"batch": hub.batch.pk, "quantity": "1", "reason": ""})
    clerk.post(store, {"batch": hub.batch.pk, "quantity": "4", "reason": "过期"})

    assert ("已过保质期" in text(old), old.status_code, none.status_code) == (True, 400, 400)
    assert silent.status_code == 400
    assert list(Batch.objects.order_by("pk").values_list("on_hand", "note")) == [
        (6, ""),
        (5, "光明粮油店 采购"),
    ]


def test_goods_travel_from_store_to_store_and_what_is_missing_needs_a_third_hand():
    hub = make_hub()
    clerk, there, manager = sit(hub.clerk), sit(hub.there), sit(hub.manager)
    send = at("store-transfers", hub.store.pk)

    nothing = clerk.post(send, {"to_store": hub.other.pk, f"batch-{hub.batch.pk}": ""})
    clerk.post(send, {"to_store": hub.other.pk, f"batch-{hub.batch.pk}": "4"})
    transfer = StockTransfer.objects.get()
    here, line = at("store-transfer", transfer.pk), transfer.lines.get()
    wrong = there.post(here, {"step": "receive", f"line-{line.pk}": "5"})
    there.post(here, {"step": "receive", f"line-{line.pk}": "3"})
    own = there.post(here, {"step": "loss", "reason": "破损"})
    manager.post(here, {"step": "loss", "reason": "破损"})

    assert [nothing.status_code, wrong.status_code, own.status_code] == [400, 400, 403]
    transfer.refresh_from_db()
    assert transfer.status == "received"
    assert Batch.objects.get(store=hub.other).on_hand == 3


def test_a_recall_is_opened_in_the_store_and_its_people_are_for_managers():
    hub = make_hub()
    now = timezone.now()
    kept = taken_home(hub.rice, 2, by=hub.clerk, at=now)
    clerk, manager = sit(hub.clerk), sit(hub.manager)
    clerk.post(at("store-recalls", hub.store.pk), {"batch": hub.batch.pk, "reason": "厂家通知"})
    here = at("store-recall", Recall.objects.get().pk)

    page, told = text(clerk.get(here)), text(manager.post(here, {"step": "recipients"}))
    sheet = text(manager.post(here, {"step": "contacts"}))
    clerk.post(here, {"step": "write-off"})

    assert ("谁领走了" in page, clerk.post(here, {"step": "recipients"}).status_code) == (False, 403)
    assert kept.volunteer.name not in told + sheet
    assert (kept.volunteer.number in told, kept.volunteer.user.phone.open() in sheet) == (True, True)
    assert Batch.objects.get().on_hand == 0


def test_a_statement_is_published_for_everybody_with_small_numbers_hidden():
    hub = make_hub()
    then = timezone.now() - timedelta(days=40)
    month = f"{timezone.localdate(then):%Y-%m}"
    taken_home(hub.rice, 2, by=hub.clerk, at=then)
    deliver(hub.rice, 1)
    Product.objects.update(name="大米 & 面")
    client = browser()

    months = text(client.get(at("statements", hub.store.pk)))
    page = text(client.get(at("statement", hub.store.pk, month)))
    wrong = [
        client.get(at("statement", hub.store.pk, period)).status_code
        for period in ("2026-99", "2199-01", "2099-01")
    ]

    assert month in months
    assert ("少于 3" in page, "大米 &amp; 面" in page, "大米 & 面" in page) == (True, True, False)
    assert wrong == [400, 400, 404]
    assert client.get(at("statement-xlsx", hub.store.pk, month)).status_code == 200
