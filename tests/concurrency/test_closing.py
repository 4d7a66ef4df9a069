"""Closing a day beside those who write into it, and beside itself."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from backend.core.errors import refusal_for
from points.ledger import days
from points.ledger.errors import DayClosed
from points.ledger.models import Transfer
from points.proof import queries
from points.proof.models import DayProof
from points.proof.services import close_days
from tests.concurrency.rivals import race
from tests.factories.database import waiting_here
from tests.factories.ledger import give
from tests.factories.proof import FIRST, NEW_YEAR, SECOND, THIRD, after
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db(transaction=True)

_PATIENCE_SECONDS = 20


@pytest.fixture
def zhang():
    volunteer = VolunteerFactory()
    give(volunteer, 25, key="award", at=NEW_YEAR)
    return volunteer


class Slow:
    """Somebody who has written into the first day and takes their time to commit."""

    def __init__(self, volunteer) -> None:
        self.volunteer = volunteer
        self.written, self.may_commit = threading.Event(), threading.Event()

    def write(self):
        try:
            with transaction.atomic():
                give(self.volunteer, 10, key="slow", at=after(FIRST))
                self.written.set()
                assert self.may_commit.wait(_PATIENCE_SECONDS)
        finally:
            connection.close()

    def close(self):
        try:
            assert self.written.wait(_PATIENCE_SECONDS)
            return close_days(at=after(SECOND))
        finally:
            connection.close()


def somebody_waits():
    return waiting_here("locktype = 'advisory'")


def broken():
    return [finding.code for _day, findings in queries.recheck() for finding in findings]


def test_without_its_guard_a_slow_writer_slips_into_a_closed_day_and_is_found(zhang):
    slow = Slow(zhang)
    with connection.cursor() as cursor:
        trigger = next(t for t in Transfer._meta.triggers if t.name == "transfer_in_open_day")
        trigger.uninstall(Transfer)
        try:
            with ThreadPoolExecutor(2) as pool:
                writing, closing = pool.submit(slow.write), pool.submit(slow.close)
                proven = closing.result()
                slow.may_commit.set()
                writing.result()
        finally:
            trigger.install(Transfer)
        cursor.execute("SELECT count(*) FROM points_transfer WHERE business_day = %s", [SECOND])
        assert cursor.fetchone() == (1,)

    assert proven == [FIRST, SECOND]
    assert DayProof.objects.get(day=SECOND).transfers == 0
    assert "count" in broken()


def test_closing_waits_for_whoever_is_writing_into_the_day(zhang, until):
    slow = Slow(zhang)
    with ThreadPoolExecutor(2) as pool:
        writing, closing = pool.submit(slow.write), pool.submit(slow.close)
        until(somebody_waits)
        slow.may_commit.set()
        writing.result()
        proven = closing.result()

    assert proven == [FIRST, SECOND]
    assert DayProof.objects.get(day=SECOND).transfers == 1
    assert broken() == []


def test_closing_a_day_holds_up_nobody_who_writes_into_another(zhang):
    with transaction.atomic():
        days.close_day(day=FIRST, at=after(FIRST))

        later = race(lambda: give(VolunteerFactory(), 1, key="later", at=after(FIRST)))

    assert later[0].business_day == SECOND


def test_closers_beside_each_other_prove_every_day_once(zhang):
    results = race(*[lambda: close_days(at=after(THIRD))] * 4)

    assert sorted(day for proven in results for day in proven) == [FIRST, SECOND, THIRD]
    assert list(DayProof.objects.order_by("day").values_list("sequence", flat=True)) == [1, 2, 3]
    assert broken() == []


def test_a_writer_who_loses_to_the_closer_is_told_to_ask_again(zhang, until):
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            days.close_day(day=FIRST, at=after(FIRST))
            writing = pool.submit(race, lambda: give(zhang, 1, key="late", at=NEW_YEAR))  # still open to them
            until(somebody_waits)
        (lost,) = writing.result()

    assert isinstance(lost, IntegrityError)
    assert isinstance(refusal_for(lost), DayClosed)
    assert not Transfer.objects.filter(key="late").exists()
