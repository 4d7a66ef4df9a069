"""Reading service records: one's own, those in scope, the sum that counts; and the tickets about them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.timezone import make_aware

from backend.accounts.scopes import Actor, Role, region_q
from backend.core.workdays import latest_day_with
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.due import RECORD_WITHIN
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import DECIDERS, decidable_by
from volunteers.attendance.queries import visible_to as visible_attendances
from volunteers.people.models import Volunteer
from volunteers.records.choices import CorrectionState, NoticeStage, ObjectionState, RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection

WATCHERS = (*DECIDERS, Role.SUPERVISOR)
WAITING = (ObjectionState.RECEIVED, ObjectionState.OPEN)


def records_of(volunteer: Volunteer) -> QuerySet[ServiceRecord]:
    """Return a volunteer's records, newest first, reversals included; each row carries `is_reversed`."""
    return with_details(ServiceRecord.objects.filter(volunteer=volunteer))


def totals_of(volunteer: Volunteer) -> int:
    """Return the minutes that count for a volunteer: records less what was taken back."""
    total = ServiceRecord.objects.filter(volunteer=volunteer).aggregate(minutes=Sum("minutes"))
    return total["minutes"] or 0


def live_record_of(attendance_id: int) -> ServiceRecord | None:
    """Return the record of an attendance that counts, if it has one."""
    records = ServiceRecord.objects.filter(attendance_id=attendance_id, kind=RecordKind.SERVICE)
    return with_details(records.filter(reversal__isnull=True)).first()


def visible_to(actor: Actor) -> QuerySet[ServiceRecord]:
    """Return the records this actor may read: their own, and those of their sites, organizations, regions."""
    return ServiceRecord.objects.filter(
        Q(volunteer__user_id=actor.user_id)
        | Q(attendance__site_id__in=actor.sites(Role.SITE_MANAGER))
        | Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(Role.COMMUNITY_STAFF, Role.SUPERVISOR, Role.PLATFORM_ADMIN))
    )


def with_details(records: QuerySet[ServiceRecord]) -> QuerySet[ServiceRecord]:
    """Load what a row shows: the volunteer, whether it was taken back, whether an objection is open."""
    reversals = ServiceRecord.objects.filter(reverses=OuterRef("pk"))
    return records.select_related("volunteer").annotate(
        is_reversed=Exists(reversals), contested=contested("attendance_id")
    )


# --- objections ---


def contested(attendance: str = "pk") -> Exists:
    """Whether an objection to the row's attendance is open; `attendance` leads from the row to its key."""
    return Exists(Objection.objects.filter(attendance_id=OuterRef(attendance), state=ObjectionState.OPEN))


def under_objection(attendance_ids: Sequence[int]) -> set[int]:
    """Return which of these attendances somebody objects to, undecided."""
    open_ones = Objection.objects.filter(attendance_id__in=attendance_ids, state=ObjectionState.OPEN)
    return set(open_ones.values_list("attendance_id", flat=True))


def objection_of(ticket: str) -> Objection | None:
    """Return the objection with this number, however it was typed."""
    return Objection.objects.filter(ticket=ticket.strip().replace(" ", "").upper()).first()


def objections_visible_to(actor: Actor) -> QuerySet[Objection]:
    """Return the objections in this actor's scope, and those they raised."""
    reach = visible_attendances(actor) if actor.has(*WATCHERS) else Attendance.objects.none()
    own = Q(raised_by_id=actor.user_id)
    return _with_attendance(Objection.objects.filter(own | Q(attendance__in=reach)))


def objections_to_decide(actor: Actor) -> QuerySet[Objection]:
    """Return what waits for a decision in this actor's scope, oldest first."""
    waiting = Objection.objects.filter(attendance__in=decidable_by(actor), state__in=WAITING)
    return _with_attendance(waiting).order_by("pk")


def objections_about(attendance_ids: Collection[int]) -> list[Objection]:
    """Return the objections that are or were open on these attendances, oldest first."""
    shown = Objection.objects.filter(attendance_id__in=attendance_ids)
    return list(shown.exclude(state__in=(ObjectionState.RECEIVED, ObjectionState.WITHDRAWN)).order_by("pk"))


def _with_attendance(objections: QuerySet[Objection]) -> QuerySet[Objection]:
    return objections.select_related(
        "attendance__volunteer", "attendance__shift__activity__programme__organization", "record"
    )


# --- corrections ---


def corrections_visible_to(actor: Actor) -> QuerySet[Correction]:
    """Return the corrections of one's own records and of those in one's scope."""
    return _with_record(Correction.objects.filter(record__attendance__in=visible_attendances(actor)))


def corrections_to_decide(actor: Actor) -> QuerySet[Correction]:
    """Return the open corrections in this actor's scope, oldest first."""
    waiting = corrections_visible_to(actor).filter(record__attendance__in=decidable_by(actor))
    return waiting.filter(state=CorrectionState.OPEN).order_by("pk")


def corrections_about(record_ids: Collection[int]) -> list[Correction]:
    """Return the corrections of these records, oldest first."""
    return list(Correction.objects.filter(record_id__in=record_ids).order_by("pk"))


def _with_record(corrections: QuerySet[Correction]) -> QuerySet[Correction]:
    return corrections.select_related("record__volunteer")


# --- the ten working days ---


def overdue(today: date) -> QuerySet[Attendance]:
    """Return what waits although its last day is over (Order 67 Art 11), longest waiting first."""
    waiting = waited(today, RECORD_WITHIN + 1)
    return waiting.select_related("volunteer", "site", "shift__activity__programme__organization").order_by(
        "shift__ends_at", "pk"
    )


def overdue_for(actor: Actor, today: date) -> QuerySet[Attendance]:
    """Return the overdue attendances this actor decides about or watches over."""
    supervised = region_q(actor.regions(Role.SUPERVISOR), "site__region")
    return overdue(today).filter(Q(pk__in=decidable_by(actor)) | supervised)


def waited(today: date, working_days: int) -> QuerySet[Attendance]:
    """Return the pending attendances whose service ended at least so many working days ago."""
    midnight = make_aware(
        datetime.combine(latest_day_with(today, working_days) + timedelta(days=1), time.min)
    )
    return Attendance.objects.filter(status=AttendanceStatus.PENDING, shift__ends_at__lt=midnight)


def reminders_for(actor: Actor) -> dict[str, int]:
    """Return how many attendances in the actor's scope somebody was told of, by the latest stage."""
    notices = DeadlineNotice.objects.filter(
        attendance__in=decidable_by(actor).exclude(volunteer__user_id=actor.user_id),
        attendance__status=AttendanceStatus.PENDING,
    )
    told = list(notices.values_list("attendance_id", "stage"))
    escalated = {key for key, stage in told if stage == NoticeStage.ESCALATED}
    return {"warned": len({key for key, _ in told} - escalated), "escalated": len(escalated)}
