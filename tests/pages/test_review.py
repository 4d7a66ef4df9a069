"""The manager at six o'clock: the overview by shift, the screen of one shift, and deciding."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.attendance import OpenAttendanceFactory
from tests.pages.scenes import (
    browser,
    came,
    make_activity,
    make_shift,
    make_volunteer,
    make_waiting,
    manager_of,
    scanned,
)
from volunteers.activities.models import Activity, Shift
from volunteers.attendance.choices import Flag
from volunteers.attendance.models import Attendance

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def activity() -> Activity:
    """What goes on at one site."""
    return make_activity()


@pytest.fixture
def shift(activity: Activity) -> Shift:
    """A shift of this morning, over by now."""
    return make_shift(starts_in=timedelta(hours=-5), activity=activity)


@pytest.fixture
def manager(activity: Activity) -> Client:
    """The site manager's browser."""
    return browser(manager_of(activity.site))


def opened(client: Client, shift: Shift) -> str:
    return client.get(reverse("pages:review", args=[shift.pk])).content.decode()


def counts(html: str) -> list[int]:
    """Clean, to look at, done."""
    return [int(number) for number in re.findall(r'data-count="\w+">(\d+)<', html)]


# --- the overview -----------------------------------------------------------------------------------------


def test_the_overview_leads_to_each_shift_with_its_counts(manager: Client, shift: Shift) -> None:
    came(shift)
    came(shift)
    came(shift, flags=[Flag.LATE])

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert re.findall(r'data-testid="load" data-id="(\d+)"', html) == [str(shift.pk)]
    assert "1 条要看" in html
    assert "2 条清楚" in html
    assert reverse("pages:review", args=[shift.pk]) in html


def test_one_phone_for_two_people_counts_as_something_to_look_at(manager: Client, shift: Shift) -> None:
    for _ in range(2):
        scanned(came(shift), "phone")
    came(shift)

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert "1 条清楚，2 条要看" in html


def test_decided_shifts_and_other_sites_are_not_in_the_overview(manager: Client, shift: Shift) -> None:
    make_waiting()
    row = came(shift)
    manager.post(reverse("pages:approve", args=[row.pk]))

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert 'data-testid="empty"' in html


def test_the_overview_can_be_narrowed_to_a_site(activity: Activity, shift: Shift) -> None:
    came(shift)
    elsewhere = make_waiting()
    client = browser(make_staff(Role.COMMUNITY_STAFF, "5201"))

    html = client.get(reverse("pages:approvals"), {"site": activity.site_id}).content.decode()

    assert elsewhere.site_id != activity.site_id
    assert re.findall(r'data-testid="load" data-id="(\d+)"', html) == [str(shift.pk)]


# --- the screen of one shift ------------------------------------------------------------------------------


def test_clean_rows_are_ticked_and_flagged_rows_say_what_to_look_at(manager: Client, shift: Shift) -> None:
    clean = came(shift)
    came(shift, flags=[Flag.LATE])

    html = opened(manager, shift)

    assert counts(html) == [1, 1, 0]
    assert re.findall(r'name="ids" value="(\d+)" checked', html) == [str(clean.pk)]
    assert "看：迟到" in html


def test_a_shared_phone_says_with_how_many(manager: Client, shift: Shift) -> None:
    for _ in range(3):
        scanned(came(shift), "phone")

    html = opened(manager, shift)

    assert html.count("看：与另 2 人同一手机签到") == 3


def test_names_are_masked_and_told_apart_by_the_end_of_the_number(manager: Client, shift: Shift) -> None:
    volunteer = make_volunteer(name="张晓明")
    came(shift, volunteer=volunteer)

    html = opened(manager, shift)

    assert f"张*明 <small>{volunteer.number[-4:]}</small>" in html
    assert "张晓明" not in html
    assert volunteer.number not in html


