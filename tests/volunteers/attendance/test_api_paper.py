"""`/paper-sheets/` on the wire: a form with a photograph."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.attendance import photograph
from tests.factories.volunteers import ShiftFactory, SignUpFactory
from volunteers.attendance.models import Attendance
from volunteers.attendance.paper_models import PaperSheet

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/paper-sheets/"
LATEST = "9999-12-31T15:59:59Z"


@pytest.fixture
def shift():
    """A shift of yesterday, by the real clock."""
    return ShiftFactory(starts_at=timezone.now() - timedelta(days=1))


@pytest.fixture
def volunteer(shift):
    return SignUpFactory(shift=shift).volunteer


@pytest.fixture
def client(api, shift):
    return api(make_staff(Role.SITE_MANAGER, shift.activity.site_id))


@pytest.fixture
def line(shift, volunteer):
    return {
        "number": volunteer.number,
        "arrived_at": shift.starts_at.isoformat(),
        "left_at": shift.ends_at.isoformat(),
    }


def picture(content=None, name="sheet.jpg", kind="image/jpeg"):
    return SimpleUploadedFile(name, photograph() if content is None else content, kind)


@pytest.fixture
def send(client, shift, line):
    """`send(**changes)` posts a good form with some fields changed; None leaves one out."""

    def post(**changes):
        form = {"shift": shift.pk, "picture": picture(), "rows": json.dumps([line]), "note": "断网"} | changes
        given = {name: value for name, value in form.items() if value is not None}
        return client.post(ADDRESS, given, format="multipart")

    return post


def nothing_written():
    return (PaperSheet.objects.count(), Attendance.objects.count()) == (0, 0)


def test_a_sheet_becomes_attendances_that_wait(send, volunteer):
    answer = send()

    told = answer.json()
    [row] = told["attendances"]
    assert (answer.status_code, told["sheet"]) == (201, PaperSheet.objects.get().pk)
    assert (row["status"], row["manual"], row["minutes"], row["grade"], row["flags"]) == (
        "pending",
        True,
        180,
        "D",
        ["manual"],
    )
    assert row["volunteer"] == {"number": volunteer.number, "name": "张*明"}


def test_the_same_form_again_is_refused_and_changes_nothing(send):
    send()

    again = send()

    assert (again.status_code, again.json()["code"]) == (409, "sheet_entered_before")
    assert (PaperSheet.objects.count(), Attendance.objects.count()) == (1, 1)


def test_a_row_that_cannot_be_is_named(send, line):
    answer = send(rows=json.dumps([line, line | {"number": "999999999999"}]))

    assert (answer.status_code, answer.json()["code"]) == (400, "sheet_rows_refused")
    assert answer.json()["errors"][0]["pointer"] == "/rows/1"
    assert nothing_written()


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(lambda: picture("签到表".encode(), "sheet.jpg"), id="a renamed text file"),
        pytest.param(lambda: picture(photograph()[:200]), id="a torn picture"),
        pytest.param(lambda: picture(b""), id="an empty file"),
        pytest.param(lambda: picture(photograph(kind="GIF"), "a.gif", "image/gif"), id="a GIF"),
        pytest.param(lambda: picture(b"x" * 9_000_000), id="too large"),
        pytest.param(lambda: None, id="none"),
        pytest.param(lambda: "sheet.jpg", id="a name only"),
    ],
)
def test_what_is_no_photograph_is_a_400(send, file):
    answer = send(picture=file())

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/picture")
    assert nothing_written()


def test_a_file_is_not_kept_under_the_name_it_came_with(send):
    assert send(picture=picture(name="../../etc/passwd.jpg")).status_code == 201


@pytest.mark.parametrize(
    "rows",
    [
        None,
        "",
        "x",
        "[",
        "[]",
        "{}",
        "7",
        "null",
        '"x"',
        "[null]",
        "[[]]",
        "[7]",
        "[{}]",
        "NaN",
        "9" * 5000,
        "[" * 100_000,
        '[{"number": "\\ud800"}]',
        "\x00",
    ],
)
def test_rows_that_are_none_are_a_400(send, rows):
    answer = send(rows=rows)

    assert answer.status_code == 400
    assert nothing_written()


@pytest.mark.parametrize(
    "change",
    [
        {"number": ""},
        {"number": None},
        {"number": "1" * 13},
        {"number": "a\x00b"},
        {"number": []},
        {"arrived_at": "soon"},
        {"arrived_at": None},
        {"arrived_at": "0001-01-01T00:00:00Z"},
        {"left_at": LATEST},
        {"left_at": "9999-12-31T23:59:59-12:00"},
        {"left_at": 10**400},
        {"arrived_at": LATEST, "left_at": "0001-01-01T00:00:00Z"},
    ],
)
def test_a_line_that_cannot_be_is_a_400(send, line, change):
    answer = send(rows=json.dumps([line | change]))

    assert answer.status_code == 400
    assert nothing_written()


def test_more_than_two_hundred_lines_are_a_400(send, line):
    assert send(rows=json.dumps([line] * 201)).status_code == 400
    assert nothing_written()


@pytest.mark.parametrize("key", [None, "", "x", 0, -1, 2**63, "9" * 400, "1.5"])
def test_a_shift_that_cannot_be_is_a_400(send, key):
    answer = send(shift=key)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/shift")


@pytest.mark.parametrize("note", ["x" * 201, "a\x00b"])
def test_a_note_is_words(send, note):
    assert send(note=note).status_code == 400


def test_a_shift_elsewhere_is_not_found(send):
    answer = send(shift=ShiftFactory().pk)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_before_the_end_of_the_shift_there_is_no_sheet(send, api):
    now = ShiftFactory(starts_at=timezone.now() - timedelta(hours=1))

    answer = api(make_staff(Role.PLATFORM_ADMIN)).post(
        ADDRESS,
        {"shift": now.pk, "picture": picture(), "rows": json.dumps([{"number": "1", **times(now)}])},
        format="multipart",
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "sheet_not_yet")


def times(shift):
    return {"arrived_at": shift.starts_at.isoformat(), "left_at": shift.ends_at.isoformat()}


def test_json_has_no_photograph(client, shift, line):
    answer = client.post(ADDRESS, {"shift": shift.pk, "picture": "x", "rows": [line]}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/picture")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b'"x"'])
def test_a_body_that_is_no_form_is_a_400(client, raw):
    assert client.generic("POST", ADDRESS, raw, content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "raw", [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n1"]
)
def test_a_broken_form_is_a_400(client, raw):
    answer = client.generic("POST", ADDRESS, raw, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400


def test_another_kind_of_body_is_not_taken(client):
    assert client.generic("POST", ADDRESS, b"x", content_type="text/plain").status_code == 415


def test_whoever_entered_is_told_that_a_colleague_decides(api, send, client, shift):
    [row] = send().json()["attendances"]
    address = f"/api/v1/attendances/{row['id']}"

    own = client.post(f"{address}/approve/", {})
    rejected = client.post(f"{address}/reject/", {"reason": "写错了"})
    other = api(make_staff(Role.SITE_MANAGER, shift.activity.site_id)).post(f"{address}/approve/", {})

    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    assert (rejected.status_code, rejected.json()["code"]) == (403, "second_person_needed")
    assert other.status_code in {200, 201}
