"""`manage.py verify_chain` reckons the proven days again; `close_days` is what the clock does."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from points.ledger import days
from points.ledger.models import Transfer
from points.proof.models import ProofBlock
from tests.factories.ledger import give
from tests.factories.proof import FIRST, NEW_YEAR, SECOND, after, by_hand, three_days
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


def verify(**options):
    """The exit status, what was found, and the last word."""
    found, said = StringIO(), StringIO()
    try:
        call_command("verify_chain", stdout=said, stderr=found, language="en", **options)
    except SystemExit as left:
        return left.code, found.getvalue(), said.getvalue()
    return 0, found.getvalue(), said.getvalue()


def test_a_book_nobody_touched_agrees():
    three_days()

    assert verify() == (0, "", "3 days, 0 broken\n")


def test_an_empty_book_agrees():
    assert verify() == (0, "", "0 days, 0 broken\n")


def test_a_row_changed_by_hand_is_found_and_its_day_named():
    three_days()
    with by_hand() as cursor:
        cursor.execute("UPDATE points_transfer SET sentence_zh = '别的' WHERE key = 'record:2:v1'")

    status, found, said = verify()

    assert (status, said) == (1, "3 days, 1 broken\n")
    assert "2026-01-01: one or more transfers were changed" in found
    assert "2026-01-03" not in found


def test_days_before_the_one_asked_for_are_not_read_again():
    three_days()
    with by_hand() as cursor:
        cursor.execute("UPDATE points_transfer SET sentence_zh = '别的' WHERE key = 'record:2:v1'")

    assert verify(since=SECOND)[0] == 0


def test_a_forked_chain_is_found():
    three_days()
    with by_hand() as cursor:
        cursor.execute("UPDATE points_dayproof SET previous = repeat('a', 64) WHERE sequence = 2")

    assert "2026-01-02: the head of this day" in verify()[1]


def test_digests_of_proofs_changed_by_hand_are_found():
    three_days()
    with by_hand() as cursor:
        cursor.execute("UPDATE points_proofblock SET root = repeat('a', 64)")

    assert ProofBlock.objects.count() == 2
    assert verify()[1].count("the digests that proofs are made of were changed") == 2


def test_a_transfer_slipped_in_before_the_chain_begins_is_found():
    three_days()
    with by_hand() as cursor:
        cursor.execute("UPDATE points_transfer SET business_day = '2025-12-31' WHERE key = 'record:2:v1'")

    assert "there are transfers before the chain begins" in verify()[1]


def test_a_closed_day_without_a_digest_is_named_until_the_clock_has_made_it(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: after(SECOND))
    give(VolunteerFactory(), 25, key="award", at=NEW_YEAR)
    days.close_day(day=FIRST, at=after(FIRST))
    assert "2026-01-01: closed, but without a digest" in verify()[1]

    said = StringIO()
    call_command("close_days", stdout=said)

    assert said.getvalue() == "2026-01-01\n2026-01-02\n2 days proven\n"
    assert verify()[0] == 0
    assert Transfer.objects.count() == 1
