"""Registering, reviewing, agreeing, withdrawing: what changes about people."""

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from backend.accounts.errors import PhoneInvalid
from backend.accounts.models import User
from backend.accounts.phones import normalize
from backend.accounts.scopes import Actor
from backend.accounts.services import PHONE_PURPOSE
from backend.core import audit, outbox, publicity
from backend.core.crypto import blind_index
from backend.core.errors import Forbidden, NotFound, refusal_for
from backend.regions.queries import get_region
from volunteers.people.choices import ConsentKind, ServiceCategory, VolunteerStatus
from volunteers.people.errors import (
    AlreadyRegistered,
    AlreadyReviewed,
    GuardianDetailsMissing,
    GuardianUnknown,
    NameInvalid,
    NumberTaken,
    OwnRegistration,
    PersonRegistered,
    RevealReasonRequired,
    ReviewReasonRequired,
    ServiceCategoryUnknown,
)
from volunteers.people.identity import Identity, establish
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer
from volunteers.people.numbers import draw_number
from volunteers.people.queries import REVIEWERS, consents_of, policy_for, reviewable_by
from volunteers.people.rules import age_on, check_age, check_consents
from volunteers.people.states import may_move

ID_PURPOSE = "volunteers.id_number"
_NUMBER_TRIES = 5
_INVISIBLE = {"Cc", "Cf", "Cs"}
_PUBLIC_BOARDS = ("honors", "hours")


@dataclass(frozen=True)
class GuardianInput:
    """Who answers for a minor; `phone` in any usual spelling."""

    name: str
    phone: str
    relation: str


class ProfileChanges(TypedDict, total=False):
    """What volunteers may change about themselves. Identity changes only by registering anew."""

    region_code: str
    skills: Sequence[str]
    service_categories: Sequence[str]
    available_times: Sequence[str]


def register(
    *,
    user: User,
    name: str,
    id_type: str,
    id_number: str,
    region_code: str,
    skills: Sequence[str],
    service_categories: Sequence[str],
    available_times: Sequence[str],
    consents: Collection[str],
    guardian: GuardianInput | None = None,
    sex: str | None = None,
    birth_date: date | None = None,
    at: datetime,
    draw: Callable[[], str] = draw_number,
) -> Volunteer:
    """Register the person behind an account (Order 685 Art 7, Order 67 Art 5); only the account itself can.

    Where the region reviews, the volunteer waits as pending; who was turned away may apply again and keeps
    the number. Sex and birth date are read from a resident ID, and must be given with any other document.

    :raises Invalid: name, document, consents, guardian or categories not in order, each with its own code.
    :raises RegionUnknown: no such region. :raises TooYoungToRegister: under the region's minimum age.
    :raises AlreadyRegistered: this account. :raises PersonRegistered: this document, by another account.
    """
    name = _checked_name(name)
    today = localdate(at)
    identity = establish(id_type=id_type, id_number=id_number, sex=sex, birth_date=birth_date, today=today)
    region = get_region(region_code)
    policy = policy_for(region.code)
    agreed, answering = _checked_guardian(check_consents(consents), guardian)
    check_age(
        age=age_on(identity.birth_date, today),
        min_age=policy.min_age,
        guardian_until=policy.guardian_until,
        has_guardian=answering is not None,
    )
    volunteer = _applicant(user=user, identity=identity)
    volunteer.name = name
    volunteer.region = region
    volunteer.skills = list(skills)
    volunteer.service_categories = _checked_categories(service_categories)
    volunteer.available_times = list(available_times)
    return _admit(volunteer, policy=policy, consents=agreed, guardian=answering, at=at, draw=draw)


def approve_registration(*, volunteer: Volunteer, actor: Actor, reason: str = "", at: datetime) -> Volunteer:
    """Let a registration take effect; also after an earlier rejection that was a mistake.

    :raises Forbidden: not staff. :raises NotFound: outside the actor's regions.
    :raises OwnRegistration: the actor's own.
    :raises AlreadyReviewed: it is neither pending nor rejected.
    """
    return _decide(volunteer, status=VolunteerStatus.ACTIVE, actor=actor, reason=reason, at=at)


def reject_registration(*, volunteer: Volunteer, actor: Actor, reason: str, at: datetime) -> Volunteer:
    """Turn a registration down, with a reason the applicant reads.

    :raises ReviewReasonRequired: no reason. Otherwise as `approve_registration`.
    """
    if not reason.strip():
        raise ReviewReasonRequired(field="reason")
    return _decide(volunteer, status=VolunteerStatus.REJECTED, actor=actor, reason=reason, at=at)


def suspend(*, volunteer: Volunteer, actor: Actor, reason: str, at: datetime) -> Volunteer:
    """Keep a volunteer from further sign-ups (Order 685 Arts 36, 38), with a reason they read.

    :raises ReviewReasonRequired: no reason. Otherwise as `approve_registration`.
    """
    if not reason.strip():
        raise ReviewReasonRequired(field="reason")
    return _decide(volunteer, status=VolunteerStatus.SUSPENDED, actor=actor, reason=reason, at=at)


