"""Goods that come back: entered by one, decided by another; points and stock go back together."""

from datetime import date, timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import NotFound
from points.ledger import queries as ledger
from points.ledger.models import Lot
from points.market import returns, services
from points.market.choices import MoveKind, RedemptionStatus, ReturnCondition
from points.market.errors import (
    NothingToReturn,
    ReturnAlreadyDecided,
    ReturnDecidedBySame,
    ReturnOfOwn,
    ReturnTwice,
    ReturnUnexplained,
)
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn
from tests.factories.accounts import make_actor
from tests.factories.database import refused_by
from tests.factories.market import clerk_of, deliver, make_product, make_redeemer, reserve
from tests.factories.relief import give_out, make_case, make_keeper
from tests.factories.volunteers import VolunteerFactory, make_household

pytestmark = pytest.mark.django_db


@pytest.fixture
def rice():
    return make_product(10, points=10)


@pytest.fixture
def volunteer():
    return make_redeemer(100)


@pytest.fixture
def taken(volunteer, rice, now):
    redemption = reserve(volunteer, rice, 2, at=now)
    return services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)


def ask(redemption, actor, at, condition=ReturnCondition.BACK_TO_SHELF, reason="包装破损"):
    return returns.ask_return(
        redemption_id=redemption.pk, reason=reason, condition=condition, actor=actor, at=at
    )


def counts():
    return list(Batch.objects.order_by("pk").values_list("on_hand", "reserved"))


def test_a_second_person_agrees_and_goods_and_points_go_where_they_came_from(volunteer, taken, rice, now):
    (lot,) = Lot.objects.filter(account__volunteer=volunteer)
    clerk, second = clerk_of(rice.store), make_actor(Role.COMMUNITY_STAFF, "52")
    asked = ask(taken, clerk, now)
    assert counts() == [(8, 0)]
    with pytest.raises(ReturnDecidedBySame):
        returns.approve_return(return_id=asked.pk, actor=clerk, at=now)
    with pytest.raises(NotFound):
        returns.approve_return(return_id=asked.pk, actor=make_actor(Role.COMMUNITY_STAFF, "11"), at=now)

    for _ in range(2):
        returns.approve_return(return_id=asked.pk, actor=second, at=now)

    lot.refresh_from_db()
    taken.refresh_from_db()
    assert (taken.status, counts(), lot.remaining) == (RedemptionStatus.RETURNED, [(10, 0)], 100)
    assert ledger.balance(volunteer, at=now).available == 100
    assert StockMove.objects.filter(kind=MoveKind.RETURN).count() == 1
    with pytest.raises(ReturnTwice):
        ask(taken, clerk, now)


@pytest.mark.parametrize("why", ["discard", "expired"])
def test_what_cannot_be_used_any_more_is_written_off_in_the_same_step(volunteer, now, why):
    rice = make_product(1, points=10, expires_on=date(2026, 9, 20))
    deliver(rice, 5)  # keeps for ever: the second batch of the same redemption
    redemption = reserve(volunteer, rice, 2, at=now)
    taken = services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)
    later = now + timedelta(days=30 if why == "expired" else 0)
    condition = ReturnCondition.DISCARD if why == "discard" else ReturnCondition.BACK_TO_SHELF
    asked = ask(taken, clerk_of(rice.store), later, condition)

    returns.approve_return(return_id=asked.pk, actor=clerk_of(rice.store), at=later)

    assert counts() == ([(0, 0), (4, 0)] if why == "discard" else [(0, 0), (5, 0)])
    written_off = StockMove.objects.filter(kind=MoveKind.WRITE_OFF)
    assert {move.reason.partition("：")[2] for move in written_off} == {"包装破损"}
    assert written_off.count() == (2 if why == "discard" else 1)
    assert ledger.balance(volunteer, at=later).available == 100


