"""Shares of people and households, age, residence, the store's policy, and cheaper goods near expiry."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from backend.accounts.scopes import Role
from backend.core.errors import NotFound
from points.ledger import queries as ledger
from points.market import errors, queries, services
from points.market.models import Batch, Product, Store
from points.market.redemption_models import Redemption, RedemptionLine
from tests.factories.accounts import make_actor
from tests.factories.database import refused_by
from tests.factories.market import (
    ProductFactory,
    StoreFactory,
    clerk_of,
    deliver,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.relief import give_out, make_case, make_keeper
from tests.factories.volunteers import make_household

pytestmark = pytest.mark.django_db


def test_those_who_live_together_share_what_a_household_may_have(now):
    rice = make_product(20, person_limit=3, household_limit=4)
    mother, son, neighbour = make_redeemer(), make_redeemer(), make_redeemer()
    home = make_household(mother, son)
    first = reserve(mother, rice, 3, at=now)

    with pytest.raises(errors.HouseholdLimitReached) as refused:
        reserve(son, rice, 2, at=now)

    assert str(refused.value) == "“大米”超过每户的份额：本月您家还可换 1 袋（共 4）。"
    assert (first.household, Redemption.objects.count()) == (home, 1)
    (item,) = queries.shelf(rice.store, son, now)
    assert (item.person_left, item.household_left) == (3, 1)
    assert item.limit_sentence == "本月还可换 3 袋（共 3）；本月您家还可换 1 袋（共 4）"
    assert reserve(son, rice, 1, at=now).household == home
    (item,) = queries.shelf(rice.store, son, now)
    assert (item.household_left, item.reasons) == (0, ("您的份额已经换完",))
    assert reserve(neighbour, rice, 3, at=now).household is None


def test_what_a_household_got_for_need_is_beside_its_share(now):
    rice, volunteer = make_product(10, household_limit=1), make_redeemer()
    home = make_household(volunteer)
    keeper = make_keeper()
    give_out(make_case(keeper, home), rice, keeper=keeper, at=now)

    reserve(volunteer, rice, at=now)

    with pytest.raises(errors.HouseholdLimitReached):
        reserve(volunteer, rice, at=now)


def test_each_product_counts_in_its_own_period(now):
    last_week, sunday = now - timedelta(days=7), datetime(2026, 9, 13, 15, 59, tzinfo=UTC)
    volunteer, store = make_redeemer(), StoreFactory.create()
    weekly, monthly, ever = (
        make_product(9, store=store, name=period, person_limit=1, limit_period=period)
        for period in ("week", "month", "ever")
    )
    for product, at in ((weekly, sunday), (monthly, last_week), (ever, last_week - timedelta(days=3))):
        reserve(volunteer, product, at=at)

    left = {item.product.name: item.person_left for item in queries.shelf(store, volunteer, now)}

    assert left == {"week": 1, "month": 0, "ever": 0}
    reserve(volunteer, weekly, at=now)
    for product in (monthly, ever):
        with pytest.raises(errors.PersonLimitReached):
            reserve(volunteer, product, at=now)


def test_a_product_may_be_for_grown_ups_and_for_the_people_around(now):
    today = localdate(now)
    store = StoreFactory.create()
    wine = make_product(5, store=store, name="料酒", minimum_age=18)
    rice = make_product(5, store=store, residents_only=store.region_id)
    almost = make_redeemer(birth_date=today.replace(year=today.year - 18) + timedelta(days=1))
    grown = make_redeemer(birth_date=today.replace(year=today.year - 18))
    stranger = make_redeemer(region=RegionFactory.create(code=CHENGDU_JINJIANG))

    with pytest.raises(errors.TooYoungForProduct) as young:
        reserve(almost, wine, at=now)
    with pytest.raises(errors.ResidentsOnly) as far:
        reserve(stranger, rice, at=now)

    assert str(young.value) == "“料酒”要满 18 周岁才能兑换。"
    assert str(far.value) == "“大米”仅限本社区居民，您登记的住址不在这里。"
    assert not Redemption.objects.exists()
    reasons = {
        who: {item.product.name: item.reasons for item in queries.shelf(store, person, now, spendable=4)}
        for who, person in {"almost": almost, "stranger": stranger}.items()
    }
    short = "余额不足，还差 6 分"
    assert reasons == {
        "almost": {"料酒": ("满 18 周岁可换", short), "大米": (short,)},
        "stranger": {"料酒": (short,), "大米": ("仅限本社区居民", short)},
    }
    assert {reserve(grown, wine, at=now).points, reserve(grown, rice, at=now).points} == {10}


def test_a_store_may_ask_for_a_balance_and_serve_so_many_times(now):
    rice = make_product(9, store__minimum_balance=50, store__most_redemptions=1)
    poor, rich = make_redeemer(49), make_redeemer(50)

    with pytest.raises(errors.BalanceBelowMinimum) as refused:
        reserve(poor, rice, at=now)
    reserve(rich, rice, at=now)
    with pytest.raises(errors.TooManyRedemptions) as again:
        reserve(rich, rice, at=now)

    assert refused.value.data["missing"] == 1
    assert again.value.data["most"] == 1
    told = [services.why_not(volunteer=each, store=rice.store, at=now) for each in (poor, rich)]
    assert [type(each) for each in told] == [errors.BalanceBelowMinimum, errors.TooManyRedemptions]
    assert services.why_not(volunteer=make_redeemer(50), store=rice.store, at=now) is None
    assert (Redemption.objects.count(), ledger.balance(poor, at=now).available) == (1, 49)


def test_goods_near_expiry_are_cheaper_and_stand_on_a_line_of_their_own(now):
    store = StoreFactory.create(near_expiry_days=3, near_expiry_percent=75)
    milk = make_product(2, store=store, expires_on=date(2026, 9, 18))
    deliver(milk, 5, expires_on=date(2026, 9, 19))
    volunteer = make_redeemer()

    (item,) = queries.shelf(store, volunteer, now)
    quote = services.quote(
        volunteer=volunteer, store_id=store.pk, lines=[services.LineInput(milk.pk, 3)], at=now
    )
    redemption = reserve(volunteer, milk, 3, at=now)

    assert item.discount is not None
    assert (item.discount.points, item.discount.quantity, item.cheapest) == (8, 2, 8)
    assert item.discount.sentence == "临期 7.5 折，还有 3 天"
    assert [(line.unit_points, line.quantity) for line in quote.lines] == [(8, 2), (10, 1)]
    lines = redemption.lines.order_by("unit_points").values_list("unit_points", "quantity")
    assert (redemption.points, list(lines)) == (26, [(8, 2), (10, 1)])
    assert ledger.balance(volunteer, at=now).held == 26
    (item,) = queries.shelf(store, None, now)
    assert item.discount is None


def test_nobody_pays_more_than_they_were_shown(now):
    rice, volunteer = make_product(9), make_redeemer()
    asked = {"volunteer": volunteer, "store_id": rice.store_id, "lines": [services.LineInput(rice.pk, 2)]}
    Product.objects.update(points=11)

    with pytest.raises(errors.PriceRose) as refused:
        services.reserve(**asked, expected_points=20, at=now)

    assert refused.value.data == {"points": 22}
    assert not Redemption.objects.exists()
    redemption = services.reserve(**asked, expected_points=30, at=now)
    assert redemption.points == 22
    with refused_by("redemption_line_price_within"):
        RedemptionLine.objects.create(redemption=redemption, product=rice, quantity=1, unit_points=12)


def test_the_keeper_sets_terms_barcodes_and_policy_and_nonsense_is_refused(now):
    store = StoreFactory.create()
    clerk = clerk_of(store)
    asked = {"store": store, "name": "米", "unit": "袋", "category": "food", "points": 5, "actor": clerk}

    made = services.create_product(
        **asked, at=now, barcode=" 690 1234 567892", residents_only="520102000000", household_limit=2
    )

    assert (made.barcode, made.residents_only) == ("6901234567892", "520102")
    for refusal, wrong in [
        (errors.BarcodeInvalid, {"barcode": "6901234567891"}),
        (errors.BarcodeInvalid, {"barcode": "<b>\x00"}),
        (errors.BarcodeInvalid, {"barcode": "9" * 4000}),
        (errors.ProductTermsInvalid, {"residents_only": "5101"}),
    ]:
        with pytest.raises(refusal):
            services.create_product(**asked, at=now, **wrong)
    with pytest.raises(errors.BarcodeTaken):
        services.draw_barcode(product_id=made.pk, actor=clerk, at=now)
    bare = ProductFactory.create(store=store)
    with pytest.raises(NotFound):
        services.draw_barcode(product_id=bare.pk, actor=clerk_of(StoreFactory.create()), at=now)
    assert services.draw_barcode(product_id=bare.pk, actor=clerk, at=now).barcode[0] == "2"

    figures = {
        "minimum_balance": 10,
        "most_redemptions": 2,
        "redemptions_period": "week",
        "near_expiry_days": 7,
        "near_expiry_percent": 50,
    }
    with pytest.raises(errors.StorePolicyInvalid):
        services.set_policy(store_id=store.pk, actor=clerk, at=now, **(figures | {"minimum_balance": 10**9}))
    with pytest.raises(NotFound):
        services.set_policy(
            store_id=store.pk, actor=make_actor(Role.COMMUNITY_STAFF, "51"), at=now, **figures
        )
    services.set_policy(store_id=store.pk, actor=clerk, at=now, **figures)
    assert Store.objects.filter(pk=store.pk, **figures).exists()


def test_limits_cost_statements_only_where_there_are_any(now):
    plain, shared = make_product(9), make_product(9, household_limit=9)
    lonely, member = make_redeemer(), make_redeemer()
    make_household(member)
    reserve(make_redeemer(), make_product(), at=now)  # opens the ledger's system accounts

    def cost(volunteer, product):
        with CaptureQueriesContext(connection) as statements:
            reserve(volunteer, product, at=now)
        return len(statements)

    bare = cost(lonely, plain)
    assert [cost(member, plain), cost(lonely, shared), cost(member, shared)] == [bare, bare + 1, bare + 2]
    assert Batch.objects.get(product=shared).reserved == 2
