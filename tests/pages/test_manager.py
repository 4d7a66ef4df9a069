"""A site manager's pages."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory, OpenAttendanceFactory
from tests.pages.scenes import browser, make_activity, make_shift, make_volunteer, make_waiting, manager_of
from venues.sites.models import SiteStatus
from venues.sites.services import rotate_key
from volunteers.activities.models import Activity

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def activity() -> Activity:
    """What goes on at one site."""
    return make_activity()


@pytest.fixture
def manager(activity: Activity) -> Client:
    """The site manager's browser."""
    return browser(manager_of(activity.site))


def test_today_shows_who_is_here_the_shifts_and_what_waits(manager: Client, activity: Activity) -> None:
    shift = make_shift(starts_in=timedelta(0), activity=activity)
    OpenAttendanceFactory(shift=shift, volunteer=make_volunteer())
    make_waiting(activity=activity)

    html = manager.get(reverse("pages:manage")).content.decode()

    assert re.findall(r'data-testid="live">(\d+)<', html) == ["1"]
    assert "有 1 条考勤等您确认。" in html
    assert "导诊" in html


def test_today_leads_to_each_shift_with_who_is_there_and_who_waits(
    manager: Client, activity: Activity
) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    shift = make_shift(starts_in=midnight - timezone.now(), hours=24, activity=activity)
    OpenAttendanceFactory(shift=shift, volunteer=make_volunteer())
    AttendanceFactory(shift=shift, volunteer=make_volunteer())
    make_waiting(activity=activity)

    html = manager.get(reverse("pages:manage")).content.decode()

    line = html.split(reverse("pages:review", args=[shift.pk]))[1].split("</a>")[0]
    assert "在场 1" in line
    assert "待确认 1" in line
    assert "2 条待确认" in html


@pytest.mark.parametrize("name", ["display", "scanner", "poster"])
def test_today_leads_to_what_stands_at_the_door(manager: Client, activity: Activity, name: str) -> None:
    html = manager.get(reverse("pages:manage")).content.decode()

    assert f'href="{reverse(f"pages:{name}", args=[activity.site_id])}"' in html


def test_today_leaves_out_other_managers_sites(manager: Client, activity: Activity) -> None:
    make_activity()

    html = manager.get(reverse("pages:manage")).content.decode()

    assert re.findall(r'data-testid="site" data-id="(\d+)"', html) == [str(activity.site_id)]


# --- the screen -------------------------------------------------------------------------------------------


def test_the_screen_has_a_code_before_any_script_runs(manager: Client, activity: Activity) -> None:
    html = manager.get(reverse("pages:display", args=[activity.site_id])).content.decode()

    assert "<svg" in html
    assert activity.site.name in html


def test_the_screen_gets_codes_for_ten_minutes_without_a_gap(manager: Client, activity: Activity) -> None:
    answer = manager.get(reverse("pages:display-codes", args=[activity.site_id])).json()

    codes = answer["codes"]
    assert codes[0]["from"] <= answer["now"] < codes[0]["until"]
    assert all(one["until"] == next_one["from"] for one, next_one in pairwise(codes))
    assert codes[-1]["until"] - answer["now"] >= 600_000
    assert len({code["token"] for code in codes}) == len(codes)


def test_a_screen_that_has_codes_gets_only_those_after_them(manager: Client, activity: Activity) -> None:
    address = reverse("pages:display-codes", args=[activity.site_id])
    first = manager.get(address).json()
    until = first["codes"][-3]["until"]

    rest = manager.get(address, {"until": until, "key": first["key"]}).json()["codes"]

    assert len(rest) in {2, 3}  # a window may have passed between the two questions
    assert [code["from"] for code in rest[:2]] == [code["from"] for code in first["codes"][-2:]]


def test_after_a_change_of_the_key_a_screen_gets_every_code_anew(manager: Client, activity: Activity) -> None:
    address = reverse("pages:display-codes", args=[activity.site_id])
    first = manager.get(address).json()
    rotate_key(site=activity.site, actor=make_actor(Role.PLATFORM_ADMIN), at=timezone.now())

    again = manager.get(address, {"until": first["codes"][-1]["until"], "key": first["key"]}).json()

    assert again["key"] != first["key"]
    assert len(again["codes"]) == len(first["codes"])


@pytest.mark.parametrize("until", ["", "x", "-1", "9" * 18, "1e9"])
def test_rubbish_for_the_codes_a_screen_has_is_answered(
    manager: Client, activity: Activity, until: str
) -> None:
    address = reverse("pages:display-codes", args=[activity.site_id])

    response = manager.get(address, {"until": until, "key": "1"})

    assert response.status_code == 200


def test_a_code_sent_ahead_checks_in_when_its_time_comes(manager: Client, activity: Activity) -> None:
    codes = manager.get(reverse("pages:display-codes", args=[activity.site_id])).json()["codes"]

    landing = browser(make_volunteer().user).get(reverse("pages:scan", args=[codes[0]["token"]]))

    assert landing.status_code == 200


def test_a_closed_site_has_no_screen(manager: Client, activity: Activity) -> None:
    activity.site.status = SiteStatus.CLOSED
    activity.site.save()

    response = manager.get(reverse("pages:display", args=[activity.site_id]))

    assert response.status_code == 409
    assert "这个站点已关闭" in response.content.decode()
