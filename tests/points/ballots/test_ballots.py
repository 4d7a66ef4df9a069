"""Ballots for scarce goods: entries, a seed nobody knew, a draw anybody can recount."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from points.ballots import drawing, errors, recount, services
from points.ballots.api import told
from points.ballots.models import Ballot, BallotEntry
from points.ballots.rules import earliest_draw
from points.ledger import queries as ledger
from points.market import services as market
from points.market.errors import PersonLimitReached, RedeemerNotActive
from points.market.models import Batch, Product, StockMove
from points.market.queries import products_on_shelf
from points.market.redemption_models import Redemption
from points.proof.services import close_days
from points.relief.services import set_share
from tests.factories.accounts import make_actor
from tests.factories.market import clerk_of, deliver, make_product, make_redeemer, reserve
from tests.factories.relief import make_ballot
from tests.factories.volunteers import VolunteerFactory, make_household

pytestmark = pytest.mark.django_db

DRAW = timedelta(days=3)


def enter(ballot, volunteer, *, at):
    return services.enter(ballot_id=ballot.pk, volunteer=volunteer, at=at)


def drawn(ballot, *, at) -> dict:
    """Close the book up to the draw, draw, and return what the public is told."""
    close_days(at=at)
    assert drawing.draw_due(at=at) == 1
    return told(Ballot.objects.get(pk=ballot.pk))


def test_what_is_offered_is_set_aside_and_nobody_knows_the_secret_yet(now):
    rice = make_product(3)
    deliver(rice, 5, expires_on=date(2026, 9, 19))  # will be gone when the last winner comes

    ballot = make_ballot(rice, 2, at=now)

    assert sorted(Batch.objects.values_list("on_hand", "reserved")) == [(3, 2), (5, 0)]
    assert products_on_shelf(at=now).get().free == 6
    assert recount.commitment_of(ballot.secret.open()) == ballot.commitment
    public = told(ballot)
    assert (public["secret"], public["head"], public["seed"], public["entries"]) == ("", "", "", [])
    with pytest.raises(errors.BallotStockShort) as refused:
        make_ballot(rice, 2, at=now)
    assert (refused.value.data["left"], Ballot.objects.count()) == (1, 1)


def test_a_ballot_nobody_could_draw_is_not_opened(now):
    rice = make_product(10)
    set_share(product_id=rice.pk, quantity=9, actor=clerk_of(rice.store), at=now)
    day = timedelta(days=1)
    good = {
        "product_id": rice.pk, "units": 1, "points": 5,
        "opens_at": now, "closes_at": now + day, "draw_at": now + DRAW,
    }  # fmt: skip

    for refusal, changes, actor in (
        (Forbidden, {}, make_actor(Role.SITE_MANAGER, 1)),
        (NotFound, {}, make_actor(Role.STORE_CLERK, 999_999)),
        (errors.BallotStockShort, {"units": 2}, None),  # the rest is kept for those in need
        (errors.BallotUnitsInvalid, {"units": 0}, None),
        (errors.BallotUnitsInvalid, {"points": 11}, None),  # rice costs 10
        (errors.BallotTimesInvalid, {"opens_at": now - day}, None),
        (errors.BallotTimesInvalid, {"opens_at": datetime.max.replace(tzinfo=UTC)}, None),
        (errors.BallotTimesInvalid, {"closes_at": now}, None),
        (errors.BallotTimesInvalid, {"draw_at": earliest_draw(now + day) - timedelta(seconds=1)}, None),
        (errors.BallotTimesInvalid, {"closes_at": now + 61 * day, "draw_at": now + 63 * day}, None),
    ):
        with pytest.raises(refusal):
            services.open_ballot(**good | changes, actor=actor or clerk_of(rice.store), at=now)
    assert (Ballot.objects.count(), Batch.objects.get().reserved) == (0, 0)


def test_one_entry_each_and_one_a_household_inside_the_window(now):
    rice = make_product(5, person_limit=1)
    ballot = make_ballot(rice, at=now)
    mother, son, alone, sated = (make_redeemer() for _ in range(4))
    make_household(mother, son)
    reserve(sated, rice, at=now)

    for refusal, volunteer, at in (
        (errors.BallotNotOpen, alone, ballot.closes_at),
        (errors.BallotNotOpen, alone, ballot.opens_at - timedelta(seconds=1)),
        (RedeemerNotActive, VolunteerFactory(status="suspended"), now),
        (PersonLimitReached, sated, now),
    ):
        with pytest.raises(refusal):
            enter(ballot, volunteer, at=at)
    enter(ballot, mother, at=now)
    enter(ballot, alone, at=now)
    for refusal, volunteer in ((errors.BallotEntered, mother), (errors.BallotHouseholdEntered, son)):
        with pytest.raises(refusal):
            enter(ballot, volunteer, at=now)

    assert BallotEntry.objects.count() == 2
    assert ledger.balance(alone, at=now).available == 100


def test_the_draw_follows_the_seed_passes_over_who_lacks_points_and_can_be_recounted(now, tmp_path):
    rice = make_product(5, points=60)
    ballot = make_ballot(rice, 2, at=now, points=60)
    people = [make_redeemer(100) for _ in range(5)]
    entries = {enter(ballot, each, at=now).ticket: each for each in people}
    order = None

    assert drawing.draw_due(at=now + DRAW) == 0  # the day is not in the public book yet
    reserve(people[0], make_product(store=rice.store, points=50), at=now)
    public = drawn(ballot, at=now + DRAW)

    order = [entry["ticket"] for entry in public["entries"]]
    assert order == recount.order_of(seed=public["seed"], tickets=entries)
    poor = next(ticket for ticket, person in entries.items() if person == people[0])
    first = [ticket for ticket in order if ticket != poor][:2]
    wanted = {
        ticket: "won" if ticket in first
        else "passed" if ticket == poor and order.index(poor) < order.index(first[1])
        else "lost"
        for ticket in order
    }  # fmt: skip
    assert {entry["ticket"]: entry["outcome"] for entry in public["entries"]} == wanted
    winner = entries[first[0]]
    redemption = Redemption.objects.get(volunteer=winner)
    assert (redemption.channel, redemption.points) == ("ballot", 60)
    assert redemption.reserved_until == now + DRAW + timedelta(hours=72)
    balances = [ledger.balance(entries[ticket], at=now + DRAW).available for ticket in order]
    assert sorted(balances) == [40, 40, 50, 100, 100]
    market.collect(code=redemption.code, actor=clerk_of(rice.store), at=now + DRAW)
    assert drawing.draw_due(at=now + DRAW) == 0

    file = tmp_path / "ballot.json"
    for change, status in (({}, 0), ({"secret": "0" * 64}, 1), ({"entries": public["entries"][::-1]}, 1)):
        file.write_text(json.dumps(public | change, default=str), "utf-8")
        ran = subprocess.run([sys.executable, recount.__file__, str(file)], check=False, capture_output=True)
        assert ran.returncode == status, ran.stdout


def test_a_draw_cut_off_between_two_winners_goes_on_to_the_same_end(now, monkeypatch):
    rice = make_product(5)
    ballot = make_ballot(rice, 2, at=now)
    for _ in range(4):
        enter(ballot, make_redeemer(), at=now)
    close_days(at=now + DRAW)
    hold, calls = drawing.purse.hold, []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return hold(*args, **kwargs)

    monkeypatch.setattr(drawing.purse, "hold", dies)
    with pytest.raises(SystemExit):
        drawing.draw(ballot_id=ballot.pk, at=now + DRAW)
    before = told(Ballot.objects.get())
    assert [entry["outcome"] for entry in before["entries"]] == ["won", "waiting", "waiting", "waiting"]
    later = now + DRAW + timedelta(hours=1)

    assert drawing.draw_due(at=later) == 1
    after = told(Ballot.objects.get())

    assert [entry["outcome"] for entry in after["entries"]] == ["won", "won", "lost", "lost"]
    assert [entry["ticket"] for entry in after["entries"]] == [entry["ticket"] for entry in before["entries"]]
    assert (after["seed"], recount.faults(after)) == (before["seed"], [])
    assert (Batch.objects.get().reserved, Redemption.objects.count()) == (2, 2)


def test_what_nobody_wins_goes_back_to_the_shelf(now):
    rice = make_product(5)
    ballot = make_ballot(rice, 4, at=now)
    mother, son, suspended = (make_redeemer() for _ in range(3))
    for each in (mother, son, suspended):
        enter(ballot, each, at=now)
    make_household(mother, son)  # they moved in together since
    type(suspended).objects.filter(pk=suspended.pk).update(status="suspended")

    public = drawn(ballot, at=now + DRAW)

    assert sorted(entry["outcome"] for entry in public["entries"]) == ["passed", "passed", "won"]
    assert (Batch.objects.get().on_hand, Batch.objects.get().reserved) == (5, 1)
    assert sorted(StockMove.objects.exclude(kind="receive").values_list("kind", "quantity")) == [
        ("put_back", 1), ("put_back", 3), ("reserve", 1), ("set_aside", 4),
    ]  # fmt: skip


def test_a_cancelled_ballot_says_why_and_gives_everything_back(now):
    rice = make_product(5)
    ballot = make_ballot(rice, 4, at=now)
    zhang = make_redeemer()
    enter(ballot, zhang, at=now)
    clerk = clerk_of(rice.store)

    with pytest.raises(errors.BallotReasonRequired):
        services.cancel_ballot(ballot_id=ballot.pk, reason=" ", actor=clerk, at=now)
    with pytest.raises(NotFound):
        services.cancel_ballot(
            ballot_id=ballot.pk, reason="x", actor=make_actor(Role.STORE_CLERK, 999_999), at=now
        )
    services.cancel_ballot(ballot_id=ballot.pk, reason="到货有破损", actor=clerk, at=now)
    with pytest.raises(errors.BallotSettled):
        services.cancel_ballot(ballot_id=ballot.pk, reason="再取消", actor=clerk, at=now)
    with pytest.raises(errors.BallotNotOpen):
        enter(ballot, make_redeemer(), at=now)
    close_days(at=now + DRAW)

    assert drawing.draw_due(at=now + DRAW) == 0
    public = told(Ballot.objects.get())
    assert (public["status"], public["cancel_reason"], public["secret"]) == ("cancelled", "到货有破损", "")
    assert (Product.objects.get(), Batch.objects.get().reserved) == (rice, 0)


def test_the_lines_printed_in_the_document_recount_a_draw(now, tmp_path):
    ballot = make_ballot(make_product(5), 2, at=now)
    for _ in range(3):
        enter(ballot, make_redeemer(), at=now)
    public = drawn(ballot, at=now + DRAW)
    text = (Path(__file__).parents[3] / "docs" / "relief.md").read_text("utf-8")
    lines = text.partition("```python\n")[2].partition("```")[0]
    file = tmp_path / "ballot.json"
    file.write_text(json.dumps(public, default=str), "utf-8")

    runs = [subprocess.run([sys.executable, "-W", "ignore", "-c", lines], cwd=tmp_path, check=False)]
    file.write_text(json.dumps(public | {"secret": "0" * 64}, default=str), "utf-8")
    runs.append(subprocess.run([sys.executable, "-c", lines], cwd=tmp_path, check=False, capture_output=True))

    assert [ran.returncode for ran in runs] == [0, 1]
