"""Guards of the market tables that a CHECK cannot express. Each names the constraint it stands for."""

import pgtrigger

from points.market.states import FIRST, MOVES

_MOVE_CHANGES_BATCH = """
    IF NEW.kind IN ('release', 'issue') AND NOT EXISTS (
        SELECT 1 FROM points_stockmove AS reservation
         WHERE reservation.redemption_id = NEW.redemption_id AND reservation.batch_id = NEW.batch_id
           AND reservation.kind = 'reserve' AND reservation.quantity = NEW.quantity
    ) THEN
        RAISE EXCEPTION 'no such reservation to settle'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_move_settles_reservation';
    END IF;
    IF NEW.kind = 'return' AND NOT EXISTS (
        SELECT 1 FROM points_stockmove AS issue
         WHERE issue.redemption_id = NEW.redemption_id AND issue.batch_id = NEW.batch_id
           AND issue.kind = 'issue' AND issue.quantity = NEW.quantity
    ) THEN
        RAISE EXCEPTION 'nothing of this batch was handed over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_return_of_issue';
    END IF;
    UPDATE points_batch
       SET received = received + CASE WHEN NEW.kind IN ('receive', 'transfer_in')
                                      THEN NEW.quantity ELSE 0 END,
           counted_up = counted_up + CASE NEW.kind WHEN 'count_up' THEN NEW.quantity ELSE 0 END,
           on_hand = on_hand + CASE WHEN NEW.kind IN ('receive', 'transfer_in', 'return', 'count_up')
                                    THEN NEW.quantity
                                    WHEN NEW.kind IN ('issue', 'write_off', 'transfer_out', 'count_down')
                                    THEN -NEW.quantity ELSE 0 END,
           reserved = reserved + CASE WHEN NEW.kind = 'reserve' THEN NEW.quantity
                                      WHEN NEW.kind IN ('release', 'issue') THEN -NEW.quantity ELSE 0 END
     WHERE id = NEW.batch_id
 RETURNING expires_on, recalled_at INTO expiry, recalled;
    IF NEW.kind IN ('reserve', 'issue', 'transfer_out') AND recalled IS NOT NULL THEN
        RAISE EXCEPTION 'the goods of batch % are recalled', NEW.batch_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_moved_after_recall';
    END IF;
    IF NEW.kind IN ('reserve', 'issue') AND expiry < (NEW.at AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'the goods of batch % have expired', NEW.batch_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_issued_after_expiry';
    END IF;
    RETURN NEW;
"""

# Inside the trigger of a stock move the depth is 2 or more; a statement from outside finds 1 here.
_BATCH_COUNTS_BY_MOVES = """
    IF TG_OP = 'UPDATE' AND (pg_trigger_depth() > 1 OR to_jsonb(NEW) - 'note' = to_jsonb(OLD) - 'note') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'stock changes by stock moves only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_counts_by_moves';
"""

_BATCH_BEGINS_EMPTY = """
    IF NEW.received <> 0 OR NEW.on_hand <> 0 OR NEW.reserved <> 0 OR NEW.counted_up <> 0 THEN
        RAISE EXCEPTION 'stock changes by stock moves only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_counts_by_moves';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM points_product AS product
                    WHERE product.id = NEW.product_id AND product.store_id = NEW.store_id) THEN
        RAISE EXCEPTION 'the product belongs to another store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_in_store_of_product';
    END IF;
    -- Goods on their way while a recall is opened arrive recalled: one of the two waits for this lock.
    NEW.recalled_at := (SELECT first.recalled_at FROM points_batch AS first
                         WHERE first.id = NEW.root_id FOR SHARE);
    RETURN NEW;
"""

_PRODUCT_STAYS_IN_STORE = """
    IF NEW.store_id <> OLD.store_id THEN
        RAISE EXCEPTION 'a product belongs to one store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'product_stays_in_store';
    END IF;
    RETURN NEW;
"""

_PRODUCT_ON_OWN_SHELF = """
    IF NOT EXISTS (SELECT 1 FROM points_shelflocation AS place
                    WHERE place.id = NEW.location_id AND place.store_id = NEW.store_id) THEN
        RAISE EXCEPTION 'the shelf belongs to another store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'product_on_own_shelf';
    END IF;
    RETURN NEW;
"""

