"""What a volunteer sees on the shelf, and what a clerk finds by a code."""

from datetime import date

import pytest

from backend.accounts.scopes import Actor, Role
from backend.core.errors import NotFound
from points.market import queries
from points.market.choices import ProductStatus, StoreStatus
from points.market.models import Store
from points.market.rules import StockWord
from tests.factories.accounts import make_actor
from tests.factories.market import (
    ProductFactory,
    StoreFactory,
    clerk_of,
    deliver,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory

pytestmark = pytest.mark.django_db


def test_a_shelf_says_in_a_word_how_much_there_is(now):
    store = StoreFactory.create()
    for name, quantity in (("满", 6), ("少", 5), ("空", 0)):
        product = ProductFactory.create(store=store, name=name)
        if quantity:
            deliver(product, quantity)

    shelf = queries.shelf(store, None, now)

    assert {item.product.name: item.stock for item in shelf} == {
        "满": StockWord.PLENTY,
        "少": StockWord.FEW,
        "空": StockWord.GONE,
    }
    assert shelf[-1].product.name == "空"


def test_reserved_and_expired_goods_are_not_on_the_shelf(now):
    rice = make_product(6)
    deliver(rice, 50, expires_on=date(2026, 9, 14))
    reserve(make_redeemer(), rice, 6, at=now)

    assert [item.stock for item in queries.shelf(rice.store, None, now)] == [StockWord.GONE]


def test_a_volunteer_reads_how_many_are_left_for_them_this_month(now):
    volunteer, rice = make_redeemer(), make_product(10, person_limit=3)
    reserve(volunteer, rice, 1, at=now)

    (item,) = queries.shelf(rice.store, volunteer, now)

    assert (item.person_left, item.limit_sentence) == (2, "本月还可换 2 袋（共 3）")


def test_without_a_limit_nothing_is_said_about_it(now):
    rice = make_product(10)

    (item,) = queries.shelf(rice.store, make_redeemer(), now)

    assert (item.person_left, item.limit_sentence) == (None, "")


def test_a_limit_lowered_below_what_was_taken_leaves_nothing(now):
    volunteer, rice = make_redeemer(), make_product(10, person_limit=3)
    reserve(volunteer, rice, 3, at=now)
    rice.person_limit = 1
    rice.save()

    (item,) = queries.shelf(rice.store, volunteer, now)

    assert item.person_left == 0


def test_products_off_the_shelf_are_not_shown(now):
    rice = make_product(10, status=ProductStatus.OFF_SHELF)

    assert queries.shelf(rice.store, None, now) == []


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_shelf_costs_two_queries_however_long(now, item_count, django_assert_num_queries):
    store, volunteer = StoreFactory.create(), make_redeemer()
    for _ in range(item_count):
        make_product(10, store=store, person_limit=2)

    with django_assert_num_queries(2):
        shelf = queries.shelf(store, volunteer, now)

    assert len(shelf) == item_count


def test_stores_are_listed_by_region_prefix_and_only_open_ones():
    here = StoreFactory.create()
    StoreFactory.create(region=RegionFactory.create(code=CHENGDU_JINJIANG))
    StoreFactory.create(status=StoreStatus.CLOSED)

    assert list(queries.open_stores(region_prefix="5201")) == [here]


def test_a_clerk_finds_a_redemption_of_their_store_by_its_code(now):
    rice = make_product()
    redemption = reserve(make_redeemer(), rice, at=now)

    assert queries.by_code(redemption.code.lower(), clerk_of(rice.store)) == redemption


def test_another_stores_code_is_not_found(now):
    redemption = reserve(make_redeemer(), make_product(), at=now)

    with pytest.raises(NotFound):
        queries.by_code(redemption.code, clerk_of(StoreFactory.create()))


def test_redemptions_are_seen_by_their_owner_their_store_and_its_region(now):
    rice = make_product()
    volunteer = make_redeemer()
    redemption = reserve(volunteer, rice, at=now)
    elsewhere = make_product()
    readers = [
        Actor(user_id=volunteer.user_id),
        clerk_of(rice.store),
        make_actor(Role.ORGANIZATION_MANAGER, rice.store.organization_id),
        make_actor(Role.SUPERVISOR, "52"),
        make_actor(Role.COMMUNITY_STAFF, "520102"),
        make_actor(Role.PLATFORM_ADMIN),
    ]
    strangers = [
        Actor(user_id=make_redeemer().user_id),
        clerk_of(elsewhere.store),
        make_actor(Role.SUPERVISOR, "51"),
        make_actor(Role.SITE_MANAGER, "1"),
    ]

    assert [list(queries.redemptions_visible_to(reader)) for reader in readers] == [[redemption]] * len(
        readers
    )
    assert [list(queries.redemptions_visible_to(other)) for other in strangers] == [[]] * len(strangers)


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_list_of_redemptions_costs_two_queries_however_long(now, item_count, django_assert_num_queries):
    volunteer, rice = make_redeemer(), make_product()
    for _ in range(item_count):
        reserve(volunteer, rice, at=now)

    with django_assert_num_queries(2):
        told = [
            (redemption.store.name, redemption.volunteer.name, line.product.name)
            for redemption in queries.redemptions_of(volunteer)
            for line in redemption.lines.all()
        ]

    assert len(told) == item_count


def test_the_list_of_kept_stores_agrees_with_the_rule_for_one():
    stores = [StoreFactory.create(), StoreFactory.create(region=RegionFactory.create(code=CHENGDU_JINJIANG))]
    actors = [
        clerk_of(stores[0]),
        make_actor(Role.ORGANIZATION_MANAGER, stores[1].organization_id),
        make_actor(Role.COMMUNITY_STAFF, "51"),
        make_actor(Role.SUPERVISOR, "52"),
        make_actor(Role.PLATFORM_ADMIN),
        Actor(user_id=1),
    ]

    for actor in actors:
        kept = set(queries.stores_kept_by(actor))
        assert kept == {store for store in Store.objects.all() if queries.keeps_stock(actor, store)}
