"""The market's rules that need no database: which delivery first, how long, how much is left. Pure."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext_lazy as _
from stdnum import ean

from points.market.choices import Channel, LimitPeriod

MOST_LINES = 20
MOST_OF_ONE = 99
MOST_OF_A_BATCH = 1_000_000
MOST_PLACES = 500
FEW_LEFT = 5

_MONTHS_OF_A_QUARTER = 3
_WHOLE = 100
_EAN = (8, 13)
_UPC_A = 12

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
    batches: Iterable[OpenBatch], wanted: Mapping[int, int], *, kept: Mapping[int, int] | None = None
) -> Sequence[Pick] | Shortage:
    """Choose batches for the wanted quantities: earliest expiry first, what keeps for ever last.

    Of each product, so many of `kept` are left. Picks come in the order of batch ids, the order in which
    everything locks batches.
    """
    by_expiry = sorted(batches, key=lambda batch: (batch.expires_on or date.max, batch.batch_id))
    picks = []
    for product_id, quantity in wanted.items():
        if kept and kept.get(product_id):
            free = sum(batch.free for batch in by_expiry if batch.product_id == product_id)
            if free - kept[product_id] < quantity:
                return Shortage(product_id, left=max(0, free - kept[product_id]))
        missing = quantity
        for batch in by_expiry:
            if batch.product_id == product_id and batch.free > 0 and missing:
                part = min(missing, batch.free)
                picks.append(Pick(batch, part))
                missing -= part
        if missing:
            return Shortage(product_id, left=quantity - missing)
    return sorted(picks, key=lambda pick: pick.batch.batch_id)


@dataclass(frozen=True, slots=True)
class Discount:
    """A store sells goods that expire within so many days for `percent` of their price (rules.md D4)."""

    days: int
    percent: int

    def holds(self, expires_on: date | None, today: date) -> bool:
        """Whether goods with this last usable day are near it."""
        return expires_on is not None and (expires_on - today).days <= self.days

    def price(self, points: int) -> int:
        """Return what is left of a price: rounded up, so that nothing becomes free."""
        return -(-points * self.percent // _WHOLE)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many of one product at one price."""

    product_id: int
    unit_points: int
    quantity: int


def priced(
    picks: Iterable[Pick], prices: Mapping[int, int], discount: Discount | None, *, today: date
) -> list[PricedLine]:
    """Return the lines of picked goods, the products in the order of `prices`, the cheaper line first."""
    quantities: Counter[tuple[int, int]] = Counter()
    for pick in picks:
        points = prices[pick.batch.product_id]
        if discount is not None and discount.holds(pick.batch.expires_on, today):
            points = discount.price(points)
        quantities[pick.batch.product_id, points] += pick.quantity
    order = {product_id: place for place, product_id in enumerate(prices)}
    return [
        PricedLine(product_id, points, quantity)
        for (product_id, points), quantity in sorted(
            quantities.items(), key=lambda item: (order[item[0][0]], item[0][1])
        )
    ]


def held_until(picks: Iterable[Pick], *, at: datetime, hold: timedelta) -> datetime:
    """Return when a reservation ends: after `hold`, or sooner with the last usable day of its goods."""
    ends = [at + hold]
    ends += [end_of_day(pick.batch.expires_on) for pick in picks if pick.batch.expires_on]
    return min(ends)


def end_of_day(day: date) -> datetime:
    """Return the instant at which a business day (Asia/Shanghai) is over."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=get_default_timezone())


def period_began(period: str, at: datetime) -> datetime | None:
    """Return when the business week, month, quarter or year of `at` began; None if the share is for ever."""
    midnight = localtime(at, get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    match LimitPeriod(period):
        case LimitPeriod.WEEK:
            return midnight - timedelta(days=midnight.weekday())
        case LimitPeriod.MONTH:
            return midnight.replace(day=1)
        case LimitPeriod.QUARTER:
            return midnight.replace(month=midnight.month - (midnight.month - 1) % _MONTHS_OF_A_QUARTER, day=1)
        case LimitPeriod.YEAR:
            return midnight.replace(month=1, day=1)
        case LimitPeriod.EVER:
            return None


def stock_word(free: int) -> StockWord:
    """Say how many are left the way a shelf does."""
    if free <= 0:
        return StockWord.GONE
    return StockWord.FEW if free <= FEW_LEFT else StockWord.PLENTY


def new_code() -> str:
    """Draw a pick-up code from a cryptographic source."""
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(CODE_LENGTH))


def new_barcode() -> str:
    """Draw a barcode of a store's own: EAN-13 beginning with 20 to 29 (GS1 “restricted circulation”)."""
    digits = f"2{secrets.randbelow(10**11):011d}"
    return digits + ean.calc_check_digit(digits)


def read_barcode(text: str) -> str | None:
    """Return a barcode as stored, EAN-13 or EAN-8, or None for what is none.

    Spaces and hyphens are left out. A scanner reads UPC-A as twelve digits, which is EAN-13 without its zero.
    """
    digits = "".join(character for character in text if character not in " -")
    if not digits.isascii():
        return None
    digits = f"0{digits}" if len(digits) == _UPC_A else digits
    return digits if len(digits) in _EAN and ean.is_valid(digits) else None


def read_code(text: str) -> str:
    """Return a code as stored from what somebody typed: any case, spaces, hyphens and rubbish left out."""
    return "".join(character for character in text.upper() if character.isascii() and character.isalnum())
