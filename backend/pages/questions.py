"""Donors ask about their gifts; staff answer, what is overdue first (慈善法 Art 42)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts import services as accounts
from backend.accounts.errors import CodeWrong
from backend.core.errors import Forbidden, NotFound, Refusal, TooManyRequests
from backend.core.masking import mask_phone
from backend.core.network import client_address
from backend.pages.buttons import by_button
from backend.pages.doors import anyone, roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.openness_forms import AnswerQuestionForm, AskByCodeForm, AskByPhoneForm, QuestionForm
from backend.pages.visitor import ActorRequest, PageRequest
from points.giving import question_queries as queries
from points.giving import questions
from points.giving.models import Donation
from points.giving.tracing import donation_of

_LONGEST_TICKET = 40  # with whatever spaces somebody types
_GROUP = 4


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("phone", "code")
@anyone
def ask(request: PageRequest, number: str) -> HttpResponse:
    """Take a question: from the signed-in donor at once, from others after a code to the donor's phone."""
    donation = donation_of(number)
    user = request.visitor.user
    if user is not None and questions.is_donor(donation.donor, user):
        if request.method == "GET":
            return _form(request, donation, QuestionForm())
        return _ask(request, donation, QuestionForm(request.POST))
    if request.method == "GET":
        return _form(request, donation, AskByPhoneForm())
    if "code" in request.POST:
        return _ask(request, donation, AskByCodeForm(request.POST))
    return _send_code(request, donation)


def _send_code(request: PageRequest, donation: Donation) -> HttpResponse:
    form = AskByPhoneForm(request.POST)
    if not form.is_valid():
        return _form(request, donation, form, status=400)
    try:
        sent = accounts.request_code(
            phone=form.cleaned_data["phone"], address=client_address(request), at=timezone.now()
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _form(request, donation, form, status=refusal.status)
    return _form(request, donation, AskByCodeForm(initial=form.cleaned_data), demo_code=sent.demo_code)


def _ask(request: PageRequest, donation: Donation, form: QuestionForm) -> HttpResponse:
    if not form.is_valid():
        return _form(request, donation, form, status=400)
    given = form.cleaned_data
    try:
        asked = questions.ask(
            number=donation.number,
            text=given["text"],
            agree_public=given["agree_public"],
            phone=given.get("phone", ""),
            code=given.get("code", ""),
            user=request.visitor.user,
            address=client_address(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        if isinstance(form, AskByCodeForm) and not isinstance(refusal, (CodeWrong, TooManyRequests)):
            # The code is spent, or was for a phone that is not the donor's: a step back, with what was typed.
            form = AskByPhoneForm(request.POST)
        form.add_refusal(refusal)
        return _form(request, donation, form, status=refusal.status)
    query = urlencode({"ticket": asked.ticket, "sent": "yes"})
    return redirect(f"{reverse('pages:questions')}?{query}")


def _form(
    request: PageRequest,
    donation: Donation,
    form: QuestionForm,
    *,
    status: int = 200,
    demo_code: str | None = None,
) -> HttpResponse:
    by_code = isinstance(form, AskByCodeForm)
    context = {
        "donation": donation,
        "form": form,
        "by_code": by_code,
        "by_phone": isinstance(form, AskByPhoneForm),
        "masked": mask_phone(str(form["phone"].value() or "")) if by_code else "",
        "demo_code": demo_code,
    }
    return render(request, "pages/public/question_ask.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@anyone
def question(request: PageRequest) -> HttpResponse:
    """Show a question with its answers to whoever has its number; there they also agree to publish it."""
    if request.method == "POST":
        ticket = request.POST.get("ticket", "")[:_LONGEST_TICKET]
        changed = questions.agree_to_publish(
            ticket=ticket, agree_public=request.POST.get("agree_public") == "yes", at=timezone.now()
        )
        said = _("问题和答复可以公开。") if changed.agree_public else _("已撤回，不再公开。")
        note(request, said)
        return redirect(f"{reverse('pages:questions')}?{urlencode({'ticket': changed.ticket})}")
    asked = request.GET.get("ticket", "")[:_LONGEST_TICKET].replace("\x00", "")
    found = queries.question_of(asked) if asked.strip() else None
    context = {
        "asked": asked,
        "found": found,
        "spaced": " ".join(found.ticket[start : start + _GROUP] for start in range(0, 16, _GROUP))
        if found
        else "",
        "sent": bool(found) and "sent" in request.GET,
    }
    return render(request, "pages/public/question.html", context)


@require_GET
@never_cache
@roles_only(*queries.READERS)
def desk(request: ActorRequest) -> HttpResponse:
    """List donors' questions in my reach: without an answer first, by the day they are due."""
    return _desk(request)


@by_button
@roles_only(*queries.READERS)
def answer(request: ActorRequest, question_id: int) -> HttpResponse:
    """Answer a question, or add to an answer."""
    form = AnswerQuestionForm(request.POST)
    if not form.is_valid():
        return _desk(request, status=400, trouble={"id": question_id, "form": form})
    try:
        questions.answer(
            question_id=question_id,
            text=form.cleaned_data["text"],
            agree_public=form.cleaned_data["agree_public"],
            actor=request.actor,
            at=timezone.now(),
        )
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _desk(request, status=refusal.status, trouble={"id": question_id, "form": form})
    note(request, _("已答复，捐赠人凭编号可以看到。"))
    return redirect("pages:question-desk")


def _desk(request: ActorRequest, *, status: int = 200, trouble: dict[str, Any] | None = None) -> HttpResponse:
    context = {
        "page_obj": page_of(request, queries.questions_visible_to(request.actor)),
        "list_address": reverse("pages:question-desk"),
        "today": timezone.localdate(),
        "answers": request.actor.has(*queries.ANSWERERS),
        "blank": AnswerQuestionForm(auto_id=False),
        "trouble": trouble,
    }
    return render(request, "pages/manager/questions.html", context, status=status)
