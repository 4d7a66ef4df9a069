"""Calling goods back: freeze them everywhere, cancel what waits, find who has them, write off; or lift it.

The freeze is a transaction of its own and comes first, for it locks batches, and everything that settles a
redemption locks that before the batches. Once it is committed nobody can reserve the goods any more, so the
cancelling that follows ends; a process killed in between is made up for by the clock (lookout.py). Whatever
does something because of a recall locks its row first, so that lifting waits for that, and it for lifting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q, Sum
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor, actor_for
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, Refusal
from backend.core.masking import mask_name
from backend.core.words import plain_line
from points.market import services as market
from points.market import stock
from points.market.choices import Channel, MoveKind
from points.market.errors import RedemptionOnOfflineList
from points.market.models import Batch, StockMove
from points.market.queries import stores_kept_by
from points.market.redemption_models import Redemption
from points.stockroom import queries
from points.stockroom.errors import (
    AlreadyRecalled,
    NothingLeft,
    RecallLifted,
    RecallLiftedByOpener,
    RecallLiftUnexplained,
    RecallUnexplained,
)
from points.stockroom.recall_models import Recall

log = structlog.get_logger(__name__)

_LONGEST_REASON = 150


@dataclass(frozen=True, slots=True)
class Recipient:
    """A volunteer who has recalled goods. `contact` only when it was asked for."""

    redemption_id: int
    name: str
    number: str
    store: str
    quantity: int
    day: date | None
    contact: str = ""


def open_recall(*, batch_id: int, reason: str, actor: Actor, at: datetime) -> Recall:
    """Call a batch back, with where it came from and everything that came from there, in every store.

    Every reservation of the goods is cancelled and its points return, with “商品召回” in the statement.

    :raises NotFound, Forbidden: no such batch in a store the actor keeps.
    :raises RecallUnexplained: no reason given. :raises AlreadyRecalled: it was called back before.
    """
    written = plain_line(reason, most=_LONGEST_REASON)
    if not written:
        raise RecallUnexplained(field="reason")
    batch = Batch.objects.select_related("store").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound(field="batch")
    stock.require_keeper(actor, batch.store)
    root_id = batch.root_id or batch.pk
    if Recall.objects.filter(root_id=root_id, lifted_at__isnull=True).exists():
        raise AlreadyRecalled
    with transaction.atomic():
        recall = Recall.objects.create(
            root_id=root_id, reason=written, opened_by_id=actor.user_id, opened_at=at
        )
        audit.record(actor=actor, action="recall.open", target=recall, at=at)
    settle(recall=recall, actor=actor, at=at)
    return recall


def settle(*, recall: Recall, actor: Actor, at: datetime) -> int:
    """Cancel every redemption that waits for recalled goods; return how many. Safe to run again.

    A redemption with other goods besides is cancelled whole: the volunteer chooses anew. It ends where the
    recall is lifted.
    """
    waiting = queries.waiting_redemptions(queries.family(recall.root_id).values_list("pk", flat=True))
    cancelled, listed, failed = 0, 0, 0
    for pk in waiting:
        try:
            cancelled += _cancel(recall, pk, actor=actor, at=at)
        except RedemptionOnOfflineList:  # a device without network may be handing it over; its list ends
            listed += 1
        except (DatabaseError, Refusal) as error:  # one that fails holds up no other; the clock tries again
            failed += 1
            log.exception("recall_cancel_failed", redemption_id=pk, error=type(error).__name__)
    if listed and recall.opened_at == at:  # said once: each look of the clock would find the same
        log.info("recall_waits_for_offline_lists", recall_id=recall.pk, redemptions=listed)
    if not listed and not failed:
        Recall.objects.filter(pk=recall.pk, settled_at__isnull=True, lifted_at__isnull=True).update(
            settled_at=at
        )
    return cancelled


@transaction.atomic
def _cancel(recall: Recall, redemption_id: int, *, actor: Actor, at: datetime) -> bool:
    if _locked(recall.pk).lifted_at is not None:
        return False
    return market.cancel_recalled(redemption_id=redemption_id, actor=actor, at=at)


def settle_open(*, at: datetime) -> int:
    """Finish the recalls whose cancelling was interrupted; return how many redemptions were cancelled."""
    unfinished = Recall.objects.filter(settled_at__isnull=True, lifted_at__isnull=True)
    unfinished = unfinished.select_related("opened_by").order_by("pk")
    return sum(settle(recall=recall, actor=actor_for(recall.opened_by), at=at) for recall in unfinished)


def lift_recall(*, recall_id: int, reason: str, actor: Actor, at: datetime) -> Recall:
    """Take a recall back that was a mistake: the goods are handed out again, in every store, at once.

    By a second person, as everything that undoes a protection of others. What was cancelled stays cancelled,
    nobody's points move, and who has the goods can still be read. For good: the goods may be recalled anew.

    :raises Forbidden: a clerk. :raises NotFound: no such recall in the actor's reach.
    :raises RecallLiftUnexplained: no reason given. :raises RecallLifted: it was lifted before.
    :raises RecallLiftedByOpener: the actor opened it.
    """
    if not actor.has(*queries.RECALLERS):
        raise Forbidden
    written = plain_line(reason, most=_LONGEST_REASON)
    if not written:
        raise RecallLiftUnexplained(field="reason")
    queries.recall_for(actor, recall_id)
    with transaction.atomic():
        recall = _locked(recall_id)
        if recall.lifted_at is not None:
            raise RecallLifted
        if recall.opened_by_id == actor.user_id:
            raise RecallLiftedByOpener
        recall.lifted_by_id = actor.user_id
        recall.lifted_at = at
        recall.lift_reason = written
        recall.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
        audit.record(actor=actor, action="recall.lift", target=recall, at=at)
    return recall


def read_recipients(*, recall_id: int, actor: Actor, at: datetime, contacts: bool = False) -> list[Recipient]:
    """Return the volunteers who took recalled goods home and have not brought them back; an audit row.

    Names are masked. With `contacts`, phone numbers are opened for the staff who call people. Who is in need
    is no manager's to know: what went out as relief is in nobody's list here, so that all in it look alike;
    the keepers of the relief list find it at their cases and call those families (`relief.queries`).

    :raises Forbidden: a clerk; only managers and community staff reach people.
    :raises NotFound: no such recall in the actor's reach.
    """
    if not actor.has(*queries.RECALLERS):
        raise Forbidden
    recall = queries.recall_for(actor, recall_id)
    found = list(_recipients(recall, actor, contacts=contacts))
    action = "recall.contacts" if contacts else "recall.recipients"
    audit.record(actor=actor, action=action, target=recall, at=at, detail={"rows": len(found)})
    return found


def write_off_rest(*, recall_id: int, actor: Actor, at: datetime) -> int:
    """Write off what is left of the goods in the stores the actor keeps; return how many pieces.

    :raises NotFound: no such recall in the actor's reach. :raises NothingLeft: nothing there is free.
    :raises RecallLifted: the goods are good.
    """
    recall = queries.recall_for(actor, recall_id)
    gone = 0
    with transaction.atomic():
        if _locked(recall.pk).lifted_at is not None:
            raise RecallLifted
        for batch in queries.family(recall.root_id).filter(store__in=stores_kept_by(actor), on_hand__gt=0):
            free = batch.on_hand - batch.reserved
            if free > 0:
                reason = f"召回 #{recall.pk}：{recall.reason}"
                market.write_off(batch_id=batch.pk, quantity=free, reason=reason, actor=actor, at=at)
                gone += free
    if not gone:
        raise NothingLeft
    return gone


def _locked(recall_id: int) -> Recall:
    return Recall.objects.select_for_update(no_key=True).get(pk=recall_id)


def _recipients(recall: Recall, actor: Actor, *, contacts: bool) -> Iterator[Recipient]:
    moves = StockMove.objects.filter(batch__in=queries.family(recall.root_id).order_by())
    kinds = (MoveKind.ISSUE, MoveKind.RETURN)
    sums = (
        moves.filter(kind__in=kinds).order_by().values_list("redemption_id", "kind").annotate(Sum("quantity"))
    )
    kept: dict[int, int] = {}
    for redemption_id, kind, quantity in sums:
        if redemption_id is not None:
            signed = quantity if kind == MoveKind.ISSUE else -quantity
            kept[redemption_id] = kept.get(redemption_id, 0) + signed
    redemptions = (
        Redemption.objects.filter(
            ~Q(channel=Channel.RELIEF),
            pk__in=[pk for pk, quantity in kept.items() if quantity > 0],
            store__in=stores_kept_by(actor),
        )
        .select_related("store", "volunteer__user")
        .order_by("collected_at", "pk")
    )
    for redemption in redemptions:
        yield Recipient(
            redemption_id=redemption.pk,
            name=mask_name(redemption.recipient_name),
            number=redemption.volunteer.number if redemption.volunteer else "",
            store=redemption.store.name,
            quantity=kept[redemption.pk],
            day=localdate(redemption.collected_at) if redemption.collected_at else None,
            contact=_contact(redemption) if contacts else "",
        )


def _contact(redemption: Redemption) -> str:
    phone = redemption.volunteer.user.phone if redemption.volunteer else None
    return phone.open() if phone else ""
