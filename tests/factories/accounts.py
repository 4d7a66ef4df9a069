"""Users, organizations and memberships."""

from datetime import UTC, datetime

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from backend.accounts.models import Membership, Organization, OrganizationKind, User
from backend.accounts.scopes import Actor, Role, ScopeType, actor_for
from backend.accounts.services import PHONE_PURPOSE
from backend.core.crypto import blind_index
from tests.factories.regions import RegionFactory

PASSWORD = "correct horse battery staple"
GRANTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class UserFactory(DjangoModelFactory[User]):
    """Somebody with a phone, as volunteers are."""

    class Meta:
        model = User

    phone = Sequence(lambda number: f"139{50_000_000 + number}")
    phone_index = LazyAttribute(lambda made: blind_index(made.phone, purpose=PHONE_PURPOSE))
    password = "!"


class StaffFactory(DjangoModelFactory[User]):
    """Somebody with a username, as staff are; without a usable password."""

    class Meta:
        model = User

    username = Sequence(lambda number: f"staff{number}")
    password = "!"


class OrganizationFactory(DjangoModelFactory[Organization]):
    """A volunteer organization of the default community."""

    class Meta:
        model = Organization

    name = Sequence(lambda number: f"志愿服务队{number}")
    kind = OrganizationKind.VOLUNTEER_ORGANIZATION
    region = SubFactory(RegionFactory)


class MembershipFactory(DjangoModelFactory[Membership]):
    """A role; by default a platform administrator's."""

    class Meta:
        model = Membership

    user = SubFactory(StaffFactory)
    role = Role.PLATFORM_ADMIN
    scope_type = ScopeType.PLATFORM
    scope_id = ""
    granted_at = GRANTED_AT


_SCOPES = {
    Role.SITE_MANAGER: ScopeType.SITE,
    Role.STORE_CLERK: ScopeType.STORE,
    Role.ORGANIZATION_MANAGER: ScopeType.ORGANIZATION,
    Role.COMMUNITY_STAFF: ScopeType.REGION,
    Role.SUPERVISOR: ScopeType.REGION,
    Role.PLATFORM_ADMIN: ScopeType.PLATFORM,
}


def make_staff(role: Role, scope: object = "") -> User:
    """Make a user holding one role; `scope` is a key, or a region prefix."""
    membership = MembershipFactory.create(role=role, scope_type=_SCOPES[role], scope_id=str(scope))
    return membership.user


def make_actor(role: Role, scope: object = "") -> Actor:
    """Make the actor of a user holding one role."""
    return actor_for(make_staff(role, scope))
