"""From draft to retirement: who may move a rule set, when, and what is written down about it."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from backend.accounts.scopes import Role
from backend.core.errors import Invalid, NotFound
from backend.core.models import AuditEntry
from points.scoring import queries, services
from points.scoring.errors import (
    RuleDocumentInvalid,
    RuleSetDateTaken,
    RuleSetNeeded,
    RuleSetNotActive,
    RuleSetNotDraft,
    RuleSetNotReviewed,
    RuleSetSelfReview,
    RuleSetStale,
    RuleSetTooLate,
)
from points.scoring.models import RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS
from tests.factories.accounts import make_actor
from tests.factories.database import refused_by
from tests.factories.ledger import default_rules, rules_in_force
from tests.factories.regions import GUIYANG, GUIZHOU, NANMING, RegionFactory

pytestmark = pytest.mark.django_db

HUANGSHI = PRESETS["huangshi"].document


@pytest.fixture
def maker():
    RegionFactory(code=GUIYANG)
    return make_actor(Role.COMMUNITY_STAFF, "5201")


@pytest.fixture
def checker():
    return make_actor(Role.COMMUNITY_STAFF, "52")


@pytest.fixture
def draft(maker, now):
    return services.draft_rule_set(
        region_code=GUIYANG, document=DEFAULT_DOCUMENT, effective_from=localdate(now), actor=maker, at=now
    )


def change(rule_set, actor, now, **said):
    said.setdefault("edition", rule_set.edition)
    return services.change_draft(rule_set_id=rule_set.pk, actor=actor, at=now, **said)


def reviewed(rule_set, checker, now):
    return services.review_rule_set(rule_set_id=rule_set.pk, actor=checker, at=now)


def activate(rule_set, actor, now):
    return services.activate_rule_set(rule_set_id=rule_set.pk, actor=actor, at=now)


def retire(rule_set, actor, now, reason="换了新办法"):
    return services.retire_rule_set(rule_set_id=rule_set.pk, reason=reason, actor=actor, at=now)


def stored(rule_set):
    return RuleSet.objects.get(pk=rule_set.pk)


def acts(rule_set):
    rows = AuditEntry.objects.filter(target_id=str(rule_set.pk), action__startswith="rule_set.")
    return list(rows.order_by("pk").values_list("action", flat=True))


def test_a_draft_is_changed_and_the_change_is_on_record(draft, maker, now):
    tomorrow = localdate(now) + timedelta(days=1)

    change(draft, maker, now, document=HUANGSHI, effective_from=tomorrow)

    assert (stored(draft).document, stored(draft).effective_from) == (HUANGSHI, tomorrow)
    assert acts(draft) == ["rule_set.drafted", "rule_set.changed"]


def test_what_is_not_said_stays(draft, maker, now):
    change(draft, maker, now, document=HUANGSHI)

    assert stored(draft).effective_from == draft.effective_from


def test_saving_what_it_says_already_writes_nothing(draft, checker, now):
    change(draft, checker, now, document=DEFAULT_DOCUMENT)

    assert stored(draft).created_by_id == draft.created_by_id
    assert acts(draft) == ["rule_set.drafted"]


def test_who_has_read_an_older_edition_writes_nothing(draft, maker, checker, now):
    read = draft.edition
    change(draft, checker, now, document=HUANGSHI)

    with pytest.raises(RuleSetStale):
        change(draft, maker, now, edition=read, document=DEFAULT_DOCUMENT)

    assert stored(draft).document == HUANGSHI


def test_faults_keep_a_draft_as_it_was(draft, maker, now):
    with pytest.raises(RuleDocumentInvalid):
        change(draft, maker, now, document={**HUANGSHI, "base": {}}, effective_from=date(2027, 1, 1))

    assert stored(draft).edition == draft.edition


def test_whoever_changed_it_last_does_not_review_it(draft, maker, checker, now):
    change(draft, checker, now, document=HUANGSHI)

    with pytest.raises(RuleSetSelfReview):
        reviewed(draft, checker, now)

    assert reviewed(draft, maker, now).status == "reviewed"


def test_a_reviewer_confirms_what_they_have_read(draft, maker, checker, now):
    read = draft.edition
    change(draft, maker, now, document=HUANGSHI)

    with pytest.raises(RuleSetStale):
        services.review_rule_set(rule_set_id=draft.pk, edition=read, actor=checker, at=now)

    assert stored(draft).status == "draft"


def test_what_was_reviewed_is_not_written_on(draft, maker, checker, now):
    reviewed(draft, checker, now)

    with pytest.raises(RuleSetNotDraft):
        change(draft, maker, now, document=HUANGSHI)


def test_the_database_lets_nothing_else_come_into_force_than_what_was_reviewed(draft, checker, now):
    reviewed(draft, checker, now)

    with refused_by("rule_set_reviewed_stays"):
        RuleSet.objects.filter(pk=draft.pk).update(document=HUANGSHI)
    with refused_by("rule_set_reviewed_stays"):
        RuleSet.objects.filter(pk=draft.pk).update(status="active", effective_from=date(2027, 1, 1))


def test_a_reviewed_version_goes_back_with_a_reason_and_needs_a_new_review(draft, maker, checker, now):
    reviewed(draft, checker, now)

    services.return_rule_set(rule_set_id=draft.pk, reason=" 上限太低 ", actor=checker, at=now)

    assert (stored(draft).status, stored(draft).reviewed_by_id) == ("draft", None)
    entry = AuditEntry.objects.get(action="rule_set.returned")
    assert (entry.actor_id, entry.detail) == (checker.user_id, {"reason": "上限太低"})
    with pytest.raises(RuleSetNotReviewed):
        activate(draft, maker, now)


def test_going_back_and_retiring_want_a_reason(draft, checker, now):
    reviewed(draft, checker, now)

    with pytest.raises(Invalid):
        services.return_rule_set(rule_set_id=draft.pk, reason="  ", actor=checker, at=now)
    with pytest.raises(Invalid):
        retire(draft, checker, now, reason="")

    assert stored(draft).status == "reviewed"


def test_a_draft_does_not_go_back(draft, checker, now):
    with pytest.raises(RuleSetNotReviewed):
        services.return_rule_set(rule_set_id=draft.pk, reason="再想想", actor=checker, at=now)


def test_rules_begin_today_or_later(draft, maker, checker, now):
    reviewed(draft, checker, now)
    tomorrow = now + timedelta(days=1)

    with pytest.raises(RuleSetTooLate):
        activate(draft, maker, tomorrow)

    assert stored(draft).status == "reviewed"
    assert activate(draft, maker, now).status == "active"


def test_only_a_platform_administrator_reaches_back(draft, checker, now):
    reviewed(draft, checker, now)

    activate(draft, make_actor(Role.PLATFORM_ADMIN), now + timedelta(days=400))

    assert stored(draft).status == "active"


def test_two_versions_of_a_region_do_not_begin_on_one_day(draft, maker, checker, now):
    other = services.draft_rule_set(
        region_code=GUIYANG, document=HUANGSHI, effective_from=localdate(now), actor=maker, at=now
    )
    for each in (draft, other):
        reviewed(each, checker, now)
    activate(draft, maker, now)

    with pytest.raises(RuleSetDateTaken):
        activate(other, maker, now)

    assert stored(other).status == "reviewed"


def test_a_retired_version_gives_its_days_to_the_one_before_it(draft, maker, checker, now):
    before = default_rules()
    reviewed(draft, checker, now)
    activate(draft, maker, now)
    assert queries.rule_set_for(NANMING, localdate(now)) == draft

    retire(draft, maker, now)

    assert queries.rule_set_for(NANMING, localdate(now)) == before
    assert AuditEntry.objects.get(action="rule_set.retired").detail == {
        "reason": "换了新办法",
        "after": before.label,
    }


def test_a_regions_only_version_gives_its_days_to_the_region_above(maker, now):
    above = rules_in_force(region_code=GUIZHOU)
    own = rules_in_force(region_code=GUIYANG)

    retire(own, maker, now)

    assert queries.rule_set_for(GUIYANG, localdate(now)) == above


def test_the_last_rules_are_not_retired(maker, now):
    only = default_rules()
    RegionFactory(code=GUIZHOU)
    RuleSet.objects.create(
        region_id=GUIZHOU,
        version=1,
        effective_from=localdate(now),
        status="active",
        document=DEFAULT_DOCUMENT,
        created_at=now,
    )  # from today on only: what is older would have nothing

    with pytest.raises(RuleSetNeeded):
        retire(only, maker, now)

    assert stored(only).status == "active"


def test_what_is_not_in_force_is_not_retired(draft, maker, now):
    with pytest.raises(RuleSetNotActive):
        retire(draft, maker, now)


@pytest.mark.parametrize("move", [change, reviewed, activate, retire])
def test_other_regions_are_out_of_reach(draft, move, now):
    stranger = make_actor(Role.COMMUNITY_STAFF, "5101")

    with pytest.raises(NotFound):
        move(draft, stranger, now)

    assert acts(draft) == ["rule_set.drafted"]


def test_rules_are_for_regions_that_exist(now):
    with pytest.raises(NotFound):
        services.draft_rule_set(
            region_code="999999999999",
            document=DEFAULT_DOCUMENT,
            effective_from=localdate(now),
            actor=make_actor(Role.PLATFORM_ADMIN),
            at=now,
        )


def test_an_edition_is_a_mark_of_the_content(draft):
    same = RuleSet(document=dict(reversed(DEFAULT_DOCUMENT.items())), effective_from=draft.effective_from)
    later = RuleSet(document=DEFAULT_DOCUMENT, effective_from=draft.effective_from + timedelta(days=1))

    assert (same.edition == draft.edition, later.edition == draft.edition) == (True, False)


def test_retiring_in_any_order_leaves_the_root(maker, now):
    """Why retiring needs no lock on what takes over: a row of versions that lean on each other has an end."""
    root = rules_in_force(region_code=GUIZHOU)
    city = rules_in_force()
    day = localdate(now)
    later = RuleSet.objects.create(
        region_id=GUIYANG, version=2, effective_from=day, status="active", document=HUANGSHI, created_at=now
    )

    assert (queries.successor_of(later), queries.successor_of(city)) == (city, root)
    for each in (city, later):
        retire(each, maker, now)

    assert queries.rule_set_for(GUIYANG, day) == root
