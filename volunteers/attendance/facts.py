"""Gathering what a decision rests on, in as few statements as will do.

An accepted check-in costs five, the caller's own user row included: user, volunteer (locked), site with
history and shifts, insert attendance, insert scan. tests/volunteers/attendance/test_cost.py counts them. The
two reads of the hot path are plain SQL: building them through the ORM costs more than running them.
"""

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from venues.sites import qr
from venues.sites.errors import TokenExpired, TokenForged, TokenMalformed
from venues.sites.models import Site, SiteStatus
from venues.sites.queries import accepted_keys
from volunteers.attendance.choices import AttendanceStatus, Grade, Intent
from volunteers.attendance.geo import Crs, distance_m, to_wgs84
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.policy import Policy
from volunteers.attendance.rules import Fix, PresenceFacts, ShiftFacts, TokenState
from volunteers.people.choices import VolunteerStatus
from volunteers.people.errors import NotRegistered

_HORIZON = timedelta(hours=12)  # shifts further away are not worth naming in a refusal
_FORGOTTEN_FOR = timedelta(days=3)  # an older missing check-out is past every limit
_MOST_SHIFTS = 40


@dataclass(frozen=True, slots=True)
class Location:
    """Where a phone says it is. Used for one subtraction and then forgotten."""

    latitude: float
    longitude: float
    accuracy_m: float
    crs: Crs = Crs.WGS84


class LockedVolunteer(NamedTuple):
    """What a decision needs to know of the person."""

    pk: int
    status: str
    birth_date: date

    @property
    def is_active(self) -> bool:
        """Whether the registration is in force."""
        return self.status == VolunteerStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """The site a token names, and what the volunteer has to do with it and with this nonce already."""

    pk: int
    name: str
    status: str
    latitude: float
    longitude: float
    radius_m: int
    key_version: int
    key_rotated_at: datetime | None
    answer: str | None  # given to this nonce before
    open_attendance: int | None
    location_consented: bool
    shifts: tuple[ShiftFacts, ...] = ()  # check-in only: near in time, signed up for or open to walk into

    @property
    def is_active(self) -> bool:
        """Whether people may check in here."""
        return self.status == SiteStatus.ACTIVE


_LOCK_VOLUNTEER = """
    SELECT id, status, birth_date FROM volunteers_volunteer WHERE user_id = %s FOR NO KEY UPDATE
"""

# One statement for everything a check-in is decided on. `near` takes the volunteer's own sign-ups first (also
# cancelled ones, if the shift itself was called off), then what is open to walk into.
_SITE_WITH_HISTORY = """
    SELECT site.id, site.name, site.status, site.latitude, site.longitude, site.radius_m,
           site.key_version, site.key_rotated_at,
           (SELECT answer FROM volunteers_scan
             WHERE volunteer_id = %(volunteer)s AND nonce = %(nonce)s),
           (SELECT id FROM volunteers_attendance
             WHERE volunteer_id = %(volunteer)s AND status = 'open'),
           EXISTS (SELECT FROM volunteers_consent
             WHERE volunteer_id = %(volunteer)s AND kind = 'location' AND withdrawn_at IS NULL),
           near.*
      FROM venues_site site
      LEFT JOIN LATERAL (
        SELECT shift.id, shift.starts_at, shift.ends_at, activity.name, shift.status = 'cancelled',
               activity.walk_in_allowed, activity.minors_allowed, activity.min_age,
               mine.id AS sign_up, mine.status,
               EXISTS (SELECT FROM volunteers_attendance visit
                 WHERE visit.shift_id = shift.id AND visit.volunteer_id = %(volunteer)s
                   AND visit.status <> 'rejected')
          FROM (
            SELECT id, shift_id, status FROM volunteers_signup
             WHERE volunteer_id = %(volunteer)s AND period && tstzrange(%(earliest)s, %(latest)s)
            UNION ALL
            SELECT NULL, open_shift.id, NULL
              FROM volunteers_shift open_shift
              JOIN volunteers_activity open_activity ON open_activity.id = open_shift.activity_id
             WHERE open_activity.site_id = %(site)s AND open_activity.walk_in_allowed
               AND open_shift.starts_at <= %(latest)s AND open_shift.ends_at >= %(earliest)s
          ) mine
          JOIN volunteers_shift shift ON shift.id = mine.shift_id
          JOIN volunteers_activity activity ON activity.id = shift.activity_id
         WHERE %(checking_in)s AND activity.site_id = site.id
           AND (mine.id IS NULL OR mine.status <> 'cancelled' OR shift.status = 'cancelled')
           AND (   (shift.starts_at <= %(at)s + %(horizon)s AND shift.ends_at >= %(at)s - %(horizon)s)
                OR (shift.starts_at <= %(captured)s + %(horizon)s
                    AND shift.ends_at >= %(captured)s - %(horizon)s))
         ORDER BY mine.id IS NULL, shift.starts_at
         LIMIT %(most)s
      ) near ON true
     WHERE site.id = %(site)s
"""
_SITE_COLUMNS = 11


