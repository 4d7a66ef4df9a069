"""From when on something is a signal. None of it is law: these are practice figures (rules.md D, E)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from volunteers.integrity.choices import SignalKind


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The figures of the detectors. `settings.INTEGRITY` (a dict of these names) changes any of them."""

    same_device_people: int = 3  # so many people with one phone at one site …
    same_device_minutes: int = 30  # … within so many minutes
    travel_kmh: int = 150  # nobody gets from site to site faster
    travel_least_m: int = 2_000  # nearer sites are one neighbourhood, where clocks blur
    same_duration_people: int = 5  # so many presences of one shift equally long to the second …
    same_duration_percent: int = 10  # … and so much of the shift: in a crowd some are equal by chance
    quick_seconds: int = 10  # approved so soon after the last scan came in …
    quick_approvals: int = 3  # … so often in a day, by one person at one site
    closed_margin_minutes: int = 30  # who comes before opening or leaves after closing is no stranger
    manual_days: int = 30  # the share of hours entered by hand, over so many days …
    manual_least: int = 5  # … from so many records on …
    manual_percent: int = 30  # … is high from here on …
    manual_times_peers: int = 3  # … and when it is so many times the others' of the county
    capacity_spare_percent: int = 0  # how far a site may be fuller than its shifts' places
    capacity_margin_minutes: int = 30  # a shift's places count so long before and after it
    look_back_days: int = 4  # a scan may arrive three days late, so the last days are looked at again
    score_days: int = 90  # how long a signal counts
    audit_percent: int = 2  # how much of a week's records is checked


# What a signal that nobody cleared counts in the score of a manager or a site.
WEIGHTS: Mapping[SignalKind, int] = {
    SignalKind.SAME_DEVICE: 3,
    SignalKind.FAST_TRAVEL: 5,
    SignalKind.SAME_DURATION: 4,
    SignalKind.QUICK_APPROVAL: 2,
    SignalKind.CLOSED_HOURS: 1,
    SignalKind.MANUAL_SHARE: 4,
    SignalKind.RELATED_PHONE: 3,
    SignalKind.SAME_HOUSEHOLD: 3,
    SignalKind.OVER_CAPACITY: 3,
}


def current_thresholds() -> Thresholds:
    """Return the figures in force."""
    return Thresholds(**getattr(settings, "INTEGRITY", {}))
