"""What PostgreSQL itself refuses about the chain; docs/proof.md explains each."""

import pgtrigger

_FOLLOWS = """
    IF (SELECT count(*) FROM points_dayproof) = 0 THEN
        IF (NEW.sequence, NEW.previous) <> (1, repeat('0', 64))
            OR NEW.day <> (SELECT min(day) FROM points_closedday)
            OR NEW.outstanding <> NEW.issued + NEW.adjusted - NEW.redeemed - NEW.expired - NEW.pool THEN
            RAISE EXCEPTION 'the chain begins at its first day'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'day_proof_follows';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM points_dayproof AS before
         WHERE before.sequence = (SELECT max(sequence) FROM points_dayproof)
           AND NEW.sequence = before.sequence + 1
           AND NEW.day = before.day + 1
           AND NEW.previous = before.head
           AND NEW.outstanding = before.outstanding
               + NEW.issued + NEW.adjusted - NEW.redeemed - NEW.expired - NEW.pool
    ) THEN
        RAISE EXCEPTION 'a day continues the last day of the chain and no other'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_proof_follows';
    END IF;
    RETURN NEW;
"""

# PostgreSQL reckons the head itself: the same text as chain.Day.reckoned.
_HEAD = """
    IF NEW.head <> encode(sha256(convert_to(concat(
        'jishan-day-1', E'\\n', NEW.previous, E'\\n', to_char(NEW.day, 'YYYY-MM-DD'), E'\\n',
        NEW.sequence, E'\\n', NEW.transfers, E'\\n', NEW.root, E'\\n',
        NEW.issued, E'\\n', NEW.redeemed, E'\\n', NEW.expired, E'\\n', NEW.pool, E'\\n',
        NEW.adjusted, E'\\n', NEW.outstanding, E'\\n'), 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the head of % is not the hash of its parts', NEW.day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_proof_head_is_a_hash';
    END IF;
    RETURN NEW;
"""

_CLOSED = """
    IF NOT EXISTS (SELECT 1 FROM points_closedday WHERE day = NEW.day) THEN
        RAISE EXCEPTION 'only a closed day can be proven'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_proof_of_a_closed_day';
    END IF;
    RETURN NEW;
"""

DAY_PROOF = [
    pgtrigger.Trigger(
        name="day_proof_of_a_closed_day", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_CLOSED
    ),
    pgtrigger.Trigger(
        name="day_proof_head_is_a_hash", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_HEAD
    ),
    pgtrigger.Trigger(
        name="day_proof_follows", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_FOLLOWS
    ),
]
