"""Guards of appeals that a CHECK cannot express. Each names the constraint it stands for."""

import pgtrigger

_APPEAL_MOVES = """
    IF TG_OP = 'DELETE' OR OLD.status = 'closed'
       OR to_jsonb(NEW) - {moving} <> to_jsonb(OLD) - {moving}
       OR (OLD.rescue_ended_at IS NOT NULL AND NEW.rescue_ended_at IS DISTINCT FROM OLD.rescue_ended_at) THEN
        RAISE EXCEPTION 'an appeal goes one way'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_moves';
    END IF;
    RETURN NEW;
"""
_MOVING = "ARRAY['status', 'rescue_ended_at', 'closed_at', 'closed_by_id']"

_LINE_STAYS = """
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'needed' <> to_jsonb(OLD) - 'needed' THEN
        RAISE EXCEPTION 'only the quantity of a need changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_line_stays';
    END IF;
    RETURN NEW;
"""

# Locked, appeal before donation, so that two gifts at once cannot count the same goods twice.
_GIFT_WITHIN_DONATION = """
    SELECT appeal.status INTO state FROM points_appealline AS line
      JOIN points_appeal AS appeal ON appeal.id = line.appeal_id
     WHERE line.id = NEW.line_id FOR NO KEY UPDATE OF appeal;
    IF NEW.quantity > 0 AND state = 'closed' THEN
        RAISE EXCEPTION 'the appeal is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_gift_while_open';
    END IF;
    PERFORM 1 FROM points_donation WHERE id = NEW.donation_id FOR NO KEY UPDATE;
    SELECT coalesce(sum(quantity), 0) INTO given FROM points_donationline WHERE donation_id = NEW.donation_id;
    SELECT coalesce(sum(quantity), 0) INTO counted FROM points_appealgift WHERE donation_id = NEW.donation_id;
    SELECT coalesce(sum(quantity), 0) INTO here FROM points_appealgift
     WHERE donation_id = NEW.donation_id AND line_id = NEW.line_id;
    IF counted + NEW.quantity > given OR here + NEW.quantity < 0 THEN
        RAISE EXCEPTION 'more than was given, or less than nothing'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_gift_within_donation';
    END IF;
    RETURN NEW;
"""

_REPORT_IN_ORDER = """
    SELECT appeal.status INTO state FROM points_appeal AS appeal
     WHERE appeal.id = NEW.appeal_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM points_appealreport WHERE appeal_id = NEW.appeal_id AND final) THEN
        RAISE EXCEPTION 'nothing follows the final report'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_report_final_last';
    END IF;
    IF NEW.final AND state <> 'closed' THEN
        RAISE EXCEPTION 'the final report comes after the end'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_report_final_after_end';
    END IF;
    RETURN NEW;
"""

APPEAL = [
    pgtrigger.Trigger(
        name="appeal_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_APPEAL_MOVES.format(moving=_MOVING),
    )
]

APPEAL_LINE = [
    pgtrigger.Trigger(
        name="appeal_line_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_LINE_STAYS,
    )
]

APPEAL_GIFT = [
    pgtrigger.Trigger(
        name="appeal_gift_within_donation",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("state", "text"), ("given", "bigint"), ("counted", "bigint"), ("here", "bigint")],
        func=_GIFT_WITHIN_DONATION,
    )
]

APPEAL_REPORT = [
    pgtrigger.Trigger(
        name="appeal_report_in_order",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("state", "text")],
        func=_REPORT_IN_ORDER,
    )
]
