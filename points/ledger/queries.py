"""Reading the book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.timezone import localdate

from points.ledger.lots import NEVER
from points.ledger.models import Account, AccountKind, Entry, Lot, LotUse, Transfer, TransferKind

if TYPE_CHECKING:
    from volunteers.people.models import Volunteer

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a volunteer has, in points. `next_expiry` is the last day on which the next points can be used.

    It is None where there are none, or they never expire.
    """

    available: int = 0
    held: int = 0
    expiring_soon: int = 0
    next_expiry: date | None = None
    next_expiry_points: int = 0


def balance(volunteer: Volunteer, *, at: datetime) -> Balance:
    """Return what the volunteer may spend at `at`, what is held, and what expires next.

    `available` leaves out points past their expiry that the nightly expiry has not moved yet; it is negative
    while the volunteer owes points.
    """
    account = Account.objects.filter(volunteer=volunteer).first()
    if account is None:
        return Balance()
    lots = list(
        Lot.objects.filter(account=account, remaining__gt=0, expires_at__gt=at)
        .values_list("expires_at")
        .annotate(points=Sum("remaining"))  # one row per expiry, however many lots
        .order_by("expires_at")
    )
    next_at = lots[0][0] if lots and lots[0][0] < NEVER else None
    return Balance(
        available=account.balance if account.balance < 0 else sum(points for _, points in lots),
        held=_held(account),
        expiring_soon=sum(points for expires_at, points in lots if expires_at <= at + SOON),
        next_expiry=localdate(next_at - timedelta(microseconds=1)) if next_at else None,
        next_expiry_points=sum(points for expires_at, points in lots if expires_at == next_at),
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which lines of a statement are asked for; both days belong to it."""

    kind: str | None = None
    since: date | None = None
    until: date | None = None


def statement(volunteer: Volunteer, chosen: Chosen | None = None) -> QuerySet[Entry]:
    """Return the volunteer's entries, newest first; `entry.transfer` tells each in a sentence."""
    # A scalar subquery, not a join: the page is then read straight off the (account, -id) index.
    account = Account.objects.filter(volunteer=volunteer).values("pk")[:1]
    lines = Entry.objects.filter(account=account).select_related("transfer").order_by("-pk")
    if chosen is None:
        return lines
    if chosen.kind:
        lines = lines.filter(transfer__kind=chosen.kind)
    if chosen.since:
        lines = lines.filter(transfer__business_day__gte=chosen.since)
    if chosen.until:
        lines = lines.filter(transfer__business_day__lte=chosen.until)
    return lines


def open_lots(volunteer: Volunteer, *, at: datetime) -> QuerySet[Lot]:
    """Return the lots the volunteer can still spend from, in the order in which they are spent."""
    lots = Lot.objects.filter(account__volunteer=volunteer, remaining__gt=0, expires_at__gt=at)
    return lots.select_related("transfer").order_by("expires_at", "pk")


def system_balance(kind: AccountKind) -> int:
    """Return what a system account holds, summed from its entries (they keep no running balance)."""
    total = Entry.objects.filter(account__kind=kind).aggregate(total=Sum("amount"))["total"]
    return total or 0


def expired_out_of(transfer_ids: Collection[int]) -> dict[int, int]:
    """Return what has expired of the points each transfer gave, less what it took back from expired ones.

    Summed over all transfers of one fact it is what has expired of that fact and was not taken back since.
    """
    found: dict[int, int] = defaultdict(int)
    uses = LotUse.objects.filter(lot__transfer_id__in=transfer_ids, transfer__kind=TransferKind.EXPIRE)
    for pk, amount in uses.values_list("lot__transfer_id", "amount"):
        found[pk] -= amount
    if len(transfer_ids) > 1:  # the first transfer of a fact gives; only later ones can have taken back
        back = Entry.objects.filter(
            transfer_id__in=transfer_ids, account__kind=AccountKind.EXPIRED, amount__lt=0
        )
        for pk, amount in back.values_list("transfer_id", "amount"):
            found[pk] += amount
    return found


def transfer_by_key(key: str) -> Transfer | None:
    """Return the transfer of a business key, if it was ever written."""
    return Transfer.objects.filter(key=key).first()


def _held(account: Account) -> int:
    open_holds = Entry.objects.filter(
        ~Exists(Transfer.objects.filter(settles=OuterRef("transfer"))),
        account=account,
        amount__lt=0,
        transfer__kind=TransferKind.HOLD,
    )
    return -(open_holds.aggregate(total=Sum("amount"))["total"] or 0)
