"""What an actor reaches."""

import pytest
from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import Membership, User
from backend.accounts.scopes import Actor, Role, ScopeType, actor_for, region_q
from backend.regions.models import Region

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
ADMIN_AND_STAFF = Actor(
    user_id=1, grants=ADMIN.grants | {(Role.COMMUNITY_STAFF, ScopeType.REGION, "520102")}
)


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
    ("actor", "roles", "sites", "stores", "organizations", "regions"),
    [
        (NOBODY, (), set(), set(), set(), ()),
        (MIXED, (), {3, 4}, {5}, {6}, ("5201", "520102016")),
        (MIXED, (Role.SITE_MANAGER,), {3, 4}, set(), set(), ()),
        (MIXED, (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER), set(), {5}, {6}, ()),
        (MIXED, (Role.COMMUNITY_STAFF,), set(), set(), set(), ("520102016",)),
        (MIXED, (Role.PLATFORM_ADMIN,), set(), set(), set(), ()),
        (ADMIN, (), set(), set(), set(), ("",)),
        (ADMIN, (Role.PLATFORM_ADMIN,), set(), set(), set(), ("",)),
        (ADMIN, (Role.COMMUNITY_STAFF,), set(), set(), set(), ()),
        (ADMIN_AND_STAFF, (Role.COMMUNITY_STAFF,), set(), set(), set(), ("520102",)),
        (ADMIN_AND_STAFF, (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN), set(), set(), set(), ("",)),
    ],
)
def test_reach(actor, roles, sites, stores, organizations, regions):
    assert actor.sites(*roles) == sites
    assert actor.stores(*roles) == stores
    assert actor.organizations(*roles) == organizations
    assert actor.regions(*roles) == regions


@pytest.mark.parametrize(("actor", "is_admin"), [(NOBODY, False), (MIXED, False), (ADMIN, True)])
def test_who_administers_the_platform(actor, is_admin):
    assert actor.is_platform_admin is is_admin


@pytest.fixture
def tree(db):
    parent = None
    for code, level in (
        ("520000000000", "province"),
        ("520100000000", "city"),
        ("520102000000", "county"),
        ("520102016000", "township"),
        ("520102016001", "community"),
    ):
        parent = Region.objects.create(code=code, name=code, level=level, parent=parent)
    Region.objects.create(code="510000000000", name="四川省", level="province")


@pytest.mark.parametrize(
    ("prefixes", "count"),
    [
        ((), 0),
        (("",), 6),
        (("52",), 5),
        (("5201",), 4),
        (("520102016001",), 1),
        (("51", "520102"), 4),
        (("52", ""), 6),
        (("99",), 0),
    ],
)
def test_a_prefix_is_a_subtree(tree, prefixes, count):
    assert Region.objects.filter(region_q(prefixes, "code")).count() == count


def test_a_subtree_can_be_asked_for_through_a_relation(tree):
    assert Region.objects.filter(region_q(("5201",), "parent__code")).count() == 3


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
