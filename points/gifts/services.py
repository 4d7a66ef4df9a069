"""Declare a relative, give points away. A gift cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from backend.core.errors import Invalid, NotFound, refusal_for
from backend.core.masking import mask_name
from points.gifts import queries
from points.gifts.choices import Recipient, Relation
from points.gifts.errors import (
    GiftNotAllowed,
    GiftOverMonthlyLimit,
    GiftTokenReused,
    GiftWhileOwing,
    RelativeAlreadyDeclared,
    RelativeIsSelf,
    RelativeIsSettled,
    RelativeMissing,
    RelativeUnknown,
)
from points.gifts.models import Gift, Relative
from points.ledger import queries as books
from points.ledger import services as ledger
from points.ledger.errors import InsufficientPoints
from points.ledger.models import AccountKind, TransferKind
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Volunteer

if TYPE_CHECKING:
    from points.ledger.models import Account

MOST_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What a gift would do: what the giver keeps, and until when a relative could use the points."""

    to: str
    points: int
    left: int
    relative: Relative | None
    last_day: date | None


def declare_relative(*, volunteer: Volunteer, number: str, relation: str, at: datetime) -> Relative:
    """Name a lineal relative by their volunteer number; it holds once they confirm.

    :raises Invalid: the relation is none of the list.
    :raises RelativeUnknown: no active volunteer has that number.
    :raises RelativeIsSelf: it is the volunteer's own number.
    :raises RelativeAlreadyDeclared: another declaration is live.
    """
    if relation not in Relation.values:
        raise Invalid(field="relation")
    found = Volunteer.objects.filter(number=number, status=VolunteerStatus.ACTIVE).first()
    if found is None:
        raise RelativeUnknown(field="number")
    if found.pk == volunteer.pk:
        raise RelativeIsSelf(field="number")
    if queries.relative_of(volunteer) is not None:
        raise RelativeAlreadyDeclared
    try:
        with transaction.atomic():
            return Relative.objects.create(
                volunteer=volunteer, relative=found, relation=relation, declared_at=at
            )
    except IntegrityError as error:
        raise refusal_for(error) from error


def confirm_relative(*, relative_id: int, by: Volunteer, at: datetime) -> Relative:
    """Say that one is that relative; saying it twice is saying it once.

    :raises NotFound: no declaration names this volunteer under that key.
    :raises RelativeIsSettled: it was ended.
    """
    with transaction.atomic():
        row = _locked(relative_id)
        if row is None or row.relative_id != by.pk:
            raise NotFound
        if row.ended_at is not None:
            raise RelativeIsSettled
        if row.confirmed_at is None:
            row.confirmed_at = at
            row.save(update_fields=["confirmed_at"])
    return row


def end_relative(*, relative_id: int, by: Volunteer, at: datetime) -> Relative:
    """End a declaration; either side may, at any time, and twice is once.

    :raises NotFound: it names neither side.
    """
    with transaction.atomic():
        row = _locked(relative_id)
        if row is None or by.pk not in {row.volunteer_id, row.relative_id}:
            raise NotFound
        if row.ended_at is None:
            row.ended_at = at
            row.save(update_fields=["ended_at"])
    return row


def give(*, volunteer: Volunteer, to: str, points: int, token: str, at: datetime) -> Gift:
    """Give points for good, to the charity pool or to the confirmed relative, in whole points.

    The same token is the same gift. Given points keep the earliest expiry of the lots they came from.

    :raises Invalid: nobody to give to, or no positive number of points.
    :raises GiftNotAllowed: the rules where the giver lives do not allow it.
    :raises RelativeMissing: no relative has confirmed.
    :raises GiftWhileOwing: the giver owes points.
    :raises GiftOverMonthlyLimit: more than a relative may be given in a month.
    :raises InsufficientPoints: more than is spendable.
    :raises GiftTokenReused: the token names another gift.
    """
    _require_shape(to, points)
    with transaction.atomic():
        # The declaration before the accounts: ending it locks no account, so nobody waits in a circle.
        relative = _confirmed(volunteer) if to == Recipient.RELATIVE else None
        sides = {volunteer.pk} | ({relative.relative_id} if relative else set())
        accounts = ledger.lock_accounts_of(sides)
        known = Gift.objects.filter(volunteer=volunteer, token=token).first()
        if known is not None:
            if (known.to, known.points) != (to, points):
                raise GiftTokenReused
            return known
        _require_allowed(volunteer, relative, accounts[volunteer.pk], to, points, at=at)
        gift = Gift.objects.create(
            volunteer=volunteer, to=to, relative=relative, points=points, token=token, at=at
        )
        _post(gift, relative, accounts)
    return gift


