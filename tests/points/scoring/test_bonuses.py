"""Bonuses: the first service, months in a row; whatever the order in which records are approved."""

from datetime import date
from itertools import permutations

import pytest

from points.ledger import queries as ledger
from points.ledger.models import Transfer
from points.scoring import services
from points.scoring.bonus_models import BonusAward
from points.scoring.models import Award
from tests.factories.ledger import SATURDAY, account, give, hold, rules_in_force, serve, take_back
from tests.factories.regions import GUIYANG, GUIZHOU
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

ZUNYI = "520300000000"
BONUSES = {"first_service": 5, "months_in_a_row": [{"months": 2, "points": 3}, {"months": 3, "points": 10}]}
MONTHS = [date(2026, month, 12) for month in (6, 7, 8, 9)]


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def rules():
    return rules_in_force(bonuses=BONUSES)


def award(*records, at):
    return services.award_records(record_ids=[record.pk for record in records], at=at)


def reverse(*records, at):
    return services.reverse_records(record_ids=[take_back(record).pk for record in records], at=at)


def standing():
    """What counts: kind, month, points."""
    rows = BonusAward.objects.filter(taken_back_at=None).order_by("month", "kind")
    return [(row.kind, row.month and row.month.month, row.points) for row in rows]


def bonus_points(volunteer, at):
    """What the book holds beside the points of the records."""
    service = sum(Award.objects.filter(volunteer=volunteer).values_list("points", flat=True))
    return ledger.balance(volunteer, at=at).available - service


def test_the_first_service_ever_has_a_bonus_with_its_reason(zhang, rules, now):
    record = serve(60, volunteer=zhang)

    award(record, at=now)

    bonus = BonusAward.objects.get()
    assert (bonus.kind, bonus.record, bonus.points, bonus.rule_set) == ("first_service", record, 5, rules)
    assert bonus.transfer.key == f"bonus:{zhang.pk}:first"
    assert (bonus.transfer.source_id, bonus.transfer.rule_version) == (record.pk, "5201.1")
    assert bonus.transfer.sentence_zh == "首次服务（2026-09-12），奖励 5 积分。"
    assert bonus.transfer.sentence_en == "Bonus, first service (2026-09-12): 5 points."
    assert ledger.balance(zhang, at=now).available == 15


def test_months_in_a_row_have_theirs(zhang, rules, now):
    award(*[serve(60, volunteer=zhang, day=day) for day in MONTHS[:3]], at=now)

    assert standing() == [
        ("months_in_a_row", 7, 3),
        ("months_in_a_row", 8, 10),
        ("first_service", None, 5),
    ]
    assert Transfer.objects.get(key=f"bonus:{zhang.pk}:2026-08:row3").sentence_zh == (
        "连续第 3 个月服务（2026 年 8 月），奖励 10 积分。"
    )


def test_a_second_service_and_a_second_delivery_give_nothing_more(zhang, rules, now):
    first, second = serve(60, volunteer=zhang), serve(60, volunteer=zhang, hour=14)
    award(first, at=now)

    award(first, at=now)
    award(second, at=now)

    assert standing() == [("first_service", None, 5)]
    assert Transfer.objects.filter(key__startswith="bonus:").count() == 1


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_the_order_of_approval_changes_nothing_in_the_end(zhang, rules, now, order):
    records = [serve(60, volunteer=zhang, day=day) for day in MONTHS]

    for number in order:
        award(records[number], at=now)

    assert standing() == [
        ("months_in_a_row", 7, 3),
        ("months_in_a_row", 8, 10),
        ("first_service", None, 5),
    ]
    assert bonus_points(zhang, now) == 18


def test_an_earlier_month_approved_late_moves_a_bonus_and_takes_no_debt(zhang, rules, now):
    award(*[serve(60, volunteer=zhang, day=day) for day in MONTHS[1:3]], at=now)
    hold(zhang, 28, key="rice", at=now)  # everything: 2 × 10, 5 and 3

    award(serve(60, volunteer=zhang, day=MONTHS[0]), at=now)

    taken = Transfer.objects.get(key=f"bonus:{zhang.pk}:2026-08:row2:reversed")
    assert taken.sentence_zh == "连续第 2 个月服务（2026 年 8 月）的奖励因服务记录有变动，收回 3 积分。"
    assert bonus_points(zhang, now) + 28 == 18
    assert account(zhang).balance == 20


def test_a_bonus_goes_with_its_record(zhang, rules, now):
    record = serve(60, volunteer=zhang)
    award(record, at=now)

    reverse(record, at=now)

    assert (standing(), account(zhang).balance) == ([], 0)


