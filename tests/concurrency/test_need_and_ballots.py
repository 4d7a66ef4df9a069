"""The share of those in need, entries of one household, draws side by side: the race, then its absence."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from points.ballots import drawing, recount, services
from points.ballots.api import told
from points.ballots.models import Ballot, BallotEntry
from points.market.choices import MoveKind
from points.market.models import Batch, Product, StockMove
from points.market.redemption_models import Redemption
from points.proof.services import close_days
from points.relief.models import ReliefIssue
from tests.concurrency.rivals import Meeting, outcomes, race
from tests.factories.market import deliver, make_product, make_redeemer, reserve
from tests.factories.relief import give_out, make_ballot, make_case, make_keeper
from tests.factories.volunteers import make_household

pytestmark = pytest.mark.django_db(transaction=True)

DRAW = timedelta(days=3)


@pytest.fixture
def no_share_lock() -> Iterator[None]:
    """Take the row lock out of the trigger that counts what is left for those in need."""
    name = f"{StockMove._meta.triggers[-1].get_pgid(StockMove)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
        (written,) = cursor.fetchone()
        assert written.count(" FOR NO KEY UPDATE") == 1
        cursor.execute(written.replace(" FOR NO KEY UPDATE", ""))
    yield
    with connection.cursor() as cursor:
        cursor.execute(written)


def two_take_a_delivery_each(now: datetime, *, meet: Callable[[], object]) -> Counter[str]:
    """Two take four each, from different deliveries; of the twelve that are free six are kept."""
    rice = make_product(5)
    deliver(rice, 5)
    redemptions = [reserve(make_redeemer(), rice, at=now) for _ in range(2)]
    second = deliver(rice, 4)
    batches = [Batch.objects.order_by("pk")[1], second]
    Product.objects.filter(pk=rice.pk).update(relief_reserved=6)

    def take(batch: Batch, redemption: Redemption) -> None:
        with transaction.atomic():
            StockMove.objects.create(
                batch=batch, kind=MoveKind.RESERVE, quantity=4, redemption=redemption, at=now
            )
            meet()

    pairs = zip(batches, redemptions, strict=True)
    return outcomes(race(*[lambda b=b, r=r: take(b, r) for b, r in pairs]))


def test_without_the_lock_two_of_different_batches_eat_into_the_share_of_those_in_need(now, no_share_lock):
    meet = threading.Barrier(2)

    assert two_take_a_delivery_each(now, meet=lambda: meet.wait(20)) == Counter(done=2)
    assert free() == 4 < Product.objects.get().relief_reserved


def test_the_share_of_those_in_need_is_kept_whoever_comes_at_once(now):
    sold = two_take_a_delivery_each(now, meet=lambda: None)

    assert sold == Counter({"done": 1, "database: out_of_stock": 1})
    assert free() == 8


def test_of_many_who_reserve_at_once_none_gets_what_is_kept(now):
    rice = make_product(3)
    deliver(rice, 3)
    Product.objects.filter(pk=rice.pk).update(relief_reserved=4)
    people = [make_redeemer() for _ in range(4)]

    results = race(*[lambda p=p: reserve(p, rice, at=now) for p in people])

    assert outcomes(results) == Counter(done=2, out_of_stock=2)
    assert free() == 4


def free() -> int:
    return sum(batch.on_hand - batch.reserved for batch in Batch.objects.all())


def test_a_household_gets_its_share_of_the_month_once_whoever_gives_it(now):
    rice = make_product(50)
    keepers = [make_keeper(), make_keeper("520102001")]
    case = make_case(keepers[0])

    results = race(*[lambda k=k: give_out(case, rice, 6, keeper=k, at=now) for k in keepers])

    assert outcomes(results) == Counter(done=1, relief_quota_reached=1)
    assert (ReliefIssue.objects.count(), Batch.objects.get().reserved) == (1, 6)


def test_two_of_one_household_who_enter_at_once_get_one_ticket(now):
    ballot = make_ballot(make_product(5), at=now)
    family = [make_redeemer() for _ in range(2)]
    make_household(*family)

    results = race(*[lambda v=v: services.enter(ballot_id=ballot.pk, volunteer=v, at=now) for v in family])

    assert outcomes(results) == Counter(done=1, ballot_household_entered=1)
    assert BallotEntry.objects.count() == 1


def drawn_twice_at_once(now: datetime, *, unlocked: bool) -> tuple[list[Any], Ballot]:
    ballot = make_ballot(make_product(5), 2, at=now)
    for _ in range(6):
        services.enter(ballot_id=ballot.pk, volunteer=make_redeemer(), at=now)
    close_days(at=now + DRAW)
    meeting = Meeting(2, ("points_ballot", "FOR UPDATE"))

    def run() -> bool:
        with meeting.unguarded() if unlocked else nullcontext():
            return drawing.draw(ballot_id=ballot.pk, at=now + DRAW)

    return race(run, run), ballot


def won_once(ballot: Ballot) -> bool:
    public = told(ballot)
    outcome = [entry["outcome"] for entry in public["entries"]]
    return (
        outcome == ["won"] * 2 + ["lost"] * 4
        and recount.faults(public) == []
        and Redemption.objects.count() == 2
        and Batch.objects.get().reserved == 2
    )


def test_without_locks_two_draws_get_in_each_others_way_and_the_database_stops_one(now):
    results, _ballot = drawn_twice_at_once(now, unlocked=True)

    assert [type(each) for each in results].count(bool) == 1  # the other one was refused


def test_two_draws_at_once_make_one_result(now):
    results, ballot = drawn_twice_at_once(now, unlocked=False)

    assert sorted(results) == [False, True]
    assert won_once(ballot)
    assert drawing.draw_due(at=now + DRAW) == 0
