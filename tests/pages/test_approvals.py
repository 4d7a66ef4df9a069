"""Deciding about attendances: together, one by one, and asking back first."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.pages.scenes import browser, came, make_activity, make_shift, make_waiting, manager_of, scanned
from volunteers.activities.models import Activity, Shift
from volunteers.attendance import proposals
from volunteers.attendance.choices import AttendanceStatus, Channel, Flag
from volunteers.records.models import ServiceRecord

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


def test_the_ticked_rows_are_approved_together(manager: Client, shift: Shift) -> None:
    rows = [came(shift), came(shift)]
    flagged = came(shift, flags=[Flag.LATE])

    response = manager.post(
        reverse("pages:approve-many"), {"ids": [row.pk for row in rows], "shift": shift.pk}, follow=True
    )

    assert response.redirect_chain[-1][0] == reverse("pages:review", args=[shift.pk])
    assert "已通过 2 条，积分随后到账。" in response.content.decode()
    assert ServiceRecord.objects.count() == 2
    flagged.refresh_from_db()
    assert flagged.status == AttendanceStatus.PENDING


def test_a_script_gets_the_rows_back_and_the_refused_one_says_why(manager: Client, shift: Shift) -> None:
    good = came(shift)
    endless = came(shift, checked_out_at=None, minutes=None, flags=[Flag.FORGOT_CHECK_OUT])

    html = manager.post(
        reverse("pages:approve-many"), {"ids": [good.pk, endless.pk]}, headers=HTMX
    ).content.decode()

    assert html.count("已通过，计入 3 小时") == 1
    assert html.count('data-testid="row-refusal"') == 1
    assert ServiceRecord.objects.count() == 1


def test_another_sites_rows_are_refused_and_nothing_is_written(manager: Client) -> None:
    foreign = make_waiting()

    response = manager.post(reverse("pages:approve-many"), {"ids": [foreign.pk]}, follow=True)

    assert "已通过 0 条" in response.content.decode()
    assert not ServiceRecord.objects.exists()


def test_one_row_is_approved_in_its_place(manager: Client, shift: Shift) -> None:
    row = came(shift, flags=[Flag.LATE])

    html = manager.post(reverse("pages:approve", args=[row.pk]), headers=HTMX).content.decode()

    assert "已通过，计入 3 小时" in html
    assert f'id="a{row.pk}"' in html
    assert ServiceRecord.objects.get().minutes == 180


def test_approving_twice_writes_one_record(manager: Client, shift: Shift) -> None:
    row = came(shift)

    first = manager.post(reverse("pages:approve", args=[row.pk]), headers=HTMX)
    second = manager.post(reverse("pages:approve", args=[row.pk]), headers=HTMX)

    assert (first.status_code, second.status_code) == (200, 200)
    assert ServiceRecord.objects.count() == 1


def test_other_minutes_need_a_reason_and_what_was_typed_stays(manager: Client, shift: Shift) -> None:
    row = came(shift)

    response = manager.post(reverse("pages:adjust", args=[row.pk]), {"minutes": "90", "reason": ""})

    html = response.content.decode()
    assert response.status_code == 400
    assert 'value="90"' in html
    assert 'data-testid="refusal"' in html
    assert not ServiceRecord.objects.exists()


def test_a_script_gets_the_sentence_of_a_refusal_alone(manager: Client, shift: Shift) -> None:
    row = came(shift)

    response = manager.post(
        reverse("pages:adjust", args=[row.pk]), {"minutes": "600", "reason": "多一些"}, headers=HTMX
    )

    assert response.status_code == 400
    assert 'data-code="minutes_exceed_shift"' in response.content.decode()
    assert 'data-testid="attendance"' not in response.content.decode()


def test_adjusted_minutes_are_the_ones_recorded(manager: Client, shift: Shift) -> None:
    row = came(shift)

    html = manager.post(
        reverse("pages:adjust", args=[row.pk]), {"minutes": "90", "reason": "中途离开"}, headers=HTMX
    ).content.decode()

    assert "已通过，计入 1 小时 30 分" in html
    assert ServiceRecord.objects.get().minutes == 90


def test_rejecting_tells_why(manager: Client, shift: Shift) -> None:
    row = came(shift)

    html = manager.post(
        reverse("pages:reject", args=[row.pk]), {"reason": "当天没有见到本人"}, headers=HTMX
    ).content.decode()

    row.refresh_from_db()
    assert "未通过：当天没有见到本人" in html
    assert (row.status, row.decision_reason) == (AttendanceStatus.REJECTED, "当天没有见到本人")


def test_rejecting_without_a_reason_is_refused(manager: Client, shift: Shift) -> None:
    row = came(shift)

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


def test_without_scripts_deciding_leads_back_to_the_shift(manager: Client, shift: Shift) -> None:
    row = came(shift)

    response = manager.post(reverse("pages:approve", args=[row.pk]), follow=True)

    assert response.redirect_chain[-1][0] == reverse("pages:review", args=[shift.pk])
    assert "已通过，计入 3 小时" in response.content.decode()


def test_the_page_of_one_attendance_shows_the_scans_behind_it(manager: Client, shift: Shift) -> None:
    row = came(shift, flags=[Flag.OFFLINE])
    scanned(
        row,
        "phone",
        captured_at=row.checked_in_at,
        received_at=row.checked_in_at + timedelta(hours=1),
        answer='{"reasons":[{"code":"near_site","message":"距站点 12 米"}]}',
    )

    html = manager.get(reverse("pages:attendance", args=[row.pk])).content.decode()

    assert "距站点 12 米" in html
    assert "收到" in html
    assert "看：离线扫码，事后上传" in html


def test_asking_back_leaves_the_row_waiting_with_the_question(manager: Client, shift: Shift) -> None:
    row = came(shift, flags=[Flag.SHORT])

    html = manager.post(
        reverse("pages:ask", args=[row.pk]), {"question": "几点走的？"}, headers=HTMX
    ).content.decode()

    row.refresh_from_db()
    assert (row.status, row.question) == (AttendanceStatus.PENDING, "几点走的？")
    assert "已问本人：几点走的？" in html
    assert "等本人答复" in html


def test_an_answer_stands_in_the_row(manager: Client, activity: Activity, shift: Shift) -> None:
    row = came(shift)
    manager.post(reverse("pages:ask", args=[row.pk]), {"question": "几点走的？"})
    proposals.answer(
        volunteer_user_id=row.volunteer.user_id, attendance_id=row.pk, text="十二点", at=timezone.now()
    )

    html = opened(manager, shift)

    assert "本人答：十二点" in html
    assert "等本人答复" not in html


def test_an_empty_question_is_refused(manager: Client, shift: Shift) -> None:
    response = manager.post(reverse("pages:ask", args=[came(shift).pk]), {"question": " "}, headers=HTMX)

    assert response.status_code == 400


def test_what_the_volunteer_proposes_is_offered_and_not_yet_credited(manager: Client, shift: Shift) -> None:
    row = came(shift, checked_out_at=None, minutes=None, flags=[Flag.FORGOT_CHECK_OUT])
    left_at = shift.starts_at + timedelta(minutes=150)
    proposals.propose_end(
        volunteer_user_id=row.volunteer.user_id,
        attendance_id=row.pk,
        left_at=left_at,
        note="手机没电",
        at=timezone.now(),
    )
    said = f"本人申报 {timezone.localtime(left_at):%H:%M} 离开"

    html = opened(manager, shift)
    alone = manager.get(reverse("pages:attendance", args=[row.pk])).content.decode()

    assert f"{said}：手机没电" in html
    assert f'data-suggested="150" data-because="{said}"' in html
    assert re.findall(r'name="minutes"[^>]*value="(\d+)"', alone) == ["150"]
    assert "–未签退" in html


def test_how_it_was_taken_down_is_told_where_it_was_not_the_screen(
    manager: Client, activity: Activity, shift: Shift
) -> None:
    row = came(shift)
    scanned(row, "", channel=Channel.CARD, scanned_by=manager_of(activity.site))
    scanned(came(shift), "phone")

    html = opened(manager, shift)

    assert html.count('class="att__note"') == 1
    assert "工作人员扫志愿者卡" in html
