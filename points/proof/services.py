"""Closing days and proving them. Both may run twice and beside themselves."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from points.ledger import days
from points.ledger.models import Account, AccountKind, ClosedDay, Entry
from points.ledger.services import system_account
from points.ledger.triggers import DAY_LOCKS
from points.proof.chain import GENESIS, Day
from points.proof.models import AccountSalt, DayProof, ProofBlock
from points.proof.proving import reckon
from points.proof.reading import day_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SALT_BYTES = 16
_AT_ONCE = 2000
_CHAIN = -1  # beside the locks of the days: one day is proven at a time


def close_days(*, at: datetime) -> list[date]:
    """Close every day that is over, prove what is closed, and return the days proven now.

    Each day is a transaction of its own: killed at any point, the next run goes on where this one stopped.
    Closing takes a moment; the long part, proving, holds up no writer, because a closed day does not change.
    """
    for day in days.days_due(at=at):
        days.close_day(day=day, at=at)
    return list(_prove_all(at=at))


def _prove_all(*, at: datetime) -> Iterator[date]:
    while proof := prove_next(at=at):
        yield proof.day


def prove_next(*, at: datetime) -> DayProof | None:
    """Append the oldest closed day that is not proven yet to the chain; None when there is none."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [DAY_LOCKS, _CHAIN])
        last = DayProof.objects.order_by("-sequence").first()
        waiting = ClosedDay.objects.order_by("day")
        due = (waiting.filter(day__gt=last.day) if last else waiting).first()
        return None if due is None else _append(due.day, last, at=at)


def _append(day: date, last: DayProof | None, *, at: datetime) -> DayProof:
    _salt_accounts(day)
    found = reckon(day_lines(day))
    totals = found.totals
    published = Day(
        sequence=last.sequence + 1 if last else 1,
        day=day.isoformat(),
        previous=last.head if last else GENESIS,
        transfers=found.tree.size,
        root=found.tree.root().hex(),
        issued=totals.issued,
        redeemed=totals.redeemed,
        expired=totals.expired,
        pool=totals.pool,
        adjusted=totals.adjusted,
        outstanding=(last.outstanding if last else 0) + totals.open,
    )
    published = replace(published, head=published.reckoned())
    proof = DayProof.objects.create(**published.told() | {"day": day}, proven_at=at)
    ProofBlock.objects.bulk_create(
        [
            ProofBlock(proof=proof, place=place, last_id=block.last, root=block.root.hex())
            for place, block in enumerate(found.blocks)
        ],
        batch_size=_AT_ONCE,
    )
    return proof


def _salt_accounts(day: date) -> None:
    """Give a salt to every account of the day that has none, and to the site itself."""
    if not AccountSalt.objects.filter(account__kind=AccountKind.ISSUANCE).exists():
        _add_salts([system_account(AccountKind.ISSUANCE).pk])
    moved = Entry.objects.filter(
        transfer__business_day=day, account__kind=AccountKind.VOLUNTEER, account__proof_salt=None
    )
    missing = Account.objects.filter(pk__in=moved.values("account_id")).order_by("pk")
    while accounts := list(missing.values_list("pk", flat=True)[:_AT_ONCE]):  # who has one is missing no more
        _add_salts(accounts)


def _add_salts(accounts: Sequence[int]) -> None:
    AccountSalt.objects.bulk_create(
        AccountSalt(account_id=account, salt=secrets.token_bytes(_SALT_BYTES)) for account in accounts
    )
