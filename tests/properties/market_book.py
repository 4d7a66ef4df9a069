"""What must hold of stock and points whatever happened, in plain SQL; and services that break off half-way.

Nothing here asks the services or their queries: each sentence of FAULTS is reckoned from the rows, and names
those that contradict it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, connection, transaction

from backend.core.errors import Conflict, Refusal, refusal_for

STEP = timedelta(minutes=1)

_OF_STOCK = {
    "a batch holds what its moves say": """
        SELECT batch.id
          FROM points_batch AS batch LEFT JOIN points_stockmove AS move ON move.batch_id = batch.id
         GROUP BY batch.id
        HAVING batch.on_hand <> coalesce(sum(
                   CASE WHEN move.kind IN ('receive', 'transfer_in', 'return', 'count_up') THEN move.quantity
                        WHEN move.kind IN ('issue', 'write_off', 'transfer_out', 'count_down')
                        THEN -move.quantity ELSE 0 END), 0)
            OR batch.reserved <> coalesce(sum(
                   CASE WHEN move.kind IN ('reserve', 'set_aside') THEN move.quantity
                        WHEN move.kind IN ('release', 'issue', 'put_back') THEN -move.quantity
                        ELSE 0 END), 0)
            OR batch.received <> coalesce(sum(move.quantity)
                                          FILTER (WHERE move.kind IN ('receive', 'transfer_in')), 0)
            OR batch.counted_up <> coalesce(sum(move.quantity) FILTER (WHERE move.kind = 'count_up'), 0)""",
    "nothing is promised that is not there": """
        SELECT id FROM points_batch WHERE NOT on_hand >= reserved OR NOT reserved >= 0""",
    "goods of one origin are in a store, on their way, with somebody or written off": """
        SELECT family.root
          FROM (SELECT coalesce(batch.root_id, batch.id) AS root, sum(batch.on_hand) AS on_hand
                  FROM points_batch AS batch GROUP BY 1) AS family
          LEFT JOIN (SELECT coalesce(batch.root_id, batch.id) AS root,
                            sum(CASE WHEN move.kind IN ('receive', 'count_up', 'return') THEN move.quantity
                                     WHEN move.kind IN ('issue', 'write_off', 'count_down')
                                     THEN -move.quantity ELSE 0 END) AS left_over
                       FROM points_stockmove AS move JOIN points_batch AS batch ON batch.id = move.batch_id
                      GROUP BY 1) AS moved USING (root)
          LEFT JOIN (SELECT coalesce(batch.root_id, batch.id) AS root,
                            sum(line.quantity - coalesce(line.received, 0)) AS on_the_way
                       FROM points_stocktransferline AS line
                       JOIN points_stocktransfer AS transfer ON transfer.id = line.transfer_id
                       JOIN points_batch AS batch ON batch.id = line.batch_id
                      WHERE transfer.status IN ('sent', 'short') GROUP BY 1) AS travelling USING (root)
         WHERE family.on_hand + coalesce(travelling.on_the_way, 0) <> coalesce(moved.left_over, 0)""",
    "goods keep their expiry and their recall wherever they are": """
        SELECT batch.id FROM points_batch AS batch JOIN points_batch AS root ON root.id = batch.root_id
         WHERE root.root_id IS NOT NULL OR (batch.expires_on, batch.recalled_at)
               IS DISTINCT FROM (root.expires_on, root.recalled_at)""",
    "goods are frozen as long as a recall of them is open": """
        SELECT batch.id FROM points_batch AS batch
          LEFT JOIN points_recall AS recall
            ON recall.root_id = coalesce(batch.root_id, batch.id) AND recall.lifted_at IS NULL
         WHERE batch.recalled_at IS DISTINCT FROM recall.opened_at""",
    "nothing goes out after its expiry or while it is recalled": """
        SELECT move.id FROM points_stockmove AS move JOIN points_batch AS batch ON batch.id = move.batch_id
          LEFT JOIN points_recall AS recall ON recall.root_id = coalesce(batch.root_id, batch.id)
         WHERE move.kind IN ('reserve', 'issue', 'transfer_out')
           AND ((move.at > recall.opened_at AND move.at < coalesce(recall.lifted_at, 'infinity'))
                OR (move.at AT TIME ZONE 'Asia/Shanghai')::date > batch.expires_on)""",
    "nobody waits for goods whose recall is settled": """
        SELECT batch.id FROM points_batch AS batch
          JOIN points_recall AS recall ON recall.root_id = coalesce(batch.root_id, batch.id)
         WHERE recall.settled_at IS NOT NULL AND recall.lifted_at IS NULL
           AND batch.reserved > (SELECT coalesce(sum(left_over), 0) FROM points_ballotlot
                                  WHERE batch_id = batch.id)""",
    "a count corrects what it found, to the piece": """
        SELECT line.id
          FROM (SELECT DISTINCT ON (count_id, product_id, expires_on, batch_id) *
                  FROM points_countline ORDER BY count_id, product_id, expires_on, batch_id, id DESC) AS line
          JOIN points_stockcount AS counting ON counting.id = line.count_id
          LEFT JOIN points_countadjustment AS adjustment ON adjustment.line_id = line.id
          LEFT JOIN points_stockmove AS move ON move.id = adjustment.move_id
         GROUP BY line.id, line.counted, line.book, counting.status
        HAVING coalesce(sum(CASE move.kind WHEN 'count_up' THEN move.quantity ELSE -move.quantity END), 0)
            <> CASE counting.status WHEN 'approved' THEN line.counted - line.book ELSE 0 END""",
}
_OF_POINTS = {
    "a transfer of points sums to zero": """
        SELECT transfer_id FROM points_entry GROUP BY transfer_id HAVING sum(amount) <> 0""",
    "a balance is its entries and its open lots": """
        SELECT id FROM points_account AS account
         WHERE kind = 'volunteer'
           AND NOT balance = ALL (
               SELECT coalesce(sum(amount), 0) FROM points_entry WHERE account_id = account.id
                UNION SELECT coalesce(sum(remaining), 0) FROM points_lot WHERE account_id = account.id)""",
    "a lot is what came in and what was used": """
        SELECT id FROM points_lot AS lot
         WHERE NOT remaining BETWEEN 0 AND amount
            OR remaining - amount <> (
               SELECT coalesce(sum(used.amount), 0) FROM points_lotuse AS used WHERE used.lot_id = lot.id)""",
    "as many points are held as redemptions wait for, and spent as were taken home": """
        SELECT asked.kind
          FROM (VALUES ('held', 'reserved'), ('redeemed', 'collected')) AS asked (kind, status)
         WHERE (SELECT coalesce(sum(entry.amount), 0) FROM points_entry AS entry
                  JOIN points_account AS account ON account.id = entry.account_id
                 WHERE account.kind = asked.kind)
            <> (SELECT coalesce(sum(points), 0) FROM points_redemption WHERE status = asked.status)""",
}
_OF_BOTH = {
    "a redemption costs what its lines cost, for as many pieces as are set aside": """
        SELECT redemption.id FROM points_redemption AS redemption
         WHERE points IS DISTINCT FROM (SELECT sum(quantity * unit_points) FROM points_redemptionline
                                         WHERE redemption_id = redemption.id)
            OR (SELECT sum(quantity) FROM points_redemptionline WHERE redemption_id = redemption.id)
               IS DISTINCT FROM (SELECT sum(quantity)
                                   FROM (SELECT redemption_id, kind, quantity FROM points_stockmove
                                          UNION ALL
                                         SELECT redemption_id, kind, quantity FROM points_slotmove) AS move
                                  WHERE redemption_id = redemption.id AND kind IN ('reserve', 'take'))""",
    "goods move as the redemption's status says": """
        SELECT redemption.id FROM points_redemption AS redemption
          JOIN points_stockmove AS move ON move.redemption_id = redemption.id
         GROUP BY redemption.id, move.batch_id
        HAVING min(move.quantity) <> max(move.quantity)
            OR string_agg(move.kind, ' ' ORDER BY move.id) <> CASE redemption.status
               WHEN 'reserved' THEN 'reserve' WHEN 'collected' THEN 'reserve issue'
               WHEN 'returned' THEN 'reserve issue return' ELSE 'reserve release' END""",
    "points move as the redemption's status says": """
        SELECT redemption.id FROM points_redemption AS redemption
          LEFT JOIN points_transfer AS transfer
            ON transfer.source_type = 'redemption' AND transfer.source_id = redemption.id
          LEFT JOIN points_entry AS entry ON entry.transfer_id = transfer.id AND entry.amount > 0
         GROUP BY redemption.id
        HAVING min(entry.amount) <> redemption.points OR max(entry.amount) <> redemption.points
            OR coalesce(string_agg(transfer.kind, ' ' ORDER BY transfer.id), '') <> CASE
               WHEN redemption.channel = 'relief' THEN ''
               WHEN redemption.status = 'reserved' THEN 'hold'
               WHEN redemption.status = 'collected' THEN 'hold capture'
               WHEN redemption.status = 'returned' THEN 'hold capture refund' ELSE 'hold release' END""",
}
FAULTS = _OF_STOCK | _OF_POINTS | _OF_BOTH

# --- single figures, to foretell what a use case must answer
FREE = """
    SELECT sum(on_hand - reserved) FROM points_batch
     WHERE product_id = %s AND recalled_at IS NULL AND (expires_on IS NULL OR expires_on >= %s)
