"""What is overdue, on the pages of those whose task it is."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.attendance import AttendanceFactory
from tests.factories.tickets import PublicObjectionFactory
from tests.pages.scenes import (
    browser,
    make_activity,
    make_shift,
    make_volunteer,
    make_waiting,
    manager_of,
)
from volunteers.activities.models import Activity
from volunteers.attendance.models import Attendance
from volunteers.records.deadlines import warn_of_deadlines

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity() -> Activity:
    """What goes on at one site."""
    return make_activity()


def html_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def late(activity: Activity) -> Attendance:
    """One attendance of two months ago, beside one of this morning."""
    make_waiting(activity=activity)
    shift = make_shift(starts_in=-timedelta(days=60), activity=activity)
    waiting: Attendance = AttendanceFactory(shift=shift, volunteer=make_volunteer())
    return waiting


def test_the_overdue_list_says_whose_task_it_is(activity: Activity) -> None:
    row = late(activity)
    manager = browser(manager_of(activity.site))

    html = html_of(manager, reverse("pages:overdue"))

    assert re.findall(r'data-testid="overdue" data-id="(\d+)"', html) == [str(row.pk)]
    assert activity.responsible_name in html
    assert re.search(r"超期 \d\d 个工作日", html)
    assert "去确认" in html


def test_a_supervisor_reads_it_and_decides_nothing(activity: Activity) -> None:
    late(activity)
    supervisor = browser(make_staff(Role.SUPERVISOR, "5201"))

    html = html_of(supervisor, reverse("pages:overdue"))

    assert "超期" in html
    assert "去确认" not in html
    assert 'data-testid="nav-overdue"' in html


def test_the_managers_first_page_reminds(activity: Activity) -> None:
    late(activity)
    PublicObjectionFactory(attendance=Attendance.objects.latest("pk"), raised_at=timezone.now())
    warn_of_deadlines(at=timezone.now())

    html = html_of(browser(manager_of(activity.site)), reverse("pages:manage"))

    assert "1 条考勤已到第十个工作日" in html
    assert re.search(r"更正和异议\s*<span[^>]*>1<", html)
