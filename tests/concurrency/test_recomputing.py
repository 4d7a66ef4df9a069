"""A recomputation beside awards, reversals and itself: the second reads what the first has written."""

from datetime import date

import pytest
from django.db import transaction

from points.ledger.services import lock_accounts_of
from points.revision.models import RevisionRun
from points.revision.recomputing import recompute
from points.revision.scope import Scope
from points.revision.services import advance, start_recompute
from points.scoring.models import Award
from points.scoring.queries import rules_of
from points.scoring.services import award_records, reverse_records
from tests.concurrency.rivals import Meeting, race
from tests.factories.ledger import account, default_rules, serve, take_back
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import TWELVE, award, dry_run, earned_by, newer_rules, staff

pytestmark = pytest.mark.django_db(transaction=True)

SCOPE = Scope("5201", date(2026, 9, 1), None)


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def early(zhang, now):
    """Seven hours under the old rules; the new ones count eight a day, for 12 points each."""
    default_rules()
    made = serve(420, volunteer=zhang, hour=8)
    award(made, at=now)
    return made


@pytest.fixture
def rules(early):
    return newer_rules(base=TWELVE)


def revise(rules, zhang, now):
    with transaction.atomic():
        return recompute(volunteers=[zhang.pk], scope=SCOPE, rule_set=rules, rules=rules_of(rules), at=now)


def test_without_locks_an_award_and_a_recomputation_give_more_than_the_day_allows(zhang, early, rules, now):
    late = serve(120, volunteer=zhang, hour=16)
    meeting = Meeting(2, ["SELECT", '"points_award"', '"pieces"'])

    def unguarded(act):
        with meeting.unguarded():
            return act()

    race(
        lambda: unguarded(lambda: award_records(record_ids=[late.pk], at=now)),
        lambda: unguarded(lambda: revise(rules, zhang, now)),
    )

    assert earned_by(zhang) == 98


def test_an_award_and_a_recomputation_share_the_day(zhang, early, rules, now):
    late = serve(120, volunteer=zhang, hour=16)

    race(
        lambda: award_records(record_ids=[late.pk], at=now),
        lambda: revise(rules, zhang, now),
    )

    assert earned_by(zhang) == account(zhang).balance == 96


def test_two_recomputations_at_once_are_one(zhang, early, rules, now):
    race(*[lambda: revise(rules, zhang, now)] * 4)

    assert Award.objects.filter(kind="recompute").count() == 1
    assert earned_by(zhang) == account(zhang).balance == 84


def test_a_reversal_beside_it_leaves_nothing(zhang, early, rules, now):
    reversal = take_back(early)

    race(
        lambda: reverse_records(record_ids=[reversal.pk], at=now),
        lambda: revise(rules, zhang, now),
    )

    assert earned_by(zhang) == account(zhang).balance == 0


def test_workers_at_one_run_do_each_chunk_once(zhang, early, rules, now):
    actor = staff()
    dry_run(rules, at=now, actor=actor)
    start_recompute(rule_set_id=rules.pk, actor=actor, at=now)

    race(*[lambda: advance(at=now)] * 3)
    while advance(at=now):
        pass

    run = RevisionRun.objects.latest("pk")
    assert (run.state, run.records_done, run.records_changed) == ("done", 1, 1)
    assert account(zhang).balance == 84


def test_others_wait_for_nobody_but_the_volunteers_of_a_chunk(zhang, early, rules, now):
    li = VolunteerFactory()
    record = serve(60, volunteer=li)
    with transaction.atomic():
        lock_accounts_of([zhang.pk])
        recompute(volunteers=[zhang.pk], scope=SCOPE, rule_set=rules, rules=rules_of(rules), at=now)

        (awarded,) = race(lambda: award_records(record_ids=[record.pk], at=now))

    assert awarded == 1
