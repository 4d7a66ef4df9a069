"""Handing over without network: one device holds it, each counts once, nothing is told twice."""

import hashlib
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.errors import Forbidden, NotFound
from points.ledger import queries as ledger
from points.market import offline, services
from points.market.choices import Channel, MoveKind, OfflineResult, RedemptionStatus
from points.market.errors import OfflineListNotOurs, RedemptionOnOfflineList
from points.market.models import Batch, StockMove
from points.market.offline import HandOver
from points.market.offline_models import OfflineCollection, OfflineLease, OfflineList
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn
from points.market.rules import Start
from points.market.services import LineInput
from points.stockroom import recalling
from tests.factories.accounts import make_actor
from tests.factories.database import guards_of, refused_by
from tests.factories.market import (
    StoreFactory,
    book,
    clerk_of,
    make_product,
    make_redeemer,
    make_service,
    make_slot,
    reserve,
)
from tests.factories.volunteers import VolunteerFactory, make_household

pytestmark = pytest.mark.django_db


@pytest.fixture
def rice():
    return make_product(20, points=10)


@pytest.fixture
def clerk(rice):
    return clerk_of(rice.store)


@pytest.fixture
def waiting(rice, now):
    return reserve(make_redeemer(100), rice, 2, at=now)


def take(rice, clerk, at, **old):
    return offline.take(store_id=rice.store_id, actor=clerk, at=at, **old)


def tell(taken, redemption, clerk, *, captured_at, at, nonce="n0000001", code=None, **more):
    row = HandOver(redemption.pk, redemption.code if code is None else code, captured_at, nonce)
    (told,) = offline.sync(
        serial=taken.serial, signature=taken.signature, rows=[row], actor=clerk, at=at, **more
    )
    return told.result, told.problem.code if told.problem else None


def on(taken):
    return [row["redemption"] for row in json.loads(taken.text)["rows"]]


def test_a_stolen_list_holds_no_code_no_number_and_no_full_name(rice, clerk, waiting, now):
    taken = take(rice, clerk, now)

    content = json.loads(taken.text)
    (row,) = content["rows"]
    check = hashlib.pbkdf2_hmac(
        "sha256", waiting.code.encode(), bytes.fromhex(content["salt"]), content["rounds"], 16
    )
    assert row == {
        "redemption": waiting.pk,
        "check": check.hex(),
        "name": "张*明",
        "until": waiting.reserved_until.isoformat(),
        "lines": [{"name": "大米", "quantity": 2, "unit": "袋"}],
    }
    volunteer = waiting.volunteer
    assert [s for s in (waiting.code, volunteer.number, volunteer.name) if s in taken.text] == []
    assert json.loads(take(rice, clerk_of(rice.store), now).text)["salt"] != content["salt"]


def test_the_list_holds_what_waits_and_may_be_handed_over_by_this_clerk(rice, clerk, waiting, now):
    mother = make_redeemer(100)
    make_household(mother, VolunteerFactory.create(user_id=clerk.user_id))
    reserve(mother, rice, at=now)
    services.reserve(
        volunteer=make_redeemer(100),
        store_id=rice.store_id,
        lines=[LineInput(rice.pk, 1)],
        at=now,
        start=Start(channel=Channel.COUNTER, started_by_id=clerk.user_id),
    )
    reserve(make_redeemer(100), make_product(), at=now)

    assert on(take(rice, clerk, now)) == [waiting.pk]
    for actor, refusal in [
        (make_actor(Role.COMMUNITY_STAFF, "52"), Forbidden),
        (clerk_of(StoreFactory()), NotFound),
    ]:
        with pytest.raises(refusal):
            take(rice, actor, now)


def test_goods_called_back_while_the_network_was_away_are_told_and_hold_up_no_other_row(
    rice, clerk, waiting, now
):
    soap = make_product(20, points=10, store=rice.store)
    other = reserve(make_redeemer(100), soap, 2, at=now)
    taken, later = take(rice, clerk, now), now + timedelta(hours=1)
    rice_batch = Batch.objects.get(product=rice)
    recalling.open_recall(batch_id=rice_batch.pk, reason="破损", actor=clerk, at=later)
    waiting.refresh_from_db()
    assert waiting.status == RedemptionStatus.RESERVED  # a device may have handed it over

    rows = [HandOver(one.pk, one.code, now, f"n{one.pk:08d}") for one in (waiting, other)]
    for _time in range(2):
        told = offline.sync(serial=taken.serial, signature=taken.signature, rows=rows, actor=clerk, at=later)
        assert [(row.result, row.problem and row.problem.code) for row in told] == [
            (OfflineResult.REFUSED, "goods_recalled"),
            (OfflineResult.COLLECTED, None),
        ]
    offline.give_back(serial=taken.serial, signature=taken.signature, actor=clerk, at=later)
    recalling.settle_open(at=later)
    waiting.refresh_from_db()
    assert waiting.status == RedemptionStatus.CANCELLED


