"""Handing over, cancelling, lapsing: a redemption is settled once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.ledger import queries as ledger
from points.ledger.models import Lot
from points.market import errors, services
from points.market.choices import MoveKind, RedemptionStatus
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption
from tests.factories.accounts import make_actor
from tests.factories.market import (
    StoreFactory,
    clerk_of,
    make_clerk,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rice():
    return make_product(10, points=30)


@pytest.fixture
def volunteer():
    return make_redeemer(100)


@pytest.fixture
def redemption(volunteer, rice, now):
    return reserve(volunteer, rice, 2, at=now)


def still_reserved(redemption):
    held = Redemption.objects.get(pk=redemption.pk)
    batch = Batch.objects.get()
    return held.status == RedemptionStatus.RESERVED and (batch.on_hand, batch.reserved) == (10, 2)


def test_the_clerk_hands_over_and_points_are_spent(redemption, volunteer, rice, now):
    clerk = clerk_of(rice.store)

    services.collect(redemption_id=redemption.pk, code=redemption.code, actor=clerk, at=now)

    collected = Redemption.objects.get()
    balance = ledger.balance(volunteer, at=now)
    batch = Batch.objects.get()
    assert (collected.status, collected.collected_by_id) == (RedemptionStatus.COLLECTED, clerk.user_id)
    assert collected.collected_at == now
    assert (balance.available, balance.held) == (40, 0)
    assert (batch.on_hand, batch.reserved) == (8, 0)
    connection.check_constraints()


def test_the_code_alone_is_enough_and_any_spelling_will_do(redemption, rice, now):
    typed = f"{redemption.code[:5].lower()}-{redemption.code[5:]}"

    collected = services.collect(code=typed, actor=clerk_of(rice.store), at=now)

    assert collected.pk == redemption.pk


def test_the_issue_names_who_handed_it_over(redemption, rice, now):
    clerk = clerk_of(rice.store)

    services.collect(code=redemption.code, actor=clerk, at=now)

    move = StockMove.objects.get(kind=MoveKind.ISSUE)
    assert (move.quantity, move.made_by_id, move.redemption_id) == (2, clerk.user_id, redemption.pk)


def test_a_second_clerk_is_refused_and_nothing_moves_twice(redemption, volunteer, rice, now):
    services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)

    with pytest.raises(errors.RedemptionAlreadyCollected):
        services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)

    assert Batch.objects.get().on_hand == 8
    assert ledger.balance(volunteer, at=now).available == 40


def test_another_redemptions_code_is_refused(redemption, rice, now):
    other = reserve(make_redeemer(), rice, 1, at=now)

    with pytest.raises(errors.PickupCodeWrong):
        services.collect(redemption_id=redemption.pk, code=other.code, actor=clerk_of(rice.store), at=now)

    assert Redemption.objects.filter(status=RedemptionStatus.RESERVED).count() == 2


def test_a_clerk_of_another_store_does_not_find_it(redemption, now):
    elsewhere = clerk_of(StoreFactory.create())

    with pytest.raises(NotFound):
        services.collect(redemption_id=redemption.pk, code=redemption.code, actor=elsewhere, at=now)

    assert still_reserved(redemption)


@pytest.mark.parametrize("role", [Role.PLATFORM_ADMIN, Role.COMMUNITY_STAFF, Role.ORGANIZATION_MANAGER])
def test_only_clerks_hand_over(redemption, rice, now, role):
    scope = {Role.COMMUNITY_STAFF: "52", Role.ORGANIZATION_MANAGER: rice.store.organization_id}.get(role, "")

    with pytest.raises(Forbidden):
        services.collect(code=redemption.code, actor=make_actor(role, scope), at=now)

    assert still_reserved(redemption)


def test_a_volunteer_does_not_hand_over_to_themself(redemption, volunteer, now):
    with pytest.raises(Forbidden):
        services.collect(code=redemption.code, actor=Actor(user_id=volunteer.user_id), at=now)

    assert still_reserved(redemption)


def test_a_clerk_does_not_serve_themself(rice, now):
    clerk = make_clerk(rice.store)
    own = reserve(make_redeemer(user=clerk), rice, 2, at=now)
    actor = Actor(clerk.pk, frozenset({(Role.STORE_CLERK, "store", str(rice.store_id))}))

    with pytest.raises(errors.ClerkServesSelf):
        services.collect(code=own.code, actor=actor, at=now)

    assert still_reserved(own)


def test_too_late_is_refused_even_before_the_clock_has_noticed(redemption, rice, now):
    with pytest.raises(errors.RedemptionLapsed):
        services.collect(code=redemption.code, actor=clerk_of(rice.store), at=redemption.reserved_until)

    assert still_reserved(redemption)


def test_the_last_moment_is_in_time(redemption, rice):
    last = redemption.reserved_until - timedelta(microseconds=1)

    collected = services.collect(code=redemption.code, actor=clerk_of(rice.store), at=last)

    assert collected.status == RedemptionStatus.COLLECTED


def test_goods_are_handed_over_until_the_end_of_their_last_day(now):
    rice = make_product(3, expires_on=datetime(2026, 9, 15, tzinfo=UTC).date())
    redemption = reserve(make_redeemer(), rice, at=now)
    a_minute_to_midnight = datetime(2026, 9, 15, 15, 59, tzinfo=UTC)

    collected = services.collect(code=redemption.code, actor=clerk_of(rice.store), at=a_minute_to_midnight)

    assert collected.status == RedemptionStatus.COLLECTED


def test_cancelling_gives_points_back_to_their_lots_and_goods_to_the_shelf(redemption, volunteer, now):
    services.cancel(redemption_id=redemption.pk, actor=Actor(user_id=volunteer.user_id), at=now)

    balance = ledger.balance(volunteer, at=now)
    batch = Batch.objects.get()
    lot = Lot.objects.get()
    assert Redemption.objects.get().status == RedemptionStatus.CANCELLED
    assert (balance.available, balance.held) == (100, 0)
    assert (lot.amount, lot.remaining) == (100, 100)
    assert (batch.on_hand, batch.reserved) == (10, 0)
    connection.check_constraints()


def test_the_store_may_cancel_too_and_that_is_noted(redemption, rice, now):
    clerk = clerk_of(rice.store)

    services.cancel(redemption_id=redemption.pk, actor=clerk, at=now)

    entry = AuditEntry.objects.get(action="redemption.cancel")
    assert (entry.actor_id, entry.detail) == (clerk.user_id, {"own": False})


def test_a_stranger_does_not_find_it(redemption, now):
    with pytest.raises(NotFound):
        services.cancel(
            redemption_id=redemption.pk, actor=Actor(user_id=VolunteerFactory.create().user_id), at=now
        )

    assert still_reserved(redemption)


def test_cancelling_what_does_not_exist_is_not_found(now):
    with pytest.raises(NotFound):
        services.cancel(redemption_id=10**15, actor=Actor(user_id=1), at=now)


def test_what_was_collected_cannot_be_cancelled(redemption, volunteer, rice, now):
    services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)

    with pytest.raises(errors.RedemptionAlreadyCollected):
        services.cancel(redemption_id=redemption.pk, actor=Actor(user_id=volunteer.user_id), at=now)

    assert ledger.balance(volunteer, at=now).available == 40


def test_what_was_cancelled_cannot_be_collected(redemption, volunteer, rice, now):
    services.cancel(redemption_id=redemption.pk, actor=Actor(user_id=volunteer.user_id), at=now)

    with pytest.raises(errors.RedemptionCancelled):
        services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)

    assert Batch.objects.get().on_hand == 10


def test_what_nobody_collected_lapses(redemption, volunteer):
    lapsed = services.lapse_due(at=redemption.reserved_until)

    balance = ledger.balance(volunteer, at=redemption.reserved_until)
    assert lapsed == 1
    assert Redemption.objects.get().status == RedemptionStatus.LAPSED
    assert (balance.available, balance.held) == (100, 0)
    assert (Batch.objects.get().reserved, StockMove.objects.filter(kind=MoveKind.RELEASE).count()) == (0, 1)
    connection.check_constraints()


def test_lapsing_twice_changes_nothing_more(redemption):
    services.lapse_due(at=redemption.reserved_until)

    assert services.lapse_due(at=redemption.reserved_until) == 0
    assert StockMove.objects.filter(kind=MoveKind.RELEASE).count() == 1


def test_what_is_still_in_time_does_not_lapse(redemption):
    assert services.lapse_due(at=redemption.reserved_until - timedelta(seconds=1)) == 0
    assert still_reserved(redemption)


def test_what_lapsed_cannot_be_collected(redemption, rice):
    services.lapse_due(at=redemption.reserved_until)

    with pytest.raises(errors.RedemptionLapsed):
        services.collect(code=redemption.code, actor=clerk_of(rice.store), at=redemption.reserved_until)
