"""The only place where points move. Everything here is idempotent by its business key.

`post`, `post_many`, `hold`, `capture`, `release`, `refund` and `reverse` require the caller's transaction,
because points and their cause are written together; `expire_lots` is a use case of its own and begins one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import localdate

from points.ledger import book
from points.ledger.errors import HoldAlreadySettled, NotACapture, TransferAlreadyReversed
from points.ledger.models import Account, AccountKind, Entry, Lot, Transfer, TransferKind
from points.ledger.postings import Leg, Posting
from points.ledger.queries import expired_out_of

if TYPE_CHECKING:
    from backend.accounts.scopes import Actor
    from volunteers.people.models import Volunteer

__all__ = [
    "Leg",
    "Posting",
    "account_of",
    "accounts_of",
    "capture",
    "expire_lots",
    "hold",
    "legs_back",
    "lock_accounts_of",
    "post",
    "post_many",
    "refund",
    "release",
    "reverse",
    "system_account",
]

_LOCKED_BESIDE = """
    SELECT account.*, (SELECT id FROM points_account WHERE kind = %(kind)s AND volunteer_id IS NULL) AS beside
      FROM points_account AS account
     WHERE account.volunteer_id = %(volunteer)s
       FOR NO KEY UPDATE OF account
"""


def account_of(volunteer: Volunteer) -> Account:
    """Return the volunteer's account, opening it when there is none."""
    return accounts_of([volunteer.pk])[volunteer.pk]


def accounts_of(volunteer_ids: Collection[int]) -> dict[int, Account]:
    """Return the accounts by volunteer, opening missing ones; two callers at once open one."""
    wanted = set(volunteer_ids)
    found = _accounts_by_volunteer(wanted)
    missing = sorted(wanted - found.keys())  # sorted: two batches insert in the same order
    if missing:
        Account.objects.bulk_create(
            [Account(kind=AccountKind.VOLUNTEER, volunteer_id=pk) for pk in missing], ignore_conflicts=True
        )
        found = _accounts_by_volunteer(wanted)
    return found


def lock_accounts_of(volunteer_ids: Collection[int]) -> dict[int, Account]:
    """Open what is missing and lock the accounts of these volunteers, in the order every writer uses.

    :raises RuntimeError: outside a transaction.
    """
    book.require_transaction()
    wanted = Account.objects.filter(volunteer_id__in=set(volunteer_ids))
    locked = book.lock(wanted)
    if len(locked) < len(set(volunteer_ids)):
        accounts_of(volunteer_ids)
        locked = book.lock(wanted)
    return {account.volunteer_id: account for account in locked if account.volunteer_id is not None}


def system_account(kind: AccountKind) -> Account:
    """Return the one account of a kind that belongs to nobody, opening it when there is none."""
    account = Account.objects.filter(kind=kind, volunteer=None).first()
    if account is None:
        Account.objects.bulk_create([Account(kind=kind)], ignore_conflicts=True)
        account = Account.objects.get(kind=kind, volunteer=None)
    return account


def post_many(
    *, postings: Sequence[Posting], at: datetime, locked: Collection[Account] | None = None
) -> list[Transfer]:
    """Write each posting once, with few statements for all, and return the transfers in the same order.

    `locked` saves a statement: the answer of `lock_accounts_of` for the same volunteers, in this transaction.

    :raises RuntimeError: outside a transaction.
    :raises InsufficientPoints: a posting takes more than is spendable.
    :raises TransferKeyReused: a key names another movement.
    """
    return book.write(postings, at=at, locked=locked)


def post(
    *,
    key: str,
    kind: TransferKind,
    legs: Sequence[Leg],
    sentence_zh: str,
    sentence_en: str,
    source_type: str,
    source_id: int,
    at: datetime,
    expires_at: datetime | None = None,
    rule_version: str | None = None,
    reverses: Transfer | None = None,
    actor: Actor | None = None,
) -> Transfer:
    """Write one transfer under its key; a replay returns the first one and changes nothing.

    Points leave a volunteer's lots oldest expiry first; points a volunteer gains become a lot that is gone at
    `expires_at`.

    :raises RuntimeError: outside a transaction.
    :raises InsufficientPoints: more than is spendable.
    :raises TransferKeyReused: the key names another movement.
    """
    posting = Posting(
        key=key,
        kind=kind,
        legs=legs,
        sentence_zh=sentence_zh,
        sentence_en=sentence_en,
        source_type=source_type,
        source_id=source_id,
        expires_at=expires_at,
        rule_version=rule_version,
        reverses=reverses,
        created_by_id=actor.user_id if actor else None,
    )
    return book.write([posting], at=at)[0]


