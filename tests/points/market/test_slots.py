"""Services: no stock, but times with places."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden, NotFound
from points.ledger import queries as ledger
from points.market import errors, queries, services, slot_errors
from points.market.choices import RedemptionStatus, SlotMoveKind
from points.market.models import Batch, Product
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.slot_models import ServiceSlot, SlotMove
from tests.factories.accounts import make_actor
from tests.factories.database import ignored, refused_by
from tests.factories.market import (
    book,
    clerk_of,
    deliver,
    make_product,
    make_redeemer,
    make_service,
    make_slot,
    reserve,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot(now):
    """Two places for a haircut tomorrow morning, ten points each."""
    return make_slot(make_service(), 2, starts_at=now + timedelta(days=1))


def taken(slot):
    return ServiceSlot.objects.get(pk=slot.pk).taken


def test_a_place_is_kept_until_the_slot_ends_and_given_on_its_day(now, slot):
    volunteer, clerk = make_redeemer(), clerk_of(slot.product.store)

    redemption = book(volunteer, slot, at=now)

    assert (redemption.reserved_until, redemption.points, taken(slot)) == (slot.ends_at, 10, 1)
    assert redemption.lines.get().slot == slot
    assert ledger.statement(volunteer)[0].transfer.sentence_zh == "预约服务 理发 × 1，09-16 10:00 开始"
    with refused_by("redemption_service_in_time"):
        services.collect(code=redemption.code, actor=clerk, at=now)
    services.collect(code=redemption.code, actor=clerk, at=slot.starts_at)
    balance = ledger.balance(volunteer, at=slot.starts_at)
    assert (balance.available, balance.held, taken(slot)) == (90, 0, 1)


@pytest.mark.parametrize("end", ["cancel", "lapse"])
def test_what_is_cancelled_or_lapses_frees_the_place_and_the_points(now, slot, end):
    volunteer = make_redeemer()
    redemption = book(volunteer, slot, 2, at=now)

    if end == "cancel":
        services.cancel(redemption_id=redemption.pk, actor=Actor(user_id=volunteer.user_id), at=now)
    else:
        assert services.lapse_due(at=slot.ends_at - timedelta(seconds=1)) == 0
        assert services.lapse_due(at=slot.ends_at) == 1

    assert (taken(slot), ledger.balance(volunteer, at=now).available) == (0, 100)
    assert dict(SlotMove.objects.values_list("kind", "quantity")) == {"take": 2, "free": 2}


def test_a_full_slot_says_how_many_places_are_left_and_nothing_moves(now, slot):
    book(make_redeemer(), slot, at=now)
    volunteer = make_redeemer()

    with pytest.raises(slot_errors.SlotFull) as refused:
        book(volunteer, slot, 2, at=now)

    assert str(refused.value) == "这个时段只剩 1 个名额，请换一个时段。"
    assert (taken(slot), Redemption.objects.count()) == (1, 1)
    assert ledger.balance(volunteer, at=now).available == 100


def test_a_service_is_redeemed_alone_in_a_slot_of_its_own_that_is_still_open(now, slot):
    volunteer, rice = make_redeemer(), make_product(store=slot.product.store)
    other = make_slot(make_service(store=rice.store, name="修伞"), starts_at=slot.starts_at)
    clerk = clerk_of(rice.store)

    def asked(*lines, at=now):
        services.reserve(
            volunteer=volunteer,
            store_id=rice.store_id,
            lines=[services.LineInput(*line) for line in lines],
            at=at,
        )

    service = slot.product_id
    for refusal, lines in [
        (slot_errors.ServiceAlone, [(service, 1, slot.pk), (rice.pk, 1)]),
        (slot_errors.SlotMissing, [(service, 1)]),
        (slot_errors.SlotMissing, [(service, 1, other.pk)]),
        (slot_errors.SlotMissing, [(rice.pk, 1, slot.pk)]),
        (errors.BasketEmpty, [(service, 0, slot.pk)]),
    ]:
        with pytest.raises(refusal):
            asked(*lines)
    with pytest.raises(slot_errors.SlotOver):
        asked((service, 1, slot.pk), at=slot.ends_at)
    services.change_slot(slot_id=slot.pk, closed=True, actor=clerk, at=now)
    with pytest.raises(slot_errors.SlotOver):
        asked((service, 1, slot.pk))
    assert not Redemption.objects.exists()
    services.change_slot(slot_id=slot.pk, closed=False, actor=clerk, at=now)
    asked((service, 1, slot.pk))


def test_the_shelf_offers_slots_with_places_and_counts_them(now, slot):
    full = make_slot(slot.product, 1, starts_at=slot.starts_at + timedelta(days=1))
    book(make_redeemer(), full, at=now)
    make_slot(slot.product, starts_at=now + timedelta(days=60))

    (item,) = queries.shelf(slot.product.store, None, now)

    assert (item.slots, item.free) == ((slot,), 2)


def test_slots_are_made_and_changed_by_who_keeps_the_store_and_only_sensibly(now, slot):
    store, service = slot.product.store, slot.product
    clerk, hour = clerk_of(store), timedelta(hours=1)
    book(make_redeemer(), slot, at=now)

    def opened(*, product=service, starts_at=now + hour, lasts=hour, capacity=2, actor=clerk):
        return services.open_slot(
            product=product,
            starts_at=starts_at,
            ends_at=starts_at + lasts,
            capacity=capacity,
            actor=actor,
            at=now,
        )

    for refusal, asked in [
        (Forbidden, {"actor": make_actor(Role.SUPERVISOR, "52")}),
        (NotFound, {"actor": clerk_of(make_product().store)}),
        (slot_errors.ProductOfOtherKind, {"product": make_product(store=store)}),
        (slot_errors.SlotInvalid, {"lasts": timedelta(0)}),
        (slot_errors.SlotInvalid, {"lasts": timedelta(days=2)}),
        (slot_errors.SlotInvalid, {"starts_at": now - hour}),
        *((slot_errors.SlotInvalid, {"capacity": places}) for places in (0, -1, 501, 10**9)),
    ]:
        with pytest.raises(refusal):
            opened(**asked)
    for refusal, actor, capacity in [
        (NotFound, clerk_of(make_product().store), 5),
        (slot_errors.SlotInvalid, clerk, 0),
    ]:
        with pytest.raises(refusal):
            services.change_slot(slot_id=slot.pk, capacity=capacity, actor=actor, at=now)
    assert services.change_slot(slot_id=slot.pk, capacity=1, actor=clerk, at=now).capacity == 1
    with refused_by("slot_once"):
        opened(starts_at=slot.starts_at)
    with pytest.raises(slot_errors.ProductOfOtherKind):
        deliver(service, 5)


# --- around the Python --------------------------------------------------------------------------------------


def test_the_database_keeps_slots_sound(now, slot):
    rows = ServiceSlot.objects.filter(pk=slot.pk)
    redemption = book(make_redeemer(), slot, at=now)
    rice = make_product(store=slot.product.store)

    def moved(kind, quantity, *, at=now, of=redemption):
        SlotMove.objects.create(slot=slot, kind=kind, quantity=quantity, redemption=of, at=at)

    another = reserve(make_redeemer(), rice, at=now)
    for guard, act in {
        "slot_capacity_sane": lambda: rows.update(capacity=501),
        "slot_taken_within": lambda: moved("take", 2, of=another),
        "slot_counts_by_moves": lambda: rows.update(taken=0),
        "slot_move_kind_known": lambda: moved("eat", 1),
        "slot_move_quantity_positive": lambda: moved("take", 0, of=another),
        "slot_move_once": lambda: moved("take", 1),
        "slot_move_frees_taken": lambda: moved("free", 2),
        "slot_taken_in_time": lambda: moved("take", 1, of=another, at=slot.ends_at),
        "slot_move_append_only": lambda: SlotMove.objects.update(quantity=2),
        "slot_of_service": lambda: make_slot_of(rice),
        "batch_of_goods": lambda: Batch.objects.create(
            store=rice.store, product=slot.product, received_at=now
        ),
        "product_keeps_kind": lambda: Product.objects.filter(pk=rice.pk).update(kind="service"),
        "redemption_line_names_slot": lambda: RedemptionLine.objects.create(
            redemption=redemption, product=slot.product, quantity=1, unit_points=9
        ),
    }.items():
        with refused_by(guard):
            act()
    for wrong in (
        lambda: rows.update(starts_at=now),
        lambda: rows._raw_delete("default"),
        lambda: ServiceSlot.objects.create(
            product=slot.product, starts_at=now, ends_at=slot.ends_at, capacity=2, taken=1
        ),
    ):
        with refused_by("slot_counts_by_moves"):  # also slot_begins_empty
            wrong()
    with refused_by("product_kind_known"):
        make_service(kind="cash")
    with refused_by("slot_forward"):
        ServiceSlot.objects.create(product=slot.product, starts_at=now, ends_at=now, capacity=2)
    with ignored("points.ServiceSlot:slot_counts_by_moves"), refused_by("slot_taken_within"):
        rows.update(taken=-1)
    moved(SlotMoveKind.FREE, 1)
    assert (taken(slot), redemption.status) == (0, RedemptionStatus.RESERVED)


def make_slot_of(product):
    day = datetime(2026, 9, 20, tzinfo=UTC)
    return ServiceSlot.objects.create(
        product=product, starts_at=day, ends_at=day + timedelta(hours=1), capacity=1
    )
