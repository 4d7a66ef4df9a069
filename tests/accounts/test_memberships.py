"""Who gives a role, and what PostgreSQL makes of it."""

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.models import Membership, User
from backend.accounts.scopes import Actor, Role, ScopeType, actor_for
from backend.accounts.services import grant
from backend.core.errors import Forbidden
from backend.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create(username="aunt-li")


@pytest.fixture
def admin():
    return actor_for(User.objects.create_superuser("root", "x"))


def make(user, actor, at, *, role=Role.SITE_MANAGER, scope_type=ScopeType.SITE, scope_id="3"):
    return grant(user=user, role=role, scope_type=scope_type, scope_id=scope_id, actor=actor, at=at)


def test_a_grant_is_written_down(user, admin, now):
    membership = make(user, admin, now)

    assert (membership.granted_by_id, membership.granted_at) == (admin.user_id, now)
    row = AuditEntry.objects.get()
    assert (row.action, row.actor_id, row.target_type, row.target_id) == (
        "membership.granted",
        admin.user_id,
        "accounts.membership",
        str(membership.pk),
    )
    assert actor_for(user).sites() == {3}


def test_giving_it_twice_changes_nothing(user, admin, now):
    first = make(user, admin, now)

    second = make(user, None, now)

    assert (second, second.granted_by_id) == (first, admin.user_id)
    assert (Membership.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_an_installation_gives_the_first_role(user, now):
    membership = make(user, None, now, role=Role.PLATFORM_ADMIN, scope_type=ScopeType.PLATFORM, scope_id="")

    assert membership.granted_by_id is None
    assert actor_for(user).is_platform_admin


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLATFORM_ADMIN])
def test_only_a_platform_administrator_gives_roles(user, now, role):
    actor = Actor(user_id=1, grants=frozenset({(role, ScopeType.REGION, "52")}))

    with pytest.raises(Forbidden):
        make(user, actor, now)

    assert (Membership.objects.count(), AuditEntry.objects.count()) == (0, 0)


# --- around the Python -----------------------------------------------------------------------------------

FITTING = {
    Role.SITE_MANAGER: (ScopeType.SITE, "3"),
    Role.STORE_CLERK: (ScopeType.STORE, "3"),
    Role.ORGANIZATION_MANAGER: (ScopeType.ORGANIZATION, "3"),
    Role.COMMUNITY_STAFF: (ScopeType.REGION, "520102016"),
    Role.SUPERVISOR: (ScopeType.REGION, "52"),
    Role.PLATFORM_ADMIN: (ScopeType.PLATFORM, ""),
}
SCOPE_IDS = dict(FITTING.values())


def insert(user, role, scope_type, scope_id, at):
    Membership.objects.bulk_create(
        [Membership(user=user, role=role, scope_type=scope_type, scope_id=scope_id, granted_at=at)]
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope_type", ScopeType)
def test_a_role_has_its_own_kind_of_scope(user, now, role, scope_type):
    if scope_type == FITTING[role][0]:
        insert(user, role, scope_type, SCOPE_IDS[scope_type], now)
        assert Membership.objects.get().scope_type == scope_type
    else:
        with pytest.raises(IntegrityError, match="membership_scope_fits_role"), transaction.atomic():
            insert(user, role, scope_type, SCOPE_IDS[scope_type], now)


@pytest.mark.parametrize(
    ("role", "scope_id"),
    [
        (Role.PLATFORM_ADMIN, "1"),
        (Role.SITE_MANAGER, ""),
        (Role.SITE_MANAGER, "abc"),
        (Role.SITE_MANAGER, "0"),
        (Role.SITE_MANAGER, "-3"),
        (Role.SITE_MANAGER, "３"),
        (Role.SITE_MANAGER, "3\n"),
        (Role.STORE_CLERK, "03"),
        (Role.ORGANIZATION_MANAGER, "9" * 19),
        (Role.COMMUNITY_STAFF, ""),
        (Role.COMMUNITY_STAFF, "5"),
        (Role.COMMUNITY_STAFF, "520"),
        (Role.COMMUNITY_STAFF, "52010201"),
        (Role.COMMUNITY_STAFF, "520102000000"),
        (Role.SUPERVISOR, "520000000000"),
        (Role.SUPERVISOR, "%"),
    ],
)
def test_a_scope_names_something_that_can_be_reached(user, now, role, scope_id):
    with pytest.raises(IntegrityError, match="membership_scope_named"), transaction.atomic():
        insert(user, role, FITTING[role][0], scope_id, now)


@pytest.mark.parametrize("scope_id", ["52", "5201", "520102", "520102016", "520102016001"])
def test_a_region_is_named_by_its_prefix(user, now, scope_id):
    insert(user, Role.COMMUNITY_STAFF, ScopeType.REGION, scope_id, now)

    assert actor_for(user).regions() == (scope_id,)


def test_a_role_in_a_scope_is_held_once(user, now):
    insert(user, Role.SITE_MANAGER, ScopeType.SITE, "3", now)

    with pytest.raises(IntegrityError, match="membership_once"), transaction.atomic():
        insert(user, Role.SITE_MANAGER, ScopeType.SITE, "3", now)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"username": None}, "user_has_username_or_phone"),
        ({"phone": "13800001234"}, "user_phone_has_index"),
        ({"phone_index": "a" * 64}, "user_phone_has_index"),
    ],
)
def test_a_user_has_a_name_or_a_findable_phone(user, changes, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**changes)


@pytest.mark.parametrize(("field", "value"), [("username", "aunt-li"), ("phone_index", "a" * 64)])
def test_a_name_and_a_phone_belong_to_one_user(user, field, value):
    User.objects.filter(pk=user.pk).update(phone="13800001234", phone_index="a" * 64)
    other = User.objects.create(username="other", phone="13900001234", phone_index="b" * 64)

    with pytest.raises(IntegrityError, match=f"accounts_user_{field}_key"), transaction.atomic():
        User.objects.filter(pk=other.pk).update(**{field: value})


def test_somebody_with_a_role_is_not_deleted(user, now):
    insert(user, Role.SITE_MANAGER, ScopeType.SITE, "3", now)

    with pytest.raises(IntegrityError), transaction.atomic():
        user.delete()
