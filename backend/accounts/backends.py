"""Who may use the back office: rights come from memberships, not from Django's per-model permissions."""

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, actor_for

_APPS = frozenset({"core", "regions", "accounts", "venues", "volunteers", "points"})
# What community staff enter by hand; everything else of theirs goes through the pages and the API.
_STAFF_WRITES = frozenset(
    {
        "accounts.organization",
        "venues.site",
        "volunteers.programme",
        "volunteers.activity",
        "volunteers.shift",
        "points.store",
        "points.product",
        "points.donor",
        "points.honor",
    }
)
_PLATFORM_ONLY = frozenset({"core", "accounts.user", "accounts.membership", "accounts.onetimecode"})


class MembershipBackend(BaseBackend):
    """Platform administrators may do everything, supervisors may look, community staff may look and enter."""

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: object = None) -> bool:
        """Answer for `app.action_model`; which rows are seen is the admin class's scope, not this."""
        if not isinstance(user_obj, User) or not (user_obj.is_active and user_obj.is_staff):
            return False
        actor = remembered_actor(user_obj)
        if actor.is_platform_admin:
            return True
        app, _, action_model = perm.partition(".")
        action, _, model = action_model.partition("_")
        if app not in _APPS or app in _PLATFORM_ONLY or f"{app}.{model}" in _PLATFORM_ONLY:
            return False
        if action == "view":
            return actor.has(Role.SUPERVISOR, Role.COMMUNITY_STAFF)
        return (
            action in {"add", "change"}
            and actor.has(Role.COMMUNITY_STAFF)
            and f"{app}.{model}" in _STAFF_WRITES
        )

    def has_module_perms(self, user_obj: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        """Whether the app is listed at all."""
        return self.has_perm(user_obj, f"{app_label}.view_any")


def remembered_actor(user: User) -> Actor:
    """Return the user's actor, read once per request: the admin asks for rights dozens of times a page."""
    actor: Actor | None = getattr(user, "_jishan_actor", None)
    if actor is None:
        actor = actor_for(user)
        user._jishan_actor = actor  # type: ignore[attr-defined]  # noqa: SLF001 – a per-request memo on the user
    return actor
