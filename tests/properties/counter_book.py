"""What must hold of places, of devices without network, of those in need and of ballots, in plain SQL.

It goes on where market_book.py ends, and is asked together with it.
"""

from tests.properties import market_book

_OF_SLOTS = {
    "the places of a slot are what its moves took, and no more than it has": """
        SELECT slot.id FROM points_serviceslot AS slot
          LEFT JOIN points_slotmove AS move ON move.slot_id = slot.id
         GROUP BY slot.id
        HAVING NOT slot.taken BETWEEN 0 AND slot.capacity
            OR slot.taken <> coalesce(
                   sum(CASE move.kind WHEN 'take' THEN move.quantity ELSE -move.quantity END), 0)""",
    "a place is taken by a booking that lives": """
        SELECT id FROM points_serviceslot AS slot
         WHERE taken <> (
               SELECT coalesce(sum(line.quantity), 0) FROM points_redemptionline AS line
                 JOIN points_redemption AS redemption ON redemption.id = line.redemption_id
                WHERE line.slot_id = slot.id AND redemption.status IN ('reserved', 'collected'))""",
    "places move as the booking's status says": """
        SELECT redemption.id FROM points_redemption AS redemption
          JOIN points_redemptionline AS line ON line.redemption_id = redemption.id
          LEFT JOIN points_slotmove AS move ON move.redemption_id = redemption.id
         WHERE line.slot_id IS NOT NULL
         GROUP BY redemption.id
        HAVING min(move.quantity) <> min(line.quantity) OR max(move.quantity) <> min(line.quantity)
            OR coalesce(string_agg(move.kind, ' ' ORDER BY move.id), '') <> CASE
               WHEN redemption.status IN ('reserved', 'collected') THEN 'take' ELSE 'take free' END""",
    "nobody is served before the day": """
        SELECT redemption.id FROM points_redemption AS redemption
          JOIN points_redemptionline AS line ON line.redemption_id = redemption.id
          JOIN points_serviceslot AS slot ON slot.id = line.slot_id
         WHERE (redemption.collected_at AT TIME ZONE 'Asia/Shanghai')::date
             < (slot.starts_at AT TIME ZONE 'Asia/Shanghai')::date""",
}
_OF_SHELVES = {
    "what is reserved waits for somebody, or for a draw": """
        SELECT id FROM points_batch AS batch
         WHERE reserved <> (
               SELECT coalesce(sum(move.quantity), 0) FROM points_stockmove AS move
                 JOIN points_redemption AS redemption ON redemption.id = move.redemption_id
                WHERE move.batch_id = batch.id AND move.kind = 'reserve' AND redemption.status = 'reserved')
             + (SELECT coalesce(sum(left_over), 0) FROM points_ballotlot WHERE batch_id = batch.id)""",
    "what waits for a draw was set aside": """
        SELECT id FROM points_batch AS batch
         WHERE (SELECT coalesce(sum(left_over), 0) FROM points_ballotlot WHERE batch_id = batch.id) <> (
               SELECT coalesce(sum(CASE kind WHEN 'set_aside' THEN quantity ELSE -quantity END), 0)
                 FROM points_stockmove WHERE batch_id = batch.id AND kind IN ('set_aside', 'put_back'))""",
}
_OF_DEVICES = {
    "what a device holds nobody else settles": """
        SELECT lease.id FROM points_offlinelease AS lease
          JOIN points_offlinelist AS list ON list.id = lease.list_id
          JOIN points_redemption AS redemption ON redemption.id = lease.redemption_id
         WHERE list.store_id <> redemption.store_id
            OR (lease.released_at IS NULL AND list.ends_at > redemption.settled_at)""",
    "what a device handed over is on the book once, as it told it": """
        SELECT redemption_id FROM points_offlinecollection WHERE result = 'collected'
         GROUP BY redemption_id HAVING count(*) > 1
         UNION ALL
        SELECT redemption.id FROM points_offlinecollection AS told
          JOIN points_offlinelist AS list ON list.id = told.list_id
          JOIN points_redemption AS redemption ON redemption.id = told.redemption_id
         WHERE told.result = 'collected'
           AND (redemption.status, redemption.collected_at, redemption.collected_by_id)
               IS DISTINCT FROM ('collected', told.captured_at, list.taken_by_id)""",
    "what a device was told is so": """
        SELECT told.id FROM points_offlinecollection AS told
          JOIN points_redemption AS redemption ON redemption.id = told.redemption_id
         WHERE redemption.status <> CASE told.result
               WHEN 'already' THEN 'collected' WHEN 'cancelled' THEN 'cancelled'
               WHEN 'lapsed_but_on_list' THEN 'lapsed' ELSE redemption.status END""",
}
_OF_NEED = {
    "goods without points are of the list": """
        SELECT redemption.id FROM points_redemption AS redemption
          LEFT JOIN points_reliefissue AS issue ON issue.redemption_id = redemption.id
          LEFT JOIN points_reliefcase AS cases ON cases.id = issue.case_id
         WHERE (redemption.channel = 'relief') <> (issue.id IS NOT NULL)
            OR (redemption.channel = 'relief') <> (redemption.points = 0)
            OR redemption.household_id <> cases.household_id""",
    "a family has no more than its share of a month": """
        SELECT redemption.household_id FROM points_reliefissue AS issue
          JOIN points_redemption AS redemption ON redemption.id = issue.redemption_id
          JOIN points_redemptionline AS line ON line.redemption_id = redemption.id
         WHERE redemption.status IN ('reserved', 'collected')
         GROUP BY redemption.household_id,
                  date_trunc('month', redemption.created_at AT TIME ZONE 'Asia/Shanghai')
        HAVING sum(line.quantity) > min(issue.allowed)""",
}
_OF_BALLOTS = {
    "no more win than there are units": """
        SELECT id FROM points_ballot AS ballot
         WHERE units < (SELECT count(*) FROM points_ballotentry
                         WHERE ballot_id = ballot.id AND outcome = 'won')
            OR units <> (SELECT sum(quantity) FROM points_ballotlot WHERE ballot_id = ballot.id)""",
    "a unit waits for the draw, has a winner, or is back on the shelf": """
        SELECT lot.id FROM points_ballotlot AS lot
          JOIN points_ballot AS ballot ON ballot.id = lot.ballot_id
          CROSS JOIN LATERAL (
               SELECT count(*) AS units FROM points_ballotentry AS entry
                 JOIN points_stockmove AS move ON move.redemption_id = entry.redemption_id
                WHERE entry.ballot_id = ballot.id AND move.batch_id = lot.batch_id
                  AND move.kind = 'reserve') AS won
         WHERE CASE WHEN ballot.status IN ('open', 'drawn') THEN won.units + lot.left_over <> lot.quantity
                    ELSE lot.left_over <> 0 OR won.units > lot.quantity END""",
    "a ticket that won is one unit for whoever has it, and nothing else is": """
        SELECT entry.id FROM points_ballotentry AS entry
          JOIN points_ballot AS ballot ON ballot.id = entry.ballot_id
          LEFT JOIN points_redemption AS redemption ON redemption.id = entry.redemption_id
          LEFT JOIN points_redemptionline AS line ON line.redemption_id = redemption.id
         WHERE (entry.outcome = 'won') <> (entry.redemption_id IS NOT NULL)
            OR (entry.outcome = 'won' AND NOT ballot.status IN ('drawn', 'done'))
            OR (entry.outcome = 'waiting' AND ballot.status = 'done')
            OR (entry.outcome = 'won'
                AND (redemption.volunteer_id, redemption.channel, redemption.points, line.product_id,
                     line.quantity)
                    IS DISTINCT FROM (entry.volunteer_id, 'ballot', ballot.points, ballot.product_id, 1))
         UNION ALL
        SELECT redemption.id FROM points_redemption AS redemption
         WHERE (SELECT count(*) FROM points_ballotentry WHERE redemption_id = redemption.id)
            <> CASE redemption.channel WHEN 'ballot' THEN 1 ELSE 0 END""",
    "a household wins once": """
        SELECT household_id FROM points_ballotentry WHERE outcome = 'won' AND household_id IS NOT NULL
         GROUP BY ballot_id, household_id HAVING count(*) > 1""",
}
FAULTS = market_book.FAULTS | _OF_SLOTS | _OF_SHELVES | _OF_DEVICES | _OF_NEED | _OF_BALLOTS

