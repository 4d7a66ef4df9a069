"""How check-in decides. Pure: facts in, decision out; no clock, no database.

docs/checkin.md draws this file: change both together.

Location never refuses and never makes a result provisional: it moves the grade and may flag a row for the
manager. Not sharing a location costs nothing but the best grade (rules.md C6, “No GPS refusal penalty”).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils.timezone import localdate

from volunteers.activities.choices import LIVE, SignUpStatus
from volunteers.attendance.choices import Flag, Grade, Intent, ScanResult
from volunteers.attendance.policy import Policy
from volunteers.attendance.presence import creditable_minutes, within_shift
from volunteers.attendance.reasons import Reason, ReasonCode, clock, duration
from volunteers.people.rules import ADULT_AGE, age_on

_PROVISIONAL = frozenset({Flag.LATE, Flag.OFFLINE, Flag.LATE_CHECK_OUT})


class TokenState(StrEnum):
    """What became of reading the code."""

    LIVE = "live"  # valid when the server received it
    CAPTURED = "captured"  # valid at the time the phone says it was scanned, uploaded later
    EXPIRED = "expired"
    OUTDATED = "outdated"  # kept on the phone for longer than the policy allows
    FORGED = "forged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """A shift at the site around this time, with the volunteer's sign-up for it if there is one."""

    shift_id: int
    starts_at: datetime
    ends_at: datetime
    activity_name: str
    cancelled: bool = False
    walk_in_allowed: bool = False
    minors_allowed: bool = False
    min_age: int = 0
    sign_up_id: int | None = None
    sign_up_status: str | None = None
    attended: bool = False  # there is an earlier attendance of this volunteer on this shift

    @property
    def confirmed(self) -> bool:
        """Whether the volunteer has a place."""
        return self.sign_up_status == SignUpStatus.CONFIRMED

    @property
    def signed_up(self) -> bool:
        """Whether the volunteer may expect this shift; calling it off cancelled the sign-ups too."""
        return self.sign_up_status in LIVE or (self.cancelled and self.sign_up_id is not None)


@dataclass(frozen=True, slots=True)
class PresenceFacts:
    """The attendance the volunteer is in, or whose check-out is missing."""

    site_id: int
    site_name: str
    checked_in_at: datetime
    starts_at: datetime
    ends_at: datetime
    break_minutes: int = 0
    grade: Grade = Grade.A


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the phone was, as metres from the site and the metres the phone itself was unsure of."""

    distance_m: int
    accuracy_m: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision rests on."""

    intent: Intent
    token: TokenState
    when: datetime  # when the code was scanned: the server's time, or the phone's if uploaded later
    site_id: int | None = None
    site_active: bool = True
    site_radius_m: int = 0
    volunteer_active: bool = True
    birth_date: date = date.min
    shifts: tuple[ShiftFacts, ...] = ()
    presence: PresenceFacts | None = None
    fix: Fix | None = None
    fix_withheld: bool = False  # a location was sent, but the volunteer has not consented to its use


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer and why. As it stands it is a refusal; its two kinds say what to write."""

    result: ScanResult
    reasons: tuple[Reason, ...]
    grade: Grade | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Decision):
    """Open an attendance on `shift`; with `closes_stale`, an earlier shift's presence ends without an end."""

    grade: Grade
    shift: ShiftFacts
    closes_stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut(Decision):
    """End the presence; `minutes` is what may be credited."""

    grade: Grade
    minutes: int


def decide(facts: Facts, policy: Policy) -> Decision:
    """Return what a scan means. The first refusal found is the only one told."""
    refusal = _token_refusal(facts.token, policy)
    if refusal is not None:
        return _refused(refusal)
    if facts.intent == Intent.OUT:
        return _decide_out(facts, policy)
    return _decide_in(facts, policy)


def _token_refusal(token: TokenState, policy: Policy) -> Reason | None:
    match token:
        case TokenState.UNREADABLE:
            return Reason(ReasonCode.TOKEN_UNREADABLE)
        case TokenState.FORGED:
            return Reason(ReasonCode.TOKEN_FORGED)
        case TokenState.EXPIRED:
            return Reason(ReasonCode.TOKEN_EXPIRED)
        case TokenState.OUTDATED:
            return Reason(ReasonCode.OFFLINE_TOO_OLD, {"hours": policy.offline_hours})
        case _:
            return None


# --- in ---


