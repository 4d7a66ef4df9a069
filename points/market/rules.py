"""The market's rules that need no database: which delivery first, how long, how much is left. Pure."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext_lazy as _

from points.market.choices import Channel

MOST_LINES = 20
MOST_OF_ONE = 99
MOST_OF_A_BATCH = 1_000_000
FEW_LEFT = 5

# Neither 0/O nor 1/I/L: a pensioner reads it aloud, a clerk types it.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class StockWord(models.TextChoices):
    """How full a shelf looks; the exact count is the store's business (look.md)."""

    PLENTY = "plenty", _("充足")
    FEW = "few", _("少量")
    GONE = "gone", _("换完")


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """What is still free of one delivery."""

    batch_id: int
    product_id: int
    free: int
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Pick:
    """So many from that batch."""

    batch: OpenBatch
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """A product of which there is not enough."""

    product_id: int
    left: int


@dataclass(frozen=True, slots=True)
class Start:
    """How a redemption begins: by whom and where, and how long it is kept (None: the usual time)."""

    channel: Channel = Channel.PHONE
    started_by_id: int | None = None
    hold: timedelta | None = None


BY_PHONE = Start()


def first_expired_first_out(
    batches: Iterable[OpenBatch], wanted: Mapping[int, int]
) -> Sequence[Pick] | Shortage:
    """Choose batches for the wanted quantities: earliest expiry first, what keeps for ever last.

    Picks come in the order of batch ids, the order in which everything locks batches.
    """
    by_expiry = sorted(batches, key=lambda batch: (batch.expires_on or date.max, batch.batch_id))
    picks = []
    for product_id, quantity in wanted.items():
        missing = quantity
        for batch in by_expiry:
            if batch.product_id == product_id and batch.free > 0 and missing:
                part = min(missing, batch.free)
                picks.append(Pick(batch, part))
                missing -= part
        if missing:
            return Shortage(product_id, left=quantity - missing)
    return sorted(picks, key=lambda pick: pick.batch.batch_id)


def held_until(picks: Iterable[Pick], *, at: datetime, hold: timedelta) -> datetime:
    """Return when a reservation ends: after `hold`, or sooner with the last usable day of its goods."""
    ends = [at + hold]
    ends += [end_of_day(pick.batch.expires_on) for pick in picks if pick.batch.expires_on]
    return min(ends)


def end_of_day(day: date) -> datetime:
    """Return the instant at which a business day (Asia/Shanghai) is over."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=get_default_timezone())


def month_of(at: datetime) -> datetime:
    """Return the instant at which the business month of `at` began."""
    return localtime(at, get_default_timezone()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def stock_word(free: int) -> StockWord:
    """Say how many are left the way a shelf does."""
    if free <= 0:
        return StockWord.GONE
    return StockWord.FEW if free <= FEW_LEFT else StockWord.PLENTY


def new_code() -> str:
    """Draw a pick-up code from a cryptographic source."""
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(CODE_LENGTH))


def read_code(text: str) -> str:
    """Return a code as stored from what somebody typed: any case, spaces, hyphens and rubbish left out."""
    return "".join(character for character in text.upper() if character.isascii() and character.isalnum())
