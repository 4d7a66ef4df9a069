"""Counting, sending, calling back and times of services: what one person does, the next one reads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role
from points.ledger import queries as ledger
from points.market.models import Batch, Product, StockMove
from points.market.slot_models import ServiceSlot
from points.stockroom import recalling
from points.stockroom.models import CountLine, StockCount
from points.stockroom.recall_models import Recall
from points.stockroom.services import add_location
from points.stockroom.states import CountStatus
from points.stockroom.transfer_models import StockTransfer
from tests.factories.accounts import make_actor
from tests.factories.market import ProductFactory, make_service, make_slot, reserve
from tests.factories.stockroom import Hub, closed_count, make_hub, received, sent
from tests.pages.scenes import browser, give_points, make_volunteer

pytestmark = pytest.mark.django_db
RUBBISH = ["-1", "1.5", "x", "\x00", "<b>", str(10**9), "9" * 4000]
LONG = "长" * 4000


def sit(actor: Actor) -> Client:
    """Open the browser of somebody."""
    return browser(User.objects.get(pk=actor.user_id))


def at(name, *keys):
    return reverse(f"pages:{name}", args=keys)


def text(answer) -> str:
    return answer.content.decode()


def local(moment) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


@pytest.fixture
def hub() -> Hub:
    return make_hub()


def test_a_time_that_is_opened_is_on_the_volunteers_shelf_until_booking_stops(hub):
    cut = make_service(store=hub.store)
    volunteer, clerk, begins = make_volunteer(), sit(hub.clerk), timezone.now() + timedelta(days=3)
    give_points(volunteer, 100)
    here, shelf = at("store-slots", hub.store.pk), at("shelf-store", hub.store.pk)
    form = {"product": cut.pk, "starts_at": local(begins), "ends_at": local(begins + timedelta(hours=3))}

    clerk.post(here, form | {"capacity": "4"})
    slot = ServiceSlot.objects.get()
    listed, seen = text(clerk.get(here)), text(browser(volunteer.user).get(shelf))
    clerk.post(here, {"act": "change", "slot": slot.pk, "booking": "close"})
    stopped, gone = text(clerk.get(here)), text(browser(volunteer.user).get(shelf))

    assert ("已约 0/4" in listed, "余 4" in seen) == (True, True)
    week = "周" + "一二三四五六日"[timezone.localtime(begins).weekday()]
    assert (f"{week} {week}" in listed + seen, week in listed) == (False, True)
    assert ("已停止预约" in stopped, "余 4" in gone) == (True, False)


def test_places_that_are_no_number_are_refused_at_their_field_and_change_nothing(hub):
    cut = make_service(store=hub.store)
    begins = timezone.now() + timedelta(days=1)
    slot = make_slot(cut, 4, starts_at=begins)
    here, clerk = at("store-slots", hub.store.pk), sit(hub.clerk)
    form = {
        "product": cut.pk,
        "starts_at": local(begins + timedelta(days=1)),
        "ends_at": local(begins + timedelta(days=1, hours=1)),
    }

    for typed in ["", "0", *RUBBISH]:
        changed = clerk.post(here, {"act": "change", "slot": slot.pk, "capacity": typed})
        opened = clerk.post(here, form | {"capacity": typed})

        assert [answer.status_code for answer in (changed, opened)] == [400, 400], typed
        assert [text(answer).count('data-testid="error-capacity"') for answer in (changed, opened)] == [1, 1]
        assert f'value="{form["starts_at"]}"' in text(opened)

    assert [clerk.post(here, {"act": "change", "slot": which}).status_code for which in ("0", "x")] == [
        404
    ] * 2
    assert list(ServiceSlot.objects.values_list("capacity", flat=True)) == [4]


def test_a_count_that_is_refused_stays_in_its_row_with_the_search_that_found_it(hub):
    flour = ProductFactory(store=hub.store, name="面粉")
    clerk = sit(hub.clerk)
    clerk.post(at("store-counts", hub.store.pk), {"scope": "all"})
    here = at("store-count", StockCount.objects.get().pk)

    for typed in [*RUBBISH[:-2], "1000001"]:
        answer = clerk.post(
            here, {"step": "line", "product": flour.pk, "expires_on": "", "q": "面粉", "counted": typed}
        )

        page = text(answer)
        assert (answer.status_code, page.count('data-testid="error-counted"')) == (400, 1), typed
        assert ('value="面粉"' in page, page.count('data-testid="line-form"')) == (True, 1)
        assert "<b>" not in page.split("<main", 1)[1]

    assert not CountLine.objects.exists()


def test_a_word_about_a_count_that_cannot_be_kept_is_not_dropped_in_silence(hub):
    count = closed_count(hub, 8, at=timezone.now())
    here, second = at("store-count", count.pk), sit(hub.second)

    for reason in ("<b>少了</b>", LONG, "少\x00了"):
        answer = second.post(here, {"step": "approve", "reason": reason})

        assert (answer.status_code, 'data-testid="error-reason"' in text(answer)) == (400, True)

    assert (StockCount.objects.get().status, Batch.objects.get().on_hand) == (CountStatus.CLOSED, 10)
    second.post(here, {"step": "reopen"})
    assert "盘点中" in text(sit(hub.clerk).get(here)), "who counted reads that it came back"


def test_goods_that_are_not_sent_stay_on_the_form(hub):
    clerk, here = sit(hub.clerk), at("store-transfers", hub.store.pk)
    form = {"to_store": hub.other.pk, f"batch-{hub.batch.pk}": "4", "note": "支援翠微巷"}

    for changes, field in (
        *(({f"batch-{hub.batch.pk}": typed}, "lines") for typed in ["", "0", "11", *RUBBISH]),
        ({"batch-1000000": "1.5"}, "lines"),
        ({"batch-1000000": "1"}, "lines"),
        ({"to_store": hub.store.pk}, "to_store"),
        ({"to_store": "x"}, "to_store"),
        ({"note": LONG}, "note"),
        ({"note": "<b>"}, "note"),
    ):
        answer = clerk.post(here, form | changes)

        page = text(answer)
        assert (answer.status_code in {400, 409}, f'data-testid="error-{field}"' in page) == (True, True), (
            changes
        )
        assert ("支援翠微巷" in page) == ("note" not in changes)
        assert (f'name="batch-{hub.batch.pk}" value="4"' in page) == (f"batch-{hub.batch.pk}" not in changes)

    assert (StockTransfer.objects.exists(), Batch.objects.get().on_hand) == (False, 10)


def test_what_was_sent_is_read_by_the_other_store_counted_and_explained_to_both(hub):
    transfer = sent(hub, 4, at=timezone.now())
    here, line = at("store-transfer", transfer.pk), transfer.lines.get()
    there, manager = sit(hub.there), sit(hub.manager)

    told = text(there.get(at("store", hub.other.pk)))
    for typed in ["", "5", *RUBBISH]:
        wrong = there.post(here, {"step": "receive", f"line-{line.pk}": typed})
        assert (wrong.status_code, 'data-testid="error-lines"' in text(wrong)) == (400, True), typed
    received(transfer, hub, 3, at=timezone.now())
    for reason in ("", LONG, "<b>"):
        silent = manager.post(here, {"step": "loss", "reason": reason})
        assert (silent.status_code, 'data-testid="error-reason"' in text(silent)) == (400, True)
    manager.post(here, {"step": "loss", "reason": "路上破损"})
    seen = [text(sit(actor).get(here)) for actor in (hub.clerk, hub.there)]

    assert at("store-transfers", hub.other.pk) in told
    assert [("实收 3" in page, "短少 1" in page, "路上破损" in page) for page in seen] == [(True,) * 3] * 2
    assert sit(make_hub().clerk).get(here).status_code == 404


def test_a_recall_without_a_readable_reason_freezes_nothing(hub):
    other = ProductFactory(store=hub.store, name="面粉")
    clerk, here = sit(hub.clerk), at("store-recalls", hub.store.pk)

    for reason in ("", "  ", LONG, "<b>破损</b>", "破\x00损"):
        answer = clerk.post(here, {"batch": hub.batch.pk, "reason": reason, "q": "大米"})

        page = text(answer)
        assert (answer.status_code, 'data-testid="error-reason"' in page) == (400, True)
        assert (f'value="{hub.batch.pk}" selected' in page, 'value="大米"' in page) == (True, True)
    for batch in ("", "x", "-1", "9" * 4000, str(other.pk + 10**6)):
        assert clerk.post(here, {"batch": batch, "reason": "破损"}).status_code == 404

    assert (Recall.objects.exists(), Batch.objects.get().recalled_at) == (False, None)


def test_whoever_waited_for_goods_that_are_called_back_reads_why_the_points_are_there_again(hub):
    volunteer = make_volunteer()
    give_points(volunteer, 100)
    waiting = reserve(volunteer, hub.rice, 3, at=timezone.now())
    phone = browser(volunteer.user)

    sit(hub.clerk).post(
        at("store-recalls", hub.store.pk), {"batch": hub.batch.pk, "reason": "厂家通知：霉变"}
    )
    mine, points = text(phone.get(at("redemption", waiting.pk))), text(phone.get(at("points")))
    there = text(sit(hub.manager).get(at("store-recall", Recall.objects.get().pk)))

    assert ("已取消" in mine, "30 积分已退回您的账户" in mine) == (True, True)
    assert "商品召回，已取消兑换，积分退回" in points
    assert ("预留都已取消" in there, "厂家通知：霉变" in there) == (True, True)
    assert ledger.balance(volunteer, at=timezone.now()).available == 100


def test_a_recall_is_lifted_on_its_page_by_a_second_person_and_the_others_read_who_can(hub):
    made = recalling.open_recall(
        batch_id=hub.batch.pk, reason="厂家通知", actor=hub.manager, at=timezone.now()
    )
    here, listed = at("store-recall", made.pk), at("store-recalls", hub.store.pk)
    other = make_actor(Role.ORGANIZATION_MANAGER, hub.store.organization_id)
    opener, clerk, second = sit(hub.manager), sit(hub.clerk), sit(other)

    seen = [text(page.get(here)) for page in (opener, clerk, second)]
    assert [[word in page for word in ("not-you", "not-a-clerk", "lift-form")] for page in seen] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert [
        page.post(here, {"step": "lift", "reason": "填错了"}).status_code for page in (opener, clerk)
    ] == [
        403,
        403,
    ]
    for reason in ("", LONG, "<b>填错了</b>", "填\x00错"):
        answer = second.post(here, {"step": "lift", "reason": reason})
        assert (answer.status_code, 'data-testid="error-reason"' in text(answer)) == (400, True)
    assert "已解除" not in text(clerk.get(listed))

    assert second.post(here, {"step": "lift", "reason": "批次填错了"}).status_code == 302

    there = text(clerk.get(here))
    assert ["批次填错了" in there, "lift-form" in there, "write-off" in there] == [True, False, False]
    assert "已解除" in text(clerk.get(listed))
    assert 'data-testid="nobody"' in text(second.post(here, {"step": "recipients"}))
    again = second.post(here, {"step": "lift", "reason": "再来一次"})
    assert (again.status_code, "这次召回已经解除" in text(again)) == (409, True)


def test_goods_to_send_or_to_call_back_are_found_by_their_shelf(hub):
    flour = ProductFactory(store=hub.store, name="面粉")
    place = add_location(store=hub.store, code="A-01", name="北墙", actor=hub.clerk, at=timezone.now())
    Product.objects.filter(pk=hub.rice.pk).update(location=place)
    clerk = sit(hub.clerk)

    for page in ("store-transfers", "store-recalls"):
        found, none = (
            text(clerk.get(at(page, hub.store.pk), {"q": asked})) for asked in ("a-01", flour.name)
        )
        assert (str(hub.batch.pk) in found.split("<main", 1)[1], "大米" in found, "大米" in none) == (
            True,
            True,
            False,
        )


def test_a_product_that_cannot_be_is_refused_at_its_field(hub):
    ProductFactory(store=hub.store, name="面粉", barcode="6901234567908")
    clerk, here = sit(hub.clerk), at("store-product", hub.store.pk, hub.rice.pk)
    form = {
        "name": "新米", "unit": "袋", "category": "grain_oil", "points": "12", "status": "on_shelf",
        "barcode": "", "location": "", "minimum_stock": "5",
    }  # fmt: skip

    for changes, field in (
        *(({"points": typed}, "points") for typed in ["", "0", *RUBBISH]),
        *(({"minimum_stock": typed}, "minimum_stock") for typed in ["0", *RUBBISH]),
        *(({"name": typed}, "name") for typed in ("", "  ", "<b>米</b>", LONG, "米\x00")),
        ({"unit": LONG}, "unit"),
        ({"category": "x"}, "category"),
        ({"barcode": "<b>"}, "barcode"),
        ({"barcode": "6901234567908"}, "barcode"),
        ({"location": "1000000"}, "location"),
        ({"status": "\x00"}, "status"),
    ):
        answer = clerk.post(here, form | changes)

        assert (answer.status_code, f'data-testid="error-{field}"' in text(answer)) == (400, True), changes
        assert ('value="新米"' in text(answer)) == ("name" not in changes)

    hub.rice.refresh_from_db()
    assert (hub.rice.name, hub.rice.points, hub.rice.minimum_stock) == ("大米", 10, None)


def test_a_delivery_that_cannot_be_is_refused_at_its_field(hub):
    clerk, here = sit(hub.clerk), at("store-receive", hub.store.pk, hub.rice.pk)
    moves = StockMove.objects.count()

    for changes, field in (
        *(({"quantity": typed}, "quantity") for typed in ["", "0", *RUBBISH]),
        ({"expires_on": "2026-02-30"}, "expires_on"),
        ({"expires_on": "2001-01-01"}, "expires_on"),
        ({"note": LONG}, "note"),
        ({"note": "粮油\x00店"}, "note"),
    ):
        answer = clerk.post(here, {"quantity": "5", "note": "光明粮油店"} | changes)

        assert (answer.status_code, f'data-testid="error-{field}"' in text(answer)) == (400, True), changes
        assert ("光明粮油店" in text(answer)) == ("note" not in changes)

    assert (Batch.objects.get().on_hand, StockMove.objects.count()) == (10, moves)
