"""Donors ask, staff answer within five working days; nobody edits what was said (慈善法 Art 42)."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts import services as accounts
from backend.accounts import throttling
from backend.accounts.models import User
from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, TooManyRequests
from backend.core.workdays import after_working_days
from points.giving.errors import AnswerEmpty, AnswersOwnQuestion, DonorNotConfirmed, QuestionEmpty
from points.giving.models import Donor
from points.giving.question_models import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    DonorQuestion,
    QuestionAnswer,
    QuestionNotice,
)
from points.giving.question_queries import ANSWERERS, question_of, questions_answered_by, waited
from points.giving.tracing import donation_of
from volunteers.records.choices import NoticeStage

ANSWER_WITHIN = 5  # working days
WARN_AT = 3
_STAGES = ((NoticeStage.WARNED, WARN_AT), (NoticeStage.ESCALATED, ANSWER_WITHIN))
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud without mistakes
_LENGTH = 16  # 80 bits: not guessed


def ask(
    *,
    number: str,
    text: str,
    agree_public: bool,
    user: User | None,
    address: str,
    at: datetime,
    phone: str = "",
    code: str = "",
) -> DonorQuestion:
    """Ask about a donation, as its donor; it is due on the fifth working day.

    The donor is whoever is signed in with the phone of the donor's file, or has just shown by a one-time
    code that the phone is theirs. `address` is where the request came from, against floods; not kept.

    :raises QuestionEmpty: nothing is asked, or too much. :raises NotFound: no donation has this number.
    :raises TooManyRequests: too many from this address or about this donation.
    :raises PhoneInvalid, CodeExpired, CodeWrong, AccountDisabled: the phone was not confirmed.
    :raises DonorNotConfirmed: it is not the donor's.
    """
    told = text.strip()
    if not 1 <= len(told) <= LONGEST_QUESTION:
        raise QuestionEmpty(field="text", most=LONGEST_QUESTION)
    throttling.hit(
        limits=settings.QUESTIONS_PER_ADDRESS, name="question-address", who=address, refusal=TooManyRequests
    )
    donation = donation_of(number)
    if user is None or not is_donor(donation.donor, user):
        user = _confirmed(donation.donor, phone=phone, code=code, address=address, at=at)
    throttling.hit(
        limits=settings.QUESTIONS_PER_DONATION,
        name="question-donation",
        who=donation.number,
        refusal=TooManyRequests,
    )
    with transaction.atomic():
        question = DonorQuestion.objects.create(
            ticket="".join(secrets.choice(_ALPHABET) for _position in range(_LENGTH)),
            donation=donation,
            text=told,
            agree_public=agree_public,
            asked_by=user,
            asked_at=at,
            due_on=after_working_days(localdate(at), ANSWER_WITHIN),
        )
        audit.record(actor=Actor(user_id=user.pk), action="question.ask", target=question, at=at)
    return question


def _confirmed(donor: Donor, *, phone: str, code: str, address: str, at: datetime) -> User:
    """Return the user of the donor's phone, shown to be theirs by a one-time code."""
    if not (phone and code):
        raise DonorNotConfirmed(field="phone")
    user = accounts.verify_code(phone=phone, code=code, address=address, at=at)
    if not is_donor(donor, user):
        raise DonorNotConfirmed(field="phone")
    return user


def is_donor(donor: Donor, user: User) -> bool:
    """Whether the donor's file is this user's, or has the phone they sign in with. Nothing is opened."""
    by_phone = user.phone_index is not None and donor.contact_index == user.phone_index
    return by_phone or donor.user_id == user.pk


def answer(*, question_id: int, text: str, agree_public: bool, actor: Actor, at: datetime) -> QuestionAnswer:
    """Answer a donor's question, or add to an earlier answer; the donor reads it under their number.

    :raises Forbidden, NotFound: the actor does not answer for this donation.
    :raises AnswerEmpty: nothing is said, or too much. :raises AnswersOwnQuestion: the actor asked it.
    """
    if not actor.has(*ANSWERERS):
        raise Forbidden
    told = text.strip()
    if not 1 <= len(told) <= LONGEST_ANSWER:
        raise AnswerEmpty(field="text", most=LONGEST_ANSWER)
    question = questions_answered_by(actor).filter(pk=question_id).first()
    if question is None:
        raise NotFound
    if question.asked_by_id == actor.user_id:
        raise AnswersOwnQuestion
    with transaction.atomic():
        given = QuestionAnswer.objects.create(
            question=question,
            text=told,
            agree_public=agree_public,
            answered_by_id=actor.user_id,
            answered_at=at,
        )
        audit.record(actor=actor, action="question.answer", target=given, at=at)
    return given


def agree_to_publish(*, ticket: str, agree_public: bool, at: datetime) -> DonorQuestion:
    """Let the donor, who has the number, agree to publish the question, or take that back at once.

    :raises NotFound: no question has this number.
    """
    found = question_of(ticket)
    if found is None:
        raise NotFound(field="ticket")
    with transaction.atomic():
        changed = (
            DonorQuestion.objects.filter(pk=found.pk)
            .exclude(agree_public=agree_public)
            .update(agree_public=agree_public)
        )
        if changed:
            audit.record(
                actor=None,
                action="question.publicity",
                target=found,
                at=at,
                detail={"agree_public": agree_public},
            )
    found.agree_public = agree_public
    return found


def warn_of_questions(*, at: datetime) -> int:
    """Note which questions wait since three working days (a reminder) or five (escalated).

    Each question gets each notice once, however often and by how many workers this is called; returns how
    many notices are new. Days are those of the business clock.
    """
    return sum(_notify(stage, days, at=at) for stage, days in _STAGES)


def _notify(stage: NoticeStage, days: int, *, at: datetime) -> int:
    late = waited(localdate(at), days).exclude(notices__stage=stage).order_by("pk")
    notices = [QuestionNotice(question=question, stage=stage, at=at) for question in late]
    # Another worker may be faster; its notice is as good.
    QuestionNotice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)
