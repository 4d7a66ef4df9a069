"""A volunteer's own pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.attendance import AttendanceFactory, OpenAttendanceFactory, ServiceRecordFactory
from tests.factories.volunteers import SignUpFactory
from tests.pages.scenes import browser, give_points, make_activity, make_place, make_shift, make_volunteer
from volunteers.activities.choices import ShiftStatus, SignUpStatus
from volunteers.activities.models import SignUp
from volunteers.attendance.choices import AttendanceStatus
from volunteers.people.choices import ConsentKind, VolunteerStatus
from volunteers.people.queries import consents_of

pytestmark = pytest.mark.django_db

TOMORROW = timedelta(days=1)


def test_my_page_shows_my_number_and_never_my_papers() -> None:
    volunteer = make_volunteer()

    html = browser(volunteer.user).get(reverse("pages:me")).content.decode()

    assert volunteer.number in html
    assert volunteer.id_number.open() not in html


def test_my_page_shows_the_service_i_am_in_and_the_next_shift() -> None:
    volunteer, shift = make_volunteer(), make_shift()
    OpenAttendanceFactory(volunteer=volunteer, shift=shift)
    make_place(volunteer, shift)
    later = make_shift(starts_in=TOMORROW, activity=make_activity(name="图书整理"))
    make_place(volunteer, later)

    html = browser(volunteer.user).get(reverse("pages:me")).content.decode()

    assert 'data-testid="open-attendance"' in html
    assert html.count('data-testid="shift"') == 1
    assert "图书整理" in html


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_consent_is_given_and_withdrawn_with_one_button(answer: str) -> None:
    volunteer = make_volunteer()

    response = browser(volunteer.user).post(
        reverse("pages:consent"), {"kind": "honor_board", "granted": answer}
    )

    assert response.status_code == 302
    assert (ConsentKind.HONOR_BOARD in consents_of(volunteer)) is (answer == "yes")


def test_an_unknown_consent_is_refused() -> None:
    response = browser(make_volunteer().user).post(
        reverse("pages:consent"), {"kind": "everything", "granted": "yes"}
    )

    assert response.status_code == 400


def test_signing_up_takes_a_place_and_says_so() -> None:
    volunteer, shift = make_volunteer(), make_shift(starts_in=TOMORROW)
    client = browser(volunteer.user)

    response = client.post(reverse("pages:sign-up", args=[shift.pk]), follow=True)

    assert SignUp.objects.get().status == SignUpStatus.CONFIRMED
    assert "报名成功，到时见。" in response.content.decode()
    assert 'data-state="confirmed"' in response.content.decode()


def test_a_full_shift_offers_the_waiting_list() -> None:
    shift = make_shift(starts_in=TOMORROW, capacity=1)
    make_place(make_volunteer(), shift)
    client = browser(make_volunteer().user)

    offered = client.get(reverse("pages:shift", args=[shift.pk])).content.decode()
    queued = client.post(reverse("pages:sign-up", args=[shift.pk]), follow=True).content.decode()

    assert "我要候补" in offered
    assert 'data-state="waiting"' in queued


def test_a_refused_sign_up_says_why_on_the_shift() -> None:
    volunteer = make_volunteer(status=VolunteerStatus.PENDING)
    shift = make_shift(starts_in=TOMORROW)

    response = browser(volunteer.user).post(reverse("pages:sign-up", args=[shift.pk]))

    assert response.status_code == 409
    assert 'data-code="registration_not_active"' in response.content.decode()
    assert not SignUp.objects.exists()


def test_giving_a_place_back_frees_it() -> None:
    volunteer, shift = make_volunteer(), make_shift(starts_in=TOMORROW)
    place = make_place(volunteer, shift)

    response = browser(volunteer.user).post(reverse("pages:sign-up-cancel", args=[place.pk]), follow=True)

    place.refresh_from_db()
    assert place.status == SignUpStatus.CANCELLED
    assert 'data-state="open"' in response.content.decode()


def test_nobody_gives_another_ones_place_back() -> None:
    place = make_place(make_volunteer(), make_shift(starts_in=TOMORROW))

    response = browser(make_volunteer().user).post(reverse("pages:sign-up-cancel", args=[place.pk]))

    place.refresh_from_db()
    assert (response.status_code, place.status) == (404, SignUpStatus.CONFIRMED)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"starts_in": TOMORROW}, "open"),
        ({"starts_in": -TOMORROW}, "over"),
        ({"starts_in": TOMORROW, "status": ShiftStatus.CANCELLED}, "cancelled"),
    ],
)
def test_a_shift_shows_where_it_stands(fields: dict[str, object], state: str) -> None:
    shift = make_shift(**fields)

    html = browser(make_volunteer().user).get(reverse("pages:shift", args=[shift.pk])).content.decode()

    assert f'data-state="{state}"' in html


def test_a_shift_tells_strangers_the_risks_and_the_way_in() -> None:
    shift = make_shift(starts_in=TOMORROW)

    html = browser().get(reverse("pages:shift", args=[shift.pk])).content.decode()

    assert "人流密集" in html
    assert "意外伤害保险" in html
    assert f'href="/login/?next=/shifts/{shift.pk}/"' in html


def test_a_shift_that_never_was_is_not_found() -> None:
    assert browser().get(reverse("pages:shift", args=[1])).status_code == 404


def test_my_records_tell_hours_and_what_still_waits() -> None:
    volunteer = make_volunteer()
    ServiceRecordFactory(attendance__volunteer=volunteer)
    AttendanceFactory(volunteer=volunteer, shift=make_shift(starts_in=-TOMORROW))

    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert "共 3 小时" in html
    assert (html.count('data-testid="record"'), html.count('data-testid="attendance"')) == (1, 1)


def test_a_rejected_attendance_shows_its_reason_to_the_person() -> None:
    volunteer = make_volunteer()
    manager = make_volunteer().user
    AttendanceFactory(
        volunteer=volunteer,
        shift=make_shift(starts_in=-TOMORROW),
        status=AttendanceStatus.REJECTED,
        decided_by=manager,
        decided_at=timezone.now(),
        decision_reason="当天没有见到本人",
    )

    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert "当天没有见到本人" in html


def test_my_points_explain_themselves() -> None:
    volunteer = make_volunteer()
    give_points(volunteer, 24)

    html = browser(volunteer.user).get(reverse("pages:points")).content.decode()

    assert "图书整理 2 小时 30 分 × 10/小时，周末 1.0" in html
    assert "+24" in html
    assert "其中 24 将于" in html


def test_the_shift_list_puts_mine_first_and_does_not_offer_it_again() -> None:
    volunteer = make_volunteer()
    mine, other = make_shift(starts_in=TOMORROW), make_shift(starts_in=2 * TOMORROW)
    SignUpFactory(shift=mine, volunteer=volunteer)

    html = browser(volunteer.user).get(reverse("pages:shifts")).content.decode()

    shown = [piece.split('"', 1)[0] for piece in html.split('data-testid="shift" data-id="')[1:]]
    assert shown == [str(mine.pk), str(other.pk)]
