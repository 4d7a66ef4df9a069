"""The page of what could not be delivered."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.scopes import Role
from backend.core.models import AuditEntry, OutboxEvent
from tests.factories.accounts import make_staff
from tests.factories.events import make_dead_event, make_delivered, make_event
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    return browser(make_staff(Role.PLATFORM_ADMIN))


def test_a_dead_event_says_what_for_whom_and_why_without_naming_anybody(admin: Client) -> None:
    make_dead_event(key="volunteer:4711", age=timedelta(hours=2), last_error="RuleSetMissing: <b>510104")
    make_event(age=timedelta(seconds=30))
    make_delivered(1)

    html = admin.get(reverse("pages:events")).content.decode()

    assert html.count('data-testid="event"') == 1
    assert "服务记录计分" in html
    assert "一位志愿者" in html
    assert "2 小时前" in html
    assert "10 次" in html
    assert "RuleSetMissing: &lt;b&gt;510104" in html
    assert "4711" not in html
    assert '<dd data-testid="waiting">1</dd>' in html
    assert '<dd data-testid="drained">1</dd>' in html


@pytest.mark.parametrize(("state", "shown"), [("retrying", 1), ("waiting", 2), ("dead", 0), ("rubbish", 0)])
def test_other_states_are_a_tab_away_and_cannot_be_retried(state: str, shown: int, admin: Client) -> None:
    make_event(attempts=2)
    for _ in range(2):
        make_event()

    html = admin.get(reverse("pages:events"), {"state": state}).content.decode()

    assert html.count('data-testid="event"') == shown
    assert 'data-testid="retry' not in html
    assert ('data-testid="empty"' in html) == (shown == 0)


def test_one_is_tried_again(admin: Client) -> None:
    one, other = make_dead_event(), make_dead_event()

    answer = admin.post(reverse("pages:event-retry", args=[one.pk]), follow=True)

    assert "已重新排队，几秒内投递。" in answer.content.decode()
    assert list(OutboxEvent.objects.filter(dead=True)) == [other]
    assert AuditEntry.objects.filter(action="outbox.retried").count() == 1


def test_trying_again_what_is_not_dead_says_so(admin: Client) -> None:
    answer = admin.post(reverse("pages:event-retry", args=[make_event().pk]))

    assert answer.status_code == 409
    assert "这条事件没有停下，不用重新投递。" in answer.content.decode()


def test_all_are_tried_again(admin: Client) -> None:
    for _ in range(3):
        make_dead_event()

    answer = admin.post(reverse("pages:events-retry"), follow=True)

    assert "已重新排队 3 条。" in answer.content.decode()
    assert OutboxEvent.objects.filter(dead=True).count() == 0


def test_the_way_there_is_on_the_first_page_of_platform_administrators_only(admin: Client) -> None:
    staff = browser(make_staff(Role.COMMUNITY_STAFF, "5201"))
    address = reverse("pages:events")

    assert address in admin.get(reverse("pages:manage")).content.decode()
    assert address not in staff.get(reverse("pages:manage")).content.decode()
