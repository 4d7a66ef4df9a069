"""A recomputation posts the differences between two versions, once, and names both."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils.timezone import make_aware

from points.ledger.models import Transfer, TransferKind
from points.ledger.queries import system_balance
from points.ledger.services import expire_lots
from points.revision.services import start_recompute
from points.scoring.models import Award
from points.scoring.services import award_records, reverse_records
from tests.factories.ledger import (
    SATURDAY,
    account,
    default_rules,
    hold,
    rules_in_force,
    serve,
    take_back,
)
from tests.factories.regions import COMMUNITY
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import (
    SIX,
    TWELVE,
    award,
    dry_run,
    finish,
    newer_rules,
    points_of,
    recomputed,
    staff,
    standing_of,
)

pytestmark = pytest.mark.django_db

AFTERNOON = make_aware(datetime.combine(SATURDAY, time(14)))


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def record(zhang, now):
    default_rules()
    made = serve(volunteer=zhang)
    award(made, at=now)
    return made


def test_a_difference_is_one_transfer_that_names_both_versions(record, zhang, now):
    run = recomputed(newer_rules(base=TWELVE), at=now)

    adjusting = Transfer.objects.get(kind=TransferKind.ADJUSTMENT)
    assert (run.state, run.records_done, run.records_changed) == ("done", 1, 1)
    assert adjusting.key == f"record:{record.pk}:v5201.1-v5201.2"
    assert adjusting.rule_version == "5201.2"
    assert adjusting.sentence_zh == (
        "图书整理 2 小时 30 分：规则由 5201.1 改为 5201.2，25 积分改计 30 积分，补 5 积分。"
    )
    assert (account(zhang).balance, system_balance("issuance")) == (30, -30)
    assert (points_of([record]), standing_of(record)) == ([30], "5201.2")


def test_its_reckoning_sums_to_what_was_posted(record, now):
    recomputed(newer_rules(base=TWELVE), at=now)

    row = Award.objects.get(kind="recompute")
    assert (row.points, row.previous.label, row.rule_set.label) == (5, "5201.1", "5201.2")
    assert sum(line["points"] for line in row.breakdown["lines"]) == 5
    assert row.breakdown["reckoned"]["zh"] == "图书整理 2 小时 30 分，每小时 12 分，计 30 积分。"


def test_less_is_taken_back_out_of_the_lot_it_came_in(record, zhang, now):
    recomputed(newer_rules(base=SIX), at=now)

    assert account(zhang).balance == 15
    assert account(zhang).lots.get().remaining == 15
    assert points_of([record]) == [15]


def test_what_stays_moves_to_the_new_version_without_a_transfer(record, now):
    run = recomputed(newer_rules(minimum_attendance_percent=50), at=now)

    row = Award.objects.get(kind="recompute")
    assert (run.records_done, run.records_changed) == (1, 0)
    assert (row.points, row.transfer, row.pieces) == (0, None, [[150, 360_000_000]])
    assert row.breakdown["zh"] == "改按规则 5201.2 计算，积分不变。"
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize("change", [{"base": TWELVE}, {"minimum_attendance_percent": 50}])
def test_twice_is_once(record, now, change):
    rule_set = newer_rules(**change)
    recomputed(rule_set, at=now)
    rows, transfers = Award.objects.count(), Transfer.objects.count()

    again = recomputed(rule_set, at=now)

    assert (again.state, again.records_changed) == ("done", 0)
    assert (Award.objects.count(), Transfer.objects.count()) == (rows, transfers)


def test_records_before_the_new_rules_or_under_rules_of_a_community_stay(zhang, now):
    default_rules()
    early = serve(volunteer=zhang, day=date(2026, 8, 29))
    award(early, at=now)
    newer_rules(1, region_code=COMMUNITY, base=SIX)
    own = serve(volunteer=zhang)
    award(own, at=now)
    assert (points_of([early, own]), standing_of(own)) == ([25, 15], f"{COMMUNITY}.1")

    recomputed(newer_rules(base=TWELVE), at=now)

    assert points_of([early, own]) == [25, 15]
    assert Award.objects.filter(kind="recompute").count() == 0


def test_a_record_without_an_award_or_with_a_reversed_one_is_left_alone(record, zhang, now):
    waiting = serve(volunteer=zhang, day=date(2026, 9, 13))
    reversal = take_back(record)
    reverse_records(record_ids=[reversal.pk], at=now)

    recomputed(newer_rules(base=TWELVE), at=now)

    assert points_of([record, waiting]) == [0, 0]
    assert account(zhang).balance == 0


@pytest.mark.parametrize("base", [TWELVE, SIX, {**TWELVE, "points": 0}])
def test_a_reversal_afterwards_takes_back_exactly_what_it_earned_in_all(record, zhang, now, base):
    recomputed(newer_rules(base=base), at=now)
    reversal = take_back(record)

    reverse_records(record_ids=[reversal.pk], at=now)

    assert points_of([record]) == [0]
    assert (account(zhang).balance, system_balance("issuance")) == (0, 0)
    assert list(account(zhang).lots.filter(remaining__gt=0)) == []


def test_what_earned_nothing_at_first_can_be_given_and_taken_back(zhang, now):
    rules_in_force(minimum_attendance_percent=100)
    record = serve(volunteer=zhang, minutes=150, attendance__shift__ends_at=AFTERNOON)
    award(record, at=now)
    assert points_of([record]) == [0]

    recomputed(newer_rules(minimum_attendance_percent=0), at=now)
    assert (points_of([record]), account(zhang).balance) == ([25], 25)

    reversal = take_back(record)
    reverse_records(record_ids=[reversal.pk], at=now)
    assert (points_of([record]), account(zhang).balance) == ([0], 0)


def test_what_was_spent_is_owed(record, zhang, now):
    hold(zhang, 20, key="rice", at=now)

    recomputed(newer_rules(base=SIX), at=now)

    assert (account(zhang).balance, account(zhang).may_go_negative) == (-5, True)


def test_where_nobody_may_owe_only_what_is_left_is_taken(record, zhang, now):
    hold(zhang, 20, key="rice", at=now)

    recomputed(newer_rules(base=SIX, clawback={"may_owe": False}), at=now)

    row = Award.objects.get(kind="recompute")
    assert (account(zhang).balance, row.points) == (0, -5)
    assert sum(line["points"] for line in row.breakdown["lines"]) == -5
    assert points_of([record]) == [20]


def test_what_has_expired_is_not_asked_for_again(record, zhang, now):
    later = now + timedelta(days=800)
    expire_lots(at=later)
    assert account(zhang).balance == 0

    recomputed(newer_rules(base=SIX), at=later)
    assert (account(zhang).balance, system_balance("expired")) == (0, 15)

    reversal = take_back(record)
    reverse_records(record_ids=[reversal.pk], at=later)
    assert (account(zhang).balance, system_balance("expired"), system_balance("issuance")) == (0, 0, 0)


def test_a_cap_over_months_is_shared_as_if_all_had_been_awarded_under_it(zhang, now):
    default_rules()
    records = [serve(volunteer=zhang, day=date(2026, 9, day)) for day in (12, 13, 14)]
    award(*records, at=now)

    recomputed(newer_rules(base=TWELVE, caps={"month": {"points": 70}}), at=now)

    assert points_of(records) == [30, 30, 10]


def test_a_record_awarded_under_the_new_rules_already_shares_the_day(zhang, now):
    default_rules()
    early = serve(480, volunteer=zhang, hour=8)
    award(early, at=now)
    rule_set = newer_rules(base={**TWELVE, "points": 5})
    late = serve(60, volunteer=zhang, hour=18)
    award(late, at=now)
    assert points_of([early, late]) == [80, 0]

    recomputed(rule_set, at=now)
    assert points_of([early, late]) == [40, 0]

    excluding = newer_rules(
        3, effective_from=date(2026, 9, 2), base={**TWELVE, "points": 5}, caps={"record": {"minutes": 420}}
    )
    recomputed(excluding, at=now)
    assert sum(points_of([early, late])) == 40


def test_the_one_whose_share_of_a_cap_grows_names_the_record_that_made_room(zhang, now):
    default_rules()
    early = serve(480, volunteer=zhang, hour=8)
    award(early, at=now)
    rule_set = newer_rules(caps={"record": {"minutes": 240}, "day": {"minutes": 480}})
    late = serve(120, volunteer=zhang, hour=18)
    award(late, at=now)
    assert points_of([early, late]) == [80, 0]

    recomputed(rule_set, at=now)

    row = Award.objects.get(kind="recompute", record=late)
    assert points_of([early, late]) == [40, 20]
    assert (row.cause, row.rule_set, row.previous.label) == (early, rule_set, "5201.1")
    assert row.transfer.key == f"record:{late.pk}:v5201.2:after:{early.pk}:v5201.1"


def test_an_award_delivered_again_after_it_is_passed_over(record, now):
    recomputed(newer_rules(base=TWELVE), at=now)

    assert award_records(record_ids=[record.pk], at=now) == 0


def test_many_volunteers_go_in_chunks(now, monkeypatch):
    monkeypatch.setattr("points.revision.scope.MOST_RECORDS", 2)
    default_rules()
    records = [serve(volunteer=volunteer) for volunteer in VolunteerFactory.create_batch(5)]
    records.append(serve(volunteer=records[0].volunteer, day=date(2026, 9, 13)))
    award(*records, at=now)
    rule_set = newer_rules(base=TWELVE)
    dry_run(rule_set, at=now)

    run = finish(start_recompute(rule_set_id=rule_set.pk, actor=staff(), at=now), at=now)

    assert (run.records_total, run.records_done, run.records_changed, run.percent) == (6, 6, 6, 100)
    assert points_of(records) == [30] * 6
