"""Caps over days, months, years and lifetimes, in the book: in any order, and when something is reversed."""

from datetime import date
from itertools import permutations

import pytest

from points.ledger import queries as ledger
from points.ledger.lots import NEVER
from points.ledger.models import Lot, Transfer
from points.scoring import services
from points.scoring.models import Award
from tests.factories.ledger import hold, rules_in_force, serve, take_back
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

HUNDRED_A_MONTH = {"day": {"minutes": 480}, "month": {"points": 100}}


@pytest.fixture
def zhang():
    return VolunteerFactory()


def september(day):
    return date(2026, 9, day)


def award(*records, at):
    return services.award_records(record_ids=[record.pk for record in records], at=at)


def reverse(record, at):
    return services.reverse_records(record_ids=[take_back(record).pk], at=at)


def points_of(volunteer, at):
    return ledger.balance(volunteer, at=at).available


def awarded(*records):
    """What each record has earned over all its rows."""
    return [sum(Award.objects.filter(record=record).values_list("points", flat=True)) for record in records]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_month_ends_with_the_same_points_in_whatever_order_it_is_approved(zhang, now, order):
    rules_in_force(caps=HUNDRED_A_MONTH)
    records = [
        serve(minutes, volunteer=zhang, day=september(day)) for minutes, day in ((480, 1), (300, 2), (60, 3))
    ]

    for number in order:
        award(records[number], at=now)

    assert points_of(zhang, now) == 100


def test_a_cap_holds_within_one_batch_and_ends_with_its_month(zhang, now):
    rules_in_force(caps=HUNDRED_A_MONTH)
    first, second = (serve(480, volunteer=zhang, day=september(day)) for day in (1, 2))
    october = serve(480, volunteer=zhang, day=date(2026, 10, 1))

    award(first, second, october, at=now)

    assert awarded(first, second, october) == [80, 20, 80]
    told = Transfer.objects.get(source_id=second.pk).sentence_zh
    assert told == "图书整理 8 小时，每小时 10 分，当月累计以 100 分为限，计 20 积分。"


def test_year_and_lifetime_look_back_over_what_was_awarded_before(zhang, now):
    rules_in_force(caps={"year": {"points": 100}, "lifetime": {"points": 150}})
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 1), date(2026, 9, 1)]
    records = [serve(480, volunteer=zhang, day=day) for day in days]

    for record in records:
        award(record, at=now)

    assert awarded(*records) == [80, 70, 0, 0]


def test_the_cap_of_one_volunteer_is_nothing_to_another(zhang, now):
    rules_in_force(caps={"lifetime": {"points": 50}})
    other = VolunteerFactory()

    award(serve(480, volunteer=zhang), serve(480, volunteer=other), at=now)

    assert (points_of(zhang, now), points_of(other, now)) == (50, 50)


def test_sums_over_years_are_one_query_and_only_where_a_cap_asks(zhang, now, django_assert_num_queries):
    rules_in_force(caps=HUNDRED_A_MONTH)
    award(serve(volunteer=zhang), at=now)

    more = [serve(), serve()]

    # One more than without: tests/points/scoring/test_awarding.py
    with django_assert_num_queries(17):
        award(*more, at=now)


def test_room_in_the_month_goes_to_records_of_other_days(zhang, now):
    rules_in_force(caps=HUNDRED_A_MONTH)
    records = [serve(480, volunteer=zhang, day=september(day)) for day in (1, 2, 3)]
    award(*records, at=now)
    assert awarded(*records) == [80, 20, 0]

    reverse(records[0], now)

    assert awarded(*records) == [0, 80, 20]
    assert points_of(zhang, now) == 100
    told = Transfer.objects.get(key__contains=":after:", source_id=records[1].pk).sentence_zh
    assert told == "图书整理 8 小时：其他日期的一条记录撤销后，补计 60 积分。"


def test_room_in_a_lifetime_goes_to_records_of_other_years(zhang, now):
    rules_in_force(caps={"lifetime": {"points": 90}})
    old, new = serve(480, volunteer=zhang, day=date(2024, 5, 1)), serve(480, volunteer=zhang)
    award(old, new, at=now)

    reverse(old, now)

    assert awarded(old, new) == [0, 80]


def test_room_is_given_only_up_to_every_cap(zhang, now):
    rules_in_force(caps={"day": {"minutes": 480}, "month": {"points": 100}, "year": {"points": 120}})
    august = serve(480, volunteer=zhang, day=date(2026, 8, 1))
    records = [serve(480, volunteer=zhang, day=september(day)) for day in (1, 2)]
    award(august, *records, at=now)
    assert awarded(august, *records) == [80, 40, 0]

    reverse(august, now)

    assert awarded(august, *records) == [0, 80, 20]


def test_the_totals_after_a_reversal_are_those_of_the_records_that_are_left(zhang, now):
    rules_in_force(caps=HUNDRED_A_MONTH)
    gone, *left = (
        serve(minutes, volunteer=zhang, day=september(1), hour=hour)
        for minutes, hour in ((300, 0), (240, 6), (240, 12))
    )
    award(gone, *left, at=now)

    reverse(gone, now)

    assert (sum(awarded(*left)), points_of(zhang, now)) == (80, 80)


def test_a_reversal_takes_what_is_left_where_nobody_may_owe(zhang, now):
    rules_in_force(clawback={"may_owe": False})
    record = serve(volunteer=zhang)
    award(record, at=now)
    hold(zhang, 20, key="hold", at=now)

    reverse(record, now)

    assert points_of(zhang, now) == 0
    assert list(Award.objects.order_by("pk").values_list("kind", "points")) == [
        ("service", 25),
        ("reversal", -5),
    ]


def test_a_reversal_of_what_was_all_spent_is_noted_where_nobody_may_owe(zhang, now):
    rules_in_force(clawback={"may_owe": False})
    record = serve(volunteer=zhang)
    award(record, at=now)
    hold(zhang, 25, key="hold", at=now)

    assert (reverse(record, now), reverse_again(record, now)) == (1, 0)

    assert points_of(zhang, now) == 0
    assert Award.objects.get(kind="reversal").transfer is None


def reverse_again(record, at):
    return services.reverse_records(record_ids=[record.pk], at=at)


def test_points_may_never_expire(zhang, now):
    rules_in_force(expiry={"policy": "never"})
    award(serve(volunteer=zhang), at=now)

    assert Lot.objects.get().expires_at == NEVER
    balance = ledger.balance(zhang, at=now)
    assert (balance.available, balance.next_expiry, balance.next_expiry_points) == (25, None, 0)


def test_points_that_expire_are_spent_before_those_that_never_do(zhang, now):
    made = rules_in_force(expiry={"policy": "never"})
    award(serve(volunteer=zhang), at=now)
    type(made).objects.filter(pk=made.pk).update(status="retired")
    rules_in_force(version=2)
    award(serve(volunteer=zhang, day=september(13)), at=now)

    hold(zhang, 30, key="hold", at=now)

    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == [20, 0]