def hold(
    *,
    volunteer_id: int,
    points: int,
    key: str,
    sentence_zh: str,
    sentence_en: str,
    source_type: str,
    source_id: int,
    at: datetime,
    actor: Actor | None = None,
) -> Transfer:
    """Set points aside for a redemption: they leave the volunteer's lots and cannot be spent again.

    Locks the volunteer's account until the transaction ends.

    :raises RuntimeError: outside a transaction.
    :raises InsufficientPoints: more than is spendable.
    """
    book.require_transaction()
    account, held = _locked_beside(volunteer_id, AccountKind.HELD)
    posting = Posting(
        key=key,
        kind=TransferKind.HOLD,
        legs=[Leg(account, -points), Leg(held, points)],
        sentence_zh=sentence_zh,
        sentence_en=sentence_en,
        source_type=source_type,
        source_id=source_id,
        created_by_id=actor.user_id if actor else None,
    )
    return book.write([posting], at=at, locked=[account])[0]


def _locked_beside(volunteer_id: int, kind: AccountKind) -> tuple[Account, Account]:
    """Lock a volunteer's account and find, in the same statement, the platform's of this kind, unlocked."""
    locked = list(Account.objects.raw(_LOCKED_BESIDE, {"kind": kind, "volunteer": volunteer_id}))
    if not locked or locked[0].beside is None:  # type: ignore[attr-defined]  # a column of the statement
        return lock_accounts_of([volunteer_id])[volunteer_id], system_account(kind)
    return locked[0], Account(pk=locked[0].beside, kind=kind)  # type: ignore[attr-defined]  # as above


def capture(
    *, hold: Transfer, key: str, sentence_zh: str, sentence_en: str, at: datetime, actor: Actor | None = None
) -> Transfer:
    """Spend held points: the goods were handed over.

    :raises RuntimeError: outside a transaction.
    :raises HoldAlreadySettled: captured or released before, under another key.
    """
    return _settle(hold, TransferKind.CAPTURE, key, (sentence_zh, sentence_en), at=at, actor=actor)


def release(
    *, hold: Transfer, key: str, sentence_zh: str, sentence_en: str, at: datetime, actor: Actor | None = None
) -> Transfer:
    """Give held points back to the very lots they came from; a lot expired meanwhile gets 30 days of grace.

    :raises RuntimeError: outside a transaction.
    :raises HoldAlreadySettled: captured or released before, under another key.
    """
    return _settle(hold, TransferKind.RELEASE, key, (sentence_zh, sentence_en), at=at, actor=actor)


def _settle(
    held: Transfer,
    kind: TransferKind,
    key: str,
    sentences: tuple[str, str],
    *,
    at: datetime,
    actor: Actor | None,
) -> Transfer:
    book.require_transaction()
    taken = Entry.objects.select_related("account").get(transfer=held, account__kind=AccountKind.VOLUNTEER)
    book.lock(Account.objects.filter(pk=taken.account_id))
    done = Transfer.objects.filter(settles=held).first()
    if done is not None:
        if (done.key, done.kind) == (key, kind):
            return done
        raise HoldAlreadySettled
    to_volunteer = kind == TransferKind.RELEASE
    target = taken.account if to_volunteer else system_account(AccountKind.REDEEMED)
    posting = Posting(
        key=key,
        kind=kind,
        legs=[Leg(system_account(AccountKind.HELD), taken.amount), Leg(target, -taken.amount)],
        sentence_zh=sentences[0],
        sentence_en=sentences[1],
        source_type=held.source_type,
        source_id=held.source_id,
        settles=held,
        restores=held if to_volunteer else None,
        created_by_id=actor.user_id if actor else None,
    )
    return book.write([posting], at=at)[0]