def test_what_one_device_holds_nobody_else_settles_until_it_is_given_back(rice, clerk, waiting, now):
    taken, owner, other = take(rice, clerk, now), actor_for(waiting.volunteer.user), clerk_of(rice.store)
    collect = {"code": waiting.code, "actor": other, "at": now}
    with pytest.raises(RedemptionOnOfflineList):
        services.collect(**collect)
    for actor in (owner, other):
        with pytest.raises(RedemptionOnOfflineList):
            services.cancel(redemption_id=waiting.pk, actor=actor, at=now)
    late = now + timedelta(hours=24)
    assert on(take(rice, other, now)) == []

    for signature, actor, refusal in [
        ("0" * 64, clerk, OfflineListNotOurs),
        (taken.signature, other, NotFound),
    ]:
        with pytest.raises(refusal):
            offline.give_back(serial=taken.serial, signature=signature, actor=actor, at=now)
    for _ in range(2):
        offline.give_back(
            serial=taken.serial, signature=taken.signature, actor=clerk, at=now, redemption_ids=[waiting.pk]
        )
    services.collect(**collect)

    assert services.lapse_due(at=late) == 0
    assert tell(taken, waiting, clerk, captured_at=now, at=late)[0] == OfflineResult.ALREADY


def test_the_clock_waits_for_the_device_and_goes_on_when_the_list_ends(rice, clerk, now):
    waiting = reserve(make_redeemer(100), rice, at=now - timedelta(hours=20))
    take(rice, clerk, now)

    assert services.lapse_due(at=now + timedelta(hours=13)) == 0
    assert services.lapse_due(at=now + timedelta(hours=14)) == 1
    waiting.refresh_from_db()
    assert waiting.status == "lapsed"


def test_a_hand_over_without_network_counts_once_and_keeps_both_times(rice, clerk, waiting, now):
    taken = take(rice, clerk, now)
    handed, sent = now + timedelta(hours=1), now + timedelta(hours=11)

    answers = [tell(taken, waiting, clerk, captured_at=handed, at=sent) for _ in range(2)]

    assert answers == [(OfflineResult.COLLECTED, None)] * 2
    row = OfflineCollection.objects.get()
    assert (row.captured_at, row.received_at) == (handed, sent)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.collected_at, waiting.collected_by_id) == (
        "collected",
        handed,
        clerk.user_id,
    )
    assert StockMove.objects.filter(kind=MoveKind.ISSUE).count() == 1
    balance = ledger.balance(waiting.volunteer, at=sent)
    assert (balance.available, balance.held, Batch.objects.get().on_hand) == (80, 0, 18)
    assert tell(taken, waiting, clerk, captured_at=handed, at=sent, nonce="n0000002") == (
        OfflineResult.ALREADY,
        None,
    )


def test_a_device_whose_clock_is_wrong_is_put_right(rice, clerk, waiting, now):
    taken = take(rice, clerk, now)
    wrong = timedelta(days=300)
    handed, sent = now + timedelta(minutes=5), now + timedelta(minutes=30)

    tell(taken, waiting, clerk, captured_at=handed - wrong, at=sent, sent_at=sent - wrong)

    assert Redemption.objects.get().collected_at == handed


def test_what_is_told_too_late_or_wrongly_is_answered_row_by_row(rice, clerk, now):
    rows = [reserve(make_redeemer(100), rice, at=now - timedelta(hours=20)) for _ in range(5)]
    wrong_code, after_list, after_hold, cancelled, lapsed = rows
    taken = take(rice, clerk, now)
    elsewhere = reserve(make_redeemer(100), make_product(), at=now)
    owner = actor_for(cancelled.volunteer.user)
    offline.declare_lost(serial=taken.serial, actor=make_actor(Role.COMMUNITY_STAFF, "52"), at=now)
    services.cancel(redemption_id=cancelled.pk, actor=owner, at=now)
    soon, later = now + timedelta(hours=1), now + timedelta(hours=13)

    def told(redemption, captured_at, at, nonce, code=None):
        return tell(taken, redemption, clerk, captured_at=captured_at, at=at, nonce=nonce, code=code)

    assert told(wrong_code, soon, soon, "n0000001", "ABCDEFGHJK") == ("refused", "pickup_code_wrong")
    assert told(wrong_code, soon, soon, "n0000001") == ("refused", "pickup_code_wrong")
    assert told(after_list, later, later, "n0000002") == ("refused", "offline_list_over")
    assert told(after_hold, now + timedelta(hours=5), later, "n0000003") == ("refused", "redemption_lapsed")
    assert told(cancelled, soon, soon, "n0000004") == ("cancelled", None)
    assert told(elsewhere, soon, soon, "n0000005") == ("refused", "not_found")
    services.lapse_due(at=later)
    assert told(lapsed, soon, later, "n0000006") == ("lapsed_but_on_list", None)
    assert StockMove.objects.filter(kind=MoveKind.ISSUE).count() == 0
    assert OfflineCollection.objects.count() == 5