# --- what there is to choose from
SLOTS = "SELECT id FROM points_serviceslot ORDER BY id"
WAITING = "SELECT id FROM points_redemption WHERE status = 'reserved' ORDER BY id"
SETTLED = "SELECT id FROM points_redemption WHERE status <> 'reserved' ORDER BY id"
BATCHES = "SELECT id FROM points_batch ORDER BY id"
BALLOTS = "SELECT id FROM points_ballot ORDER BY id"

# --- and to foretell what a use case must answer; `now` is the moment it is asked
_LEASED = """
    EXISTS (SELECT 1 FROM points_offlinelease AS lease
              JOIN points_offlinelist AS list ON list.id = lease.list_id
             WHERE lease.redemption_id = redemption.id AND lease.released_at IS NULL AND list.ends_at > now)
"""
_FROZEN = """
    EXISTS (SELECT 1 FROM points_stockmove AS move JOIN points_batch AS batch ON batch.id = move.batch_id
             WHERE move.redemption_id = redemption.id AND batch.recalled_at IS NOT NULL)
"""
_BEFORE_ITS_DAY = """
    EXISTS (SELECT 1 FROM points_redemptionline AS line
              JOIN points_serviceslot AS slot ON slot.id = line.slot_id
             WHERE line.redemption_id = redemption.id
               AND (slot.starts_at AT TIME ZONE 'Asia/Shanghai')::date
                 > (now AT TIME ZONE 'Asia/Shanghai')::date)
"""
_AT = "(SELECT %s::timestamptz AS now) AS clock, points_redemption AS redemption"
CANCELLABLE = f"SELECT count(*) FROM {_AT} WHERE id = %s AND status = 'reserved' AND NOT {_LEASED}"  # noqa: S608 – ours
COLLECTABLE = f"{CANCELLABLE} AND reserved_until > now AND NOT {_FROZEN} AND NOT {_BEFORE_ITS_DAY}"
FREE_TO_SETTLE = f"""
    SELECT id FROM {_AT} WHERE status = 'reserved' AND reserved_until > now AND NOT {_LEASED} ORDER BY id
"""  # noqa: S608 – ours
TO_LAPSE = f"""
    SELECT count(*) FROM {_AT} WHERE status = 'reserved' AND reserved_until <= now AND NOT {_LEASED}
"""  # noqa: S608 – ours
TO_CALL_OFF = f"""
    SELECT count(*) FROM {_AT} WHERE status = 'reserved' AND {_FROZEN} AND NOT {_LEASED}
"""  # noqa: S608 – ours
TO_LIST = f"""
    SELECT id FROM {_AT}
     WHERE status = 'reserved' AND reserved_until > now AND store_id = %s
       AND (NOT {_LEASED} OR EXISTS (
            SELECT 1 FROM points_offlinelease AS mine
              JOIN points_offlinelist AS old ON old.id = mine.list_id
             WHERE mine.redemption_id = redemption.id AND mine.released_at IS NULL AND old.serial = %s))
"""  # noqa: S608 – ours
# May the device that has this list hand this over now, as far as it can know?
IN_HAND = f"""
    SELECT count(*) FROM {_AT}
      JOIN points_offlinelease AS mine ON mine.redemption_id = redemption.id AND mine.released_at IS NULL
      JOIN points_offlinelist AS had ON had.id = mine.list_id
     WHERE redemption.id = %s AND had.serial = %s AND had.expires_at > now
       AND reserved_until > now AND NOT {_BEFORE_ITS_DAY}
"""  # noqa: S608 – ours
# Does it still hold it when it tells, and was nothing called back meanwhile?
STILL_HELD = f"""
    SELECT count(*) FROM {_AT}
      JOIN points_offlinelease AS mine ON mine.redemption_id = redemption.id AND mine.released_at IS NULL
      JOIN points_offlinelist AS had ON had.id = mine.list_id
     WHERE redemption.id = %s AND had.serial = %s AND had.ends_at > now AND NOT {_FROZEN}
"""  # noqa: S608 – ours
PLACES = """
    SELECT sum(capacity - taken) FROM points_serviceslot WHERE id = %s AND ends_at > %s AND closed_at IS NULL
"""
TAKEN = "SELECT taken FROM points_serviceslot WHERE id = %s"
SHARE = "SELECT relief_reserved FROM points_product WHERE id = %s"
HAD_THIS_MONTH = """
    SELECT sum(line.quantity) FROM points_redemption AS redemption
      JOIN points_redemptionline AS line ON line.redemption_id = redemption.id
     WHERE redemption.channel = 'relief' AND redemption.household_id = %s
       AND redemption.status IN ('reserved', 'collected')
       AND redemption.created_at >= date_trunc('month', %s AT TIME ZONE 'Asia/Shanghai')
                                    AT TIME ZONE 'Asia/Shanghai'
"""
OPEN_TO = """
    SELECT count(*) FROM points_ballot AS ballot
     WHERE id = %s AND status = 'open' AND closes_at > %s
       AND NOT EXISTS (SELECT 1 FROM points_ballotentry AS entry
                        WHERE entry.ballot_id = ballot.id AND entry.volunteer_id = ANY (%s))
"""
UNDRAWN = "SELECT count(*) FROM points_ballot WHERE id = %s AND status = 'open'"
TO_DRAW = "SELECT count(*) FROM points_ballot WHERE status IN ('open', 'drawn') AND draw_at <= %s"
