"""Handing over without network, from a signed list (docs/adr/0006-offline-collection.md says why so).

A list leases what waits in a store to one device: until the lease is given back or ends, nobody else hands
these goods over, cancels them or lets them lapse, so one redemption cannot go out twice. The list names
nobody and holds no code: what a device knows of a code is a slow hash of it under the list's own salt.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, Refusal, refusal_coded, refusal_for
from backend.core.masking import mask_name
from points.market import queries, rules, services
from points.market.choices import Channel, OfflineResult, RedemptionStatus
from points.market.errors import (
    ClerkServesSelf,
    OfflineListNotOurs,
    OfflineListOver,
    PickupCodeWrong,
    RedemptionLapsed,
    RedemptionOnOfflineList,
)
from points.market.offline_models import OfflineCollection, OfflineLease, OfflineList
from points.market.redemption_models import Redemption

VERSION = 1  # of the key and of the form of a list
LIST_HOURS = 12  # settings.OFFLINE_LIST_HOURS overrides: how long a device may hand over
SYNC_HOURS = 2  # settings.OFFLINE_SYNC_HOURS overrides: and how much longer it may tell
MOST_ON_A_LIST = 300
MOST_AT_ONCE = 300
ROUNDS = 10_000  # one code costs a tablet a moment, all 31^10 of them more than anybody has
_CHECK_BYTES = 16
_SERIAL_BYTES = 16
_TOLD: dict[str, OfflineResult] = {
    RedemptionStatus.COLLECTED: OfflineResult.ALREADY,
    RedemptionStatus.RETURNED: OfflineResult.ALREADY,
    RedemptionStatus.CANCELLED: OfflineResult.CANCELLED,
    RedemptionStatus.LAPSED: OfflineResult.LAPSED_BUT_ON_LIST,
}


@dataclass(frozen=True, slots=True)
class SignedList:
    """What a device keeps. `text` is JSON; `signature` proves later that we gave it to this device."""

    serial: str
    text: str
    signature: str
    expires_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a device says it handed over, and when, by its own clock."""

    redemption_id: int
    code: str
    captured_at: datetime
    nonce: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one hand-over."""

    redemption_id: int
    result: OfflineResult
    problem: Refusal | None = None


def take(
    *, store_id: int, actor: Actor, at: datetime, instead_of: str = "", signature: str = ""
) -> SignedList:
    """Lease what waits in this store to the device that asks, the soonest due first, 300 at most.

    `instead_of` is the list the device had, with its signature: it is given back in the same step. What is on
    another device's list, what the volunteer has not agreed to, and what is the clerk's own or their
    household's stays off it.

    :raises Forbidden, NotFound: no clerk, or of another store; or not a list the actor took.
    :raises OfflineListNotOurs: not the device that has it.
    """
    stores = actor.stores(Role.STORE_CLERK)
    if not stores:
        raise Forbidden
    if store_id not in stores:
        raise NotFound(field="store")
    serial = secrets.token_hex(_SERIAL_BYTES)
    key = _key(serial, VERSION)
    salt = hmac.digest(key, b"salt", hashlib.sha256)[:_CHECK_BYTES]
    waiting = _waiting(store_id, at, instead_of=instead_of).exclude(queries.near(actor.user_id))
    wanted = waiting[:MOST_ON_A_LIST]
    checks = {redemption.pk: _check(redemption.code, salt) for redemption in wanted}  # slow: before any lock
    with transaction.atomic():
        locked = Redemption.objects.select_for_update(of=("self",)).filter(pk__in=checks).order_by("pk")
        list(locked)
        if instead_of:
            _close(_own(instead_of, signature, actor, lock=True), actor=actor, at=at)
        OfflineLease.objects.filter(
            redemption_id__in=checks, released_at__isnull=True, list__ends_at__lte=at
        ).update(released_at=at)
        # Once more under the locks: a rival may have settled some, or put them on another device's list.
        mine = list(_waiting(store_id, at).filter(pk__in=checks))
        text, expires_at = _write(serial, salt, mine, checks, at=at)
        made = OfflineList.objects.create(
            store_id=store_id,
            serial=serial,
            version=VERSION,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            taken_by_id=actor.user_id,
            taken_at=at,
            expires_at=expires_at,
            ends_at=expires_at + _hours("OFFLINE_SYNC_HOURS", SYNC_HOURS),
        )
        OfflineLease.objects.bulk_create(OfflineLease(list=made, redemption=row) for row in mine)
        audit.record(actor=actor, action="offline_list.taken", target=made, at=at, detail={"size": len(mine)})
    return SignedList(serial, text, _sign(made), expires_at, len(mine))


def give_back(
    *,
    serial: str,
    signature: str,
    actor: Actor,
    at: datetime,
    redemption_ids: Sequence[int] | None = None,
) -> OfflineList:
    """Let go of a list, or of some of its redemptions, from the device that has it; twice changes nothing.

    :raises NotFound: not a list the actor took. :raises OfflineListNotOurs: not the device that has it.
    """
    with transaction.atomic():
        found = _own(serial, signature, actor, lock=True)
        if redemption_ids is None:
            _close(found, actor=actor, at=at)
        else:
            _release(found.leases.filter(redemption_id__in=redemption_ids), at=at)
    return found


def declare_lost(*, serial: str, actor: Actor, at: datetime) -> OfflineList:
    """End the leases of a device that is broken or gone; by whoever is above the clerks of the store.

    What the device still tells counts as long as the goods wait.

    :raises NotFound: no such list in a store the actor keeps. :raises Forbidden: the actor is a clerk only.
    """
    if not actor.has(Role.ORGANIZATION_MANAGER, *queries.KEEPERS_BY_REGION):
        raise Forbidden
    with transaction.atomic():
        lists = OfflineList.objects.select_for_update(of=("self",)).select_related("store")
        found = lists.filter(serial=serial).first()
        # The clerk who may have the device in their hands is not the one to say it is lost.
        others = Actor(actor.user_id, frozenset(g for g in actor.grants if g[0] != Role.STORE_CLERK))
        if found is None or not queries.keeps_stock(others, found.store):
            raise NotFound
        if found.closed_at is None:
            _close(found, actor=actor, at=at)
            audit.record(actor=actor, action="offline_list.lost", target=found, at=at)
    return found


def live_lists(actor: Actor, *, at: datetime) -> QuerySet[OfflineList]:
    """Return the lists that hold something back in the stores the actor keeps, newest first."""
    lists = OfflineList.objects.filter(closed_at__isnull=True, ends_at__gt=at)
    return lists.filter(store__in=queries.stores_kept_by(actor)).select_related("store", "taken_by")


def sync(
    *,
    serial: str,
    signature: str,
    rows: Sequence[HandOver],
    actor: Actor,
    at: datetime,
    sent_at: datetime | None = None,
) -> list[Told]:
    """Take in what a device handed over without network; return what became of each, in the order given.

    Each row stands in a transaction of its own, and a row sent again gets the answer it got. `sent_at` is the
    device's clock at sending: by how much it is wrong, its other times are wrong as well.

    :raises NotFound: not a list the actor took. :raises OfflineListNotOurs: not the device that has it.
    """
    found = _own(serial, signature, actor)
    wrong_by = timedelta(0) if sent_at is None else at - sent_at
    return [_take_in(found, row, min(row.captured_at + wrong_by, at), at=at) for row in rows]


@transaction.atomic
def _take_in(given: OfflineList, row: HandOver, captured_at: datetime, *, at: datetime) -> Told:
    redemption = (
        Redemption.objects.select_for_update(of=("self",))
        .select_related("volunteer", "household", "store")
        .filter(pk=row.redemption_id, leases__list=given)
        .first()
    )
    if redemption is None:
        return Told(row.redemption_id, OfflineResult.REFUSED, NotFound(field="redemption"))
    before = OfflineCollection.objects.filter(list=given, nonce=row.nonce).first()
    if before is not None:
        problem = refusal_coded(before.problem) if before.problem else None
        return Told(redemption.pk, OfflineResult(before.result), problem)
    told = _judge(given, redemption, row, captured_at, at=at)
    if told.result == OfflineResult.COLLECTED:
        try:
            with transaction.atomic():
                _release(given.leases.filter(redemption=redemption), at=at)
                services.hand_over(redemption, clerk_id=given.taken_by_id, handed_at=captured_at, at=at)
        except IntegrityError as error:  # called back meanwhile: the row says so and holds up no other
            told = Told(redemption.pk, OfflineResult.REFUSED, refusal_for(error))
    OfflineCollection.objects.create(
        list=given,
        redemption=redemption,
        nonce=row.nonce,
        captured_at=captured_at,
        received_at=at,
        result=told.result,
        problem=told.problem.code if told.problem else "",
    )
    return told


def _judge(
    given: OfflineList, redemption: Redemption, row: HandOver, captured_at: datetime, *, at: datetime
) -> Told:
    """Decide about one hand-over of a locked redemption by the rules that held when it happened."""
    problem: Refusal | None = None
    if not secrets.compare_digest(redemption.code.encode(), rules.read_code(row.code).encode()):
        problem = PickupCodeWrong(field="code")
    elif redemption.status != RedemptionStatus.RESERVED:
        return Told(redemption.pk, _TOLD[redemption.status])
    elif not given.taken_at - timedelta(minutes=1) <= captured_at < given.expires_at:
        problem = OfflineListOver(field="captured_at")
    elif captured_at >= redemption.reserved_until:
        problem = RedemptionLapsed()
    elif queries.is_near(redemption, user_id=given.taken_by_id):
        problem = ClerkServesSelf()
    else:
        other = redemption.leases.filter(~Q(list=given), released_at__isnull=True, list__ends_at__gt=at)
        until = other.values_list("list__ends_at", flat=True).first()
        if until is not None:
            problem = RedemptionOnOfflineList(until=f"{localtime(until):%H:%M}")
    if problem is not None:
        return Told(redemption.pk, OfflineResult.REFUSED, problem)
    return Told(redemption.pk, OfflineResult.COLLECTED)


def _waiting(store_id: int, at: datetime, *, instead_of: str = "") -> QuerySet[Redemption]:
    """Return what a device could hand over: agreed to, in time, and on no (other) device's list."""
    found = Redemption.objects.filter(
        ~Q(channel=Channel.COUNTER) | Q(confirmed_at__isnull=False),
        store_id=store_id,
        status=RedemptionStatus.RESERVED,
        reserved_until__gt=at,
    )
    leased = OfflineLease.objects.filter(released_at__isnull=True, list__ends_at__gt=at)
    elsewhere = leased.exclude(list__serial=instead_of).values("redemption")
    return queries.told(found.exclude(pk__in=elsewhere)).order_by("reserved_until", "pk")


