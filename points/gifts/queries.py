"""Who is whose relative, what the region allows, and what was given."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet, Sum
from django.utils.timezone import localtime

from points.gifts.choices import Recipient
from points.gifts.models import Gift, Relative
from points.gifts.rules import TransferPolicy
from points.scoring.errors import RuleSetMissing
from points.scoring.queries import rule_set_for, rules_of

if TYPE_CHECKING:
    from volunteers.people.models import Volunteer


def policy_for(volunteer: Volunteer, *, at: datetime) -> TransferPolicy:
    """Return what the rules where the volunteer lives allow today (the part `transfer` of their document)."""
    try:
        rule_set = rule_set_for(volunteer.region_id, localtime(at).date())
    except RuleSetMissing:
        return TransferPolicy()  # nobody has said that points may be given away
    allowed = rules_of(rule_set).transfers
    return TransferPolicy(
        charity_pool=allowed.charity_pool,
        relative=allowed.relative_monthly_points is not None,
        monthly_points=allowed.relative_monthly_points or 0,
    )


def relative_of(volunteer: Volunteer) -> Relative | None:
    """Return the declaration that holds or waits for its confirmation, if any."""
    live = Relative.objects.filter(volunteer=volunteer, ended_at__isnull=True)
    return live.select_related("relative").first()


def declared_by_others(volunteer: Volunteer) -> QuerySet[Relative]:
    """Return the live declarations that name this volunteer."""
    live = Relative.objects.filter(relative=volunteer, ended_at__isnull=True)
    return live.select_related("volunteer").order_by("-pk")


def gifts_of(volunteer: Volunteer) -> QuerySet[Gift]:
    """Return what the volunteer gave, newest first."""
    return Gift.objects.filter(volunteer=volunteer).order_by("-pk")


def given_this_month(volunteer: Volunteer, *, at: datetime) -> int:
    """Return the points given to relatives since the first of the month, Shanghai time."""
    begin = localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    given = Gift.objects.filter(volunteer=volunteer, to=Recipient.RELATIVE, at__gte=begin)
    return given.aggregate(total=Sum("points"))["total"] or 0
