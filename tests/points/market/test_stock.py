"""What the keepers of a store do."""

from datetime import date

import pytest

from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.market import errors, services
from points.market.choices import MoveKind, ProductCategory
from points.market.models import Batch, Product, StockMove, Store
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.database import refused_by
from tests.factories.market import (
    ProductFactory,
    StoreFactory,
    clerk_of,
    deliver,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory

pytestmark = pytest.mark.django_db

YESTERDAY, TODAY = date(2026, 9, 14), date(2026, 9, 15)


def test_a_delivery_comes_onto_the_shelf(now):
    rice = ProductFactory.create()
    clerk = clerk_of(rice.store)

    batch = services.receive_batch(
        product=rice, quantity=50, expires_on=TODAY, actor=clerk, at=now, note="爱心企业"
    )

    stored = Batch.objects.get()
    move = StockMove.objects.get()
    assert (stored.received, stored.on_hand, stored.reserved, stored.expires_on) == (50, 50, 0, TODAY)
    assert (batch.received, batch.on_hand) == (50, 50)
    assert (move.kind, move.quantity, move.made_by_id) == (MoveKind.RECEIVE, 50, clerk.user_id)


def test_expired_goods_are_not_taken_in(now):
    rice = ProductFactory.create()

    with pytest.raises(errors.GoodsExpired):
        services.receive_batch(product=rice, quantity=1, expires_on=YESTERDAY, actor=None, at=now)

    assert Batch.objects.count() == 0


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
def test_an_absurd_delivery_is_refused(now, quantity):
    with pytest.raises(errors.StockQuantityInvalid):
        services.receive_batch(
            product=ProductFactory.create(), quantity=quantity, expires_on=None, actor=None, at=now
        )

    assert Batch.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.COMMUNITY_STAFF, "520102"),
        (Role.PLATFORM_ADMIN, ""),
    ],
)
def test_staff_of_the_region_keep_its_stores(now, role, scope):
    rice = ProductFactory.create()

    services.receive_batch(product=rice, quantity=1, expires_on=None, actor=make_actor(role, scope), at=now)

    assert Batch.objects.get().on_hand == 1


def test_the_organisation_keeps_its_store(now):
    rice = ProductFactory.create()
    manager = make_actor(Role.ORGANIZATION_MANAGER, rice.store.organization_id)

    services.receive_batch(product=rice, quantity=1, expires_on=None, actor=manager, at=now)

    assert Batch.objects.get().on_hand == 1


def test_the_wrong_store_is_not_found(now):
    rice = ProductFactory.create()

    with pytest.raises(NotFound):
        services.receive_batch(
            product=rice, quantity=1, expires_on=None, actor=clerk_of(StoreFactory.create()), at=now
        )


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.SITE_MANAGER])
def test_roles_that_never_keep_stock_are_forbidden(now, role):
    rice = ProductFactory.create()

    with pytest.raises(Forbidden):
        services.receive_batch(
            product=rice, quantity=1, expires_on=None, actor=make_actor(role, "52"), at=now
        )


def test_a_volunteer_keeps_no_stock(now):
    with pytest.raises(Forbidden):
        services.receive_batch(
            product=ProductFactory.create(), quantity=1, expires_on=None, actor=Actor(user_id=1), at=now
        )


def test_damaged_goods_are_written_off_with_a_reason(now):
    rice = make_product(10)
    clerk = clerk_of(rice.store)

    services.write_off(batch_id=Batch.objects.get().pk, quantity=3, reason=" 包装破损 ", actor=clerk, at=now)

    move = StockMove.objects.get(kind=MoveKind.WRITE_OFF)
    assert Batch.objects.get().on_hand == 7
    assert (move.quantity, move.reason, move.made_by_id) == (3, "包装破损", clerk.user_id)
    assert AuditEntry.objects.get(action="stock.write_off").detail == {"quantity": 3}


def test_expired_goods_can_be_written_off(now):
    rice = make_product(10, expires_on=YESTERDAY)

    services.write_off(
        batch_id=Batch.objects.get().pk, quantity=10, reason="过期", actor=clerk_of(rice.store), at=now
    )

    assert Batch.objects.get().on_hand == 0


def test_reserved_goods_are_not_written_off(now):
    rice = make_product(10)
    reserve(make_redeemer(), rice, 8, at=now)

    with pytest.raises(errors.StockTooLow) as refused:
        services.write_off(
            batch_id=Batch.objects.get().pk, quantity=3, reason="破损", actor=clerk_of(rice.store), at=now
        )

    assert refused.value.data == {"left": 2}
    assert Batch.objects.get().on_hand == 10