def _write(
    serial: str, salt: bytes, rows: Sequence[Redemption], checks: dict[int, str], *, at: datetime
) -> tuple[str, datetime]:
    expires_at = at + _hours("OFFLINE_LIST_HOURS", LIST_HOURS)
    content: dict[str, Any] = {
        "serial": serial,
        "version": VERSION,
        "taken_at": at.isoformat(),
        "expires_at": expires_at.isoformat(),
        "salt": salt.hex(),
        "rounds": ROUNDS,
        "rows": [
            {
                "redemption": row.pk,
                "check": checks[row.pk],
                "name": mask_name(row.recipient_name),
                "until": row.reserved_until.isoformat(),
                "lines": [
                    {"name": line.product.name, "quantity": line.quantity, "unit": line.product.unit}
                    for line in row.lines.all()
                ],
            }
            for row in rows
        ],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")), expires_at


def _own(serial: str, signature: str, actor: Actor, *, lock: bool = False) -> OfflineList:
    lists = OfflineList.objects.select_for_update() if lock else OfflineList.objects.all()
    found = lists.filter(serial=serial, taken_by_id=actor.user_id).first()
    if found is None:
        raise NotFound(field="list")
    if not hmac.compare_digest(_sign(found), signature):
        raise OfflineListNotOurs(field="signature")
    return found


def _close(found: OfflineList, *, actor: Actor, at: datetime) -> None:
    if found.closed_at is not None:
        return
    _release(found.leases.all(), at=at)
    found.closed_at = at
    found.closed_by_id = actor.user_id
    found.save(update_fields=["closed_at", "closed_by"])


def _release(leases: QuerySet[OfflineLease], *, at: datetime) -> None:
    leases.filter(released_at__isnull=True).update(released_at=at)


def _key(serial: str, version: int) -> bytes:
    return hmac.digest(settings.QR_SECRET, f"offline-list:{serial}:{version}".encode(), hashlib.sha256)


def _sign(found: OfflineList) -> str:
    return hmac.new(_key(found.serial, found.version), found.digest.encode(), hashlib.sha256).hexdigest()


def _check(code: str, salt: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt, ROUNDS, _CHECK_BYTES).hex()


def _hours(name: str, usual: int) -> timedelta:
    return timedelta(hours=getattr(settings, name, usual))
