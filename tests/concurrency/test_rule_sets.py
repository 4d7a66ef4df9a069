"""Two people at one draft: without the lock one writes over the other, with it the second is told."""

import pytest
from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.scopes import Role
from points.scoring import services
from points.scoring.errors import RuleSetStale
from points.scoring.models import RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS
from tests.concurrency.rivals import Meeting, race
from tests.factories.accounts import make_actor
from tests.factories.regions import GUIYANG, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENTS = (PRESETS["huangshi"].document, PRESETS["nanjing"].document)


@pytest.fixture
def actor():
    RegionFactory(code=GUIYANG)
    return make_actor(Role.PLATFORM_ADMIN)


def two_changes(actor, now, guard=None):
    draft = services.draft_rule_set(
        region_code=GUIYANG, document=DEFAULT_DOCUMENT, effective_from=localdate(now), actor=actor, at=now
    )

    def change(document):
        def run():
            with transaction.atomic():
                return services.change_draft(
                    rule_set_id=draft.pk, edition=draft.edition, document=document, actor=actor, at=now
                )

        return (lambda: _under(guard, run)) if guard else run

    return race(*(change(document) for document in DOCUMENTS))


def _under(meeting, run):
    with meeting.unguarded():
        return run()


def test_without_the_lock_one_writes_over_what_the_other_wrote(actor, now):
    results = two_changes(actor, now, Meeting(2, ["points_ruleset", '"document"', "SELECT"]))

    assert [type(result) for result in results] == [RuleSet, RuleSet]


def test_of_two_changes_of_one_edition_the_second_is_told(actor, now):
    results = two_changes(actor, now)

    assert sorted(type(result).__name__ for result in results) == ["RuleSet", "RuleSetStale"]
    (won,) = (result for result in results if not isinstance(result, RuleSetStale))
    assert RuleSet.objects.get().document == won.document
