"""Recording and revoking qualifications."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, refusal_for
from volunteers.people.queries import REVIEWERS, reviewable_by
from volunteers.training.choices import QualificationKind
from volunteers.training.errors import QualificationIncomplete
from volunteers.training.models import Qualification


def record_qualification(
    *,
    volunteer_id: int,
    kind: str,
    course: str,
    valid_from: date,
    valid_until: date | None,
    evidence: str,
    actor: Actor,
    at: datetime,
) -> Qualification:
    """Record that a volunteer passed a training or is insured, on evidence that staff have seen.

    :raises Forbidden: not community staff. :raises NotFound: not a volunteer of the actor's regions.
    :raises QualificationIncomplete: no course, no last day of an insurance, or no evidence.
    """
    if not actor.has(*REVIEWERS):
        raise Forbidden
    if not reviewable_by(actor).filter(pk=volunteer_id).exists():
        raise NotFound
    _check_whole(kind, course=course, valid_from=valid_from, valid_until=valid_until, evidence=evidence)
    try:
        with transaction.atomic():
            made = Qualification.objects.create(
                volunteer_id=volunteer_id,
                kind=kind,
                course=course.strip(),
                valid_from=valid_from,
                valid_until=valid_until,
                evidence=evidence.strip(),
                recorded_by_id=actor.user_id,
                recorded_at=at,
            )
            audit.record(actor=actor, action="qualification.recorded", target=made, at=at)
    except IntegrityError as error:
        raise refusal_for(error) from error
    return made


def _check_whole(
    kind: str, *, course: str, valid_from: date, valid_until: date | None, evidence: str
) -> None:
    insured = kind == QualificationKind.INSURANCE
    if insured == bool(course.strip()) or (insured and valid_until is None):
        raise QualificationIncomplete(field="valid_until" if insured else "course")
    if valid_until is not None and valid_until < valid_from:
        raise QualificationIncomplete(field="valid_until")
    if not evidence.strip():
        raise QualificationIncomplete(field="evidence")


def revoke_qualification(*, qualification_id: int, actor: Actor, at: datetime) -> Qualification:
    """End a qualification before its time. Revoking again changes nothing.

    :raises Forbidden: not community staff. :raises NotFound: not of a volunteer of the actor's regions.
    """
    if not actor.has(*REVIEWERS):
        raise Forbidden
    with transaction.atomic():
        held = (
            Qualification.objects.select_for_update(no_key=True)
            .filter(pk=qualification_id, volunteer__in=reviewable_by(actor))
            .first()
        )
        if held is None:
            raise NotFound
        if held.revoked_at is None:
            held.revoked_at = at
            held.save(update_fields=["revoked_at"])
            audit.record(actor=actor, action="qualification.revoked", target=held, at=at)
    return held
