"""Weeks of service, made through the same services the pages call, each at its own time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_current_timezone

from backend.accounts.scopes import Actor
from backend.config.demo import content
from backend.config.demo.places import Places
from backend.core import outbox
from backend.core.errors import Refusal
from points.ledger.queries import balance
from points.market.services import LineInput, collect, reserve
from venues.sites.services import current_qr
from volunteers.activities.models import Shift
from volunteers.activities.services import create_shift, sign_up
from volunteers.attendance.services import close_forgotten, scan
from volunteers.people.models import Volunteer
from volunteers.records.services import approve
from workers.handlers import HANDLERS

_ACTIVITY_EVERY = 4  # days between two shifts of the same activity
_CAPACITY = 8
_TURNOUT = 4
_UNDECIDED_DAYS = 2  # the last days wait for the manager, so that there is something to decide
_BORROWED_DAY = _UNDECIDED_DAYS + 1  # so many days ago one phone scanned for everybody on a shift


@dataclass(frozen=True)
class Cast:
    """Who appears in the history."""

    volunteers: list[Volunteer]
    places: Places
    manager: Actor
    clerk: Actor
    staff: Actor


def live_through(cast: Cast, *, days: list[date], seed: int) -> Iterator[date]:
    """Play one day after the other, yielding each when it is over."""
    chance = random.Random(seed)  # noqa: S311 – reproducible demo data, no secret
    for number, day in enumerate(days):
        undecided = number >= len(days) - _UNDECIDED_DAYS
        for index, activity in enumerate(content.ACTIVITIES):
            if (number + index) % _ACTIVITY_EVERY == 0:
                borrowed = number == len(days) - _BORROWED_DAY
                _shift(cast, index, activity, day, chance=chance, undecided=undecided, borrowed=borrowed)
        evening = _at(day, time(21, 30))
        close_forgotten(at=evening)
        _deliver(at=evening)
        if number % 7 == 6:  # noqa: PLR2004 – the store opens once a week
            _market_day(cast, at=_at(day, time(10, 0)) + timedelta(hours=12), chance=chance)
            _deliver(at=evening + timedelta(hours=1))
        yield day


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=get_current_timezone())


def _deliver(*, at: datetime) -> None:
    while outbox.drain(handlers=HANDLERS, at=at):
        pass


def _shift(
    cast: Cast,
    index: int,
    activity: content.DemoActivity,
    day: date,
    *,
    chance: random.Random,
    undecided: bool,
    borrowed: bool,
) -> None:
    starts_at = _at(day, time(activity.start_hour))
    shift = create_shift(
        activity=cast.places.activities[index],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=activity.minutes),
        capacity=_CAPACITY,
        actor=cast.staff,
        at=starts_at - timedelta(days=3),
    )
    for position, volunteer in enumerate(chance.sample(cast.volunteers, k=_TURNOUT + chance.randrange(3))):
        try:
            sign_up(shift_id=shift.pk, volunteer=volunteer, at=starts_at - timedelta(days=2))
        except Refusal:
            continue  # too young, busy elsewhere, or not yet registered: as in life
        forgets = undecided and position == 0
        phone = f"demo-shift-{shift.pk}" if borrowed else f"demo-phone-{volunteer.pk}"
        _serve(
            cast, shift, index, volunteer, chance=chance, forgets=forgets, decide=not undecided, phone=phone
        )


def _serve(
    cast: Cast,
    shift: Shift,
    index: int,
    volunteer: Volunteer,
    *,
    chance: random.Random,
    forgets: bool,
    decide: bool,
    phone: str,
) -> None:
    arrives = shift.starts_at + timedelta(minutes=chance.randrange(-12, 8))
    leaves = shift.ends_at + timedelta(minutes=chance.randrange(-10, 12))
    site = cast.places.sites[content.ACTIVITIES[index].site]
    for intent, moment in (("in", arrives), ("out", leaves)):
        if intent == "out" and forgets:
            return
        answer = scan(
            volunteer_user_id=volunteer.user_id,
            token=current_qr(site=site, at=moment).token,
            intent=intent,
            nonce=f"demo-{shift.pk}-{volunteer.pk}-{intent}",
            device=phone,
            at=moment,
        )
    if decide and answer.attendance is not None:
        approve(attendance_id=answer.attendance.pk, actor=cast.manager, at=leaves + timedelta(hours=1))


def _market_day(cast: Cast, *, at: datetime, chance: random.Random) -> None:
    for volunteer in chance.sample(cast.volunteers, k=len(cast.volunteers) // 6):
        affordable = [
            product
            for product in cast.places.products
            if product.points <= balance(volunteer, at=at).available
        ]
        if not affordable:
            continue
        line = LineInput(product_id=chance.choice(affordable).pk, quantity=1)
        try:
            redemption = reserve(volunteer=volunteer, store_id=cast.places.store.pk, lines=[line], at=at)
            collect(code=redemption.code, actor=cast.clerk, at=at + timedelta(minutes=20))
        except Refusal:
            continue  # sold out or at the limit: as in life
