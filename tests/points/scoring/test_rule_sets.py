"""Rule sets: written by one, reviewed by another, frozen once in force, the nearest region's counts."""

from datetime import date

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from points.scoring import queries, services
from points.scoring.errors import (
    RuleDocumentInvalid,
    RuleSetMissing,
    RuleSetNotDraft,
    RuleSetNotReviewed,
    RuleSetSelfReview,
)
from points.scoring.models import RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT
from tests.factories.accounts import make_actor
from tests.factories.database import refused_by
from tests.factories.ledger import default_rules
from tests.factories.regions import COMMUNITY, GUIYANG, GUIZHOU, NANMING, RegionFactory

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def maker():
    RegionFactory(code=GUIYANG)
    return make_actor(Role.COMMUNITY_STAFF, "5201")


@pytest.fixture
def checker():
    return make_actor(Role.COMMUNITY_STAFF, "52")


def draft(maker, now, **document: object):
    return services.draft_rule_set(
        region_code=GUIYANG,
        document={**DEFAULT_DOCUMENT, **document},
        effective_from=OCTOBER,
        actor=maker,
        at=now,
    )


def in_force(region, version, day, **content: object):
    RegionFactory(code=region)
    return RuleSet.objects.create(
        region_id=region,
        version=version,
        effective_from=day,
        status=content.pop("status", "active"),
        document=DEFAULT_DOCUMENT,
        created_at="2026-01-01T00:00Z",
        **content,
    )


def test_rules_are_drafted_reviewed_by_another_and_put_into_force(maker, checker, now):
    made = draft(maker, now, base={**DEFAULT_DOCUMENT["base"], "points": 12})
    services.review_rule_set(rule_set_id=made.pk, actor=checker, at=now)
    services.activate_rule_set(rule_set_id=made.pk, actor=maker, at=now)

    assert queries.rule_set_for(COMMUNITY, OCTOBER) == made
    assert queries.rules_of(RuleSet.objects.get()).base.points == 12


def test_nobody_reviews_their_own_rules(maker, now):
    made = draft(maker, now)

    with pytest.raises(RuleSetSelfReview):
        services.review_rule_set(rule_set_id=made.pk, actor=maker, at=now)

    made.refresh_from_db()
    assert made.status == "draft"


def test_rules_that_nobody_reviewed_do_not_come_into_force(maker, now):
    made = draft(maker, now)

    with pytest.raises(RuleSetNotReviewed):
        services.activate_rule_set(rule_set_id=made.pk, actor=maker, at=now)


def test_a_rule_set_is_reviewed_once(maker, checker, now):
    made = draft(maker, now)
    services.review_rule_set(rule_set_id=made.pk, actor=checker, at=now)

    with pytest.raises(RuleSetNotDraft):
        services.review_rule_set(rule_set_id=made.pk, actor=checker, at=now)


def test_versions_count_up_in_each_region(maker, now):
    assert [draft(maker, now).version, draft(maker, now).version] == [1, 2]


def test_rules_of_another_region_are_out_of_reach(maker, now):
    stranger = make_actor(Role.COMMUNITY_STAFF, "5101")
    made = draft(maker, now)

    with pytest.raises(NotFound):
        services.review_rule_set(rule_set_id=made.pk, actor=stranger, at=now)
    with pytest.raises(NotFound):
        draft(stranger, now)
    with pytest.raises(NotFound):
        services.review_rule_set(rule_set_id=404, actor=maker, at=now)


def test_a_supervisor_never_writes_rules(maker, now):
    with pytest.raises(Forbidden):
        draft(make_actor(Role.SUPERVISOR, "5201"), now)


def test_a_wrong_document_is_refused_before_it_is_kept(maker, now):
    with pytest.raises(RuleDocumentInvalid):
        draft(maker, now, base={})

    assert RuleSet.objects.count() == 0


def test_the_nearest_region_wins_and_then_the_latest_date():
    province = in_force(GUIZHOU, 1, date(2026, 1, 1))
    city = in_force(GUIYANG, 1, date(2026, 3, 1))
    later = in_force(GUIYANG, 2, date(2026, 6, 1))

    assert queries.rule_set_for(COMMUNITY, date(2026, 2, 28)) == province
    assert queries.rule_set_for(COMMUNITY, date(2026, 3, 1)) == city
    assert queries.rule_set_for(COMMUNITY, date(2026, 6, 1)) == later
    assert queries.rule_set_for("522301000000", date(2026, 6, 1)) == province


def test_drafts_and_retired_rules_do_not_count():
    in_force(NANMING, 1, date(2026, 1, 1), status="retired")
    in_force(NANMING, 2, date(2026, 1, 1), status="draft")

    with pytest.raises(RuleSetMissing):
        queries.rule_set_for(NANMING, OCTOBER)


def test_the_default_is_put_into_force_once_and_reaches_back():
    first = default_rules()

    assert default_rules() == first
    assert first.document == DEFAULT_DOCUMENT
    assert queries.rule_set_for(COMMUNITY, date(2021, 2, 1)) == first


def test_the_default_leaves_rules_that_are_in_force_alone(now):
    own = in_force(GUIYANG, 1, date(2026, 1, 1))

    assert default_rules() == own


@pytest.mark.parametrize(
    "change", [{"document": {}}, {"effective_from": OCTOBER}, {"version": 9}, {"region": COMMUNITY}]
)
def test_rules_in_force_are_never_changed(change):
    made = default_rules()
    RegionFactory(code=COMMUNITY)

    with refused_by("rule_set_frozen"):
        RuleSet.objects.filter(pk=made.pk).update(**change)


def test_rules_that_were_in_force_are_kept():
    made = default_rules()

    with refused_by("rule_set_frozen"):
        RuleSet.objects.filter(pk=made.pk)._raw_delete("default")


def test_rules_in_force_can_be_retired_and_no_more(now):
    made = default_rules()
    RuleSet.objects.filter(pk=made.pk).update(status="retired")

    with refused_by("rule_set_status_moves"):
        RuleSet.objects.filter(pk=made.pk).update(status="active")


def test_one_rule_set_of_a_region_begins_on_a_day():
    in_force(GUIYANG, 1, OCTOBER)

    with refused_by("rule_set_active_once"):
        in_force(GUIYANG, 2, OCTOBER)


def test_a_version_is_used_once():
    in_force(GUIYANG, 1, OCTOBER)

    with refused_by("rule_set_version_once"):
        in_force(GUIYANG, 1, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("content", "constraint"),
    [
        ({"version": 0}, "rule_set_version_positive"),
        ({"version": 1, "status": "law"}, "rule_set_status_known"),
    ],
)
def test_the_database_knows_what_a_rule_set_is(content, constraint):
    with refused_by(constraint):
        in_force(GUIYANG, day=OCTOBER, **content)


def test_the_database_wants_two_people_for_written_rules(maker):
    with refused_by("rule_set_reviewed_by_another"):
        in_force(GUIYANG, 1, OCTOBER, created_by_id=maker.user_id, reviewed_by_id=maker.user_id)
    with refused_by("rule_set_reviewed_by_another"):
        in_force(GUIYANG, 1, OCTOBER, created_by_id=maker.user_id)
