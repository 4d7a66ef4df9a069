"""New rules, bonuses and lectures agree with the book, or it is found."""

from datetime import date

import pytest
from django.db import connection

from points.ledger.models import Transfer
from points.models import Award, BonusAward, OtherAward
from points.scoring.services import approve_other_award, award_records, reverse_records
from points.verification.services import verify_ledger
from tests.factories.ledger import OtherAwardFactory, rules_in_force, serve, take_back
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import newer_rules, recomputed, staff
from tests.points.verification.test_checks import found, unguarded

pytestmark = pytest.mark.django_db

SIX = {"points": 6, "per_minutes": 60, "step_minutes": 60}
EXTRAS = {
    "bonuses": {"first_service": 5, "months_in_a_row": [{"months": 2, "points": 3}]},
    "other_awards": {"lecture": {"points": 3, "monthly_limit": 30}},
}


@pytest.fixture
def books(now):
    """Two months of service, one record reversed, one lecture, and rules that then pay less."""
    rules_in_force(**EXTRAS)
    zhang = VolunteerFactory()
    records = [serve(150, volunteer=zhang, day=date(2026, month, 12)) for month in (7, 8, 9)]
    award_records(record_ids=[record.pk for record in records], at=now)
    reverse_records(record_ids=[take_back(records[0]).pk], at=now)
    lecture = OtherAwardFactory(volunteer=zhang)
    approve_other_award(award_id=lecture.pk, actor=staff(), at=now)
    recomputed(newer_rules(base=SIX, **EXTRAS), at=now)
    connection.check_constraints()
    return zhang


def test_sound_books_agree(books, now):
    kinds = set(Transfer.objects.values_list("kind", flat=True))
    assert kinds >= {"award", "adjustment", "reversal"}
    assert BonusAward.objects.exclude(taken_back=None).exists()

    assert verify_ledger(at=now).findings == []


def test_a_difference_nothing_stands_for_is_found(books, now):
    award = Award.objects.get(kind="recompute", transfer__isnull=False)
    with unguarded("points_award") as cursor:
        cursor.execute("DELETE FROM points_award WHERE id = %s", [award.pk])

    assert found(now) == {"awarded_transfers": [award.transfer_id]}


def test_a_changed_bonus_is_found(books, now):
    bonus = BonusAward.objects.filter(taken_back=None).first()
    with unguarded("points_bonusaward") as cursor:
        cursor.execute("UPDATE points_bonusaward SET points = points + 1 WHERE id = %s", [bonus.pk])

    assert found(now) == {"bonuses": [bonus.pk]}


def test_a_bonus_that_is_gone_is_found_by_its_points(books, now):
    bonus = BonusAward.objects.filter(taken_back=None).first()
    with unguarded("points_bonusaward") as cursor:
        cursor.execute("DELETE FROM points_bonusaward WHERE id = %s", [bonus.pk])

    assert found(now) == {"bonuses": [-bonus.transfer_id]}


def test_a_changed_lecture_is_found(books, now):
    lecture = OtherAward.objects.get()
    with unguarded("points_otheraward") as cursor:
        cursor.execute("UPDATE points_otheraward SET points = points + 1 WHERE id = %s", [lecture.pk])

    assert found(now) == {"other_awards": [lecture.pk]}
