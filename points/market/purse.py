"""The points of a redemption in the ledger: held, then spent or given back, under keys that name it."""

from datetime import datetime
from typing import TypedDict

from backend.accounts.scopes import Actor
from points.ledger import queries
from points.ledger import services as ledger
from points.ledger.models import Transfer
from points.market.redemption_models import Redemption


class Sentences(TypedDict):
    """What the volunteer's statement says, in both languages."""

    sentence_zh: str
    sentence_en: str


def hold(redemption: Redemption, sentences: Sentences, *, at: datetime) -> Transfer:
    """Set the points aside; locks the volunteer's account until the transaction ends.

    :raises InsufficientPoints: fewer are spendable.
    :raises LookupError: nobody pays for this redemption.
    """
    if redemption.volunteer_id is None:
        raise LookupError(f"redemption {redemption.pk} costs no points")
    return ledger.hold(
        volunteer_id=redemption.volunteer_id,
        points=redemption.points,
        key=_key(redemption, "hold"),
        source_type="redemption",
        source_id=redemption.pk,
        at=at,
        **sentences,
    )


def capture(redemption: Redemption, sentences: Sentences, *, at: datetime) -> Transfer:
    """Spend what is held."""
    return ledger.capture(hold=_held(redemption), key=_key(redemption, "capture"), at=at, **sentences)


def release(redemption: Redemption, sentences: Sentences, *, at: datetime) -> Transfer:
    """Give what is held back to the lots it came from."""
    return ledger.release(hold=_held(redemption), key=_key(redemption, "release"), at=at, **sentences)


def give_back(redemption: Redemption, *, actor: Actor, at: datetime) -> Transfer:
    """Give the points of goods that were brought back to the lots they came from."""
    spent = queries.transfer_by_key(_key(redemption, "capture"))
    if spent is None:
        raise LookupError(f"redemption {redemption.pk} spent no points")
    return ledger.refund(
        capture=spent,
        key=_key(redemption, "refund"),
        sentence_zh="商品已退回，积分退还",
        sentence_en="Goods returned, points given back",
        at=at,
        actor=actor,
    )


def _held(redemption: Redemption) -> Transfer:
    held = queries.transfer_by_key(_key(redemption, "hold"))
    if held is None:
        raise LookupError(f"redemption {redemption.pk} holds no points")
    return held


def _key(redemption: Redemption, step: str) -> str:
    return f"redemption:{redemption.pk}:{step}"
