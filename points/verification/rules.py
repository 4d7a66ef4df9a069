"""What must be equal in the books, each as one statement that finds the rows where it is not.

A check is a name and a SELECT of the keys of wrong rows, oldest first. Each is one statement, so it sees one
moment of the database, whatever is being written meanwhile. Keys and numbers only: no name, no phone.
"""

from __future__ import annotations

from collections.abc import Mapping

# Which key a movement must have, by its kind, so that doing a thing twice is doing it once (docs/ledger.md).
_KEYS = """
    SELECT id FROM points_transfer
     WHERE key = ''
        OR (kind IN ('award', 'reversal', 'adjustment') AND source_type = 'record'
            AND key NOT LIKE 'record:' || source_id || ':%')
        OR (kind = 'award' AND source_type = 'other_award' AND key <> 'other_award:' || source_id)
        OR (kind = 'expire' AND key NOT LIKE 'lot:' || source_id || ':expired:%')
        OR (kind = 'gift' AND key <> 'gift:' || source_id)
        OR (kind IN ('hold', 'capture', 'release', 'refund') AND source_type = 'redemption'
            AND key <> 'redemption:' || source_id || ':' || kind)
    UNION
    SELECT min(id) FROM points_transfer GROUP BY key HAVING count(*) > 1
    ORDER BY 1
"""

