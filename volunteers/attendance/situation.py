"""What a decision rests on, and what it says. Plain values: no clock, no database."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from volunteers.activities.choices import LIVE, SignUpStatus
from volunteers.attendance.choices import Channel, Flag, Grade, Intent, ScanResult
from volunteers.attendance.policy import Policy
from volunteers.attendance.reasons import Reason


class TokenState(StrEnum):
    """What became of reading the code."""

    LIVE = "live"  # valid when the server received it
    CAPTURED = "captured"  # valid at the time the phone says it was scanned, uploaded later
    EXPIRED = "expired"
    FUTURE = "future"  # the phone says it was scanned at a time that has not come
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
    required_training: str = ""
    insurance_required: bool = False
    policy: Policy | None = None  # the activity's own; without it the site's holds

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
    policy: Policy | None = None


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
    channel: Channel = Channel.SCREEN
    site_id: int | None = None
    site_active: bool = True
    site_open: bool = True  # within its opening hours
    site_radius_m: int = 0
    volunteer_active: bool = True
    birth_date: date = date.min
    trainings: frozenset[str] = frozenset()  # courses passed and in force
    insured: bool = False
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
