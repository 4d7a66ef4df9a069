"""What PostgreSQL refuses about rule sets."""

import pgtrigger


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


def _refuse_if(condition: str, constraint: str, text: str) -> str:
    return f"IF {condition} THEN {_refuse(constraint, text)} END IF; RETURN NEW;"


def _content(row: str) -> str:
    columns = ("region_id", "version", "effective_from", "document", "created_by_id", "reviewed_by_id")
    return ", ".join(f"{row}.{column}" for column in columns)


RULE_SET = [
    pgtrigger.Trigger(
        name="rule_set_frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.status IN ('active', 'retired') AND"
            f" ({_content('OLD')}) IS DISTINCT FROM ({_content('NEW')})"
        ),
        func=_refuse("rule_set_frozen", "a rule set that has been in force is never changed"),
    ),
    pgtrigger.Trigger(
        name="rule_set_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        condition=pgtrigger.Condition("OLD.status IN ('active', 'retired')"),
        func=_refuse("rule_set_frozen", "a rule set that has been in force is kept"),
    ),
    pgtrigger.Trigger(
        name="rule_set_reviewed_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.status = 'reviewed' AND NEW.status <> 'draft' AND"
            f" ({_content('OLD')}) IS DISTINCT FROM ({_content('NEW')})"
        ),
        func=_refuse(
            "rule_set_reviewed_stays", "a reviewed rule set comes into force as it was read, or goes back"
        ),
    ),
    pgtrigger.Trigger(
        name="rule_set_status_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN"
            " ('draft>reviewed', 'reviewed>draft', 'reviewed>active', 'active>retired')"
        ),
        func=_refuse("rule_set_status_moves", "a rule set goes from draft to reviewed to active to retired"),
    ),
]

BONUS = [
    pgtrigger.Trigger(
        name="bonus_is_a_fact",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.taken_back_at IS NULL AND NEW.taken_back_at IS NOT NULL"
            " AND to_jsonb(NEW) - 'taken_back_at' - 'taken_back_id'"
            " = to_jsonb(OLD) - 'taken_back_at' - 'taken_back_id' THEN RETURN NEW; END IF; "
            + _refuse(
                "bonus_is_a_fact", "a bonus is taken back once, and otherwise neither changed nor removed"
            )
        ),
    ),
]

_DECISION = (
    "state",
    "decided_by_id",
    "decided_at",
    "decision_reason",
    "rule_set_id",
    "points",
    "breakdown",
    "transfer_id",
)
_UNDECIDED = " - ".join(["", *(f"'{column}'" for column in _DECISION)])

OTHER_AWARD = [
    pgtrigger.Trigger(
        name="other_award_is_a_fact",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND OLD.state = 'waiting' AND NEW.state <> 'waiting'"
            f" AND to_jsonb(NEW){_UNDECIDED} = to_jsonb(OLD){_UNDECIDED} THEN RETURN NEW; END IF; "
            + _refuse(
                "other_award_is_a_fact", "an award is decided once, and otherwise neither changed nor removed"
            )
        ),
    ),
    pgtrigger.Trigger(
        name="other_award_not_for_oneself",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=_refuse_if(
            "EXISTS (SELECT 1 FROM volunteers_volunteer v WHERE v.id = NEW.volunteer_id"
            " AND v.user_id IN (NEW.entered_by_id, NEW.decided_by_id))",
            "other_award_not_for_oneself",
            "nobody gives points to themselves",
        ),
    ),
    pgtrigger.Trigger(
        name="other_award_own_training",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__qualification__isnull=False),
        func=_refuse_if(
            "NOT EXISTS (SELECT 1 FROM volunteers_qualification q WHERE q.id = NEW.qualification_id"
            " AND q.volunteer_id = NEW.volunteer_id AND q.kind = 'training')",
            "other_award_own_training",
            "not a training of the same person, or an insurance",
        ),
    ),
]
