"""Guards of the stockroom's tables that a CHECK cannot express. Each names the constraint it stands for."""

from collections.abc import Iterable

import pgtrigger
from django.db.models import TextChoices

from points.stockroom.states import COUNT_MOVES, TRANSFER_MOVES, CountStatus

_FACTS_OF_COUNT = "ARRAY['status', 'closed_by_id', 'closed_at', 'decided_by_id', 'decided_at', 'reason']"
_FACTS_OF_TRANSFER = (
    "ARRAY['status', 'received_by_id', 'received_at', 'loss_by_id', 'loss_at', 'loss_reason',"
    " 'cancelled_by_id', 'cancelled_at']"
)
_CHANGES_OF_RECALL = "ARRAY['settled_at', 'lifted_by_id', 'lifted_at', 'lift_reason']"


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


def _known(moves: Iterable[tuple[TextChoices, TextChoices]]) -> str:
    return ", ".join(f"'{before.value}>{after.value}'" for before, after in sorted(moves))


_COUNT_SHELF_OF_STORE = """
    IF NOT EXISTS (SELECT 1 FROM points_shelflocation AS place
                    WHERE place.id = NEW.location_id AND place.store_id = NEW.store_id) THEN
        RAISE EXCEPTION 'the shelf belongs to another store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_count_shelf_of_store';
    END IF;
    RETURN NEW;
"""

_COUNT_STATUS_MOVES = """
    IF TG_OP = 'DELETE' OR OLD.status || '>' || NEW.status NOT IN ({allowed})
       OR to_jsonb(NEW) - {facts} <> to_jsonb(OLD) - {facts} THEN
        RAISE EXCEPTION 'a count does not go on like this'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_count_status_moves';
    END IF;
    IF NEW.status = 'closed' AND NOT EXISTS (SELECT 1 FROM points_countline WHERE count_id = NEW.id) THEN
        RAISE EXCEPTION 'nothing was counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_count_not_empty';
    END IF;
    IF NEW.status = 'approved' AND EXISTS (
        SELECT 1 FROM points_countline WHERE count_id = NEW.id AND counted_by_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'who counted does not approve'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_count_approved_by_another';
    END IF;
    RETURN NEW;
"""

# The book is what the stock says at this moment; nobody can write another one. The lock keeps the count open.
_COUNT_LINE_TAKEN_DOWN = """
    SELECT * INTO held FROM points_stockcount WHERE id = NEW.count_id FOR SHARE;
    IF held.status <> 'open' THEN
        RAISE EXCEPTION 'the count is over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_count_status_moves';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM points_product AS product
         WHERE product.id = NEW.product_id AND product.store_id = held.store_id
           AND (held.category = '' OR product.category = held.category)
           AND (held.location_id IS NULL OR product.location_id = held.location_id)
    ) OR (NEW.batch_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM points_batch AS batch
         WHERE batch.id = NEW.batch_id AND batch.product_id = NEW.product_id
           AND batch.expires_on IS NOT DISTINCT FROM NEW.expires_on
    )) THEN
        RAISE EXCEPTION 'not part of what is counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'count_line_in_scope';
    END IF;
    IF EXISTS (
        SELECT 1 FROM points_countline AS line
         WHERE line.count_id = NEW.count_id AND line.product_id = NEW.product_id
           AND line.expires_on IS NOT DISTINCT FROM NEW.expires_on
           AND (line.batch_id IS NULL) <> (NEW.batch_id IS NULL)
    ) THEN
        RAISE EXCEPTION 'counted together and batch by batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'count_line_one_way';
    END IF;
    NEW.book := (SELECT COALESCE(sum(batch.on_hand), 0) FROM points_batch AS batch
                  WHERE batch.product_id = NEW.product_id
                    AND batch.expires_on IS NOT DISTINCT FROM NEW.expires_on
                    AND (NEW.batch_id IS NULL OR batch.id = NEW.batch_id));
    RETURN NEW;
"""

