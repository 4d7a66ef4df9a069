"""Who takes goods home: a volunteer for points, or a household in difficulty; never the clerk themself."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Actor
from points.market import services
from points.market.choices import Channel, Confirmation, MoveKind, RedemptionStatus
from points.market.errors import ClerkServesSelf
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption
from tests.factories.accounts import UserFactory
from tests.factories.database import refused_by
from tests.factories.market import clerk_of, make_clerk, make_product, make_redeemer, reserve
from tests.factories.relief import of_the_list
from tests.factories.volunteers import VolunteerFactory, make_household
from volunteers.people.household_models import HouseholdMember

pytestmark = pytest.mark.django_db


def row(now, **fields):
    product = make_product()
    return Redemption(
        **{
            "store": product.store,
            "code": "ABCDEFGHJK",
            "points": 0,
            "created_at": now,
            "reserved_until": now + timedelta(days=1),
            **fields,
        }
    )


def test_goods_cost_points_or_go_to_a_household_in_need(now):
    volunteer, household, clerk = make_redeemer(), make_household(), UserFactory()
    rows = {
        "nobody": row(now),
        "a volunteer for nothing": row(now, volunteer=volunteer),
        "a household that pays": row(now, household=household, points=5, channel=Channel.RELIEF),
        "a volunteer on the relief list": row(now, volunteer=volunteer, points=5, channel=Channel.RELIEF),
    }

    for each in rows.values():
        with refused_by("redemption_points_or_need"):
            each.save()
    given = row(now, household=household, channel=Channel.RELIEF)
    given.save()
    of_the_list(given, at=now)
    started = row(now, volunteer=volunteer, points=5, channel=Channel.COUNTER, code="KJHGFEDCBA")
    with refused_by("redemption_counter_confirmed"):
        started.save()
    started.started_by = clerk
    started.save()


def test_what_a_clerk_started_is_handed_over_once_it_is_confirmed_by_somebody(now):
    clerk = UserFactory()
    started = row(now, volunteer=make_redeemer(), points=5, channel=Channel.COUNTER, started_by=clerk)
    started.save()
    rows = Redemption.objects.filter(pk=started.pk)
    taken = {
        "status": RedemptionStatus.COLLECTED,
        "collected_at": now,
        "settled_at": now,
        "collected_by": clerk,
    }
    confirmed = {"confirmation": Confirmation.SECOND_PERSON, "confirmed_at": now, "confirmed_by": clerk}

    with refused_by("redemption_counter_confirmed"):
        rows.update(**taken)
    with refused_by("redemption_confirmed_by_another"):
        rows.update(**confirmed)
    with refused_by("redemption_confirmed_by_someone"):
        rows.update(confirmed_at=now)
    rows.update(**{**confirmed, "confirmed_by": UserFactory()})
    with refused_by("redemption_status_moves"):
        rows.update(confirmed_by=UserFactory())
    rows.update(**taken)


def test_a_clerk_serves_neither_themself_nor_whom_they_live_with(now):
    rice = make_product()
    clerk = make_clerk(rice.store)
    mother = make_redeemer()
    make_household(mother, VolunteerFactory(user=clerk))
    redemption = reserve(mother, rice, at=now)
    actor = Actor(user_id=clerk.pk, grants=clerk_of(rice.store).grants)

    with pytest.raises(ClerkServesSelf):
        services.collect(code=redemption.code, actor=actor, at=now)
    direct = Redemption.objects.filter(pk=redemption.pk)
    with refused_by("redemption_not_self_served"):
        direct.update(status=RedemptionStatus.COLLECTED, collected_at=now, settled_at=now, collected_by=clerk)

    HouseholdMember.objects.filter(volunteer=mother).update(left_at=now)
    with pytest.raises(ClerkServesSelf):  # the goods are still those of the home she reserved them from
        services.collect(code=redemption.code, actor=actor, at=now)
    HouseholdMember.objects.filter(left_at=None).update(left_at=now)
    services.collect(code=redemption.code, actor=actor, at=now)


def test_nobody_lives_in_two_households_and_who_lived_where_stays_written(now):
    person = VolunteerFactory()
    make_household(person)

    with refused_by("household_one_home"):
        make_household(person)
    lived = HouseholdMember.objects.filter(volunteer=person)
    with refused_by("household_member_is_history"):
        lived.delete()
    with refused_by("household_member_is_history"):
        lived.update(joined_at=now)
    with refused_by("household_left_after_joined"):
        lived.update(left_at=now - timedelta(days=9999))


def test_only_what_was_handed_over_comes_back(now):
    rice = make_product()
    redemption = reserve(make_redeemer(), rice, at=now)
    batch = Batch.objects.get(product=rice)
    with refused_by("batch_root_is_another"):
        Batch.objects.create(pk=1_000_000, root_id=1_000_000, store=rice.store, product=rice, received_at=now)
    with refused_by("redemption_channel_known"):
        row(now, volunteer=make_redeemer(), points=5, channel="dream").save()
    back = StockMove(batch=batch, kind=MoveKind.RETURN, quantity=1, redemption=redemption, at=now)

    with refused_by("stock_return_of_issue"):
        back.save()
    services.collect(code=redemption.code, actor=clerk_of(rice.store), at=now)
    back.save()
    batch.refresh_from_db()
    assert (batch.on_hand, batch.reserved) == (10, 0)
