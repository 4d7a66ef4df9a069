"""Who sees what, and what the scores weigh."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from backend.accounts.scopes import Role
from tests.factories.accounts import StaffFactory, make_actor
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.integrity import FOUND_AT, AuditDrawFactory, AuditItemFactory, SignalFactory
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.venues import SiteFactory
from volunteers.integrity.choices import SignalKind, SignalState
from volunteers.integrity.models import Signal
from volunteers.integrity.queries import (
    Score,
    draws_for,
    records_behind,
    reviewable_signals,
    scores,
    visible_signals,
)
from volunteers.integrity.thresholds import WEIGHTS

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def staff():
    return make_actor(Role.COMMUNITY_STAFF, "5201")


@pytest.fixture
def elsewhere():
    return SiteFactory(region=RegionFactory(code=CHENGDU_JINJIANG))


def test_staff_see_the_signals_of_their_region(staff, elsewhere):
    mine = SignalFactory()
    SignalFactory(site=elsewhere)

    assert list(visible_signals(staff)) == [mine]
    assert list(reviewable_signals(staff)) == [mine]


def test_a_supervisor_reads_and_reviews_nothing():
    signal = SignalFactory()
    supervisor = make_actor(Role.SUPERVISOR, "52")

    assert list(visible_signals(supervisor)) == [signal]
    assert list(reviewable_signals(supervisor)) == []


@pytest.mark.parametrize("role", [Role.SITE_MANAGER, Role.ORGANIZATION_MANAGER, Role.STORE_CLERK])
def test_nobody_else_sees_any(role):
    signal = SignalFactory()

    assert list(visible_signals(make_actor(role, signal.site_id))) == []


def test_the_records_behind_signals_are_those_of_their_evidence():
    record, other = ServiceRecordFactory(), ServiceRecordFactory()
    both = SignalFactory(evidence={"attendances": [record.attendance_id, other.attendance_id]})
    none = SignalFactory()

    behind = records_behind(Signal.objects.filter(pk__in=[both.pk, none.pk]))

    assert behind == {both.pk: [record, other], none.pk: []}


def test_a_draw_is_everybodys_and_its_records_are_not(staff, elsewhere):
    draw = AuditDrawFactory()
    mine = AuditItemFactory(draw=draw)
    AuditItemFactory(draw=draw, place=2, record__region=elsewhere.region)

    (shown,) = draws_for(staff)

    assert (shown, shown.seen_items) == (draw, [mine])


# --- scores ---


def test_a_score_is_the_sum_of_the_weights(staff):
    manager = StaffFactory(display_name="王小芳")
    site = SiteFactory()
    SignalFactory(kind=SignalKind.QUICK_APPROVAL, manager=manager, site=site)
    SignalFactory(
        kind=SignalKind.MANUAL_SHARE,
        manager=manager,
        site=site,
        state=SignalState.CONFIRMED,
        reviewed_by=StaffFactory(),
        reviewed_at=FOUND_AT,
        reason="属实",
    )
    SignalFactory(kind=SignalKind.CLOSED_HOURS, site=site)

    assert scores(staff, at=FOUND_AT) == [
        Score("manager", manager.pk, "王*芳", points=6, signals=2, confirmed=1),
        Score("site", site.pk, site.name, points=7, signals=3, confirmed=1),
    ]


def test_what_was_cleared_weighs_nothing(staff):
    SignalFactory(state=SignalState.CLEARED, reviewed_by=StaffFactory(), reviewed_at=FOUND_AT, reason="没事")

    assert scores(staff, at=FOUND_AT) == []


def test_ninety_days_count(staff):
    today = localdate(FOUND_AT)
    SignalFactory(day=today - 90 * DAY)
    counted = SignalFactory(day=today - 89 * DAY)

    assert [score.id for score in scores(staff, at=FOUND_AT)] == [counted.site_id]


def test_the_heaviest_come_first(staff):
    light, heavy = SiteFactory(), SiteFactory()
    SignalFactory(kind=SignalKind.CLOSED_HOURS, site=light)
    SignalFactory(kind=SignalKind.FAST_TRAVEL, site=heavy)

    assert [score.id for score in scores(staff, at=FOUND_AT)] == [heavy.pk, light.pk]


def test_the_scores_of_another_region_are_not_told(elsewhere):
    SignalFactory(manager=StaffFactory())

    assert scores(make_actor(Role.COMMUNITY_STAFF, "5101"), at=FOUND_AT) == []


def test_a_manager_without_a_name_is_a_number(staff):
    manager = SignalFactory(manager=StaffFactory()).manager

    assert scores(staff, at=FOUND_AT)[0].name == f"#{manager.pk}"


def test_every_kind_has_a_weight():
    assert set(WEIGHTS) == set(SignalKind)
