"""Guards of what happens at the counter: returns by two people, and one device for one redemption."""

import pgtrigger

_NEAR = """
    EXISTS (
        SELECT 1 FROM points_redemption AS redemption
          JOIN volunteers_volunteer AS person ON person.id = redemption.volunteer_id
         WHERE redemption.id = NEW.redemption_id AND person.user_id = {user}
    ) OR EXISTS (
        SELECT 1 FROM points_redemption AS redemption
          JOIN volunteers_volunteer AS clerk ON clerk.user_id = {user}
          JOIN volunteers_householdmember AS home
            ON home.volunteer_id = clerk.id AND home.left_at IS NULL
          LEFT JOIN volunteers_householdmember AS taker
            ON taker.household_id = home.household_id AND taker.left_at IS NULL
         WHERE redemption.id = NEW.redemption_id
           AND (home.household_id = redemption.household_id OR taker.volunteer_id = redemption.volunteer_id)
    )
"""

_RETURN_OF_COLLECTED = """
    IF NOT EXISTS (SELECT 1 FROM points_redemption AS redemption
                    WHERE redemption.id = NEW.redemption_id AND redemption.status = 'collected') THEN
        RAISE EXCEPTION 'only goods that were handed over come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_of_collected';
    END IF;
    IF {near} THEN
        RAISE EXCEPTION 'nobody takes back what is their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_not_own';
    END IF;
    RETURN NEW;
"""

_DECIDED_FIELDS = "ARRAY['decision', 'decision_reason', 'decided_by_id', 'decided_at']"
_RETURN_IS_HISTORY = """
    IF TG_OP = 'DELETE' OR OLD.decision <> ''
       OR to_jsonb(NEW) - {decided} <> to_jsonb(OLD) - {decided} THEN
        RAISE EXCEPTION 'a return is decided once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_is_history';
    END IF;
    IF {near} THEN
        RAISE EXCEPTION 'nobody takes back what is their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goods_return_not_own';
    END IF;
    RETURN NEW;
"""

_RETURNED_BY_TWO = """
    IF NOT EXISTS (SELECT 1 FROM points_goodsreturn AS back
                    WHERE back.redemption_id = NEW.id AND back.decision = 'approved') THEN
        RAISE EXCEPTION 'a second person has not agreed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_returned_by_two';
    END IF;
    RETURN NEW;
"""

_NOT_LEASED = """
    IF EXISTS (SELECT 1 FROM points_offlinelease AS lease
                 JOIN points_offlinelist AS list ON list.id = lease.list_id
                WHERE lease.redemption_id = NEW.id AND lease.released_at IS NULL
                  AND list.ends_at > NEW.settled_at) THEN
        RAISE EXCEPTION 'a device without network may be handing it over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_not_leased';
    END IF;
    RETURN NEW;
"""

_LIST_IS_HISTORY = """
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL
       OR to_jsonb(NEW) - ARRAY['closed_at', 'closed_by_id']
          <> to_jsonb(OLD) - ARRAY['closed_at', 'closed_by_id'] THEN
        RAISE EXCEPTION 'a list that was given out does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_list_is_history';
    END IF;
    RETURN NEW;
"""

_LEASE_OF_THAT_STORE = """
    IF NOT EXISTS (SELECT 1 FROM points_redemption AS redemption
                     JOIN points_offlinelist AS list ON list.store_id = redemption.store_id
                    WHERE redemption.id = NEW.redemption_id AND redemption.status = 'reserved'
                      AND list.id = NEW.list_id AND list.closed_at IS NULL) THEN
        RAISE EXCEPTION 'only what waits in the store of the list can be on it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_lease_of_that_store';
    END IF;
    RETURN NEW;
"""

_LEASE_IS_HISTORY = """
    IF TG_OP = 'DELETE' OR OLD.released_at IS NOT NULL
       OR to_jsonb(NEW) - 'released_at' <> to_jsonb(OLD) - 'released_at' THEN
        RAISE EXCEPTION 'a lease ends once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offline_lease_is_history';
    END IF;
    RETURN NEW;
"""

# Asked when the transaction ends, because the redemption is written before what it is for.
_FOR_SOMETHING = """
    IF NOT EXISTS ({found}) THEN
        RAISE EXCEPTION '{text}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
"""


def _for_something(channel: str, *, name: str, found: str, text: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition(f"NEW.channel = '{channel}'"),
        func=_FOR_SOMETHING.format(found=found, text=text, name=name),
    )


REDEMPTION = [
    pgtrigger.Trigger(
        name="redemption_returned_by_two",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.status = 'returned' AND OLD.status <> 'returned'"),
        func=_RETURNED_BY_TWO,
    ),
    pgtrigger.Trigger(
        # Settled online while a tablet without network may hand it over, the goods would go out twice.
        name="redemption_not_leased",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.status = 'reserved' AND NEW.status <> 'reserved'"),
        func=_NOT_LEASED,
    ),
    _for_something(
        "relief",
        name="redemption_relief_of_list",
        found="SELECT 1 FROM points_reliefissue AS issue WHERE issue.redemption_id = NEW.id",
        text="goods without points go to households of the list",
    ),
    _for_something(
        "ballot",
        name="redemption_ballot_of_ticket",
        found="SELECT 1 FROM points_ballotentry AS entry WHERE entry.redemption_id = NEW.id",
        text="goods of a ballot go to a ticket that won",
    ),
]

GOODS_RETURN = [
    pgtrigger.Trigger(
        name="goods_return_of_collected",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_RETURN_OF_COLLECTED.format(near=_NEAR.format(user="NEW.asked_by_id")),
    ),
    pgtrigger.Trigger(
        name="goods_return_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_RETURN_IS_HISTORY.format(decided=_DECIDED_FIELDS, near=_NEAR.format(user="NEW.decided_by_id")),
    ),
]

OFFLINE_LIST = [
    pgtrigger.Trigger(
        name="offline_list_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_LIST_IS_HISTORY,
    )
]

OFFLINE_LEASE = [
    pgtrigger.Trigger(
        name="offline_lease_of_that_store",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_LEASE_OF_THAT_STORE,
    ),
    pgtrigger.Trigger(
        name="offline_lease_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_LEASE_IS_HISTORY,
    ),
]
