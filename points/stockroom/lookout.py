"""What the clock looks after in the stockroom: shortages and expired goods are told once."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.utils.timezone import localdate

from points.market.models import Store
from points.stockroom import queries, recalling
from points.stockroom.models import StockNotice
from points.stockroom.states import NoticeKind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found new, and what is over."""

    shortages: int
    expired: int
    ended: int


def look_over(*, at: datetime) -> Seen:
    """Tell keepers of every new shortage and every batch that has expired on the shelf; end what is over.

    Each is one row until it is over, however often and beside whom this runs. Nothing is written off by the
    clock: expired goods stay in the books until a keeper takes them out with a reason. Recalls whose
    cancelling was interrupted are finished first.
    """
    recalling.settle_open(at=at)
    ended = _end(at=at)
    shortages, expired = queries.due_notices(at=at)
    rows = [
        *(StockNotice(kind=NoticeKind.SHORTAGE, product=product, opened_at=at) for product in shortages),
        *(
            StockNotice(kind=NoticeKind.EXPIRED, product_id=batch.product_id, batch=batch, opened_at=at)
            for batch in expired
        ),
    ]
    StockNotice.objects.bulk_create(
        rows, ignore_conflicts=True
    )  # another worker was faster; its row is as good
    new_shortages = sum(row.kind == NoticeKind.SHORTAGE for row in rows)
    seen = Seen(new_shortages, len(rows) - new_shortages, ended)
    if rows or ended:
        log.info("stock_looked_over", shortages=seen.shortages, expired=seen.expired, ended=ended)
    return seen


def _end(*, at: datetime) -> int:
    live = StockNotice.objects.filter(ended_at__isnull=True)
    still_short = queries.short_products(at=at, stores=Store.objects.all()).order_by().values("pk")
    over = live.filter(kind=NoticeKind.SHORTAGE).exclude(product__in=still_short).update(ended_at=at)
    gone = live.filter(kind=NoticeKind.EXPIRED).exclude(
        batch__on_hand__gt=0, batch__expires_on__lt=localdate(at)
    )
    return over + gone.update(ended_at=at)
