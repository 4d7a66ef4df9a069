"""Many hands on few units: first the race, then its absence."""

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from points.ledger import queries as ledger
from points.ledger.models import AccountKind, Transfer, TransferKind
from points.market import purse, services
from points.market.choices import MoveKind, RedemptionStatus
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption
from tests.concurrency.rivals import Meeting, outcomes, race
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
from tests.factories.volunteers import make_household
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6
UNITS = 2
PRICE = 10


@pytest.fixture
def no_stock_check() -> Iterator[None]:
    """Switch off the CHECK that keeps reservations within the stock."""
    (check,) = [each for each in Batch._meta.constraints if each.name == "batch_reserved_within"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Batch, check)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE points_batch CASCADE")
    with connection.schema_editor() as editor:
        editor.add_constraint(Batch, check)


def everybody_wants_one(now: datetime, *, all_saw_it: bool) -> Counter[str]:
    rice = make_product(UNITS, points=PRICE)
    reserve(make_redeemer(), make_product(), at=now)  # opens the ledger's system accounts
    meeting = Meeting(PEOPLE, ("FROM points_batch",))

    def buy(person: Volunteer) -> None:
        with meeting.unguarded() if all_saw_it else nullcontext():
            reserve(person, rice, at=now)

    people = [make_redeemer(100) for _ in range(PEOPLE)]
    return outcomes(race(*[lambda person=person: buy(person) for person in people]))


def the_batch() -> Batch:
    return Batch.objects.get(received=UNITS)


def test_without_the_check_of_the_database_more_is_sold_than_there_is(now, no_stock_check):
    assert everybody_wants_one(now, all_saw_it=True) == Counter(done=PEOPLE)
    assert the_batch().reserved == PEOPLE > the_batch().on_hand == UNITS


@pytest.mark.parametrize("all_saw_it", [True, False])
def test_exactly_what_there_is_is_sold_and_the_rest_read_why_not(now, all_saw_it):
    sold = everybody_wants_one(now, all_saw_it=all_saw_it)

    assert sold == Counter(done=UNITS, out_of_stock=PEOPLE - UNITS)
    assert (the_batch().on_hand, the_batch().reserved) == (UNITS, UNITS)
    assert ledger.system_balance(AccountKind.HELD) == (UNITS + 1) * PRICE
    assert Redemption.objects.count() == UNITS + 1


def test_who_loses_a_batch_to_somebody_else_gets_the_next_one(now):
    rice = make_product(1)
    deliver(rice, 5)
    meeting = Meeting(3, ("FROM points_batch",))

    def buy(person: Volunteer) -> None:
        with meeting.unguarded():
            reserve(person, rice, at=now)

    people = [make_redeemer(100) for _ in range(3)]
    results = race(*[lambda person=person: buy(person) for person in people])

    assert outcomes(results) == Counter(done=3)
    assert sorted(Batch.objects.values_list("received", "reserved")) == [(1, 1), (5, 2)]


def test_baskets_of_the_same_goods_in_opposite_order_do_not_block_each_other(now):
    rice = make_product(50)
    oil = make_product(50, store=rice.store)
    orders = [[rice, oil], [oil, rice]]

    def buy(person: Volunteer, turn: int) -> None:
        for _ in range(3):
            services.reserve(
                volunteer=person,
                store_id=rice.store_id,
                lines=[services.LineInput(product.pk, 1) for product in orders[turn % 2]],
                at=now,
            )

    people = [make_redeemer(1000) for _ in range(4)]
    results = race(*[lambda p=p, n=n: buy(p, n) for n, p in enumerate(people)])

    assert outcomes(results) == Counter(done=4)
    assert set(Batch.objects.values_list("reserved", flat=True)) == {12}


def test_one_persons_points_are_spent_once(now):
    rice, volunteer = make_product(50, points=60), make_redeemer(100)

    results = race(*[lambda: reserve(volunteer, rice, at=now)] * 3)

    assert outcomes(results) == Counter(done=1, insufficient_points=2)
    assert ledger.balance(volunteer, at=now).available == 40


def test_without_the_account_held_a_monthly_share_is_taken_twice(now, monkeypatch):
    rice, volunteer = make_product(50, person_limit=1), make_redeemer(100)
    monkeypatch.setattr(purse, "hold", lambda *_args, **_kwargs: None)  # the guard: it locks the account
    meeting = Meeting(2, ("points_redemptionline", "SUM"))

    def buy() -> None:
        with meeting.unguarded():
            reserve(volunteer, rice, at=now)

    assert outcomes(race(buy, buy)) == Counter(done=2)
    assert Redemption.objects.count() == 2


def test_a_monthly_share_is_taken_once(now):
    rice, volunteer = make_product(50, person_limit=1), make_redeemer(100)

    results = race(*[lambda: reserve(volunteer, rice, at=now)] * 3)

    assert outcomes(results) == Counter(done=1, person_limit_reached=2)
    assert Redemption.objects.count() == 1


