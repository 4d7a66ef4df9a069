"""Writing transfers, many at a time: lock, recognise replays, move lots, insert.

Every writer locks the volunteer accounts first, ordered by key, and before it reads anything it decides on. A
foreign key of PostgreSQL takes no lock until commit, so nothing else would keep two writers apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils.timezone import localdate

from points.ledger.errors import InsufficientPoints, TransferKeyReused
from points.ledger.lots import RELEASE_GRACE, OpenLot, Purse
from points.ledger.models import Account, AccountKind, Lot, LotUse, Transfer, TransferKind
from points.ledger.postings import Leg, Posting

Uses = list[tuple[Lot, int]]
MAY_OWE = (TransferKind.REVERSAL, TransferKind.ADJUSTMENT)  # the trigger entry_moves_balance says the same

# Transfers, entries, lots and uses in one statement: for a single movement, as at the counter, round trips
# and building SQL were most of the work. Rows find each other by the transfer's key, and every table is
# filled in the order given. The triggers run at the statement's end and see it whole; those of the entries
# come before those of the uses because the entries are counted first, so it is the account that refuses what
# is too much. A transfer goes into the day of `at`, or into the first open one when that day is closed
# (days.py); another closed meanwhile is for `transfer_in_open_day` to see.
_WRITE = """
    WITH posted AS (
        INSERT INTO points_transfer (key, kind, at, business_day, sentence_zh, sentence_en, source_type,
                                     source_id, rule_version, reverses_id, settles_id, created_by_id)
        SELECT key, kind, %(at)s, greatest(%(day)s::date, (SELECT max(day) + 1 FROM points_closedday)),
               sentence_zh, sentence_en, source_type, source_id, rule_version, reverses, settles, created_by
          FROM unnest(%(keys)s::text[], %(kinds)s::text[], %(sentences_zh)s::text[], %(sentences_en)s::text[],
                      %(source_types)s::text[], %(source_ids)s::bigint[], %(rule_versions)s::text[],
                      %(reverses)s::bigint[], %(settles)s::bigint[], %(creators)s::bigint[])
               WITH ORDINALITY AS posting (key, kind, sentence_zh, sentence_en, source_type, source_id,
                                           rule_version, reverses, settles, created_by, place)
         ORDER BY place
     RETURNING *
    ), entered AS (
        INSERT INTO points_entry (transfer_id, account_id, amount)
        SELECT posted.id, account, amount
          FROM unnest(%(leg_keys)s::text[], %(leg_accounts)s::bigint[], %(leg_amounts)s::int[])
               WITH ORDINALITY AS leg (key, account, amount, place)
          JOIN posted USING (key)
         ORDER BY place
     RETURNING id
    ), opened AS (
        INSERT INTO points_lot (transfer_id, account_id, amount, remaining, expires_at)
        SELECT posted.id, account, amount, amount, expires_at
          FROM unnest(%(lot_keys)s::text[], %(lot_accounts)s::bigint[], %(lot_amounts)s::int[],
                      %(lot_expiries)s::timestamptz[])
               WITH ORDINALITY AS lot (key, account, amount, expires_at, place)
          JOIN posted USING (key)
         ORDER BY place
     RETURNING id, transfer_id, account_id
    ), used AS (
        INSERT INTO points_lotuse (transfer_id, lot_id, amount)
        SELECT posted.id, coalesce(taken.lot, opened.id), taken.amount
          FROM unnest(%(use_keys)s::text[], %(use_lots)s::bigint[], %(use_lot_keys)s::text[],
                      %(use_accounts)s::bigint[], %(use_amounts)s::int[])
               WITH ORDINALITY AS taken (key, lot, lot_key, account, amount, place)
          JOIN posted ON posted.key = taken.key
          LEFT JOIN posted AS origin ON origin.key = taken.lot_key
          LEFT JOIN opened ON opened.transfer_id = origin.id AND opened.account_id = taken.account
         ORDER BY place
    )
    SELECT * FROM posted WHERE (SELECT count(*) FROM entered) > 0 ORDER BY id
"""

# Plain SQL, because for a single movement building these took the ORM longer than PostgreSQL takes to answer;
# and lists go as one array, so that there is one prepared statement whatever their length.
_KNOWN = "SELECT * FROM points_transfer WHERE key = ANY(%s)"
_OPEN_LOTS = """
    SELECT * FROM points_lot WHERE account_id = ANY(%s) AND remaining > 0 ORDER BY expires_at, id