_REDEMPTION_BEGINS_RESERVED = """
    RAISE EXCEPTION 'a redemption begins reserved'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_begins_reserved';
"""

_SETTLED_FIELDS = (
    "ARRAY['status', 'collected_at', 'collected_by_id', 'settled_at',"
    " 'confirmation', 'confirmed_at', 'confirmed_by_id']"
)
_REDEMPTION_STATUS_MOVES = """
    IF TG_OP = 'DELETE' OR NOT ((OLD.status || '>' || NEW.status) IN ({allowed})
                                -- confirmed while it waits
                                OR (OLD.status = 'reserved' AND NEW.status = 'reserved'
                                    AND OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'a redemption is settled once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_status_moves';
    END IF;
    IF to_jsonb(NEW) - {settled} <> to_jsonb(OLD) - {settled}
       OR (OLD.confirmed_at IS NOT NULL AND (NEW.confirmation, NEW.confirmed_at, NEW.confirmed_by_id)
           IS DISTINCT FROM (OLD.confirmation, OLD.confirmed_at, OLD.confirmed_by_id)) THEN
        RAISE EXCEPTION 'what was reserved does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_facts_stay';
    END IF;
    IF NEW.status = 'collected' AND (EXISTS (
        SELECT 1 FROM volunteers_volunteer AS person
         WHERE person.id = NEW.volunteer_id AND person.user_id = NEW.collected_by_id
    ) OR EXISTS (
        SELECT 1 FROM volunteers_volunteer AS clerk
          JOIN volunteers_householdmember AS home
            ON home.volunteer_id = clerk.id AND home.left_at IS NULL
          LEFT JOIN volunteers_householdmember AS taker
            ON taker.household_id = home.household_id AND taker.left_at IS NULL
         WHERE clerk.user_id = NEW.collected_by_id
           AND (home.household_id = NEW.household_id OR taker.volunteer_id = NEW.volunteer_id)
    )) THEN
        RAISE EXCEPTION 'clerks do not serve themselves or their household'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_not_self_served';
    END IF;
    RETURN NEW;
"""

_LINE_OF_THAT_STORE = """
    IF NOT EXISTS (
        SELECT 1 FROM points_redemption AS redemption
          JOIN points_product AS product ON product.store_id = redemption.store_id
         WHERE redemption.id = NEW.redemption_id AND product.id = NEW.product_id
    ) THEN
        RAISE EXCEPTION 'the product belongs to another store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_line_of_that_store';
    END IF;
    RETURN NEW;
"""

PRODUCT = [
    pgtrigger.Trigger(
        # Its batches and redemptions lie in the store it was made in.
        name="product_stays_in_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=_PRODUCT_STAYS_IN_STORE,
    ),
    pgtrigger.Trigger(
        name="product_on_own_shelf",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.location_id IS NOT NULL"),
        func=_PRODUCT_ON_OWN_SHELF,
    ),
]

BATCH = [
    pgtrigger.Trigger(
        name="batch_counts_by_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_BATCH_COUNTS_BY_MOVES,
    ),
    pgtrigger.Trigger(
        name="batch_begins_empty",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_BATCH_BEGINS_EMPTY,
    ),
]

REDEMPTION = [
    pgtrigger.Trigger(
        name="redemption_begins_reserved",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(f"NEW.status <> '{FIRST.value}'"),
        func=_REDEMPTION_BEGINS_RESERVED,
    ),
    pgtrigger.Trigger(
        # The table of states.py, once more for whatever reaches the rows without the services.
        name="redemption_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_REDEMPTION_STATUS_MOVES.format(
            settled=_SETTLED_FIELDS,
            allowed=", ".join(
                f"'{before.value}>{after.value}'"
                for before, afters in MOVES.items()
                for after in sorted(afters)
            ),
        ),
    ),
]

REDEMPTION_LINE = [
    pgtrigger.Trigger(
        name="redemption_line_of_that_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_LINE_OF_THAT_STORE,
    )
]

STOCK_MOVE = [
    pgtrigger.Trigger(
        # Going below zero is refused by the CHECKs of the batch, which this update meets.
        name="stock_move_changes_batch",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=[("expiry", "date"), ("recalled", "timestamptz")],
        func=_MOVE_CHANGES_BATCH,
    )
]
