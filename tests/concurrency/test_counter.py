"""Two hands at the counter at once: agreeing, taking back, and devices without network."""

import json
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import pytest

from backend.accounts.scopes import Actor, actor_for
from points.ledger import queries as ledger
from points.ledger.models import Transfer, TransferKind
from points.market import counter, offline, returns, services
from points.market.choices import Channel, MoveKind, OfflineResult
from points.market.models import Batch, StockMove
from points.market.offline_models import OfflineCollection, OfflineLease
from points.market.redemption_models import Redemption
from points.market.rules import Start
from points.market.services import LineInput
from tests.concurrency.rivals import Meeting, outcomes, race
from tests.factories.market import clerk_of, make_product, make_redeemer, reserve

pytestmark = pytest.mark.django_db(transaction=True)


def test_agreeing_twice_at_once_is_agreeing_once(now: datetime) -> None:
    rice, volunteer = make_product(10), make_redeemer(100)
    clerk, owner = clerk_of(rice.store), actor_for(volunteer.user)
    opened = services.reserve(
        volunteer=volunteer,
        store_id=rice.store_id,
        lines=[LineInput(rice.pk, 1)],
        at=now,
        start=Start(channel=Channel.COUNTER, started_by_id=clerk.user_id),
    )

    results = race(*[lambda: counter.confirm_own(redemption_id=opened.pk, actor=owner, at=now)] * 3)

    assert outcomes(results) == {"done": 3}
    assert Redemption.objects.get().confirmed_at == now


def two_who_agree(now: datetime, *, unlocked: bool) -> tuple[Any, Any]:
    rice, volunteer = make_product(10), make_redeemer(100)
    redemption = reserve(volunteer, rice, 2, at=now)
    services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)
    asked = returns.ask_return(
        redemption_id=redemption.pk,
        reason="破损",
        condition="back_to_shelf",
        actor=clerk_of(rice.store),
        at=now,
    )
    people = [clerk_of(rice.store) for _ in range(2)]
    meeting = Meeting(2, ("points_goodsreturn", "FOR UPDATE"))

    def agree(actor: Actor) -> None:
        with meeting.unguarded() if unlocked else nullcontext():
            returns.approve_return(return_id=asked.pk, actor=actor, at=now)

    results = race(*[lambda person=person: agree(person) for person in people])
    batch = Batch.objects.get()
    assert StockMove.objects.filter(kind=MoveKind.RETURN).count() == 1
    assert Transfer.objects.filter(kind=TransferKind.REFUND).count() == 1
    return outcomes(results), (batch.on_hand, ledger.balance(volunteer, at=now).available)


def test_without_locks_two_who_take_goods_back_are_told_apart_by_the_database(now: datetime) -> None:
    outcome, standing = two_who_agree(now, unlocked=True)

    assert (outcome, standing) == (
        {"done": 1, "database: return_already_decided": 1},
        (10, 100),
    )


def test_two_who_take_goods_back_give_the_points_back_once(now: datetime) -> None:
    assert two_who_agree(now, unlocked=False) == ({"done": 2}, (10, 100))


def two_devices(now: datetime, *, unlocked: bool) -> tuple[Any, int]:
    rice = make_product(10)
    for _ in range(3):
        reserve(make_redeemer(), rice, at=now)
    clerks = [clerk_of(rice.store) for _ in range(2)]
    meeting = Meeting(2, ("points_offlinelease", "reserved_until", "IN (%s, %s, %s)"))

    def take(clerk: Actor) -> int:
        with meeting.unguarded() if unlocked else nullcontext():
            taken = offline.take(store_id=rice.store_id, actor=clerk, at=now)
        return len(json.loads(taken.text)["rows"])

    results = race(*[lambda clerk=clerk: take(clerk) for clerk in clerks])
    return outcomes(results), sum(rows for rows in results if isinstance(rows, int))


def test_without_locks_the_database_gives_what_waits_to_one_device(now: datetime) -> None:
    outcome, held = two_devices(now, unlocked=True)

    assert outcome == {"done": 1, "database: redemption_on_offline_list": 1}
    assert held == 3 == OfflineLease.objects.count()


def test_two_devices_hold_nothing_in_common(now: datetime) -> None:
    outcome, held = two_devices(now, unlocked=False)

    assert (outcome, held, OfflineLease.objects.count()) == ({"done": 2}, 3, 3)


def test_what_a_device_tells_twice_at_once_counts_once(now: datetime) -> None:
    rice = make_product(10)
    clerk, waiting = clerk_of(rice.store), reserve(make_redeemer(100), rice, at=now)
    taken = offline.take(store_id=rice.store_id, actor=clerk, at=now)
    row = offline.HandOver(waiting.pk, waiting.code, now, "nonce-0001")

    def tell() -> OfflineResult:
        (told,) = offline.sync(
            serial=taken.serial, signature=taken.signature, rows=[row], actor=clerk, at=now
        )
        return told.result

    assert race(*[tell] * 4) == [OfflineResult.COLLECTED] * 4
    assert OfflineCollection.objects.count() == 1
    assert StockMove.objects.filter(kind=MoveKind.ISSUE).count() == 1
