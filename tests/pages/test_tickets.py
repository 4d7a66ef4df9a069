"""Corrections, objections and what is overdue, on the pages of everybody they concern."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role, actor_for
from backend.core.models import AuditEntry
from tests.factories.accounts import make_staff
from tests.factories.attendance import AttendanceFactory
from tests.factories.tickets import CorrectionFactory, ObjectionFactory, PublicObjectionFactory
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
from volunteers.people.models import Volunteer
from volunteers.records import services
from volunteers.records.deadlines import warn_of_deadlines
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, Objection

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity() -> Activity:
    """What goes on at one site."""
    return make_activity()


@pytest.fixture
def volunteer() -> Volunteer:
    """Whose hours it is about."""
    return make_volunteer(name="张晓明")


@pytest.fixture
def record(activity: Activity, volunteer: Volunteer) -> ServiceRecord:
    """Three hours of this morning, approved by the site's manager."""
    waiting = make_waiting(activity=activity, volunteer=volunteer)
    return services.approve(
        attendance_id=waiting.pk, actor=actor_for(manager_of(activity.site)), at=timezone.now()
    )


@pytest.fixture
def phone(volunteer: Volunteer) -> Client:
    """The volunteer's browser."""
    return browser(volunteer.user)


@pytest.fixture
def staff() -> Client:
    """The browser of community staff, who wrote nothing yet."""
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201"))


def html_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


# --- the volunteer ----------------------------------------------------------------------------------------


def test_a_record_offers_both_ways_to_say_that_it_is_wrong(phone: Client, record: ServiceRecord) -> None:
    html = html_of(phone, reverse("pages:records"))

    assert reverse("pages:record-correct", args=[record.pk]) in html
    assert reverse("pages:record-object", args=[record.pk]) in html
    assert f"编号 {record.pk}" in html


def test_a_waiting_row_says_who_decides_and_by_when(phone: Client, volunteer: Volunteer) -> None:
    waiting = make_waiting(volunteer=volunteer)

    html = html_of(phone, reverse("pages:records"))

    assert f"负责：{waiting.shift.activity.responsible_name}，最晚" in html
    assert reverse("pages:attendance-object", args=[waiting.pk]) in html


def test_asking_for_a_correction_shows_it_under_the_record(phone: Client, record: ServiceRecord) -> None:
    address = reverse("pages:record-correct", args=[record.pk])

    html = phone.post(address, {"minutes": "120", "reason": "提前走了"}, follow=True).content.decode()

    assert Correction.objects.get().minutes_after == 120
    assert "更正申请已提交" in html
    assert "申请更正 3 小时 → 2 小时：提前走了" in html
    assert f"负责：{record.responsible_name}，" in html
    assert reverse("pages:record-correct", args=[record.pk]) not in html


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"minutes": "", "reason": "x"}, 400),
        ({"minutes": "60", "reason": ""}, 400),
        ({"minutes": "180", "reason": "没变"}, 400),
        ({"minutes": "181", "reason": "更多"}, 400),
    ],
)
def test_a_wish_that_cannot_be_keeps_what_was_typed(
    phone: Client, record: ServiceRecord, given: dict[str, str], status: int
) -> None:
    response = phone.post(reverse("pages:record-correct", args=[record.pk]), given)

    assert response.status_code == status
    assert "field__error" in response.content.decode()
    assert given["reason"] in response.content.decode()
    assert not Correction.objects.exists()


def test_objecting_marks_the_record_and_stops_correcting(phone: Client, record: ServiceRecord) -> None:
    address = reverse("pages:record-object", args=[record.pk])

    html = phone.post(address, {"reason": "不是我"}, follow=True).content.decode()

    assert Objection.objects.get().state == "open"
    assert "异议核查中" in html
    assert "有结论前不计积分、不上榜单" in html
    assert reverse("pages:record-correct", args=[record.pk]) not in html


def test_an_objection_of_ones_own_is_taken_back(phone: Client, record: ServiceRecord) -> None:
    shown = phone.post(
        reverse("pages:record-object", args=[record.pk]), {"reason": "不是我"}, follow=True
    ).content.decode()
    address = reverse("pages:objection-withdraw", args=[Objection.objects.get().pk])

    html = phone.post(address, follow=True).content.decode()

    assert address in shown
    assert Objection.objects.get().state == "withdrawn"
    assert "异议已撤回，一切照旧" in html
    assert "异议核查中" not in html


def test_somebody_elses_objection_is_not(phone: Client, record: ServiceRecord) -> None:
    doubt = ObjectionFactory(attendance=record.attendance, record=record, raised_at=timezone.now())
    address = reverse("pages:objection-withdraw", args=[doubt.pk])

    assert address not in html_of(phone, reverse("pages:records"))
    assert phone.post(address).status_code == 404