def test_whatever_refused_a_hand_over_is_told_again_when_it_is_sent_again(rice, clerk, waiting, now):
    haircut = make_slot(make_service(store=rice.store), starts_at=now + timedelta(days=2))
    booked = book(make_redeemer(100), haircut, at=now)
    taken = take(rice, clerk, now)
    tell_now = partial(tell, taken, clerk=clerk, captured_at=now, at=now)
    offline.give_back(
        serial=taken.serial, signature=taken.signature, redemption_ids=[waiting.pk], actor=clerk, at=now
    )
    take(rice, clerk_of(rice.store), now)

    twice = [
        (tell_now(waiting, nonce="n0000001"), tell_now(booked, nonce="n0000002")) for _attempt in range(2)
    ]

    assert twice == [(("refused", "redemption_on_offline_list"), ("refused", "slot_not_yet"))] * 2
    assert OfflineCollection.objects.count() == 2


def test_a_lost_device_is_declared_by_somebody_above_and_another_takes_over(rice, clerk, waiting, now):
    lost = take(rice, clerk, now)
    with pytest.raises(Forbidden):
        offline.declare_lost(serial=lost.serial, actor=clerk, at=now)
    far = Actor(clerk.user_id, clerk.grants | make_actor(Role.COMMUNITY_STAFF, "11").grants)
    with pytest.raises(NotFound):
        offline.declare_lost(serial=lost.serial, actor=far, at=now)
    assert [row.serial for row in offline.live_lists(clerk, at=now)] == [lost.serial]

    offline.declare_lost(serial=lost.serial, actor=make_actor(Role.COMMUNITY_STAFF, "52"), at=now)
    taken = take(rice, clerk_of(rice.store), now)

    assert on(taken) == [waiting.pk]
    assert tell(lost, waiting, clerk, captured_at=now, at=now) == ("refused", "redemption_on_offline_list")


def test_a_new_list_of_the_same_device_takes_the_place_of_the_old_one(rice, clerk, waiting, now):
    first = take(rice, clerk, now)

    second = take(rice, clerk, now, instead_of=first.serial, signature=first.signature)

    assert (on(second), OfflineList.objects.get(serial=first.serial).closed_at) == ([waiting.pk], now)


def test_the_guards_of_lists_and_leases(rice, clerk, waiting, now):
    taken = take(rice, clerk, now)
    made, lease = OfflineList.objects.get(), OfflineLease.objects.get()
    other = OfflineList.objects.get(serial=take(rice, clerk, now).serial)
    elsewhere = reserve(make_redeemer(100), make_product(), at=now)
    fields = {
        "store": rice.store,
        "version": 1,
        "digest": "",
        "taken_by_id": clerk.user_id,
        "taken_at": now,
        "expires_at": now + timedelta(hours=1),
        "ends_at": now + timedelta(hours=1),
    }
    with refused_by("offline_list_serial_once"):
        OfflineList.objects.create(serial=taken.serial, **fields)
    with refused_by("offline_list_forward"):
        OfflineList.objects.create(serial="x", **(fields | {"ends_at": now}))
    with refused_by("offline_lease_one_device"):
        OfflineLease.objects.create(list=other, redemption=waiting)
    with refused_by("offline_lease_of_that_store"):
        OfflineLease.objects.create(list=other, redemption=elsewhere)
    lists, leases = OfflineList.objects.filter(pk=made.pk), OfflineLease.objects.filter(pk=lease.pk)
    for constraint, rows, change in [
        ("offline_list_is_history", lists, {"expires_at": now}),
        ("offline_list_closed_by_someone", lists, {"closed_at": now}),
        ("offline_lease_is_history", leases, {"redemption": elsewhere}),
    ]:
        with refused_by(constraint):
            rows.update(**change)
        with refused_by(constraint if "history" in constraint else "offline_list_is_history"):
            rows._raw_delete("default")
    settled = {"status": "cancelled", "settled_at": now}
    with refused_by("redemption_not_leased"):
        Redemption.objects.filter(pk=waiting.pk).update(**settled)
    leases.update(released_at=now)
    with refused_by("offline_lease_is_history"):
        leases.update(released_at=None)
    with refused_by("offline_lease_listed_once"):
        OfflineLease.objects.create(list=made, redemption=waiting)

    told = {"list": made, "redemption": waiting, "nonce": "a", "captured_at": now, "received_at": now}
    OfflineCollection.objects.create(result="refused", **told)
    for constraint, change in [
        ("offline_collection_once", {}),
        ("offline_collection_named", {"nonce": ""}),
        ("offline_collection_result_known", {"result": "lost", "nonce": "b"}),
        ("offline_collection_in_order", {"captured_at": now + timedelta(seconds=1), "nonce": "b"}),
    ]:
        with refused_by(constraint):
            OfflineCollection.objects.create(**({"result": "refused"} | told | change))
    with refused_by("offline_collection_append_only"):
        OfflineCollection.objects.update(result="collected")


def test_every_guard_of_the_counter_is_tested():
    here = Path(__file__)
    text = "".join(each.read_text(encoding="utf-8") for each in (here, here.with_name("test_returns.py")))

    guards = guards_of(GoodsReturn, OfflineList, OfflineLease, OfflineCollection)

    assert {name for name in guards if name not in text} == set()
