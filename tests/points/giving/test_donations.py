"""Goods enter stock with their donation; money is recorded, never collected."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry, OutboxEvent
from points.giving import errors, services
from points.giving.choices import DonationKind
from points.giving.models import Donation, DonationLine
from points.giving.receipts import revoke_receipt
from points.giving.services import GoodsLine
from points.market.errors import GoodsExpired, StockQuantityInvalid
from points.market.models import Batch, StockMove
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.market import DonorFactory, ProductFactory, StoreFactory, clerk_of
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 15)


@pytest.fixture
def rice():
    return ProductFactory.create()


@pytest.fixture
def clerk(rice):
    return clerk_of(rice.store)


def receive(rice, clerk, now, *lines: Any, **fields: Any):
    values = {
        "donor": fields.pop("donor", None) or DonorFactory.create(),
        "store": rice.store,
        "lines": lines or [GoodsLine(rice.pk, 50, date(2027, 1, 1))],
        "received_on": TODAY,
        "purpose": "社区慈善超市",
    }
    return services.receive_goods(**(values | fields), actor=clerk, at=now)


def nothing_was_written():
    return [kind.objects.count() for kind in (Donation, DonationLine, Batch, StockMove)] == [0, 0, 0, 0]


def test_donated_goods_are_on_the_shelf_at_once(rice, clerk, now):
    donation = receive(rice, clerk, now, valuation_fen=250_000, official_ticket="0600-123")

    line = DonationLine.objects.get()
    batch = Batch.objects.get()
    assert (donation.kind, donation.handled_by_id) == (DonationKind.GOODS, clerk.user_id)
    assert (donation.organization_id, donation.region_id) == (
        rice.store.organization_id,
        rice.store.region_id,
    )
    assert (line.batch, line.quantity, line.expires_on) == (batch, 50, date(2027, 1, 1))
    assert (batch.on_hand, batch.note) == (50, donation.number)


def test_every_line_is_a_batch_of_its_own(rice, clerk, now):
    receive(rice, clerk, now, GoodsLine(rice.pk, 5, date(2027, 1, 1)), GoodsLine(rice.pk, 7))

    assert sorted(Batch.objects.values_list("on_hand", "expires_on")) == [(5, date(2027, 1, 1)), (7, None)]


def test_the_receipt_number_is_random_and_long(rice, clerk, now):
    numbers = [receive(rice, clerk, now).number for _ in range(5)]

    assert {len(number) for number in numbers} == {12}
    assert len(set(numbers)) == 5


def test_the_donor_board_is_told(rice, clerk, now):
    receive(rice, clerk, now)

    assert OutboxEvent.objects.get(topic="board.changed").payload["board"] == "donors"


def test_one_expired_line_keeps_the_whole_donation_out(rice, clerk, now):
    with pytest.raises(GoodsExpired):
        receive(rice, clerk, now, GoodsLine(rice.pk, 5), GoodsLine(rice.pk, 5, TODAY - timedelta(days=1)))

    assert nothing_was_written()


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
def test_an_absurd_quantity_keeps_the_whole_donation_out(rice, clerk, now, quantity):
    with pytest.raises(StockQuantityInvalid):
        receive(rice, clerk, now, GoodsLine(rice.pk, 5), GoodsLine(rice.pk, quantity))

    assert nothing_was_written()


def test_another_stores_product_is_refused(rice, clerk, now):
    with pytest.raises(errors.DonatedProductUnknown) as refused:
        receive(rice, clerk, now, GoodsLine(rice.pk, 5), GoodsLine(ProductFactory.create().pk, 5))

    assert refused.value.field == "/lines/1/product"
    assert nothing_was_written()


@pytest.mark.parametrize("count", [0, 51])
def test_a_donation_has_one_to_fifty_lines(rice, clerk, now, count):
    with pytest.raises(errors.DonationEmpty):
        services.receive_goods(
            donor=DonorFactory.create(),
            store=rice.store,
            lines=[GoodsLine(rice.pk, 1)] * count,
            received_on=TODAY,
            purpose="",
            actor=clerk,
            at=now,
        )

    assert nothing_was_written()


def test_a_donation_is_not_dated_tomorrow(rice, clerk, now):
    with pytest.raises(errors.ReceivedInFuture):
        receive(rice, clerk, now, received_on=TODAY + timedelta(days=1))

    assert nothing_was_written()


def test_a_valuation_is_at_least_a_fen(rice, clerk, now):
    with pytest.raises(errors.AmountInvalid):
        receive(rice, clerk, now, valuation_fen=0)

    assert nothing_was_written()


def test_a_clerk_receives_goods_for_their_own_store_only(rice, now):
    with pytest.raises(NotFound):
        receive(rice, clerk_of(StoreFactory.create()), now)

    assert nothing_was_written()


def test_a_volunteer_receives_no_goods(rice, now):
    with pytest.raises(Forbidden):
        receive(rice, Actor(user_id=1), now)


def test_a_donor_out_of_reach_is_not_found(rice, clerk, now):
    stranger = DonorFactory.create(region=RegionFactory.create(code=CHENGDU_JINJIANG))

    with pytest.raises(NotFound):
        receive(rice, clerk, now, donor=stranger)

    assert nothing_was_written()


def record(actor, now, **fields: Any):
    values = {
        "donor": fields.pop("donor", None) or DonorFactory.create(),
        "amount_fen": 100_000,
        "organization": fields.pop("organization", None) or OrganizationFactory.create(),
        "received_on": TODAY,
        "purpose": "助学",
    }
    return services.record_money(**(values | fields), actor=actor, at=now)


def test_money_is_recorded_with_who_received_it(now):
    organization = OrganizationFactory.create()
    manager = make_actor(Role.ORGANIZATION_MANAGER, organization.pk)

    record(manager, now, organization=organization)

    donation = Donation.objects.get()
    assert (donation.kind, donation.amount_fen, donation.store) == (DonationKind.MONEY, 100_000, None)
    assert (donation.organization, donation.handled_by_id) == (organization, manager.user_id)
    assert AuditEntry.objects.get(action="donation.money").target_id == str(donation.pk)


def test_the_same_money_is_written_down_twice_only_on_purpose(now):
    """Another amount, day, way or organisation is another gift; a revoked one stands in nobody's way."""
    staff, gift = make_actor(Role.COMMUNITY_STAFF, "52"), {"donor": DonorFactory.create()}
    gift["organization"] = OrganizationFactory.create()
    first = record(staff, now, **gift)

    with pytest.raises(errors.MoneyLooksRecorded, match=first.number) as refused:
        record(make_actor(Role.COMMUNITY_STAFF, "52"), now, **gift)
    assert (refused.value.field, Donation.objects.count()) == ("again", 1)

    for other in (
        {"amount_fen": 100_001},
        {"received_on": TODAY - timedelta(days=1)},
        {"method": "cash"},
        {"organization": OrganizationFactory.create()},
        {"donor": DonorFactory.create()},
    ):
        record(staff, now, **(gift | other))
    second = record(staff, now, **gift, again=True)
    for donation in (first, second):
        revoke_receipt(
            number=donation.receipt.number,
            reason="写错",
            actor=make_actor(Role.COMMUNITY_STAFF, "52"),
            at=now,
        )
    record(staff, now, **gift)

    assert Donation.objects.filter(revoked_at__isnull=False).count() == 2
    assert Donation.objects.count() == 8


