"""“Your 50 bags reached 38 volunteers and 12 families”: the public trace of a donation."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from backend.accounts.scopes import Role
from backend.core.errors import NotFound
from points.giving import services
from points.giving.losses import Loss, loss_of
from points.giving.models import Donation
from points.giving.services import GoodsLine
from points.giving.tracing import Span, shown, trace
from points.market import services as market
from points.market.choices import Channel, MoveKind
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption
from tests.factories.accounts import OrganizationFactory, StaffFactory, make_actor
from tests.factories.market import (
    DonorFactory,
    ProductFactory,
    StoreFactory,
    clerk_of,
    make_redeemer,
    reserve,
)
from tests.factories.relief import of_the_list
from tests.factories.volunteers import make_household

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 15)
WEEK = timedelta(days=7)


@pytest.fixture
def rice():
    return ProductFactory.create()


@pytest.fixture
def clerk(rice):
    return clerk_of(rice.store)


def give_goods(rice, clerk, now, *lines) -> Donation:
    return services.receive_goods(
        donor=DonorFactory.create(name="匿名企业"),
        store=rice.store,
        lines=list(lines or [GoodsLine(rice.pk, 50)]),
        received_on=TODAY,
        purpose="社区慈善超市",
        actor=clerk,
        at=now,
    )


@pytest.fixture
def donation(rice, clerk, now):
    return give_goods(rice, clerk, now)


@pytest.fixture
def batch(donation):
    return Batch.objects.get()


def hand_out(volunteer, rice, quantity, clerk, now):
    redemption = reserve(volunteer, rice, quantity, at=now)
    market.collect(code=redemption.code, actor=clerk, at=now)
    return redemption


def move(batch, kind, quantity, now, **fields):
    explained = {"reason": "盘点", "made_by": StaffFactory()} if kind in ("count_up", "count_down") else {}
    return StockMove.objects.create(batch=batch, kind=kind, quantity=quantity, at=now, **(explained | fields))


def relieve(batch, quantity, now, code, household=None):
    """Goods without points for a household of the list, handed over in one step."""
    redemption = Redemption.objects.create(
        store=batch.store,
        household=household or make_household(),
        channel=Channel.RELIEF,
        points=0,
        code=code,
        created_at=now,
        reserved_until=now + timedelta(days=1),
    )
    of_the_list(redemption, at=now)
    for kind in (MoveKind.RESERVE, MoveKind.ISSUE):
        move(batch, kind, quantity, now, redemption=redemption)
    return redemption


def send(batch, quantity, now, *, arrive=True):
    """Goods for another store; without `arrive` they are still on their way."""
    move(batch, MoveKind.TRANSFER_OUT, quantity, now)
    if not arrive:
        return None
    product = ProductFactory.create(store=StoreFactory.create(name="河滨慈善超市"))
    there = Batch.objects.create(
        store=product.store, product=product, root_id=batch.root_id or batch.pk, received_at=now
    )
    move(there, MoveKind.TRANSFER_IN, quantity, now)
    return there


def figures(number):
    fate = trace(number).total
    return {
        name: value
        for name in fate.__dataclass_fields__
        if (value := getattr(fate, name)) and name != "received"
    }


# Every kind of move in turn, each after the ones before it, and what the 50 bags are then.
STORY = [
    ("received", lambda _: None, {"on_shelf": 50}),
    ("reserved", lambda w: w.update(held=reserve(w["zhang"], w["rice"], 6, at=w["now"])),
     {"on_shelf": 44, "set_aside": 6}),
    ("released", lambda w: market.cancel(redemption_id=w["held"].pk, actor=w["clerk"], at=w["now"]),
     {"on_shelf": 50}),
    ("issued", lambda w: w.update(taken=hand_out(w["zhang"], w["rice"], 5, w["clerk"], w["now"])),
     {"on_shelf": 45, "handed_out": 5}),
    ("to a family", lambda w: relieve(w["batch"], 4, w["now"], "ABCDEFGHJK"),
     {"on_shelf": 41, "handed_out": 9}),
    ("returned", lambda w: move(w["batch"], MoveKind.RETURN, 5, w["now"], redemption=w["taken"]),
     {"on_shelf": 46, "handed_out": 4, "returned": 5}),
    ("damaged", lambda w: market.write_off(
        batch_id=w["batch"].pk, quantity=2, reason="袋子破了", actor=w["clerk"], at=w["now"]),
     {"on_shelf": 44, "handed_out": 4, "returned": 5, "damaged": 2}),
    ("expired", lambda w: market.write_off(
        batch_id=w["batch"].pk, quantity=1, reason="不能吃了", actor=w["clerk"], at=w["now"] + 60 * WEEK),
     {"on_shelf": 43, "handed_out": 4, "returned": 5, "damaged": 2, "expired": 1}),
    ("missing at the count", lambda w: move(w["batch"], MoveKind.COUNT_DOWN, 3, w["now"]),
     {"on_shelf": 40, "handed_out": 4, "returned": 5, "damaged": 2, "expired": 1, "counted_off": 3}),
    ("found at the count", lambda w: move(w["batch"], MoveKind.COUNT_UP, 4, w["now"]),
     {"on_shelf": 44, "handed_out": 4, "returned": 5, "damaged": 2, "expired": 1, "counted_off": -1}),
    ("in another store", lambda w: w.update(there=send(w["batch"], 10, w["now"])),
     {"on_shelf": 44, "handed_out": 4, "returned": 5, "damaged": 2, "expired": 1, "counted_off": -1,
      "moved": 10}),
    ("on the way", lambda w: send(w["there"], 3, w["now"], arrive=False),
     {"on_shelf": 41, "handed_out": 4, "returned": 5, "damaged": 2, "expired": 1, "counted_off": -1,
      "moved": 10, "in_transit": 3}),
    ("a family there", lambda w: relieve(w["there"], 7, w["now"], "BCDEFGHJKM"),
     {"on_shelf": 34, "handed_out": 11, "returned": 5, "damaged": 2, "expired": 1, "counted_off": -1,
      "moved": 10, "in_transit": 3}),
    ("for a ballot", lambda w: move(w["batch"], MoveKind.SET_ASIDE, 2, w["now"]),
     {"on_shelf": 32, "set_aside": 2, "handed_out": 11, "returned": 5, "damaged": 2, "expired": 1,
      "counted_off": -1, "moved": 10, "in_transit": 3}),
    ("from a ballot", lambda w: move(w["batch"], MoveKind.PUT_BACK, 2, w["now"]),
     {"on_shelf": 34, "handed_out": 11, "returned": 5, "damaged": 2, "expired": 1, "counted_off": -1,
      "moved": 10, "in_transit": 3}),
]  # fmt: skip


def test_whatever_happens_what_became_of_the_goods_adds_up_to_what_was_received(rice, clerk, now):
    donation = give_goods(rice, clerk, now, GoodsLine(rice.pk, 50, date(2027, 9, 15)))
    world = {"zhang": make_redeemer(), "rice": rice, "clerk": clerk, "now": now, "batch": Batch.objects.get()}

    for what, act, wanted in STORY:
        act(world)
        total = trace(donation.number).total
        assert (what, figures(donation.number)) == (what, wanted)
        assert (what, total.received, total.accounted) == (what, 50, 50)
    assert trace(donation.number).stores == ("河滨慈善超市",)
    assert set(StockMove.objects.values_list("kind", flat=True)) == set(MoveKind.values)


def test_volunteers_and_families_are_counted_apart_and_nobody_twice(donation, rice, batch, clerk, now):
    people = [make_redeemer() for _ in range(3)]
    for person in (*people, people[0]):
        hand_out(person, rice, 2, clerk, now)
    families = [make_household() for _ in range(3)]
    for number, family in enumerate([*families, families[0]]):
        relieve(batch, 1, now, f"ABCDEFGHJ{number + 2}", family)

    told = trace(donation.number)

    assert (told.volunteers, told.families) == (3, 3)
    assert told.sentence == "捐赠的 50 袋大米，已有 12 袋到了 3 位志愿者和 3 户家庭手里，还有 38 袋等人来领。"


def test_one_or_two_people_are_never_a_number(donation, rice, clerk, now):
    assert [shown(people) for people in range(5)] == [0, None, None, 3, 4]
    hand_out(make_redeemer(name="李小龙"), rice, 2, clerk, now)

    told = trace(donation.number)

    assert (told.volunteers, told.families) == (None, 0)
    assert told.spans == (Span(date(2026, 9, 14), False, None),)
    assert "少于 3 位志愿者" in told.sentence
    assert [name for name in ("匿名企业", "李小龙") if name in str(told)] == []


def test_who_brought_everything_back_is_not_counted(donation, rice, batch, clerk, now):
    taken = hand_out(make_redeemer(), rice, 2, clerk, now)
    move(batch, MoveKind.RETURN, 2, now, redemption=taken)

    told = trace(donation.number)

    assert (told.volunteers, told.total.handed_out, told.spans) == (0, 0, ())
    assert told.sentence == "捐赠的 50 袋大米已经收到，在慈善超市等人来领。"


def test_a_week_tells_its_quantity_only_of_three_people_or_more(donation, rice, clerk, now):
    """Of one lonely week the total would give the quantity away, so the smallest other week hides as well."""
    for weeks, people in ((0, 4), (1, 3), (2, 1)):
        for _ in range(people):
            hand_out(make_redeemer(), rice, 2, clerk, now + weeks * WEEK)

    assert [(span.begins.day, span.quantity) for span in trace(donation.number).spans] == [
        (14, 8),
        (21, None),
        (28, None),
    ]

    for _ in range(2):
        hand_out(make_redeemer(), rice, 1, clerk, now + 3 * WEEK)
    assert [span.quantity for span in trace(donation.number).spans] == [8, 6, None, None]


def test_what_took_longer_than_half_a_year_is_told_by_the_month(donation, rice, clerk, now):
    people = [make_redeemer() for _ in range(3)]
    for weeks in range(27):
        hand_out(people[weeks % 3], rice, 1, clerk, now + weeks * WEEK)

    spans = trace(donation.number).spans

    assert [span.monthly for span in spans] == [True] * 7
    assert (spans[0].begins, spans[1].quantity) == (date(2026, 9, 1), 4)


def test_goods_of_another_donation_are_not_counted(donation, rice, clerk, now):
    other = give_goods(rice, clerk, now, GoodsLine(rice.pk, 9, date(2026, 12, 1)))
    hand_out(make_redeemer(), rice, 2, clerk, now)  # the batch that expires goes first

    assert [trace(each.number).total.handed_out for each in (other, donation)] == [2, 0]


def test_several_kinds_are_told_as_pieces_and_each_on_its_line(rice, clerk, now):
    soap = ProductFactory.create(store=rice.store, name="香皂", unit="块")
    told = trace(give_goods(rice, clerk, now, GoodsLine(rice.pk, 5), GoodsLine(soap.pk, 7)).number)

    assert [(line.product, line.unit, line.fate.received) for line in told.lines] == [
        ("大米", "袋", 5),
        ("香皂", "块", 7),
    ]
    assert told.sentence == "捐赠的 12 件物资已经收到，在慈善超市等人来领。"


def test_a_trace_tells_when_nothing_is_left(rice, clerk, now):
    gone, lost = (give_goods(rice, clerk, now, GoodsLine(rice.pk, 3)) for _ in range(2))
    hand_out(make_redeemer(), rice, 3, clerk, now)
    market.write_off(batch_id=Batch.objects.latest("pk").pk, quantity=3, reason="受潮", actor=clerk, at=now)

    assert [trace(each.number).sentence for each in (gone, lost)] == [
        "捐赠的 3 袋大米，全部到了少于 3 位志愿者手里。",
        "捐赠的 3 袋大米已经收到，还没有发出去，去向见下表。",
    ]


@pytest.mark.parametrize(
    ("reason", "late", "loss"),
    [
        ("过期", False, Loss.EXPIRED),
        ("袋子破了", False, Loss.DAMAGED),
        ("Broken", True, Loss.DAMAGED),
        ("厂家召回，有破损", False, Loss.RECALLED),
        ("不能吃了", True, Loss.EXPIRED),
        ("不能吃了", False, Loss.OTHER),
    ],
)
def test_losses_are_grouped_by_their_reason_and_else_by_the_day(reason, late, loss):
    assert loss_of(reason, late=late) == loss


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

    told = trace(donation.number)

    assert (told.amount_fen, told.lines, told.total.received) == (amount, (), 0)
    assert told.sentence == f"这笔捐赠已由{organization.name}登记。"


def test_a_number_nobody_has_is_not_found(donation):
    with pytest.raises(NotFound):
        trace("ABCDEFGHJKMN")


def test_a_number_is_read_however_it_is_typed(donation):
    typed = f"{donation.number[:4]}-{donation.number[4:8].lower()} {donation.number[8:]}"

    assert trace(typed).number == donation.number


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_trace_costs_the_same_however_many_lines_and_people(
    rice, clerk, now, item_count, django_assert_num_queries
):
    donation = give_goods(rice, clerk, now, *[GoodsLine(rice.pk, 5)] * item_count)
    for _ in range(item_count * 3):
        hand_out(make_redeemer(), rice, 1, clerk, now)

    with django_assert_num_queries(6), translation.override("zh-hans"):
        told = trace(donation.number)

    assert len(told.lines) == item_count
