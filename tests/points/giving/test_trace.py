"""“Your 50 bags reached 2 volunteers”: the public trace of a donation."""

from datetime import date

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import NotFound
from points.giving import queries, services
from points.giving.services import GoodsLine
from points.market import services as market
from points.market.models import Batch
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.market import DonorFactory, ProductFactory, clerk_of, make_redeemer, reserve

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 15)


@pytest.fixture
def rice():
    return ProductFactory.create()


@pytest.fixture
def clerk(rice):
    return clerk_of(rice.store)


@pytest.fixture
def donation(rice, clerk, now):
    return services.receive_goods(
        donor=DonorFactory.create(name="匿名企业"),
        store=rice.store,
        lines=[GoodsLine(rice.pk, 50)],
        received_on=TODAY,
        purpose="社区慈善超市",
        actor=clerk,
        at=now,
    )


def hand_out(volunteer, rice, quantity, clerk, now):
    redemption = reserve(volunteer, rice, quantity, at=now)
    market.collect(code=redemption.code, actor=clerk, at=now)


def test_what_was_received_is_in_stock_handed_out_or_written_off(donation, rice, clerk, now):
    first, second = make_redeemer(), make_redeemer()
    hand_out(first, rice, 3, clerk, now)
    hand_out(first, rice, 1, clerk, now)
    hand_out(second, rice, 2, clerk, now)
    market.write_off(batch_id=Batch.objects.get().pk, quantity=4, reason="破损", actor=clerk, at=now)

    trace = queries.trace(donation.number)

    assert (trace.received, trace.in_stock, trace.handed_out, trace.written_off) == (50, 40, 6, 4)
    assert trace.people == 2
    assert trace.sentence == "捐赠的 50 件物资，2 位志愿者领走 6 件，在库 40 件。"


def test_reserved_goods_are_still_in_stock(donation, rice, now):
    reserve(make_redeemer(), rice, 5, at=now)

    trace = queries.trace(donation.number)

    assert (trace.in_stock, trace.handed_out, trace.people) == (50, 0, 0)


def test_goods_of_another_donation_are_not_counted(donation, rice, clerk, now):
    other = services.receive_goods(
        donor=DonorFactory.create(),
        store=rice.store,
        lines=[GoodsLine(rice.pk, 9, date(2026, 12, 1))],
        received_on=TODAY,
        purpose="",
        actor=clerk,
        at=now,
    )
    hand_out(make_redeemer(), rice, 2, clerk, now)  # the batch that expires goes first

    assert (queries.trace(other.number).handed_out, queries.trace(donation.number).handed_out) == (2, 0)


def test_a_trace_names_neither_donor_nor_recipients(donation, rice, clerk, now):
    hand_out(make_redeemer(name="李小龙"), rice, 2, clerk, now)

    told = str(queries.trace(donation.number))

    assert [name for name in ("匿名企业", "李小龙") if name in told] == []


@pytest.mark.parametrize(("shows", "amount"), [(False, None), (True, 100_000)])
def test_an_amount_is_told_only_if_the_donor_shows_amounts(now, shows, amount):
    organization = OrganizationFactory.create()
    donation = services.record_money(
        donor=DonorFactory.create(show_amount=shows),
        amount_fen=100_000,
        organization=organization,
        received_on=TODAY,
        purpose="助学",
        actor=make_actor(Role.ORGANIZATION_MANAGER, organization.pk),
        at=now,
    )

    trace = queries.trace(donation.number)

    assert (trace.amount_fen, trace.lines) == (amount, ())
    assert trace.sentence == f"这笔捐赠已由{organization.name}登记。"


def test_a_number_nobody_has_is_not_found(donation):
    with pytest.raises(NotFound):
        queries.trace("ABCDEFGHJKMN")


def test_a_number_is_read_however_it_is_typed(donation):
    typed = f"{donation.number[:4]}-{donation.number[4:8].lower()} {donation.number[8:]}"

    assert queries.trace(typed).number == donation.number


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_trace_costs_three_queries_however_many_lines(
    rice, clerk, now, item_count, django_assert_num_queries
):
    donation = services.receive_goods(
        donor=DonorFactory.create(),
        store=rice.store,
        lines=[GoodsLine(rice.pk, 5)] * item_count,
        received_on=TODAY,
        purpose="",
        actor=clerk,
        at=now,
    )

    with django_assert_num_queries(3):
        trace = queries.trace(donation.number)

    assert len(trace.lines) == item_count
