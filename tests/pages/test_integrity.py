"""The pages where the community looks for fraud."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import StaffFactory, make_staff
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.integrity import AuditDrawFactory, AuditItemFactory, SignalFactory
from tests.pages.scenes import browser, manager_of
from volunteers.integrity.choices import AuditResult, SignalKind, SignalState
from volunteers.integrity.draws import text_of
from volunteers.integrity.models import AuditItem, Signal
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def staff() -> Client:
    return browser(make_staff(Role.COMMUNITY_STAFF, "520102001"))


@pytest.fixture
def record() -> ServiceRecord:
    made: ServiceRecord = ServiceRecordFactory()
    return made


@pytest.fixture
def signal(record: ServiceRecord) -> Signal:
    made: Signal = SignalFactory(
        kind=SignalKind.RELATED_PHONE,
        site=record.attendance.site,
        manager=StaffFactory(display_name="王小芳"),
        volunteer=record.volunteer,
        day=timezone.localdate() - timedelta(days=1),
        evidence={"records": 1, "minutes": 180, "attendances": [record.attendance_id]},
    )
    return made


def test_a_signal_says_what_where_who_and_why(staff: Client, signal: Signal) -> None:
    html = staff.get(reverse("pages:integrity")).content.decode()

    assert "确认人是监护人" in html
    assert "确认人的手机号就是志愿者监护人的手机号，共确认 1 条、180 分钟。" in html
    assert signal.site.name in html
    assert "确认人 王*芳 · 志愿者 张*明" in html
    assert "王小芳" not in html
    assert "张晓明" not in html


def test_a_signal_of_another_region_is_not_shown(signal: Signal) -> None:
    html = browser(make_staff(Role.COMMUNITY_STAFF, "5101")).get(reverse("pages:integrity")).content.decode()

    assert 'data-testid="signal"' not in html
    assert "没有等您复核的疑点。" in html


def test_the_queue_shows_one_state_at_a_time(staff: Client, signal: Signal) -> None:
    def shown(query: str) -> int:
        html = staff.get(reverse("pages:integrity") + query).content.decode()
        return html.count('data-testid="signal"')

    assert (shown(""), shown("?state=new"), shown("?state=cleared"), shown("?state=x")) == (1, 1, 0, 1)


def test_a_supervisor_reads_without_buttons(signal: Signal) -> None:
    client = browser(make_staff(Role.SUPERVISOR, "52"))

    html = client.get(reverse("pages:integrity")).content.decode()
    refused = client.post(reverse("pages:signal-clear", args=[signal.pk]), {"reason": "没事"}, headers=HTMX)

    signal.refresh_from_db()
    assert html.count('data-testid="signal"') == 1
    assert 'data-testid="review"' not in html
    assert (refused.status_code, signal.state) == (403, SignalState.NEW)


def test_clearing_answers_with_the_card(staff: Client, signal: Signal) -> None:
    answer = staff.post(
        reverse("pages:signal-clear", args=[signal.pk]), {"reason": "母亲代女儿操作"}, headers=HTMX
    )

    html = answer.content.decode()
    signal.refresh_from_db()
    assert (answer.status_code, signal.state) == (200, SignalState.CLEARED)
    assert "已记为没有问题" in html
    assert "母亲代女儿操作" in html
    assert "<html" not in html


def test_confirming_takes_the_ticked_records_back(
    staff: Client, signal: Signal, record: ServiceRecord
) -> None:
    answer = staff.post(
        reverse("pages:signal-confirm", args=[signal.pk]),
        {"reason": "人在外地", "records": [str(record.pk)]},
        headers=HTMX,
    )

    assert "已确认属实，撤销 1 条记录，积分随后扣回" in answer.content.decode()
    assert ServiceRecord.objects.filter(reverses=record).count() == 1


def test_confirming_without_a_tick_takes_nothing_back(staff: Client, signal: Signal) -> None:
    answer = staff.post(
        reverse("pages:signal-confirm", args=[signal.pk]), {"reason": "已批评教育"}, headers=HTMX
    )

    assert "已确认属实，没有撤销记录" in answer.content.decode()
    assert ServiceRecord.objects.count() == 1


def test_no_record_is_ticked_beforehand(staff: Client, signal: Signal, record: ServiceRecord) -> None:
    html = staff.get(reverse("pages:integrity")).content.decode()

    assert f'name="records" value="{record.pk}"' in html
    assert "checked" not in html


def test_a_review_without_a_reason_is_said_on_the_card(staff: Client, signal: Signal) -> None:
    answer = staff.post(reverse("pages:signal-clear", args=[signal.pk]), {"reason": " "}, headers=HTMX)

    signal.refresh_from_db()
    assert (answer.status_code, signal.state) == (400, SignalState.NEW)
    assert "请写明复核的依据。" in answer.content.decode()


def test_without_scripts_a_review_leads_back_to_the_queue(staff: Client, signal: Signal) -> None:
    answer = staff.post(reverse("pages:signal-clear", args=[signal.pk]), {"reason": "没事"}, follow=True)

    assert answer.redirect_chain == [(reverse("pages:integrity"), 302)]
    assert "已记为没有问题" in answer.content.decode()


def test_without_scripts_a_refusal_is_a_page_with_a_way_back(staff: Client, signal: Signal) -> None:
    answer = staff.post(reverse("pages:signal-confirm", args=[signal.pk]), {"reason": ""})

    assert answer.status_code == 400
    assert f'href="{reverse("pages:integrity")}"' in answer.content.decode()


@pytest.mark.parametrize("name", ["signal-clear", "signal-confirm", "audit-decide"])
def test_what_is_not_there_is_not_found(staff: Client, name: str) -> None:
    answer = staff.post(
        reverse(f"pages:{name}", args=[10**12]), {"reason": "没事", "result": "sound"}, headers=HTMX
    )

    assert answer.status_code == 404


# --- the sample ---


@pytest.fixture
def item(record: ServiceRecord) -> AuditItem:
    made: AuditItem = AuditItemFactory(record=record, draw=AuditDrawFactory(period="2026-W37"))
    return made


def test_a_draw_tells_what_it_takes_to_check_it(staff: Client, item: AuditItem) -> None:
    html = staff.get(reverse("pages:integrity-audits")).content.decode()

    assert text_of(period="2026-W37", population=50) in html
    assert item.draw.seed in html
    assert "全平台 50 条新记录，抽 2%" in html
    assert f"记录 {item.record_id}" in html
    assert "张*明" in html


def test_a_draw_without_a_record_here_says_so(item: AuditItem) -> None:
    client = browser(make_staff(Role.COMMUNITY_STAFF, "5101"))

    html = client.get(reverse("pages:integrity-audits")).content.decode()

    assert "这一周没有抽到您辖区的记录。" in html
    assert 'data-testid="audit-item"' not in html


def test_a_false_record_is_taken_back(staff: Client, item: AuditItem) -> None:
    answer = staff.post(
        reverse("pages:audit-decide", args=[item.pk]), {"result": "fraud", "reason": "本人否认"}, headers=HTMX
    )

    item.refresh_from_db()
    assert (item.result, ServiceRecord.objects.count()) == (AuditResult.FRAUD, 2)
    assert "虚假" in answer.content.decode()


def test_a_false_record_without_a_reason_is_said_on_its_row(staff: Client, item: AuditItem) -> None:
    answer = staff.post(reverse("pages:audit-decide", args=[item.pk]), {"result": "fraud"}, headers=HTMX)

    assert answer.status_code == 400
    assert 'data-code="audit_reason_required"' in answer.content.decode()


def test_no_draws_yet(staff: Client) -> None:
    assert "还没有抽查。" in staff.get(reverse("pages:integrity-audits")).content.decode()


# --- where to look first ---


def test_the_scores_of_managers_and_sites(staff: Client, signal: Signal) -> None:
    html = staff.get(reverse("pages:integrity-scores")).content.decode()

    assert html.count('data-testid="score"') == 2
    assert "王*芳" in html
    assert signal.site.name in html


# --- the way there ---


def test_community_staff_find_the_way_from_their_first_page(staff: Client, signal: Signal) -> None:
    html = staff.get(reverse("pages:manage")).content.decode()

    assert f'href="{reverse("pages:integrity")}"' in html
    assert "有 1 条疑点等您复核。" in html


def test_a_site_manager_does_not(signal: Signal) -> None:
    html = browser(manager_of(signal.site)).get(reverse("pages:manage")).content.decode()

    assert reverse("pages:integrity") not in html
