"""How check-in decides. Pure: facts in, decision out; no clock, no database.

docs/checkin.md draws this file: change both together.

Location never refuses: it moves the grade and may flag a row for the manager. Not sharing a location costs
nothing but the best grade (rules.md C6, “No GPS refusal penalty”); only a printed code, which proves no
presence by itself, needs it or a person who was there.
"""

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from volunteers.attendance.choices import Channel, Flag, Intent, ScanResult
from volunteers.attendance.evidence import evidence
from volunteers.attendance.policy import Policy
from volunteers.attendance.presence import creditable_minutes, is_short, within_shift
from volunteers.attendance.reasons import Reason, ReasonCode, clock, duration
from volunteers.attendance.situation import (
    CheckIn,
    CheckOut,
    Decision,
    Facts,
    PresenceFacts,
    ShiftFacts,
    TokenState,
)
from volunteers.people.rules import ADULT_AGE, age_on

_PROVISIONAL = frozenset({Flag.LATE, Flag.OFFLINE, Flag.LATE_CHECK_OUT, Flag.POSTER})
_HEAD_OF_REFUSAL = {
    TokenState.UNREADABLE: ReasonCode.TOKEN_UNREADABLE,
    TokenState.FORGED: ReasonCode.TOKEN_FORGED,
    TokenState.EXPIRED: ReasonCode.TOKEN_EXPIRED,
    TokenState.FUTURE: ReasonCode.CAPTURED_IN_FUTURE,
}


def decide(facts: Facts, policy: Policy) -> Decision:
    """Return what a scan means. The first refusal found is the only one told."""
    refusal = _token_refusal(facts, policy)
    if refusal is not None:
        return _refused(refusal)
    if facts.intent == Intent.OUT:
        return _decide_out(facts, policy)
    return _decide_in(facts, policy)


def _token_refusal(facts: Facts, policy: Policy) -> Reason | None:
    if facts.token is TokenState.OUTDATED:
        return Reason(ReasonCode.OFFLINE_TOO_OLD, {"hours": policy.offline_hours})
    if facts.token in _HEAD_OF_REFUSAL:
        return Reason(_HEAD_OF_REFUSAL[facts.token])
    return None


def _poster_refusal(facts: Facts, policy: Policy) -> Reason | None:
    if facts.channel is Channel.POSTER and not policy.posters_allowed:
        return Reason(ReasonCode.POSTER_NOT_ALLOWED)
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
    own = shift.policy or policy
    unfit = _poster_refusal(facts, own) or _fitness_refusal(shift, facts)
    if unfit is not None:
        return _refused(unfit)
    grade, reasons, flags = evidence(facts, own)
    for flag, reason in _in_flags(shift, facts, own):
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
    patience = (presence.policy or policy).close_after_minutes
    return when >= presence.ends_at + timedelta(minutes=patience)


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
    late = facts.when > shift.starts_at + timedelta(minutes=(shift.policy or policy).late_minutes)
    return not shift.confirmed, shift.attended, late, shift.starts_at


def _opens_at(shift: ShiftFacts, policy: Policy) -> datetime:
    return shift.starts_at - timedelta(minutes=(shift.policy or policy).early_minutes)


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


def _fitness_refusal(shift: ShiftFacts, facts: Facts) -> Reason | None:
    """Order 685 Arts 15–17: tasks fit the age and the training; accident insurance where there is danger."""
    needed = shift.min_age if shift.minors_allowed else max(shift.min_age, ADULT_AGE)
    if age_on(facts.birth_date, localdate(facts.when)) < needed:
        return Reason(ReasonCode.TOO_YOUNG, {"age": needed})
    if shift.required_training and shift.required_training not in facts.trainings:
        return Reason(ReasonCode.TRAINING_MISSING, {"course": shift.required_training})
    if shift.insurance_required and not facts.insured:
        return Reason(ReasonCode.INSURANCE_MISSING)
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
    if not facts.site_open:
        found.append((Flag.OUTSIDE_HOURS, Reason(ReasonCode.OUTSIDE_HOURS)))
    return found


# --- out ---


def _decide_out(facts: Facts, policy: Policy) -> Decision:
    presence = facts.presence
    refusal = _out_refusal(presence, facts, policy)
    if refusal is not None or presence is None:
        return _refused(refusal or Reason(ReasonCode.NOT_CHECKED_IN))
    own = presence.policy or policy
    span = within_shift(
        checked_in_at=presence.checked_in_at,
        checked_out_at=facts.when,
        starts_at=presence.starts_at,
        ends_at=presence.ends_at,
    )
    minutes = creditable_minutes(span, break_minutes=presence.break_minutes)
    grade, reasons, flags = evidence(facts, own)
    for flag, reason in _out_flags(presence, facts, minutes, own):
        flags.append(flag)
        reasons.append(reason)
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


def _out_flags(
    presence: PresenceFacts, facts: Facts, minutes: int, policy: Policy
) -> list[tuple[Flag, Reason]]:
    found: list[tuple[Flag, Reason]] = []
    if _is_stale(presence, facts.when, policy):
        end = clock(presence.ends_at, beside=facts.when)
        found.append((Flag.LATE_CHECK_OUT, Reason(ReasonCode.LATE_CHECK_OUT, {"end": end})))
    if is_short(
        minutes,
        starts_at=presence.starts_at,
        ends_at=presence.ends_at,
        break_minutes=presence.break_minutes,
        percent=policy.min_presence_percent,
    ):
        short = {"percent": policy.min_presence_percent}
        found.append((Flag.SHORT, Reason(ReasonCode.SHORT, short)))
    return found


def _out_refusal(presence: PresenceFacts | None, facts: Facts, policy: Policy) -> Reason | None:
    if presence is None:
        return Reason(ReasonCode.NOT_CHECKED_IN)
    if presence.site_id != facts.site_id:
        return Reason(ReasonCode.CHECKED_IN_ELSEWHERE, {"place": presence.site_name})
    if facts.when < presence.checked_in_at:
        return Reason(ReasonCode.OUT_BEFORE_IN, {"time": clock(presence.checked_in_at, beside=facts.when)})
    own = presence.policy or policy
    if facts.when > presence.ends_at + timedelta(hours=own.late_check_out_hours):
        return Reason(ReasonCode.CHECK_OUT_TOO_LATE)
    return _poster_refusal(facts, own)


def _result_of(flags: list[Flag]) -> ScanResult:
    return ScanResult.PROVISIONAL if _PROVISIONAL.intersection(flags) else ScanResult.ACCEPTED


def _refused(reason: Reason) -> Decision:
    return Decision(result=ScanResult.REFUSED, reasons=(reason,))