def reinstate(*, volunteer: Volunteer, actor: Actor, reason: str, at: datetime) -> Volunteer:
    """End a suspension.

    :raises: as `approve_registration`.
    """
    return _decide(volunteer, status=VolunteerStatus.ACTIVE, actor=actor, reason=reason, at=at)


def update_profile(*, volunteer: Volunteer, changes: ProfileChanges, at: datetime) -> Volunteer:
    """Change what volunteers say of themselves: region, skills, service categories, times.

    :raises RegionUnknown: no such region. :raises ServiceCategoryUnknown: not on the list.
    """
    fields: list[str] = []
    if "region_code" in changes:
        volunteer.region = get_region(changes["region_code"])
        fields.append("region")
    if "skills" in changes:
        volunteer.skills = list(changes["skills"])
        fields.append("skills")
    if "service_categories" in changes:
        volunteer.service_categories = _checked_categories(changes["service_categories"])
        fields.append("service_categories")
    if "available_times" in changes:
        volunteer.available_times = list(changes["available_times"])
        fields.append("available_times")
    if not fields:
        return volunteer
    with transaction.atomic():
        volunteer.save(update_fields=fields)
        audit.record(
            actor=Actor(user_id=volunteer.user_id),
            action="volunteer.profile_changed",
            target=volunteer,
            detail={"fields": fields},
            at=at,
        )
    return volunteer


def set_consent(
    *, volunteer: Volunteer, kind: ConsentKind, granted: bool, at: datetime
) -> frozenset[ConsentKind]:
    """Give or withdraw one consent and return those that hold (PIPL Arts 15, 25). Twice changes nothing.

    Withdrawing the consent to public boards reports it at once, so that the boards can drop the name.

    :raises GuardianUnknown: a guardian's consent without a guardian on file.
    """
    with transaction.atomic():
        Volunteer.objects.select_for_update(no_key=True).get(pk=volunteer.pk)
        unwithdrawn = Consent.objects.filter(volunteer=volunteer, withdrawn_at__isnull=True)
        live = {row.kind: row for row in unwithdrawn}
        if granted == (kind in live):
            return frozenset(ConsentKind(each) for each in live)
        if granted:
            if kind is ConsentKind.GUARDIAN and not Guardian.objects.filter(volunteer=volunteer).exists():
                raise GuardianUnknown(field="kind")
            Consent.objects.create(volunteer=volunteer, kind=kind, granted_at=at)
        else:
            Consent.objects.filter(pk=live[kind].pk).update(withdrawn_at=at)
        audit.record(
            actor=Actor(user_id=volunteer.user_id),
            action="consent.granted" if granted else "consent.withdrawn",
            target=volunteer,
            detail={"kind": str(kind)},
            at=at,
        )
        if kind is ConsentKind.HONOR_BOARD:
            _report_boards(volunteer, at=at)
    held = set(live) | {kind} if granted else set(live) - {kind}
    return frozenset(ConsentKind(each) for each in held)


def reveal(*, volunteer: Volunteer, field: str, actor: Actor, reason: str, at: datetime) -> str:
    """Return one full value: "id_number", "phone" or "guardian_phone"; "" when there is none.

    Every call is an audit row with the purpose (design.md §4.9; 未成年人网络保护条例 Art 36).

    :raises Forbidden: not staff, or a field that is never shown.
    :raises NotFound: outside the actor's regions.
    :raises RevealReasonRequired: no purpose stated.
    """
    _check_scope(volunteer, actor)
    if not reason.strip():
        raise RevealReasonRequired(field="reason")
    if field == "id_number":
        sealed = volunteer.id_number
    elif field == "phone":
        sealed = volunteer.user.phone
    elif field == "guardian_phone":
        guardian = Guardian.objects.filter(volunteer=volunteer).first()
        sealed = guardian.phone if guardian else None
    else:
        raise Forbidden(field="field")
    audit.record(
        actor=actor,
        action="volunteer.revealed",
        target=volunteer,
        detail={"field": field, "reason": reason.strip()},
        at=at,
    )
    return sealed.open() if sealed else ""


def _applicant(*, user: User, identity: Identity) -> Volunteer:
    """Return the row to fill: a new one, or the one that was turned away; unique keys decide."""
    index = blind_index(f"{identity.id_type}:{identity.number}", purpose=ID_PURPOSE)
    volunteer = Volunteer(user=user)
    for found in Volunteer.objects.filter(Q(user=user) | Q(id_index=index)):
        if found.user_id != user.pk:
            raise PersonRegistered(field="id_number")
        if found.status != VolunteerStatus.REJECTED:
            raise AlreadyRegistered
        volunteer = found
    volunteer.id_type = identity.id_type
    volunteer.id_number = identity.number
    volunteer.id_index = index
    volunteer.sex = identity.sex
    volunteer.birth_date = identity.birth_date
    return volunteer


