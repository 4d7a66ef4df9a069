"""The guard of what is kept on the shelf for households in need (docs/relief.md)."""

import pgtrigger

# A ballot hands out what was set aside for it, under this guard, when it opened.
_SHARE_KEPT = """
    SELECT product.id, product.relief_reserved INTO goods, kept
      FROM points_batch AS batch JOIN points_product AS product ON product.id = batch.product_id
     WHERE batch.id = NEW.batch_id;
    IF kept = 0 OR EXISTS (
        SELECT 1 FROM points_redemption AS redemption
         WHERE redemption.id = NEW.redemption_id AND redemption.channel IN ('relief', 'ballot')
    ) THEN
        RETURN NEW;
    END IF;
    -- Two reservations of different batches meet here; who comes second sees what the first took.
    PERFORM 1 FROM points_product WHERE id = goods FOR NO KEY UPDATE;
    IF kept > (
        SELECT coalesce(sum(on_hand - reserved), 0) FROM points_batch
         WHERE product_id = goods AND on_hand > 0 AND recalled_at IS NULL
           AND (expires_on IS NULL OR expires_on >= (NEW.at AT TIME ZONE 'Asia/Shanghai')::date)
    ) THEN
        RAISE EXCEPTION 'what is left is kept for households in need'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_relief_share_kept';
    END IF;
    RETURN NEW;
"""


def stock_relief_share_kept() -> pgtrigger.Trigger:
    """Refuse to reserve or set aside below the share.

    Triggers fire in the order of their names: this one finds the batch as `stock_move_changes_batch` left it.
    """
    return pgtrigger.Trigger(
        name="stock_relief_share_kept",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.kind IN ('reserve', 'set_aside')"),
        declare=[("goods", "bigint"), ("kept", "bigint")],
        func=_SHARE_KEPT,
    )
