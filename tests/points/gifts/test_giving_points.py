"""Points are given away: to the pool, to one relative, within limits, for good."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from backend.core.errors import Invalid
from points.gifts import queries, services
from points.gifts.errors import (
    GiftNotAllowed,
    GiftOverMonthlyLimit,
    GiftTokenReused,
    GiftWhileOwing,
    RelativeMissing,
)
from points.gifts.models import Gift
from points.gifts.rules import TransferPolicy
from points.ledger import queries as ledger
from points.ledger.errors import InsufficientPoints
from points.ledger.models import AccountKind, Lot, Transfer
from tests.factories.gifts import gift_rules, relatives
from tests.factories.ledger import default_rules, give, hold, reverse
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 30, 4, tzinfo=UTC)


@pytest.fixture
def zhang():
    volunteer = VolunteerFactory(name="张晓明")
    give(volunteer, 25, key="june", at=NOON, expires_at=NOON + timedelta(days=100))
    give(volunteer, 35, key="december", at=NOON, expires_at=NOON + timedelta(days=300))
    return volunteer


@pytest.fixture
def daughter():
    return VolunteerFactory(name="张小雨")


def donate(volunteer, to, points, *, form="form", at=NOON):
    return services.give(volunteer=volunteer, to=to, points=points, token=form, at=at)


def available(volunteer, at=NOON):
    return ledger.balance(volunteer, at=at).available


def test_points_given_to_the_pool_leave_the_oldest_lots(zhang):
    default_rules()

    gift = donate(zhang, "pool", 30)

    assert available(zhang) == 30
    assert ledger.system_balance(AccountKind.CHARITY_POOL) == 30
    assert Transfer.objects.get(key=f"gift:{gift.pk}").sentence_zh == "捐入慈善积分池 30 积分。"
    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == [0, 30]
    connection.check_constraints()


def test_a_relative_gets_one_lot_with_the_earliest_expiry(zhang, daughter):
    gift_rules()
    relatives(zhang, daughter)

    donate(zhang, "relative", 30)

    lot = Lot.objects.get(account__volunteer=daughter)
    assert (lot.amount, lot.expires_at) == (30, NOON + timedelta(days=100))
    assert (available(zhang), available(daughter)) == (30, 30)
    assert ledger.statement(daughter).get().transfer.sentence_zh == "张*明 赠给亲属 张*雨 30 积分。"
    connection.check_constraints()


def test_a_gift_pays_what_the_relative_owes_first(zhang, daughter):
    gift_rules()
    relatives(zhang, daughter)
    award = give(daughter, 10, key="award", at=NOON)
    hold(daughter, 10, key="spent", at=NOON)
    reverse(award, key="wrong", at=NOON)

    donate(zhang, "relative", 30)

    assert available(daughter) == 20
    connection.check_constraints()


def test_sending_the_form_twice_gives_once(zhang):
    default_rules()

    first = donate(zhang, "pool", 30)

    assert donate(zhang, "pool", 30) == first
    assert available(zhang) == 30
    with pytest.raises(GiftTokenReused):
        donate(zhang, "pool", 20)
    assert Gift.objects.count() == 1


@pytest.mark.parametrize(("to", "points"), [("store", 5), ("pool", 0), ("pool", -5), ("pool", 10**7)])
def test_a_gift_has_a_side_and_a_positive_number(zhang, to, points):
    default_rules()

    with pytest.raises(Invalid):
        donate(zhang, to, points)


def test_nobody_gives_more_than_they_have(zhang):
    default_rules()

    with pytest.raises(InsufficientPoints):
        donate(zhang, "pool", 61)

    assert (available(zhang), Gift.objects.count()) == (60, 0)


def test_who_owes_points_gives_none(zhang):
    default_rules()
    hold(zhang, 60, key="spent", at=NOON)
    reverse(Transfer.objects.get(key="june"), key="wrong", at=NOON)

    with pytest.raises(GiftWhileOwing) as refusal:
        donate(zhang, "pool", 1)

    assert refusal.value.data == {"owed": 25}


@pytest.mark.parametrize("to", ["pool", "relative"])
def test_where_the_rules_say_nothing_of_it_nobody_gives(zhang, daughter, to):
    gift_rules({})
    relatives(zhang, daughter)

    with pytest.raises(GiftNotAllowed):
        donate(zhang, to, 1)


def test_where_there_are_no_rules_nobody_gives(zhang):
    with pytest.raises(GiftNotAllowed):
        donate(zhang, "pool", 1)


def test_a_relative_has_to_have_confirmed_and_not_to_have_ended(zhang, daughter):
    gift_rules()
    row = services.declare_relative(volunteer=zhang, number=daughter.number, relation="child", at=NOON)
    with pytest.raises(RelativeMissing):
        donate(zhang, "relative", 1)

    services.confirm_relative(relative_id=row.pk, by=daughter, at=NOON)
    services.end_relative(relative_id=row.pk, by=daughter, at=NOON)
    with pytest.raises(RelativeMissing):
        donate(zhang, "relative", 1)

    assert available(zhang) == 60


def test_a_relative_gets_so_many_a_month_and_more_in_the_next(zhang, daughter):
    gift_rules({"relative": {"monthly_points": 20}})
    relatives(zhang, daughter)
    donate(zhang, "relative", 15)

    with pytest.raises(GiftOverMonthlyLimit) as refusal:
        donate(zhang, "relative", 6, form="second")
    assert refusal.value.data == {"limit": 20, "left": 5}

    october = datetime(2026, 9, 30, 16, tzinfo=UTC)  # midnight in Shanghai
    donate(zhang, "relative", 20, form="third", at=october)
    assert available(daughter) == 35


@pytest.mark.parametrize(
    ("document", "policy"),
    [
        ({}, TransferPolicy()),
        ({"charity_pool": True}, TransferPolicy(charity_pool=True)),
        (
            {"charity_pool": True, "relative": {"monthly_points": 20}},
            TransferPolicy(charity_pool=True, relative=True, monthly_points=20),
        ),
    ],
)
def test_the_policy_is_a_part_of_the_rule_document(zhang, document, policy):
    gift_rules(document)

    assert queries.policy_for(zhang, at=NOON) == policy