def test_objecting_twice_is_answered_at_the_form(phone: Client, record: ServiceRecord) -> None:
    address = reverse("pages:record-object", args=[record.pk])
    phone.post(address, {"reason": "不是我"})

    response = phone.post(address, {"reason": "真不是"})

    assert response.status_code == 409
    assert "已有异议在核查" in response.content.decode()


def test_objecting_to_a_waiting_attendance(phone: Client, volunteer: Volunteer) -> None:
    waiting = make_waiting(volunteer=volunteer)
    address = reverse("pages:attendance-object", args=[waiting.pk])
    asked = phone.get(address)

    html = phone.post(address, {"reason": "扫错了"}, follow=True).content.decode()

    assert asked.status_code == 200
    assert "异议核查中" in html
    assert address not in html


def test_the_outcome_stands_under_the_record(phone: Client, staff: Client, record: ServiceRecord) -> None:
    CorrectionFactory(record=record, asked_at=timezone.now())
    wish = Correction.objects.get()
    staff.post(reverse("pages:correction-decide", args=[wish.pk]), {"decision": "approve"})

    html = html_of(phone, reverse("pages:records"))

    assert "已更正" in html
    assert "共 2 小时" in html


@pytest.mark.parametrize("name", ["record-correct", "record-object"])
def test_nobody_elses_record_is_found(record: ServiceRecord, name: str) -> None:
    other = browser(make_volunteer().user)

    answers = [
        other.get(reverse(f"pages:{name}", args=[record.pk])),
        other.post(reverse(f"pages:{name}", args=[record.pk]), {"minutes": "60", "reason": "x"}),
        other.get(reverse("pages:attendance-object", args=[record.attendance_id])),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


# --- the public -------------------------------------------------------------------------------------------


def test_the_public_gets_a_number_and_reads_the_state_with_it(staff: Client, record: ServiceRecord) -> None:
    nobody = browser()
    sent = nobody.post(
        reverse("pages:objections"), {"record": record.pk, "reason": "没有看到他", "contact": ""}, follow=True
    ).content.decode()
    [ticket] = re.findall(r'data-ticket="(\w{16})"', sent)
    staff.post(reverse("pages:objection-decide", args=[Objection.objects.get().pk]), {"decision": "accept"})

    html = html_of(nobody, reverse("pages:objections") + f"?ticket={ticket[:8]}+{ticket[8:].lower()}")

    assert "请记下编号" in sent
    assert 'data-state="open"' in html
    assert "核查中" in html
    for told in ("张", "没有看到他", record.activity_name):
        assert told not in html


def test_a_number_nobody_has_is_said_so() -> None:
    assert "没有这个编号" in html_of(browser(), reverse("pages:objections") + "?ticket=ABC")


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, 400), ({"record": "x", "reason": "x"}, 400), ({"record": "99999999", "reason": "看到的"}, 404)],
)
def test_what_the_public_sends_is_checked_at_its_field(given: dict[str, str], status: int) -> None:
    response = browser().post(reverse("pages:objections"), given)

    assert (response.status_code, "field__error" in response.content.decode()) == (status, True)
    assert not Objection.objects.exists()


def test_a_flood_from_one_address_is_slowed_down(record: ServiceRecord, settings) -> None:
    settings.OBJECTIONS_PER_ADDRESS = "1/hour"
    given = {"record": record.pk, "reason": "没有看到他"}

    answers = [browser().post(reverse("pages:objections"), given) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 429]


def test_every_public_page_leads_there() -> None:
    assert f'href="{reverse("pages:objections")}"' in html_of(browser(), reverse("pages:home"))


# --- the desk ---------------------------------------------------------------------------------------------


def test_a_correction_shows_before_and_after_and_is_granted(staff: Client, record: ServiceRecord) -> None:
    wish = CorrectionFactory(record=record, asked_at=timezone.now())

    shown = html_of(staff, reverse("pages:tickets"))
    done = staff.post(
        reverse("pages:correction-decide", args=[wish.pk]), {"decision": "approve", "reason": ""}, follow=True
    ).content.decode()

    assert re.search(r"3 小时 <.*→.*> 2 小时", shown)
    assert "张*明" in shown
    assert "张晓明" not in shown
    assert "已更正：原记录撤销，新记录生效" in done
    assert "没有等您核实的更正" in done


