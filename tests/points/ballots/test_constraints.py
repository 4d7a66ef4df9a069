"""Every guard of the ballot tables, reached around the Python."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from points.ballots import services
from points.ballots.models import Ballot, BallotEntry, BallotLot
from points.market import services as market
from points.market.choices import Channel
from points.market.models import Batch
from points.market.rules import Start
from points.proof.models import DayProof
from points.proof.services import close_days
from tests.factories.database import guards_of, refused_by
from tests.factories.market import make_product, make_redeemer, reserve
from tests.factories.relief import make_ballot
from tests.factories.volunteers import make_household

pytestmark = pytest.mark.django_db

DRAW = timedelta(days=3)
ZEROS = "0" * 64


@pytest.fixture
def ballot(now) -> Ballot:
    return make_ballot(make_product(5), 2, at=now)


def test_a_ballot_begins_open_and_sound(ballot, now):
    row = Ballot.objects.get()
    same = {
        field.attname: getattr(row, field.attname)
        for field in Ballot._meta.concrete_fields
        if not field.primary_key
    }

    for constraint, fields in (
        ("ballot_units_positive", {"units": 0}),
        ("ballot_units_positive", {"points": 0}),
        ("ballot_times_in_order", {"closes_at": row.opens_at}),
        ("ballot_times_in_order", {"opened_at": row.opens_at + timedelta(seconds=1)}),
        ("ballot_digests_are_digests", {"commitment": "x"}),
        ("ballot_status_moves", {"status": "done"}),
        ("ballot_drawn_with_seed", {"head": ZEROS}),
        ("ballot_settled_when", {"settled_at": now}),
        ("ballot_cancelled_explained", {"cancel_reason": "x"}),
    ):
        with refused_by(constraint):
            Ballot.objects.create(**same | fields)


def test_what_was_published_stays_and_the_seed_is_the_one_promised(ballot, now):
    rows = Ballot.objects.filter(pk=ballot.pk)
    entry = services.enter(ballot_id=ballot.pk, volunteer=make_redeemer(), at=now)
    close_days(at=now + DRAW)
    other = DayProof.objects.latest("day")
    right = DayProof.objects.get(day=(now + timedelta(days=1)).date())
    drawn = {
        "status": "drawn", "revealed": ballot.secret.open(), "head": right.head, "head_day": right.day,
        "drawn_at": now + DRAW,
    }  # fmt: skip

    for change in (
        lambda: rows._raw_delete("default"),
        lambda: rows.update(units=1),
        lambda: rows.update(commitment=ZEROS),
        lambda: rows.update(drawn_at=now),
    ):
        with refused_by("ballot_facts_stay"):
            change()
    rows.update(secret=ballot.secret.open())  # sealed anew
    for constraint, fields in (
        ("ballot_status_moves", {"status": "done", "settled_at": now}),
        ("ballot_secret_matches", {"revealed": ZEROS}),
        ("ballot_head_of_the_book", {"head": ZEROS}),
        ("ballot_head_of_the_book", {"head": other.head, "head_day": other.day}),
        ("ballot_drawn_with_seed", {"drawn_at": now}),
    ):
        with refused_by(constraint):
            rows.update(**drawn | fields)
    for fields in ({"rank": 1}, {"rank": 1, "outcome": "lost"}):
        with refused_by("ballot_entry_decided_once"):
            BallotEntry.objects.filter(pk=entry.pk).update(**fields)
    rows.update(**drawn)
    with refused_by("ballot_status_moves"):
        rows.update(status="cancelled", settled_at=now, cancel_reason="x")


def test_an_entry_is_taken_in_the_window_for_the_household_that_is_theirs(ballot, now):
    zhang, li = make_redeemer(), make_redeemer()
    home = make_household(zhang, li)
    values = {
        "ballot": ballot, "volunteer": zhang, "household": home, "ticket": "1234567890", "entered_at": now,
    }  # fmt: skip

    for constraint, fields in (
        ("ballot_entry_in_window", {"entered_at": ballot.closes_at}),
        ("ballot_entry_in_window", {"outcome": "won"}),
        ("ballot_entry_of_household", {"household": None}),
        ("ballot_ticket_form", {"ticket": "0123456789"}),
    ):
        with refused_by(constraint):
            BallotEntry.objects.create(**values | fields)
    BallotEntry.objects.create(**values)
    for constraint, fields in (
        ("ballot_entry_once", {"ticket": "1234567891"}),
        ("ballot_entry_household_once", {"volunteer": li, "ticket": "1234567891"}),
        ("ballot_ticket_once", {"volunteer": make_redeemer(), "household": None}),
    ):
        with refused_by(constraint):
            BallotEntry.objects.create(**values | fields)
    with refused_by("ballot_entry_decided_once"):
        BallotEntry.objects.all()._raw_delete("default")


def test_the_draw_decides_once_and_gives_out_what_was_set_aside(ballot, now):
    entries = [services.enter(ballot_id=ballot.pk, volunteer=make_redeemer(), at=now) for _ in range(3)]
    other = reserve(make_redeemer(), ballot.product, at=now)
    close_days(at=now + DRAW)
    proof = DayProof.objects.get(day=(now + timedelta(days=1)).date())
    drawn = {
        "revealed": ballot.secret.open(),
        "head": proof.head,
        "head_day": proof.day,
        "drawn_at": now + DRAW,
    }
    Ballot.objects.filter(pk=ballot.pk).update(status="drawn", **drawn)
    with refused_by("ballot_rank_once"):
        BallotEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(rank=1)
    for rank, entry in enumerate(entries, start=1):
        BallotEntry.objects.filter(pk=entry.pk).update(rank=rank)
    first = BallotEntry.objects.filter(ballot=ballot, rank=1)
    lots = BallotLot.objects.filter(ballot=ballot)

    for fields in ({"rank": 9}, {"ticket": "1234567890"}, {"volunteer": other.volunteer_id}):
        with refused_by("ballot_entry_decided_once"):
            first.update(**fields)
    for fields in ({"outcome": "won"}, {"redemption": other}, {"outcome": "dream"}):
        with refused_by("ballot_entry_outcome_fits"):
            first.update(**fields)
    for change in (lambda: lots.update(left_over=2), lambda: lots.update(quantity=1)):
        with refused_by("ballot_lot_counts_down"):
            change()
    batch = Batch.objects.get()
    with refused_by("ballot_lot_once"):
        BallotLot.objects.create(ballot=ballot, batch=batch, quantity=1, left_over=1)
    with refused_by("ballot_lot_within"):
        BallotLot.objects.create(
            ballot=make_ballot(make_product(), at=now), batch=batch, quantity=1, left_over=2
        )
    first.update(outcome="lost")
    with refused_by("ballot_entry_decided_once"):
        first.update(outcome="passed")


def test_every_guard_of_ballots_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")

    guards = guards_of(Ballot, BallotEntry, BallotLot)

    assert {name for name in guards - {"ballot_begins_open"} if name not in text} == set()


def test_goods_of_a_ballot_go_to_a_ticket_that_won(now):
    rice, redeemer = make_product(), make_redeemer()
    line = market.LineInput(rice.pk, 1)

    with refused_by("redemption_ballot_of_ticket"):
        market.reserve(
            volunteer=redeemer, store_id=rice.store_id, lines=[line], at=now, start=Start(Channel.BALLOT)
        )
        connection.check_constraints()
