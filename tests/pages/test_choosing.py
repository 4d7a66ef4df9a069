"""Choosing at the shelf: what one reads before, the sum before anything is held, slots, and a long shelf."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from points.market.models import Product, Store
from points.market.redemption_models import Redemption
from points.market.slot_models import ServiceSlot
from tests.factories.market import deliver, make_service, make_slot
from tests.factories.volunteers import make_household
from tests.pages.scenes import browser, give_points, make_redemption, make_shop, make_volunteer

pytestmark = pytest.mark.django_db


def read(volunteer, shop, **query) -> str:
    address = reverse("pages:shelf-store", args=[shop.store.pk])
    return browser(volunteer.user).get(address, query).content.decode()


def test_the_shelf_tells_before_choosing_what_is_left_what_is_cheaper_and_why_not() -> None:
    shop, volunteer = make_shop(products=2, household_limit=3), make_volunteer()
    make_household(volunteer)
    make_redemption(volunteer, shop)
    Store.objects.update(near_expiry_days=5, near_expiry_percent=70)
    deliver(shop.products[0], 1, expires_on=timezone.localdate() + timedelta(days=3))
    Product.objects.filter(pk=shop.products[1].pk).update(minimum_age=120, points=1000)

    html = read(volunteer, shop)

    assert "本月还可换 1 袋（共 2）" in html
    assert "本月您家还可换 2 袋（共 3）" in html
    assert "临期 7 折，还有 3 天" in html
    assert 'data-points="20" data-cheap="14" data-cheap-count="1"' in html
    assert "满 120 周岁可换；余额不足，还差 920 分" in html
    assert f"quantity-{shop.products[1].pk}" not in html


def test_without_a_script_the_sum_is_shown_first_and_confirmed() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    give_points(volunteer, 100)
    address, client = reverse("pages:shelf-store", args=[shop.store.pk]), browser(volunteer.user)
    basket = {f"quantity-{shop.products[0].pk}": "2"}

    asked = client.post(address, basket).content.decode()

    assert 'data-testid="quote"' in asked
    assert 'name="expected" value="40"' in asked
    assert "换后余 60 积分。" in asked
    assert not Redemption.objects.exists()
    Product.objects.update(points=21)
    dearer = client.post(address, basket | {"expected": "40"})
    assert 'data-code="price_rose"' in dearer.content.decode()
    assert f'name="quantity-{shop.products[0].pk}" value="2"' in dearer.content.decode()
    assert not Redemption.objects.exists()
    assert client.post(address, basket | {"expected": "42"}).status_code == 302
    assert Redemption.objects.get().points == 42


def test_a_time_for_a_service_is_chosen_from_the_shelf() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    give_points(volunteer, 100)
    slot = make_slot(make_service(store=shop.store), 1, starts_at=timezone.now() + timedelta(days=1))
    address, client = reverse("pages:shelf-store", args=[shop.store.pk]), browser(volunteer.user)
    basket = {f"quantity-{slot.product_id}": "1", f"slot-{slot.product_id}": str(slot.pk), "expected": "10"}

    before = read(volunteer, shop)
    booked = client.post(address, basket)
    full = client.post(address, basket)

    assert f'<option value="{slot.pk}">' in before
    assert (booked.status_code, full.status_code) == (302, 409)
    assert 'data-code="slot_full"' in full.content.decode()
    assert "眼下没有可约的时段。" in full.content.decode()
    assert ServiceSlot.objects.get().taken == 1


def test_a_long_shelf_is_found_by_category_and_by_word() -> None:
    shop, volunteer = make_shop(products=24), make_volunteer()

    whole, found, nothing = (read(volunteer, shop, q=q) for q in ("", "米17", "没有<b>"))

    assert 'href="#grain_oil"' in whole
    assert "shelf--long" in whole
    counts = [html.count('data-testid="product"') for html in (whole, found, nothing)]
    assert counts == [24, 1, 0]
    assert "货架上没有找到。" in nothing
    assert "没有<b>" not in nothing


def test_a_store_that_does_not_serve_me_now_says_so_at_the_top() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    Store.objects.update(minimum_balance=30)

    assert 'data-code="balance_below_minimum"' in read(volunteer, shop)


def test_the_store_opens_changes_and_closes_slots() -> None:
    shop = make_shop()
    service, address = make_service(store=shop.store), reverse("pages:store-slots", args=[shop.store.pk])
    client, tomorrow = browser(shop.clerk), timezone.localdate() + timedelta(days=1)
    asked = {
        "product": service.pk,
        "starts_at": f"{tomorrow}T09:00",
        "ends_at": f"{tomorrow}T12:00",
        "capacity": "4",
    }

    assert client.post(address, asked).status_code == 302
    slot = ServiceSlot.objects.get()
    change = {"act": "change", "slot": slot.pk}
    for wrong in (
        asked | {"capacity": "0"},
        asked | {"capacity": "1.5"},
        asked | {"ends_at": f"{tomorrow}T08:00"},
        asked | {"starts_at": "\x00"},
        asked | {"product": shop.products[0].pk},
        change | {"capacity": "501"},
    ):
        assert client.post(address, wrong).status_code == 400
    assert client.post(address, asked).status_code == 409
    assert browser(make_shop().clerk).post(address, asked).status_code == 404
    elsewhere = make_shop()
    other = make_slot(make_service(store=elsewhere.store), starts_at=timezone.now() + timedelta(days=1))
    assert client.post(address, change | {"slot": other.pk, "booking": "close"}).status_code == 404

    client.post(address, change | {"capacity": "6"})
    client.post(address, change | {"booking": "close"})

    slot.refresh_from_db()
    assert (slot.capacity, slot.closed_at is None) == (6, False)
    assert "已停止预约" in client.get(address).content.decode()
    assert (slot.starts_at.astimezone(timezone.get_default_timezone()).date(), slot.taken) == (
        date.fromisoformat(str(tomorrow)),
        0,
    )
