"""Whose figures hold, from when on, who may set them, and that they do something."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.scopes import Role
from backend.core.errors import NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, GUIYANG, GUIZHOU, NANMING, make_path
from tests.factories.volunteers import ActivityFactory
from volunteers.attendance.errors import (
    PolicyExists,
    PolicyFigureInvalid,
    PolicyFigureTooWide,
    PolicyReasonRequired,
    PolicyTooSoon,
)
from volunteers.attendance.policies import policy_for, set_policy
from volunteers.attendance.policy import LIMITS, Policy, first_fault
from volunteers.attendance.policy_models import CheckInPolicy

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SPRING = datetime(2026, 4, 1, tzinfo=UTC)


def at(when, *, region=COMMUNITY, organization=7, activity=9):
    return policy_for(region_code=region, organization_id=organization, activity_id=activity, when=when)


# --- which one holds ---


def test_without_any_the_defaults_hold():
    assert at(SPRING) == Policy()


def test_an_installation_has_figures_of_its_own(settings):
    settings.CHECKIN_POLICY = {"early_minutes": 45}

    assert at(SPRING) == Policy(early_minutes=45)


def test_the_narrower_scope_wins_figure_by_figure(put, settings):
    settings.CHECKIN_POLICY = {"early_minutes": 1, "late_minutes": 1, "annul_minutes": 1}
    put("platform", "", early_minutes=2, late_minutes=2, offline_hours=2)
    put("region", GUIZHOU, early_minutes=3, late_minutes=3, daily_minutes=300)
    put("region", GUIYANG, early_minutes=4, min_presence_percent=4)
    put("region", NANMING, early_minutes=5)
    put("region", COMMUNITY, early_minutes=6, close_after_minutes=6)
    put("organization", 7, early_minutes=7, late_check_out_hours=7)
    put("activity", 9, early_minutes=8)

    assert asdict(at(SPRING)) == asdict(Policy()) | {
        "early_minutes": 8,
        "late_minutes": 3,
        "annul_minutes": 1,
        "offline_hours": 2,
        "daily_minutes": 300,
        "min_presence_percent": 4,
        "close_after_minutes": 6,
        "late_check_out_hours": 7,
    }
    assert at(SPRING, activity=None).early_minutes == 7
    assert at(SPRING, organization=8, activity=None).early_minutes == 6
    assert at(SPRING, region=NANMING, organization=None, activity=None).early_minutes == 5
    assert at(SPRING, region=GUIZHOU, organization=None, activity=None).early_minutes == 3
    assert at(SPRING, region=CHENGDU_JINJIANG, organization=None, activity=None).early_minutes == 2


def test_a_later_one_replaces_an_earlier_one_of_its_scope_whole(put):
    put("region", GUIYANG, SPRING, early_minutes=60, late_minutes=5)
    put("region", GUIYANG, SPRING + DAY, late_minutes=10)

    before, between, after = at(SPRING - MINUTE), at(SPRING), at(SPRING + DAY)

    assert (before.early_minutes, before.late_minutes) == (30, 15)
    assert (between.early_minutes, between.late_minutes) == (60, 5)
    assert (after.early_minutes, after.late_minutes) == (30, 10)


def test_reading_a_policy_again_asks_the_database_nothing(put, django_assert_num_queries):
    put("platform", "", early_minutes=60)
    at(SPRING)

    with django_assert_num_queries(0):
        assert at(SPRING).early_minutes == 60


# --- what can be set ---


def test_every_figure_has_limits_and_the_default_is_within():
    defaults = asdict(Policy())

    assert set(LIMITS) == set(defaults)
    assert {name for name, (least, most) in LIMITS.items() if not least <= defaults[name] <= most} == set()


@given(st.sampled_from(sorted(LIMITS)), st.integers())
def test_a_figure_is_taken_within_its_limits_only(name, value):
    least, most = LIMITS[name]

    assert first_fault({name: value}) == (None if least <= value <= most else name)


@pytest.mark.parametrize("figures", [{}, [], None, "x", {"early_minutes": True}, {"early_minutes": 1.5}])
def test_what_is_no_figure_is_a_fault(figures):
    assert first_fault(figures) is not None


@pytest.fixture
def setting():
    """`setting(actor, **more)` sets a policy for Guiyang a day ahead."""
    make_path(COMMUNITY)

    def set_now(actor, **more: object):
        given = {
            "scope": "region",
            "scope_id": GUIYANG,
            "figures": {"early_minutes": 60},
            "effective_from": SPRING + DAY,
            "reason": " 冬天路远 ",
            "at": SPRING,
        }
        return set_policy(actor=actor, **given | more)

    return set_now


@pytest.fixture
def admin():
    return make_actor(Role.PLATFORM_ADMIN)


def test_a_policy_is_kept_with_who_when_and_why(setting, admin):
    made = setting(admin)

    made.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (made.figures, made.reason, made.set_by_id, made.set_at) == (
        {"early_minutes": 60},
        "冬天路远",
        admin.user_id,
        SPRING,
    )
    assert (entry.action, entry.actor_id, entry.detail) == (
        "check_in_policy.set",
        admin.user_id,
        {"early_minutes": 60},
    )


def test_a_policy_holds_from_its_start_and_at_once_in_this_process(setting, admin):
    assert at(SPRING + DAY).early_minutes == 30

    setting(admin)

    assert (at(SPRING + DAY - MINUTE).early_minutes, at(SPRING + DAY).early_minutes) == (30, 60)


@pytest.mark.parametrize("notice", [timedelta(0), MINUTE - timedelta(seconds=1), -DAY])
def test_a_policy_is_announced(setting, admin, notice):
    with pytest.raises(PolicyTooSoon):
        setting(admin, effective_from=SPRING + notice)

    assert CheckInPolicy.objects.count() == 0
    assert setting(admin, effective_from=SPRING + MINUTE)


def test_two_policies_of_one_scope_do_not_start_at_once(setting, admin):
    setting(admin)

    with pytest.raises(PolicyExists):
        setting(admin, figures={"early_minutes": 10})

    assert at(SPRING + DAY).early_minutes == 60


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_policy_says_why(setting, admin, reason):
    with pytest.raises(PolicyReasonRequired):
        setting(admin, reason=reason)


@pytest.mark.parametrize(
    "figures", [{}, {"early": 5}, {"early_minutes": 241}, {"early_minutes": -1}, {"offline_hours": 169}]
)
def test_a_figure_nobody_would_mean_is_refused(setting, admin, figures):
    with pytest.raises(PolicyFigureInvalid):
        setting(admin, figures=figures)


@pytest.mark.parametrize("name", ["offline_hours", "clock_skew_seconds", "code_tolerance_windows"])
def test_an_activity_has_no_figure_that_is_needed_before_it_is_known(setting, admin, name):
    activity = ActivityFactory()

    with pytest.raises(PolicyFigureTooWide):
        setting(admin, scope="activity", scope_id=str(activity.pk), figures={name: 1})
    assert setting(admin, figures={name: 1})


# --- who may ---


@pytest.mark.parametrize(
    ("role", "scope", "reach"),
    [
        (Role.PLATFORM_ADMIN, "", {"platform", "city", "community", "organization", "activity"}),
        (Role.COMMUNITY_STAFF, "5201", {"city", "community", "organization", "activity"}),
        (Role.COMMUNITY_STAFF, "520102", {"community", "organization", "activity"}),
        (Role.COMMUNITY_STAFF, "5101", set()),
        (Role.ORGANIZATION_MANAGER, "own", {"organization", "activity"}),
        (Role.ORGANIZATION_MANAGER, "other", set()),
        (Role.SITE_MANAGER, "site", set()),
        (Role.SUPERVISOR, "52", set()),
        (Role.STORE_CLERK, 1, set()),
    ],
)
def test_people_set_what_they_answer_for(setting, role, scope, reach):
    activity = ActivityFactory()
    organization = activity.programme.organization_id
    scopes = {"own": organization, "other": OrganizationFactory().pk, "site": activity.site_id}
    actor = make_actor(role, scopes.get(scope, scope))
    wanted = {
        "platform": ("platform", ""),
        "city": ("region", GUIYANG),
        "community": ("region", COMMUNITY),
        "organization": ("organization", str(organization)),
        "activity": ("activity", str(activity.pk)),
    }

    for name, (kind, key) in wanted.items():
        if name in reach:
            assert setting(actor, scope=kind, scope_id=key).scope == kind
        else:
            with pytest.raises(NotFound):
                setting(actor, scope=kind, scope_id=key)

    assert CheckInPolicy.objects.count() == len(reach)


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ("platform", "1"),
        ("region", ""),
        ("region", "5201"),
        ("region", "990000000000"),
        ("region", "x"),
        ("organization", ""),
        ("organization", "0"),
        ("organization", "9" * 20),
        ("organization", "x"),
        ("activity", "-1"),
        ("activity", "²"),
        ("planet", "3"),
    ],
)
def test_a_scope_there_is_not_is_not_found(setting, admin, scope, key):
    with pytest.raises(NotFound):
        setting(admin, scope=scope, scope_id=key)


def test_a_key_is_spelled_in_one_way(setting, admin):
    key = OrganizationFactory().pk
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in str(key))

    for spelling in (f"0{key}", wide, f" {key}"):
        with pytest.raises(NotFound):
            setting(admin, scope="organization", scope_id=spelling)
