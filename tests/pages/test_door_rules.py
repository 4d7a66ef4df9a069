"""The figures of the door and the qualifications, set from pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.regions import make_path
from tests.pages.scenes import browser, make_activity, make_volunteer
from volunteers.attendance.policies import policy_for
from volunteers.attendance.policy_models import CheckInPolicy
from volunteers.training.models import Qualification

pytestmark = pytest.mark.django_db

POLICIES = "pages:policies"
QUALIFICATIONS = "pages:qualifications"


@pytest.fixture
def staff():
    make_path()
    return browser(make_staff(Role.COMMUNITY_STAFF, "520102"))


def policy(where, **more):
    soon = timezone.localtime(timezone.now() + timedelta(hours=1))
    return {
        "scope": where,
        "effective_from": f"{soon:%Y-%m-%dT%H:%M}",
        "reason": "雨天路远",
        "early_minutes": "60",
        **more,
    }


def test_staff_set_a_figure_for_their_region_and_it_holds_from_its_time_on(staff):
    answer = staff.post(reverse(POLICIES), policy("region:520102000000"))

    made = CheckInPolicy.objects.get()
    assert (answer.status_code, made.figures, made.reason) == (302, {"early_minutes": 60}, "雨天路远")
    where = {"region_code": "520102001001", "organization_id": None}
    assert policy_for(**where, when=made.effective_from).early_minutes == 60
    assert policy_for(**where, when=made.effective_from - timedelta(seconds=1)).early_minutes == 30


def test_the_page_shows_what_was_set_and_why(staff):
    staff.post(reverse(POLICIES), policy("region:520102000000"))

    page = staff.get(reverse(POLICIES)).content.decode()

    assert "雨天路远" in page
    assert "未生效" in page
    assert "提前多少分钟可以签到" in page


def test_an_organizations_manager_sets_it_for_one_activity():
    activity = make_activity()
    manager = browser(make_staff(Role.ORGANIZATION_MANAGER, activity.programme.organization_id))

    answer = manager.post(reverse(POLICIES), policy(f"activity:{activity.pk}"))

    assert answer.status_code == 302
    assert CheckInPolicy.objects.get().scope == "activity"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"early_minutes": "999"}, "小于或等于240"),
        ({"early_minutes": ""}, "没有这个数值"),
        ({"effective_from": "2020-01-01T00:00"}, "至少要在一分钟以后"),
        ({"effective_from": "soon"}, "输入一个有效的日期"),
        ({"reason": ""}, "该字段是必填项"),
        ({"scope": "region:110000000000"}, "选择"),
    ],
)
def test_what_cannot_be_set_is_said_at_its_field(staff, change, sentence):
    answer = staff.post(reverse(POLICIES), policy("region:520102000000", **change))

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not CheckInPolicy.objects.exists()


def qualification(volunteer, **more):
    return {
        "number": volunteer.number,
        "kind": "training",
        "course": "first-aid",
        "valid_from": "2026-01-01",
        "valid_until": "",
        "evidence": "结业证 12 号",
        **more,
    }


def test_staff_record_a_training_and_revoke_it(staff):
    volunteer = make_volunteer()

    recorded = staff.post(reverse(QUALIFICATIONS), qualification(volunteer))
    made = Qualification.objects.get()
    revoked = staff.post(reverse("pages:qualification-revoke", args=[made.pk]))

    made.refresh_from_db()
    assert (recorded.status_code, revoked.status_code) == (302, 302)
    assert (made.volunteer, made.course, made.revoked_at is not None) == (volunteer, "first-aid", True)
    page = staff.get(reverse(QUALIFICATIONS)).content.decode()
    assert "已作废" in page
    assert volunteer.name not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "999999999999"}, "没有这个编号"),
        ({"course": ""}, "课程代码"),
        ({"kind": "insurance", "course": ""}, "截止日期"),
        ({"valid_until": "2025-01-01"}, "截止日期不早于起始日期"),
        ({"valid_from": "yesterday"}, "输入一个有效的日期"),
    ],
)
def test_a_qualification_that_is_not_whole_is_refused(staff, change, sentence):
    answer = staff.post(reverse(QUALIFICATIONS), qualification(make_volunteer(), **change))

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Qualification.objects.exists()


def test_elsewhere_nobody_records_for_our_volunteers():
    volunteer = make_volunteer()
    elsewhere = browser(make_staff(Role.COMMUNITY_STAFF, "51"))

    answer = elsewhere.post(reverse(QUALIFICATIONS), qualification(volunteer))

    assert (answer.status_code, Qualification.objects.count()) == (400, 0)