@pytest.mark.parametrize(
    ("quantity", "reason", "refusal"),
    [(1, "  ", errors.WriteOffUnexplained), (0, "破损", errors.StockQuantityInvalid)],
)
def test_a_write_off_has_a_reason_and_a_quantity(now, quantity, reason, refusal):
    rice = make_product(10)

    with pytest.raises(refusal):
        services.write_off(
            batch_id=Batch.objects.get().pk,
            quantity=quantity,
            reason=reason,
            actor=clerk_of(rice.store),
            at=now,
        )

    assert Batch.objects.get().on_hand == 10


def test_a_batch_that_does_not_exist_is_not_found(now):
    with pytest.raises(NotFound):
        services.write_off(
            batch_id=404, quantity=1, reason="破损", actor=clerk_of(StoreFactory.create()), at=now
        )


def test_a_store_is_opened_by_who_manages_its_organisation(now):
    organization = OrganizationFactory.create()
    manager = make_actor(Role.ORGANIZATION_MANAGER, organization.pk)

    store = services.create_store(
        name="新华路慈善超市",
        region=RegionFactory.create(),
        organization=organization,
        address="新华路 1 号",
        opening={"mon": [["08:30", "17:30"]]},
        actor=manager,
        at=now,
    )

    assert Store.objects.get() == store
    assert AuditEntry.objects.get(action="store.create").target_id == str(store.pk)


def test_a_store_in_another_region_is_not_theirs_to_open(now):
    with pytest.raises(NotFound):
        services.create_store(
            name="锦江慈善超市",
            region=RegionFactory.create(code=CHENGDU_JINJIANG),
            organization=OrganizationFactory.create(),
            address="锦江 1 号",
            actor=make_actor(Role.COMMUNITY_STAFF, COMMUNITY),
            at=now,
        )

    assert Store.objects.count() == 0


def test_opening_hours_follow_one_form(now):
    with pytest.raises(errors.StoreOpeningInvalid):
        services.create_store(
            name="慈善超市",
            region=RegionFactory.create(),
            organization=OrganizationFactory.create(),
            address="新华路 1 号",
            opening={"someday": "maybe"},
            actor=None,
            at=now,
        )


def test_two_stores_of_one_organisation_have_two_names(now):
    first = StoreFactory.create()

    with refused_by("store_name_once"):
        services.create_store(
            name=first.name,
            region=first.region,
            organization=first.organization,
            address="别处",
            actor=None,
            at=now,
        )


def test_a_product_comes_onto_the_shelf(now):
    store = StoreFactory.create()

    services.create_product(
        store=store,
        name="香皂",
        unit="块",
        category=ProductCategory.WASH,
        points=12,
        barcode="6901234567892",
        person_limit=2,
        actor=clerk_of(store),
        at=now,
    )

    product = Product.objects.get()
    assert (product.name, product.points, product.barcode, product.person_limit) == (
        "香皂",
        12,
        "6901234567892",
        2,
    )


ODD = ("<script>alert(1)</script>", "米\n面", "米\x00", "米\u202e", "\ud800", "米" * 201)


@pytest.mark.parametrize("odd", ["", " ", *ODD])
@pytest.mark.parametrize("field", ["name", "unit"])
def test_goods_are_called_in_plain_words(now, field, odd):
    store = StoreFactory.create()
    fields = {"name": "香皂", "unit": "块", "category": "wash", "points": 1, "store": store} | {field: odd}

    with pytest.raises(errors.StoreWordsInvalid) as refused:
        services.create_product(**fields, actor=clerk_of(store), at=now)

    assert (refused.value.field, Product.objects.count()) == (field, 0)


@pytest.mark.parametrize(
    ("field", "odd"), [("name", ""), *((field, odd) for field in ("name", "address", "phone") for odd in ODD)]
)
def test_a_store_is_called_in_plain_words(now, field, odd):
    fields = {"name": "慈善超市", "address": "新华路 1 号 “A” & B 座", "phone": "0851-8888"} | {field: odd}
    where = {"region": RegionFactory.create(), "organization": OrganizationFactory.create()}

    with pytest.raises(errors.StoreWordsInvalid) as refused:
        services.create_store(**fields, **where, actor=None, at=now)

    assert (refused.value.field, Store.objects.count()) == (field, 0)


def test_products_without_a_barcode_are_many(now):
    store = StoreFactory.create()

    for name in ("菜", "米"):
        services.create_product(
            store=store, name=name, unit="斤", category="food", points=1, barcode="", actor=None, at=now
        )

    assert list(Product.objects.values_list("barcode", flat=True)) == [None, None]


def test_batches_of_two_deliveries_stay_apart(now):
    rice = ProductFactory.create()

    deliver(rice, 5, expires_on=TODAY, at=now)
    deliver(rice, 7, at=now)

    assert sorted(Batch.objects.values_list("on_hand", flat=True)) == [5, 7]