def test_a_bonus_moves_to_a_record_that_still_counts(zhang, rules, now):
    records = [serve(60, volunteer=zhang), serve(60, volunteer=zhang, day=date(2026, 9, 20))]
    award(*records, at=now)

    reverse(records[0], at=now)

    assert standing() == [("first_service", None, 5)]
    bonus = BonusAward.objects.get(taken_back_at=None)
    assert (bonus.record, bonus.transfer.key) == (records[1], f"bonus:{zhang.pk}:first:again1")
    assert bonus_points(zhang, now) == 5


def test_a_bonus_stays_while_the_record_that_carries_it_counts(zhang, rules, now):
    records = [serve(60, volunteer=zhang), serve(60, volunteer=zhang, day=date(2026, 9, 20))]
    award(*records, at=now)

    reverse(records[1], at=now)

    assert BonusAward.objects.get().record == records[0]


def test_a_row_that_loses_its_middle_loses_what_came_of_it(zhang, rules, now):
    records = [serve(60, volunteer=zhang, day=day) for day in MONTHS]
    award(*records, at=now)

    reverse(records[1], at=now)

    assert standing() == [("months_in_a_row", 9, 3), ("first_service", None, 5)]


def test_what_comes_back_is_given_again_under_another_key(zhang, rules, now):
    for hour in (9, 12):
        record = serve(60, volunteer=zhang, hour=hour)
        award(record, at=now)
        reverse(record, at=now)
    award(serve(60, volunteer=zhang, hour=15), at=now)

    keys = Transfer.objects.filter(key__startswith=f"bonus:{zhang.pk}:first", kind="award").order_by("pk")
    assert [key.rsplit(":", 1)[1] for key in keys.values_list("key", flat=True)] == [
        "first",
        "again1",
        "again2",
    ]
    assert bonus_points(zhang, now) == 5


@pytest.mark.parametrize(
    ("minutes", "record"), [(60, {"manual": True}), (29, {}), (60, {"scheduled_minutes": 600})]
)
def test_what_cannot_earn_carries_no_bonus(zhang, rules, now, minutes, record):
    award(serve(minutes, volunteer=zhang, **record), at=now)

    assert (standing(), account(zhang).balance) == ([], 0)


def test_a_record_that_a_cap_left_nothing_of_is_service_all_the_same(zhang, now):
    rules_in_force(bonuses=BONUSES, caps={"lifetime": {"points": 10}})

    award(*[serve(60, volunteer=zhang, day=day) for day in MONTHS[:2]], at=now)

    assert standing() == [("months_in_a_row", 7, 3), ("first_service", None, 5)]


def test_nobody_owes_a_bonus_where_the_rules_do_not_let_them(zhang, now):
    rules_in_force(bonuses=BONUSES, clawback={"may_owe": False})
    record = serve(60, volunteer=zhang)
    award(record, at=now)
    hold(zhang, 15, key="rice", at=now)

    reverse(record, at=now)

    bonus = BonusAward.objects.get()
    assert (bonus.taken_back_at, bonus.taken_back, account(zhang).balance) == (now, None, 0)


def test_a_row_crosses_regions_and_each_month_has_the_rules_of_its_record(zhang, now):
    rules_in_force(region_code=GUIZHOU)
    rules_in_force(bonuses=BONUSES)
    elsewhere = serve(
        60, volunteer=zhang, day=MONTHS[1], attendance__shift__activity__site__region__code=ZUNYI
    )
    award(serve(60, volunteer=zhang, day=MONTHS[2]), at=now)
    before = standing()

    award(elsewhere, at=now)

    assert before == [("first_service", None, 5)]  # August was the first month known
    assert standing() == [
        ("months_in_a_row", 8, 3)
    ]  # the first service was where the rules give nothing for it


def test_without_rules_about_bonuses_there_are_none(zhang, now):
    rules_in_force(region_code=GUIYANG)

    award(*[serve(60, volunteer=zhang, day=day) for day in MONTHS], at=now)

    assert not BonusAward.objects.exists()


def test_bonuses_of_many_cost_as_many_statements_as_those_of_few(rules, now, django_assert_num_queries):
    award(serve(60), at=now)
    few, many = [serve(60) for _ in range(2)], [serve(60) for _ in range(12)]

    # Those of a batch without bonuses (16), then: months, rules, given before, accounts, issuance, locks,
    # known keys, the book, the bonuses.
    with django_assert_num_queries(25):
        award(*few, at=now)
    with django_assert_num_queries(25):
        award(*many, at=now)


def test_points_from_elsewhere_are_left_alone(zhang, rules, now):
    give(zhang, 7, key="gift", at=now)
    record = serve(60, volunteer=zhang, day=SATURDAY)
    award(record, at=now)

    reverse(record, at=now)

    assert account(zhang).balance == 7
