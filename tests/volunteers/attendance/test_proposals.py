"""What is said about an attendance before it is decided."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from tests.factories.accounts import make_actor
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    AttendanceFactory,
    ForgottenAttendanceFactory,
    OpenAttendanceFactory,
)
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance import proposals
from volunteers.attendance.choices import Flag
from volunteers.attendance.errors import NotAsked, NothingToPropose, ProposalInvalid, QuestionRequired
from volunteers.records import services as records
from volunteers.records.errors import MinutesRequired
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def forgotten():
    return ForgottenAttendanceFactory()


@pytest.fixture
def manager(forgotten):
    return make_actor(Role.SITE_MANAGER, forgotten.site_id)


@pytest.fixture
def later(forgotten):
    return forgotten.shift.ends_at + HOUR


def propose(attendance, left_at, at, *, user=None, note=" 提前走了 "):
    return proposals.propose_end(
        volunteer_user_id=(user or attendance.volunteer.user).pk,
        attendance_id=attendance.pk,
        left_at=left_at,
        note=note,
        at=at,
    )


def answer(attendance, text, at, *, user=None):
    who = user or attendance.volunteer.user
    return proposals.answer(volunteer_user_id=who.pk, attendance_id=attendance.pk, text=text, at=at)


def ask(attendance, actor, at, question=" 几点离开的？ "):
    return proposals.ask_back(attendance_id=attendance.pk, actor=actor, question=question, at=at)


# --- propose ---


def test_a_proposal_is_kept_and_invents_no_end(forgotten, later):
    left = forgotten.shift.starts_at + 2 * HOUR

    propose(forgotten, left, later)

    forgotten.refresh_from_db()
    assert (forgotten.proposed_out_at, forgotten.proposed_at, forgotten.proposal_note) == (
        left,
        later,
        "提前走了",
    )
    assert (forgotten.checked_out_at, forgotten.minutes, forgotten.status) == (None, None, "pending")
    assert forgotten.flags == [Flag.FORGOT_CHECK_OUT, Flag.PROPOSED]


def test_a_proposal_is_corrected_until_it_is_decided(forgotten, later):
    propose(forgotten, forgotten.shift.starts_at + HOUR, later)

    propose(forgotten, forgotten.shift.ends_at, later + MINUTE, note="")

    forgotten.refresh_from_db()
    assert (forgotten.proposed_out_at, forgotten.proposal_note) == (forgotten.shift.ends_at, "")
    assert forgotten.flags == [Flag.FORGOT_CHECK_OUT, Flag.PROPOSED]


@pytest.mark.parametrize("minutes", [-10, 0, 181, 10_000])
def test_nobody_left_before_they_came_or_after_the_shift(forgotten, later, minutes):
    with pytest.raises(ProposalInvalid):
        propose(forgotten, forgotten.checked_in_at + MINUTE * minutes, later)

    forgotten.refresh_from_db()
    assert (forgotten.proposed_out_at, forgotten.flags) == (None, [Flag.FORGOT_CHECK_OUT])


@pytest.mark.parametrize("make", [OpenAttendanceFactory, AttendanceFactory, ApprovedAttendanceFactory])
def test_where_an_end_is_known_or_to_come_there_is_nothing_to_propose(make, later):
    attendance = make()

    with pytest.raises(NothingToPropose):
        propose(attendance, attendance.shift.ends_at, later)


def test_what_is_decided_is_not_proposed_about(forgotten, manager, later):
    records.reject(attendance_id=forgotten.pk, actor=manager, at=later, reason="没有到场")

    with pytest.raises(NothingToPropose):
        propose(forgotten, forgotten.shift.ends_at, later)


def test_nobody_proposes_for_another(forgotten, later, manager):
    with pytest.raises(NotFound):
        propose(forgotten, forgotten.shift.ends_at, later, user=VolunteerFactory().user)


@pytest.mark.parametrize("key", [0, 10**30])
def test_nobody_proposes_about_nothing(forgotten, later, key):
    with pytest.raises(NotFound):
        proposals.propose_end(
            volunteer_user_id=forgotten.volunteer.user_id, attendance_id=key, left_at=later, note="", at=later
        )


def test_what_is_proposed_is_credited_by_the_manager_alone(forgotten, manager, later):
    propose(forgotten, forgotten.shift.starts_at + 2 * HOUR, later)

    with pytest.raises(MinutesRequired):
        records.approve(attendance_id=forgotten.pk, actor=manager, at=later)
    record = records.approve(
        attendance_id=forgotten.pk, actor=manager, at=later, minutes=120, reason="本人申报，负责人在场"
    )

    forgotten.refresh_from_db()
    assert (record.minutes, record.reason) == (120, "本人申报，负责人在场")
    assert (forgotten.checked_out_at, forgotten.proposed_out_at is not None) == (None, True)


# --- ask and answer ---


def test_the_manager_asks_and_the_volunteer_answers(forgotten, manager, later):
    ask(forgotten, manager, later)
    answer(forgotten, " 十一点半 ", later + MINUTE)

    forgotten.refresh_from_db()
    assert (forgotten.question, forgotten.asked_at) == ("几点离开的？", later)
    assert (forgotten.answer, forgotten.answered_at) == ("十一点半", later + MINUTE)
    assert forgotten.status == "pending"


def test_a_new_question_asks_for_a_new_answer(forgotten, manager, later):
    ask(forgotten, manager, later)
    answer(forgotten, "十一点半", later)

    ask(forgotten, manager, later + MINUTE, "谁可以证明？")

    forgotten.refresh_from_db()
    assert (forgotten.question, forgotten.answer, forgotten.answered_at) == ("谁可以证明？", "", None)


def test_an_answer_may_be_corrected(forgotten, manager, later):
    ask(forgotten, manager, later)
    answer(forgotten, "十一点半", later)

    answer(forgotten, "十一点", later + MINUTE)

    forgotten.refresh_from_db()
    assert (forgotten.answer, forgotten.answered_at) == ("十一点", later + MINUTE)


def test_without_a_question_there_is_no_answer(forgotten, later):
    with pytest.raises(NotAsked):
        answer(forgotten, "十一点半", later)


@pytest.mark.parametrize("words", ["", "   "])
def test_questions_and_answers_have_words(forgotten, manager, later, words):
    with pytest.raises(QuestionRequired):
        ask(forgotten, manager, later, words)
    ask(forgotten, manager, later)
    with pytest.raises(QuestionRequired):
        answer(forgotten, words, later)


@pytest.mark.parametrize("make", [OpenAttendanceFactory, ApprovedAttendanceFactory])
def test_one_asks_while_a_decision_waits(make, later):
    attendance = make()

    with pytest.raises(NotAsked):
        ask(attendance, make_actor(Role.SITE_MANAGER, attendance.site_id), later)


def test_after_the_decision_there_is_nothing_to_answer(forgotten, manager, later):
    ask(forgotten, manager, later)
    records.reject(attendance_id=forgotten.pk, actor=manager, at=later, reason="没有到场")

    with pytest.raises(NotAsked):
        answer(forgotten, "我在", later)


def test_a_clean_attendance_may_be_asked_about_too(later):
    attendance = AttendanceFactory()

    ask(attendance, make_actor(Role.ORGANIZATION_MANAGER, attendance.site.organization_id), later)

    attendance.refresh_from_db()
    assert attendance.asked_at == later


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SITE_MANAGER, 999_999, NotFound),
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
    ],
)
def test_nobody_else_asks(forgotten, later, role, scope, refusal):
    with pytest.raises(refusal):
        ask(forgotten, make_actor(role, scope), later)

    forgotten.refresh_from_db()
    assert forgotten.question == ""


def test_a_volunteer_asks_nobody(forgotten, later):
    with pytest.raises(Forbidden):
        ask(forgotten, actor_for(forgotten.volunteer.user), later)


def test_nobody_answers_for_another(forgotten, manager, later):
    ask(forgotten, manager, later)

    with pytest.raises(NotFound):
        answer(forgotten, "十一点半", later, user=VolunteerFactory().user)

    assert ServiceRecord.objects.count() == 0
