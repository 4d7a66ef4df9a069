"""The database refuses, whoever asks and however: every test here goes around the services."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection

from points.ledger import days
from points.ledger.models import AccountKind, ClosedDay, Entry, Transfer, TransferKind
from points.ledger.services import system_account
from points.proof.chain import GENESIS, Day
from points.proof.models import AccountSalt, DayProof, ProofBlock
from tests.factories.database import refused_by
from tests.factories.ledger import account, give
from tests.factories.proof import FIRST, NEW_YEAR, SECOND, THIRD, after, three_days
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

FOURTH = THIRD + timedelta(days=1)
ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def chain():
    """Three proven days, and a fourth that is closed."""
    three_days()
    days.close_day(day=FOURTH, at=after(FOURTH))
    return DayProof.objects.order_by("sequence")


def following(last: DayProof | None, **changes) -> Day:
    """A quiet day after the last one, whose head fits whatever is changed."""
    day = Day(
        sequence=last.sequence + 1 if last else 1,
        day=(last.day + timedelta(days=1)).isoformat() if last else FIRST.isoformat(),
        previous=last.head if last else GENESIS,
        transfers=0,
        root=ROOT,
        issued=0,
        redeemed=0,
        expired=0,
        pool=0,
        adjusted=0,
        outstanding=last.outstanding if last else 0,
    )
    day = replace(day, **changes)
    return replace(day, head=day.reckoned()) if "head" not in changes else day


def append(day: Day) -> DayProof:
    told = day.told() | {"day": date.fromisoformat(day.day)}
    return DayProof.objects.create(**told, proven_at=after(FOURTH))


def raw_transfer(day: date) -> Transfer:
    return Transfer.objects.create(
        key="raw",
        kind=TransferKind.ADJUSTMENT,
        at=NEW_YEAR,
        business_day=day,
        sentence_zh="手工",
        sentence_en="by hand",
        source_type="test",
        source_id=1,
    )


# --- closed days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [FIRST, THIRD, FIRST - timedelta(days=1)])
def test_no_transfer_is_written_into_a_closed_day(chain, day):
    with refused_by("transfer_in_open_day"):
        raw_transfer(day)


def test_a_transfer_is_written_into_an_open_day(chain):
    made = raw_transfer(FOURTH + timedelta(days=1))
    Entry.objects.bulk_create(
        Entry(transfer=made, account=system_account(kind), amount=amount)
        for kind, amount in ((AccountKind.ADJUSTMENT, -5), (AccountKind.CHARITY_POOL, 5))
    )

    connection.check_constraints()


def test_no_leg_is_added_to_a_transfer_of_a_closed_day_even_in_pairs(chain):
    old = Transfer.objects.order_by("pk")[0]

    with refused_by("entry_in_open_day"):
        Entry.objects.bulk_create(
            Entry(transfer=old, account=system_account(kind), amount=amount)
            for kind, amount in ((AccountKind.ADJUSTMENT, -5), (AccountKind.CHARITY_POOL, 5))
        )


def test_a_day_is_closed_when_it_is_over(chain):
    tomorrow = FOURTH + timedelta(days=1)

    with refused_by("closed_day_is_over"):
        ClosedDay.objects.create(day=tomorrow, closed_at=after(tomorrow) - timedelta(minutes=30, seconds=1))


@pytest.mark.parametrize("day", [FIRST, FOURTH, FOURTH + timedelta(days=2)])
def test_days_are_closed_one_after_the_other(chain, day):
    with refused_by("closed_day_follows"):
        ClosedDay.objects.create(day=day, closed_at=after(FOURTH + timedelta(days=9)))


def test_the_first_day_closed_is_the_first_with_transfers():
    with refused_by("closed_day_follows"):
        ClosedDay.objects.create(day=FIRST, closed_at=after(THIRD))
    give(VolunteerFactory(), 25, key="award", at=NEW_YEAR)
    with refused_by("closed_day_follows"):
        ClosedDay.objects.create(day=SECOND, closed_at=after(THIRD))


def test_a_day_is_closed_once(chain):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_closedday DISABLE TRIGGER USER")
    with refused_by("closed_day_once"):
        ClosedDay.objects.create(day=FIRST, closed_at=after(FIRST))


def test_a_closed_day_stays_closed(chain):
    with refused_by("closed_day_append_only"):
        ClosedDay.objects.all()._raw_delete("default")
    with refused_by("closed_day_append_only"):
        ClosedDay.objects.update(day=FIRST)


# --- the chain ---------------------------------------------------------------------------------------------


def test_a_day_that_follows_is_taken(chain):
    assert append(following(chain.last())).sequence == 4


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 5},
        {"sequence": 3},
        {"previous": "a" * 64},
        {"day": THIRD.isoformat()},
        {"outstanding": 16},
        {"issued": 1},
    ],
    ids=str,
)
def test_the_chain_skips_nothing_and_forks_nowhere(chain, change):
    with refused_by("day_proof_follows"):
        append(following(chain.last(), **change))


def test_the_chain_does_not_fork_at_an_older_day(chain):
    with refused_by("day_proof_follows"):
        append(following(chain[0]))


@pytest.mark.parametrize("change", [{"sequence": 2}, {"previous": "a" * 64}, {"outstanding": 1}], ids=str)
def test_the_chain_begins_at_its_beginning(change):
    give(VolunteerFactory(), 25, key="award", at=NEW_YEAR)
    days.close_day(day=FIRST, at=after(FIRST))

    with refused_by("day_proof_follows"):
        append(following(None, **change))


def test_the_chain_begins_with_the_first_closed_day():
    give(VolunteerFactory(), 25, key="award", at=NEW_YEAR)
    for day in (FIRST, SECOND):
        days.close_day(day=day, at=after(SECOND))

    with refused_by("day_proof_follows"):
        append(following(None, day=SECOND.isoformat()))


def test_a_day_nobody_closed_is_not_proven(chain):
    append(following(chain.last()))

    with refused_by("day_proof_of_a_closed_day"):
        append(following(chain.last()))


def test_postgresql_reckons_the_head_itself(chain):
    with refused_by("day_proof_head_is_a_hash"):
        append(following(chain.last(), head="a" * 64))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("day_proof_sequence_once", {"sequence": 1}),
        ("day_proof_day_once", {"day": FIRST.isoformat()}),
        ("day_proof_never_forks", {"previous": GENESIS}),
        ("day_proof_digests_are_digests", {"root": "A" * 64}),
        ("day_proof_counts_transfers", {"transfers": -1}),
    ],
)
def test_without_its_triggers_the_table_still_refuses(chain, constraint, change):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_dayproof DISABLE TRIGGER USER")
    with refused_by(constraint):
        append(following(chain.last(), **change))


def test_what_is_in_the_chain_stays(chain):
    with refused_by("day_proof_append_only"):
        DayProof.objects.update(issued=0)
    with refused_by("proof_block_append_only"):
        ProofBlock.objects.update(place=9)
    with refused_by("proof_block_append_only"):
        ProofBlock.objects.all()._raw_delete("default")
    with refused_by("day_proof_append_only"):
        DayProof.objects.all()._raw_delete("default")


def test_a_block_has_one_digest(chain):
    block = ProofBlock.objects.all()[0]

    with refused_by("proof_block_once"):
        ProofBlock.objects.create(proof=block.proof, place=block.place, last=block.last, root=block.root)
    with refused_by("proof_block_is_a_digest"):
        ProofBlock.objects.create(proof=block.proof, place=9, last=block.last, root="x")


def test_a_salt_has_128_bits_and_is_never_changed(chain):
    with refused_by("account_salt_has_128_bits"):
        AccountSalt.objects.create(account=system_account(AccountKind.ADJUSTMENT), salt=b"short")
    with refused_by("account_salt_append_only"):
        AccountSalt.objects.update(salt=b"\0" * 16)
    with refused_by("account_salt_append_only"):
        AccountSalt.objects.all()._raw_delete("default")


def test_an_account_has_one_salt(chain):
    zhang = VolunteerFactory()
    give(zhang, 1, key="new", at=after(FOURTH))
    AccountSalt.objects.create(account=account(zhang), salt=b"\1" * 16)

    with refused_by("points_accountsalt_account_id_key"):
        AccountSalt.objects.create(account=account(zhang), salt=b"\2" * 16)
