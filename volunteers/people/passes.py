"""A volunteer's own codes: one that rotates on their phone, and one in print for whoever has no phone.

Staff scan them (rules.md C6 “No GPS refusal penalty”, E “Elderly cannot scan”). Neither says who it is: a
code holds a row's key and a signature, no name and no number of the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import audit, codes
from backend.core.codes import Claim, Kind
from backend.core.errors import NotFound
from volunteers.people.errors import NoCard
from volunteers.people.models import Volunteer, VolunteerCard
from volunteers.people.queries import reviewable_by

_PASS_VERSION = 1  # passes live for 30 s; nothing is gained by retiring their key


@dataclass(frozen=True)
class Pass:
    """One rotating code and the time it counts."""

    token: str
    starts_at: datetime
    ends_at: datetime


def passes(volunteer: Volunteer, *, at: datetime, count: int = 1) -> list[Pass]:
    """Return the volunteer's code at `at` and those that follow it, 30 s each. No query."""
    key = codes.derive_key(
        secret=settings.QR_SECRET, kind=Kind.PASS, subject_id=volunteer.pk, version=_PASS_VERSION
    )
    made = []
    for step in range(count):
        moment = at + timedelta(seconds=codes.WINDOW_SECONDS * step)
        token = codes.mint(kind=Kind.PASS, subject_id=volunteer.pk, version=_PASS_VERSION, key=key, at=moment)
        claim = codes.read(token)
        made.append(Pass(token, claim.starts_at, claim.ends_at))
    return made


def keys_of(claim: Claim) -> dict[int, bytes]:
    """Return the keys in force for the volunteer a code names, by version (a query for cards only)."""
    versions: Sequence[int] = (_PASS_VERSION,)
    if claim.kind is Kind.CARD:
        live = VolunteerCard.objects.filter(volunteer_id=claim.subject_id, revoked_at__isnull=True)
        versions = list(live.values_list("version", flat=True)) or (0,)
    return {
        version: codes.derive_key(
            secret=settings.QR_SECRET, kind=claim.kind, subject_id=claim.subject_id, version=version
        )
        for version in versions
    }


def live_card(volunteer: Volunteer) -> VolunteerCard | None:
    """Return the card that counts, if there is one."""
    return VolunteerCard.objects.filter(volunteer=volunteer, revoked_at__isnull=True).first()


def card_token(card: VolunteerCard) -> str:
    """Return what is printed on a card."""
    key = codes.derive_key(
        secret=settings.QR_SECRET, kind=Kind.CARD, subject_id=card.volunteer_id, version=card.version
    )
    return codes.mint(kind=Kind.CARD, subject_id=card.volunteer_id, version=card.version, key=key, at=None)


def issue_card(*, volunteer_id: int, actor: Actor, at: datetime) -> VolunteerCard:
    """Issue a card, by the volunteer themself or by community staff; an earlier card stops counting.

    :raises NotFound: neither oneself nor a volunteer of the actor's region.
    """
    with transaction.atomic():
        volunteer = _held(volunteer_id, actor)
        latest = VolunteerCard.objects.filter(volunteer=volunteer).order_by("-version").first()
        if latest is not None and latest.revoked_at is None:
            _revoke(latest, at=at)
        card = VolunteerCard.objects.create(
            volunteer=volunteer,
            version=1 if latest is None else latest.version + 1,
            issued_by_id=actor.user_id,
            issued_at=at,
        )
        audit.record(actor=actor, action="card.issued", target=card, at=at)
    return card


def revoke_card(*, volunteer_id: int, actor: Actor, at: datetime) -> VolunteerCard:
    """Make the volunteer's card worthless at once, for instance because it was lost.

    :raises NotFound: neither oneself nor a volunteer of the actor's region. :raises NoCard: there is none.
    """
    with transaction.atomic():
        volunteer = _held(volunteer_id, actor)
        card = live_card(volunteer)
        if card is None:
            raise NoCard
        _revoke(card, at=at)
        audit.record(actor=actor, action="card.revoked", target=card, at=at)
    return card


def _held(volunteer_id: int, actor: Actor) -> Volunteer:
    """Lock the volunteer, so that two cards are issued one after the other."""
    volunteer = Volunteer.objects.select_for_update(no_key=True).filter(pk=volunteer_id).first()
    if volunteer is None:
        raise NotFound
    if volunteer.user_id != actor.user_id and not reviewable_by(actor).filter(pk=volunteer.pk).exists():
        raise NotFound
    return volunteer


def _revoke(card: VolunteerCard, *, at: datetime) -> None:
    card.revoked_at = at
    card.save(update_fields=["revoked_at"])
