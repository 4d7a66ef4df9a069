"""Every detector there is. Each looks at one business day and writes nothing."""

from collections.abc import Callable, Iterator, Mapping

from volunteers.integrity import approval_signals, presence_signals
from volunteers.integrity.choices import SignalKind
from volunteers.integrity.findings import BusinessDay, Finding
from volunteers.integrity.thresholds import Thresholds

Detector = Callable[[BusinessDay, Thresholds], Iterator[Finding]]

DETECTORS: Mapping[SignalKind, Detector] = {
    SignalKind.SAME_DEVICE: presence_signals.same_device,
    SignalKind.FAST_TRAVEL: presence_signals.fast_travel,
    SignalKind.SAME_DURATION: presence_signals.same_duration,
    SignalKind.CLOSED_HOURS: presence_signals.closed_hours,
    SignalKind.OVER_CAPACITY: presence_signals.over_capacity,
    SignalKind.QUICK_APPROVAL: approval_signals.quick_approval,
    SignalKind.MANUAL_SHARE: approval_signals.manual_share,
    SignalKind.RELATED_PHONE: approval_signals.related_phone,
    SignalKind.SAME_HOUSEHOLD: approval_signals.same_household,
}
