"""The paper sheet: lines beside a photograph, entered whole or not at all."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.pages.scenes import browser, make_place, make_shift, make_volunteer, manager_of
from volunteers.activities.models import Shift
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.attendance.paper_models import PaperSheet
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture
def shift() -> Shift:
    """A shift of this morning, over by now."""
    return make_shift(starts_in=timedelta(hours=-5))


@pytest.fixture
def manager(shift: Shift) -> User:
    """Whoever types the sheet in."""
    return manager_of(shift.activity.site)


@pytest.fixture
def client(manager: User) -> Client:
    """Their browser."""
    return browser(manager)


def picture(colour: str = "white") -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (40, 30), colour).save(held, "JPEG")
    return SimpleUploadedFile("sheet.jpg", held.getvalue(), "image/jpeg")


def enrolled(shift: Shift) -> Volunteer:
    volunteer = make_volunteer()
    make_place(volunteer, shift)
    return volunteer


def sheet(shift: Shift, *numbers: str, **fields: object) -> dict[str, object]:
    came, left = (timezone.localtime(moment).strftime("%H:%M") for moment in (shift.starts_at, shift.ends_at))
    lines = {"number": list(numbers), "came": [came] * len(numbers), "left": [left] * len(numbers)}
    return {**lines, "picture": picture(), **fields}


def address(shift: Shift) -> str:
    return reverse("pages:paper", args=[shift.pk])


def test_the_empty_sheet_has_the_times_of_the_shift(client: Client, shift: Shift) -> None:
    html = client.get(address(shift)).content.decode()

    came = timezone.localtime(shift.starts_at).strftime("%H:%M")
    assert (
        html.count(f'name="came" type="time" value="{came}"') == 6
    )  # five lines and the pattern of one more
    assert "由另一位同事" in html


def test_a_sheet_becomes_attendances_that_wait_for_a_colleague(client: Client, shift: Shift) -> None:
    people = [enrolled(shift), enrolled(shift)]

    response = client.post(address(shift), sheet(shift, *(one.number for one in people)), follow=True)

    html = response.content.decode()
    assert "已录入 2 条，由另一位同事确认后才计入。" in html
    assert html.count("您补录的，由另一位同事确认") == 2
    assert 'name="ids"' not in html
    assert [row.status for row in Attendance.objects.all()] == [AttendanceStatus.PENDING] * 2


def test_a_colleague_sees_the_photograph_and_approves(client: Client, shift: Shift) -> None:
    client.post(address(shift), sheet(shift, enrolled(shift).number))
    row = Attendance.objects.get()
    colleague = browser(make_staff(Role.SITE_MANAGER, shift.activity.site_id))

    shown = colleague.get(reverse("pages:review", args=[shift.pk])).content.decode()
    photo = colleague.get(reverse("pages:sheet-photo", args=[row.sheet_id]))
    colleague.post(reverse("pages:approve", args=[row.pk]))

    row.refresh_from_db()
    assert "看：纸质补录" in shown
    assert reverse("pages:sheet-photo", args=[row.sheet_id]) in shown
    assert (photo["Content-Type"], "no-store" in photo["Cache-Control"]) == ("image/jpeg", True)
    assert photo.content[:2] == b"\xff\xd8"
    assert row.status == AttendanceStatus.APPROVED


def test_whoever_typed_it_in_is_refused(client: Client, shift: Shift) -> None:
    client.post(address(shift), sheet(shift, enrolled(shift).number))
    row = Attendance.objects.get()

    response = client.post(reverse("pages:approve", args=[row.pk]))

    row.refresh_from_db()
    assert (response.status_code // 100, row.status) == (4, AttendanceStatus.PENDING)


def test_one_bad_line_names_itself_and_nothing_is_entered(client: Client, shift: Shift) -> None:
    good, stranger = enrolled(shift), make_volunteer()

    response = client.post(address(shift), sheet(shift, good.number, stranger.number, "000000000000"))

    html = response.content.decode()
    lines = html.split('data-testid="line"')[1:4]
    assert response.status_code == 400
    assert [len(re.findall('data-testid="line-error"', line)) for line in lines] == [0, 1, 1]
    assert "没有报名这个班次" in lines[1]
    assert f'value="{good.number}"' in lines[0]
    assert not Attendance.objects.exists()
    assert not PaperSheet.objects.exists()


def test_the_line_of_the_refusal_is_the_one_typed_also_between_blank_ones(
    client: Client, shift: Shift
) -> None:
    good, stranger = enrolled(shift), make_volunteer()

    html = client.post(address(shift), sheet(shift, "", good.number, "", stranger.number)).content.decode()

    lines = html.split('data-testid="line"')[1:3]
    assert stranger.number in lines[1]
    assert 'data-testid="line-error"' in lines[1]
    assert 'data-testid="line-error"' not in lines[0]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": ["张晓明"]}, "志愿者编号是 12 位数字"),
        ({"came": ["九点"]}, "时间写成 09:00 这样"),
        ({"left": ["25:99"]}, "时间写成 09:00 这样"),
        ({"left": ["09:00+08:00"]}, "时间写成 09:00 这样"),
        ({"number": ["²²²²"]}, "志愿者编号是 12 位数字"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_line(
    client: Client, shift: Shift, fields: dict[str, object], sentence: str
) -> None:
    response = client.post(address(shift), sheet(shift, enrolled(shift).number, **fields))

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("upload", "code"),
    [(None, "sheet_picture_invalid"), (b"{}", "sheet_picture_invalid"), (b"", "sheet_picture_invalid")],
)
def test_no_photograph_no_hours(client: Client, shift: Shift, upload: bytes | None, code: str) -> None:
    filled = sheet(shift, enrolled(shift).number)
    del filled["picture"]
    if upload is not None:
        filled["picture"] = SimpleUploadedFile("sheet.jpg", upload, "image/jpeg")

    response = client.post(address(shift), filled)

    assert response.status_code == 400
    assert f'data-code="{code}"' in response.content.decode()
    assert not Attendance.objects.exists()


def test_an_empty_sheet_is_refused_and_stays_as_it_was(client: Client, shift: Shift) -> None:
    response = client.post(address(shift), sheet(shift, "", ""))

    html = response.content.decode()
    assert 'data-code="sheet_rows_missing"' in html
    assert html.count('data-testid="line"') == 3  # two lines and the pattern of one more


def test_before_the_shift_is_over_paper_waits(manager: User, client: Client, shift: Shift) -> None:
    later = make_shift(activity=shift.activity)

    shown = client.get(address(later)).content.decode()
    response = client.post(address(later), sheet(later, enrolled(later).number))

    assert 'data-testid="not-yet"' in shown
    assert 'data-code="sheet_not_yet"' in response.content.decode()
    assert not Attendance.objects.exists()


def test_after_midnight_a_time_is_of_the_next_day(shift: Shift) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    night = make_shift(starts_in=midnight - timedelta(hours=26) - timezone.now(), activity=shift.activity)
    client = browser(manager_of(shift.activity.site))

    client.post(address(night), sheet(night, enrolled(night).number, came=["22:10"], left=["00:40"]))

    row = Attendance.objects.get()
    assert (row.checked_in_at, row.checked_out_at) == (
        night.starts_at.replace(microsecond=0) + timedelta(minutes=10),
        night.starts_at.replace(microsecond=0) + timedelta(minutes=160),
    )


def test_a_script_gets_the_lines_alone_or_where_to_go(client: Client, shift: Shift) -> None:
    refused = client.post(address(shift), sheet(shift, "000000000000"), headers=SCRIPT)
    entered = client.post(address(shift), sheet(shift, enrolled(shift).number), headers=SCRIPT)

    assert refused.status_code == 400
    assert "<html" not in refused.content.decode()
    assert (entered.status_code, entered["Location"]) == (201, reverse("pages:review", args=[shift.pk]))


def test_another_sites_sheet_and_photograph_are_not_found(client: Client, shift: Shift) -> None:
    client.post(address(shift), sheet(shift, enrolled(shift).number))
    stranger = browser(manager_of(make_shift().activity.site))

    asked = stranger.get(address(shift))
    entered = stranger.post(address(shift), sheet(shift, enrolled(shift).number))
    photo = stranger.get(reverse("pages:sheet-photo", args=[PaperSheet.objects.get().pk]))

    assert (asked.status_code, entered.status_code, photo.status_code) == (404, 404, 404)
