"""Guards of a donor's contact that a CHECK cannot express."""

import pgtrigger


def request_stays() -> pgtrigger.Trigger:
    """Let a request begin open and be decided once; its contact may be sealed anew under another key."""
    return pgtrigger.Trigger(
        name="contact_request_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("said", "text[]")],
        func="""
            IF TG_OP = 'INSERT' AND NEW.outcome IS NULL THEN
                RETURN NEW;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                said := ARRAY['contact'];
                IF OLD.outcome IS NULL THEN
                    said := said || ARRAY['outcome', 'decided_by_id', 'decided_at'];
                END IF;
                IF to_jsonb(NEW) - said = to_jsonb(OLD) - said
                   AND (NEW.contact IS NULL) = (OLD.contact IS NULL) THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'what was asked and decided about a contact stays'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'contact_request_stays';
        """,
    )


def changed_by_two() -> pgtrigger.Trigger:
    """Refuse to take a donor's file from a phone or an account, unless two people said so.

    A contact that is no phone cannot be compared here, because it is sealed; nobody claims a file by it.
    """
    return pgtrigger.Trigger(
        name="donor_contact_by_two",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("contact_index", "user_id"),
        condition=pgtrigger.Condition(
            "((OLD.contact IS NOT NULL OR OLD.user_id IS NOT NULL)"
            " AND (NEW.contact_index IS DISTINCT FROM OLD.contact_index"
            " OR (OLD.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM OLD.user_id)))"
        ),
        func="""
            IF NEW.user_id IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM (
                    SELECT request.contact_index FROM points_contactrequest AS request
                     WHERE request.donor_id = NEW.id AND request.outcome = 'agreed'
                     ORDER BY request.id DESC LIMIT 1
                ) AS agreed WHERE agreed.contact_index IS NOT DISTINCT FROM NEW.contact_index
            ) THEN
                RAISE EXCEPTION 'one person does not take a file from its owner'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'donor_contact_by_two';
            END IF;
            RETURN NEW;
        """,
    )
