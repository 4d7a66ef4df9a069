"""Guards of donors' questions that a CHECK cannot express."""

import pgtrigger


def question_stays() -> pgtrigger.Trigger:
    """Refuse to change what was asked, or to remove it; only the word to publish it may be changed."""
    return pgtrigger.Trigger(
        name="donor_question_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'agree_public' = to_jsonb(OLD) - 'agree_public' "
            "THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'donor_question_stays: a question is kept as it was asked' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'donor_question_stays';"
        ),
    )


def answer_by_another() -> pgtrigger.Trigger:
    """Refuse an answer by whoever asked (design.md §4.7)."""
    return pgtrigger.Trigger(
        name="question_answer_by_another",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=(
            "IF EXISTS (SELECT 1 FROM points_donorquestion AS question "
            "WHERE question.id = NEW.question_id AND question.asked_by_id = NEW.answered_by_id) THEN "
            "RAISE EXCEPTION 'question_answer_by_another: nobody answers themselves' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'question_answer_by_another'; "
            "END IF; RETURN NEW;"
        ),
    )
