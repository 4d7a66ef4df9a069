"""Somebody at every page, with plenty on it."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.attendance import AttendanceFactory, ForgottenAttendanceFactory, ServiceRecordFactory
from tests.factories.events import make_dead_event, make_event
from tests.factories.integrity import AuditDrawFactory, AuditItemFactory, SignalFactory
from tests.factories.proof import three_days
from tests.factories.regions import make_path
from tests.factories.tickets import CorrectionFactory, PublicObjectionFactory
from tests.pages.scenes import (
    browser,
    code_on_screen,
    give_points,
    make_activity,
    make_crowd,
    make_donation,
    make_place,
    make_shift,
    make_shop,
    make_volunteer,
    make_waiting,
    manager_of,
)
from tests.pages.visits_giving import VISITS as GIVING_VISITS
from tests.pages.visits_market import VISITS as MARKET_VISITS
from tests.pages.visits_need import VISITS as NEED_VISITS
from tests.pages.visits_openness import VISITS as OPENNESS_VISITS
from tests.pages.visits_rules import ROWS, Visit
from tests.pages.visits_rules import VISITS as RULE_VISITS
from tests.pages.visits_stockroom import VISITS as STOCKROOM_VISITS

MOST_ON_A_SCREEN = 500


def _home() -> Visit:
    for _ in range(4):
        make_shift(starts_in=timedelta(days=1))
    make_donation(make_shop())
    return browser(), reverse("pages:home")


def _activities() -> Visit:
    for _ in range(ROWS):
        make_shift(starts_in=timedelta(days=1))
    return browser(), reverse("pages:activities")


def _boards() -> Visit:
    shop = make_shop()
    for number in range(ROWS):
        make_donation(shop, name=f"光明粮油店{number}")
    return browser(), reverse("pages:boards") + "?board=donors"


def _donation() -> Visit:
    return browser(), reverse("pages:donation", args=[make_donation(make_shop()).number])


def _login() -> Visit:
    return browser(), reverse("pages:login")


def _staff_login() -> Visit:
    return browser(), reverse("pages:staff-login")


def _register() -> Visit:
    make_path()
    return browser(UserFactory()), reverse("pages:register")


def _me() -> Visit:
    volunteer = make_volunteer()
    make_place(volunteer, make_shift(starts_in=timedelta(days=1)))
    return browser(volunteer.user), reverse("pages:me")


def _shifts() -> Visit:
    for _ in range(ROWS):
        make_shift(starts_in=timedelta(days=1))
    return browser(make_volunteer().user), reverse("pages:shifts")


def _shift() -> Visit:
    return browser(make_volunteer().user), reverse("pages:shift", args=[make_shift().pk])


def _records() -> Visit:
    volunteer = make_volunteer()
    for day in range(ROWS):
        shift = make_shift(starts_in=timedelta(days=-day - 1))
        ForgottenAttendanceFactory(volunteer=volunteer, shift=shift)
    return browser(volunteer.user), reverse("pages:records")


def _my_pass() -> Visit:
    return browser(make_volunteer().user), reverse("pages:my-pass")


def _cards() -> Visit:
    client = browser(make_staff(Role.COMMUNITY_STAFF, "5201"))
    numbers = [make_volunteer().number for _ in range(ROWS)]
    client.post(reverse("pages:cards"), {"numbers": " ".join(numbers)})
    return client, f"{reverse('pages:cards')}?numbers={','.join(numbers)}"


def _points() -> Visit:
    volunteer = make_volunteer()
    for _ in range(ROWS):
        give_points(volunteer, 10)
    return browser(volunteer.user), reverse("pages:points")


def _proof() -> Visit:
    three_days()
    return browser(), reverse("pages:proof")


def _my_proof() -> Visit:
    return browser(three_days().user), reverse("pages:my-proof")


def _scan() -> Visit:
    shift, volunteer = make_shift(), make_volunteer()
    make_place(volunteer, shift)
    return browser(volunteer.user), reverse("pages:scan", args=[code_on_screen(shift.activity.site)])


def _waiting() -> Visit:
    return browser(make_volunteer().user), reverse("pages:scan-waiting")


def _offline() -> Visit:
    return browser(make_volunteer().user), reverse("pages:scan-offline")


def _manage() -> Visit:
    return browser(manager_of(make_shift().activity.site)), reverse("pages:manage")


def _display() -> Visit:
    site = make_activity().site
    return browser(manager_of(site)), reverse("pages:display", args=[site.pk])


def _scanner() -> Visit:
    site = make_activity().site
    return browser(manager_of(site)), reverse("pages:scanner", args=[site.pk])


def _poster() -> Visit:
    site = make_activity().site
    return browser(manager_of(site)), reverse("pages:poster", args=[site.pk])


def _paper() -> Visit:
    shift = make_shift(starts_in=timedelta(hours=-5))
    return browser(manager_of(shift.activity.site)), reverse("pages:paper", args=[shift.pk])


def _approvals() -> Visit:
    activity = make_activity()
    for _ in range(60):
        make_waiting(activity=activity)
    return browser(manager_of(activity.site)), reverse("pages:approvals")


def _full_records() -> Visit:
    volunteer = make_volunteer()
    for day in range(ROWS):
        shift = make_shift(starts_in=-timedelta(days=day + 2))
        record = ServiceRecordFactory(attendance__volunteer=volunteer, attendance__shift=shift)
        CorrectionFactory(record=record)
    return browser(volunteer.user), reverse("pages:records")


def _correct() -> Visit:
    record = ServiceRecordFactory()
    return browser(record.volunteer.user), reverse("pages:record-correct", args=[record.pk])


def _object() -> Visit:
    record = ServiceRecordFactory()
    return browser(record.volunteer.user), reverse("pages:record-object", args=[record.pk])


def _objections() -> Visit:
    return browser(), f"{reverse('pages:objections')}?ticket={PublicObjectionFactory().ticket}"


def _tickets() -> Visit:
    activity = make_activity()
    for _ in range(ROWS):
        PublicObjectionFactory(attendance=make_waiting(activity=activity), contact="13800001234")
    return browser(manager_of(activity.site)), reverse("pages:tickets")


def _corrections() -> Visit:
    activity = make_activity()
    for day in range(ROWS):
        shift = make_shift(starts_in=-timedelta(days=day + 2), activity=activity)
        CorrectionFactory(record=ServiceRecordFactory(attendance__shift=shift))
    return browser(manager_of(activity.site)), reverse("pages:tickets")


def _overdue() -> Visit:
    activity = make_activity()
    for day in range(ROWS):
        AttendanceFactory(shift=make_shift(starts_in=-timedelta(days=day + 40), activity=activity))
    return browser(manager_of(activity.site)), reverse("pages:overdue")


def _review() -> Visit:
    shift = make_shift(starts_in=timedelta(hours=-5))
    make_crowd(shift, MOST_ON_A_SCREEN)
    return browser(manager_of(shift.activity.site)), reverse("pages:review", args=[shift.pk])


def _attendance() -> Visit:
    row = make_waiting()
    return browser(manager_of(row.site)), reverse("pages:attendance", args=[row.pk])


def _policies() -> Visit:
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:policies")


def _qualifications() -> Visit:
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:qualifications")


def _integrity() -> Visit:
    for _ in range(ROWS):
        record = ServiceRecordFactory()
        SignalFactory(
            site=record.attendance.site,
            volunteer=record.volunteer,
            evidence={
                "peak_at": record.started_at.isoformat(),
                "people": 12,
                "places": 10,
                "attendances": [record.attendance_id],
            },
        )
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:integrity")


def _audits() -> Visit:
    draw = AuditDrawFactory()
    for place in range(ROWS):
        AuditItemFactory(draw=draw, place=place + 1)
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:integrity-audits")


def _scores() -> Visit:
    for _ in range(ROWS):
        SignalFactory(day=timezone.localdate())
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:integrity-scores")


def _when() -> Visit:
    volunteer = make_volunteer()
    for day in range(ROWS):
        shift = make_shift(starts_in=-timedelta(days=day + 2))
        record = ServiceRecordFactory(attendance__volunteer=volunteer, attendance__shift=shift)
        make_event(key=f"volunteer:{volunteer.pk}", payload={"record_id": record.pk})
        AttendanceFactory(volunteer=volunteer, shift=make_shift(starts_in=-timedelta(days=day + 40)))
    return browser(volunteer.user), reverse("pages:points-when")


def _events() -> Visit:
    for number in range(ROWS):
        make_dead_event(key=f"volunteer:{number}", last_error="x" * 500)
    return browser(make_staff(Role.PLATFORM_ADMIN)), reverse("pages:events")


def _unknown() -> Visit:
    return browser(), "/nothing/"


def _forbidden() -> Visit:
    return browser(make_volunteer().user), reverse("pages:counter")


VISITS: dict[str, Callable[[], Visit]] = (
    {
        made.__name__.strip("_"): made
        for made in (
            _home,
            _activities,
            _boards,
            _donation,
            _login,
            _staff_login,
            _register,
            _me,
            _shifts,
            _shift,
            _records,
            _my_pass,
            _cards,
            _points,
            _proof,
            _my_proof,
            _scan,
            _waiting,
            _offline,
            _manage,
            _display,
            _scanner,
            _poster,
            _paper,
            _approvals,
            _full_records,
            _correct,
            _object,
            _objections,
            _tickets,
            _corrections,
            _overdue,
            _review,
            _attendance,
            _policies,
            _qualifications,
            _integrity,
            _audits,
            _scores,
            _when,
            _events,
            _unknown,
            _forbidden,
        )
    }
    | RULE_VISITS
    | MARKET_VISITS
    | STOCKROOM_VISITS
    | OPENNESS_VISITS
    | GIVING_VISITS
    | NEED_VISITS
)
