"""Lists cost the same number of statements however long they are."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.accounts.scopes import Role
from tests.factories.accounts import StaffFactory, make_staff
from tests.factories.attendance import (
    AttendanceFactory,
    ForgottenAttendanceFactory,
    OpenAttendanceFactory,
    ServiceRecordFactory,
)
from tests.factories.integrity import AuditDrawFactory, AuditItemFactory, SignalFactory
from tests.factories.ledger import default_rules
from tests.pages.scenes import (
    browser,
    give_points,
    make_activity,
    make_crowd,
    make_draft,
    make_place,
    make_redemption,
    make_shift,
    make_shop,
    make_volunteer,
    make_waiting,
    manager_of,
)

pytestmark = pytest.mark.django_db

Visit = tuple[Client, str]
TOMORROW = timedelta(days=1)


def _home(items: int) -> Visit:
    for _ in range(items):
        make_shift(starts_in=TOMORROW)
    return browser(), reverse("pages:home")


def _activities(items: int) -> Visit:
    for _ in range(items):
        make_shift(starts_in=TOMORROW)
    return browser(), reverse("pages:activities")


def _shifts(items: int) -> Visit:
    volunteer = make_volunteer()
    for day in range(items):
        make_shift(starts_in=TOMORROW)
        make_place(volunteer, make_shift(starts_in=(day + 2) * TOMORROW))
    return browser(volunteer.user), reverse("pages:shifts")


def _me(items: int) -> Visit:
    volunteer = make_volunteer()
    for day in range(items):
        shift = make_shift(starts_in=-(day + 2) * TOMORROW)
        ForgottenAttendanceFactory(volunteer=volunteer, shift=shift)
    return browser(volunteer.user), reverse("pages:me")


def _cards(items: int) -> Visit:
    client = browser(make_staff(Role.COMMUNITY_STAFF, "5201"))
    numbers = ",".join(make_volunteer().number for _ in range(items))
    client.post(reverse("pages:cards"), {"numbers": numbers})
    return client, f"{reverse('pages:cards')}?numbers={numbers}"


def _records(items: int) -> Visit:
    volunteer = make_volunteer()
    for day in range(items):
        shift = make_shift(starts_in=-(day + 2) * TOMORROW)
        ServiceRecordFactory(attendance__volunteer=volunteer, attendance__shift=shift)
        AttendanceFactory(volunteer=volunteer, shift=make_shift(starts_in=-(day + 20) * TOMORROW))
    return browser(volunteer.user), reverse("pages:records")


def _points(items: int) -> Visit:
    volunteer = make_volunteer()
    for _ in range(items):
        give_points(volunteer, 10)
    return browser(volunteer.user), reverse("pages:points")


def _shelf(items: int) -> Visit:
    shop = make_shop(products=items)
    return browser(make_volunteer().user), reverse("pages:shelf-store", args=[shop.store.pk])


def _redemptions(items: int) -> Visit:
    volunteer, shop = make_volunteer(), make_shop(person_limit=None)
    for _ in range(items):
        make_redemption(volunteer, shop)
    return browser(volunteer.user), reverse("pages:redemptions")


def _manage(items: int) -> Visit:
    for _ in range(items):
        activity = make_activity()
        OpenAttendanceFactory(
            shift=make_shift(starts_in=timedelta(0), activity=activity), volunteer=make_volunteer()
        )
        make_waiting(activity=activity)
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:manage")


def _approvals(items: int) -> Visit:
    activity = make_activity()
    for _ in range(items):
        make_waiting(activity=activity, flags=["late"])
    return browser(manager_of(activity.site)), reverse("pages:approvals")


def _review(items: int) -> Visit:
    shift = make_shift(starts_in=timedelta(hours=-5))
    make_crowd(shift, items)
    return browser(manager_of(shift.activity.site)), reverse("pages:review", args=[shift.pk])


def _rules(items: int) -> Visit:
    default_rules()
    for _ in range(items):
        make_draft()
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:rules")


def _integrity(items: int) -> Visit:
    for _ in range(items):
        record = ServiceRecordFactory()
        SignalFactory(
            site=record.attendance.site,
            manager=StaffFactory(display_name="王芳"),
            volunteer=record.volunteer,
            kind="related_phone",
            evidence={"records": 1, "minutes": 180, "attendances": [record.attendance_id]},
        )
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:integrity")


def _audits(items: int) -> Visit:
    for place in range(items):
        AuditItemFactory(draw=AuditDrawFactory(), place=place + 1)
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:integrity-audits")


def _counter(items: int) -> Visit:
    shop = make_shop()
    for _ in range(items):
        redemption = make_redemption(make_volunteer(), shop)
        browser(shop.clerk).post(reverse("pages:counter"), {"code": redemption.code, "step": "collect"})
    return browser(shop.clerk), reverse("pages:counter")


LISTS: dict[str, Callable[[int], Visit]] = {
    made.__name__.strip("_"): made
    for made in (
        _home,
        _activities,
        _shifts,
        _me,
        _records,
        _cards,
        _points,
        _shelf,
        _redemptions,
        _manage,
        _approvals,
        _review,
        _rules,
        _integrity,
        _audits,
        _counter,
    )
}
# Session, user, memberships and volunteer included; a page that needs more has grown a habit.
MOST = {
    "home": 10,
    "activities": 3,
    "shifts": 7,
    "me": 11,
    "records": 10,
    "cards": 5,
    "points": 9,
    "shelf": 8,
    "redemptions": 7,
    "manage": 17,  # what waits for whom: each kind is counted
    "approvals": 8,
    "review": 10,
    "rules": 16,
    "integrity": 6,
    "audits": 6,
    "counter": 9,
}


def _cost(visit: Visit) -> int:
    """Count the statements of a page that was opened before, so that boards come from their cache."""
    client, address = visit
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as statements:
        client.get(address)
    return len(statements)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_any_length_costs_the_same(name: str) -> None:
    short = _cost(LISTS[name](1))
    long = _cost(LISTS[name](3))

    assert (long, long <= MOST[name]) == (short, True)


def test_five_hundred_people_on_a_shift_cost_as_many_statements_as_one() -> None:
    assert _cost(_review(500)) == _cost(_review(1))