def test_who_is_still_in_service_is_counted_and_not_offered(manager: Client, shift: Shift) -> None:
    OpenAttendanceFactory(shift=shift, volunteer=make_volunteer())

    html = opened(manager, shift)

    assert "还有 1 人在服务" in html
    assert 'data-testid="attendance"' not in html


def test_decided_rows_stay_with_what_became_of_them(manager: Client, shift: Shift) -> None:
    approved, rejected = came(shift), came(shift)
    manager.post(reverse("pages:approve", args=[approved.pk]))
    manager.post(reverse("pages:reject", args=[rejected.pk]), {"reason": "没有见到本人"})

    html = opened(manager, shift)

    assert counts(html) == [0, 0, 2]
    assert "已通过，计入 3 小时" in html
    assert "未通过：没有见到本人" in html
    assert 'name="ids"' not in html


def test_a_managers_own_row_is_for_somebody_else(activity: Activity, shift: Shift) -> None:
    volunteer = make_volunteer(user=manager_of(activity.site))
    came(shift, volunteer=volunteer)

    html = opened(browser(volunteer.user), shift)

    assert "您本人的，由另一位同事确认" in html
    assert counts(html) == [0, 0, 0]
    assert 'name="ids"' not in html


def test_a_missed_check_out_shows_no_invented_end(manager: Client, shift: Shift) -> None:
    row = came(shift, checked_out_at=None, minutes=None, flags=[Flag.FORGOT_CHECK_OUT])

    html = opened(manager, shift)
    alone = manager.get(reverse("pages:attendance", args=[row.pk])).content.decode()

    assert "–未签退" in html
    assert 'data-testid="approve"' not in alone
    assert Attendance.objects.get().checked_out_at is None


def test_a_night_shift_says_that_it_ended_the_next_day(manager: Client, activity: Activity) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    shift = make_shift(starts_in=midnight - timedelta(hours=2) - timezone.now(), activity=activity)
    came(shift)

    html = opened(manager, shift)

    assert "22:00–次日 01:00" in html


def test_another_sites_shift_is_not_found(manager: Client) -> None:
    foreign = make_waiting()

    shown = manager.get(reverse("pages:review", args=[foreign.shift_id]))
    polled = manager.get(reverse("pages:review-fresh", args=[foreign.shift_id]))
    alone = manager.get(reverse("pages:attendance", args=[foreign.pk]))

    assert (shown.status_code, polled.status_code, alone.status_code) == (404, 404, 404)


# --- what comes in meanwhile ------------------------------------------------------------------------------


def polled(client: Client, shift: Shift, *known: Attendance) -> tuple[int, str]:
    address = reverse("pages:review-fresh", args=[shift.pk])
    response = client.get(address, {"known": ",".join(str(row.pk) for row in known)}, headers=HTMX)
    return response.status_code, response.content.decode()


def test_nothing_new_says_nothing(manager: Client, shift: Shift) -> None:
    assert polled(manager, shift, came(shift)) == (204, "")


def test_only_the_new_row_comes(manager: Client, shift: Shift) -> None:
    known, new = came(shift), came(shift)

    status, html = polled(manager, shift, known)

    assert status == 200
    assert re.findall(r'data-id="(\d+)"', html) == [str(new.pk)]
    assert "hx-swap-oob" not in html


def test_what_a_colleague_decided_comes_as_a_decided_row(manager: Client, shift: Shift) -> None:
    known = came(shift)
    manager.post(reverse("pages:approve", args=[known.pk]))

    _, html = polled(manager, shift, known)

    assert f'id="a{known.pk}"' in html
    assert 'hx-swap-oob="true"' in html
    assert "已通过" in html


@pytest.mark.parametrize("known", ["", "x,,-1", "9" * 40, "1," * 9000])
def test_rubbish_for_known_rows_is_no_row(manager: Client, shift: Shift, known: str) -> None:
    response = manager.get(reverse("pages:review-fresh", args=[shift.pk]), {"known": known})

    assert response.status_code == 204