def preview(*, volunteer: Volunteer, to: str, points: int, at: datetime) -> Preview:
    """Say what a gift would do, or why it would be refused; nothing is written.

    :raises Refusal: what `give` would raise now.
    """
    _require_shape(to, points)
    live = queries.relative_of(volunteer) if to == Recipient.RELATIVE else None
    relative = live if live is not None and live.confirmed_at is not None else None
    account = ledger.account_of(volunteer)
    _require_allowed(volunteer, relative, account, to, points, at=at)
    balance = books.balance(volunteer, at=at)
    if balance.available < points:
        raise InsufficientPoints(needed=points, available=balance.available)
    # Oldest expiry first, so the earliest of what is taken is the one that expires next.
    return Preview(
        to=to,
        points=points,
        left=balance.available - points,
        relative=relative,
        last_day=balance.next_expiry,
    )


def _require_shape(to: str, points: int) -> None:
    if to not in Recipient.values:
        raise Invalid(field="to")
    if not 1 <= points <= MOST_AT_ONCE:
        raise Invalid(field="points")


def _locked(relative_id: int) -> Relative | None:
    return Relative.objects.select_for_update(no_key=True).filter(pk=relative_id).first()


def _confirmed(volunteer: Volunteer) -> Relative | None:
    live = Relative.objects.filter(volunteer=volunteer, ended_at__isnull=True, confirmed_at__isnull=False)
    return live.select_for_update(of=("self",), no_key=True).select_related("relative").first()


def _require_allowed(
    volunteer: Volunteer, relative: Relative | None, account: Account, to: str, points: int, *, at: datetime
) -> None:
    policy = queries.policy_for(volunteer, at=at)
    if not (policy.charity_pool if to == Recipient.POOL else policy.relative):
        raise GiftNotAllowed
    if to == Recipient.RELATIVE and relative is None:
        raise RelativeMissing
    if account.balance < 0:
        raise GiftWhileOwing(owed=-account.balance)
    if to == Recipient.RELATIVE:
        left = max(policy.monthly_points - queries.given_this_month(volunteer, at=at), 0)
        if points > left:
            raise GiftOverMonthlyLimit(limit=policy.monthly_points, left=left)


def _post(gift: Gift, relative: Relative | None, accounts: dict[int, Account]) -> None:
    if relative is None:
        receiver = ledger.system_account(AccountKind.CHARITY_POOL)
        zh, en = f"捐入慈善积分池 {gift.points} 积分。", f"{gift.points} points given to the charity pool."
    else:
        # Both sides read this line, so both names stand in it, masked.
        giver_name, name = mask_name(gift.volunteer.name), mask_name(relative.relative.name)
        receiver = accounts[relative.relative_id]
        zh = f"{giver_name} 赠给亲属 {name} {gift.points} 积分。"
        en = f"{gift.points} points given by {giver_name} to {name}, a relative."
    ledger.post(
        key=f"gift:{gift.pk}",
        kind=TransferKind.GIFT,
        legs=[ledger.Leg(accounts[gift.volunteer_id], -gift.points), ledger.Leg(receiver, gift.points)],
        sentence_zh=zh,
        sentence_en=en,
        source_type="gift",
        source_id=gift.pk,
        at=gift.at,
    )
