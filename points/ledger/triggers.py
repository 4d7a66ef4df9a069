"""What PostgreSQL itself refuses about the book, as triggers; docs/ledger.md explains each.

The set-based ones run once per statement over everything it wrote, so that a batch of five hundred awards
costs a handful of updates. The deferred ones look at the finished transaction.
"""

from datetime import date

import pgtrigger

# Two numbers name an advisory lock of PostgreSQL: ours for days of the book, and the days since the first.
# The trigger below says both itself. Were they different, closing would not wait, and a test would say so.
DAY_LOCKS = 7_409_001
FIRST_DAY = date(2000, 1, 1)

_MOVE_BALANCE = """
    UPDATE points_account AS account
       SET balance = account.balance + moved.total,
           may_go_negative = account.may_go_negative AND account.balance + moved.total < 0
      FROM (SELECT account_id, sum(amount)::bigint AS total FROM new_rows GROUP BY account_id) AS moved
     WHERE account.id = moved.account_id AND account.kind = 'volunteer';
    IF EXISTS (
        SELECT 1
          FROM new_rows AS entry
          JOIN points_account AS account ON account.id = entry.account_id AND account.balance < 0
          JOIN points_transfer AS transfer ON transfer.id = entry.transfer_id
         WHERE entry.amount < 0 AND transfer.kind NOT IN ('reversal', 'adjustment')
    ) THEN
        RAISE EXCEPTION 'only a correction may leave a volunteer owing points'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_not_negative';
    END IF;
    RETURN NULL;
"""

_SUM_TO_ZERO = """
    IF (SELECT count(*) < 2 OR sum(amount) <> 0 FROM points_entry WHERE transfer_id = NEW.{transfer}) THEN
        RAISE EXCEPTION 'transfer % does not sum to zero', NEW.{transfer}
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_sums_to_zero';
    END IF;
    RETURN NULL;
"""

_LOTS_EQUAL_BALANCE = """
    IF (SELECT greatest(account.balance, 0) <> (
                   SELECT coalesce(sum(remaining), 0) FROM points_lot
                    WHERE account_id = account.id AND remaining > 0)
          FROM points_account AS account WHERE account.id = NEW.{account}) THEN
        RAISE EXCEPTION 'open lots of account % are not its balance', NEW.{account}
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_equal_balance';
    END IF;
    RETURN NULL;
"""

_SETTLEMENT = """
    IF (SELECT kind FROM points_transfer WHERE id = NEW.settles_id) <> 'hold' OR (
        SELECT coalesce(sum(entry.amount), 0)
          FROM points_entry AS entry
          JOIN points_account AS account ON account.id = entry.account_id AND account.kind = 'held'
         WHERE entry.transfer_id IN (NEW.id, NEW.settles_id)
    ) <> 0 THEN
        RAISE EXCEPTION 'transfer % does not settle exactly what was held', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_matches_hold';
    END IF;
    RETURN NULL;
"""

_REFUND = """
    IF (SELECT kind FROM points_transfer WHERE id = NEW.reverses_id) <> 'capture'
       OR (SELECT count(*) FROM points_entry WHERE transfer_id = NEW.id) <> 2
       OR (SELECT coalesce(sum(entry.amount), 0)
             FROM points_entry AS entry
             JOIN points_account AS account ON account.id = entry.account_id AND account.kind = 'redeemed'
            WHERE entry.transfer_id IN (NEW.id, NEW.reverses_id)) <> 0
       OR NOT EXISTS (
           SELECT 1
             FROM points_transfer AS capture
             JOIN points_entry AS held ON held.transfer_id = capture.settles_id
             JOIN points_account AS account ON account.id = held.account_id AND account.kind = 'volunteer'
             JOIN points_entry AS back ON back.transfer_id = NEW.id AND back.account_id = held.account_id
            WHERE capture.id = NEW.reverses_id AND back.amount = -held.amount) THEN
        RAISE EXCEPTION 'transfer % does not give back exactly what was captured', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_matches_capture';
    END IF;
    RETURN NULL;
"""

_GIFT = """
    IF (SELECT count(*) <> 2
            OR count(*) FILTER (WHERE account.kind = 'volunteer' AND entry.amount < 0) <> 1
            OR count(*) FILTER (WHERE account.kind IN ('volunteer', 'charity_pool') AND entry.amount > 0) <> 1
          FROM points_entry AS entry
          JOIN points_account AS account ON account.id = entry.account_id
         WHERE entry.transfer_id = NEW.id) THEN
        RAISE EXCEPTION 'gift % does not go from a volunteer to the pool or to a volunteer', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_has_two_sides';
    END IF;
    RETURN NULL;
"""

_MOVE_REMAINING = """
    UPDATE points_lot AS lot
       SET remaining = lot.remaining + moved.total
      FROM (SELECT lot_id, sum(amount)::bigint AS total FROM new_rows GROUP BY lot_id) AS moved
     WHERE lot.id = moved.lot_id;
    RETURN NULL;
"""

# The lock is asked for before the look: a statement in a trigger sees what was committed while it waited.
_TRANSFER_IN_OPEN_DAY = """
    PERFORM pg_advisory_xact_lock_shared(7409001, days.day - DATE '2000-01-01')
       FROM (SELECT DISTINCT business_day AS day FROM new_rows ORDER BY 1) AS days;
    IF EXISTS (SELECT 1 FROM new_rows WHERE business_day <= (SELECT max(day) FROM points_closedday)) THEN
        RAISE EXCEPTION 'this business day is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_in_open_day';
    END IF;
    RETURN NULL;
"""

