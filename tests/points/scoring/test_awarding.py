"""Approved records become points: once, whatever is delivered twice, and never above the day's cap."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.accounts.scopes import Role
from points.ledger import queries as ledger
from points.ledger.models import Lot, Transfer
from points.scoring import services
from points.scoring.errors import RuleSetMissing
from points.scoring.models import Award
from points.scoring.presets import DEFAULT_DOCUMENT
from tests.factories.accounts import make_actor
from tests.factories.ledger import (
    SATURDAY,
    account,
    default_rules,
    give,
    hold,
    rules_in_force,
    serve,
    take_back,
)
from tests.factories.regions import GUIYANG, GUIZHOU, RegionFactory
from tests.factories.tickets import ObjectionFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.records.models import ServiceRecord
from volunteers.records.objections import dismiss, uphold

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def rules():
    return default_rules()


def award(*records: ServiceRecord, at):
    return services.award_records(record_ids=[record.pk for record in records], at=at)


def reverse(*records: ServiceRecord, at):
    return services.reverse_records(record_ids=[record.pk for record in records], at=at)


def points_of(volunteer, at):
    return ledger.balance(volunteer, at=at).available


def test_a_contested_record_earns_nothing_until_its_objection_is_dismissed(zhang, rules, now):
    record = serve(150, volunteer=zhang)
    objection = ObjectionFactory(attendance=record.attendance, record=record)
    held_back = award(record, at=now)

    dismiss(objection_id=objection.pk, actor=make_actor(Role.COMMUNITY_STAFF, "5201"), reason="在场", at=now)

    assert (held_back, award(record, at=now), award(record, at=now)) == (0, 1, 0)
    assert points_of(zhang, now) == 25


def test_what_was_awarded_before_an_objection_stays_until_it_is_upheld(zhang, rules, now):
    record = serve(150, volunteer=zhang)
    award(record, at=now)
    objection = ObjectionFactory(attendance=record.attendance, record=record)
    meanwhile = points_of(zhang, now)

    uphold(objection_id=objection.pk, actor=make_actor(Role.COMMUNITY_STAFF, "5201"), reason="没来", at=now)
    reverse(record, at=now)

    assert (meanwhile, points_of(zhang, now)) == (25, 0)


def test_two_and_a_half_hours_earn_twenty_five_points_with_their_reason(zhang, rules, now):
    record = serve(150, volunteer=zhang)

    assert award(record, at=now) == 1

    made = Award.objects.get()
    assert (made.points, made.minutes_counted, made.rule_set) == (25, 150, rules)
    assert made.transfer.key == f"record:{record.pk}:v5201.1"
    assert made.transfer.sentence_zh == "图书整理 2 小时 30 分，每小时 10 分，计 25 积分。"
    assert made.breakdown == {
        "lines": [
            {"code": "base", "points": 25, "zh": "2 小时 30 分 × 10/小时", "en": "2 h 30 min × 10 an hour"}
        ],
        "zh": "图书整理 2 小时 30 分，每小时 10 分，计 25 积分。",
        "en": "图书整理: 2 h 30 min, 10 points an hour: 25 points.",
    }
    assert points_of(zhang, now) == 25


def test_points_expire_at_the_end_of_the_second_calendar_year(zhang, rules, now):
    award(serve(volunteer=zhang), at=now)

    assert Lot.objects.get().expires_at == datetime(2027, 12, 31, 16, tzinfo=UTC)


def test_the_calendar_year_is_the_one_in_guiyang(zhang, rules):
    award(serve(volunteer=zhang), at=datetime(2026, 12, 31, 16, tzinfo=UTC))

    assert Lot.objects.get().expires_at == datetime(2028, 12, 31, 16, tzinfo=UTC)


def test_the_same_record_is_awarded_once(zhang, rules, now):
    record = serve(volunteer=zhang)

    assert [award(record, at=now), award(record, at=now), award(record, record, at=now)] == [1, 0, 0]
    assert points_of(zhang, now) == 25
    assert Award.objects.count() == 1


def test_a_record_listed_twice_in_a_batch_is_awarded_once(zhang, rules, now):
    record = serve(volunteer=zhang)

    assert award(record, record, at=now) == 1
    assert points_of(zhang, now) == 25


def test_unknown_records_are_passed_over(rules, now):
    assert services.award_records(record_ids=[404], at=now) == 0


def test_a_batch_of_many_volunteers_takes_as_many_statements_as_one_of_few(
    rules, now, django_assert_num_queries
):
    few = [serve() for _ in range(2)]
    many = [serve() for _ in range(12)]
    award(serve(), at=now)  # the issuance account is there from now on

    # In this order: savepoint, owners, their accounts (locked, looked for, opened, found, locked), records,
    # rules, what the day has earned, issuance, known keys, the book, the awards, whether any rules have
    # bonuses, end of the savepoint.
    with django_assert_num_queries(16):
        award(*few, at=now)
    with django_assert_num_queries(16):
        award(*many, at=now)


def test_the_daily_cap_is_merged_over_the_records_of_a_day(zhang, rules, now):
    morning = serve(300, volunteer=zhang, hour=8)
    evening = serve(300, volunteer=zhang, hour=14)
    next_day = serve(60, volunteer=zhang, day=date(2026, 9, 13))

    award(morning, evening, next_day, at=now)

    assert list(Award.objects.order_by("record_id").values_list("points", "minutes_counted")) == [
        (50, 300),
        (30, 180),
        (10, 60),
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_day_is_worth_the_same_in_whatever_order_it_is_approved(zhang, rules, now, order):
    records = [
        serve(290, volunteer=zhang, hour=6),
        serve(200, volunteer=zhang, hour=12),
        serve(75, volunteer=zhang, hour=18),
    ]

    for number in order:
        award(records[number], at=now)

    assert points_of(zhang, now) == 80


def test_the_cap_of_one_volunteer_is_nothing_to_another(zhang, rules, now):
    other = VolunteerFactory()
    award(serve(480, volunteer=zhang), serve(480, volunteer=other), at=now)

    assert (points_of(zhang, now), points_of(other, now)) == (80, 80)


def test_hours_entered_by_hand_are_noted_without_points(zhang, rules, now):
    award(serve(volunteer=zhang, manual=True), at=now)

    made = Award.objects.get()
    assert (made.points, made.transfer) == (0, None)
    assert made.breakdown["lines"][0]["code"] == "manual"
    assert Transfer.objects.count() == 0


def test_the_category_of_the_activity_can_weigh_more(zhang, now):
    RegionFactory(code=GUIYANG)
    made = default_rules(GUIZHOU)
    document = {
        **DEFAULT_DOCUMENT,
        "multipliers": [
            {
                "basis_points": 15_000,
                "label": {"zh": "卫生健康", "en": "health"},
                "when": {"categories": ["health"]},
            }
        ],
    }
    type(made).objects.create(
        region_id=GUIYANG,
        version=1,
        effective_from=SATURDAY,
        status="active",
        document=document,
        created_at=now,
    )

    award(serve(60, volunteer=zhang), at=now)

    assert points_of(zhang, now) == 15
    assert Transfer.objects.get().rule_version == "5201.1"


@pytest.mark.parametrize(
    ("when", "points"),
    [
        ({"recipients": ["patients"]}, 20),
        ({"recipients": ["taxpayers"]}, 10),
        ({"activity_types": ["emergency"]}, 10),
        ({"days": ["weekend"]}, 20),
        ({"days": ["holiday"]}, 10),
        ({"night": True}, 15),
        ({"difficulty": [2]}, 20),
        ({"difficulty": [1, 3]}, 10),
        ({"skilled": True}, 20),
        ({"organizer": True}, 10),
    ],
)
def test_what_is_known_of_a_record_decides_about_its_factors(zhang, now, when, points):
    doubled = {"basis_points": 20_000, "label": {"zh": "加倍", "en": "double"}, "when": when}
    rules_in_force(multipliers=[doubled], night={"from": "20:30", "until": "06:00"})

    award(serve(60, volunteer=zhang, day=SATURDAY, hour=20, difficulty=2, skilled=True), at=now)

    assert points_of(zhang, now) == points


def test_a_record_of_too_little_of_its_shift_earns_nothing(zhang, rules, now):
    starts_at = datetime(2026, 9, 12, 1, tzinfo=UTC)
    shift = {
        "attendance__shift__ends_at": starts_at + timedelta(hours=5),
        "attendance__shift__break_minutes": 60,
    }
    award(serve(143, volunteer=zhang, **shift), at=now)
    assert Award.objects.get().breakdown["lines"][0]["code"] == "short_attendance"

    award(serve(144, volunteer=zhang, day=date(2026, 9, 13), **next_day(shift)), at=now)

    assert points_of(zhang, now) == 20


def next_day(shift):
    ends_at = "attendance__shift__ends_at"
    return {**shift, ends_at: shift[ends_at] + timedelta(days=1)}


def test_a_region_without_rules_is_an_error_and_nothing_of_the_batch_is_written(zhang, rules, now):
    elsewhere = serve(region=RegionFactory(code="510104000000"))

    with pytest.raises(RuleSetMissing):
        award(serve(volunteer=zhang), elsewhere, at=now)

    assert Award.objects.count() == 0
    assert Transfer.objects.count() == 0


def test_a_reversed_record_gives_its_points_back(zhang, rules, now):
    record = serve(volunteer=zhang)
    award(record, at=now)

    assert reverse(take_back(record), at=now) == 1

    assert points_of(zhang, now) == 0
    assert list(Award.objects.order_by("pk").values_list("kind", "points", "minutes_counted")) == [
        ("service", 25, 150),
        ("reversal", -25, -150),
    ]
    assert Transfer.objects.get(kind="reversal").sentence_zh == (
        "服务记录已撤销：图书整理 2 小时 30 分，收回 25 积分。"
    )


def test_a_reversal_may_be_named_by_the_record_it_takes_back(zhang, rules, now):
    record = serve(volunteer=zhang)
    award(record, at=now)
    take_back(record)

    assert [reverse(record, at=now), reverse(record, at=now)] == [1, 0]
    assert points_of(zhang, now) == 0


def test_a_record_that_is_not_reversed_keeps_its_points(zhang, rules, now):
    record = serve(volunteer=zhang)
    award(record, at=now)

    assert reverse(record, at=now) == 0
    assert points_of(zhang, now) == 25


def test_a_record_reversed_before_it_was_awarded_never_earns(zhang, rules, now):
    record = serve(volunteer=zhang)
    reversal = take_back(record)

    assert reverse(reversal, at=now) == 0
    assert award(record, at=now) == 0
    assert Transfer.objects.count() == 0


def test_points_of_a_reversed_record_that_were_spent_are_owed(zhang, rules, now):
    record = serve(volunteer=zhang)
    award(record, at=now)
    hold(zhang, 20, key="hold", at=now)

    reverse(take_back(record), at=now)

    assert points_of(zhang, now) == -20


def test_a_reversed_record_without_points_is_noted(zhang, rules, now):
    record = serve(20, volunteer=zhang)
    award(record, at=now)

    assert reverse(take_back(record), at=now) == 1
    assert list(Award.objects.order_by("pk").values_list("kind", "points")) == [
        ("service", 0),
        ("reversal", 0),
    ]


def test_room_under_the_cap_goes_to_the_other_records_of_the_day(zhang, rules, now):
    long_day = serve(480, volunteer=zhang, hour=6)
    evening = serve(60, volunteer=zhang, hour=18)
    award(long_day, evening, at=now)
    assert points_of(zhang, now) == 80

    reverse(take_back(long_day), at=now)

    assert points_of(zhang, now) == 10
    supplement = Award.objects.get(kind="supplement")
    assert (supplement.record, supplement.points, supplement.minutes_counted) == (evening, 10, 60)
    assert supplement.transfer.sentence_zh == "图书整理 1 小时：当日另一条记录撤销后，补计 10 积分。"


def test_records_the_cap_had_not_cut_get_nothing_more(zhang, rules, now):
    morning, evening = serve(60, volunteer=zhang, hour=6), serve(60, volunteer=zhang, hour=18)
    award(morning, evening, at=now)

    reverse(take_back(morning), at=now)

    assert points_of(zhang, now) == 10
    assert not Award.objects.filter(kind="supplement").exists()


def test_a_supplement_is_taken_back_with_its_record(zhang, rules, now):
    long_day = serve(480, volunteer=zhang, hour=6)
    evening = serve(60, volunteer=zhang, hour=18)
    award(long_day, evening, at=now)
    reverse(take_back(long_day), at=now)

    reverse(take_back(evening), at=now)

    assert points_of(zhang, now) == 0
    assert sum(Award.objects.values_list("points", flat=True)) == 0


def test_points_given_for_other_reasons_are_left_alone(zhang, rules, now):
    give(zhang, 7, key="gift", at=now)
    record = serve(volunteer=zhang)
    award(record, at=now)

    reverse(take_back(record), at=now)

    assert account(zhang).balance == 7