def lock_volunteer(user_id: int) -> LockedVolunteer:
    """Lock the volunteer of this account until the transaction ends: one person's scans happen one by one.

    NO KEY UPDATE, so that rows pointing at the volunteer can be inserted meanwhile.

    :raises NotRegistered: the account has no volunteer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_VOLUNTEER, [user_id])
        row = cursor.fetchone()
    if row is None:
        raise NotRegistered
    return LockedVolunteer(*row)


def earlier_answer(*, volunteer_id: int, nonce: str) -> str | None:
    """Return the answer this nonce was given, if it was used before."""
    before = Scan.objects.filter(volunteer_id=volunteer_id, nonce=nonce)
    return before.values_list("answer", flat=True).first()


def site_with_history(
    *,
    site_id: int,
    volunteer_id: int,
    nonce: str,
    intent: Intent,
    at: datetime,
    captured_at: datetime | None,
) -> SiteFacts | None:
    """Return the site with the volunteer's history at it, or None when there is no such site.

    Runs after the lock, so it sees whatever an earlier request of the same volunteer committed. Shifts are
    those near `at` or near `captured_at`, because only the token will tell which of the two counts.
    """
    captured = captured_at or at
    given: dict[str, Any] = {
        "site": site_id,
        "volunteer": volunteer_id,
        "nonce": nonce,
        "checking_in": intent == Intent.IN,
        "at": at,
        "captured": captured,
        "horizon": _HORIZON,
        "earliest": min(at, captured) - _HORIZON,
        "latest": max(at, captured) + _HORIZON,
        "most": _MOST_SHIFTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SITE_WITH_HISTORY, given)
        rows = cursor.fetchall()
    if not rows:
        return None
    near = (row[_SITE_COLUMNS:] for row in rows)
    shifts = tuple(ShiftFacts(*shift) for shift in near if shift[0] is not None)
    return replace(SiteFacts(*rows[0][:_SITE_COLUMNS]), shifts=shifts)


def lock_open(*, attendance_id: int) -> Attendance | None:
    """Lock an open attendance and return it; None when the clock closed it a moment ago."""
    return _lock(Q(pk=attendance_id, status=AttendanceStatus.OPEN))


def lock_unfinished(*, volunteer_id: int, site_id: int, when: datetime) -> Attendance | None:
    """Lock and return the attendance a check-out would end: the open one, else one here without its end."""
    forgotten = Q(status=AttendanceStatus.PENDING, site_id=site_id, checked_in_at__gte=when - _FORGOTTEN_FOR)
    return _lock(
        Q(volunteer_id=volunteer_id, checked_out_at__isnull=True)
        & (Q(status=AttendanceStatus.OPEN) | forgotten)
    )


def _lock(condition: Q) -> Attendance | None:
    return (
        Attendance.objects.select_for_update(of=("self",), no_key=True)
        .filter(condition)
        .select_related("shift__activity", "site")
        .order_by("status", "-checked_in_at")  # “open” sorts before “pending”
        .first()
    )


def presence_of(attendance: Attendance | None) -> PresenceFacts | None:
    """Return the attendance as facts."""
    if attendance is None:
        return None
    return PresenceFacts(
        site_id=attendance.site_id,
        site_name=attendance.site.name,
        checked_in_at=attendance.checked_in_at,
        starts_at=attendance.shift.starts_at,
        ends_at=attendance.shift.ends_at,
        break_minutes=attendance.shift.break_minutes,
        grade=Grade(attendance.grade),
    )


def read_token(token: str) -> qr.ReadToken | None:
    """Return what a token claims, or None when the text is none of ours."""
    try:
        return qr.read(token)
    except TokenMalformed:
        return None


def judge_token(
    token: str, *, site: SiteFacts, captured_at: datetime | None, at: datetime, policy: Policy
) -> TokenState:
    """Return whether the site signed this token for now, or for the moment the phone says it was scanned."""
    state = _verify(token, site=site, at=at, policy=policy)
    if state is not TokenState.EXPIRED or captured_at is None:
        return state
    state = _verify(token, site=site, at=captured_at, policy=policy)
    if state is not TokenState.LIVE:
        return state
    if at - captured_at > timedelta(hours=policy.offline_hours):
        return TokenState.OUTDATED
    return TokenState.CAPTURED


def _verify(token: str, *, site: SiteFacts, at: datetime, policy: Policy) -> TokenState:
    signer = Site(pk=site.pk, key_version=site.key_version, key_rotated_at=site.key_rotated_at)
    keys = accepted_keys(signer, at=at)
    try:
        qr.verify(token, keys=keys, at=at, tolerance=policy.code_tolerance_windows)
    except TokenExpired:
        return TokenState.EXPIRED
    except (TokenForged, TokenMalformed):
        return TokenState.FORGED
    return TokenState.LIVE


def fix_of(location: Location, site: SiteFacts) -> Fix:
    """Return how far from the site the phone was, in whole metres."""
    latitude, longitude = to_wgs84(location.latitude, location.longitude, location.crs)
    metres = distance_m(latitude, longitude, site.latitude, site.longitude)
    return Fix(distance_m=round(metres), accuracy_m=math.ceil(location.accuracy_m))