"""


def require_transaction() -> None:
    """Insist that the caller owns a transaction: the points and their cause are written together.

    :raises RuntimeError: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the book is written in the transaction of what causes it")


def lock(accounts: QuerySet[Account]) -> list[Account]:
    """Lock these accounts in the one order everybody uses and return them as they are now."""
    return list(accounts.select_for_update(no_key=True).order_by("pk"))


def open_purses(accounts: Iterable[Account], *, with_lots: Collection[int]) -> dict[int, Purse]:
    """Return what the batch knows of each locked account; lots are read only for those it takes from."""
    purses = {account.pk: Purse(account.balance) for account in accounts}
    if with_lots:
        for lot in Lot.objects.raw(_OPEN_LOTS, [list(with_lots)]):
            purses[lot.account_id].lots.append(OpenLot(lot, lot.remaining))
    return purses


def write(
    postings: Sequence[Posting], *, at: datetime, locked: Collection[Account] | None = None
) -> list[Transfer]:
    """Write each posting once and return the transfers, in the order asked for.

    A key the book knows already is a replay: the first transfer is returned and nothing changes. `locked` are
    the volunteer accounts of the batch when the caller has locked them in this transaction and moved nothing.

    :raises RuntimeError: outside a transaction.
    :raises InsufficientPoints: a posting that may not leave a debt takes more than is spendable at `at`.
    :raises TransferKeyReused: the key names a movement of another kind or source.
    """
    require_transaction()
    _check_balanced(postings)
    accounts = lock(Account.objects.filter(pk__in=_to_lock(postings))) if locked is None else locked
    asked = [posting.key for posting in postings]
    known = {transfer.key: transfer for transfer in Transfer.objects.raw(_KNOWN, [asked])}
    fresh: dict[str, Posting] = {}
    for posting in postings:
        if posting.key not in known:
            fresh.setdefault(posting.key, posting)
    debited = {
        leg.account.pk for posting in fresh.values() for leg in _volunteer_legs(posting) if leg.amount < 0
    }
    volunteers = [account for account in accounts if account.kind == AccountKind.VOLUNTEER]
    batch = _Batch(at=at, purses=open_purses(volunteers, with_lots=debited), held=_held_lots(fresh.values()))
    for posting in fresh.values():
        batch.add(posting)
    known |= {transfer.key: transfer for transfer in batch.insert()}
    for posting in postings:
        _check_same_fact(known[posting.key], posting)
    return [known[posting.key] for posting in postings]


