"""What an actor reaches."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from backend.accounts.models import Membership, Organization, User
from backend.accounts.scopes import Actor, Role, ScopeType, actor_for, region_q
from tests.factories.accounts import OrganizationFactory
from tests.factories.regions import CHENGDU_JINJIANG, GUIZHOU, make_path

NOBODY = Actor(user_id=1)
MIXED = Actor(
    user_id=1,
    grants=frozenset(
        {
            (Role.SITE_MANAGER, ScopeType.SITE, "3"),
            (Role.SITE_MANAGER, ScopeType.SITE, "4"),
            (Role.STORE_CLERK, ScopeType.STORE, "5"),
            (Role.ORGANIZATION_MANAGER, ScopeType.ORGANIZATION, "6"),
            (Role.COMMUNITY_STAFF, ScopeType.REGION, "520102016"),
            (Role.SUPERVISOR, ScopeType.REGION, "5201"),
        }
    ),
)
ADMIN = Actor(user_id=1, grants=frozenset({(Role.PLATFORM_ADMIN, ScopeType.PLATFORM, "")}))
ADMIN_AND_STAFF = Actor(user_id=1, grants=ADMIN.grants | {(Role.COMMUNITY_STAFF, ScopeType.REGION, "520102")})


@pytest.mark.parametrize(
    ("actor", "roles", "held"),
    [
        (NOBODY, tuple(Role), False),
        (MIXED, (Role.SITE_MANAGER,), True),
        (MIXED, (Role.PLATFORM_ADMIN, Role.SUPERVISOR), True),
        (MIXED, (Role.PLATFORM_ADMIN,), False),
        (MIXED, (), False),
        (ADMIN, (Role.PLATFORM_ADMIN,), True),
        (ADMIN, (Role.SITE_MANAGER,), False),
    ],
)
def test_having_a_role(actor, roles, held):
    assert actor.has(*roles) is held


@pytest.mark.parametrize(
    ("actor", "roles", "reach"),
    [
        (NOBODY, (), (set(), set(), set(), ())),
        (MIXED, (), ({3, 4}, {5}, {6}, ("5201", "520102016"))),
        (MIXED, (Role.SITE_MANAGER,), ({3, 4}, set(), set(), ())),
        (MIXED, (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER), (set(), {5}, {6}, ())),
        (MIXED, (Role.COMMUNITY_STAFF,), (set(), set(), set(), ("520102016",))),
        (MIXED, (Role.PLATFORM_ADMIN,), (set(), set(), set(), ())),
        (ADMIN, (), (set(), set(), set(), ("",))),
        (ADMIN, (Role.PLATFORM_ADMIN,), (set(), set(), set(), ("",))),
        (ADMIN, (Role.COMMUNITY_STAFF,), (set(), set(), set(), ())),
        (ADMIN_AND_STAFF, (Role.COMMUNITY_STAFF,), (set(), set(), set(), ("520102",))),
        (ADMIN_AND_STAFF, (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN), (set(), set(), set(), ("",))),
    ],
)
def test_reach(actor, roles, reach):
    """Sites, stores, organizations and region prefixes."""
    reached = (
        actor.sites(*roles),
        actor.stores(*roles),
        actor.organizations(*roles),
        actor.regions(*roles),
    )

    assert reached == reach


@pytest.mark.parametrize(("actor", "is_admin"), [(NOBODY, False), (MIXED, False), (ADMIN, True)])
def test_who_administers_the_platform(actor, is_admin):
    assert actor.is_platform_admin is is_admin


@pytest.fixture
def organizations(db):
    for name, code in (("社区", "520102016001"), ("省", GUIZHOU), ("蜀", CHENGDU_JINJIANG)):
        OrganizationFactory(name=name, region=make_path(code))


@pytest.mark.parametrize(
    ("prefixes", "names"),
    [
        ((), set()),
        (("",), {"社区", "省", "蜀"}),
        (("52",), {"社区", "省"}),
        (("5201",), {"社区"}),
        (("520102016001",), {"社区"}),
        (("51", "520102"), {"社区", "蜀"}),
        (("52", ""), {"社区", "省", "蜀"}),
        (("99",), set()),
    ],
)
@pytest.mark.parametrize("field", ["region", "region_id"])
def test_a_prefix_is_a_subtree(organizations, field, prefixes, names):
    found = Organization.objects.filter(region_q(prefixes, field)).values_list("name", flat=True)

    assert set(found) == names


def test_a_subtree_can_be_asked_for_through_a_relation(organizations):
    assert Organization.objects.filter(region_q(("5201020",), "region__parent")).count() == 1


def test_everything_stays_everything_in_an_or(organizations):
    assert Organization.objects.filter(region_q(("",)) | Q(name="蜀")).count() == 3


def test_a_subtree_is_read_from_the_key_without_a_join(db):
    assert "JOIN" not in str(Organization.objects.filter(region_q(("52",))).query)


# --- from the database -----------------------------------------------------------------------------------


@pytest.fixture
def user(db):
    return User.objects.create(username="staff")


def test_an_actor_is_read_in_one_query(user, now, django_assert_num_queries):
    for region in ("52", "51"):
        Membership.objects.create(
            user=user, role=Role.SUPERVISOR, scope_type=ScopeType.REGION, scope_id=region, granted_at=now
        )

    with django_assert_num_queries(1):
        actor = actor_for(user)

    assert (actor.user_id, actor.regions()) == (user.pk, ("51", "52"))


def test_a_volunteer_reaches_nothing_of_others(user):
    assert actor_for(user) == Actor(user_id=user.pk)


def test_a_superuser_administers_the_platform(db):
    assert actor_for(User.objects.create_superuser("root", "x")).is_platform_admin


def test_somebody_unknown_is_nobody():
    assert actor_for(AnonymousUser()) == Actor(user_id=0)
