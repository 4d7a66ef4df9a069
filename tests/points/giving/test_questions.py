"""Donors ask, staff answer within five working days, and nobody rewrites what was said (慈善法 Art 42)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from backend.accounts import services as accounts
from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden, NotFound, TooManyRequests
from backend.core.models import AuditEntry
from points.giving import questions, services
from points.giving.errors import AnswerEmpty, AnswersOwnQuestion, DonorNotConfirmed, QuestionEmpty
from points.giving.question_models import DonorQuestion, QuestionAnswer, QuestionNotice
from points.giving.question_queries import public_answers_of, question_of, questions_visible_to, told_about
from points.giving.services import GoodsLine
from tests.factories.accounts import UserFactory, make_actor, make_staff
from tests.factories.database import guards_of, refused_by
from tests.factories.market import ProductFactory, clerk_of, phone_index
from tests.factories.openness import DONOR_PHONE, ask_about, make_donor_with_phone

pytestmark = pytest.mark.django_db

FIFTH = date(2026, 9, 21)  # Sunday the 20th is made up for Friday the 25th


@pytest.fixture
def rice():
    return ProductFactory.create()


@pytest.fixture
def given(rice, now):
    donor, user = make_donor_with_phone("+86 139-0000-9999")
    donation = services.receive_goods(
        donor=donor,
        store=rice.store,
        lines=[GoodsLine(rice.pk, 5)],
        received_on=date(2026, 9, 15),
        purpose="",
        actor=clerk_of(rice.store),
        at=now,
    )
    user = UserFactory.create(phone=DONOR_PHONE)
    return donation, user


@pytest.fixture
def manager(rice):
    return make_actor(Role.ORGANIZATION_MANAGER, rice.store.organization_id)


def evening(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_the_donor_asks_staff_answer_and_both_keep_what_was_said(given, manager, now):
    donation, user = given

    asked = ask_about(donation, user, at=now)
    first = questions.answer(
        question_id=asked.pk, text="周五发给老人。", agree_public=True, actor=manager, at=now
    )
    questions.answer(question_id=asked.pk, text="已发完。", agree_public=True, actor=manager, at=now)

    found = question_of(f" {asked.ticket[:4].lower()}-{asked.ticket[4:]} ")
    assert found is not None
    assert (found.due_on, [each.text for each in found.answers.all()]) == (
        FIFTH,
        ["周五发给老人。", "已发完。"],
    )
    assert AuditEntry.objects.filter(action="question.answer", target_id=first.pk).count() == 1


def test_an_answer_is_public_only_while_both_sides_agree(given, manager, now):
    donation, user = given
    asked = ask_about(donation, user, at=now)
    for text, agree in (("内部情况。", False), ("周五发。", True)):
        questions.answer(question_id=asked.pk, text=text, agree_public=agree, actor=manager, at=now)
    read = []

    for agree in (False, True, False):
        questions.agree_to_publish(ticket=asked.ticket, agree_public=agree, at=now)
        read.append([answer.text for answer in public_answers_of(donation.number)])

    assert read == [[], ["周五发。"], []]
    with pytest.raises(NotFound):
        questions.agree_to_publish(ticket="\x00", agree_public=True, at=now)


def test_whoever_shows_the_donors_phone_by_a_code_asks_and_nobody_else(given, settings):
    donation, _user = given
    settings.DEMO = True
    at, stranger = timezone.now(), UserFactory.create()

    def confirmed(phone):
        sent = accounts.request_code(phone=phone, address="192.0.2.1", at=at)
        return ask_about(donation, None, at=at, phone=phone, code=sent.demo_code)

    assert confirmed(DONOR_PHONE).donation == donation
    for attempt in (
        lambda: confirmed("13700000001"),
        lambda: ask_about(donation, None, at=at),
        lambda: ask_about(donation, stranger, at=at),
    ):
        with pytest.raises(DonorNotConfirmed):
            attempt()
    assert DonorQuestion.objects.count() == 1


def test_a_donor_without_a_mobile_number_has_no_account_to_ask_with(given):
    donation, user = given

    for contact in (None, "0851-88880000", "新华路 1 号"):
        donation.donor.contact, donation.donor.contact_index = contact, phone_index(contact)
        assert not questions.is_donor(donation.donor, user)
    assert not questions.is_donor(donation.donor, make_staff(Role.PLATFORM_ADMIN))


def test_questions_and_answers_that_cannot_be_are_refused(given, manager, now):
    donation, user = given
    asked = ask_about(donation, user, at=now)

    for text in ("  ", "长" * 501):
        with pytest.raises(QuestionEmpty):
            ask_about(donation, user, at=now, text=text)
    for text in ("", "长" * 1001):
        with pytest.raises(AnswerEmpty):
            questions.answer(question_id=asked.pk, text=text, agree_public=False, actor=manager, at=now)
    refused = [
        (make_actor(Role.STORE_CLERK, donation.store_id), Forbidden),
        (make_actor(Role.SUPERVISOR, "52"), Forbidden),
        (make_actor(Role.COMMUNITY_STAFF, "51"), NotFound),
        (Actor(user_id=user.pk, grants=manager.grants), AnswersOwnQuestion),
    ]
    for actor, refusal in refused:
        with pytest.raises(refusal):
            questions.answer(question_id=asked.pk, text="好", agree_public=False, actor=actor, at=now)
    assert QuestionAnswer.objects.count() == 0
    assert list(questions_visible_to(make_actor(Role.SUPERVISOR, "52"))) == [asked]


def test_one_address_and_one_donation_ask_so_often_and_no_more(given, settings, now):
    donation, user = given
    settings.QUESTIONS_PER_DONATION, settings.QUESTIONS_PER_ADDRESS = "1/day", "3/hour"
    ask_about(donation, user, at=now)
    with pytest.raises(TooManyRequests):
        ask_about(donation, user, at=now)

    with pytest.raises(DonorNotConfirmed):
        ask_about(donation, None, at=now)
    with pytest.raises(TooManyRequests):
        ask_about(donation, None, at=now)
    assert DonorQuestion.objects.count() == 1


def test_staff_are_reminded_at_day_three_and_it_is_escalated_at_day_five(given, manager, now):
    donation, user = given
    asked = ask_about(donation, user, at=now)
    told = {}

    for day in (17, 18, 20, 21, 22):
        when = evening(date(2026, 9, day))
        questions.warn_of_questions(at=when)
        questions.warn_of_questions(at=when)
        told[day] = list(QuestionNotice.objects.order_by("pk").values_list("stage", flat=True))

    assert told == {
        17: [],
        18: ["warned"],
        20: ["warned"],
        21: ["warned", "escalated"],
        22: ["warned", "escalated"],
    }
    assert told_about(manager) == {"waiting": 1, "warned": 0, "escalated": 1}
    late = REGISTRY.get_sample_value("jishan_donor_questions_overdue")
    assert late == (timezone.localdate() > FIFTH)
    questions.answer(question_id=asked.pk, text="周五发。", agree_public=False, actor=manager, at=now)
    assert told_about(manager) == {"waiting": 0, "warned": 0, "escalated": 0}
    assert REGISTRY.get_sample_value("jishan_donor_questions_overdue") == 0


def test_the_database_keeps_questions_answers_and_notices_as_they_were(given, manager, now):
    donation, user = given
    asked = ask_about(donation, user, at=now)
    rows = DonorQuestion.objects.filter(pk=asked.pk)
    questions.answer(question_id=asked.pk, text="周五发。", agree_public=False, actor=manager, at=now)
    QuestionNotice.objects.create(question=asked, stage="warned", at=now)
    fields = {"donation": donation, "text": "？", "asked_by": user, "asked_at": now, "due_on": FIFTH}
    answer = {"question": asked, "text": "好", "answered_at": now}
    guarded = [
        ("donor_question_stays", lambda: rows.update(text="别的")),
        ("donor_question_stays", lambda: rows.update(due_on=FIFTH + timedelta(days=9))),
        ("donor_question_stays", lambda: rows._raw_delete("default")),
        ("donor_question_ticket_once", lambda: DonorQuestion.objects.create(ticket=asked.ticket, **fields)),
        ("donor_question_ticket_form", lambda: DonorQuestion.objects.create(ticket="x", **fields)),
        (
            "donor_question_says_something",
            lambda: DonorQuestion.objects.create(ticket="0" * 16, **(fields | {"text": ""})),
        ),
        ("question_answer_append_only", lambda: QuestionAnswer.objects.update(text="改口")),
        (
            "question_answer_says_something",
            lambda: QuestionAnswer.objects.create(
                **(answer | {"text": "", "answered_by_id": manager.user_id})
            ),
        ),
        ("question_answer_by_another", lambda: QuestionAnswer.objects.create(**answer, answered_by=user)),
        (
            "question_notice_once",
            lambda: QuestionNotice.objects.create(question=asked, stage="warned", at=now),
        ),
        (
            "question_notice_stage_known",
            lambda: QuestionNotice.objects.create(question=asked, stage="angry", at=now),
        ),
        ("question_notice_append_only", lambda: QuestionNotice.objects.update(at=now)),
    ]

    for name, act in guarded:
        with refused_by(name):
            act()
    rows.update(agree_public=True)
    assert guards_of(DonorQuestion, QuestionAnswer, QuestionNotice) == {name for name, _act in guarded}
