"""Hours from a paper sheet: with the photograph, prior enrolment, and a second person who decides.

The best known way to buy hours is an administrator who types them in (rules.md E, “Hours for sale”). Here
they are marked `manual`, graded D, earn no points unless a rule set says so, and whoever entered them cannot
approve them: the database refuses (`attendance_second_person`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, Refusal, refusal_for
from venues.sites.queries import managed_by
from volunteers.activities.choices import ShiftStatus, SignUpStatus
from volunteers.activities.models import Shift, SignUp
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade
from volunteers.attendance.errors import (
    SheetEnteredBefore,
    SheetNotYet,
    SheetOwnRow,
    SheetRowNotEnrolled,
    SheetRowPresent,
    SheetRowsMissing,
    SheetRowsRefused,
    SheetRowTimes,
    SheetRowUnknown,
    SheetShiftCancelled,
)
from volunteers.attendance.models import Attendance
from volunteers.attendance.paper_models import PaperSheet
from volunteers.attendance.pictures import cleaned, fingerprint
from volunteers.attendance.policy import LIMITS
from volunteers.attendance.presence import creditable_minutes, within_shift
from volunteers.attendance.queries import DECIDERS
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Volunteer

MOST_ROWS = 200
_EARLIEST = timedelta(minutes=LIMITS["early_minutes"][1])  # nobody is there longer before the start


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One line of the sheet: who by volunteer number, from when to when."""

    number: str
    arrived_at: datetime
    left_at: datetime


def enter_sheet(
    *, shift_id: int, rows: Sequence[PaperRow], picture: bytes, note: str, actor: Actor, at: datetime
) -> list[Attendance]:
    """Enter a sheet with its photograph, all rows or none; each row becomes a pending attendance.

    :raises Forbidden: a role that never decides. :raises NotFound: no such shift at the actor's sites.
    :raises SheetNotYet: the shift is not over. :raises SheetShiftCancelled: it never took place.
    :raises SheetRowsMissing: no rows, or more than `MOST_ROWS`.
    :raises SheetPictureInvalid: no photograph. :raises SheetEnteredBefore: the same photograph again.
    :raises SheetRowsRefused: somebody is unknown, not enrolled or present already, or a time cannot be.
    """
    if not actor.has(*DECIDERS):
        raise Forbidden
    shift = _shift(shift_id, actor)
    if shift.status == ShiftStatus.CANCELLED:
        raise SheetShiftCancelled
    if at < shift.ends_at:
        raise SheetNotYet
    if not 0 < len(rows) <= MOST_ROWS:
        raise SheetRowsMissing(field="rows", most=MOST_ROWS)
    kept, digest = cleaned(picture), fingerprint(picture)
    if PaperSheet.objects.filter(digest=digest).exists():
        raise SheetEnteredBefore
    with transaction.atomic():
        people = _people(rows)
        places = _places(shift, people)
        _check_rows(rows, shift=shift, people=people, places=places, actor=actor, at=at)
        try:
            with transaction.atomic():
                sheet = PaperSheet.objects.create(
                    shift=shift,
                    picture=kept,
                    digest=digest,
                    note=note.strip(),
                    entered_by_id=actor.user_id,
                    entered_at=at,
                )
        except IntegrityError as error:
            raise refusal_for(error) from error
        made = Attendance.objects.bulk_create(
            [_attendance(row, people[row.number], shift=shift, sheet=sheet, places=places) for row in rows]
        )
        detail = {"shift": shift.pk, "rows": len(rows)}
        audit.record(actor=actor, action="sheet.entered", target=sheet, detail=detail, at=at)
    return made


def _shift(shift_id: int, actor: Actor) -> Shift:
    shift = (
        Shift.objects.select_related("activity__site")
        .filter(pk=shift_id, activity__site__in=managed_by(actor))
        .first()
    )
    if shift is None:
        raise NotFound
    return shift


def _people(rows: Sequence[PaperRow]) -> dict[str, Volunteer]:
    """Lock the people of the sheet in key order, as every writer of attendances does."""
    numbers = {row.number for row in rows}
    held = Volunteer.objects.select_for_update(no_key=True).filter(number__in=numbers).order_by("pk")
    return {volunteer.number: volunteer for volunteer in held}


def _places(shift: Shift, people: dict[str, Volunteer]) -> dict[int, int]:
    """Return the confirmed sign-ups of these people for the shift, by volunteer."""
    confirmed = SignUp.objects.filter(
        shift=shift, volunteer__in=people.values(), status=SignUpStatus.CONFIRMED
    )
    return dict(confirmed.values_list("volunteer_id", "pk"))


def _check_rows(
    rows: Sequence[PaperRow],
    *,
    shift: Shift,
    people: dict[str, Volunteer],
    places: dict[int, int],
    actor: Actor,
    at: datetime,
) -> None:
    """Refuse the whole sheet when a row cannot be true; every faulty row is named."""
    keys = [volunteer.pk for volunteer in people.values()]
    gone = (AttendanceStatus.REJECTED, AttendanceStatus.ANNULLED)
    present = set(
        Attendance.objects.filter(shift=shift, volunteer_id__in=keys)
        .exclude(status__in=gone)
        .values_list("volunteer_id", flat=True)
    )
    seen: set[str] = set()
    refused: dict[int, Refusal] = {}
    for place, row in enumerate(rows):
        volunteer = people.get(row.number)
        if volunteer is None or volunteer.status != VolunteerStatus.ACTIVE:
            refused[place] = SheetRowUnknown()
        elif volunteer.user_id == actor.user_id:
            refused[place] = SheetOwnRow()
        elif not _may_be(row, shift, at):
            refused[place] = SheetRowTimes()
        elif volunteer.pk not in places and not shift.activity.walk_in_allowed:
            refused[place] = SheetRowNotEnrolled()
        elif volunteer.pk in present or row.number in seen:
            refused[place] = SheetRowPresent()
        seen.add(row.number)
    if refused:
        raise SheetRowsRefused(refused)


def _may_be(row: PaperRow, shift: Shift, at: datetime) -> bool:
    if row.arrived_at < shift.starts_at - _EARLIEST or row.left_at > at:
        return False
    return max(row.arrived_at, shift.starts_at) < min(row.left_at, shift.ends_at)


def _attendance(
    row: PaperRow, volunteer: Volunteer, *, shift: Shift, sheet: PaperSheet, places: dict[int, int]
) -> Attendance:
    sign_up_id = places.get(volunteer.pk)
    flags = [Flag.MANUAL] if sign_up_id else [Flag.MANUAL, Flag.WALK_IN]
    span = within_shift(
        checked_in_at=row.arrived_at,
        checked_out_at=row.left_at,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )
    return Attendance(
        volunteer=volunteer,
        shift=shift,
        sign_up_id=sign_up_id,
        site=shift.activity.site,
        status=AttendanceStatus.PENDING,
        checked_in_at=row.arrived_at,
        checked_out_at=row.left_at,
        minutes=creditable_minutes(span, break_minutes=shift.break_minutes),
        grade=Grade.D,
        flags=[flag.value for flag in flags],
        manual=True,
        entered_by_id=sheet.entered_by_id,
        sheet=sheet,
    )
