"""What is measured, each on the stage of `stage.py` with the crowd of `crowd.py`."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from points.market import services as market
from points.market.models import Product
from points.market.redemption_models import RedemptionLine
from tests.benchmarks import crowd, presence, stage
from tests.factories.market import ProductFactory, StoreFactory
from tests.factories.regions import COMMUNITY, make_path
from volunteers.people.models import Volunteer

CHECK_IN_CLIENTS = 16
REDEEM_CLIENTS = 64
SCARCE_UNITS = 50
_BOOKKEEPING = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the quick run fits into a minute."""

    check_ins: int
    rounds: int
    awarded_people: int
    awards_each: int
    approvals: int
    redeemers: int
    board_reads: int
    batches: int
    scans: int
    expiring_lots: int
    recomputed: int
    collected: int


QUICK = Sizes(
    check_ins=1200,
    rounds=3,
    awarded_people=400,
    awards_each=5,
    approvals=60,
    redeemers=640,
    board_reads=3000,
    batches=1,
    scans=100_000,
    expiring_lots=2000,
    recomputed=5000,
    collected=10,
)
FULL = Sizes(
    check_ins=6400,
    rounds=8,
    awarded_people=2500,
    awards_each=8,
    approvals=300,
    redeemers=1600,
    board_reads=20000,
    batches=4,
    scans=1_000_000,
    expiring_lots=20_000,
    recomputed=50_000,
    collected=50,
)