def reverse(
    *,
    transfer: Transfer,
    key: str,
    sentence_zh: str,
    sentence_en: str,
    at: datetime,
    points: int | None = None,
    rule_version: str | None = None,
    beside: Collection[int] = (),
    actor: Actor | None = None,
) -> Transfer:
    """Take back points a volunteer was given: all of them, or `points`.

    They come out of the lot they arrived in, then out of the others, oldest expiry first. What was spent
    already is owed: the balance may fall below zero, and later points pay the debt before they can be spent.
    What expired already is not asked for a second time; it comes back from the expired points instead.
    `beside` are the keys of other transfers of the same fact, whose points go back with this one.

    :raises RuntimeError: outside a transaction.
    :raises TransferAlreadyReversed: reversed before, under another key.
    """
    book.require_transaction()
    given = Entry.objects.select_related("account").get(
        transfer=transfer, account__kind=AccountKind.VOLUNTEER
    )
    giver = Entry.objects.select_related("account").get(transfer=transfer, amount__lt=0)
    book.lock(Account.objects.filter(pk=given.account_id))
    done = Transfer.objects.filter(reverses=transfer).first()
    if done is not None:
        if done.key == key:
            return done
        raise TransferAlreadyReversed
    expired = sum(expired_out_of({transfer.pk, *beside}).values())
    back = given.amount if points is None else points
    posting = Posting(
        key=key,
        kind=TransferKind.REVERSAL,
        legs=legs_back(given.account, giver.account, points=back, expired=expired),
        sentence_zh=sentence_zh,
        sentence_en=sentence_en,
        source_type=transfer.source_type,
        source_id=transfer.source_id,
        rule_version=rule_version,
        reverses=transfer,
        created_by_id=actor.user_id if actor else None,
        takes_first=Lot.objects.get(transfer=transfer, account=given.account),
    )
    return book.write([posting], at=at)[0]


def refund(
    *,
    capture: Transfer,
    key: str,
    sentence_zh: str,
    sentence_en: str,
    at: datetime,
    actor: Actor | None = None,
) -> Transfer:
    """Give the points of goods that were brought back to the very lots they came from, once.

    A lot expired meanwhile is open for 30 more days; what the volunteer owes is paid first (rules.md D).

    :raises RuntimeError: outside a transaction.
    :raises NotACapture: the transfer is none by which goods were paid.
    :raises TransferAlreadyReversed: refunded before, under another key.
    """
    book.require_transaction()
    held = capture.settles
    if capture.kind != TransferKind.CAPTURE or held is None:
        raise NotACapture
    taken = Entry.objects.select_related("account").get(transfer=held, account__kind=AccountKind.VOLUNTEER)
    book.lock(Account.objects.filter(pk=taken.account_id))
    done = Transfer.objects.filter(reverses=capture).first()
    if done is not None:
        if done.key == key:
            return done
        raise TransferAlreadyReversed
    posting = Posting(
        key=key,
        kind=TransferKind.REFUND,
        legs=[Leg(system_account(AccountKind.REDEEMED), taken.amount), Leg(taken.account, -taken.amount)],
        sentence_zh=sentence_zh,
        sentence_en=sentence_en,
        source_type=capture.source_type,
        source_id=capture.source_id,
        reverses=capture,
        restores=held,
        created_by_id=actor.user_id if actor else None,
    )
    return book.write([posting], at=at)[0]


def legs_back(volunteer: Account, giver: Account, *, points: int, expired: int) -> list[Leg]:
    """From the volunteer to the giver; what has expired already comes from the expired points."""
    gone = min(points, expired)
    legs = (
        Leg(volunteer, gone - points),
        Leg(system_account(AccountKind.EXPIRED), -gone),
        Leg(giver, points),
    )
    return [leg for leg in legs if leg.amount]


def expire_lots(*, at: datetime, limit: int = 500) -> int:
    """Move what is left of expired lots away, about `limit` of them; call again until it returns 0."""
    with transaction.atomic():
        due = Lot.objects.filter(remaining__gt=0, expires_at__lte=at)
        owners = set(due.order_by("expires_at", "pk").values_list("account_id", flat=True)[:limit])
        locked = book.lock(Account.objects.filter(pk__in=owners))
        lots = list(due.filter(account_id__in=owners).select_related("account").order_by("pk"))
        if lots:
            expired = system_account(AccountKind.EXPIRED)
            book.write([_expiry(lot, expired) for lot in lots], at=at, locked=locked)
    return len(lots)


def _expiry(lot: Lot, expired: Account) -> Posting:
    last_day = localdate(lot.expires_at - timedelta(microseconds=1))
    return Posting(
        # A lot can expire once more after a release gave it grace, so the expiry is part of the fact.
        key=f"lot:{lot.pk}:expired:{lot.expires_at.timestamp():.0f}",
        kind=TransferKind.EXPIRE,
        legs=[Leg(lot.account, -lot.remaining), Leg(expired, lot.remaining)],
        sentence_zh=f"{lot.remaining} 积分有效期至 {last_day}，已到期。",
        sentence_en=f"{lot.remaining} points, valid until {last_day}, have expired.",
        source_type="lot",
        source_id=lot.pk,
        takes_first=lot,
    )


def _accounts_by_volunteer(volunteer_ids: Collection[int]) -> dict[int, Account]:
    rows = Account.objects.filter(volunteer_id__in=volunteer_ids)
    return {account.volunteer_id: account for account in rows if account.volunteer_id is not None}