@dataclass(slots=True)
class _Batch:
    """What is to be inserted, and the purses as they will be afterwards.

    Uses and lots name their transfer by its key. A new lot is known by its transfer's and its account.
    """

    at: datetime
    purses: dict[int, Purse]
    held: dict[int, Uses]
    postings: list[Posting] = field(default_factory=list)
    lots: list[tuple[str, Lot]] = field(default_factory=list)
    uses: list[tuple[str, Lot, int]] = field(default_factory=list)
    owing: set[int] = field(default_factory=set)
    prolonged: list[Lot] = field(default_factory=list)

    def add(self, posting: Posting) -> None:
        self.postings.append(posting)
        taken: Uses = []
        for leg in sorted(_volunteer_legs(posting), key=lambda leg: leg.amount):  # taken before given
            if leg.amount < 0:
                uses = taken = self._take(posting, leg)
            else:
                uses = self._give(posting, leg, given=taken)
            self.uses += [(posting.key, lot, amount) for lot, amount in uses]

    def _take(self, posting: Posting, leg: Leg) -> Uses:
        purse = self.purses[leg.account.pk]
        needed = -leg.amount
        if posting.kind in MAY_OWE:
            uses = purse.take(needed, at=None, first=posting.takes_first)
            if purse.balance < 0:
                self.owing.add(leg.account.pk)
            return uses
        if posting.kind == TransferKind.EXPIRE:
            return purse.take(needed, at=None, first=posting.takes_first)
        available = purse.available(at=self.at)
        if available < needed:
            raise InsufficientPoints(needed=needed, available=available)
        return purse.take(needed, at=self.at)

    def _give(self, posting: Posting, leg: Leg, *, given: Uses) -> Uses:
        purse = self.purses[leg.account.pk]
        if posting.restores is not None:
            uses = self.held[posting.restores.pk]
            for lot, _ in uses:
                if lot.expires_at <= self.at:
                    lot.expires_at = self.at + RELEASE_GRACE
                    self.prolonged.append(lot)
            return purse.restore(uses)
        expires_at = posting.expires_at
        if expires_at is None and posting.kind == TransferKind.GIFT:
            # One lot per account and transfer, so the most urgent expiry holds for all: a gift never makes
            # points live longer, or two relatives could keep them young for ever.
            expires_at = min(lot.expires_at for lot, _ in given)
        if expires_at is None:
            raise ValueError("points a volunteer gains need an expiry")
        lot = Lot(
            account_id=leg.account.pk,
            amount=leg.amount,
            remaining=leg.amount,
            expires_at=expires_at,
        )
        self.lots.append((posting.key, lot))
        return purse.add(lot)

    def insert(self) -> list[Transfer]:
        if not self.postings:
            return []
        if self.owing:
            # The database clears the permission by itself once the debt is paid (entry_moves_balance).
            Account.objects.filter(pk__in=self.owing).update(may_go_negative=True)
        Lot.objects.bulk_update(self.prolonged, ["expires_at"])
        return list(Transfer.objects.raw(_WRITE, self._rows()))

    def _rows(self) -> dict[str, object]:
        """The parameters of `_WRITE`: a list for every column."""
        legs = [(posting.key, leg) for posting in self.postings for leg in posting.legs]
        new = {id(lot): key for key, lot in self.lots}
        return {
            "at": self.at,
            "day": localdate(self.at),
            "keys": [posting.key for posting in self.postings],
            "kinds": [str(posting.kind) for posting in self.postings],
            "sentences_zh": [posting.sentence_zh for posting in self.postings],
            "sentences_en": [posting.sentence_en for posting in self.postings],
            "source_types": [posting.source_type for posting in self.postings],
            "source_ids": [posting.source_id for posting in self.postings],
            "rule_versions": [posting.rule_version for posting in self.postings],
            "reverses": [posting.reverses.pk if posting.reverses else None for posting in self.postings],
            "settles": [posting.settles.pk if posting.settles else None for posting in self.postings],
            "creators": [posting.created_by_id for posting in self.postings],
            "leg_keys": [key for key, _ in legs],
            "leg_accounts": [leg.account.pk for _, leg in legs],
            "leg_amounts": [leg.amount for _, leg in legs],
            "lot_keys": [key for key, _ in self.lots],
            "lot_accounts": [lot.account_id for _, lot in self.lots],
            "lot_amounts": [lot.amount for _, lot in self.lots],
            "lot_expiries": [lot.expires_at for _, lot in self.lots],
            "use_keys": [key for key, _, _ in self.uses],
            "use_lots": [lot.pk for _, lot, _ in self.uses],
            "use_lot_keys": [new.get(id(lot)) for _, lot, _ in self.uses],
            "use_accounts": [lot.account_id for _, lot, _ in self.uses],
            "use_amounts": [amount for _, _, amount in self.uses],
        }


def _to_lock(postings: Sequence[Posting]) -> set[int]:
    """Volunteer accounts; for a batch that touches none, its system accounts, so that replays still queue."""
    volunteers = {leg.account.pk for posting in postings for leg in _volunteer_legs(posting)}
    return volunteers or {leg.account.pk for posting in postings for leg in posting.legs}


def _volunteer_legs(posting: Posting) -> list[Leg]:
    return [leg for leg in posting.legs if leg.account.kind == AccountKind.VOLUNTEER]


def _held_lots(postings: Collection[Posting]) -> dict[int, Uses]:
    """The lots each released hold had taken from, with the points to give back."""
    holds: dict[int, Uses] = {posting.restores.pk: [] for posting in postings if posting.restores is not None}
    if holds:
        for use in LotUse.objects.filter(transfer_id__in=holds).select_related("lot").order_by("pk"):
            holds[use.transfer_id].append((use.lot, -use.amount))
    return holds


def _check_balanced(postings: Sequence[Posting]) -> None:
    for posting in postings:
        if sum(leg.amount for leg in posting.legs) != 0:
            raise ValueError(f"the legs of {posting.key} do not sum to zero")


def _check_same_fact(transfer: Transfer, posting: Posting) -> None:
    asked = (posting.kind, posting.source_type, posting.source_id)
    if (transfer.kind, transfer.source_type, transfer.source_id) != asked:
        raise TransferKeyReused(key=posting.key)