def two_of_one_home(now: datetime, *, unlocked: bool) -> Counter[str]:
    rice, members = make_product(50, household_limit=1), [make_redeemer(100) for _ in range(2)]
    make_household(*members)
    reserve(make_redeemer(), make_product(), at=now)  # opens the ledger's system accounts
    meeting = Meeting(2, ("points_redemptionline", "SUM"))

    def buy(person: Volunteer) -> None:
        with meeting.unguarded() if unlocked else nullcontext():
            reserve(person, rice, at=now)

    return outcomes(race(*[lambda person=person: buy(person) for person in members]))


def test_without_the_household_held_two_who_live_together_take_its_share_twice(now):
    assert two_of_one_home(now, unlocked=True) == Counter(done=2)


def test_two_who_live_together_take_the_share_of_their_household_once(now):
    assert two_of_one_home(now, unlocked=False) == Counter(done=1, household_limit_reached=1)


def test_the_last_places_of_a_slot_are_taken_once_by_whoever_comes_first(now):
    slot = make_slot(make_service(points=PRICE), UNITS, starts_at=now + timedelta(days=1))
    reserve(make_redeemer(), make_product(), at=now)  # opens the ledger's system accounts
    meeting = Meeting(PEOPLE, ('FROM "points_serviceslot"',))

    def buy(person: Volunteer) -> None:
        with meeting.unguarded():  # all have seen free places
            book(person, slot, at=now)

    people = [make_redeemer(100) for _ in range(PEOPLE)]
    results = race(*[lambda person=person: buy(person) for person in people])

    assert outcomes(results) == Counter(done=UNITS, slot_full=PEOPLE - UNITS)
    slot.refresh_from_db()
    assert (slot.taken, ledger.system_balance(AccountKind.HELD)) == (UNITS, (UNITS + 1) * PRICE)


def rival_clerks(now: datetime, count: int, *, unlocked: bool) -> tuple[Counter[str], Volunteer]:
    rice, volunteer = make_product(10, points=PRICE), make_redeemer(100)
    redemption = reserve(volunteer, rice, 2, at=now)
    clerks = [clerk_of(rice.store) for _ in range(count)]
    meeting = Meeting(count, ("points_redemption", "FOR UPDATE"))

    def hand_over(clerk: Any) -> None:
        with meeting.unguarded() if unlocked else nullcontext():
            services.collect(redemption_id=redemption.pk, code=redemption.code, actor=clerk, at=now)

    return outcomes(race(*[lambda clerk=clerk: hand_over(clerk) for clerk in clerks])), volunteer


def handed_over_once(volunteer: Volunteer, now: datetime) -> bool:
    batch, balance = Batch.objects.get(), ledger.balance(volunteer, at=now)
    return (
        (batch.on_hand, batch.reserved) == (8, 0)
        and StockMove.objects.filter(kind=MoveKind.ISSUE).count() == 1
        and Transfer.objects.filter(kind=TransferKind.CAPTURE).count() == 1
        and (balance.available, balance.held) == (80, 0)
    )


def test_without_locks_both_clerks_see_it_waiting_and_the_database_stops_one(now):
    outcome, volunteer = rival_clerks(now, 2, unlocked=True)

    assert outcome == Counter({"done": 1, "database: redemption_settled": 1})
    assert handed_over_once(volunteer, now)


def test_of_eight_clerks_one_hands_over_and_the_others_read_why_not(now):
    outcome, volunteer = rival_clerks(now, 8, unlocked=False)

    assert outcome == Counter(done=1, redemption_already_collected=7)
    assert handed_over_once(volunteer, now)


@pytest.mark.parametrize("rival", ["cancel", "lapse"])
def test_a_redemption_is_collected_or_given_back_and_never_both(now, rival):
    rice, volunteer = make_product(10, points=PRICE), make_redeemer(100)
    redemption = reserve(volunteer, rice, 2, at=now)
    clerk, other = clerk_of(rice.store), clerk_of(rice.store)
    last_moment = redemption.reserved_until - timedelta(microseconds=1)
    rivals = {
        "cancel": lambda: services.cancel(redemption_id=redemption.pk, actor=other, at=last_moment),
        "lapse": lambda: services.lapse_due(at=redemption.reserved_until),
    }

    race(lambda: services.collect(code=redemption.code, actor=clerk, at=last_moment), rivals[rival])
    services.lapse_due(at=redemption.reserved_until)  # a clock that met the lock skips and comes again

    collected = Redemption.objects.get().status == RedemptionStatus.COLLECTED
    balance, batch = ledger.balance(volunteer, at=now), Batch.objects.get()
    assert (balance.available, balance.held, batch.on_hand, batch.reserved) == (
        (80, 0, 8, 0) if collected else (100, 0, 10, 0)
    )
    assert StockMove.objects.exclude(kind__in=[MoveKind.RECEIVE, MoveKind.RESERVE]).count() == 1


def test_two_clocks_lapse_each_redemption_once(now):
    rice = make_product(50)
    for _ in range(4):
        reserve(make_redeemer(), rice, at=now)

    results = race(*[lambda: services.lapse_due(at=now + timedelta(hours=25))] * 2)

    assert sum(results) == 4
    assert set(Redemption.objects.values_list("status", flat=True)) == {RedemptionStatus.LAPSED}
    assert (Batch.objects.get().reserved, StockMove.objects.filter(kind=MoveKind.RELEASE).count()) == (0, 4)
    assert ledger.system_balance(AccountKind.HELD) == 0
