"""A volunteer with a place on a shift, and a phone to scan with."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.factories.attendance import CheckInPolicyFactory, code_of, make_place
from tests.factories.volunteers import SHIFT_STARTS
from volunteers.attendance import policies, services
from volunteers.attendance.choices import Intent
from volunteers.attendance.facts import Location

_SPRING = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def starts():
    """When the shift begins: 09:00 in Guiyang."""
    return SHIFT_STARTS


@pytest.fixture
def ends(starts):
    """When it ends: 12:00."""
    return starts + timedelta(hours=3)


@pytest.fixture
def place(db):
    """A confirmed place on the shift."""
    return make_place()


@pytest.fixture
def site(place):
    """Where the shift is."""
    return place.shift.activity.site


@pytest.fixture
def here(site):
    """Ten metres from the middle of the site."""
    return Location(site.latitude + 0.00009, site.longitude, accuracy_m=15)


@pytest.fixture
def scan(place, site):
    """`scan(intent, at, **more: Any)` scans what the site shows at that time, with a nonce of its own."""
    numbers = count(1)

    def scan_now(intent, at, **more: Any):
        given = {
            "volunteer_user_id": place.volunteer.user_id,
            "token": code_of(site, more.get("captured_at") or at),
            "intent": Intent(intent),
            "nonce": f"n{next(numbers)}",
            "at": at,
        }
        return services.scan(**given | more)

    return scan_now


@pytest.fixture
def put(db):
    """`put(scope, key, start, **figures)` writes a policy that holds from then on."""

    def write(scope, key="", start=_SPRING, **figures: int):
        made = CheckInPolicyFactory(scope=scope, scope_id=str(key), effective_from=start, figures=figures)
        policies.forget()
        return made

    return write
