"""A store that takes in small deliveries for years, and a counter where every clerk scans the same codes."""

import statistics
import time
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone
from django.utils.timezone import localdate

from backend.accounts.scopes import Role
from points.market import services as market
from points.market.choices import MoveKind
from points.market.models import Batch, Product, StockMove
from tests.benchmarks import crowd, stage
from tests.factories.accounts import make_staff
from tests.factories.market import ProductFactory, StoreFactory
from tests.factories.regions import COMMUNITY, make_path

BATCHES = 10_000
CLERKS = 64
_RESERVATIONS = 40
_UNITS = 100  # of each of the ten thousand deliveries
_DATES = 300  # several deliveries keep until the same day


def first_out() -> dict[str, float]:
    """Reserve from a product with ten thousand open deliveries, in turn with one that has a single one."""
    store = StoreFactory.create(region=make_path(COMMUNITY))
    one, many = (ProductFactory.create(store=store, name=name) for name in ("大米", "挂面"))
    _deliver(one, 1)
    _deliver(many, BATCHES)
    people = crowd.volunteers(_RESERVATIONS, prefix="O")
    crowd.give_points(people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE points_batch, points_stockmove, points_account, points_lot")
    times: dict[int, list[float]] = {one.pk: [], many.pk: []}
    for person in people:
        for product in (one, many):
            began = time.perf_counter()
            market.reserve(
                volunteer=person,
                store_id=store.pk,
                lines=[market.LineInput(product.pk, 3)],
                at=timezone.now(),
            )
            times[product.pk].append((time.perf_counter() - began) * 1000)
    return {
        "fefo_10k_ms": round(statistics.median(times[many.pk]), 2),
        "fefo_one_ms": round(statistics.median(times[one.pk]), 2),
    }


def collect_double(home: Path, port: int, *, redemptions: int) -> dict[str, float]:
    """Every clerk of a store hands the same redemptions over, all in the same order and at once."""
    store = StoreFactory.create(region=make_path(COMMUNITY))
    product = ProductFactory.create(store=store, name="大米")
    _deliver(product, 1)
    people = crowd.volunteers(redemptions, prefix="D")
    crowd.give_points(people)
    reserved = [
        market.reserve(
            volunteer=person,
            store_id=store.pk,
            lines=[market.LineInput(product.pk, 1)],
            at=timezone.now(),
        )
        for person in people
    ]
    tokens = [
        str(crowd.AccessToken.for_user(make_staff(Role.STORE_CLERK, store.pk))) for _clerk in range(CLERKS)
    ]
    clients = [
        [
            {
                "method": "POST",
                "path": f"/api/v1/market/redemptions/{redemption.pk}/collect/",
                "jwt": token,
                "key": uuid.uuid4().hex,
                "body": {"code": redemption.code},
            }
            for redemption in reserved
        ]
        for token in tokens
    ]
    result = stage.play(home, port, {"expect": '"status":"collected"', "clients": clients})
    moves = StockMove.objects.filter(kind=MoveKind.ISSUE, redemption__in=reserved)
    issued = Counter(moves.values_list("redemption_id", flat=True))
    if set(result.statuses) - {"200", "409"} or len(issued) < redemptions:
        raise RuntimeError(f"{len(issued)} were collected: {result.statuses}, {result.unexpected[:500]}")
    # More answers that say so than redemptions, or goods that left the shelf twice: either is one too many.
    twice = sum(times > 1 for times in issued.values())
    return {"collect_double": max(result.matched - redemptions, twice)}


def _deliver(product: Product, batches: int) -> None:
    """Take in so many deliveries, the last of which keep for ever."""
    at = timezone.now()
    today = localdate(at)
    made = Batch.objects.bulk_create(
        Batch(
            store_id=product.store_id,
            product=product,
            received_at=at,
            expires_on=today + timedelta(days=30 + place % _DATES) if place % 7 else None,
        )
        for place in range(batches)
    )
    StockMove.objects.bulk_create(
        StockMove(batch=batch, kind=MoveKind.RECEIVE, quantity=_UNITS * 10 if batches == 1 else _UNITS, at=at)
        for batch in made
    )
