"""The day the detectors look at, and a way to ask one of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from volunteers.integrity.choices import SignalKind
from volunteers.integrity.detectors import DETECTORS
from volunteers.integrity.findings import BusinessDay, Finding
from volunteers.integrity.thresholds import Thresholds

TUESDAY = date(2026, 9, 15)


@pytest.fixture
def find(db) -> Callable[..., list[Finding]]:
    """`find(kind, day=…, **thresholds)` is what a detector finds."""

    def ask(kind: SignalKind, *, day: date = TUESDAY, **limits: Any) -> list[Finding]:
        return list(DETECTORS[kind](BusinessDay(day), replace(Thresholds(), **limits)))

    return ask
