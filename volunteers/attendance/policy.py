"""The adjustable figures of check-in and hours: defaults of this platform, none is law (rules.md D). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the door is, and what counts. `policies.policy_for` says what holds where and when."""

    early_minutes: int = 30  # check-in opens this long before the shift
    late_minutes: int = 15  # after this it still opens, flagged late
    close_after_minutes: int = 30  # after the shift the clock closes what nobody checked out
    late_check_out_hours: int = 12  # after the shift a check-out is still taken down, flagged
    offline_hours: int = 24  # how old a scan kept on the phone may be
    clock_skew_seconds: int = 120  # how far ahead a phone's clock may run
    code_tolerance_windows: int = 1  # how many 30 s windows a screen's code may be old
    accuracy_limit_m: int = 300  # a vaguer position proves nothing
    accompanied_until_age: int = 10  # younger volunteers need the guardian on site
    posters_allowed: int = 1  # 0: printed codes do not count
    min_presence_percent: int = 60  # of the scheduled time; less needs a reason to be credited
    daily_minutes: int = 480  # more than this is not credited for one day
    annul_minutes: int = 15  # how long a mistaken scan can be taken back


# What may be set, from … to. Whoever sets a figure sees these limits in the refusal.
LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "early_minutes": (0, 240),
        "late_minutes": (0, 240),
        "close_after_minutes": (5, 720),
        "late_check_out_hours": (1, 48),
        "offline_hours": (0, 168),
        "clock_skew_seconds": (0, 600),
        "code_tolerance_windows": (0, 4),
        "accuracy_limit_m": (20, 5000),
        "accompanied_until_age": (0, 18),
        "posters_allowed": (0, 1),
        "min_presence_percent": (0, 100),
        "daily_minutes": (60, 1440),
        "annul_minutes": (0, 120),
    }
)


# Needed before it is known for which activity somebody scans: an activity cannot have its own.
OF_THE_CODE = frozenset({"offline_hours", "clock_skew_seconds", "code_tolerance_windows"})


def first_fault(figures: object) -> str | None:
    """Return the name of the first figure that cannot be set so, "" if there is none to set, or None."""
    if not isinstance(figures, Mapping) or not figures:
        return ""
    for name, value in figures.items():
        if name not in LIMITS or isinstance(value, bool) or not isinstance(value, int):
            return str(name)
        least, most = LIMITS[name]
        if not least <= value <= most:
            return str(name)
    return None


def with_figures(policy: Policy, figures: Mapping[str, int]) -> Policy:
    """Return the policy with some figures changed."""
    return replace(policy, **figures)
