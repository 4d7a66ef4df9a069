"""What a volunteer sees and says about an attendance that is no record yet."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from tests.factories.attendance import AttendanceFactory, ForgottenAttendanceFactory, OpenAttendanceFactory
from tests.pages.scenes import browser, make_activity, make_shift, make_volunteer
from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.attendance.models import Attendance
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=-1)


@pytest.fixture
def volunteer() -> Volunteer:
    """Somebody."""
    return make_volunteer()


@pytest.fixture
def forgotten(volunteer: Volunteer) -> Attendance:
    """Yesterday's presence, closed by the clock."""
    made: Attendance = ForgottenAttendanceFactory(volunteer=volunteer, shift=make_shift(starts_in=YESTERDAY))
    return made


def _ask(attendance: Attendance, question: str) -> None:
    Attendance.objects.filter(pk=attendance.pk).update(question=question, asked_at=timezone.now())


def _clock(attendance: Attendance, *, minutes: int) -> str:
    return f"{localtime(attendance.checked_in_at) + timedelta(minutes=minutes):%H:%M}"


def _states(html: str) -> list[str]:
    return re.findall(r'line__step [^"]*" data-state="(\w+)"', html)


def test_a_shift_that_is_over_reminds_me_to_check_out(volunteer: Volunteer) -> None:
    OpenAttendanceFactory(
        volunteer=volunteer, shift=make_shift(starts_in=timedelta(hours=-3, minutes=-5), hours=3)
    )

    html = browser(volunteer.user).get(reverse("pages:me")).content.decode()

    assert 'data-testid="shift-over"' in html
    assert "还没签退" in html


def test_a_shift_that_goes_on_reminds_nobody(volunteer: Volunteer) -> None:
    OpenAttendanceFactory(volunteer=volunteer, shift=make_shift())

    html = browser(volunteer.user).get(reverse("pages:me")).content.decode()

    assert 'data-testid="shift-over"' not in html


def test_my_page_asks_when_i_left_what_the_clock_closed(volunteer: Volunteer, forgotten: Attendance) -> None:
    html = browser(volunteer.user).get(reverse("pages:me")).content.decode()

    assert f'href="{reverse("pages:records")}#attendance-{forgotten.pk}" data-testid="to-propose"' in html


def test_a_forgotten_check_out_is_told_and_shown_as_told(volunteer: Volunteer, forgotten: Attendance) -> None:
    client, left = browser(volunteer.user), _clock(forgotten, minutes=150)

    response = client.post(
        reverse("pages:propose", args=[forgotten.pk]), {"left_at": left, "note": "手机没电了"}, follow=True
    )

    forgotten.refresh_from_db()
    assert response.redirect_chain == [(f"{reverse('pages:records')}#attendance-{forgotten.pk}", 302)]
    assert f"{localtime(forgotten.proposed_out_at):%H:%M}" == left
    assert (forgotten.checked_out_at, forgotten.status) == (None, AttendanceStatus.PENDING)
    html = response.content.decode()
    assert f"本人申报 {left}，待负责人确认" in html
    assert "手机没电了" in html
    assert 'data-testid="awaiting"' not in client.get(reverse("pages:me")).content.decode()


def test_the_form_is_filled_with_the_end_of_the_shift(volunteer: Volunteer, forgotten: Attendance) -> None:
    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert f'name="left_at" value="{localtime(forgotten.shift.ends_at):%H:%M}"' in html


def test_nobody_left_after_the_shift(volunteer: Volunteer, forgotten: Attendance) -> None:
    response = browser(volunteer.user).post(
        reverse("pages:propose", args=[forgotten.pk]), {"left_at": _clock(forgotten, minutes=200)}
    )

    forgotten.refresh_from_db()
    assert response.status_code == 400
    assert 'data-testid="error-left_at"' in response.content.decode()
    assert forgotten.proposed_out_at is None


@pytest.mark.parametrize("text", ["", "noon", "25:00", "\0"])
def test_a_time_that_is_none_is_asked_again(volunteer: Volunteer, forgotten: Attendance, text: str) -> None:
    response = browser(volunteer.user).post(reverse("pages:propose", args=[forgotten.pk]), {"left_at": text})

    forgotten.refresh_from_db()
    assert 'data-testid="error-left_at"' in response.content.decode()
    assert forgotten.proposed_out_at is None


@pytest.mark.parametrize("name", ["propose", "answer"])
def test_nobody_speaks_for_another(forgotten: Attendance, name: str) -> None:
    _ask(forgotten, "几点走的？")

    response = browser(make_volunteer().user).post(
        reverse(f"pages:{name}", args=[forgotten.pk]), {"left_at": "10:00", "answer": "十点"}
    )

    forgotten.refresh_from_db()
    assert response.status_code == 404
    assert (forgotten.proposed_out_at, forgotten.answer) == (None, "")


def test_a_question_is_shown_on_my_page_and_answered_in_the_records(volunteer: Volunteer) -> None:
    attendance = AttendanceFactory(volunteer=volunteer, shift=make_shift(starts_in=YESTERDAY))
    _ask(attendance, "当天您在哪个科室？")
    client = browser(volunteer.user)

    asked = client.get(reverse("pages:me")).content.decode()
    answered = client.post(
        reverse("pages:answer", args=[attendance.pk]), {"answer": "二楼儿科"}, follow=True
    ).content.decode()

    attendance.refresh_from_db()
    assert "负责人问：当天您在哪个科室？" in asked
    assert attendance.answer == "二楼儿科"
    assert "您答：二楼儿科" in answered
    assert 'data-testid="awaiting"' not in client.get(reverse("pages:me")).content.decode()


def test_an_answer_to_nothing_is_refused(volunteer: Volunteer, forgotten: Attendance) -> None:
    response = browser(volunteer.user).post(reverse("pages:answer", args=[forgotten.pk]), {"answer": "我在"})

    forgotten.refresh_from_db()
    assert (response.status_code, forgotten.answer) == (409, "")


def test_an_empty_answer_is_asked_again(volunteer: Volunteer, forgotten: Attendance) -> None:
    _ask(forgotten, "几点走的？")

    response = browser(volunteer.user).post(reverse("pages:answer", args=[forgotten.pk]), {"answer": "  "})

    assert 'data-testid="error-answer"' in response.content.decode()


def test_the_steps_say_who_decides_until_when_and_what_they_look_at(volunteer: Volunteer) -> None:
    shift = make_shift(starts_in=YESTERDAY, activity=make_activity(responsible_name="周敏"))
    AttendanceFactory(volunteer=volunteer, shift=shift, flags=[Flag.LATE, Flag.OFFLINE])

    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert _states(html) == ["done", "done", "now", "next"]
    assert "由 周敏 确认" in html
    assert "要看的是：迟到；离线扫码，事后上传" in html
    assert re.search(r'data-testid="due">最晚 \d+月\d+日 周[一二三四五六日] 前确认', html)


def test_a_refused_attendance_ends_with_its_reason(volunteer: Volunteer) -> None:
    AttendanceFactory(
        volunteer=volunteer,
        shift=make_shift(starts_in=YESTERDAY),
        status=AttendanceStatus.REJECTED,
        decided_by=make_volunteer().user,
        decided_at=timezone.now(),
        decision_reason="当天没有见到本人",
    )

    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert _states(html) == ["done", "done", "done", "no"]
    assert "当天没有见到本人" in html
    assert 'data-testid="due"' not in html


def test_a_service_under_way_is_at_its_second_step(volunteer: Volunteer) -> None:
    OpenAttendanceFactory(volunteer=volunteer, shift=make_shift())

    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert _states(html) == ["done", "now", "next", "next"]