def _admit(
    volunteer: Volunteer,
    *,
    policy: RegistrationPolicy,
    consents: frozenset[ConsentKind],
    guardian: GuardianInput | None,
    at: datetime,
    draw: Callable[[], str],
) -> Volunteer:
    again = volunteer.pk is not None
    reviewed = policy.review_required or again  # who was turned away once is looked at again
    volunteer.status = VolunteerStatus.PENDING if reviewed else VolunteerStatus.ACTIVE
    volunteer.registered_at = at
    volunteer.reviewed_by = volunteer.reviewed_at = None
    volunteer.review_reason = ""
    with transaction.atomic():
        if again:
            held = Volunteer.objects.select_for_update().get(pk=volunteer.pk)
            if held.status != VolunteerStatus.REJECTED:
                raise AlreadyRegistered
            volunteer.save()
        else:
            _insert_with_number(volunteer, draw=draw)
        if guardian is not None:
            Guardian.objects.update_or_create(
                volunteer=volunteer,
                defaults={
                    "name": guardian.name,
                    "phone": guardian.phone,
                    "phone_index": blind_index(guardian.phone, purpose=PHONE_PURPOSE),
                    "relation": guardian.relation,
                    "consented_at": at,
                },
            )
        Consent.objects.bulk_create(
            Consent(volunteer=volunteer, kind=kind, granted_at=at)
            for kind in sorted(consents - consents_of(volunteer))
        )
        audit.record(
            actor=Actor(user_id=volunteer.user_id), action="volunteer.registered", target=volunteer, at=at
        )
    return volunteer


def _insert_with_number(volunteer: Volunteer, *, draw: Callable[[], str]) -> None:
    """Insert under a number nobody has; a number already taken is drawn again, a few times.

    A lost race for the document or the account reads like the refusal it is.
    """
    for tries_left in reversed(range(_NUMBER_TRIES)):
        volunteer.number = draw()
        try:
            with transaction.atomic():
                volunteer.save(force_insert=True)
        except IntegrityError as error:
            refusal = refusal_for(error)
            if not (isinstance(refusal, NumberTaken) and tries_left):
                raise refusal from error
        else:
            return


def _decide(
    volunteer: Volunteer, *, status: VolunteerStatus, actor: Actor, reason: str, at: datetime
) -> Volunteer:
    _check_scope(volunteer, actor)
    if volunteer.user_id == actor.user_id:
        raise OwnRegistration
    with transaction.atomic():
        held = Volunteer.objects.select_for_update().get(pk=volunteer.pk)
        if not may_move(held.status, status):
            raise AlreadyReviewed
        held.status = status
        held.reviewed_by_id = actor.user_id
        held.reviewed_at = at
        held.review_reason = reason.strip()
        held.save(update_fields=["status", "reviewed_by", "reviewed_at", "review_reason"])
        audit.record(actor=actor, action=f"volunteer.{status}", target=held, at=at)
    return held


def _check_scope(volunteer: Volunteer, actor: Actor) -> None:
    if not actor.has(*REVIEWERS):
        raise Forbidden
    if not reviewable_by(actor).filter(pk=volunteer.pk).exists():
        raise NotFound


def _checked_name(name: str) -> str:
    """Return the name without outer spaces; control and invisible characters make it no name.

    Rare characters that this Python does not know, or that live in a private area, are names all the same.
    """
    name = name.strip()
    if not name or any(unicodedata.category(letter) in _INVISIBLE for letter in name):
        raise NameInvalid(field="name")
    return name


def _checked_guardian(
    consents: frozenset[ConsentKind], guardian: GuardianInput | None
) -> tuple[frozenset[ConsentKind], GuardianInput | None]:
    """Return consents and guardian as they will be kept: the one means nothing without the other."""
    if guardian is None or ConsentKind.GUARDIAN not in consents:
        return consents - {ConsentKind.GUARDIAN}, None
    name, relation = guardian.name.strip(), guardian.relation.strip()
    if not name or not relation:
        raise GuardianDetailsMissing(field="guardian")
    try:
        phone = normalize(guardian.phone)
    except PhoneInvalid as error:
        raise PhoneInvalid(field="guardian.phone") from error
    return consents, GuardianInput(name=name, phone=phone, relation=relation)


def _checked_categories(categories: Sequence[str]) -> list[str]:
    """Return the categories once each, in order.

    :raises ServiceCategoryUnknown: one is not on the list (rules.md C7).
    """
    if not set(categories) <= set(ServiceCategory.values):
        raise ServiceCategoryUnknown(field="service_categories")
    return list(dict.fromkeys(categories))


def _report_boards(volunteer: Volunteer, *, at: datetime) -> None:
    for board in _PUBLIC_BOARDS:
        publicity.renew_on_commit(board)  # at once; the event below is for the day Redis is away
        outbox.emit(
            topic="board.changed",
            key=f"volunteer:{volunteer.pk}",
            payload={"board": board, "region": volunteer.region_id},
            at=at,
        )
