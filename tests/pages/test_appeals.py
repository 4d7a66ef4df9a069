"""An emergency appeal from its first call to its final report: what staff do, and what everybody reads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Organization, User
from backend.accounts.scopes import Role, actor_for
from points.appeals import services
from points.appeals.choices import AppealStatus
from points.appeals.models import Appeal, AppealGift, AppealLine, AppealReport
from points.giving.models import Donation
from tests.factories.accounts import OrganizationFactory, make_staff
from tests.factories.giving import make_door, signed
from tests.factories.market import DonorFactory
from tests.factories.openness import open_appeal
from tests.factories.regions import make_path
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db
DESK = reverse("pages:appeal-desk")
PUBLIC = reverse("pages:appeals")
RUBBISH = ["0", "-1", "1000000000", "1.5", "1\x00", "一", "", "9" * 4000]
NOT_IN_ORDER = [
    ("organization", "999999"),
    ("organization", "x"),
    ("title", ""),
    ("title", "<b>急"),
    ("title", "急" * 4000),
    ("command_order", "  "),
    ("command_order", "\x00"),
    ("bring_to", "\u202e"),
    ("reason", "<script>"),
    ("needs", ""),
    ("needs", "大米 0 袋"),
    ("needs", "大米 -1 袋"),
    ("needs", "大米 1.5 袋"),
    ("needs", "大米 999999999 袋"),
    ("needs", "大米 袋"),
    ("needs", "大米 1 袋\n大米 2 袋"),
    ("needs", "米" * 41 + " 1 袋"),
    ("needs", "米 1 " + "袋" * 11),
    ("needs", "\n".join(f"物{n} 1 件" for n in range(31))),
]


@pytest.fixture
def gift() -> Donation:
    """Eight bags of rice, from somebody who never agreed to be named."""
    make_path()
    signed(make_door(name="陈大明"), at=timezone.now())
    return Donation.objects.get()


@pytest.fixture
def organization(gift: Donation) -> Organization:
    return gift.organization


@pytest.fixture
def manager(organization: Organization) -> User:
    user = make_staff(Role.ORGANIZATION_MANAGER, organization.pk)
    user.display_name = "王小芳"
    user.save()
    return user


@pytest.fixture
def desk(manager: User) -> Client:
    return browser(manager)


@pytest.fixture
def appeal(organization: Organization) -> Appeal:
    return open_appeal(organization=organization, at=timezone.now())


def call(organization: Organization) -> dict[str, object]:
    """What somebody types into the form of an appeal."""
    return {
        "organization": organization.pk,
        "title": "暴雨安置点物资",
        "reason": "三百人在学校过夜",
        "command_order": "筑应急〔2026〕18 号",
        "bring_to": "新华路 1 号慈善超市",
        "needs": "大米 20 袋\n毛毯 40 条",
    }


def kept(appeal: Appeal) -> str:
    return reverse("pages:appeal-keep", args=[appeal.pk])


def read(appeal: Appeal) -> str:
    """What everybody reads of an appeal."""
    return browser().get(reverse("pages:appeal", args=[appeal.pk])).content.decode()


def test_an_appeal_is_followed_by_everybody_from_its_call_to_its_final_report(
    desk: Client, organization: Organization, gift: Donation
) -> None:
    opened = desk.post(DESK, call(organization))
    appeal = Appeal.objects.get()
    rice = appeal.lines.get(item="大米")
    assert opened["Location"] == kept(appeal)
    called = read(appeal)
    for said in ("还差 20 袋", "把物资送到：新华路 1 号慈善超市", "第一期会在发起后五天内发布。"):
        assert said in called
    assert "暴雨安置点物资" in browser().get(PUBLIC).content.decode()
    assert "暴雨安置点物资" in browser().get("/").content.decode()

    desk.post(kept(appeal), {"act": "gift", "line": rice.pk, "number": gift.number, "quantity": "8"})
    desk.post(kept(appeal), {"act": "publish", "note": "八袋已送到安置点"})
    counted = read(appeal)
    due = timezone.localdate() + timedelta(days=5)
    for said in ("还差 12 袋", "第 1 期", "八袋已送到安置点", f'data-testid="next-due">{due:%Y-%m-%d}'):
        assert said in counted
    assert ("王*芳" in counted, "王小芳" in counted) == (True, False), "a name in public is masked"
    assert ("陈大明" in counted, gift.number in counted) == (False, False), "donors are not part of it"

    desk.post(kept(appeal), {"act": "close"})
    ended = read(appeal)
    assert ("结束时还差 12 袋" in ended, "把物资送到" in ended) == (True, False)
    assert "看公开记录" in browser().get(PUBLIC).content.decode()
    assert "暴雨安置点物资" not in browser().get("/").content.decode()
    desk.post(kept(appeal), {"act": "final", "note": "全部发给安置的居民"})
    told = read(appeal)
    assert ("总结报告" in told, "全部发给安置的居民" in told, 'data-testid="next-due"' in told) == (
        True,
        True,
        False,
    )
    assert "已办结" in desk.get(DESK).content.decode()
    assert list(appeal.reports.order_by("number").values_list("number", "final")) == [(1, False), (2, True)]


def test_a_call_that_is_not_in_order_is_refused_at_its_field_and_keeps_what_was_typed(
    desk: Client, organization: Organization
) -> None:
    for field, typed in NOT_IN_ORDER:
        answer = desk.post(DESK, call(organization) | {field: typed})

        form = answer.content.decode().split('data-testid="open-form"')[1]
        told = (answer.status_code, f'data-testid="error-{field}"' in form, form.count('data-testid="error-'))
        assert told == (400, True, 1), (field, typed[:20])
        assert ("筑应急〔2026〕18 号" if field != "command_order" else "三百人在学校过夜") in form

    assert not Appeal.objects.exists()


def test_a_strange_quantity_is_refused_at_its_field_and_nothing_is_counted(
    desk: Client, appeal: Appeal, gift: Donation
) -> None:
    water = appeal.lines.get(item="瓶装水")
    for typed in RUBBISH:
        counted = {"act": "gift", "line": water.pk, "number": gift.number, "quantity": typed}
        needed = {"act": "need", "item": "毛毯", "unit": "条", "needed": typed}
        answers = [desk.post(kept(appeal), sent) for sent in (counted, needed)]

        gifts, needs = (answer.content.decode() for answer in answers)
        assert [answer.status_code for answer in answers] == [400, 400], typed[:20]
        where = "reason" if typed == "-1" else "quantity"  # below zero takes back, for a reason
        assert (f'data-testid="error-{where}"' in gifts, f'value="{gift.number}"' in gifts) == (True, True)
        assert ('data-testid="error-needed"' in needs, 'value="毛毯"' in needs) == (True, True)

    assert not AppealGift.objects.exists()
    assert appeal.lines.get(item="毛毯").needed == 40


def test_a_gift_nobody_knows_is_refused_at_the_number(desk: Client, appeal: Appeal) -> None:
    sent = {"act": "gift", "line": appeal.lines.all()[0].pk, "quantity": "7"}
    for number, status in (("ABCDEFGHJKMN", 404), ("", 400), ("\x00", 400), ("<b>", 404), ("A" * 4000, 400)):
        answer = desk.post(kept(appeal), sent | {"number": number})

        html = answer.content.decode()
        assert (answer.status_code, 'data-testid="error-number"' in html) == (status, True)
        assert ('value="7"' in html, 'value="<b>"' in html) == (True, False)

    assert not AppealGift.objects.exists()


def test_a_gift_of_another_organisation_and_a_need_of_another_appeal_are_not_reached(
    desk: Client, appeal: Appeal, gift: Donation
) -> None:
    elsewhere = open_appeal(organization=OrganizationFactory(), at=timezone.now())
    theirs = signed(make_door(), at=timezone.now()).donation
    mine, not_mine = AppealLine.objects.filter(appeal=appeal)[0], elsewhere.lines.all()[0]
    sent = {"act": "gift", "number": gift.number, "quantity": "1"}

    other_need = desk.post(kept(appeal), sent | {"line": not_mine.pk})
    other_gift = desk.post(kept(appeal), sent | {"line": mine.pk, "number": theirs.number})

    assert (other_need.status_code, other_gift.status_code) == (400, 404)
    assert 'data-testid="error-line"' in other_need.content.decode()
    assert desk.get(kept(elsewhere)).status_code == 404
    assert not AppealGift.objects.exists()


def test_what_was_counted_by_mistake_is_taken_back_with_its_reason(
    desk: Client, appeal: Appeal, gift: Donation
) -> None:
    water = appeal.lines.get(item="瓶装水")
    sent = {"act": "gift", "line": water.pk, "number": gift.number}
    desk.post(kept(appeal), sent | {"quantity": "8"})

    twice = desk.post(kept(appeal), sent | {"quantity": "1"})
    desk.post(kept(appeal), sent | {"quantity": "-8", "reason": "不是水，是米"})

    assert (twice.status_code, "这笔捐赠已经计入这一项" in twice.content.decode()) == (409, True)
    assert list(AppealGift.objects.order_by("pk").values_list("quantity", flat=True)) == [8, -8]
    assert "还差 100 箱" in read(appeal)


def test_a_page_that_was_left_open_says_that_the_appeal_ended_and_keeps_what_was_typed(
    desk: Client, appeal: Appeal, manager: User
) -> None:
    actor, at = actor_for(manager), timezone.now()
    services.close(appeal_id=appeal.pk, actor=actor, at=at)
    late_need = desk.post(kept(appeal), {"act": "need", "item": "雨靴", "unit": "双", "needed": "5"})
    untold = desk.post(kept(appeal), {"act": "final", "note": " "})
    services.publish(appeal_id=appeal.pk, note="发完", final=True, actor=actor, at=at)
    again = desk.post(kept(appeal), {"act": "final", "note": "再说一遍"})

    need, note, last = (answer.content.decode() for answer in (late_need, untold, again))
    assert (late_need.status_code, "这次募集已经结束。" in need, 'value="雨靴"' in need) == (409, True, True)
    assert (untold.status_code, 'data-testid="error-note"' in note) == (400, True)
    assert (again.status_code, "总结报告已经发布" in last, "再说一遍" in last) == (409, True, True)
    assert desk.post(kept(appeal), {"act": "reopen"}).status_code == 400
    assert (AppealReport.objects.count(), appeal.lines.count()) == (1, 2)
    assert Appeal.objects.get().status == AppealStatus.CLOSED


def test_a_late_report_stands_first_on_the_desk_and_is_said_in_public(
    desk: Client, organization: Organization
) -> None:
    at = timezone.now()
    late = open_appeal(organization=organization, title="第一场雨", at=at - timedelta(days=6))
    for turn in range(20):
        open_appeal(organization=organization, title=f"后来的雨{turn}", at=at)

    first = desk.get(DESK).content.decode().split('data-testid="appeal"')[1]

    assert ("第一场雨" in first, "公开超期" in first) == (True, True)
    assert "已超期" in read(late)
    assert 'data-testid="late"' in desk.get(kept(late)).content.decode()


def test_a_supervisor_reads_and_changes_nothing_and_nobody_else_comes_in(appeal: Appeal) -> None:
    supervisor = browser(make_staff(Role.SUPERVISOR, "52"))
    html = supervisor.get(kept(appeal)).content.decode()
    refused = [
        supervisor.post(kept(appeal), {"act": "close"}),
        supervisor.post(kept(appeal), {"act": "publish", "note": "x"}),
        supervisor.post(DESK, call(appeal.organization)),
        browser(make_staff(Role.STORE_CLERK, 1)).get(DESK),
    ]

    assert ("瓶装水" in html, "<form" in html.split("<main")[1]) == (True, False)
    assert [answer.status_code for answer in refused] == [403, 403, 403, 403]
    assert browser().get(DESK).status_code == 302
    assert (Appeal.objects.get().status, AppealReport.objects.count()) == (AppealStatus.OPEN, 0)


def test_with_no_appeal_both_lists_say_so(desk: Client) -> None:
    DonorFactory()

    assert "眼下没有应急募集，平安最好。" in browser().get(PUBLIC).content.decode()
    assert "没有应急募集。" in desk.get(DESK).content.decode()
    assert browser().get(reverse("pages:appeal", args=[2**63])).status_code == 404