def test_a_fiscal_ticket_stands_for_one_gift_whose_receipt_holds(rice, clerk, now):
    staff, ticket = make_actor(Role.COMMUNITY_STAFF, "52"), {"official_ticket": "0001"}
    money = record(staff, now, **ticket, ticket_code=" 52010125 ")
    ticket["ticket_code"] = "52010125"

    for again in (lambda: receive(rice, clerk, now, **ticket), lambda: record(staff, now, **ticket)):
        with pytest.raises(errors.TicketAlreadyRecorded) as refused:
            again()
        assert refused.value.field == "ticket_code"
    for wrong in ("5201x", "1" * 21, "５２"):
        with pytest.raises(errors.TicketCodeInvalid):
            record(staff, now, official_ticket="0002", ticket_code=wrong)
    with pytest.raises(errors.TicketCodeInvalid):
        record(staff, now, ticket_code="52010125")
    assert (money.ticket_code, Donation.objects.count()) == ("52010125", 1)

    revoke_receipt(
        number=money.receipt.number, reason="开错", actor=make_actor(Role.COMMUNITY_STAFF, "52"), at=now
    )
    goods = receive(rice, clerk, now, **ticket)

    assert (goods.official_ticket, goods.ticket_code) == ("0001", "52010125")


@pytest.mark.parametrize("amount", [0, -100, 10**13])
def test_an_absurd_amount_is_refused(now, amount):
    with pytest.raises(errors.AmountInvalid):
        record(make_actor(Role.COMMUNITY_STAFF, "52"), now, amount_fen=amount)

    assert Donation.objects.count() == 0


def test_a_clerk_records_no_money(now):
    store = StoreFactory.create()

    with pytest.raises(NotFound):
        record(clerk_of(store), now, organization=store.organization)

    assert Donation.objects.count() == 0
