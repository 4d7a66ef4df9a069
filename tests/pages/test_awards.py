"""Points for what is not service, entered and decided on a page."""

import pytest
from django.urls import reverse

from backend.accounts.scopes import Role
from points.ledger.queries import balance
from points.scoring.other_models import OtherAward
from tests.factories.accounts import make_staff
from tests.factories.ledger import OtherAwardFactory, rules_in_force
from tests.pages.scenes import browser, make_volunteer

pytestmark = pytest.mark.django_db

AWARDS = "pages:awards"


@pytest.fixture(autouse=True)
def rules():
    return rules_in_force(other_awards={"lecture": {"points": 3, "monthly_limit": 7}})


@pytest.fixture
def staff():
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201"))


@pytest.fixture
def other_staff():
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201"))


def lecture(volunteer, **more):
    return {
        "number": volunteer.number,
        "kind": "lecture",
        "quantity": "1",
        "day": "2026-09-12",
        "reference": "急救讲座",
        "evidence": "签到表第 3 页",
        **more,
    }


def decide(client, award, **body):
    return client.post(reverse("pages:award-decide", args=[award.pk]), {"reason": "", **body})


def test_one_enters_another_approves_and_the_points_are_there(staff, other_staff, now):
    volunteer = make_volunteer()

    entered = staff.post(reverse(AWARDS), lecture(volunteer))
    made = OtherAward.objects.get()
    page = staff.get(reverse(AWARDS)).content.decode()
    to_decide = other_staff.get(reverse(AWARDS)).content.decode()
    approved = decide(other_staff, made, decision="approve")

    assert (entered.status_code, approved.status_code) == (302, 302)
    assert balance(volunteer, at=now).available == 3
    assert "您自己不能通过" in page
    assert 'data-testid="approve"' not in page
    assert 'data-testid="to-decide"' not in page
    assert "有 1 项等您复核。" in to_decide
    assert volunteer.name not in page
    assert (
        "参加讲座 1 次，计 3 积分。" in browser(volunteer.user).get(reverse("pages:points")).content.decode()
    )
    after = other_staff.get(reverse(AWARDS)).content.decode()
    assert "已通过，计 3 积分。" in after
    assert 'data-testid="approve"' not in after


def test_what_waits_comes_first_and_who_may_decide_has_the_buttons(other_staff):
    decided = OtherAwardFactory(reference="先来的")
    decide(other_staff, decided, decision="reject", reason="签到表上没有")
    OtherAwardFactory(reference="后来的")

    page = other_staff.get(reverse(AWARDS)).content.decode()

    assert page.index("后来的") < page.index("先来的")
    assert page.count('data-testid="approve"') == 1
    assert "签到表上没有" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "999999999999"}, "没有这个编号"),
        ({"quantity": "0"}, "大于或等于"),
        ({"quantity": "²"}, "整数"),
        ({"day": "yesterday"}, "输入一个有效的日期"),
        ({"day": "2999-01-01"}, "不晚于今天的日期"),
        ({"reference": ""}, "该字段是必填项"),
        ({"kind": "training"}, "不给“通过培训”计分"),
        ({"kind": "party"}, "选择"),
    ],
)
def test_what_cannot_be_entered_is_said(staff, change, sentence):
    answer = staff.post(reverse(AWARDS), lecture(make_volunteer(), **change))

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not OtherAward.objects.exists()


def test_rejecting_without_a_reason_is_refused_beside_the_award(other_staff):
    made = OtherAwardFactory()

    answer = decide(other_staff, made, decision="reject")

    assert answer.status_code == 400
    assert "请写明不通过的理由" in answer.content.decode()
    made.refresh_from_db()
    assert made.state == "waiting"


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_an_unknown_decision_is_refused(other_staff, decision):
    assert decide(other_staff, OtherAwardFactory(), decision=decision).status_code == 400


def test_an_own_award_is_not_decided_and_those_of_elsewhere_are_not_there(staff):
    staff.post(reverse(AWARDS), lecture(make_volunteer()))
    made = OtherAward.objects.get()
    elsewhere = browser(make_staff(Role.COMMUNITY_STAFF, "51"))

    assert decide(staff, made, decision="approve").status_code == 403
    assert decide(elsewhere, made, decision="approve").status_code == 404
    assert "还没有登记" in elsewhere.get(reverse(AWARDS)).content.decode()


def test_the_managers_first_page_leads_there(staff):
    assert reverse(AWARDS) in staff.get(reverse("pages:manage")).content.decode()
