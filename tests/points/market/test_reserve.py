"""Holding points and setting goods aside."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.scopes import Actor
from points.ledger import queries as ledger
from points.ledger.errors import InsufficientPoints
from points.market import errors, services
from points.market.choices import MoveKind, ProductStatus, RedemptionStatus, StoreStatus
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.services import LineInput
from tests.factories.market import (
    ProductFactory,
    deliver,
    make_product,
    make_redeemer,
    reserve,
)
from volunteers.people.choices import VolunteerStatus

pytestmark = pytest.mark.django_db

LAST_DAY = date(2026, 9, 15)  # the business day of `now`


def untouched(volunteer, *, points=100):
    """Nothing was written: no redemption, no move of goods or points."""
    return (
        Redemption.objects.count() == 0
        and RedemptionLine.objects.count() == 0
        and StockMove.objects.exclude(kind=MoveKind.RECEIVE).count() == 0
        and sum(Batch.objects.values_list("reserved", flat=True)) == 0
        and ledger.balance(volunteer, at=datetime(2026, 9, 15, tzinfo=UTC)).available == points
    )


def test_a_reservation_holds_points_and_sets_goods_aside(now):
    volunteer, rice = make_redeemer(100), make_product(10, points=30)

    redemption = reserve(volunteer, rice, 2, at=now)

    balance = ledger.balance(volunteer, at=now)
    batch = Batch.objects.get()
    line = redemption.lines.get()
    assert (redemption.status, redemption.points) == (RedemptionStatus.RESERVED, 60)
    assert (line.quantity, line.unit_points) == (2, 30)
    assert (balance.available, balance.held) == (40, 60)
    assert (batch.on_hand, batch.reserved) == (10, 2)
    assert redemption.reserved_until == now + timedelta(hours=24)
    connection.check_constraints()


def test_the_statement_tells_what_was_reserved_and_until_when(now):
    volunteer, rice = make_redeemer(100), make_product(10, points=30)

    reserve(volunteer, rice, 2, at=now)

    entry = ledger.statement(volunteer)[0]
    assert entry.transfer.sentence_zh == "预约兑换 大米 × 2，09-16 10:00 前领取"
    assert entry.transfer.sentence_en == "Reserved 大米 × 2, collect by 09-16 10:00"


def test_a_long_basket_is_told_in_short(now):
    volunteer = make_redeemer(100)
    products = [make_product(5, points=1)]
    products += [make_product(5, points=1, store=products[0].store, name=f"商品{n}") for n in range(4)]

    services.reserve(
        volunteer=volunteer,
        store_id=products[0].store_id,
        lines=[LineInput(product.pk, 1) for product in products],
        at=now,
    )

    sentence = ledger.statement(volunteer)[0].transfer.sentence_zh
    assert sentence == "预约兑换 大米 × 1、商品0 × 1、商品1 × 1 等 5 种，09-16 10:00 前领取"


def test_goods_that_expire_first_leave_first(now):
    rice = make_product(3, expires_on=date(2027, 1, 1))
    soon = deliver(rice, 2, expires_on=date(2026, 10, 1))

    reserve(make_redeemer(), rice, 3, at=now)

    moves = StockMove.objects.filter(kind=MoveKind.RESERVE).values_list("batch_id", "quantity")
    assert dict(moves) == {soon.pk: 2, rice.batches.exclude(pk=soon.pk).get().pk: 1}


def test_goods_expiring_today_are_held_until_midnight(now):
    rice = make_product(3, expires_on=LAST_DAY)

    redemption = reserve(make_redeemer(), rice, at=now)

    assert redemption.reserved_until == datetime(2026, 9, 15, 16, 0, tzinfo=UTC)


def test_goods_that_expired_yesterday_are_not_for_reserving(now):
    rice = make_product(3, expires_on=LAST_DAY - timedelta(days=1))
    volunteer = make_redeemer()

    with pytest.raises(errors.OutOfStock) as refused:
        reserve(volunteer, rice, at=now)

    assert refused.value.data["left"] == 0
    assert untouched(volunteer)


def test_the_hold_time_comes_from_the_settings(now, settings):
    settings.REDEMPTION_HOLD_HOURS = 2

    assert reserve(make_redeemer(), make_product(), at=now).reserved_until == now + timedelta(hours=2)


def test_more_than_there_is_is_refused_and_nothing_moves(now):
    volunteer, rice = make_redeemer(), make_product(2)

    with pytest.raises(errors.OutOfStock) as refused:
        reserve(volunteer, rice, 3, at=now)

    assert str(refused.value) == "“大米”只剩 2 袋，请减少数量或换一种。"
    assert untouched(volunteer)


def test_goods_somebody_else_reserved_are_gone(now):
    rice = make_product(2)
    reserve(make_redeemer(), rice, 2, at=now)

    with pytest.raises(errors.OutOfStock):
        reserve(make_redeemer(), rice, 1, at=now)


def test_too_few_points_are_refused_and_nothing_moves(now):
    volunteer, rice = make_redeemer(19), make_product(2)

    with pytest.raises(InsufficientPoints):
        reserve(volunteer, rice, 2, at=now)

    assert untouched(volunteer, points=19)


def test_held_points_cannot_be_spent_again(now):
    volunteer, rice = make_redeemer(15), make_product(5)
    reserve(volunteer, rice, at=now)

    with pytest.raises(InsufficientPoints):
        reserve(volunteer, rice, at=now)


def test_the_monthly_share_counts_what_is_reserved_and_collected(now):
    volunteer, rice = make_redeemer(), make_product(10, person_limit=2)
    reserve(volunteer, rice, 1, at=now)

    with pytest.raises(errors.PersonLimitReached) as refused:
        reserve(volunteer, rice, 2, at=now)

    assert str(refused.value) == "“大米”超过每人的份额：本月还可换 1 袋（共 2）。"
    assert Redemption.objects.count() == 1


def test_the_monthly_share_is_each_volunteers_own(now):
    rice = make_product(10, person_limit=1)

    for _ in range(3):
        reserve(make_redeemer(), rice, 1, at=now)

    assert Redemption.objects.count() == 3


def test_a_new_month_brings_a_new_share(now):
    volunteer, rice = make_redeemer(), make_product(10, person_limit=1)
    reserve(volunteer, rice, at=datetime(2026, 9, 30, 15, 59, tzinfo=UTC))

    reserve(volunteer, rice, at=datetime(2026, 9, 30, 16, 0, tzinfo=UTC))

    assert Redemption.objects.count() == 2


def test_what_was_cancelled_does_not_count_against_the_share(now):
    volunteer, rice = make_redeemer(), make_product(10, person_limit=1)
    first = reserve(volunteer, rice, at=now)
    services.cancel(redemption_id=first.pk, actor=Actor(user_id=volunteer.user_id), at=now)

    reserve(volunteer, rice, at=now)

    assert list(Redemption.objects.order_by("pk").values_list("status", flat=True)) == [
        "cancelled",
        "reserved",
    ]


@pytest.mark.parametrize("status", [VolunteerStatus.PENDING, VolunteerStatus.SUSPENDED])
def test_only_active_volunteers_redeem(now, status):
    volunteer, rice = make_redeemer(status=status), make_product()

    with pytest.raises(errors.RedeemerNotActive):
        reserve(volunteer, rice, at=now)

    assert untouched(volunteer)


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_absurd_quantities_are_refused(now, quantity):
    volunteer, rice = make_redeemer(), make_product()

    with pytest.raises(errors.BasketEmpty) as refused:
        reserve(volunteer, rice, quantity, at=now)

    assert refused.value.field == "/lines/0/quantity"
    assert untouched(volunteer)


def test_an_empty_basket_is_refused(now):
    volunteer, rice = make_redeemer(), make_product()

    with pytest.raises(errors.BasketEmpty):
        services.reserve(volunteer=volunteer, store_id=rice.store_id, lines=[], at=now)

    assert untouched(volunteer)


def test_a_product_on_two_lines_is_refused(now):
    volunteer, rice = make_redeemer(), make_product()

    with pytest.raises(errors.ProductListedTwice):
        services.reserve(
            volunteer=volunteer,
            store_id=rice.store_id,
            lines=[LineInput(rice.pk, 1), LineInput(rice.pk, 1)],
            at=now,
        )

    assert untouched(volunteer)


def test_another_stores_product_is_refused(now):
    volunteer, rice, oil = make_redeemer(), make_product(), make_product()

    with pytest.raises(errors.ProductUnavailable) as refused:
        services.reserve(
            volunteer=volunteer,
            store_id=rice.store_id,
            lines=[LineInput(rice.pk, 1), LineInput(oil.pk, 1)],
            at=now,
        )

    assert refused.value.field == "/lines/1/product"
    assert untouched(volunteer)


def test_a_product_off_the_shelf_is_refused(now):
    volunteer, rice = make_redeemer(), make_product(status=ProductStatus.OFF_SHELF)

    with pytest.raises(errors.ProductUnavailable):
        reserve(volunteer, rice, at=now)


def test_a_closed_store_hands_out_nothing(now):
    volunteer, rice = make_redeemer(), make_product(store__status=StoreStatus.CLOSED)

    with pytest.raises(errors.StoreClosed):
        reserve(volunteer, rice, at=now)

    assert untouched(volunteer)


def test_a_product_without_any_delivery_is_out_of_stock(now):
    with pytest.raises(errors.OutOfStock):
        reserve(make_redeemer(), ProductFactory.create(), at=now)


def test_a_basket_of_three_costs_no_more_statements_than_a_basket_of_one(now):
    one, three = make_redeemer(), make_redeemer()
    rice = make_product()
    goods = [rice, make_product(store=rice.store), make_product(store=rice.store)]
    reserve(make_redeemer(), rice, at=now)  # opens the ledger's system accounts

    with CaptureQueriesContext(connection) as for_one:
        services.reserve(volunteer=one, store_id=rice.store_id, lines=[LineInput(rice.pk, 1)], at=now)
    with CaptureQueriesContext(connection) as for_three:
        services.reserve(
            volunteer=three, store_id=rice.store_id, lines=[LineInput(p.pk, 1) for p in goods], at=now
        )

    assert len(for_three) == len(for_one) <= 15
