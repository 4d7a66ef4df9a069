"""A donor's new phone on the page of their file: written down, or asked for by one and decided by another."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.core.errors import Refusal
from backend.pages.giving_forms import ContactForm
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import ActorRequest
from points.giving import contact_requests, donor_files
from points.giving.models import Donor

_DECISIONS = {
    "contact-agree": (contact_requests.agree_contact, gettext_lazy("已同意，联系方式已更换。")),
    "contact-refuse": (contact_requests.refuse_contact, gettext_lazy("没有同意，档案不变。")),
    "contact-withdraw": (contact_requests.withdraw_contact, gettext_lazy("已撤回申请，档案不变。")),
}

Answer = Callable[..., HttpResponse]


def new_contact(request: ActorRequest, found: Donor, *, answer: Answer) -> HttpResponse:
    """Ask for another contact; where the file has none and no owner, write it down."""
    form = ContactForm(request.POST, auto_id="contact_%s")
    if not form.is_valid():
        return answer(request, found, contact_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = {**form.cleaned_data, "donor": found, "actor": request.actor, "at": timezone.now()}
    try:
        if found.contact or found.user_id:
            contact_requests.ask_contact(**said)
            told = _("已提交申请，等另一位同事同意。")
        else:
            donor_files.change_contact(**said)
            told = _("联系方式已更新。")
    except Refusal as refusal:
        form.add_refusal(refusal)
        return answer(request, found, contact_form=form, status=refusal.status)
    note(request, told)
    return redirect("pages:giving-donor", found.pk)


def _decide(request: ActorRequest, found: Donor, *, answer: Answer) -> HttpResponse:
    act, told = _DECISIONS[request.POST["step"]]
    asked = whole_number(request.POST.get("request", ""))
    try:
        act(request_id=asked or 0, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        return answer(request, found, refusal=refusal, status=refusal.status)
    note(request, str(told))
    return redirect("pages:giving-donor", found.pk)


CONTACT_STEPS: Mapping[str, Answer] = {"contact": new_contact, **dict.fromkeys(_DECISIONS, _decide)}
