"""Looking for signals, reviewing them, drawing the weekly sample and checking it.

A signal changes nothing by itself. Only a person who confirms it, and names the records, takes records back;
points and boards follow from `record.reversed` as they do from every reversal.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import BinaryField, CharField, Exists, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from volunteers.attendance.models import Attendance
from volunteers.integrity import draws
from volunteers.integrity.choices import AuditResult, SignalState
from volunteers.integrity.detectors import DETECTORS
from volunteers.integrity.errors import (
    AuditDecided,
    AuditReasonRequired,
    OwnAudit,
    OwnSignal,
    RecordNotOfSignal,
    SignalReasonRequired,
    SignalReviewed,
)
from volunteers.integrity.findings import BusinessDay, Finding
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.integrity.queries import REVIEWERS, reviewable_items, reviewable_signals
from volunteers.integrity.thresholds import current_thresholds
from volunteers.people.models import Volunteer
from volunteers.records import services as records
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

_BATCH = 500


def look(*, day: date, at: datetime) -> int:
    """Look at one business day with every detector and keep what is found; return how much that was.

    Looking again adds what has come in since and changes nothing that was kept.
    """
    limits = current_thresholds()
    signals = [
        _signal(finding, day=day, at=at)
        for detector in DETECTORS.values()
        for finding in detector(BusinessDay(day), limits)
    ]
    Signal.objects.bulk_create(signals, batch_size=_BATCH, ignore_conflicts=True)
    return len(signals)


def look_back(*, at: datetime) -> None:
    """Look at the last days that are over, oldest first: scans may arrive late."""
    today = localdate(at)
    for days in range(current_thresholds().look_back_days, 0, -1):
        look(day=today - timedelta(days=days), at=at)


def clear(*, signal_id: int, actor: Actor, reason: str, at: datetime) -> Signal:
    """Say that a signal means nothing, and why. Clearing again changes nothing.

    :raises Forbidden: a role that never reviews. :raises NotFound: no such signal in the actor's scope.
    :raises SignalReasonRequired: no reason. :raises OwnSignal: it is about the actor.
    :raises SignalReviewed: it was confirmed.
    """
    why = _checked_reason(actor, reason)
    with transaction.atomic():
        signal = _locked_signal(actor, signal_id)
        _check_apart(signal, actor)
        if signal.state == SignalState.CLEARED:
            return signal
        _review(signal, SignalState.CLEARED, actor=actor, reason=why, at=at)
        audit.record(actor=actor, action="signal.cleared", target=signal, at=at)
    return signal


def confirm(*, signal_id: int, actor: Actor, reason: str, record_ids: Sequence[int], at: datetime) -> Signal:
    """Say that a signal is true, and take back the records named: all of them or, refused, none.

    Without records nothing is taken back. Confirming again with the same records changes nothing.

    :raises: as `clear`, where it was cleared, or confirmed with other records.
    :raises RecordNotOfSignal: the evidence does not touch one of the records.
    :raises OwnRecord: the actor wrote one of them; otherwise as `records.services.reverse_record`.
    """
    why = _checked_reason(actor, reason)
    with transaction.atomic():
        seen = reviewable_signals(actor).filter(pk=signal_id).first()
        if seen is None:
            raise NotFound
        named = _records_of(seen, record_ids)
        _lock_attendances(record.attendance_id for record in named)  # before the signal: the lock order
        signal = _locked_signal(actor, signal_id)
        _check_apart(signal, actor)
        if signal.state == SignalState.CONFIRMED and all(_taken_back(record) for record in named):
            return signal
        _review(signal, SignalState.CONFIRMED, actor=actor, reason=why, at=at)
        for record in named:
            records.reverse_record(record_id=record.pk, actor=actor, reason=why, at=at)
        audit.record(
            actor=actor,
            action="signal.confirmed",
            target=signal,
            detail={"records": [record.pk for record in named]},
            at=at,
        )
    return signal


def draw_sample(*, at: datetime) -> AuditDraw:
    """Draw the sample of the last week that is over, and return it. A week is drawn once (draws.py)."""
    week = draws.Week.before(localdate(at))
    percent = current_thresholds().audit_percent
    recorded = ServiceRecord.objects.filter(
        kind=RecordKind.SERVICE, recorded_at__gte=week.start, recorded_at__lt=week.end
    )
    with transaction.atomic():
        population = recorded.count()
        seed = draws.seed_of(period=week.name, population=population)
        draw, made = AuditDraw.objects.get_or_create(
            period=week.name,
            defaults={"seed": seed, "percent": percent, "population": population, "drawn_at": at},
        )
        if made:
            size = draws.size_of(population=population, percent=percent)
            chosen = recorded.order_by(_ticket(seed)).values_list("pk", flat=True)[:size]
            AuditItem.objects.bulk_create(
                (
                    AuditItem(draw=draw, record_id=record_id, place=place)
                    for place, record_id in enumerate(chosen, start=1)
                ),
                batch_size=_BATCH,
            )
    return draw


def decide_item(*, item_id: int, result: AuditResult, actor: Actor, reason: str, at: datetime) -> AuditItem:
    """Say what the check of a sampled record found; a false one is taken back. Deciding so again is quiet.

    :raises Forbidden: a role that never checks. :raises NotFound: no such item in the actor's scope.
    :raises AuditReasonRequired: false, without a reason. :raises OwnAudit: the actor wrote or served it.
    :raises AuditDecided: it was decided otherwise, or `result` is no decision.
    """
    if not actor.has(*REVIEWERS):
        raise Forbidden
    why = reason.strip()
    if result == AuditResult.FRAUD and not why:
        raise AuditReasonRequired(field="reason")
    with transaction.atomic():
        seen = reviewable_items(actor).filter(pk=item_id).select_related("record__volunteer").first()
        if seen is None:
            raise NotFound
        if actor.user_id in (seen.record.recorded_by_id, seen.record.volunteer.user_id):
            raise OwnAudit
        _lock_attendances([seen.record.attendance_id])
        item = AuditItem.objects.select_for_update(no_key=True).get(pk=item_id)
        if item.result == result != AuditResult.PENDING:
            return item
        if item.result != AuditResult.PENDING or result == AuditResult.PENDING:
            raise AuditDecided
        item.result, item.note = result, why
        item.reviewed_by_id, item.reviewed_at = actor.user_id, at
        item.save(update_fields=["result", "note", "reviewed_by", "reviewed_at"])
        if result == AuditResult.FRAUD:
            records.reverse_record(record_id=item.record_id, actor=actor, reason=why, at=at)
        audit.record(actor=actor, action=f"audit_item.{result}", target=item, at=at)
    return item


def _signal(finding: Finding, *, day: date, at: datetime) -> Signal:
    return Signal(
        kind=finding.kind,
        subject=finding.subject,
        day=day,
        evidence=finding.evidence,
        site_id=finding.site_id,
        manager_id=finding.manager_id,
        volunteer_id=finding.volunteer_id,
        attendance_id=finding.attendance_id,
        found_at=at,
    )


def _checked_reason(actor: Actor, reason: str) -> str:
    if not actor.has(*REVIEWERS):
        raise Forbidden
    why = reason.strip()
    if not why:
        raise SignalReasonRequired(field="reason")
    return why


def _locked_signal(actor: Actor, signal_id: int) -> Signal:
    signal = (
        reviewable_signals(actor).select_for_update(of=("self",), no_key=True).filter(pk=signal_id).first()
    )
    if signal is None:
        raise NotFound
    return signal


def _check_apart(signal: Signal, actor: Actor) -> None:
    """Refuse the manager and the volunteers a signal is about; the database does the same."""
    touched = [*signal.evidence["attendances"], signal.attendance_id or 0]
    oneself = Volunteer.objects.filter(
        Q(pk=signal.volunteer_id or 0) | Exists(_presence_of_theirs(touched)), user_id=actor.user_id
    )
    if signal.manager_id == actor.user_id or oneself.exists():
        raise OwnSignal


def _presence_of_theirs(attendance_ids: Sequence[int]) -> QuerySet[Attendance]:
    return Attendance.objects.filter(pk__in=attendance_ids, volunteer_id=OuterRef("pk"))


def _review(signal: Signal, state: SignalState, *, actor: Actor, reason: str, at: datetime) -> None:
    if signal.state != SignalState.NEW:
        raise SignalReviewed
    signal.state, signal.reason = state, reason
    signal.reviewed_by_id, signal.reviewed_at = actor.user_id, at
    signal.save(update_fields=["state", "reason", "reviewed_by", "reviewed_at"])


def _records_of(signal: Signal, record_ids: Sequence[int]) -> list[ServiceRecord]:
    """Return the named records in the order their attendances are locked in."""
    wanted = set(record_ids)
    found = ServiceRecord.objects.filter(
        pk__in=wanted, kind=RecordKind.SERVICE, attendance_id__in=signal.evidence["attendances"]
    )
    named = list(found.order_by("attendance_id", "pk"))
    if len(named) != len(wanted):
        raise RecordNotOfSignal(field="records")
    return named


def _lock_attendances(ids: Iterable[int]) -> None:
    """Lock the people, then the attendances, each in key order, as `records` will do one by one."""
    wanted = Attendance.objects.filter(pk__in=set(ids))
    people = Volunteer.objects.filter(pk__in=wanted.values("volunteer_id"))
    list(people.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    list(wanted.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _taken_back(record: ServiceRecord) -> bool:
    return ServiceRecord.objects.filter(reverses=record).exists()


def _ticket(seed: str) -> Func:
    """Return `draws.ticket_of` in SQL, as bytes: their order is the order of the hexadecimal text."""
    return Func(
        Concat(Value(f"{seed}:"), Cast("pk", CharField())),
        template="sha256(convert_to(%(expressions)s, 'UTF8'))",
        output_field=BinaryField(),
    )
