"""Every guard of the market tables, reached around the Python."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from points.market.choices import MoveKind
from points.market.models import Batch, Product, StockMove, Store
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import new_code
from points.market.slot_models import ServiceSlot, SlotMove
from tests.factories.accounts import StaffFactory
from tests.factories.database import guards_of, ignored, refused_by
from tests.factories.market import ProductFactory, StoreFactory, deliver, make_product, make_redeemer, reserve

pytestmark = pytest.mark.django_db


@pytest.fixture
def rice():
    return make_product(10)


@pytest.fixture
def batch(rice):
    return Batch.objects.get(product=rice)


@pytest.fixture
def redemption(rice, now):
    return reserve(make_redeemer(), rice, 2, at=now)


def move(batch, kind, quantity, *, redemption=None, at=None, **fields: Any):
    return StockMove.objects.create(
        batch=batch,
        kind=kind,
        quantity=quantity,
        redemption=redemption,
        at=at or datetime(2026, 9, 15, 2, tzinfo=UTC),
        **fields,
    )


def bare_redemption(now, **fields: Any):
    values = {
        "volunteer": make_redeemer(),
        "store": StoreFactory.create(),
        "code": new_code(),
        "points": 10,
        "created_at": now,
        "reserved_until": now + timedelta(hours=24),
    }
    return Redemption.objects.create(**(values | fields))


# --- stores and products ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("store_named", {"name": ""}),
        ("store_named", {"name": "<b>便民</b>"}),
        ("store_words_plain", {"address": "<i>"}),
        ("store_words_plain", {"phone": "1\t2"}),
        ("store_status_known", {"status": "asleep"}),
        ("store_opening_object", {"opening": ["08:30"]}),
        ("store_minimum_sane", {"minimum_balance": 1_000_001}),
        ("store_most_redemptions_positive", {"most_redemptions": 0}),
        ("store_period_known", {"redemptions_period": "day"}),
        ("store_near_expiry_whole", {"near_expiry_days": 3}),
        ("store_near_expiry_whole", {"near_expiry_percent": 70}),
        ("store_near_expiry_whole", {"near_expiry_days": 3, "near_expiry_percent": 100}),
        ("store_near_expiry_whole", {"near_expiry_days": 366, "near_expiry_percent": 70}),
    ],
)
def test_a_store_is_sound(constraint, fields):
    store = StoreFactory.create()

    with refused_by(constraint):
        Store.objects.filter(pk=store.pk).update(**fields)


def test_store_name_once():
    first = StoreFactory.create()

    with refused_by("store_name_once"):
        StoreFactory.create(organization=first.organization, name=first.name)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("product_named", {"name": ""}),
        ("product_named", {"unit": ""}),
        ("product_named", {"name": "<script>alert(1)</script>"}),
        ("product_named", {"unit": "袋\n"}),
        ("product_points_sane", {"points": 0}),
        ("product_points_sane", {"points": 1_000_001}),
        ("product_limits_positive", {"person_limit": 0}),
        ("product_barcode_form", {"barcode": ""}),
        ("product_barcode_form", {"barcode": "690123456789"}),
        ("product_barcode_form", {"barcode": "69012345678x2"}),
        ("product_barcode_checked", {"barcode": "6901234567891"}),
        ("product_barcode_checked", {"barcode": "96385075"}),
        ("product_limits_positive", {"household_limit": 0}),
        ("product_limit_period_known", {"limit_period": "day"}),
        ("product_minimum_age_sane", {"minimum_age": 0}),
        ("product_minimum_age_sane", {"minimum_age": 121}),
        ("product_residents_form", {"residents_only": "520"}),
        ("product_residents_of_store", {"residents_only": "5101"}),
        ("product_status_known", {"status": "hidden"}),
        ("product_category_known", {"category": "cash"}),
    ],
)
def test_a_product_is_sound(constraint, fields):
    product = ProductFactory.create()

    with refused_by(constraint):
        Product.objects.filter(pk=product.pk).update(**fields)


def test_product_barcode_once():
    first = ProductFactory.create(barcode="6901234567892")

    with refused_by("product_barcode_once"):
        ProductFactory.create(store=first.store, barcode="6901234567892")


def test_product_stays_in_store():
    product = ProductFactory.create()

    with refused_by("product_stays_in_store"):
        Product.objects.filter(pk=product.pk).update(store=StoreFactory.create())


# --- batches and stock moves --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields", [{"on_hand": 99}, {"reserved": 1}, {"received": 99}, {"expires_on": date(2030, 1, 1)}]
)
def test_batch_counts_by_moves(batch, fields):
    with refused_by("batch_counts_by_moves"):
        Batch.objects.filter(pk=batch.pk).update(**fields)


def test_a_batch_is_not_removed(batch):
    with refused_by("batch_counts_by_moves"):
        Batch.objects.filter(pk=batch.pk)._raw_delete("default")


def test_the_note_of_a_batch_is_free(batch):
    assert Batch.objects.filter(pk=batch.pk).update(note="左边货架") == 1


def test_batch_begins_empty(rice, now):
    with refused_by("batch_counts_by_moves"):
        Batch.objects.create(store=rice.store, product=rice, received=5, on_hand=5, received_at=now)


def test_batch_in_store_of_product(rice, now):
    with refused_by("batch_in_store_of_product"):
        Batch.objects.create(store=StoreFactory.create(), product=rice, received_at=now)


def test_batch_not_negative(batch):
    with refused_by("batch_not_negative"):
        move(batch, MoveKind.WRITE_OFF, 11, reason="破损", made_by=StaffFactory.create())


def test_batch_reserved_within(batch, redemption):
    another = deliver(batch.product, 10)

    with refused_by("batch_reserved_within"):
        move(another, MoveKind.RESERVE, 11, redemption=redemption)


def test_reserved_goods_cannot_be_written_off(batch, redemption):
    with refused_by("batch_reserved_within"):
        move(batch, MoveKind.WRITE_OFF, 9, reason="破损", made_by=StaffFactory.create())


def test_batch_within_received(batch):
    with ignored("points.Batch:batch_counts_by_moves"), refused_by("batch_within_received"):
        Batch.objects.filter(pk=batch.pk).update(on_hand=11)


def test_stock_move_append_only(batch):
    with refused_by("stock_move_append_only"):
        StockMove.objects.update(quantity=5)
    with refused_by("stock_move_append_only"):
        StockMove.objects.all()._raw_delete("default")


def test_stock_move_kind_known(batch):
    with refused_by("stock_move_kind_known"):
        move(batch, "stolen", 1)


def test_stock_move_quantity_positive(batch):
    with refused_by("stock_move_quantity_positive"):
        move(batch, MoveKind.WRITE_OFF, 0, reason="破损", made_by=StaffFactory.create())


@pytest.mark.parametrize("kind", [MoveKind.RESERVE, MoveKind.RELEASE, MoveKind.ISSUE])
def test_stock_move_names_redemption(batch, kind):
    with refused_by("stock_move_names_redemption"):
        move(batch, kind, 1)


def test_a_delivery_belongs_to_no_redemption(rice, redemption, now):
    empty = Batch.objects.create(store=rice.store, product=rice, received_at=now)

    with refused_by("stock_move_names_redemption"):
        move(empty, MoveKind.RECEIVE, 1, redemption=redemption)


def test_stock_write_off_explained(batch):
    with refused_by("stock_write_off_explained"):
        move(batch, MoveKind.WRITE_OFF, 1, made_by=StaffFactory.create())
    with refused_by("stock_write_off_explained"):
        move(batch, MoveKind.WRITE_OFF, 1, reason="破损")


def test_stock_batch_received_once(batch):
    with refused_by("stock_batch_received_once"):
        move(batch, MoveKind.RECEIVE, 1)


def test_stock_move_once_per_redemption(batch, redemption):
    with refused_by("stock_move_once_per_redemption"):
        move(batch, MoveKind.RESERVE, 1, redemption=redemption)


def test_stock_reservation_settled_once(batch, redemption):
    move(batch, MoveKind.ISSUE, 2, redemption=redemption)

    with refused_by("stock_reservation_settled_once"):
        move(batch, MoveKind.RELEASE, 2, redemption=redemption)


@pytest.mark.parametrize("quantity", [1, 3])
def test_stock_move_settles_reservation(batch, redemption, quantity):
    with refused_by("stock_move_settles_reservation"):
        move(batch, MoveKind.ISSUE, quantity, redemption=redemption)


def test_stock_not_issued_after_expiry(now):
    rice = make_product(10, expires_on=date(2026, 9, 15))
    redemption = reserve(make_redeemer(), rice, 2, at=now)
    batch = Batch.objects.get()
    last_minute = datetime(2026, 9, 15, 15, 59, tzinfo=UTC)
    midnight_in_guiyang = datetime(2026, 9, 15, 16, 0, tzinfo=UTC)

    with refused_by("stock_not_issued_after_expiry"):
        move(batch, MoveKind.ISSUE, 2, redemption=redemption, at=midnight_in_guiyang)
    move(batch, MoveKind.ISSUE, 2, redemption=redemption, at=last_minute)

    assert Batch.objects.get().on_hand == 8


def test_expired_goods_are_not_reserved_either(now):
    rice = make_product(10, expires_on=date(2026, 9, 14))
    redemption = bare_redemption(now, store=rice.store)

    with refused_by("stock_not_issued_after_expiry"):
        move(Batch.objects.get(), MoveKind.RESERVE, 1, redemption=redemption, at=now)


# --- redemptions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["collected", "cancelled", "lapsed"])
def test_redemption_begins_reserved(now, status):
    with refused_by("redemption_begins_reserved"):
        bare_redemption(now, status=status)


@pytest.mark.parametrize("first", ["cancelled", "lapsed"])
@pytest.mark.parametrize("second", ["reserved", "cancelled", "lapsed", "collected"])
def test_redemption_status_moves(redemption, now, first, second):
    Redemption.objects.filter(pk=redemption.pk).update(status=first, settled_at=now)

    with refused_by("redemption_status_moves"):
        Redemption.objects.filter(pk=redemption.pk).update(status=second)


def test_a_redemption_is_not_removed(redemption):
    with refused_by("redemption_status_moves"):
        Redemption.objects.filter(pk=redemption.pk)._raw_delete("default")


@pytest.mark.parametrize(
    "fields", [{"points": 1}, {"code": "ABCDEFGHJK"}, {"reserved_until": datetime(2030, 1, 1, tzinfo=UTC)}]
)
def test_redemption_facts_stay(redemption, now, fields):
    with refused_by("redemption_facts_stay"):
        Redemption.objects.filter(pk=redemption.pk).update(status="cancelled", settled_at=now, **fields)


def test_redemption_not_self_served(redemption, now):
    with refused_by("redemption_not_self_served"):
        Redemption.objects.filter(pk=redemption.pk).update(
            status="collected", settled_at=now, collected_at=now, collected_by=redemption.volunteer.user
        )


@pytest.mark.parametrize("fields", [{"collected_at": None}, {"collected_by": None}])
def test_redemption_collected_by_someone(redemption, now, fields):
    values = {"collected_at": now, "collected_by": StaffFactory.create()} | fields

    with refused_by("redemption_collected_by_someone"):
        Redemption.objects.filter(pk=redemption.pk).update(status="collected", settled_at=now, **values)


def test_what_was_cancelled_has_no_collector(redemption, now):
    with refused_by("redemption_collected_by_someone"):
        Redemption.objects.filter(pk=redemption.pk).update(
            status="cancelled", settled_at=now, collected_at=now
        )


def test_redemption_settled_when(redemption):
    with refused_by("redemption_settled_when"):
        Redemption.objects.filter(pk=redemption.pk).update(status="cancelled")


def test_redemption_code_once(redemption, now):
    with refused_by("redemption_code_once"):
        bare_redemption(now, code=redemption.code)


@pytest.mark.parametrize("code", ["", "ABC", "ABCDEFGHJ0", "abcdefghjk"])
def test_redemption_code_form(now, code):
    with refused_by("redemption_code_form"):
        bare_redemption(now, code=code)


def test_a_volunteer_pays_in_points(now):
    with refused_by("redemption_points_or_need"):
        bare_redemption(now, points=0)


def test_redemption_reserved_forward(now):
    with refused_by("redemption_reserved_forward"):
        bare_redemption(now, reserved_until=now)


def test_redemption_product_price_once(redemption, rice):
    RedemptionLine.objects.create(redemption=redemption, product=rice, quantity=1, unit_points=1)

    with refused_by("redemption_product_price_once"):
        RedemptionLine.objects.create(redemption=redemption, product=rice, quantity=1, unit_points=1)


def test_redemption_line_positive(redemption, rice):
    other = ProductFactory.create(store=rice.store)

    with refused_by("redemption_line_positive"):
        RedemptionLine.objects.create(redemption=redemption, product=other, quantity=0, unit_points=1)


def test_redemption_line_append_only(redemption):
    with refused_by("redemption_line_append_only"):
        RedemptionLine.objects.update(quantity=1)


def test_redemption_line_of_that_store(redemption):
    with refused_by("redemption_line_of_that_store"):
        RedemptionLine.objects.create(
            redemption=redemption, product=ProductFactory.create(), quantity=1, unit_points=1
        )


# --- together -----------------------------------------------------------------------------------------------


def test_the_counts_of_a_batch_are_the_sum_of_its_moves(batch, redemption):
    move(batch, MoveKind.ISSUE, 2, redemption=redemption)
    move(batch, MoveKind.WRITE_OFF, 1, reason="破损", made_by=StaffFactory.create())

    batch.refresh_from_db()
    assert (batch.received, batch.on_hand, batch.reserved) == (10, 7, 0)


def test_every_guard_of_the_market_is_tested_here():
    here = Path(__file__)
    others = ("test_recipients.py", "test_slots.py", "test_returns.py", "test_offline.py", "test_shelf.py")
    beside = (here.parent.with_name(name) / here.name for name in ("stockroom", "relief", "ballots"))
    files = (here, *map(here.with_name, others), *beside)
    text = "".join(each.read_text(encoding="utf-8") for each in files)
    trigger_of_a_tested_constraint = {"stock_move_changes_batch", "slot_move_changes_slot"}

    guards = guards_of(Store, Product, Batch, Redemption, RedemptionLine, StockMove, ServiceSlot, SlotMove)

    assert {name for name in guards - trigger_of_a_tested_constraint if name not in text} == set()
