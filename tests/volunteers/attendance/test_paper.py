"""Hours from a paper sheet: evidence, prior enrolment, and a second person."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from backend.accounts.scopes import Role, actor_for
from backend.core import outbox
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.ledger import queries as ledger
from points.models import HoursTotal
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.attendance import (
    AttendanceFactory,
    ForgottenAttendanceFactory,
    OpenAttendanceFactory,
    photograph,
)
from tests.factories.ledger import default_rules
from tests.factories.volunteers import ShiftFactory, SignUpFactory, VolunteerFactory
from volunteers.activities.models import Activity, Shift
from volunteers.attendance import paper
from volunteers.attendance.choices import Flag
from volunteers.attendance.errors import (
    SecondPersonNeeded,
    SheetEnteredBefore,
    SheetNotYet,
    SheetPictureInvalid,
    SheetRowsMissing,
    SheetRowsRefused,
    SheetShiftCancelled,
)
from volunteers.attendance.models import Attendance
from volunteers.attendance.paper import PaperRow
from volunteers.attendance.paper_models import PaperSheet
from volunteers.people.models import Volunteer
from volunteers.records import services as records
from volunteers.records.models import ServiceRecord
from workers.handlers import HANDLERS

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def shift():
    return ShiftFactory()


@pytest.fixture
def people(shift):
    """Two volunteers with a place on the shift."""
    return [SignUpFactory(shift=shift).volunteer for _ in range(2)]


@pytest.fixture
def clerk(shift):
    return make_actor(Role.SITE_MANAGER, shift.activity.site_id)


@pytest.fixture
def colleague(shift):
    return make_actor(Role.SITE_MANAGER, shift.activity.site_id)


@pytest.fixture
def row(shift):
    """`row(volunteer, arrived=0, left=180)`: a line of the sheet, in minutes of the shift."""

    def line(volunteer, arrived=0, left=180):
        number = volunteer if isinstance(volunteer, str) else volunteer.number
        return PaperRow(number, shift.starts_at + MINUTE * arrived, shift.starts_at + MINUTE * left)

    return line


@pytest.fixture
def enter(shift, clerk):
    """`enter(*rows)`: the manager enters a sheet an hour after the shift."""

    def enter_rows(*rows, actor=clerk, at=None, picture=None, shift_id=None):
        return paper.enter_sheet(
            shift_id=shift.pk if shift_id is None else shift_id,
            rows=rows,
            picture=photograph() if picture is None else picture,
            note=" 雨天没有网络 ",
            actor=actor,
            at=at or shift.ends_at + HOUR,
        )

    return enter_rows


def refused(caught):
    return {place: refusal.code for place, refusal in caught.value.rows.items()}


def nothing_written():
    return (PaperSheet.objects.count(), Attendance.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


# --- what is entered ---


def test_each_row_becomes_an_attendance_that_waits(enter, row, people, shift, clerk):
    enter(row(people[0]), row(people[1], arrived=30, left=150))

    sheet = PaperSheet.objects.get()
    first, second = Attendance.objects.order_by("pk")
    assert (sheet.shift, sheet.note, sheet.entered_by_id, sheet.entered_at) == (
        shift,
        "雨天没有网络",
        clerk.user_id,
        shift.ends_at + HOUR,
    )
    assert [(one.volunteer, one.minutes, one.status, one.grade) for one in (first, second)] == [
        (people[0], 180, "pending", "D"),
        (people[1], 120, "pending", "D"),
    ]
    assert (first.manual, first.entered_by_id, first.sheet, first.flags) == (
        True,
        clerk.user_id,
        sheet,
        [Flag.MANUAL],
    )
    assert first.sign_up.volunteer == people[0]


def test_entering_a_sheet_is_audited(enter, row, people, clerk, shift):
    enter(row(people[0]))

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.detail) == (
        "sheet.entered",
        clerk.user_id,
        {"shift": shift.pk, "rows": 1},
    )


def test_only_the_time_of_the_shift_counts(enter, row, people):
    enter(row(people[0], arrived=-60, left=200), row(people[1], arrived=-30, left=60))

    assert [one.minutes for one in Attendance.objects.order_by("pk")] == [180, 60]


def test_a_shift_one_may_walk_into_takes_who_did_and_says_so(enter, row, shift):
    Activity.objects.filter(pk=shift.activity_id).update(walk_in_allowed=True)

    enter(row(VolunteerFactory()))

    assert Attendance.objects.get().flags == [Flag.MANUAL, Flag.WALK_IN]


def test_two_hundred_rows_are_a_sheet(enter, row, shift):
    Activity.objects.filter(pk=shift.activity_id).update(walk_in_allowed=True)
    rows = [row(volunteer) for volunteer in VolunteerFactory.create_batch(200)]

    assert len(enter(*rows)) == 200


def test_a_sheet_costs_the_same_whatever_its_length(enter, row, people, django_assert_num_queries, shift):
    enter(row(people[0]))
    more = [SignUpFactory(shift=shift).volunteer for _ in range(5)]

    with django_assert_num_queries(12):
        enter(*[row(volunteer) for volunteer in more], picture=photograph(shade=1))


# --- rows that cannot be ---


def test_a_row_that_cannot_be_refuses_the_whole_sheet_and_each_is_named(enter, row, people):
    with pytest.raises(SheetRowsRefused) as caught:
        enter(
            row(people[0]),
            row("999999999999"),
            row(VolunteerFactory()),
            row(VolunteerFactory(status="suspended")),
            row(people[1], arrived=100, left=90),
            row(people[0], arrived=10),
        )

    assert refused(caught) == {
        1: "sheet_row_unknown",
        2: "sheet_row_not_enrolled",
        3: "sheet_row_unknown",
        4: "sheet_row_times",
        5: "sheet_row_present",
    }
    assert caught.value.field == "rows.1"
    assert nothing_written()


@pytest.mark.parametrize(
    ("arrived", "left"),
    [(0, 0), (180, 240), (-60, 0), (-241, 60), (-525_600, 60), (0, 241), (0, 525_600)],
    ids=["no time", "after", "before", "too early", "a year early", "not yet", "in a year"],
)
def test_times_that_are_not_of_the_shift_are_refused(enter, row, people, arrived, left):
    with pytest.raises(SheetRowsRefused) as caught:
        enter(row(people[0], arrived, left))

    assert refused(caught) == {0: "sheet_row_times"}
    assert nothing_written()


@pytest.mark.parametrize("make", [OpenAttendanceFactory, AttendanceFactory, ForgottenAttendanceFactory])
def test_somebody_scanned_is_not_entered_again(enter, row, people, shift, make):
    make(shift=shift, volunteer=people[0])

    with pytest.raises(SheetRowsRefused) as caught:
        enter(row(people[0]))

    assert refused(caught) == {0: "sheet_row_present"}


def test_somebody_whose_attendance_was_rejected_may_be_entered(enter, row, people, colleague, clerk):
    enter(row(people[0]))
    first = Attendance.objects.get()
    records.reject(attendance_id=first.pk, actor=colleague, at=timezone.now(), reason="写错了时间")

    enter(row(people[0], left=60), picture=photograph(shade=7))

    assert sorted(Attendance.objects.values_list("status", "minutes")) == [("pending", 60), ("rejected", 180)]


def test_a_place_on_the_waiting_list_is_no_enrolment(enter, row, shift):
    waiting = SignUpFactory(shift=shift, status="waiting").volunteer

    with pytest.raises(SheetRowsRefused) as caught:
        enter(row(waiting))

    assert refused(caught) == {0: "sheet_row_not_enrolled"}


def test_nobody_enters_their_own_hours(enter, row, people, shift):
    MembershipFactory(
        user=people[0].user, role=Role.SITE_MANAGER, scope_type="site", scope_id=str(shift.activity.site_id)
    )

    with pytest.raises(SheetRowsRefused) as caught:
        enter(row(people[0]), row(people[1]), actor=actor_for(people[0].user))

    assert refused(caught) == {0: "sheet_own_row"}
    assert nothing_written()


@pytest.mark.parametrize("number", [0, 201])
def test_a_sheet_has_rows_but_not_endless_ones(enter, row, people, number):
    with pytest.raises(SheetRowsMissing):
        enter(*[row(people[0])] * number)

    assert nothing_written()


# --- when and who ---


def test_paper_is_for_what_has_happened(enter, row, people, shift):
    with pytest.raises(SheetNotYet):
        enter(row(people[0]), at=shift.ends_at - timedelta(seconds=1))

    assert enter(row(people[0]), at=shift.ends_at)


def test_a_shift_that_was_called_off_gave_nobody_hours(enter, row, shift):
    Activity.objects.filter(pk=shift.activity_id).update(walk_in_allowed=True)
    Shift.objects.filter(pk=shift.pk).update(status="cancelled")

    with pytest.raises(SheetShiftCancelled):
        enter(row(VolunteerFactory()))

    assert nothing_written()


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SITE_MANAGER, 999_999, NotFound),
        (Role.ORGANIZATION_MANAGER, 999_999, NotFound),
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
    ],
)
def test_nobody_else_enters_a_sheet(*, enter, row, people, role, scope, refusal):
    with pytest.raises(refusal):
        enter(row(people[0]), actor=make_actor(role, scope))

    assert PaperSheet.objects.count() == 0


@pytest.mark.parametrize("key", [0, 2**63 - 1, 10**30])
def test_a_sheet_is_of_a_shift_there_is(enter, row, people, key):
    with pytest.raises(NotFound):
        enter(row(people[0]), shift_id=key)


# --- the photograph ---


def test_what_is_kept_is_a_picture_and_nothing_else(enter, row, people):
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    exif.get_ifd(0x8825).update({1: "N", 2: (26.0, 34.0, 42.0), 3: "E", 4: (106.0, 42.0, 49.0)})
    upload = photograph(kind="PNG", exif=exif)
    assert dict(Image.open(BytesIO(upload)).getexif().get_ifd(0x8825))

    enter(row(people[0]), picture=upload)

    with Image.open(BytesIO(bytes(PaperSheet.objects.get().picture))) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (30, 40), {})
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_same_photograph_is_not_used_again(enter, row, people):
    enter(row(people[0]))

    with pytest.raises(SheetEnteredBefore):
        enter(row(people[1]))

    assert (PaperSheet.objects.count(), Attendance.objects.count()) == (1, 1)


def test_without_a_photograph_there_is_no_sheet(enter, row, people):
    with pytest.raises(SheetPictureInvalid):
        enter(row(people[0]), picture=b"%PDF-1.7")

    assert nothing_written()


# --- the second person ---


@pytest.fixture
def entered(enter, row, people):
    [attendance] = enter(row(people[0]))
    return attendance


def test_whoever_entered_does_not_decide(entered, clerk, shift):
    with pytest.raises(SecondPersonNeeded):
        records.approve(attendance_id=entered.pk, actor=clerk, at=shift.ends_at + HOUR)
    with pytest.raises(SecondPersonNeeded):
        records.reject(attendance_id=entered.pk, actor=clerk, at=shift.ends_at + HOUR, reason="写错了")
    [result] = records.approve_many(ids=[entered.pk], actor=clerk, at=shift.ends_at + HOUR)

    entered.refresh_from_db()
    assert (result.refusal.code, entered.status, ServiceRecord.objects.count()) == (
        "second_person_needed",
        "pending",
        0,
    )


def test_a_colleague_decides(entered, colleague, shift):
    record = records.approve(attendance_id=entered.pk, actor=colleague, at=shift.ends_at + HOUR)

    assert (record.manual, record.grade, record.minutes, record.recorded_by_id) == (
        True,
        "D",
        180,
        colleague.user_id,
    )


def test_hours_from_paper_count_as_hours_and_earn_no_points(entered, colleague, shift, people, now):
    default_rules()
    records.approve(attendance_id=entered.pk, actor=colleague, at=shift.ends_at + HOUR)

    while outbox.drain(handlers=HANDLERS, at=now + timedelta(days=1)):
        pass

    person = Volunteer.objects.get(pk=people[0].pk)
    assert HoursTotal.objects.get(volunteer=person, period="all").minutes == 180
    assert ledger.balance(person, at=now).available == 0


def test_scanned_hours_beside_them_do_earn_points(colleague, shift, people, now):
    default_rules()
    scanned = AttendanceFactory(shift=shift, volunteer=people[0])
    records.approve(attendance_id=scanned.pk, actor=colleague, at=shift.ends_at + HOUR)

    while outbox.drain(handlers=HANDLERS, at=now + timedelta(days=1)):
        pass

    assert ledger.balance(people[0], at=now).available == 30
