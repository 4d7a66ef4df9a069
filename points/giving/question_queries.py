"""Reading donors' questions: by their number, in somebody's scope, and what the public may read."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, region_q
from backend.core.workdays import latest_day_with
from points.giving.question_models import DonorQuestion, QuestionAnswer, QuestionNotice
from points.market.queries import KEEPERS_BY_REGION, READERS_BY_REGION
from points.market.rules import end_of_day
from volunteers.records.choices import NoticeStage

ANSWERERS = (Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)
READERS = (*ANSWERERS, Role.SUPERVISOR)


def question_of(ticket: str) -> DonorQuestion | None:
    """Return the question with this number, however it was typed, with its answers."""
    typed = ticket.strip().replace(" ", "").replace("-", "").upper()
    if "\x00" in typed:
        return None
    found = DonorQuestion.objects.select_related("donation__organization").prefetch_related("answers")
    return found.filter(ticket=typed).first()


def questions_of(user: User) -> QuerySet[DonorQuestion]:
    """Return what somebody asked about gifts of their own files, newest first; nobody else reads it here."""
    mine = DonorQuestion.objects.filter(donation__donor__user=user, asked_by=user)
    return mine.select_related("donation").annotate(is_open=unanswered()).order_by("-pk")


def questions_visible_to(actor: Actor) -> QuerySet[DonorQuestion]:
    """Return the questions about gifts the actor answers for, or watches."""
    return _told(DonorQuestion.objects.filter(_in_reach(actor, READERS_BY_REGION)))


def questions_answered_by(actor: Actor) -> QuerySet[DonorQuestion]:
    """Return the questions the actor may answer."""
    return DonorQuestion.objects.filter(_in_reach(actor, KEEPERS_BY_REGION))


def unanswered() -> Q:
    """Return the condition for a question nobody has answered."""
    return Q(~Exists(QuestionAnswer.objects.filter(question=OuterRef("pk"))))


def overdue(today: date) -> QuerySet[DonorQuestion]:
    """Return the unanswered questions whose last day is over."""
    return DonorQuestion.objects.filter(unanswered(), due_on__lt=today)


def waited(today: date, working_days: int) -> QuerySet[DonorQuestion]:
    """Return the unanswered questions asked at least so many working days ago."""
    latest = latest_day_with(today, working_days)
    return DonorQuestion.objects.filter(unanswered(), asked_at__lt=end_of_day(latest))


def told_about(actor: Actor) -> dict[str, int]:
    """Return how many questions wait for this actor, and of how many somebody was told, by latest stage."""
    waiting = questions_answered_by(actor).filter(unanswered())
    notices = QuestionNotice.objects.filter(question__in=waiting)
    told = list(notices.values_list("question_id", "stage"))
    escalated = {key for key, stage in told if stage == NoticeStage.ESCALATED}
    return {
        "waiting": waiting.count(),
        "warned": len({key for key, _stage in told} - escalated),
        "escalated": len(escalated),
    }


def public_answers_of(number: str) -> QuerySet[QuestionAnswer]:
    """Return the answers about the donation of this number that both sides agreed to publish."""
    agreed = QuestionAnswer.objects.filter(
        question__donation__number=number, question__agree_public=True, agree_public=True
    )
    return agreed.select_related("question").order_by("question_id", "pk")


def _in_reach(actor: Actor, by_region: tuple[Role, ...]) -> Q:
    return Q(donation__organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER)) | region_q(
        actor.regions(*by_region), "donation__region_id"
    )


def _told(questions: QuerySet[DonorQuestion]) -> QuerySet[DonorQuestion]:
    return (
        questions.select_related("donation__organization", "donation__donor")
        .prefetch_related("answers__answered_by")
        .annotate(is_open=unanswered())
        .order_by("-is_open", "due_on", "pk")
    )
