"""The draw, in two steps that may both be run twice, side by side, and after a crash.

First the order of all tickets is fixed, in one transaction, from the secret and the head of the public book;
from then on it is a fact. Then the units are handed out along that order, a transaction for each ticket, so
that no winner's account is held while another one's is waited for. Whoever comes second finds what is left.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.utils.timezone import localdate

from backend.core.errors import Refusal
from points.ballots import queries, rules, services
from points.ballots.choices import BallotStatus, Outcome
from points.ballots.models import Ballot, BallotEntry, BallotLot
from points.ballots.recount import order_of, seed_of
from points.market import limits, purse
from points.market import rules as shelf
from points.market.choices import Channel, MoveKind
from points.market.models import StockMove
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.shelf import policy_of
from points.proof.models import DayProof
from volunteers.people.choices import VolunteerStatus
from volunteers.people.household_models import Household

log = structlog.get_logger(__name__)

_AT_ONCE = 1000


def draw_due(*, at: datetime) -> int:
    """Draw every ballot whose time has come; return how many were finished.

    One that fails is logged and holds up no other; one whose day is not in the public book yet waits.
    """
    due = Ballot.objects.filter(status__in=(BallotStatus.OPEN, BallotStatus.DRAWN), draw_at__lte=at)
    finished = 0
    for pk in list(due.order_by("draw_at", "pk").values_list("pk", flat=True)):
        try:
            finished += draw(ballot_id=pk, at=at)
        except (DatabaseError, Refusal) as error:
            log.exception("ballot_draw_failed", ballot_id=pk, error=type(error).__name__)
    return finished


def draw(*, ballot_id: int, at: datetime) -> bool:
    """Draw one ballot, or go on with it; return whether this call finished it.

    :raises RuntimeError: called inside a transaction, where a crash would take back what winners were told.
    """
    if not fix_order(ballot_id=ballot_id, at=at):
        return False
    while _hand_out_next(ballot_id, at=at):
        pass
    return _finish(ballot_id, at=at)


def fix_order(*, ballot_id: int, at: datetime) -> bool:
    """Reveal the seed and rank every ticket, once; return whether there is an order to hand out along.

    :raises RuntimeError: called inside a transaction.
    """
    with transaction.atomic(durable=True):
        ballot = Ballot.objects.select_for_update().get(pk=ballot_id)
        if ballot.status != BallotStatus.OPEN:
            return ballot.status == BallotStatus.DRAWN
        proof = _proof_for(ballot)
        if at < ballot.draw_at or proof is None:
            return False
        ballot.revealed = ballot.secret.open()
        ballot.head = proof.head
        ballot.head_day = proof.day
        ballot.drawn_at = at
        ballot.status = BallotStatus.DRAWN
        ballot.save(update_fields=["revealed", "head", "head_day", "drawn_at", "status"])
        entries = {entry.ticket: entry for entry in BallotEntry.objects.filter(ballot=ballot)}
        seed = seed_of(ballot=ballot.pk, secret=ballot.revealed, head=ballot.head)
        for rank, ticket in enumerate(order_of(seed=seed, tickets=entries), start=1):
            entries[ticket].rank = rank
        BallotEntry.objects.bulk_update(entries.values(), ["rank"], batch_size=_AT_ONCE)
    return True


def _proof_for(ballot: Ballot) -> DayProof | None:
    """Return the page of the public book that ends the seed: of the day the entries closed.

    Where the book begins only later, its first page.
    """
    return DayProof.objects.filter(day__gte=rules.head_day(ballot.closes_at)).order_by("day").first()


def _hand_out_next(ballot_id: int, *, at: datetime) -> bool:
    """Decide about the next ticket; False when no ticket or no unit is left."""
    with transaction.atomic(durable=True):
        ballot = (
            Ballot.objects.select_for_update(of=("self",))
            .select_related("product", "store")
            .get(pk=ballot_id)
        )
        waiting = BallotEntry.objects.filter(ballot=ballot, outcome=Outcome.WAITING).order_by("rank")
        entry = waiting.select_related("volunteer").first()
        lot = _usable_lot(ballot, at=at)
        if entry is None or lot is None or ballot.status != BallotStatus.DRAWN:
            return False
        try:
            with transaction.atomic():
                entry.redemption = _reserve(ballot, entry, lot, at=at)
                entry.outcome = Outcome.WON
        except _PassedOver:
            entry.redemption = None
            entry.outcome = Outcome.PASSED
        entry.save(update_fields=["outcome", "redemption"])
    return True


class _PassedOver(Exception):  # noqa: N818 – an answer, not a malfunction
    """The owner of a ticket cannot take the goods; the next one is asked."""


def _usable_lot(ballot: Ballot, *, at: datetime) -> BallotLot | None:
    lots = (
        BallotLot.objects.filter(ballot=ballot, left_over__gt=0).select_related("batch").order_by("batch_id")
    )
    today = localdate(at)
    usable = (
        lot
        for lot in lots
        if lot.batch.recalled_at is None and (lot.batch.expires_on is None or lot.batch.expires_on >= today)
    )
    return min(usable, key=lambda lot: (lot.batch.expires_on or today.max, lot.pk), default=None)


def _reserve(ballot: Ballot, entry: BallotEntry, lot: BallotLot, *, at: datetime) -> Redemption:
    """Set one unit aside for a winner against held points.

    :raises _PassedOver: not in force, not within the limits, too few points, or the household has won.
    """
    if entry.volunteer.status != VolunteerStatus.ACTIVE or queries.household_won(entry):
        raise _PassedOver
    batch = lot.batch
    pick = shelf.Pick(shelf.OpenBatch(batch.pk, batch.product_id, lot.left_over, batch.expires_on), 1)
    points = min(ballot.points, ballot.product.points)  # the shelf may have become cheaper since
    redemption = Redemption.objects.create(
        volunteer=entry.volunteer,
        household_id=entry.household_id,
        channel=Channel.BALLOT,
        store=ballot.store,
        code=shelf.new_code(),
        points=points,
        created_at=at,
        reserved_until=shelf.held_until([pick], at=at, hold=rules.HOLD),
    )
    RedemptionLine.objects.create(
        redemption=redemption, product=ballot.product, quantity=1, unit_points=points
    )
    if entry.household_id is not None and ballot.product.household_limit is not None:
        list(Household.objects.select_for_update(no_key=True).filter(pk=entry.household_id).values("pk"))
    try:
        purse.hold(
            redemption,
            {
                "sentence_zh": f"抽签抽中 {ballot.product.name} × 1（第 {ballot.pk} 号抽签）",
                "sentence_en": f"Won {ballot.product.name} × 1 in ballot {ballot.pk}",
            },
            at=at,
        )
        _check_limits(ballot, entry, redemption, at=at)
    except Refusal as refusal:
        raise _PassedOver from refusal
    lot.left_over -= 1
    lot.save(update_fields=["left_over"])
    unit: dict[str, Any] = {"batch_id": batch.pk, "quantity": 1, "at": at}
    StockMove.objects.bulk_create(
        [
            StockMove(**unit, kind=MoveKind.PUT_BACK),
            StockMove(**unit, kind=MoveKind.RESERVE, redemption=redemption),
        ]
    )
    return redemption


def _check_limits(ballot: Ballot, entry: BallotEntry, redemption: Redemption, *, at: datetime) -> None:
    """Check what the locks on household and account have made final, as a reservation does.

    :raises Refusal: as market.limits says.
    """
    services.check_shares(
        ballot, entry.volunteer, household_id=entry.household_id, at=at, besides=redemption.pk
    )
    limits.require_policy(
        policy_of(ballot.store),
        volunteer=entry.volunteer,
        store_id=ballot.store_id,
        at=at,
        spent=redemption.points,
        besides=redemption.pk,
    )


def _finish(ballot_id: int, *, at: datetime) -> bool:
    """Tell the rest that they did not win and give what nobody got back to the shelf, once."""
    with transaction.atomic(durable=True):
        ballot = Ballot.objects.select_for_update().get(pk=ballot_id)
        if ballot.status != BallotStatus.DRAWN:
            return False
        BallotEntry.objects.filter(ballot=ballot, outcome=Outcome.WAITING).update(outcome=Outcome.LOST)
        ballot.status = BallotStatus.DONE
        ballot.settled_at = at
        ballot.save(update_fields=["status", "settled_at"])
        services.put_back(ballot, at=at)
    return True
