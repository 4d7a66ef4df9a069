"""Gathering what a decision rests on, in as few statements as will do.

An accepted check-in costs four, the caller's own user row included: user, volunteer (locked), site with
history and shifts, and one that inserts attendance and scan; tests/volunteers/attendance/test_cost.py counts
them. The two reads of the hot path are plain SQL: building them through the ORM costs more than running them.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils.timezone import localdate

from backend.core.codes import TokenExpired, TokenForged, TokenMalformed
from venues.sites import hours, qr
from venues.sites.models import Site, SiteStatus
from venues.sites.queries import accepted_keys, accepted_poster_keys
from volunteers.attendance.choices import AttendanceStatus, Grade, Intent
from volunteers.attendance.geo import Crs, distance_m, to_wgs84
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.moments import Capture
from volunteers.attendance.policies import policy_for
from volunteers.attendance.policy import Policy
from volunteers.attendance.situation import Fix, PresenceFacts, ShiftFacts, TokenState
from volunteers.people.choices import VolunteerStatus
from volunteers.people.errors import NotRegistered
from volunteers.people.models import Volunteer

_HORIZON = timedelta(hours=12)  # shifts further away are not worth naming in a refusal
_FORGOTTEN_FOR = timedelta(days=3)  # an older missing check-out is past every limit
_MOST_SHIFTS = 40
_AT_ONCE = timedelta(minutes=2)  # a printed code scanned longer ago than this was kept on the phone


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
    user_id: int

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
    poster_version: int
    opening_hours: str
    region_code: str
    organization_id: int
    answer: str | None  # given to this nonce before
    open_attendance: int | None
    location_consented: bool
    qualifications: tuple[str, ...]  # courses passed, and "" for an insurance, in force on the day
    next_attendance: int  # the key of the attendance a check-in will open
    shifts: tuple[ShiftFacts, ...] = ()  # check-in only: near in time, signed up for or open to walk into

    @property
    def is_active(self) -> bool:
        """Whether people may check in here."""
        return self.status == SiteStatus.ACTIVE

    def is_open(self, when: datetime) -> bool:
        """Whether `when` is within the opening hours."""
        return hours.is_open(json.loads(self.opening_hours), when)

    def policy(self, when: datetime) -> Policy:
        """Return what holds for the site as a whole; an activity may have figures of its own."""
        return policy_for(region_code=self.region_code, organization_id=self.organization_id, when=when)


_LOCK_VOLUNTEER = """
    SELECT id, status, birth_date, user_id FROM volunteers_volunteer WHERE user_id = %s FOR NO KEY UPDATE