def _decide_in(facts: Facts, policy: Policy) -> Decision:
    stale = facts.presence is not None and _is_stale(facts.presence, facts.when, policy)
    refusal = _person_and_place_refusal(facts, stale=stale)
    if refusal is not None:
        return _refused(refusal)
    shift = _best_shift(facts, policy)
    if shift is None:
        return _refused(_why_no_shift(facts, policy))
    too_young = _age_refusal(shift, facts)
    if too_young is not None:
        return _refused(too_young)
    grade, reasons, flags = _evidence(facts, policy)
    for flag, reason in _in_flags(shift, facts, policy):
        flags.append(flag)
        reasons.append(reason)
    arrived = Reason(ReasonCode.CHECKED_IN, {"time": clock(facts.when, beside=facts.when)})
    return CheckIn(
        result=_result_of(flags),
        reasons=(arrived, *reasons),
        grade=grade,
        flags=tuple(flags),
        shift=shift,
        closes_stale=stale,
    )


def _is_stale(presence: PresenceFacts, when: datetime, policy: Policy) -> bool:
    """Whether the clock should have closed it: yesterday's forgotten check-out must not block today."""
    return when >= presence.ends_at + timedelta(minutes=policy.close_after_minutes)


def _person_and_place_refusal(facts: Facts, *, stale: bool) -> Reason | None:
    if not facts.site_active:
        return Reason(ReasonCode.SITE_CLOSED)
    if not facts.volunteer_active:
        return Reason(ReasonCode.VOLUNTEER_NOT_ACTIVE)
    presence = facts.presence
    if presence is None or stale:
        return None
    if presence.site_id == facts.site_id and facts.when < presence.ends_at:
        return Reason(
            ReasonCode.ALREADY_CHECKED_IN, {"time": clock(presence.checked_in_at, beside=facts.when)}
        )
    return Reason(ReasonCode.NOT_CHECKED_OUT, {"place": presence.site_name})


def _best_shift(facts: Facts, policy: Policy) -> ShiftFacts | None:
    """Return the shift this is for: a confirmed place first, then a first visit, then a timely one."""
    usable = [
        shift
        for shift in facts.shifts
        if (shift.confirmed or shift.walk_in_allowed)
        and not shift.cancelled
        and _opens_at(shift, policy) <= facts.when < shift.ends_at
    ]
    return min(usable, key=lambda shift: _preference(shift, facts, policy), default=None)


def _preference(shift: ShiftFacts, facts: Facts, policy: Policy) -> tuple[bool, bool, bool, datetime]:
    late = facts.when > shift.starts_at + timedelta(minutes=policy.late_minutes)
    return not shift.confirmed, shift.attended, late, shift.starts_at


def _opens_at(shift: ShiftFacts, policy: Policy) -> datetime:
    return shift.starts_at - timedelta(minutes=policy.early_minutes)


def _why_no_shift(facts: Facts, policy: Policy) -> Reason:
    """Return why none of the shifts will do, by the signed-up shift nearest in time."""
    own = [shift for shift in facts.shifts if shift.signed_up]
    if not own:
        return Reason(ReasonCode.NOT_SIGNED_UP)
    nearest = min(own, key=lambda shift: max(shift.starts_at - facts.when, facts.when - shift.ends_at))
    if nearest.cancelled:
        return Reason(ReasonCode.SHIFT_CANCELLED, {"activity": nearest.activity_name})
    if facts.when >= nearest.ends_at:
        return Reason(ReasonCode.SHIFT_OVER, {"end": clock(nearest.ends_at, beside=facts.when)})
    if not nearest.confirmed:
        return Reason(ReasonCode.WAITING_LIST)
    return Reason(
        ReasonCode.TOO_EARLY,
        {
            "start": clock(nearest.starts_at, beside=facts.when),
            "open": clock(_opens_at(nearest, policy), beside=facts.when),
        },
    )


def _age_refusal(shift: ShiftFacts, facts: Facts) -> Reason | None:
    """Order 685 Art 15: tasks fit the age; minors where the activity takes them (rules.md C6)."""
    needed = shift.min_age if shift.minors_allowed else max(shift.min_age, ADULT_AGE)
    if age_on(facts.birth_date, localdate(facts.when)) < needed:
        return Reason(ReasonCode.TOO_YOUNG, {"age": needed})
    return None