_ADJUSTMENT_OF_ITS_LINE = """
    IF NOT EXISTS (
        SELECT 1 FROM points_countline AS line
          JOIN points_stockcount AS held ON held.id = line.count_id AND held.status = 'approved'
          JOIN points_stockmove AS move ON move.id = NEW.move_id
          JOIN points_batch AS batch ON batch.id = move.batch_id AND batch.product_id = line.product_id
           AND batch.expires_on IS NOT DISTINCT FROM line.expires_on
         WHERE line.id = NEW.line_id
           AND move.kind = CASE WHEN line.counted > line.book THEN 'count_up' ELSE 'count_down' END
    ) THEN
        RAISE EXCEPTION 'the move corrects something else'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'count_adjustment_of_its_line';
    END IF;
    RETURN NEW;
"""

_TRANSFER_BEGINS_SENT = """
    IF NEW.status <> 'sent' THEN
        RAISE EXCEPTION 'a transfer begins sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_status_moves';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM points_store AS sender
          JOIN points_store AS receiver ON receiver.organization_id = sender.organization_id
         WHERE sender.id = NEW.from_store_id AND receiver.id = NEW.to_store_id
    ) THEN
        RAISE EXCEPTION 'the stores belong to two organisations'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_in_one_organization';
    END IF;
    RETURN NEW;
"""

# Not one bag is lost on the way: what was sent has arrived, come back or is written off.
_TRANSFER_STATUS_MOVES = """
    IF TG_OP = 'DELETE' OR OLD.status || '>' || NEW.status NOT IN ({allowed}) THEN
        RAISE EXCEPTION 'a transfer does not go on like this'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_status_moves';
    END IF;
    IF to_jsonb(NEW) - {facts} <> to_jsonb(OLD) - {facts}
       OR (OLD.received_at IS NOT NULL AND (NEW.received_at, NEW.received_by_id)
           IS DISTINCT FROM (OLD.received_at, OLD.received_by_id)) THEN
        RAISE EXCEPTION 'what was sent does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_facts_stay';
    END IF;
    IF NEW.status <> 'short' AND EXISTS (
        SELECT 1 FROM points_stocktransferline AS line
          LEFT JOIN points_batch AS arrived ON arrived.id = line.arrived_id
          LEFT JOIN points_batch AS lost ON lost.id = line.lost_id
         WHERE line.transfer_id = NEW.id
           AND COALESCE(arrived.received, 0) + COALESCE(lost.received, 0) <> line.quantity
    ) THEN
        RAISE EXCEPTION 'goods of the transfer are unaccounted for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_accounted_for';
    END IF;
    RETURN NEW;
"""

_LINE_TAKES_OUT = """
    IF NEW.arrived_id IS NOT NULL OR NEW.lost_id IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM points_stocktransfer AS transfer
          JOIN points_batch AS batch ON batch.id = NEW.batch_id AND batch.store_id = transfer.from_store_id
          JOIN points_stockmove AS move ON move.id = NEW.move_id AND move.batch_id = NEW.batch_id
           AND move.kind = 'transfer_out' AND move.quantity = NEW.quantity
         WHERE transfer.id = NEW.transfer_id AND transfer.status = 'sent'
    ) THEN
        RAISE EXCEPTION 'the goods did not leave that store'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_line_takes_out';
    END IF;
    RETURN NEW;
"""

_LINE_SETTLED_ONCE = """
    IF TG_OP = 'DELETE'
       OR to_jsonb(NEW) - ARRAY['received', 'arrived_id', 'lost_id']
          <> to_jsonb(OLD) - ARRAY['received', 'arrived_id', 'lost_id']
       OR (OLD.received IS NOT NULL AND OLD.received IS DISTINCT FROM NEW.received)
       OR (OLD.arrived_id IS NOT NULL AND OLD.arrived_id IS DISTINCT FROM NEW.arrived_id)
       OR (OLD.lost_id IS NOT NULL AND OLD.lost_id IS DISTINCT FROM NEW.lost_id) THEN
        RAISE EXCEPTION 'a line is settled once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_line_settled_once';
    END IF;
    IF EXISTS (
        SELECT 1 FROM points_batch AS made
          JOIN points_batch AS source ON source.id = NEW.batch_id
         WHERE made.id IN (NEW.arrived_id, NEW.lost_id)
           AND (made.root_id IS DISTINCT FROM COALESCE(source.root_id, source.id)
                OR made.expires_on IS DISTINCT FROM source.expires_on)
    ) THEN
        RAISE EXCEPTION 'other goods arrived than were sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_line_keeps_origin';
    END IF;
    RETURN NEW;
"""