def check_ins(home: Path, port: int, sizes: Sizes) -> dict[str, float]:
    """Distinct volunteers check in, in turn with the same number of bare requests."""
    warm_up, per_round = CHECK_IN_CLIENTS * 12, sizes.check_ins // sizes.rounds
    people = crowd.volunteers(1 + warm_up + sizes.check_ins, prefix="C")
    shifts = crowd.shifts_now(-(-len(people) // crowd.PER_SITE))
    sites = crowd.signed_up(people, shifts)
    tokens = crowd.codes(sites)
    requests = [_check_in(person, site.pk) for person, site in zip(people, sites, strict=True)]
    bare = [
        {"method": "POST", "path": "/bare/", "jwt": request["jwt"],
         "body": {"site": request["site"], "nonce": request["body"]["nonce"]}}
        for request in requests
    ]  # fmt: skip
    statements = _count_statements(requests[0], tokens)

    def play(which: Sequence[Request], first: int, count: int) -> stage.Result:
        chosen = which[first : first + count]
        plan = {"tokens": tokens, "expect": '"accepted"', "clients": _dealt(chosen, CHECK_IN_CLIENTS)}
        return _whole(stage.play(home, port, plan))

    play(bare, 1, warm_up)
    play(requests, 1, warm_up)
    measured: dict[str, list[stage.Result]] = {"bare": [], "check_in": []}
    for turn in range(sizes.rounds):
        first = 1 + warm_up + turn * per_round
        measured["bare"].append(play(bare, first, per_round))
        measured["check_in"].append(play(requests, first, per_round))
    bare_rate, rate = (
        sum(r.matched for r in results) / sum(r.seconds for r in results) for results in measured.values()
    )
    return {
        "checkin_per_s": round(rate, 1),
        "checkin_p99_ms": round(max(result.percentile(0.99) for result in measured["check_in"]), 1),
        "checkin_sql": statements,
        "bare_per_s": round(bare_rate, 1),
        "checkin_vs_bare": round(rate / bare_rate, 3),
    }


def full_table(home: Path, port: int, sizes: Sizes) -> dict[str, float]:
    """Check-ins into tables with many scans, against check-ins just before there were so many."""
    count = sizes.check_ins // 2
    before = _rate_of_check_ins(home, port, count, prefix="E")
    presence.fill_scans(sizes.scans)
    after = _rate_of_check_ins(home, port, count, prefix="F")
    return {"checkin_vs_empty": round(after / before, 3)}


def _rate_of_check_ins(home: Path, port: int, count: int, *, prefix: str) -> float:
    people = crowd.volunteers(count, prefix=prefix)
    sites = crowd.signed_up(people, crowd.shifts_now(-(-count // crowd.PER_SITE)))
    requests = [_check_in(person, site.pk) for person, site in zip(people, sites, strict=True)]
    plan = {
        "tokens": crowd.codes(sites),
        "expect": '"accepted"',
        "clients": _dealt(requests, CHECK_IN_CLIENTS),
    }
    return _whole(stage.play(home, port, plan)).per_second


def redemptions(home: Path, port: int, sizes: Sizes) -> dict[str, float]:
    """Everybody wants the same goods: plenty of them for the rate, fifty for the count."""
    people = crowd.volunteers(sizes.redeemers + 2 * REDEEM_CLIENTS, prefix="R")
    crowd.give_points(people)
    store = StoreFactory.create(region=make_path(COMMUNITY))
    plenty, scarce = (ProductFactory.create(store=store, name=name) for name in ("大米", "食用油"))
    for product, units in ((plenty, len(people)), (scarce, SCARCE_UNITS)):
        market.receive_batch(product=product, quantity=units, expires_on=None, actor=None, at=timezone.now())

    def play(who: Sequence[Volunteer], product: Product) -> stage.Result:
        requests = [_redeem(person, product) for person in who]
        return stage.play(home, port, {"expect": '"reserved"', "clients": _dealt(requests, REDEEM_CLIENTS)})

    _whole(play(people[:REDEEM_CLIENTS], plenty))
    rate = _whole(play(people[2 * REDEEM_CLIENTS :], plenty)).per_second
    play(people[: 2 * REDEEM_CLIENTS], scarce)
    sold = RedemptionLine.objects.filter(product=scarce).count()
    return {"redeem_per_s": round(rate, 1), "redeem_oversold": sold - SCARCE_UNITS}


def boards(home: Path, port: int, sizes: Sizes) -> dict[str, float]:
    """The public hours board, from the cache."""
    cache.clear()
    request = {"method": "GET", "path": f"/api/v1/boards/hours/?region={COMMUNITY}&period=all"}

    def play(count: int) -> stage.Result:
        plan = {"expect": '"entries"', "clients": _dealt([request] * count, CHECK_IN_CLIENTS)}
        return _whole(stage.play(home, port, plan))

    play(CHECK_IN_CLIENTS * 20)
    return {"board_per_s": round(play(sizes.board_reads).per_second, 1)}


def _check_in(person: Volunteer, site_id: int) -> dict[str, Any]:
    place = {"lat": crowd.LATITUDE, "lng": crowd.LONGITUDE, "accuracy_m": 20}
    body = {"token": "@" * 40, "intent": "in", "nonce": uuid.uuid4().hex, "location": place}
    return {
        "method": "POST",
        "path": "/api/v1/scans/",
        "jwt": crowd.jwt(person),
        "site": site_id,
        "body": {**body, "device": uuid.uuid4().hex},
    }


def _redeem(person: Volunteer, product: Product) -> dict[str, Any]:
    body = {"store": product.store_id, "lines": [{"product": product.pk, "quantity": 1}]}
    return {
        "method": "POST",
        "path": "/api/v1/market/redemptions/",
        "jwt": crowd.jwt(person),
        "key": uuid.uuid4().hex,
        "body": body,
    }


def _dealt(requests: Sequence[Request], clients: int) -> list[list[Request]]:
    return [list(requests[client::clients]) for client in range(clients)]


def _whole(result: stage.Result) -> stage.Result:
    """The result, if every answer was the expected one: a fast refusal must not count.

    :raises RuntimeError: it was not.
    """
    if result.matched != len(result.latencies_ms):
        raise RuntimeError(
            f"{result.matched} of {len(result.latencies_ms)} answers were as expected,"
            f" statuses {result.statuses}, for example: {result.unexpected}"
        )
    return result


def _count_statements(request: Request, tokens: Mapping[str, Mapping[str, str]]) -> int:
    """SQL statements of one accepted check-in, its user's lookup included, BEGIN and COMMIT not."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {request['jwt']}")
    window = str(int(time.time()) // 30)
    body = {**request["body"], "token": tokens[str(request["site"])][window]}
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(request["path"], body, format="json")
    if answer.status_code != 201 or answer.json()["result"] != "accepted":
        raise RuntimeError(f"the check-in was not accepted: {answer.content.decode()}")
    return sum(not query["sql"].startswith(_BOOKKEEPING) for query in captured)
