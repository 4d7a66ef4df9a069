"""A site manager's pages."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.attendance import OpenAttendanceFactory
from tests.factories.tickets import ObjectionFactory
from tests.pages.scenes import browser, make_activity, make_shift, make_volunteer, make_waiting, manager_of
from venues.sites.models import SiteStatus
from volunteers.activities.models import Activity
from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.attendance.models import Attendance
from volunteers.records.models import ServiceRecord

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


def test_today_leaves_out_other_managers_sites(manager: Client, activity: Activity) -> None:
    make_activity()

    html = manager.get(reverse("pages:manage")).content.decode()

    assert re.findall(r'data-testid="site" data-id="(\d+)"', html) == [str(activity.site_id)]


# --- the screen -------------------------------------------------------------------------------------------


def test_the_screen_has_a_code_before_any_script_runs(manager: Client, activity: Activity) -> None:
    html = manager.get(reverse("pages:display", args=[activity.site_id])).content.decode()

    assert "<svg" in html
    assert activity.site.name in html


def test_the_screen_gets_codes_for_more_than_three_minutes_without_a_gap(
    manager: Client, activity: Activity
) -> None:
    answer = manager.get(reverse("pages:display-codes", args=[activity.site_id])).json()

    codes = answer["codes"]
    assert codes[0]["from"] <= answer["now"] < codes[0]["until"]
    assert all(one["until"] == next_one["from"] for one, next_one in pairwise(codes))
    assert codes[-1]["until"] - answer["now"] >= 180_000
    assert len({code["token"] for code in codes}) == len(codes)


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


# --- deciding ---------------------------------------------------------------------------------------------


def test_clean_rows_are_ticked_and_flagged_rows_say_what_to_look_at(
    manager: Client, activity: Activity
) -> None:
    clean = make_waiting(activity=activity)
    make_waiting(activity=activity, flags=[Flag.LATE])

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert "1 条清楚，1 条要看" in html
    assert re.findall(r'name="ids" value="(\d+)" checked', html) == [str(clean.pk)]
    assert "看：迟到" in html


def test_rows_say_by_when_and_what_is_under_objection(manager: Client, activity: Activity) -> None:
    ObjectionFactory(attendance=make_waiting(activity=activity))

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert re.search(r"最晚 .+ 确认", html)
    assert "看：有异议，核查中" in html


def test_names_are_masked_in_the_list(manager: Client, activity: Activity) -> None:
    make_waiting(activity=activity, volunteer=make_volunteer(name="张晓明"))

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert "张*明" in html
    assert "张晓明" not in html


def test_the_ticked_rows_are_approved_together(manager: Client, activity: Activity) -> None:
    rows = [make_waiting(activity=activity), make_waiting(activity=activity)]
    flagged = make_waiting(activity=activity, flags=[Flag.LATE])

    response = manager.post(reverse("pages:approve-many"), {"ids": [row.pk for row in rows]}, follow=True)

    assert "已通过 2 条，积分随后到账。" in response.content.decode()
    assert ServiceRecord.objects.count() == 2
    flagged.refresh_from_db()
    assert flagged.status == AttendanceStatus.PENDING


def test_another_sites_rows_are_refused_and_nothing_is_written(manager: Client) -> None:
    foreign = make_waiting()

    response = manager.post(reverse("pages:approve-many"), {"ids": [foreign.pk]}, follow=True)

    assert "已通过 0 条" in response.content.decode()
    assert not ServiceRecord.objects.exists()


def test_one_row_is_approved_in_its_place(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity, flags=[Flag.LATE])

    html = manager.post(reverse("pages:approve", args=[row.pk]), headers=HTMX).content.decode()

    assert "已通过，计入 3 小时" in html
    assert f'id="attendance-{row.pk}"' in html
    assert ServiceRecord.objects.get().minutes == 180


def test_approving_twice_writes_one_record(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    first = manager.post(reverse("pages:approve", args=[row.pk]), headers=HTMX)
    second = manager.post(reverse("pages:approve", args=[row.pk]), headers=HTMX)

    assert (first.status_code, second.status_code) == (200, 200)
    assert ServiceRecord.objects.count() == 1


def test_other_minutes_need_a_reason_and_what_was_typed_stays(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    response = manager.post(
        reverse("pages:adjust", args=[row.pk]), {"minutes": "90", "reason": ""}, headers=HTMX
    )

    html = response.content.decode()
    assert response.status_code == 400
    assert 'value="90"' in html
    assert 'data-testid="refusal"' in html
    assert not ServiceRecord.objects.exists()


def test_adjusted_minutes_are_the_ones_recorded(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    html = manager.post(
        reverse("pages:adjust", args=[row.pk]), {"minutes": "90", "reason": "中途离开"}, headers=HTMX
    ).content.decode()

    assert "已通过，计入 1 小时 30 分" in html
    assert ServiceRecord.objects.get().minutes == 90


def test_more_than_the_presence_is_refused_in_the_row(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    response = manager.post(
        reverse("pages:adjust", args=[row.pk]), {"minutes": "600", "reason": "多一些"}, headers=HTMX
    )

    assert response.status_code == 400
    assert 'data-code="minutes_exceed_shift"' in response.content.decode()


def test_rejecting_tells_why(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    html = manager.post(
        reverse("pages:reject", args=[row.pk]), {"reason": "当天没有见到本人"}, headers=HTMX
    ).content.decode()

    row.refresh_from_db()
    assert "已退回，理由已告诉本人" in html
    assert (row.status, row.decision_reason) == (AttendanceStatus.REJECTED, "当天没有见到本人")


def test_rejecting_without_a_reason_is_refused(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    response = manager.post(reverse("pages:reject", args=[row.pk]), {"reason": " "}, headers=HTMX)

    row.refresh_from_db()
    assert (response.status_code, row.status) == (400, AttendanceStatus.PENDING)


@pytest.mark.parametrize("name", ["approve", "adjust", "reject"])
def test_another_sites_row_is_not_found(manager: Client, name: str) -> None:
    foreign = make_waiting()

    response = manager.post(
        reverse(f"pages:{name}", args=[foreign.pk]), {"minutes": "60", "reason": "不在场"}, headers=HTMX
    )

    foreign.refresh_from_db()
    assert (response.status_code, foreign.status) == (404, AttendanceStatus.PENDING)


def test_without_scripts_deciding_leads_back_to_the_list(manager: Client, activity: Activity) -> None:
    row = make_waiting(activity=activity)

    response = manager.post(reverse("pages:approve", args=[row.pk]), follow=True)

    assert "已通过，计入 3 小时" in response.content.decode()


def test_the_list_tells_what_came_in_since_it_was_opened(manager: Client, activity: Activity) -> None:
    known = make_waiting(activity=activity)
    quiet = manager.get(reverse("pages:approvals-fresh"), {"shown": [known.pk]}).content.decode()
    make_waiting(activity=activity)

    told = manager.get(reverse("pages:approvals-fresh"), {"shown": [known.pk]}).content.decode()

    assert quiet.strip() == ""
    assert "又来了 1 条" in told


def test_a_missed_check_out_shows_no_invented_end(manager: Client, activity: Activity) -> None:
    make_waiting(activity=activity, checked_out_at=None, minutes=None, flags=[Flag.FORGOT_CHECK_OUT])

    html = manager.get(reverse("pages:approvals")).content.decode()

    assert "未签退" in html
    assert 'data-testid="approve"' not in html
    assert Attendance.objects.get().checked_out_at is None


def test_the_list_can_be_narrowed_to_a_site(activity: Activity) -> None:
    organization = activity.programme.organization
    other = make_activity()
    other.site.organization = organization
    other.site.save()
    make_waiting(activity=activity)
    make_waiting(activity=other)
    client = browser(manager_of(activity.site))

    html = client.get(reverse("pages:approvals"), {"site": activity.site_id}).content.decode()

    assert html.count('data-testid="attendance"') == 1
