"""Guards of the ballot tables that a CHECK cannot express. Each names the constraint it stands for."""

import pgtrigger

from points.ballots.states import FIRST, MOVES


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


_ALLOWED = ", ".join(f"'{before}>{after}'" for before, afters in MOVES.items() for after in sorted(afters))
_MOVING = (
    "ARRAY['status', 'secret', 'revealed', 'head', 'head_day', 'drawn_at', 'settled_at', 'cancel_reason']"
)
_OUTCOME = "ARRAY['rank', 'outcome', 'redemption_id']"

BALLOT = [
    pgtrigger.Trigger(
        name="ballot_begins_open",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(f"NEW.status <> '{FIRST.value}'"),
        func=_refuse("ballot_status_moves", "a ballot begins open"),
    ),
    pgtrigger.Trigger(
        # The table of states.py, and what was published stays. The sealed secret may be sealed anew.
        name="ballot_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - {_MOVING} <> to_jsonb(OLD) - {_MOVING} THEN
                {_refuse("ballot_facts_stay", "what was offered does not change")}
            END IF;
            IF NEW.status = OLD.status THEN
                IF to_jsonb(NEW) - 'secret' <> to_jsonb(OLD) - 'secret' THEN
                    {_refuse("ballot_facts_stay", "what was drawn does not change")}
                END IF;
                RETURN NEW;
            END IF;
            IF (OLD.status || '>' || NEW.status) NOT IN ({_ALLOWED})
               OR (OLD.revealed <> '' AND (NEW.revealed, NEW.head, NEW.drawn_at)
                   IS DISTINCT FROM (OLD.revealed, OLD.head, OLD.drawn_at)) THEN
                {_refuse("ballot_status_moves", "a ballot is drawn once")}
            END IF;
            IF NEW.revealed <> ''
               AND encode(sha256(convert_to(NEW.revealed, 'UTF8')), 'hex') <> NEW.commitment THEN
                {_refuse("ballot_secret_matches", "another secret was committed to")}
            END IF;
            IF NEW.head <> '' AND NOT EXISTS (
                SELECT 1 FROM points_dayproof AS proof
                 WHERE proof.head = NEW.head AND proof.day = NEW.head_day
                   AND proof.day >= (NEW.closes_at AT TIME ZONE 'Asia/Shanghai')::date
                   AND NOT EXISTS (
                       SELECT 1 FROM points_dayproof AS before
                        WHERE before.day >= (NEW.closes_at AT TIME ZONE 'Asia/Shanghai')::date
                          AND before.day < proof.day)
            ) THEN
                {_refuse("ballot_head_of_the_book", "the head is not that of the day the entries closed")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 – our own words, nothing from outside
    ),
]

ENTRY = [
    pgtrigger.Trigger(
        # The lock makes a draw at this moment wait for us, or us see that it was drawn.
        name="ballot_entry_in_window",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM 1 FROM points_ballot AS ballot
              WHERE ballot.id = NEW.ballot_id AND ballot.status = 'open'
                AND NEW.entered_at >= ballot.opens_at AND NEW.entered_at < ballot.closes_at FOR KEY SHARE;
            IF NOT FOUND OR NEW.outcome <> 'waiting' THEN
                {_refuse("ballot_entry_in_window", "entries are taken inside the window")}
            END IF;
            IF NEW.household_id IS DISTINCT FROM (
                SELECT home.household_id FROM volunteers_householdmember AS home
                 WHERE home.volunteer_id = NEW.volunteer_id AND home.left_at IS NULL
            ) THEN
                {_refuse("ballot_entry_of_household", "another household is theirs")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 – our own words, nothing from outside
    ),
    pgtrigger.Trigger(
        name="ballot_entry_decided_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' AND OLD.outcome = 'waiting'
               AND to_jsonb(NEW) - {_OUTCOME} = to_jsonb(OLD) - {_OUTCOME}
               AND (OLD.rank IS NULL OR NEW.rank = OLD.rank)
               AND EXISTS (SELECT 1 FROM points_ballot AS ballot
                            WHERE ballot.id = NEW.ballot_id AND ballot.status = 'drawn') THEN
                RETURN NEW;
            END IF;
            {_refuse("ballot_entry_decided_once", "the draw decides about an entry, once")}
        """,  # noqa: S608 – our own words, nothing from outside
    ),
]

LOT = [
    pgtrigger.Trigger(
        name="ballot_lot_counts_down",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' AND NEW.left_over < OLD.left_over
               AND to_jsonb(NEW) - 'left_over' = to_jsonb(OLD) - 'left_over' THEN
                RETURN NEW;
            END IF;
            {_refuse("ballot_lot_counts_down", "what was set aside only grows less")}
        """,
    )
]
