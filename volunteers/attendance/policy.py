"""The adjustable figures of check-in. None of them is law: they are the platform's defaults (rules.md D)."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the door is. `settings.CHECKIN_POLICY` (a dict of these names) changes any of them."""

    early_minutes: int = 30  # check-in opens this long before the shift
    late_minutes: int = 15  # after this it still opens, flagged late
    close_after_minutes: int = 30  # after the shift the clock closes what nobody checked out
    late_check_out_hours: int = 12  # after the shift a check-out is still taken down, flagged
    offline_hours: int = 72  # how old a scan kept on the phone may be
    clock_skew_seconds: int = 120  # how far ahead a phone's clock may run
    code_tolerance_windows: int = 1  # how many 30 s windows a screen's code may be old
    accuracy_limit_m: int = 300  # a vaguer position proves nothing
    accompanied_until_age: int = 10  # younger volunteers need the guardian on site


def current_policy() -> Policy:
    """Return the policy in force."""
    return Policy(**getattr(settings, "CHECKIN_POLICY", {}))
