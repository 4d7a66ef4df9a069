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
           reserved = reserved + CASE WHEN NEW.kind IN ('reserve', 'set_aside') THEN NEW.quantity
                                      WHEN NEW.kind IN ('release', 'issue', 'put_back') THEN -NEW.quantity
                                      ELSE 0 END
     WHERE id = NEW.batch_id
 RETURNING expires_on, recalled_at INTO expiry, recalled;
    IF NEW.kind IN ('reserve', 'set_aside', 'issue', 'transfer_out') AND recalled IS NOT NULL THEN
        RAISE EXCEPTION 'the goods of batch % are recalled', NEW.batch_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_moved_after_recall';
    END IF;
    IF NEW.kind IN ('reserve', 'issue') AND expiry < (NEW.at AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'the goods of batch % have expired', NEW.batch_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_issued_after_expiry';
    END IF;
    IF NEW.kind = 'put_back' AND 0 > (
        SELECT sum(CASE aside.kind WHEN 'set_aside' THEN aside.quantity ELSE -aside.quantity END)
          FROM points_stockmove AS aside
         WHERE aside.batch_id = NEW.batch_id AND aside.kind IN ('set_aside', 'put_back')
    ) THEN
        RAISE EXCEPTION 'so many were not set aside'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_put_back_of_set_aside';
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
    SELECT product.kind INTO product_kind FROM points_product AS product
     WHERE product.id = NEW.product_id AND product.store_id = NEW.store_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the product belongs to another store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_in_store_of_product';
    END IF;
    IF product_kind <> 'goods' THEN
        RAISE EXCEPTION 'a service has slots, no stock'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_of_goods';
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

# The weights of EAN-8 are those of EAN-13 with zeros in front. What has another form is left to the CHECK.
_BARCODE_CHECKED = """
    IF NEW.barcode ~ '^([0-9]{8}|[0-9]{13})$' AND (
        SELECT sum(substr(lpad(NEW.barcode, 13, '0'), place, 1)::int
                   * CASE place % 2 WHEN 0 THEN 3 ELSE 1 END)
          FROM generate_series(1, 13) AS place
    ) % 10 <> 0 THEN
        RAISE EXCEPTION 'the check digit is wrong'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'product_barcode_checked';
    END IF;
    RETURN NEW;
"""

_RESIDENTS_OF_STORE = """
    IF NOT EXISTS (SELECT 1 FROM points_store AS store
                    WHERE store.id = NEW.store_id AND starts_with(store.region_id, NEW.residents_only)) THEN
        RAISE EXCEPTION 'the store lies elsewhere'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'product_residents_of_store';
    END IF;
    RETURN NEW;
"""

_PRODUCT_KEEPS_KIND = """
    RAISE EXCEPTION 'goods do not become a service'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'product_keeps_kind';
"""

_LINE_OF_THAT_STORE = """
    SELECT product.kind, product.points INTO product_kind, full_price
      FROM points_redemption AS redemption
      JOIN points_product AS product ON product.store_id = redemption.store_id
     WHERE redemption.id = NEW.redemption_id AND product.id = NEW.product_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the product belongs to another store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_line_of_that_store';
    END IF;
    IF NEW.unit_points > full_price THEN
        RAISE EXCEPTION 'nobody pays more than the price'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_line_price_within';
    END IF;
    IF (product_kind = 'service') <> (NEW.slot_id IS NOT NULL) OR NEW.slot_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM points_serviceslot AS slot
         WHERE slot.id = NEW.slot_id AND slot.product_id = NEW.product_id
    ) THEN
        RAISE EXCEPTION 'a service is given in one of its slots, goods in none'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_line_names_slot';
    END IF;
    RETURN NEW;
"""

_SERVICE_IN_TIME = """
    IF EXISTS (
        SELECT 1 FROM points_redemptionline AS line JOIN points_serviceslot AS slot ON slot.id = line.slot_id
         WHERE line.redemption_id = NEW.id
           AND (slot.starts_at AT TIME ZONE 'Asia/Shanghai')::date
             > (NEW.collected_at AT TIME ZONE 'Asia/Shanghai')::date
    ) THEN
        RAISE EXCEPTION 'a service is given on its day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_service_in_time';
    END IF;
    RETURN NEW;
"""

# As for batches: inside the trigger of a slot move the depth is 2 or more.
_SLOT_COUNTS_BY_MOVES = """
    IF TG_OP = 'UPDATE' AND (pg_trigger_depth() > 1 OR to_jsonb(NEW) - ARRAY['capacity', 'closed_at']
                                                     = to_jsonb(OLD) - ARRAY['capacity', 'closed_at']) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'places are taken and freed by slot moves only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_counts_by_moves';
"""

_SLOT_BEGINS_EMPTY = """
    IF NEW.taken <> 0 THEN
        RAISE EXCEPTION 'places are taken and freed by slot moves only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_counts_by_moves';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM points_product AS product
                    WHERE product.id = NEW.product_id AND product.kind = 'service') THEN
        RAISE EXCEPTION 'goods have stock, services have slots'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_of_service';
    END IF;
    RETURN NEW;
"""

_MOVE_CHANGES_SLOT = """
    IF NEW.kind = 'free' AND NOT EXISTS (
        SELECT 1 FROM points_slotmove AS taking
         WHERE taking.redemption_id = NEW.redemption_id AND taking.slot_id = NEW.slot_id
           AND taking.kind = 'take' AND taking.quantity = NEW.quantity
    ) THEN
        RAISE EXCEPTION 'no such places to give back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_move_frees_taken';
    END IF;
    UPDATE points_serviceslot
       SET taken = taken + CASE NEW.kind WHEN 'take' THEN NEW.quantity ELSE -NEW.quantity END
     WHERE id = NEW.slot_id
 RETURNING closed_at IS NOT NULL AND closed_at <= NEW.at OR ends_at <= NEW.at INTO over;
    IF NEW.kind = 'take' AND over THEN
        RAISE EXCEPTION 'nothing can be booked in slot % any more', NEW.slot_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_taken_in_time';
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
        # Goods have batches, a service has slots.
        name="product_keeps_kind",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.kind <> OLD.kind"),
        func=_PRODUCT_KEEPS_KIND,
    ),
    pgtrigger.Trigger(
        name="product_barcode_checked",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("barcode"),
        condition=pgtrigger.Condition("NEW.barcode IS NOT NULL"),
        func=_BARCODE_CHECKED,
    ),
    pgtrigger.Trigger(
        name="product_residents_of_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("residents_only"),
        condition=pgtrigger.Condition("NEW.residents_only <> ''"),
        func=_RESIDENTS_OF_STORE,
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
        declare=[("product_kind", "text")],
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
    pgtrigger.Trigger(
        name="redemption_service_in_time",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.status = 'collected' AND OLD.status <> 'collected'"),
        func=_SERVICE_IN_TIME,
    ),
]

REDEMPTION_LINE = [
    pgtrigger.Trigger(
        name="redemption_line_of_that_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("product_kind", "text"), ("full_price", "integer")],
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

SERVICE_SLOT = [
    pgtrigger.Trigger(
        name="slot_counts_by_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_SLOT_COUNTS_BY_MOVES,
    ),
    pgtrigger.Trigger(
        name="slot_begins_empty",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_SLOT_BEGINS_EMPTY,
    ),
]

SLOT_MOVE = [
    pgtrigger.Trigger(
        # More than there are places for is refused by the CHECK of the slot, which this update meets.
        name="slot_move_changes_slot",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=[("over", "boolean")],
        func=_MOVE_CHANGES_SLOT,
    )
]
