"""One chunk of a recomputation: the standing awards of some volunteers come under the rules now in force."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from points.ledger import services as ledger
from points.revision import sets
from points.revision.posting import Book, Change, post
from points.revision.rescoring import groups
from points.revision.scope import Scope
from points.scoring.models import RuleSet
from points.scoring.queries import Day, DayAwards, awards_of, day_awards
from points.scoring.rules import Rules


def recompute(
    *, volunteers: Collection[int], scope: Scope, rule_set: RuleSet, rules: Rules, at: datetime
) -> int:
    """Bring the volunteers' records in scope under the rules; return how many changed their points.

    Locks their accounts, as every writer does, and reads only then. A record that stands under the rules
    already is left alone, so doing it twice or beside itself is doing it once.
    """
    accounts = ledger.lock_accounts_of(volunteers)
    days: set[Day] | None = None
    if sets.fits(rules):
        days = sets.settle_unchanged(
            volunteers=volunteers, scope=scope, rule_set=rule_set, rules=rules, at=at
        )
    changes = list(_changes(volunteers, days, scope, rule_set, rules))
    return post(changes, Book(rule_set, rules, accounts), at=at) if changes else 0


def _changes(
    volunteers: Collection[int],
    days: set[Day] | None,
    scope: Scope,
    rule_set: RuleSet,
    rules: Rules,
) -> Iterator[Change]:
    """What the engine makes of these days, or of everything (None)."""
    standing = awards_of(*volunteers) if days is None else day_awards(days)
    known = {one.pk: one for one in RuleSet.objects.filter(pk__in=_rule_sets(standing.values()))}
    found = groups(standing, scope.records(), look_back=rules.caps.look_back, volunteers=volunteers)
    for group in found:
        if all(award.rule_set_id == rule_set.pk for _, award in group.standing):
            continue
        rescored = group.rescored(rules)
        cause = next(one for one in rescored if one.standing.rule_set_id != rule_set.pk)
        origin = known[cause.standing.rule_set_id]
        for one in rescored:
            if one.standing.rule_set_id != rule_set.pk:
                yield Change(one, known[one.standing.rule_set_id])
            elif one.difference:
                yield Change(one, origin, cause)


def _rule_sets(days: Collection[DayAwards]) -> set[int]:
    return {award.rule_set_id for day in days for award in day.records.values()}