"""
SPENDABLE = """
    SELECT sum(lot.remaining)
      FROM points_lot AS lot JOIN points_account AS account ON account.id = lot.account_id
     WHERE account.volunteer_id = %s AND lot.expires_at > %s
"""
COLLECTABLE = (
    "SELECT count(*) FROM points_redemption WHERE id = %s AND status = 'reserved' AND reserved_until > %s"
)
WAITING = "SELECT count(*) FROM points_redemption WHERE id = %s AND status = 'reserved'"
FROZEN = """
    SELECT count(*) FROM points_stockmove AS move JOIN points_batch AS batch ON batch.id = move.batch_id
     WHERE move.redemption_id = %s AND batch.recalled_at IS NOT NULL
"""
ISSUED = """
    SELECT -sum(entry.amount)
      FROM points_entry AS entry JOIN points_account AS account ON account.id = entry.account_id
     WHERE account.kind = 'issuance'
"""
DELIVERED = "SELECT sum(quantity) FROM points_stockmove WHERE kind = 'receive'"
OVERDUE = "SELECT count(*) FROM points_redemption WHERE status = 'reserved' AND reserved_until <= %s"
UNSETTLED_RECALLS = "SELECT count(*) FROM points_recall WHERE settled_at IS NULL AND lifted_at IS NULL"
FREE_OF_BATCH = "SELECT on_hand - reserved FROM points_batch WHERE id = %s"

_TABLES = (
    *("batch", "stockmove", "redemption", "redemptionline", "goodsreturn", "recall"),
    *("stockcount", "countline", "countadjustment", "stocktransfer", "stocktransferline"),
    *("account", "transfer", "entry", "lot", "lotuse"),
    *("product", "serviceslot", "slotmove", "offlinelist", "offlinelease", "offlinecollection"),
    *("reliefcase", "reliefreview", "reliefissue", "ballot", "ballotlot", "ballotentry"),
)
_EVERYTHING = " UNION ALL ".join(
    f"SELECT '{name}', md5(string_agg(line::text, ';' ORDER BY line.id)) FROM {name} AS line"  # noqa: S608 – ours
    for name in (*(f"points_{table}" for table in _TABLES), "core_auditentry")
)
_SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def faults(sentences: Mapping[str, str] = FAULTS) -> list[tuple[str, str]]:
    """Return every sentence that is not true, with the key of a row that contradicts it."""
    return _rows(
        " UNION ALL ".join(
            f"(SELECT $fault${sentence}$fault$, found.*::text FROM ({query}) AS found)"  # noqa: S608 – ours
            for sentence, query in sentences.items()
        )
    )


def everything() -> dict[str, str]:
    """Return a print of every table that stock and points are in."""
    return dict(_rows(_EVERYTHING))


def number(query: str, *params: object) -> int:
    """Return the one number a query answers, 0 for none."""
    ((found,),) = _rows(query, *params)
    return found or 0


def keys(query: str, *params: object) -> list[int]:
    """Return the keys a query names."""
    return [key for (key,) in _rows(query, *params)]


def _rows(query: str, *params: object) -> list:
    with connection.cursor() as cursor:
        cursor.execute(query, params or None)
        return cursor.fetchall()


@dataclass(frozen=True)
class Fate:
    """How a use case goes: it is killed after so many statements and tried again, or asked for twice."""

    killed_after: int = 0
    twice: bool = False


class Killed(Exception):  # noqa: N818 – it is what happens to a process, and no error of ours
    """The process is gone; what it had not committed is, too."""


@contextmanager
def killed_after(statements: int) -> Iterator[None]:
    """Break off after so many statements, however far that is; 0 is never. Savepoints stand for commits."""
    left = statements

    def count(execute, sql, params, many, context):
        nonlocal left
        done = execute(sql, params, many, context)
        if not str(sql).startswith(_SAVEPOINTS):
            left -= 1
            if left == 0:
                raise Killed
        return done

    with connection.execute_wrapper(count):
        yield


class Attempts:
    """Doing one thing after the other, a minute apart, each as its fate wants."""

    now: datetime

    def do(self, use_case, fate, **expected):
        """Do it a minute later, as its fate wants."""
        self.now += STEP
        return self.attempt(partial(use_case, at=self.now), fate, **expected)

    def attempt(self, use_case, fate, *, may=(), in_one=True, once=True):
        """Return what it made, or the refusal, which `may` be one of these.

        Killed, it has done nothing (if all of it is `in_one` transaction), and is tried again. Refused, it
        has done nothing. Asked for twice, it has done it `once`.
        """
        before, refusal = everything(), None
        try:
            with killed_after(fate.killed_after):
                made = use_case()
        except Killed:
            if not in_one:
                transaction.set_rollback(False)  # what was a transaction of its own is committed
            assert not in_one or everything() == before
            return self.attempt(use_case, Fate(), may=may)
        except (IntegrityError, Refusal) as error:
            refusal = _as_refusal(error)
        connection.check_constraints()
        if refusal is not None:
            assert isinstance(refusal, may)
            assert everything() == before
            return refusal
        if fate.twice and once:
            self.ask_again(use_case)
        return made

    def ask_again(self, use_case):
        before = everything()
        try:
            use_case()
        except (IntegrityError, Refusal) as error:
            _as_refusal(error)
        assert everything() == before


def _as_refusal(error: IntegrityError | Refusal) -> Refusal:
    """Return the refusal the caller is told; what the database refuses has one of its own."""
    refusal = refusal_for(error) if isinstance(error, IntegrityError) else error
    assert type(refusal) is not Conflict
    return refusal