_RECALL_NAMES_ROOT = """
    IF EXISTS (SELECT 1 FROM points_batch WHERE id = NEW.root_id AND root_id IS NOT NULL) THEN
        RAISE EXCEPTION 'goods are called back from where they first arrived'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recall_names_root';
    END IF;
    RETURN NEW;
"""

# The first waits for goods that are arriving (see batch_begins_empty), and the next, a statement of its own,
# sees them. Batches are locked by id, like everywhere; a root has the lowest of its family.
_FAMILY_RECALLED = """
    UPDATE points_batch SET recalled_at = {since} WHERE id = NEW.root_id;
    PERFORM 1 FROM points_batch WHERE root_id = NEW.root_id ORDER BY id FOR NO KEY UPDATE;
    UPDATE points_batch SET recalled_at = {since} WHERE root_id = NEW.root_id;
    RETURN NEW;
"""

_RECALL_STAYS = """
    IF TG_OP = 'UPDATE' AND OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a recall is lifted for good'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recall_lift_final';
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - {facts} <> to_jsonb(OLD) - {facts}
       OR (OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at) THEN
        RAISE EXCEPTION 'a recall is kept'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recall_stays';
    END IF;
    RETURN NEW;
"""

STOCK_COUNT = [
    pgtrigger.Trigger(
        name="stock_count_shelf_of_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.location_id IS NOT NULL"),
        func=_COUNT_SHELF_OF_STORE,
    ),
    pgtrigger.Trigger(
        name="stock_count_begins_open",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(f"NEW.status <> '{CountStatus.OPEN.value}'"),
        func=_refuse("stock_count_status_moves", "a count begins open"),
    ),
    pgtrigger.Trigger(
        name="stock_count_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_COUNT_STATUS_MOVES.format(facts=_FACTS_OF_COUNT, allowed=_known(COUNT_MOVES)),
    ),
]

COUNT_LINE = [
    pgtrigger.Trigger(
        name="count_line_taken_down",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("held", "points_stockcount%ROWTYPE")],
        func=_COUNT_LINE_TAKEN_DOWN,
    )
]

COUNT_ADJUSTMENT = [
    pgtrigger.Trigger(
        name="count_adjustment_of_its_line",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_ADJUSTMENT_OF_ITS_LINE,
    )
]

TRANSFER = [
    pgtrigger.Trigger(
        name="transfer_begins_sent",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_TRANSFER_BEGINS_SENT,
    ),
    pgtrigger.Trigger(
        name="transfer_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_TRANSFER_STATUS_MOVES.format(facts=_FACTS_OF_TRANSFER, allowed=_known(TRANSFER_MOVES)),
    ),
]

TRANSFER_LINE = [
    pgtrigger.Trigger(
        name="transfer_line_takes_out",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_LINE_TAKES_OUT,
    ),
    pgtrigger.Trigger(
        name="transfer_line_settled_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_LINE_SETTLED_ONCE,
    ),
]

RECALL = [
    pgtrigger.Trigger(
        name="recall_names_root",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_RECALL_NAMES_ROOT,
    ),
    pgtrigger.Trigger(
        name="recall_freezes",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=_FAMILY_RECALLED.format(since="NEW.opened_at"),
    ),
    pgtrigger.Trigger(
        name="recall_thaws",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.lifted_at IS NOT NULL AND OLD.lifted_at IS NULL"),
        func=_FAMILY_RECALLED.format(since="NULL"),
    ),
    pgtrigger.Trigger(
        name="recall_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_RECALL_STAYS.format(facts=_CHANGES_OF_RECALL),
    ),
]
