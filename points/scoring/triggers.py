"""What PostgreSQL refuses about rule sets."""

import pgtrigger


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


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
