"""Several writers over one volunteer's points: each locks the account first; PostgreSQL has the last word."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from backend.accounts.scopes import Role
from backend.core.errors import refusal_for
from points.ledger.errors import InsufficientPoints, TransferKeyReused
from points.ledger.models import Account, AccountKind, Transfer
from points.ledger.services import account_of, system_account
from points.scoring.bonus_models import BonusAward
from points.scoring.models import Award
from points.scoring.services import approve_other_award, award_records, reverse_records
from tests.concurrency.rivals import Meeting, race
from tests.factories.accounts import make_actor
from tests.factories.ledger import (
    SATURDAY,
    OtherAwardFactory,
    account,
    capture,
    default_rules,
    give,
    hold,
    release,
    rules_in_force,
    serve,
    take_back,
)
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def zhang():
    return VolunteerFactory()


def kinds(results):
    return sorted(type(result).__name__ for result in results)


def test_without_locks_two_holds_both_see_enough_and_the_database_stops_one(zhang, now):
    give(zhang, 40, key="award", at=now)
    system_account(AccountKind.HELD)  # or the two would already meet where it is opened
    meeting = Meeting(2, ["SELECT", '"points_lot"'])

    def unguarded(key):
        with meeting.unguarded():
            return hold(zhang, 30, key=key, at=now)

    results = race(lambda: unguarded("one"), lambda: unguarded("two"))

    assert kinds(results) == ["IntegrityError", "Transfer"]
    refused = next(result for result in results if isinstance(result, IntegrityError))
    assert refused.__cause__.diag.constraint_name == "account_not_negative"
    assert account(zhang).balance == 10


def test_of_two_holds_the_second_is_told_what_is_left(zhang, now):
    give(zhang, 40, key="award", at=now)

    results = race(
        lambda: hold(zhang, 30, key="one", at=now),
        lambda: hold(zhang, 30, key="two", at=now),
    )

    assert kinds(results) == ["InsufficientPoints", "Transfer"]
    refusal = next(result for result in results if isinstance(result, InsufficientPoints))
    assert refusal.data == {"needed": 30, "available": 10}
    assert account(zhang).balance == 10


def test_one_key_from_many_sides_is_one_transfer(zhang, now):
    results = race(*[lambda: give(zhang, 25, key="award", at=now)] * 6)

    assert len({result.pk for result in results}) == 1
    assert account(zhang).balance == 25


def test_a_hold_is_collected_or_given_back_but_never_both(zhang, now):
    give(zhang, 40, key="award", at=now)
    held = hold(zhang, 30, key="hold", at=now)

    results = race(
        lambda: capture(held, key="capture", at=now),
        lambda: release(held, key="release", at=now),
    )

    assert kinds(results) == ["HoldAlreadySettled", "Transfer"]
    assert Transfer.objects.filter(settles=held).count() == 1


def test_an_account_asked_for_from_many_sides_is_opened_once(zhang):
    results = race(*[lambda: account_of(zhang)] * 6)

    assert len({result.pk for result in results}) == 1
    assert Account.objects.filter(volunteer=zhang).count() == 1


def test_without_locks_two_records_of_a_day_both_get_the_whole_cap(zhang, now):
    default_rules()
    records = [serve(480, volunteer=zhang, hour=1), serve(480, volunteer=zhang, hour=12)]
    account_of(zhang)
    meeting = Meeting(2, ["SELECT", '"points_award"."business_day" IN'])

    def unguarded(record):
        with meeting.unguarded():
            return award_records(record_ids=[record.pk], at=now)

    assert race(*[lambda record=record: unguarded(record) for record in records]) == [1, 1]
    assert account(zhang).balance == 160


def test_two_records_of_a_day_share_the_cap(zhang, now):
    default_rules()
    records = [serve(480, volunteer=zhang, hour=1), serve(480, volunteer=zhang, hour=12)]

    results = race(
        *[lambda record=record: award_records(record_ids=[record.pk], at=now) for record in records]
    )

    assert results == [1, 1]
    assert account(zhang).balance == 80


def test_one_record_awarded_from_many_sides_is_awarded_once(zhang, now):
    default_rules()
    record = serve(volunteer=zhang)

    results = race(*[lambda: award_records(record_ids=[record.pk], at=now)] * 6)

    assert sorted(results) == [0, 0, 0, 0, 0, 1]
    assert account(zhang).balance == 25


def test_batches_in_opposite_order_do_not_block_each_other(now):
    default_rules()
    ids = [serve().pk for _ in range(12)]

    results = race(
        *[
            lambda batch=batch: award_records(record_ids=batch, at=now)
            for batch in (ids, ids[::-1], ids[::2], ids[1::2])
        ]
    )

    assert sum(results) == 12
    assert Award.objects.count() == 12


def test_an_award_and_its_reversal_at_once_leave_nothing(zhang, now):
    default_rules()
    record = serve(volunteer=zhang)
    reversal = take_back(record)

    race(
        lambda: award_records(record_ids=[record.pk], at=now),
        lambda: reverse_records(record_ids=[reversal.pk], at=now),
    )

    assert sum(Award.objects.values_list("points", flat=True)) == 0
    assert not Account.objects.filter(volunteer=zhang, balance__gt=0).exists()


def half_points_of(volunteer):
    """Two records too short for a point, so that two writers meet at nothing but the bonus."""
    rules_in_force(base={"points": 1, "per_minutes": 60, "step_minutes": 30}, bonuses={"first_service": 5})
    return [serve(30, volunteer=volunteer, day=SATURDAY + timedelta(days=number)) for number in (0, 1)]


def test_without_locks_two_batches_of_one_person_both_owe_the_bonus_and_the_database_stops_one(zhang, now):
    records = half_points_of(zhang)
    account_of(zhang)
    meeting = Meeting(2, ["SELECT", '"points_bonusaward"'])

    def unguarded(record):
        with meeting.unguarded():
            return award_records(record_ids=[record.pk], at=now)

    results = race(*[lambda record=record: unguarded(record) for record in records])

    (refused,) = [result for result in results if not isinstance(result, int)]
    if isinstance(refused, IntegrityError):  # it wrote before the other had committed, or read after it
        refused = refusal_for(refused)
    assert isinstance(refused, TransferKeyReused)
    assert account(zhang).balance == 5


def test_two_batches_of_one_person_at_once_give_one_bonus(zhang, now):
    records = half_points_of(zhang)

    results = race(
        *[lambda record=record: award_records(record_ids=[record.pk], at=now) for record in records]
    )

    assert (results, account(zhang).balance, BonusAward.objects.count()) == ([1, 1], 5, 1)


def lectures_of(volunteer):
    """Two lectures of which the month has room for one and a bit."""
    rules_in_force(other_awards={"lecture": {"points": 3, "monthly_limit": 4}})
    staff = [make_actor(Role.COMMUNITY_STAFF, "5201") for _ in range(2)]
    entered = [OtherAwardFactory(volunteer=volunteer, reference=name) for name in ("急救", "手语")]
    return list(zip(entered, staff, strict=True))


def test_without_locks_two_lectures_both_see_an_empty_month(zhang, now):
    waiting = lectures_of(zhang)
    account_of(zhang)
    system_account(AccountKind.ISSUANCE)
    meeting = Meeting(2, ["SELECT", "SUM(", '"points_otheraward"'])

    def unguarded(award, actor):
        with meeting.unguarded():
            return approve_other_award(award_id=award.pk, actor=actor, at=now)

    race(*[lambda one=one: unguarded(*one) for one in waiting])

    assert account(zhang).balance == 6


def test_two_lectures_approved_at_once_share_the_limit_of_the_month(zhang, now):
    waiting = lectures_of(zhang)

    results = race(
        *[lambda one=one: approve_other_award(award_id=one[0].pk, actor=one[1], at=now) for one in waiting]
    )

    assert sorted(award.points for award in results) == [1, 3]
    assert account(zhang).balance == 4