def test_not_correcting_needs_a_word(staff: Client, record: ServiceRecord) -> None:
    wish = CorrectionFactory(record=record, asked_at=timezone.now())
    address = reverse("pages:correction-decide", args=[wish.pk])

    silent = staff.post(address, {"decision": "refuse", "reason": " "})
    explained = staff.post(address, {"decision": "refuse", "reason": "签退在十二点"}, follow=True)

    assert silent.status_code == 400
    assert 'data-code="ticket_reason_required"' in silent.content.decode()
    assert "未更正，理由已告诉申请人" in explained.content.decode()


def test_whoever_wrote_the_record_is_told_to_leave_it_to_others(
    activity: Activity, record: ServiceRecord
) -> None:
    wish = CorrectionFactory(record=record, asked_at=timezone.now())
    writer = browser(record.recorded_by)

    shown = html_of(writer, reverse("pages:tickets"))
    tried = writer.post(reverse("pages:correction-decide", args=[wish.pk]), {"decision": "approve"})

    assert "请交给同事" in shown
    assert 'data-testid="approve"' not in shown
    assert (tried.status_code, Correction.objects.get().state) == (403, "open")


def test_staff_ask_by_number_and_somebody_else_decides(staff: Client, record: ServiceRecord) -> None:
    address = reverse("pages:correction-ask")

    unknown = staff.post(address, {"record": "99999999", "minutes": "60", "reason": "x"})
    asked = staff.post(address, {"record": record.pk, "minutes": "60", "reason": "早退"}, follow=True)

    assert unknown.status_code == 404
    assert "请另一位同事核实" in asked.content.decode()
    assert "请交给同事" in asked.content.decode()


Decide = Callable[[str, str], str]


@pytest.fixture
def decide(staff: Client) -> Decide:
    """Press a button of the only objection and read the next page."""

    def press(decision: str, reason: str) -> str:
        address = reverse("pages:objection-decide", args=[Objection.objects.get().pk])
        return staff.post(address, {"decision": decision, "reason": reason}, follow=True).content.decode()

    return press


def test_an_objection_from_the_public_is_accepted_and_upheld(
    staff: Client, record: ServiceRecord, decide: Decide
) -> None:
    PublicObjectionFactory(attendance=record.attendance, record=record, raised_at=timezone.now())
    received = html_of(staff, reverse("pages:tickets"))

    accepted = decide("accept", "")
    upheld = decide("uphold", "只有一小时")

    assert 'data-testid="accept"' in received
    assert 'data-testid="uphold"' not in received
    assert "成立，撤销记录" in accepted
    assert "异议成立，考勤已退回或记录已撤销" in upheld
    assert ServiceRecord.objects.filter(reverses=record).exists()


def test_an_objection_to_a_waiting_row_is_dismissed_with_a_word(staff: Client, decide: Decide) -> None:
    ObjectionFactory(attendance=make_waiting(), raised_at=timezone.now())

    silent = decide("dismiss", "")
    explained = decide("dismiss", "在场有照片")

    assert 'data-code="ticket_reason_required"' in silent
    assert "异议不成立，一切照旧" in explained
    assert Attendance.objects.get().status == "pending"


@pytest.mark.parametrize("name", ["correction-decide", "objection-decide"])
def test_a_button_nobody_made_does_nothing(staff: Client, record: ServiceRecord, name: str) -> None:
    wish = CorrectionFactory(record=record, asked_at=timezone.now())
    doubt = PublicObjectionFactory(attendance=make_waiting(), raised_at=timezone.now())
    ticket = wish if name == "correction-decide" else doubt

    assert staff.post(reverse(f"pages:{name}", args=[ticket.pk]), {"decision": "burn"}).status_code == 400
    assert (Correction.objects.get().state, Objection.objects.get().state) == ("open", "received")


def test_a_contact_is_shown_once_asked_for_and_noted(staff: Client) -> None:
    doubt = PublicObjectionFactory(attendance=make_waiting(), contact="13800001234", raised_at=timezone.now())

    before = html_of(staff, reverse("pages:tickets") + "?kind=objections")
    after = staff.post(reverse("pages:objection-contact", args=[doubt.pk])).content.decode()

    assert "13800001234" not in before
    assert "13800001234" in after
    assert AuditEntry.objects.filter(action="objection.contact").count() == 1


def test_another_places_tickets_are_not_there(record: ServiceRecord) -> None:
    wish = CorrectionFactory(record=record, asked_at=timezone.now())
    elsewhere = browser(make_staff(Role.COMMUNITY_STAFF, "5101"))

    shown = html_of(elsewhere, reverse("pages:tickets"))
    tried = elsewhere.post(reverse("pages:correction-decide", args=[wish.pk]), {"decision": "approve"})

    assert 'data-testid="correction"' not in shown
    assert tried.status_code == 404


# --- the ten working days ---------------------------------------------------------------------------------


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
