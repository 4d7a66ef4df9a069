"""Days are closed when they are over, once, one after the other; what comes late falls into the open day."""

from datetime import date, timedelta

import pytest

from points.ledger import days
from points.ledger.models import ClosedDay, Transfer
from points.proof.models import AccountSalt, DayProof, ProofBlock
from points.proof.services import close_days, prove_next
from tests.factories.ledger import account, give
from tests.factories.proof import FIRST, NEW_YEAR, SECOND, THIRD, after, three_days
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return VolunteerFactory()


def test_an_empty_book_has_no_chain(now):
    assert close_days(at=now) == []
    assert not ClosedDay.objects.exists()


def test_a_day_is_closed_half_an_hour_after_its_end_and_not_before(zhang):
    give(zhang, 25, key="award", at=NEW_YEAR)
    half_past_midnight = after(FIRST) - timedelta(minutes=30)

    assert close_days(at=half_past_midnight - timedelta(seconds=1)) == []
    assert close_days(at=half_past_midnight) == [FIRST]


def test_days_nobody_closed_are_caught_up_with_the_quiet_ones_between(zhang):
    give(zhang, 25, key="award", at=NEW_YEAR)
    give(zhang, 25, key="later", at=NEW_YEAR + timedelta(days=2))

    assert close_days(at=after(THIRD)) == [FIRST, SECOND, THIRD]

    assert list(DayProof.objects.order_by("day").values_list("transfers", flat=True)) == [1, 0, 1]


def test_closing_twice_is_closing_once(zhang):
    give(zhang, 25, key="award", at=NEW_YEAR)
    close_days(at=after(FIRST))
    before = list(DayProof.objects.values())

    assert close_days(at=after(FIRST)) == []
    assert list(DayProof.objects.values()) == before


def test_a_run_killed_between_closing_and_proving_is_finished_by_the_next(zhang):
    give(zhang, 25, key="award", at=NEW_YEAR)
    days.close_day(day=FIRST, at=after(FIRST))

    assert close_days(at=after(FIRST)) == [FIRST]


def test_there_is_nothing_to_prove_before_a_day_is_closed(zhang):
    give(zhang, 25, key="award", at=NEW_YEAR)

    assert prove_next(at=after(FIRST)) is None


def test_a_transfer_that_comes_late_is_written_into_the_open_day_at_its_own_time(zhang):
    give(zhang, 25, key="award", at=NEW_YEAR)
    close_days(at=after(SECOND))
    evening = after(FIRST) - timedelta(hours=2)

    late = give(zhang, 10, key="late", at=evening)

    assert (late.at, late.business_day) == (evening, THIRD)
    assert account(zhang).balance == 35


def test_a_transfer_just_after_midnight_belongs_to_the_new_day_whether_the_old_one_is_closed_or_not(zhang):
    midnight = after(FIRST) - timedelta(hours=1)

    assert give(zhang, 1, key="before", at=midnight - timedelta(seconds=1)).business_day == FIRST
    assert give(zhang, 1, key="after", at=midnight).business_day == SECOND
    close_days(at=midnight + timedelta(minutes=30))
    assert give(zhang, 1, key="later", at=midnight + timedelta(minutes=30)).business_day == SECOND


def test_a_replay_of_a_closed_transfer_is_still_that_transfer(zhang):
    first = give(zhang, 25, key="award", at=NEW_YEAR)
    close_days(at=after(FIRST))

    assert give(zhang, 25, key="award", at=after(FIRST)) == first
    assert Transfer.objects.count() == 1


def test_the_totals_follow_the_points():
    three_days()

    told = DayProof.objects.order_by("day").values_list(
        "transfers", "issued", "redeemed", "expired", "pool", "adjusted", "outstanding"
    )
    assert list(told) == [(3, 70, 0, 0, 0, 0, 70), (0, 0, 0, 0, 0, 0, 70), (5, -35, 20, 0, 0, 0, 15)]


def test_everybody_who_moved_points_has_a_salt_and_keeps_it():
    three_days()
    salts = dict(AccountSalt.objects.values_list("account__kind", "salt"))
    kept = set(AccountSalt.objects.values_list("pk", flat=True))

    assert set(salts) == {"issuance", "volunteer"}
    assert AccountSalt.objects.count() == 3
    close_days(at=after(date(2026, 1, 5)))
    assert set(AccountSalt.objects.values_list("pk", flat=True)) == kept


def test_a_long_day_is_kept_in_blocks(zhang, monkeypatch):
    monkeypatch.setattr("points.proof.reading.AT_ONCE", 100)
    monkeypatch.setattr("points.proof.proving.BLOCK", 4)
    for number in range(9):
        give(zhang, 1, key=f"award:{number}", at=NEW_YEAR)

    close_days(at=after(FIRST))

    keys = list(Transfer.objects.order_by("pk").values_list("pk", flat=True))
    assert list(ProofBlock.objects.order_by("place").values_list("last_id", flat=True)) == [
        keys[3],
        keys[7],
        keys[8],
    ]