CHECKS: Mapping[str, str] = {
    # transfers
    "transfer_sums": """
        SELECT transfer.id FROM points_transfer AS transfer
          LEFT JOIN (SELECT transfer_id, count(*) AS legs, sum(amount) AS total
                       FROM points_entry GROUP BY transfer_id) AS entries ON entries.transfer_id = transfer.id
         WHERE coalesce(entries.legs, 0) < 2 OR entries.total <> 0
         ORDER BY 1
    """,
    "transfer_keys": _KEYS,
    # accounts
    "account_balances": """
        SELECT account.id FROM points_account AS account
          LEFT JOIN (SELECT account_id, sum(amount) AS total
                       FROM points_entry GROUP BY account_id) AS entries ON entries.account_id = account.id
         WHERE account.balance <>
               CASE WHEN account.kind = 'volunteer' THEN coalesce(entries.total, 0) ELSE 0 END
            OR (account.balance < 0 AND NOT account.may_go_negative)
         ORDER BY 1
    """,
    "account_lots": """
        SELECT account.id FROM points_account AS account
          LEFT JOIN (SELECT account_id, sum(remaining) AS total
                       FROM points_lot GROUP BY account_id) AS lots ON lots.account_id = account.id
         WHERE coalesce(lots.total, 0) <> CASE WHEN account.kind = 'volunteer'
                                               THEN greatest(account.balance, 0) ELSE 0 END
         ORDER BY 1
    """,
    # lots
    "lot_remainders": """
        SELECT lot.id FROM points_lot AS lot
          LEFT JOIN (SELECT lot_id, sum(amount) AS total
                       FROM points_lotuse GROUP BY lot_id) AS uses ON uses.lot_id = lot.id
         WHERE lot.remaining <> lot.amount + coalesce(uses.total, 0)
            OR lot.remaining NOT BETWEEN 0 AND lot.amount
         ORDER BY 1
    """,
    "lot_origins": """
        SELECT lot.id FROM points_lot AS lot
          LEFT JOIN points_entry AS entry
            ON entry.transfer_id = lot.transfer_id AND entry.account_id = lot.account_id
         WHERE entry.amount IS DISTINCT FROM lot.amount
         ORDER BY 1
    """,
    # transfers that answer another one: exactly, and once
    "settlements": """
        SELECT transfer.id FROM points_transfer AS transfer
          LEFT JOIN points_transfer AS hold ON hold.id = transfer.settles_id
          LEFT JOIN points_account AS held ON held.kind = 'held'
          LEFT JOIN points_entry AS taken ON taken.transfer_id = hold.id AND taken.account_id = held.id
          LEFT JOIN points_entry AS given ON given.transfer_id = transfer.id AND given.account_id = held.id
         WHERE transfer.kind IN ('capture', 'release')
           AND (hold.kind IS DISTINCT FROM 'hold'
                OR coalesce(given.amount, 0) + coalesce(taken.amount, 0) <> 0)
        UNION
        SELECT min(id) FROM points_transfer WHERE settles_id IS NOT NULL
         GROUP BY settles_id HAVING count(*) > 1
        ORDER BY 1
    """,
    "reversals": """
        SELECT transfer.id FROM points_transfer AS transfer
          LEFT JOIN points_transfer AS first ON first.id = transfer.reverses_id
         WHERE (transfer.kind IN ('reversal', 'refund')) <> (transfer.reverses_id IS NOT NULL)
            OR (transfer.kind = 'refund' AND first.kind <> 'capture')
            OR transfer.reverses_id = transfer.id
        UNION
        SELECT min(id) FROM points_transfer WHERE reverses_id IS NOT NULL
         GROUP BY reverses_id HAVING count(*) > 1
        ORDER BY 1
    """,
    # what the features above the book say, against the book
    "awards": """
        SELECT award.id FROM points_award AS award
          LEFT JOIN (SELECT entry.transfer_id, -sum(entry.amount) AS total
                       FROM points_entry AS entry
                       JOIN points_account AS account ON account.id = entry.account_id
                      WHERE account.kind IN ('issuance', 'adjustment')
                      GROUP BY entry.transfer_id) AS issued ON issued.transfer_id = award.transfer_id
         WHERE award.points <> coalesce(issued.total, 0)
            OR (award.transfer_id IS NOT NULL AND award.points <> 0 AND NOT EXISTS (
                SELECT 1 FROM points_transfer AS transfer
                 WHERE transfer.id = award.transfer_id AND transfer.source_id = award.record_id))
         ORDER BY 1
    """,
    "awarded_transfers": """
        SELECT transfer.id FROM points_transfer AS transfer
         WHERE transfer.source_type = 'record' AND transfer.kind IN ('award', 'reversal', 'adjustment')
           AND NOT EXISTS (SELECT 1 FROM points_award AS award WHERE award.transfer_id = transfer.id)
         ORDER BY 1
    """,
    "bonuses": """
        SELECT bonus.id FROM points_bonusaward AS bonus
          JOIN points_account AS account ON account.volunteer_id = bonus.volunteer_id
          LEFT JOIN points_entry AS given
            ON given.transfer_id = bonus.transfer_id AND given.account_id = account.id
          LEFT JOIN points_transfer AS back ON back.id = bonus.taken_back_id
         WHERE given.amount IS DISTINCT FROM bonus.points
            OR (bonus.taken_back_id IS NOT NULL AND back.reverses_id IS DISTINCT FROM bonus.transfer_id)
        UNION
        SELECT -transfer.id FROM points_transfer AS transfer
         WHERE transfer.source_type = 'bonus'
           AND NOT EXISTS (SELECT 1 FROM points_bonusaward AS bonus
                            WHERE transfer.id IN (bonus.transfer_id, bonus.taken_back_id))
        ORDER BY 1
    """,
    "other_awards": """
        SELECT award.id FROM points_otheraward AS award
          LEFT JOIN points_account AS account ON account.volunteer_id = award.volunteer_id
          LEFT JOIN points_entry AS entry
            ON entry.transfer_id = award.transfer_id AND entry.account_id = account.id
         WHERE coalesce(entry.amount, 0) <> coalesce(award.points, 0)
        UNION
        SELECT -transfer.id FROM points_transfer AS transfer
         WHERE transfer.source_type = 'other_award'
           AND NOT EXISTS (SELECT 1 FROM points_otheraward AS award WHERE award.transfer_id = transfer.id)
        ORDER BY 1
    """,
    "open_holds": """
        SELECT hold.id FROM points_transfer AS hold
          LEFT JOIN points_redemption AS redemption ON redemption.id = hold.source_id
          LEFT JOIN points_transfer AS settled ON settled.settles_id = hold.id
         WHERE hold.kind = 'hold' AND hold.source_type = 'redemption'
           AND coalesce(settled.kind, 'hold') IS DISTINCT FROM
               CASE redemption.status WHEN 'reserved' THEN 'hold' WHEN 'collected' THEN 'capture'
                                      WHEN 'cancelled' THEN 'release' WHEN 'lapsed' THEN 'release' END
         ORDER BY 1
    """,
    "redemptions": """
        SELECT redemption.id FROM points_redemption AS redemption
          LEFT JOIN points_transfer AS hold ON hold.key = 'redemption:' || redemption.id || ':hold'
          LEFT JOIN points_account AS held ON held.kind = 'held'
          LEFT JOIN points_entry AS entry ON entry.transfer_id = hold.id AND entry.account_id = held.id
         WHERE entry.amount IS DISTINCT FROM redemption.points
         ORDER BY 1
    """,
    "gifts": """
        SELECT gift.id FROM points_gift AS gift
          JOIN points_account AS giver ON giver.volunteer_id = gift.volunteer_id
          LEFT JOIN points_transfer AS transfer ON transfer.key = 'gift:' || gift.id
          LEFT JOIN points_entry AS entry ON entry.transfer_id = transfer.id AND entry.account_id = giver.id
         WHERE entry.amount IS DISTINCT FROM -gift.points
        UNION
        SELECT -transfer.id FROM points_transfer AS transfer
         WHERE transfer.kind = 'gift'
           AND NOT EXISTS (SELECT 1 FROM points_gift AS gift WHERE gift.id = transfer.source_id)
        ORDER BY 1
    """,
}
