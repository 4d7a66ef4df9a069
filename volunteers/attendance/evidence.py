"""How good the evidence of a presence is. Pure.

|               | near | not shared, not consented, vague | far |
|---------------|------|----------------------------------|-----|
| screen, live  | A    | B                                | C   |
| screen, later | C    | C                                | D   |
| poster        | C    | D, a person has to confirm       | D   |

Staff who scan vouch for the place: A for a pass (B when uploaded later), B for a card (C later).
"""

from volunteers.attendance.choices import Channel, Flag, Grade
from volunteers.attendance.policy import Policy
from volunteers.attendance.reasons import Reason, ReasonCode
from volunteers.attendance.situation import Facts, TokenState

_STAFF = {
    Channel.PASS: (ReasonCode.STAFF_PASS, Grade.A, Grade.B),
    Channel.CARD: (ReasonCode.STAFF_CARD, Grade.B, Grade.C),
}


def evidence(facts: Facts, policy: Policy) -> tuple[Grade, list[Reason], list[Flag]]:
    """Return the grade, the reasons for it, and the flags it raises (the table above)."""
    later = facts.token is TokenState.CAPTURED
    flags = [Flag.OFFLINE] if later else []
    reasons = [Reason(ReasonCode.OFFLINE_CODE)] if later else []
    if facts.channel in _STAFF:
        code, live_grade, later_grade = _STAFF[facts.channel]
        reasons.insert(0, Reason(code))
        if facts.channel is Channel.CARD:
            flags.append(Flag.STAFF_CARD)
        return (later_grade if later else live_grade), reasons, flags
    place, far = _place(facts, policy)
    if far:
        flags.insert(0, Flag.LOCATION_FAR)
    near = place.code is ReasonCode.NEAR_SITE
    if facts.channel is Channel.POSTER:
        reasons = [Reason(ReasonCode.POSTER_CODE), *reasons, place]
        if not near:
            flags.append(Flag.POSTER)
            reasons.append(Reason(ReasonCode.POSTER))
        return (Grade.C if near else Grade.D), reasons, flags
    if later:
        return (Grade.D if far else Grade.C), [*reasons, place], flags
    live = [Reason(ReasonCode.LIVE_CODE), place]
    if far:
        return Grade.C, live, flags
    return (Grade.A if near else Grade.B), live, flags


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
