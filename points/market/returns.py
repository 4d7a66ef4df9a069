"""Goods that come back after they were handed over: one person enters it, a second one decides.

What was agreed to is one transaction: the goods are in the batch they came from again (or written off at once
when they cannot be used any more), the points in the lots they came from; a household in need had paid none.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Invalid, NotFound
from points.market import purse, queries
from points.market.choices import MoveKind, RedemptionStatus, ReturnCondition, ReturnDecision
from points.market.errors import (
    NothingToReturn,
    ReturnAlreadyDecided,
    ReturnDecidedBySame,
    ReturnOfOwn,
    ReturnTwice,
    ReturnUnexplained,
)
from points.market.models import StockMove
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn

TAKERS = (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *queries.KEEPERS_BY_REGION)
_LONGEST = 200  # the columns


def returns_visible_to(actor: Actor) -> QuerySet[GoodsReturn]:
    """Return the returns of the stores the actor keeps, those that wait first, newest of each first."""
    found = GoodsReturn.objects.filter(redemption__store__in=queries.stores_kept_by(actor))
    told = found.select_related(
        "redemption__store", "redemption__volunteer", "redemption__household", "asked_by", "decided_by"
    ).prefetch_related("redemption__lines__product")
    return told.order_by("decision", "-pk")  # "" sorts first


def returnable(redemption_id: int, actor: Actor) -> Redemption:
    """Return a redemption of a store the actor keeps.

    :raises NotFound: no such redemption there.
    """
    found = queries.redemptions_visible_to(actor).filter(
        Q(store__in=queries.stores_kept_by(actor)), pk=redemption_id
    )
    redemption = found.first()
    if redemption is None:
        raise NotFound(field="redemption")
    return redemption


def ask_return(*, redemption_id: int, reason: str, condition: str, actor: Actor, at: datetime) -> GoodsReturn:
    """Enter that goods were brought back and in what condition. Nothing moves before somebody else agrees.

    :raises NotFound: not in a store the actor keeps. :raises ReturnUnexplained: no reason.
    :raises NothingToReturn: it was never handed over, or is back. :raises ReturnTwice: entered before.
    :raises ReturnOfOwn: the actor's, or of somebody they live with.
    """
    reason = _reason(reason)
    if condition not in ReturnCondition.values:
        raise Invalid(field="condition")
    with transaction.atomic():
        redemption = _locked(redemption_id, actor)
        if queries.is_near(redemption, user_id=actor.user_id):
            raise ReturnOfOwn
        if GoodsReturn.objects.filter(~Q(decision=ReturnDecision.REFUSED), redemption=redemption).exists():
            raise ReturnTwice
        if redemption.status != RedemptionStatus.COLLECTED:
            raise NothingToReturn
        asked = GoodsReturn.objects.create(
            redemption=redemption, reason=reason, condition=condition, asked_by_id=actor.user_id, asked_at=at
        )
        audit.record(actor=actor, action="return.asked", target=asked, at=at)
    return asked


def approve_return(*, return_id: int, actor: Actor, at: datetime) -> GoodsReturn:
    """Take the goods back and give the points back, as a second person; agreeing twice changes nothing.

    :raises NotFound: not in a store the actor keeps. :raises ReturnDecidedBySame: the actor entered it.
    :raises ReturnOfOwn: the actor's, or of somebody they live with. :raises ReturnAlreadyDecided: refused.
    """
    with transaction.atomic():
        asked, redemption = _to_decide(return_id, actor)
        if asked.decision == ReturnDecision.APPROVED:
            return asked
        _decide(asked, ReturnDecision.APPROVED, "", actor=actor, at=at)
        redemption.status = RedemptionStatus.RETURNED
        redemption.save(update_fields=["status"])
        if redemption.points:
            purse.give_back(redemption, actor=actor, at=at)
        _take_in(asked, redemption, actor=actor, at=at)
    return asked


def refuse_return(*, return_id: int, reason: str, actor: Actor, at: datetime) -> GoodsReturn:
    """Leave everything as it is, and say why; the goods may be brought again.

    :raises Refusal: as `approve_return`. :raises ReturnUnexplained: no reason.
    """
    reason = _reason(reason)
    with transaction.atomic():
        asked, _redemption = _to_decide(return_id, actor)
        if asked.decision:
            raise ReturnAlreadyDecided
        _decide(asked, ReturnDecision.REFUSED, reason, actor=actor, at=at)
    return asked


def _to_decide(return_id: int, actor: Actor) -> tuple[GoodsReturn, Redemption]:
    """Lock the redemption, then the return: the order of every writer."""
    which = GoodsReturn.objects.filter(pk=return_id).values_list("redemption_id", flat=True).first()
    if which is None:
        raise NotFound
    redemption = _locked(which, actor)
    asked = GoodsReturn.objects.select_for_update().get(pk=return_id)
    if asked.decision == ReturnDecision.REFUSED:
        raise ReturnAlreadyDecided
    if asked.asked_by_id == actor.user_id:
        raise ReturnDecidedBySame
    if queries.is_near(redemption, user_id=actor.user_id):
        raise ReturnOfOwn
    return asked, redemption


def _locked(redemption_id: int, actor: Actor) -> Redemption:
    redemption = (
        Redemption.objects.select_for_update(of=("self",))
        .select_related("volunteer", "household", "store")
        .filter(pk=redemption_id)
        .first()
    )
    if redemption is None or not queries.keeps_stock(actor, redemption.store):
        raise NotFound(field="redemption")
    return redemption


def _decide(asked: GoodsReturn, decision: ReturnDecision, reason: str, *, actor: Actor, at: datetime) -> None:
    asked.decision = decision
    asked.decision_reason = reason
    asked.decided_by_id = actor.user_id
    asked.decided_at = at
    asked.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])
    audit.record(actor=actor, action=f"return.{decision}", target=asked, at=at)


def _take_in(asked: GoodsReturn, redemption: Redemption, *, actor: Actor, at: datetime) -> None:
    """Put every batch's goods back, batches in the order of their ids; write off what is of no more use."""
    issued = StockMove.objects.filter(redemption=redemption, kind=MoveKind.ISSUE).select_related("batch")
    moves = []
    for issue in issued.order_by("batch_id"):
        back = {"batch": issue.batch, "quantity": issue.quantity, "made_by_id": actor.user_id, "at": at}
        moves.append(StockMove(kind=MoveKind.RETURN, redemption=redemption, reason=asked.reason, **back))
        expired = issue.batch.expires_on is not None and issue.batch.expires_on < localdate(at)
        if expired or asked.condition == ReturnCondition.DISCARD:
            moves.append(
                StockMove(kind=MoveKind.WRITE_OFF, reason=_written_off(asked, expired=expired), **back)
            )
    StockMove.objects.bulk_create(moves)


def _written_off(asked: GoodsReturn, *, expired: bool) -> str:
    why = "退货后已过保质期" if expired else "退货报损"
    return f"{why}：{asked.reason}"[:_LONGEST]


def _reason(text: str) -> str:
    reason = text.replace("\x00", "").strip()
    if not 1 <= len(reason) <= _LONGEST:
        raise ReturnUnexplained(field="reason")
    return reason
