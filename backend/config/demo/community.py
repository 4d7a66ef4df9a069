"""The demo community from beginning to end."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate, localtime

from backend.accounts.models import User
from backend.accounts.scopes import Actor, ScopeType, actor_for
from backend.config.demo import content
from backend.config.demo.history import Cast, live_through
from backend.config.demo.honors import praise
from backend.config.demo.kindness import give_and_help
from backend.config.demo.people import STAFF, add_staff, give_role, register_volunteers
from backend.config.demo.places import Places, build_places, open_services, receive_donations
from backend.regions.codes import prefix_of
from points.ledger.errors import InsufficientPoints
from points.market.services import LineInput, reserve
from points.proof.services import close_days
from points.scoring.services import ensure_default_rule_set
from volunteers.activities.models import Activity, Shift
from volunteers.activities.services import create_shift, sign_up
from volunteers.integrity.services import draw_sample, look
from volunteers.people.models import Volunteer

_TODAY_ACTIVITIES = ("门诊导诊", "图书整理", "陪伴聊天与读报", "河岸清洁")
_TODAY_CAPACITY = 12
_TODAY_LENGTH = timedelta(hours=3)


@dataclass(frozen=True)
class Summary:
    """How much was made."""

    volunteers: int
    days: int
    sites: int


def seed_community(
    *, volunteers: int, days: int, seed: int, at: datetime, progress: Callable[[str], None]
) -> Summary:
    """Make a community with `days` of history ending yesterday; same arguments, same community."""
    opening = (localtime(at) - timedelta(days=days + 16)).replace(hour=9, minute=0, second=0, microsecond=0)
    with transaction.atomic():  # all of the places and people, or none: a killed start begins again
        staff = {account.username: add_staff(account) for account in STAFF}
        give_role(staff["admin"], STAFF[5], "", at=opening)
        admin = actor_for(staff["admin"])
        places = build_places(actor=admin, at=opening)
        _give_roles(staff, places, at=opening)
        ensure_default_rule_set(region_code=content.TOWNSHIP, at=opening)
        people = register_volunteers(count=volunteers, seed=seed, since=opening, until=at)
        receive_donations(places, actor=actor_for(staff["staff"]), since=opening, days=days)
    progress(f"{volunteers} 名志愿者，{len(places.sites)} 个站点，{len(content.DONORS)} 位捐赠人")
    cast = Cast(
        volunteers=people,
        places=places,
        manager=actor_for(staff["site"]),
        clerk=actor_for(staff["clerk"]),
        staff=actor_for(staff["staff"]),
    )
    history = [localdate(at) - timedelta(days=back) for back in range(days, 0, -1)]
    for done, day in enumerate(live_through(cast, days=history, seed=seed), start=1):
        if done % 10 == 0:
            progress(f"第 {done}/{days} 天（{day}）")
    _watch(history, at=at)
    close_days(at=at)
    praise(people, entered_by=cast.staff, published_by=admin, at=at)
    open_today(actor=cast.staff, at=at)
    plan_week(actor=cast.staff, at=at)
    open_services(places, actor=admin, at=at)
    give_and_help(people, places, staff=cast.staff, clerk=cast.clerk, admin=admin, at=at)
    _first_volunteer(people[0], places, at=at)
    return Summary(volunteers=volunteers, days=days, sites=len(places.sites))


def _watch(history: list[date], *, at: datetime) -> None:
    """Look for what is wrong, and draw every week that is over, as the clock would have done."""
    for day in history:
        look(day=day, at=at)
    mondays = [day for day in history if day.weekday() == 0]
    for monday in mondays:
        draw_sample(at=localtime(at).replace(year=monday.year, month=monday.month, day=monday.day))


def _give_roles(staff: dict[str, User], places: Places, *, at: datetime) -> None:
    scopes: dict[ScopeType, list[str]] = {
        ScopeType.SITE: [str(site.pk) for site in places.sites],
        ScopeType.STORE: [str(places.store.pk)],
        ScopeType.ORGANIZATION: [str(places.organizations[1].pk)],
        ScopeType.REGION: [prefix_of(content.TOWNSHIP)],
    }
    for account in STAFF:
        if account.scope_type in scopes:
            give_role(staff[account.username], account, *scopes[account.scope_type], at=at)


def open_today(*, actor: Actor, at: datetime) -> list[Shift]:
    """Make sure a shift is going on at every demo site, so that a newcomer can check in at any hour."""
    shifts = []
    for activity in Activity.objects.filter(name__in=_TODAY_ACTIVITIES, site__address__contains="演示"):
        going_on = Shift.objects.filter(
            activity=activity, starts_at__lte=at, ends_at__gt=at + timedelta(minutes=30)
        )
        if not going_on.exists():
            starts_at = localtime(at).replace(minute=0, second=0, microsecond=0)
            shifts.append(
                create_shift(
                    activity=activity,
                    starts_at=starts_at,
                    ends_at=starts_at + _TODAY_LENGTH,
                    capacity=_TODAY_CAPACITY,
                    actor=actor,
                    at=at,
                )
            )
    return shifts


def plan_week(*, actor: Actor, at: datetime) -> list[Shift]:
    """Make sure that each demo activity has its shifts in the seven days to come."""
    midnight = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = []
    for index, wanted in enumerate(content.ACTIVITIES):
        activity = Activity.objects.filter(name=wanted.name, site__address__contains="演示").first()
        if activity is None:
            continue
        for ahead in range(1 + index % 3, 8, 3):
            starts_at = midnight + timedelta(days=ahead, hours=wanted.start_hour)
            if not Shift.objects.filter(activity=activity, starts_at=starts_at).exists():
                ends_at = starts_at + timedelta(minutes=wanted.minutes)
                shifts.append(
                    create_shift(
                        activity=activity,
                        starts_at=starts_at,
                        ends_at=ends_at,
                        capacity=_TODAY_CAPACITY,
                        actor=actor,
                        at=at,
                    )
                )
    return shifts


def _first_volunteer(volunteer: Volunteer, places: Places, *, at: datetime) -> None:
    """Give the demo volunteer a place in the coming days and a bag of salt waiting in the store."""
    soon = Shift.objects.filter(starts_at__gt=at + timedelta(hours=4), activity__minors_allowed=True)
    sign_up(shift_id=soon.order_by("starts_at", "pk")[0].pk, volunteer=volunteer, at=at)
    salt = next(product for product in places.products if product.name.startswith("食盐"))
    with suppress(InsufficientPoints):  # after a very short history there is nothing to spend yet
        reserve(volunteer=volunteer, store_id=salt.store_id, lines=[LineInput(salt.pk, 1)], at=at)
