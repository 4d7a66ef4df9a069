"""Several writers over one volunteer's points: each locks the account first; PostgreSQL has the last word."""

import pytest
from django.db import IntegrityError

from points.ledger.errors import InsufficientPoints
from points.ledger.models import Account, AccountKind, Transfer
from points.ledger.services import account_of, system_account
from points.scoring.models import Award
from points.scoring.services import award_records, reverse_records
from tests.concurrency.rivals import Meeting, race
from tests.factories.ledger import account, capture, default_rules, give, hold, release, serve, take_back
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