_ENTRY_IN_OPEN_DAY = """
    IF EXISTS (
        SELECT 1
          FROM new_rows AS entry
          JOIN points_transfer AS transfer ON transfer.id = entry.transfer_id
         WHERE transfer.business_day <= (SELECT max(day) FROM points_closedday)
    ) THEN
        RAISE EXCEPTION 'the business day of this transfer is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_open_day';
    END IF;
    RETURN NULL;
"""

_CLOSED_DAY_FOLLOWS = """
    IF NEW.day IS DISTINCT FROM coalesce(
        (SELECT max(day) + 1 FROM points_closedday),
        (SELECT min(business_day) FROM points_transfer)
    ) THEN
        RAISE EXCEPTION 'days are closed one after the other, from the first with transfers on'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_day_follows';
    END IF;
    RETURN NEW;
"""

_CLOSED_DAY_IS_OVER = """
    IF NEW.closed_at < ((NEW.day + 1)::timestamp + interval '30 minutes') AT TIME ZONE 'Asia/Shanghai' THEN
        RAISE EXCEPTION 'a day is closed half an hour after its end at the earliest'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_day_is_over';
    END IF;
    RETURN NEW;
"""


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


ACCOUNT = [
    pgtrigger.Trigger(
        name="account_lots_equal_balance",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("balance"),
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.kind = 'volunteer'"),
        func=_LOTS_EQUAL_BALANCE.format(account="id"),
    ),
    pgtrigger.Trigger(
        # Inside another trigger the depth is 1 or more: there the entries themselves move the balance.
        name="account_balance_by_entries_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.balance IS DISTINCT FROM NEW.balance AND pg_trigger_depth() = 0"),
        func=_refuse("account_balance_by_entries_only", "a balance moves only by entries"),
    ),
    pgtrigger.Trigger(
        name="account_starts_empty",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.balance <> 0"),
        func=_refuse("account_starts_empty", "an account starts empty"),
    ),
    pgtrigger.Trigger(
        name="account_keeps_its_owner",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "((OLD.kind, OLD.volunteer_id) IS DISTINCT FROM (NEW.kind, NEW.volunteer_id))"
        ),
        func=_refuse("account_keeps_its_owner", "an account keeps its kind and its owner"),
    ),
]

TRANSFER = [
    pgtrigger.Trigger(
        name="transfer_sums_to_zero",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_SUM_TO_ZERO.format(transfer="id"),
    ),
    pgtrigger.Trigger(
        name="transfer_settlement_matches_hold",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.settles_id IS NOT NULL"),
        func=_SETTLEMENT,
    ),
    pgtrigger.Trigger(
        name="transfer_in_open_day",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_TRANSFER_IN_OPEN_DAY,
    ),
    pgtrigger.Trigger(
        name="transfer_refund_matches_capture",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.kind = 'refund'"),
        func=_REFUND,
    ),
    pgtrigger.Trigger(
        name="transfer_gift_has_two_sides",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.kind = 'gift'"),
        func=_GIFT,
    ),
]

ENTRY = [
    pgtrigger.Trigger(
        name="entry_sums_to_zero",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_SUM_TO_ZERO.format(transfer="transfer_id"),
    ),
    pgtrigger.Trigger(
        name="entry_moves_balance",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_MOVE_BALANCE,
    ),
    pgtrigger.Trigger(
        name="entry_in_open_day",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_ENTRY_IN_OPEN_DAY,
    ),
]

CLOSED_DAY = [
    pgtrigger.Trigger(
        name="closed_day_follows",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_CLOSED_DAY_FOLLOWS,
    ),
    pgtrigger.Trigger(
        name="closed_day_is_over",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_CLOSED_DAY_IS_OVER,
    ),
]

LOT = [
    pgtrigger.Trigger(
        name="lot_starts_whole",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.remaining <> NEW.amount"),
        func=_refuse("lot_starts_whole", "a lot starts whole"),
    ),
    pgtrigger.Trigger(
        name="lot_is_a_fact",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.expires_at < OLD.expires_at OR (OLD.account_id, OLD.transfer_id, OLD.amount)"
            " IS DISTINCT FROM (NEW.account_id, NEW.transfer_id, NEW.amount)"
        ),
        func=_refuse("lot_is_a_fact", "a lot keeps its owner, origin and amount, and never expires earlier"),
    ),
    pgtrigger.Trigger(
        name="lot_never_removed",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        func=_refuse("lot_never_removed", "a lot is never removed"),
    ),
    pgtrigger.Trigger(
        name="lot_remaining_by_uses_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.remaining IS DISTINCT FROM NEW.remaining AND pg_trigger_depth() = 0"
        ),
        func=_refuse("lot_remaining_by_uses_only", "a lot shrinks and grows only by its uses"),
    ),
    pgtrigger.Trigger(
        name="lot_lots_equal_balance",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("remaining"),
        timing=pgtrigger.Deferred,
        func=_LOTS_EQUAL_BALANCE.format(account="account_id"),
    ),
]

LOT_USE = [
    pgtrigger.Trigger(
        name="lot_use_moves_remaining",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_MOVE_REMAINING,
    ),
]