"""

# One statement for everything a check-in is decided on. `near` takes the volunteer's own sign-ups first (also
# cancelled ones, if the shift itself was called off), then what is open to walk into.
_SITE_WITH_HISTORY = """
    SELECT site.id, site.name, site.status, site.latitude, site.longitude, site.radius_m,
           site.key_version, site.key_rotated_at, site.poster_version, site.opening_hours, site.region_id,
           site.organization_id,
           (SELECT answer FROM volunteers_scan
             WHERE volunteer_id = %(volunteer)s AND nonce = %(nonce)s),
           (SELECT id FROM volunteers_attendance
             WHERE volunteer_id = %(volunteer)s AND status = 'open'),
           EXISTS (SELECT FROM volunteers_consent
             WHERE volunteer_id = %(volunteer)s AND kind = 'location' AND withdrawn_at IS NULL),
           ARRAY(SELECT course FROM volunteers_qualification
             WHERE volunteer_id = %(volunteer)s AND revoked_at IS NULL AND valid_from <= %(day)s
               AND (valid_until IS NULL OR valid_until >= %(day)s)),
           CASE WHEN %(checking_in)s THEN nextval('volunteers_attendance_id_seq') ELSE 0 END,
           near.*
      FROM venues_site site
      LEFT JOIN LATERAL (
        SELECT shift.id, shift.starts_at, shift.ends_at, activity.name, shift.status = 'cancelled',
               activity.walk_in_allowed, activity.minors_allowed, activity.min_age,
               mine.id AS sign_up, mine.status,
               EXISTS (SELECT FROM volunteers_attendance visit
                 WHERE visit.shift_id = shift.id AND visit.volunteer_id = %(volunteer)s
                   AND visit.status NOT IN ('rejected', 'annulled')),
               activity.required_training, activity.insurance_required, activity.id,
               programme.organization_id
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
          JOIN volunteers_programme programme ON programme.id = activity.programme_id
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
_SITE_COLUMNS = 17
_SHIFT_COLUMNS = 13


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


def lock_volunteer_by_key(volunteer_id: int) -> LockedVolunteer | None:
    """Lock a volunteer by their key, the same way; None when there is no such one."""
    held = Volunteer.objects.select_for_update(no_key=True).filter(pk=volunteer_id)
    row = held.values_list("pk", "status", "birth_date", "user_id").first()
    return row and LockedVolunteer(*row)


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
    day = localdate(captured)
    given: dict[str, Any] = {
        "site": site_id,
        "volunteer": volunteer_id,
        "nonce": nonce,
        "checking_in": intent == Intent.IN,
        "at": at,
        "captured": captured,
        "day": day,
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
    site = SiteFacts(*rows[0][:_SITE_COLUMNS])
    near = (row[_SITE_COLUMNS:] for row in rows)
    shifts = tuple(_shift_facts(shift, site, when=captured) for shift in near if shift[0] is not None)
    return replace(site, shifts=shifts)


def _shift_facts(row: tuple[Any, ...], site: SiteFacts, *, when: datetime) -> ShiftFacts:
    activity_id, organization_id = row[_SHIFT_COLUMNS:]
    policy = policy_for(
        region_code=site.region_code, organization_id=organization_id, activity_id=activity_id, when=when
    )
    return replace(ShiftFacts(*row[:_SHIFT_COLUMNS]), policy=policy)


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
        .select_related("shift__activity__programme", "site")
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
        policy=policy_of(attendance),
    )


def policy_of(attendance: Attendance) -> Policy:
    """Return what holds for an attendance, by its check-in; no query when site and programme are loaded."""
    activity = attendance.shift.activity
    return policy_for(
        region_code=attendance.site.region_id,
        organization_id=activity.programme.organization_id,
        activity_id=activity.pk,
        when=attendance.checked_in_at,
    )


def read_token(token: str) -> qr.ReadToken | None:
    """Return what a token claims, or None when the text is none of ours."""
    try:
        return qr.read(token)
    except TokenMalformed:
        return None


def judge_token(
    token: str, *, site: SiteFacts, capture: Capture | None, at: datetime, policy: Policy
) -> TokenState:
    """Return whether the site signed this token for now, or for the moment it was scanned."""
    return judge_moment(
        lambda when: _verify(token, site=site, at=when, policy=policy),
        lasting=qr.read(token).is_poster,
        capture=capture,
        at=at,
        policy=policy,
    )


def judge_moment(
    verify: Callable[[datetime], TokenState],
    *,
    lasting: bool,
    capture: Capture | None,
    at: datetime,
    policy: Policy,
) -> TokenState:
    """Return what a code is worth, given what it is worth at a time (`verify`: LIVE, EXPIRED or FORGED).

    A rotating code that counts now is live, whatever the phone says. A printed one (`lasting`) counts always,
    so the phone's time says when it was scanned.
    """
    if capture is not None and capture.ahead > timedelta(seconds=policy.clock_skew_seconds):
        return TokenState.FUTURE
    now = verify(at)
    if capture is None or now is TokenState.FORGED:
        return now
    age = at - capture.when
    if now is TokenState.LIVE and (not lasting or age <= _AT_ONCE):
        return now
    then = verify(capture.when)
    if then is not TokenState.LIVE:
        return then
    return TokenState.OUTDATED if age > timedelta(hours=policy.offline_hours) else TokenState.CAPTURED


def _verify(token: str, *, site: SiteFacts, at: datetime, policy: Policy) -> TokenState:
    signer = Site(
        pk=site.pk,
        key_version=site.key_version,
        key_rotated_at=site.key_rotated_at,
        poster_version=site.poster_version,
    )
    is_poster = qr.read(token).is_poster
    keys = accepted_poster_keys(signer) if is_poster else accepted_keys(signer, at=at)
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
