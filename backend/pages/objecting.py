"""The public's way to say that a record is not right, and to follow what became of it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.scopes import Actor
from backend.core.errors import NotFound, Refusal
from backend.core.network import client_address
from backend.pages.doors import anyone
from backend.pages.forms import ObjectionForm
from backend.pages.numbers import whole_number
from backend.pages.visitor import PageRequest
from volunteers.records import objections
from volunteers.records.queries import objection_of

_LONGEST_TICKET = 40  # with whatever spaces somebody types


@require_http_methods(["GET", "POST"])
@never_cache
@anyone
def objection(request: PageRequest) -> HttpResponse:
    """Explain, take an objection, and say where one stands to whoever has its number."""
    if request.method == "POST":
        return _take(request)
    asked = request.GET.get("ticket", "")[:_LONGEST_TICKET].replace("\x00", "")
    record = whole_number(request.GET.get("record", ""))
    return _page(request, ObjectionForm(initial={"record": record}), asked=asked)


def _take(request: PageRequest) -> HttpResponse:
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        raised = objections.raise_objection(
            actor=request.visitor.actor or Actor(user_id=0),
            address=client_address(request),
            record_id=form.cleaned_data["record"],
            reason=form.cleaned_data["reason"],
            contact=form.cleaned_data["contact"],
            at=timezone.now(),
        )
    except NotFound:
        form.add_error("record", form.fields["record"].error_messages["unknown"])
        return _page(request, form, status=404)
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _page(request, form, status=refusal.status)
    query = urlencode({"ticket": raised.ticket, "sent": "yes"})
    return redirect(f"{reverse('pages:objections')}?{query}")


def _page(request: PageRequest, form: ObjectionForm, *, asked: str = "", status: int = 200) -> HttpResponse:
    found = objection_of(asked) if asked.strip() else None
    context = {
        "form": form,
        "asked": asked,
        "found": found,
        "spaced": " ".join(found.ticket[start : start + 4] for start in range(0, 16, 4)) if found else "",
        "sent": bool(found) and "sent" in request.GET,
    }
    return render(request, "pages/public/objections.html", context, status=status)
