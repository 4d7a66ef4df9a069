"""Guards of the relief tables that a CHECK cannot express. Each names the constraint it stands for."""

import pgtrigger


def _refuse(constraint: str, text: str) -> str:
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


# The keeper is in service, for that place, and lives elsewhere.
_KEEPER_FITS = """
    IF NOT EXISTS (
        SELECT 1 FROM points_reliefkeeper AS keeper, volunteers_household AS household
         WHERE keeper.id = {keeper} AND keeper.ended_at IS NULL
           AND household.id = {household} AND left(household.region_id, length(keeper.prefix)) = keeper.prefix
    ) THEN
        {not_named}
    END IF;
    IF EXISTS (
        SELECT 1 FROM points_reliefkeeper AS keeper
          JOIN volunteers_volunteer AS person ON person.user_id = keeper.user_id
          JOIN volunteers_householdmember AS home ON home.volunteer_id = person.id AND home.left_at IS NULL
         WHERE keeper.id = {keeper} AND home.household_id = {household}
    ) THEN
        {own}
    END IF;
"""


def _keeper_fits(keeper: str, household: str) -> str:
    return _KEEPER_FITS.format(
        keeper=keeper,
        household=household,
        not_named=_refuse("relief_by_named_keeper", "the list is kept by those named for it"),
        own=_refuse("relief_not_for_own_household", "a keeper lives in this household"),
    )


_WITHIN_YEAR = f"""
    IF NEW.review_on > (NEW.{{at}} AT TIME ZONE 'Asia/Shanghai')::date + 366
       OR NEW.review_on <= (NEW.{{at}} AT TIME ZONE 'Asia/Shanghai')::date THEN
        {_refuse("relief_review_within_year", "a review is due within a year")}
    END IF;
"""

KEEPER = [
    pgtrigger.Trigger(
        name="relief_keeper_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
               AND to_jsonb(NEW) - ARRAY['ended_at', 'ended_by_id']
                   = to_jsonb(OLD) - ARRAY['ended_at', 'ended_by_id'] THEN
                RETURN NEW;
            END IF;
            {_refuse("relief_keeper_is_history", "a term is ended, never rewritten")}
        """,
    )
]

CASE = [
    pgtrigger.Trigger(
        name="relief_case_begins",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NEW.status <> 'active' THEN
                {_refuse("relief_case_by_reviews", "a case begins active")}
            END IF;
            {_WITHIN_YEAR.format(at="opened_at")}
            {_keeper_fits("NEW.kept_by_id", "NEW.household_id")}
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        # Inside the trigger of a review the depth is 2 or more; a statement from outside finds 1 here. The
        # sealed reason may be sealed anew under another key.
        name="relief_case_by_reviews",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE'
               AND (pg_trigger_depth() > 1 OR to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason') THEN
                RETURN NEW;
            END IF;
            {_refuse("relief_case_by_reviews", "a case changes by reviews only")}
        """,
    ),
]

REVIEW = [
    pgtrigger.Trigger(
        name="relief_review_is_history",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason' THEN
                RETURN NEW;
            END IF;
            {_refuse("relief_review_is_history", "a review is never rewritten")}
        """,
    ),
    pgtrigger.Trigger(
        name="relief_review_moves_case",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=[("place", "bigint")],
        func=f"""
            SELECT household_id INTO place FROM points_reliefcase
             WHERE id = NEW.case_id AND status <> 'ended' FOR UPDATE;
            IF NOT FOUND THEN
                {_refuse("relief_review_of_open_case", "the case has ended")}
            END IF;
            {_WITHIN_YEAR.format(at="at")}
            {_keeper_fits("NEW.keeper_id", "place")}
            UPDATE points_reliefcase
               SET status = NEW.status, kept_by_id = NEW.keeper_id,
                   review_on = coalesce(NEW.review_on, review_on),
                   ended_at = CASE NEW.status WHEN 'ended' THEN NEW.at END
             WHERE id = NEW.case_id;
            RETURN NEW;
        """,  # noqa: S608 – our own words, nothing from outside
    ),
]

ISSUE = [
    pgtrigger.Trigger(
        # The lock makes two issues to one household follow each other, so that the second counts the first.
        name="relief_issue_fits",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("place", "bigint"), ("due", "date"), ("month", "timestamptz")],
        func=f"""
            SELECT household_id, review_on INTO place, due FROM points_reliefcase
             WHERE id = NEW.case_id AND status = 'active' FOR UPDATE;
            IF NOT FOUND OR NOT EXISTS (
                SELECT 1 FROM points_redemption AS redemption
                 WHERE redemption.id = NEW.redemption_id AND redemption.channel = 'relief'
                   AND redemption.household_id = place
            ) THEN
                {_refuse("relief_issue_of_active_case", "goods go to the household of an active case")}
            END IF;
            IF (NEW.at AT TIME ZONE 'Asia/Shanghai')::date > due + NEW.grace_days THEN
                {_refuse("relief_review_not_overdue", "the review is overdue")}
            END IF;
            {_keeper_fits("NEW.keeper_id", "place")}
            month := date_trunc('month', NEW.at AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai';
            IF NEW.allowed < (
                SELECT coalesce(sum(line.quantity), 0)
                  FROM points_redemption AS redemption
                  JOIN points_redemptionline AS line ON line.redemption_id = redemption.id
                 WHERE redemption.household_id = place AND redemption.channel = 'relief'
                   AND redemption.status IN ('reserved', 'collected') AND redemption.created_at >= month
            ) THEN
                {_refuse("relief_quota_kept", "the household has had its share of the month")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 – our own words, nothing from outside
    )
]
