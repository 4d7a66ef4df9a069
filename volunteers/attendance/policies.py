"""Which check-in policy holds where and when, and setting one.

The table is small and read on every scan, so each process keeps it for half of the notice that a policy has
to be given (`policy_models.NOTICE`): when a policy starts, every process knows it.
"""

import time
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import NotFound, refusal_for
from backend.regions.codes import ancestors_of
from backend.regions.models import Region
from volunteers.activities.models import Activity
from volunteers.activities.queries import programmes_run_by
from volunteers.attendance.errors import (
    PolicyFigureInvalid,
    PolicyFigureTooWide,
    PolicyReasonRequired,
    PolicyTooSoon,
)
from volunteers.attendance.policy import LIMITS, OF_THE_CODE, Policy, first_fault, with_figures
from volunteers.attendance.policy_models import NOTICE, CheckInPolicy, PolicyScope

_KEPT_SECONDS = NOTICE.total_seconds() / 2

Figures = Mapping[str, int]


class _Shelf:
    """The policies of one scope each, oldest first."""

    def __init__(self) -> None:
        self.read_at: float | None = None
        self.rows: dict[tuple[str, str], list[tuple[datetime, Figures]]] = {}

    def fresh(self) -> dict[tuple[str, str], list[tuple[datetime, Figures]]]:
        """Return the rows, read anew when they are older than `_KEPT_SECONDS`."""
        now = time.monotonic()
        if self.read_at is None or now - self.read_at > _KEPT_SECONDS:
            rows: dict[tuple[str, str], list[tuple[datetime, Figures]]] = {}
            known = CheckInPolicy.objects.order_by("effective_from")
            for scope, key, start, figures in known.values_list(
                "scope", "scope_id", "effective_from", "figures"
            ):
                rows.setdefault((scope, key), []).append((start, figures))
            self.rows, self.read_at = rows, now
        return self.rows


_shelf = _Shelf()


def forget() -> None:
    """Read the policies anew at the next question."""
    _shelf.read_at = None


def platform_policy() -> Policy:
    """Return the defaults of this installation (`settings.CHECKIN_POLICY`, a dict of figures)."""
    return Policy(**getattr(settings, "CHECKIN_POLICY", {}))


def policy_for(
    *, region_code: str, organization_id: int | None, activity_id: int | None = None, when: datetime
) -> Policy:
    """Return what holds for an activity of an organization in a region at a time.

    Figure by figure the narrower scope wins: activity, organization, region, the regions above it, platform.
    Within a scope the latest policy that has started counts.
    """
    policy = platform_policy()
    rows = _shelf.fresh()
    if not rows:
        return policy
    scopes = [(PolicyScope.PLATFORM.value, "")]
    scopes += [(PolicyScope.REGION.value, code) for code in sorted(ancestors_of(region_code))]
    scopes.append((PolicyScope.ORGANIZATION.value, str(organization_id)))
    scopes.append((PolicyScope.ACTIVITY.value, str(activity_id)))
    for scope in scopes:
        history = rows.get(scope)
        started = bisect_right(history, when, key=lambda row: row[0]) if history else 0
        if history and started:
            policy = with_figures(policy, history[started - 1][1])
    return policy


def set_policy(
    *,
    scope: str,
    scope_id: str,
    figures: Figures,
    effective_from: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> CheckInPolicy:
    """Set some figures for a scope from a time on, at least `NOTICE` ahead. Earlier policies stay as history.

    A policy replaces the earlier one of its scope as a whole: figures it does not name fall back to the
    wider scope.

    :raises NotFound: the scope is not one the actor runs.
    :raises PolicyFigureInvalid: an unknown figure, or one outside its limits.
    :raises PolicyFigureTooWide: one that an activity cannot have.
    :raises PolicyTooSoon: less notice than `NOTICE`.
    :raises PolicyReasonRequired: nothing says why. :raises PolicyExists: one starts at that very time.
    """
    _check_scope(scope, scope_id, actor)
    fault = first_fault(figures)
    if fault is not None:
        raise _invalid(fault)
    wide = sorted(OF_THE_CODE.intersection(figures)) if scope == PolicyScope.ACTIVITY else []
    if wide:
        raise PolicyFigureTooWide(field=f"figures.{wide[0]}", figure=wide[0])
    if not reason.strip():
        raise PolicyReasonRequired(field="reason")
    if effective_from < at + NOTICE:
        raise PolicyTooSoon(field="effective_from")
    try:
        with transaction.atomic():
            made = CheckInPolicy.objects.create(
                scope=scope,
                scope_id=scope_id,
                figures=dict(figures),
                effective_from=effective_from,
                reason=reason.strip(),
                set_by_id=actor.user_id,
                set_at=at,
            )
            audit.record(actor=actor, action="check_in_policy.set", target=made, detail=dict(figures), at=at)
    except IntegrityError as error:
        raise refusal_for(error) from error
    forget()
    return made


def _invalid(fault: str) -> PolicyFigureInvalid:
    """Name the figure, unless there is none of that name: whatever was sent is not sent back."""
    if fault not in LIMITS:
        return PolicyFigureInvalid(field="figures", figure="—", least="—", most="—")
    least, most = LIMITS[fault]
    return PolicyFigureInvalid(field=f"figures.{fault}", figure=fault, least=least, most=most)


def _check_scope(scope: str, scope_id: str, actor: Actor) -> None:
    """Let people set what they answer for: staff their region, managers their organization's activities."""
    prefixes = actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
    key = _key(scope_id)
    allowed = False
    if scope == PolicyScope.PLATFORM:
        allowed = actor.is_platform_admin and not scope_id
    elif scope == PolicyScope.REGION:
        allowed = (
            any(scope_id.startswith(prefix) for prefix in prefixes)
            and Region.objects.filter(pk=scope_id).exists()
        )
    elif scope == PolicyScope.ORGANIZATION and key:
        organization = Organization.objects.filter(pk=key).first()
        allowed = organization is not None and (
            organization.pk in actor.organizations(Role.ORGANIZATION_MANAGER)
            or any(organization.region_id.startswith(prefix) for prefix in prefixes)
        )
    elif scope == PolicyScope.ACTIVITY and key:
        own = Activity.objects.filter(programme__in=programmes_run_by(actor))
        allowed = own.filter(pk=key).exists()
    if not allowed:
        raise NotFound(field="scope_id")


def _key(scope_id: str) -> int | None:
    """Return the key, if it is spelled as `policy_for` looks it up: another spelling would never be found."""
    return int(scope_id) if scope_id.isdecimal() and str(int(scope_id)) == scope_id else None
