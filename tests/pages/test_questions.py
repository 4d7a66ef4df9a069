"""A donor asks, staff answer, the donor reads; the public reads what both sides agreed to, and no more."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import OneTimeCode, User
from backend.accounts.scopes import Role, actor_for
from points.giving import questions
from points.giving.models import Donation
from points.giving.question_models import DonorQuestion, QuestionAnswer
from tests.factories.accounts import make_staff
from tests.factories.giving import make_door, make_owner, signed
from tests.factories.openness import ask_about
from tests.factories.regions import make_path
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db
DESK = reverse("pages:question-desk")
READ = reverse("pages:questions")
MINE = reverse("pages:my-giving")
ASKED = "还剩的米打算怎么用？"


@pytest.fixture
def donor() -> User:
    """Who gave eight bags of rice, and never agreed to be named."""
    make_path()
    door = make_door(name="陈大明")
    owner = make_owner(door.donor)
    signed(door, at=timezone.now())
    return owner


@pytest.fixture
def donation(donor: User) -> Donation:
    return Donation.objects.get()


@pytest.fixture
def staff(donation: Donation) -> Client:
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201"))


def ask_page(donation: Donation) -> str:
    return reverse("pages:question-ask", args=[donation.number])


def answer_page(question: DonorQuestion) -> str:
    return reverse("pages:question-answer", args=[question.pk])


def public(donation: Donation) -> str:
    return browser().get(reverse("pages:donation", args=[donation.number])).content.decode()


def test_a_question_goes_from_the_donor_to_staff_and_its_answer_comes_back(
    donor: User, donation: Donation, staff: Client
) -> None:
    phone = browser(donor)

    sent = phone.post(ask_page(donation), {"text": ASKED})
    asked = DonorQuestion.objects.get()
    received = phone.get(sent["Location"]).content.decode()
    for said in ("已收到。请记下编号", ASKED, "还没有答复，最晚", "不公开，只有您和接收组织看得到。"):
        assert said in received
    desk = staff.get(DESK).content.decode()
    assert (ASKED in desk, "陈大明" in desk, asked.ticket in desk) == (True, False, False)
    assert "等答复" in phone.get(MINE).content.decode()
    staff.post(answer_page(asked), {"text": "周五发给独居老人。", "agree_public": "on"})

    mine = phone.get(MINE).content.decode().split('data-testid="questions"')[1].split("</ul>")[0]
    assert (ASKED in mine, "已答复" in mine, f"?ticket={asked.ticket}" in mine) == (True, True, True)
    told = browser().get(READ, {"ticket": f" {asked.ticket[:8].lower()} {asked.ticket[8:]}"}).content.decode()
    assert ("周五发给独居老人。" in told, "还没有答复" in told) == (True, False)
    assert "已答复" in staff.get(DESK).content.decode()
    assert "周五发给独居老人。" not in public(donation), "the donor has not agreed"


def test_the_public_reads_only_what_both_sides_agreed_to_and_only_while_they_do(
    donor: User, donation: Donation, staff: Client
) -> None:
    phone = browser(donor)
    for place, (mine, theirs) in enumerate([("", ""), ("", "on"), ("on", ""), ("on", "on")]):
        phone.post(ask_page(donation), {"text": f"问题{place}", **({"agree_public": "on"} if mine else {})})
        asked = DonorQuestion.objects.get(text=f"问题{place}")
        staff.post(answer_page(asked), {"text": f"回答{place}", **({"agree_public": "on"} if theirs else {})})

    html = public(donation)
    assert re.findall("问题[0-9]|回答[0-9]", html) == ["问题3", "回答3"]
    assert (donor.phone.open() in html, "陈大明" in html) == (False, False)
    taken_back = browser().post(READ, {"ticket": asked.ticket, "agree_public": "no"}, follow=True)
    assert "已撤回，不再公开。" in taken_back.content.decode()
    assert not re.findall("问题[0-9]|回答[0-9]", public(donation))


def test_a_question_says_something_and_nothing_strange_is_kept(donor: User, donation: Donation) -> None:
    phone = browser(donor)
    for typed in ("", "  ", "问" * 501, "<i>" * 4000, "问\x00"):
        answer = phone.post(ask_page(donation), {"text": typed, "agree_public": "on"})

        html = answer.content.decode()
        assert (answer.status_code, 'data-testid="error-text"' in html) == (400, True), typed[:9]
        assert ("<i>" in html, "checked" in html) == (False, True)
    assert not DonorQuestion.objects.exists()

    phone.post(ask_page(donation), {"text": "<script>alert(1)</script>"})
    html = browser().get(READ, {"ticket": DonorQuestion.objects.get().ticket}).content.decode()
    assert "&lt;script&gt;alert(1)" in html


def test_who_is_not_signed_in_shows_by_a_code_that_the_donors_phone_is_theirs(
    donor: User, donation: Donation, settings: object
) -> None:
    setattr(settings, "DEMO", True)  # noqa: B010 – pytest-django's fixture has no such attribute to the checker
    client = browser()
    typed = {"text": ASKED, "agree_public": "on", "phone": donor.phone.open()}

    no_phone = client.post(ask_page(donation), typed | {"phone": "123"})
    step = client.post(ask_page(donation), typed).content.decode()
    code = re.findall(r'data-code="([0-9]+)"', step)[0]
    wrong = client.post(ask_page(donation), typed | {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (no_phone.status_code, 'data-testid="error-phone"' in no_phone.content.decode()) == (400, True)
    assert (wrong.status_code, 'data-testid="error-code"' in wrong.content.decode()) == (400, True)
    assert ASKED in wrong.content.decode()
    assert not DonorQuestion.objects.exists()

    right = client.post(ask_page(donation), typed | {"code": code})
    asked = DonorQuestion.objects.get()
    assert asked.ticket in right["Location"]
    assert (asked.text, asked.agree_public, asked.asked_by) == (ASKED, True, donor)


def test_with_another_phone_one_is_back_at_the_phone_with_the_question_kept(
    donation: Donation, settings: object
) -> None:
    setattr(settings, "DEMO", True)  # noqa: B010 – pytest-django's fixture has no such attribute to the checker
    client = browser()
    typed = {"text": ASKED, "agree_public": "True", "phone": "13700000001"}
    step = client.post(ask_page(donation), typed).content.decode()
    code = re.findall(r'data-code="([0-9]+)"', step)[0]

    not_theirs = client.post(ask_page(donation), typed | {"code": code})
    spent = client.post(ask_page(donation), typed | {"code": code})

    first, second = not_theirs.content.decode(), spent.content.decode()
    assert (not_theirs.status_code, 'data-testid="error-phone"' in first) == (403, True)
    assert (spent.status_code, "验证码已失效，请重新获取。" in second) == (400, True)
    for html in (first, second):
        assert (ASKED in html, "checked" in html, "获取验证码" in html) == (True, True, True)
        assert 'data-testid="code"' not in html
    assert not DonorQuestion.objects.exists()
    assert OneTimeCode.objects.filter(used_at__isnull=False).count() == 1


def test_an_answer_that_says_nothing_is_refused_where_it_was_typed(
    donor: User, donation: Donation, staff: Client
) -> None:
    at = timezone.now()
    first, *_rest, last = [
        DonorQuestion.objects.create(
            ticket=f"{number:016}",
            donation=donation,
            text=f"问题{number}",
            asked_by=donor,
            asked_at=at,
            due_on=timezone.localdate(),
        )
        for number in range(21)
    ]

    for typed in ("", " ", "答" * 1001, "<i>" * 4000, "答\x00"):
        answer = staff.post(f"{answer_page(last)}?page=2", {"text": typed, "agree_public": "on"})

        html = answer.content.decode()
        assert (answer.status_code, 'data-testid="error-text"' in html, "<i>" in html) == (400, True, False)
        card = html.split(f'data-id="{last.pk}"')[1]
        assert ("aria-invalid" in card, "checked" in card) == (True, True)
        assert f'href="{DESK}?page=1"' in html, "the other pages are the desk's, not of where it was sent"
    assert not QuestionAnswer.objects.exists()

    pages = [staff.get(DESK, {"page": page}).content.decode() for page in (1, 2)]
    assert [f'data-id="{last.pk}"' in html for html in pages] == [False, True]
    assert f"{answer_page(last)}?page=2" in pages[1], "so that a refusal finds its way back"
    assert f"{answer_page(first)}?page=1" in pages[0]


def test_only_who_answers_for_the_gift_answers_and_nobody_their_own_question(
    donor: User, donation: Donation
) -> None:
    own = make_staff(Role.ORGANIZATION_MANAGER, donation.organization_id)
    asked = ask_about(donation, donor, at=timezone.now())
    mine = DonorQuestion.objects.create(
        ticket="0" * 16,
        donation=donation,
        text="我自己问的",
        asked_by=own,
        asked_at=timezone.now(),
        due_on=timezone.localdate(),
    )
    supervisor = browser(make_staff(Role.SUPERVISOR, "52"))
    elsewhere = browser(make_staff(Role.COMMUNITY_STAFF, "51"))
    clerk = browser(make_staff(Role.STORE_CLERK, donation.store_id))
    said = {"text": "周五发。"}

    assert (
        ASKED in supervisor.get(DESK).content.decode(),
        elsewhere.get(DESK).content.decode().count(ASKED),
    ) == (
        True,
        0,
    )
    assert 'data-testid="send-answer"' not in supervisor.get(DESK).content.decode()
    refused = [
        client.post(answer_page(asked), said) for client in (supervisor, elsewhere, clerk, browser(donor))
    ]
    assert [answer.status_code for answer in refused] == [403, 404, 403, 403]
    own_answer = browser(own).post(answer_page(mine), said)
    assert (own_answer.status_code, "这是您自己提的问题" in own_answer.content.decode()) == (403, True)
    assert "周五发。" in own_answer.content.decode()
    assert not QuestionAnswer.objects.exists()


def test_a_number_nobody_has_opens_nothing(donor: User, donation: Donation) -> None:
    asked = ask_about(donation, donor, at=timezone.now())
    for typed in ("ABCD", "\x00", "%", "<i>", "9" * 4000, f"{asked.ticket[:-1]}"):
        html = browser().get(READ, {"ticket": typed}).content.decode()
        changed = browser().post(READ, {"ticket": typed, "agree_public": "yes"})

        assert (ASKED in html, "<i>" in html, changed.status_code) == (False, False, 404)
    asked.refresh_from_db()
    assert not asked.agree_public
    assert browser().get(reverse("pages:question-ask", args=["ABCDEFGHJKMN"])).status_code == 404
    assert "没有捐赠人提问。" in browser(make_staff(Role.COMMUNITY_STAFF, "51")).get(DESK).content.decode()


def test_what_waits_too_long_stands_first_and_says_so(donor: User, donation: Donation, staff: Client) -> None:
    at = timezone.now()
    answered = ask_about(donation, donor, at=at, text="早已答复的")
    questions.answer(
        question_id=answered.pk,
        text="好。",
        agree_public=False,
        actor=actor_for(make_staff(Role.COMMUNITY_STAFF, "52")),
        at=at,
    )
    ask_about(donation, donor, at=at, text="今天问的")
    ask_about(donation, donor, at=at - timedelta(days=30), text="上个月问的")

    html = staff.get(DESK).content.decode()

    assert re.findall("上个月问的|今天问的|早已答复的", html) == ["上个月问的", "今天问的", "早已答复的"]
    assert html.count('data-testid="overdue"') == 1
