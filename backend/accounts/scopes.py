"""Roles and the scopes they reach. Pure except for `actor_for`, which reads the memberships."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from backend.accounts.models import User


class Role(models.TextChoices):
    """What somebody is trusted with. A volunteer needs no membership: their scope is their own things."""

    SITE_MANAGER = "site_manager", _("站点负责人")
    STORE_CLERK = "store_clerk", _("慈善超市店员")
    ORGANIZATION_MANAGER = "organization_manager", _("组织管理员")
    COMMUNITY_STAFF = "community_staff", _("社区工作人员")
    SUPERVISOR = "supervisor", _("督导员")
    PLATFORM_ADMIN = "platform_admin", _("平台管理员")


class ScopeType(models.TextChoices):
    """What a role reaches."""

    SITE = "site", _("站点")
    STORE = "store", _("慈善超市")
    ORGANIZATION = "organization", _("组织")
    REGION = "region", _("区划")
    PLATFORM = "platform", _("全平台")


@dataclass(frozen=True)
class Actor:
    """A user with what they may reach; the only thing services ask about rights."""

    user_id: int
    grants: frozenset[tuple[str, str, str]] = frozenset()  # (role, scope type, scope id)

    @property
    def is_platform_admin(self) -> bool:
        """Whether everything is in scope."""
        return any(role == Role.PLATFORM_ADMIN for role, _, _ in self.grants)

    def has(self, *roles: Role) -> bool:
        """Whether any of these roles is held, in whatever scope."""
        return any(role in roles for role, _, _ in self.grants)

    def sites(self, *roles: Role) -> frozenset[int]:
        """Keys of the sites held directly."""
        return self._keys(ScopeType.SITE, roles)

    def stores(self, *roles: Role) -> frozenset[int]:
        """Keys of the stores held directly."""
        return self._keys(ScopeType.STORE, roles)

    def organizations(self, *roles: Role) -> frozenset[int]:
        """Keys of the organizations held directly."""
        return self._keys(ScopeType.ORGANIZATION, roles)

    def regions(self, *roles: Role) -> tuple[str, ...]:
        """Region prefixes in reach; a platform administrator reaches `("",)`, which is everywhere."""
        if self.is_platform_admin and (not roles or Role.PLATFORM_ADMIN in roles):
            return ("",)
        return tuple(
            sorted(
                key
                for role, kind, key in self.grants
                if kind == ScopeType.REGION and (not roles or role in roles)
            )
        )

    def _keys(self, kind: ScopeType, roles: tuple[Role, ...]) -> frozenset[int]:
        return frozenset(
            int(key) for role, held, key in self.grants if held == kind and (not roles or role in roles)
        )


def region_q(prefixes: Iterable[str], field: str = "region") -> Q:
    """Return the filter for rows inside any of the subtrees; no prefix matches nothing.

    `field` leads to the foreign key to Region; Django reads its code straight from the key's column.
    """
    code = f"{field.removesuffix('_id')}__code"
    condition = Q(pk__in=[])
    for prefix in prefixes:
        if prefix == "":
            return ~Q(pk__in=[])  # not Q(): an empty condition vanishes from an OR
        condition |= Q(**{f"{code}__startswith": prefix})
    return condition


def actor_for(user: User | AnonymousUser) -> Actor:
    """Return what this user may reach (one query; a superuser reaches everything)."""
    if not user.is_authenticated:
        return Actor(user_id=0)
    grants = set(user.memberships.values_list("role", "scope_type", "scope_id"))
    if user.is_superuser:
        grants.add((Role.PLATFORM_ADMIN, ScopeType.PLATFORM, ""))
    return Actor(user_id=user.pk, grants=frozenset(grants))