def test_a_household_in_need_gets_no_points_back(rice, now):
    keeper = make_keeper()
    redemption = give_out(make_case(keeper), rice, keeper=keeper, at=now).redemption
    services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)
    asked = ask(redemption, clerk_of(rice.store), now)

    returns.approve_return(return_id=asked.pk, actor=clerk_of(rice.store), at=now)

    redemption.refresh_from_db()
    assert (redemption.status, counts()) == ("returned", [(10, 0)])


def test_a_return_refused_with_a_reason_moves_nothing_and_may_be_entered_again(taken, rice, now):
    clerk, second = clerk_of(rice.store), clerk_of(rice.store)
    asked = ask(taken, clerk, now)
    with pytest.raises(ReturnUnexplained):
        returns.refuse_return(return_id=asked.pk, reason=" \x00", actor=second, at=now)

    returns.refuse_return(return_id=asked.pk, reason="已经拆封", actor=second, at=now)

    with pytest.raises(ReturnAlreadyDecided):
        returns.approve_return(return_id=asked.pk, actor=second, at=now)
    assert (counts(), Redemption.objects.get().status) == ([(8, 0)], "collected")
    assert ask(taken, clerk, now).decision == ""


def test_nobody_takes_back_what_is_their_own_or_their_households(volunteer, taken, rice, now):
    son = VolunteerFactory.create()
    make_household(volunteer, son)
    own = [actor_for(volunteer.user), actor_for(son.user)]
    roles = clerk_of(rice.store).grants
    asked = ask(taken, clerk_of(rice.store), now)

    for somebody in own:
        with pytest.raises(ReturnOfOwn):
            returns.approve_return(return_id=asked.pk, actor=type(somebody)(somebody.user_id, roles), at=now)
        with refused_by("goods_return_not_own"):
            GoodsReturn.objects.update(decision="approved", decided_by_id=somebody.user_id, decided_at=now)
    returns.refuse_return(return_id=asked.pk, reason="已经拆封", actor=clerk_of(rice.store), at=now)
    with pytest.raises(ReturnOfOwn):
        ask(taken, type(own[0])(own[0].user_id, roles), now)
    with refused_by("goods_return_not_own"):
        bare(taken, now, asked_by=volunteer.user)


def bare(redemption, now, **fields):
    values = {
        "redemption": redemption,
        "reason": "破损",
        "condition": ReturnCondition.DISCARD,
        "asked_by": VolunteerFactory.create().user,
        "asked_at": now,
    }
    return GoodsReturn.objects.create(**(values | fields))


def test_the_guards_of_a_return(volunteer, taken, rice, now):
    waiting = reserve(volunteer, rice, at=now)
    with pytest.raises(NothingToReturn):
        ask(waiting, clerk_of(rice.store), now)
    with refused_by("goods_return_of_collected"):
        bare(waiting, now)
    with refused_by("goods_return_explained"):
        bare(taken, now, reason="")
    with refused_by("goods_return_condition_known"):
        bare(taken, now, condition="eaten")
    collected = Redemption.objects.filter(pk=taken.pk)
    with refused_by("redemption_returned_by_two"):
        collected.update(status="returned")

    made = bare(taken, now)
    with refused_by("goods_return_once"):
        bare(taken, now)
    rows = GoodsReturn.objects.filter(pk=made.pk)
    decided = {"decision": "approved", "decided_by": VolunteerFactory.create().user, "decided_at": now}
    for constraint, fields in [
        ("goods_return_decided_by_someone", {"decision": "approved"}),
        ("goods_return_decided_by_another", decided | {"decided_by": made.asked_by}),
        ("goods_return_refusal_explained", decided | {"decision": "refused"}),
        ("goods_return_is_history", {"reason": "别的"}),
    ]:
        with refused_by(constraint):
            rows.update(**fields)
    with refused_by("goods_return_is_history"):
        rows._raw_delete("default")
    with refused_by("redemption_returned_by_two"):
        collected.update(status="returned")
    rows.update(**decided)
    with refused_by("goods_return_is_history"):
        rows.update(decision="refused", decision_reason="后悔了")
    collected.update(status="returned")