def _in_flags(shift: ShiftFacts, facts: Facts, policy: Policy) -> list[tuple[Flag, Reason]]:
    found: list[tuple[Flag, Reason]] = []
    if facts.when > shift.starts_at + timedelta(minutes=policy.late_minutes):
        late = {
            "start": clock(shift.starts_at, beside=facts.when),
            "minutes": (facts.when - shift.starts_at) // timedelta(minutes=1),
        }
        found.append((Flag.LATE, Reason(ReasonCode.LATE, late)))
    if not shift.confirmed:
        found.append((Flag.WALK_IN, Reason(ReasonCode.WALK_IN)))
    if shift.attended:
        found.append((Flag.RE_ENTRY, Reason(ReasonCode.RE_ENTRY)))
    if age_on(facts.birth_date, localdate(facts.when)) < policy.accompanied_until_age:
        young = Reason(ReasonCode.ACCOMPANIED, {"age": policy.accompanied_until_age})
        found.append((Flag.ACCOMPANIED, young))
    return found


# --- out ---


def _decide_out(facts: Facts, policy: Policy) -> Decision:
    presence = facts.presence
    refusal = _out_refusal(presence, facts, policy)
    if refusal is not None or presence is None:
        return _refused(refusal or Reason(ReasonCode.NOT_CHECKED_IN))
    span = within_shift(
        checked_in_at=presence.checked_in_at,
        checked_out_at=facts.when,
        starts_at=presence.starts_at,
        ends_at=presence.ends_at,
    )
    minutes = creditable_minutes(span, break_minutes=presence.break_minutes)
    grade, reasons, flags = _evidence(facts, policy)
    if _is_stale(presence, facts.when, policy):
        flags.append(Flag.LATE_CHECK_OUT)
        end = clock(presence.ends_at, beside=facts.when)
        reasons.append(Reason(ReasonCode.LATE_CHECK_OUT, {"end": end}))
    left = Reason(
        ReasonCode.CHECKED_OUT,
        {"time": clock(facts.when, beside=facts.when), "duration": duration(minutes)},
    )
    return CheckOut(
        result=_result_of(flags),
        reasons=(left, *reasons),
        grade=max(grade, presence.grade),  # a presence is as good as the weaker of its two ends
        flags=tuple(flags),
        minutes=minutes,
    )


def _out_refusal(presence: PresenceFacts | None, facts: Facts, policy: Policy) -> Reason | None:
    if presence is None:
        return Reason(ReasonCode.NOT_CHECKED_IN)
    if presence.site_id != facts.site_id:
        return Reason(ReasonCode.CHECKED_IN_ELSEWHERE, {"place": presence.site_name})
    if facts.when < presence.checked_in_at:
        return Reason(ReasonCode.OUT_BEFORE_IN, {"time": clock(presence.checked_in_at, beside=facts.when)})
    if facts.when > presence.ends_at + timedelta(hours=policy.late_check_out_hours):
        return Reason(ReasonCode.CHECK_OUT_TOO_LATE)
    return None


# --- evidence ---


def _evidence(facts: Facts, policy: Policy) -> tuple[Grade, list[Reason], list[Flag]]:
    """Return the grade of the evidence, the reasons for it, and the flags it raises.

    |         | near | not shared, not consented, vague | far |
    |---------|------|----------------------------------|-----|
    | live    | A    | B                                | C   |
    | offline | C    | C                                | D   |
    """
    place, far = _place(facts, policy)
    flags = [Flag.LOCATION_FAR] if far else []
    if facts.token is TokenState.CAPTURED:
        flags.append(Flag.OFFLINE)
        return (Grade.D if far else Grade.C), [Reason(ReasonCode.OFFLINE_CODE), place], flags
    if far:
        return Grade.C, [Reason(ReasonCode.LIVE_CODE), place], flags
    grade = Grade.A if place.code is ReasonCode.NEAR_SITE else Grade.B
    return grade, [Reason(ReasonCode.LIVE_CODE), place], flags


def _place(facts: Facts, policy: Policy) -> tuple[Reason, bool]:
    """Return what the location says, and whether it says “somewhere else”."""
    fix = facts.fix
    if facts.fix_withheld:
        return Reason(ReasonCode.LOCATION_NOT_CONSENTED), False
    if fix is None:
        return Reason(ReasonCode.LOCATION_NOT_SHARED), False
    if fix.distance_m - fix.accuracy_m > facts.site_radius_m:
        return Reason(ReasonCode.LOCATION_FAR, {"metres": fix.distance_m}), True
    if fix.accuracy_m > policy.accuracy_limit_m:
        return Reason(ReasonCode.LOCATION_VAGUE, {"metres": fix.accuracy_m}), False
    return Reason(ReasonCode.NEAR_SITE, {"metres": fix.distance_m}), False


def _result_of(flags: list[Flag]) -> ScanResult:
    return ScanResult.PROVISIONAL if _PROVISIONAL.intersection(flags) else ScanResult.ACCEPTED


def _refused(reason: Reason) -> Decision:
    return Decision(result=ScanResult.REFUSED, reasons=(reason,))
