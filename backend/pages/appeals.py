"""Emergency appeals: what is needed and still missing, for everybody; and the desk of those who keep them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor
from backend.core.errors import Forbidden, Invalid, NotFound, Refusal
from backend.core.masking import mask_name
from backend.pages.doors import anyone, roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.openness_forms import AppealForm, GiftForm, NeedForm, ReportForm
from backend.pages.visitor import ActorRequest, PageRequest
from points.appeals import queries, services
from points.appeals.models import Appeal
from points.appeals.queries import Standing
from points.giving.queries import organizations_kept_by

_MOST_ORGANIZATIONS = 200


@require_safe
@anyone
def appeals(request: PageRequest) -> HttpResponse:
    """List the appeals, open ones first, with what is still missing."""
    page = page_of(request, queries.appeals())
    context = {"page_obj": page, "standings": queries.standings(page)}
    return render(request, "pages/public/appeals.html", context)


@require_safe
@anyone
def appeal(request: PageRequest, appeal_id: int) -> HttpResponse:
    """Show one appeal: needed, received, missing, how to give, and everything that was published."""
    standing = _standing(queries.appeals().filter(pk=appeal_id))
    reports = list(standing.appeal.reports.select_related("published_by"))
    for report in reports:
        vars(report)["publisher"] = mask_name(report.published_by.display_name or "")
    context = {
        "standing": standing,
        "appeal": standing.appeal,
        "reports": reports,
        "today": timezone.localdate(),
    }
    return render(request, "pages/public/appeal.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.READERS)
def desk(request: ActorRequest) -> HttpResponse:
    """List my appeals, those whose report is late first; and open one."""
    if request.method == "GET":
        return _desk(request, _appeal_form(request.actor))
    if not request.actor.has(*queries.KEEPERS):
        raise Forbidden
    form = _appeal_form(request.actor, request.POST)
    if not form.is_valid():
        return _desk(request, form, status=400)
    given = form.cleaned_data
    organization = Organization.objects.select_related("region").get(pk=given["organization"])
    try:
        made = services.open_appeal(
            region=organization.region,
            organization=organization,
            title=given["title"],
            reason=given["reason"],
            command_order=given["command_order"],
            bring_to=given["bring_to"],
            needs=[services.NeedInput(item, unit, needed) for item, needed, unit in given["needs"]],
            actor=request.actor,
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _desk(request, form, status=refusal.status)
    note(request, _("募集已发起，五天之内发布第一期公开。"))
    return redirect("pages:appeal-keep", appeal_id=made.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.READERS)
def keep(request: ActorRequest, appeal_id: int) -> HttpResponse:
    """Keep one appeal: needs, gifts, reports, its end."""
    standing = _standing(queries.appeals_visible_to(request.actor).filter(pk=appeal_id))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    forms = _forms(standing, act, request.POST)
    if request.method == "GET":
        return _kept(request, standing, forms)
    form = forms.get(act)
    if form is not None and not form.is_valid():
        return _kept(request, standing, forms, status=400)
    try:
        said = _do(act, appeal_id, form.cleaned_data if form else {}, request.actor)
    except (NotFound, Forbidden) as refusal:
        if form is None or isinstance(refusal, Forbidden) or refusal.field != "donation":
            raise
        form.add_refusal(refusal)
        return _kept(request, standing, forms, status=refusal.status)
    except Refusal as refusal:
        if form is None:
            raise
        form.add_refusal(refusal)
        return _kept(request, standing, forms, status=refusal.status)
    note(request, said)
    return redirect(reverse("pages:appeal-keep", args=[appeal_id]))


def _do(act: str, appeal_id: int, given: dict[str, Any], actor: Actor) -> str:
    """Do what the button said and return the sentence for the next page.

    :raises Invalid: no such button.
    """
    at = timezone.now()
    if act in {"publish", "final"}:
        services.publish(appeal_id=appeal_id, note=given["note"], final=act == "final", actor=actor, at=at)
        return _("已发布，公众页上看得到。")
    if act == "gift":
        services.link_gift(
            line_id=int(given["line"]),
            number=given["number"],
            quantity=given["quantity"],
            reason=given["reason"],
            actor=actor,
            at=at,
        )
        return _("已计入。")
    if act == "need":
        services.set_need(appeal_id=appeal_id, need=services.NeedInput(**given), actor=actor, at=at)
        return _("需求已更新。")
    if act == "end-rescue":
        services.end_rescue(appeal_id=appeal_id, actor=actor, at=at)
        return _("已记下应急处置结束，之后每三个月公开一次。")
    if act == "close":
        services.close(appeal_id=appeal_id, actor=actor, at=at)
        return _("募集已结束，请在三个月内发布总结报告。")
    raise Invalid(field="act")


def _forms(standing: Standing, act: str, posted: Any) -> dict[str, PageForm]:
    """Return the forms of the page; the one that was sent holds what was typed."""
    lines = [(need.line_id, f"{need.item}（{need.unit}）") for need in standing.needs]

    def given(*acts: str) -> Any:
        return posted if act in acts else None

    report = ReportForm(given("publish", "final"), prefix=None)
    return {
        "publish": report,
        "final": report,
        "gift": GiftForm(given("gift"), lines=lines, auto_id="gift_%s"),
        "need": NeedForm(given("need"), auto_id="need_%s"),
    }


def _kept(
    request: ActorRequest, standing: Standing, forms: dict[str, PageForm], *, status: int = 200
) -> HttpResponse:
    context = {
        "standing": standing,
        "appeal": standing.appeal,
        "forms": forms,
        "keeps": request.actor.has(*queries.KEEPERS),
        "late": standing.late(timezone.localdate()),
        "reports": standing.appeal.reports.select_related("published_by"),
    }
    return render(request, "pages/manager/appeal.html", context, status=status)


def _desk(request: ActorRequest, form: AppealForm, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    page = page_of(request, queries.late_first(queries.appeals_visible_to(request.actor), today))
    rows = [{"standing": row, "late": row.late(today)} for row in queries.standings(page)]
    context = {
        "page_obj": page,
        "rows": rows,
        "form": form,
        "keeps": request.actor.has(*queries.KEEPERS),
    }
    return render(request, "pages/manager/appeals.html", context, status=status)


def _appeal_form(actor: Actor, posted: Any = None) -> AppealForm:
    mine = organizations_kept_by(actor)[:_MOST_ORGANIZATIONS]
    offered = [(row.pk, row.name) for row in mine]
    return AppealForm(posted, organizations=offered)


def _standing(found: QuerySet[Appeal]) -> Standing:
    standings = queries.standings(found)
    if not standings:
        raise NotFound
    return standings[0]
