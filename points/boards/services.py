"""Honours entered, published by somebody else, revoked; the hours projection; dropping cached pages."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor, Role, region_q
from backend.core import audit, outbox, publicity
from backend.core.errors import Forbidden, NotFound
from backend.core.words import plain_line
from backend.regions.models import Region
from points.boards import honors, names, projection
from points.boards.ages import min_ages
from points.boards.choices import HonorCategory, HonorStatus
from points.boards.errors import (
    HonorAlreadySettled,
    HonorInvalid,
    HonorMakerIsChecker,
    HonorTooYoung,
    HonorWithoutConsent,
    RevokeReasonRequired,
)
from points.boards.models import Honor
from points.boards.queries import BOARDS, HONORS
from points.boards.states import may_move
from volunteers.people.models import Volunteer

EDITORS = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
_MOST_STORY = 2000
_MOST_NAME = 60


def enter_honor(
    *,
    region: Region,
    name: str,
    category: HonorCategory | str,
    title: str,
    story: str,
    term_start: date,
    term_end: date,
    consent: bool,
    actor: Actor,
    at: datetime,
    volunteer: Volunteer | None = None,
    full_name: bool = False,
    birth_date: date | None = None,
) -> Honor:
    """Enter a good neighbour as a draft. `consent` is the nominee's own, separate consent (PIPL Art 25).

    :raises Forbidden, NotFound: the actor is no community staff, or of another region.
    :raises HonorInvalid: name, title, story or term not in order.
    """
    if not actor.has(*EDITORS):
        raise Forbidden
    if not any(region.pk.startswith(prefix) for prefix in actor.regions(*EDITORS)):
        raise NotFound(field="region")
    name, title = _plain(name, field="name"), _plain(title, field="title")
    if term_end < term_start:
        raise HonorInvalid(field="term_end")
    if len(story) > _MOST_STORY or "\x00" in story:
        raise HonorInvalid(field="story")
    with transaction.atomic():
        honor = Honor.objects.create(
            region=region,
            name=name,
            birth_date=birth_date,
            volunteer=volunteer,
            category=category,
            title=title,
            story=story,
            term_start=term_start,
            term_end=term_end,
            consent=consent,
            full_name=full_name,
            entered_by_id=actor.user_id,
            entered_at=at,
        )
        audit.record(actor=actor, action="honor.enter", target=honor, at=at)
    return honor


def publish_honor(*, honor_id: int, actor: Actor, at: datetime) -> Honor:
    """Put an honour on the board; by another person than who entered it.

    :raises NotFound, Forbidden: outside the actor's reach.
    :raises HonorMakerIsChecker: the actor entered it. :raises HonorAlreadySettled: it is no draft.
    :raises HonorWithoutConsent: no separate consent, or the volunteer does not agree to boards.
    :raises HonorTooYoung: under the board age.
    """
    with transaction.atomic():
        honor = _locked(honor_id, actor)
        if not may_move(honor.status, HonorStatus.PUBLISHED):
            raise HonorAlreadySettled
        if honor.entered_by_id == actor.user_id:
            raise HonorMakerIsChecker
        _require_publishable(honor, today=localdate(at))
        honor.status = HonorStatus.PUBLISHED
        honor.published_by_id = actor.user_id
        honor.published_at = at
        honor.save(update_fields=["status", "published_by", "published_at"])
        audit.record(actor=actor, action="honor.publish", target=honor, at=at)
        _honors_changed(honor, at=at)
    return honor


def revoke_honor(*, honor_id: int, reason: str, actor: Actor, at: datetime) -> Honor:
    """Take an honour down, or drop a draft, for a reason; it is gone with the next page anybody loads.

    :raises NotFound, Forbidden: outside the actor's reach.
    :raises RevokeReasonRequired: no reason. :raises HonorAlreadySettled: revoked before.
    """
    if not reason.strip():
        raise RevokeReasonRequired(field="reason")
    with transaction.atomic():
        honor = _locked(honor_id, actor)
        if not may_move(honor.status, HonorStatus.REVOKED):
            raise HonorAlreadySettled
        _revoke(honor, reason=reason.strip(), at=at)
        audit.record(actor=actor, action="honor.revoke", target=honor, at=at)
        _honors_changed(honor, at=at)
    return honor


def set_honor_consent(*, honor_id: int, consent: bool, actor: Actor, at: datetime) -> Honor:
    """Note what the nominee says. Withdrawing takes a published honour down at once.

    :raises NotFound, Forbidden: outside the actor's reach. :raises HonorAlreadySettled: revoked before.
    """
    with transaction.atomic():
        honor = _locked(honor_id, actor)
        if honor.status == HonorStatus.REVOKED:
            raise HonorAlreadySettled
        honor.consent = consent
        if not consent and honor.status == HonorStatus.PUBLISHED:
            _revoke(honor, reason="本人撤回同意", at=at)
        else:
            honor.save(update_fields=["consent"])
        audit.record(actor=actor, action="honor.consent", target=honor, at=at, detail={"consent": consent})
        _honors_changed(honor, at=at)
    return honor


def refresh_hours(*, record_ids: Collection[int]) -> None:
    """Bring the hours totals of these records' volunteers up to date; any number of times, in any order.

    Cached pages are left to age (seconds): approvals come by the thousand, and no name is at stake.
    """
    with transaction.atomic():
        projection.refresh(record_ids)


def rebuild(*, at: datetime) -> int:
    """Count the hours totals anew from the service records and drop every cached page; return the rows."""
    with transaction.atomic():
        rows = projection.rebuild()
        audit.record(actor=None, action="boards.rebuild", target=None, at=at, detail={"rows": rows})
    forget_pages(boards=BOARDS)
    return rows


def forget_pages(*, boards: Collection[str]) -> None:
    """Make the cached pages of these boards worthless (the handler of `board.changed`).

    :raises RedisError: the cache is away; the event is delivered again.
    """
    for board in sorted(set(boards) & set(BOARDS)):
        publicity.renew(board)


def _locked(honor_id: int, actor: Actor) -> Honor:
    if not actor.has(*EDITORS):
        raise Forbidden
    reach = region_q(actor.regions(*EDITORS))
    honor = Honor.objects.select_for_update().filter(reach, pk=honor_id).first()
    if honor is None:
        raise NotFound
    return honor


def _require_publishable(honor: Honor, *, today: date) -> None:
    if not honors.willing(Honor.objects.filter(pk=honor.pk)).exists():
        raise HonorWithoutConsent
    person = honor.volunteer
    age = min_ages([person.region_id])[person.region_id] if person else names.BOARD_MIN_AGE
    birth_date = person.birth_date if person else honor.birth_date
    if birth_date is not None and not names.old_enough(birth_date, today=today, min_age=age):
        raise HonorTooYoung(age=max(age, names.BOARD_MIN_AGE))


def _revoke(honor: Honor, *, reason: str, at: datetime) -> None:
    honor.status = HonorStatus.REVOKED
    honor.revoked_at = at
    honor.revoke_reason = reason
    honor.save(update_fields=["status", "consent", "revoked_at", "revoke_reason"])


def _honors_changed(honor: Honor, *, at: datetime) -> None:
    outbox.emit(
        topic="board.changed",
        key=f"board:{HONORS}",
        payload={"board": HONORS, "region": honor.region_id},
        at=at,
    )
    publicity.renew_on_commit(HONORS)


def _plain(text: str, *, field: str) -> str:
    plain = plain_line(text, most=_MOST_NAME)
    if not plain:
        raise HonorInvalid(field=field)
    return plain
