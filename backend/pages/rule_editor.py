"""One version of the rules: a draft as a form, with what it would change; any other in words."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Forbidden, NotFound
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.notes import note
from backend.pages.rule_fields import RuleForm, pretty, with_rows
from backend.pages.rule_forms import MadeUpForm, RuleReasonForm
from backend.pages.rules import TONES, history_of
from backend.pages.visitor import ActorRequest
from points.scoring import holdings, services
from points.scoring.documents import faults_of, rules_from
from points.scoring.engine import Result, score
from points.scoring.errors import RuleDocumentInvalid, RuleSetStale
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.queries import READERS, WRITERS, rules_of, successor_of
from points.scoring.rules import Rules
from points.scoring.terms import Change, changes_between, terms_of
from points.scoring.trial import made_up_facts, try_on_recent


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*READERS)
def rule(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Show a version; a draft of mine as a form, which is saved, tried, or given rows more or less."""
    if request.method == "POST":
        return _sent(request, _own_draft(request, rule_set_id))
    rule_set = _found(request, rule_set_id)
    if _writes(request, rule_set):
        form = RuleForm(document=rule_set.document, begins=rule_set.effective_from)
        return _page(request, rule_set, form)
    return _page(request, rule_set)


@by_button
@never_cache
@roles_only(*WRITERS)
def preview(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Say what the form, as it stands, would change: in words, on real records, on a made-up service."""
    rule_set = _own_draft(request, rule_set_id)
    form = RuleForm(request.POST, document=rule_set.document, begins=rule_set.effective_from)
    return render(request, "pages/manager/part_rule_preview.html", _tried(request.POST, rule_set, form))


def _found(request: ActorRequest, rule_set_id: int) -> RuleSet:
    found = holdings.readable_by(request.actor).filter(pk=rule_set_id).first()
    if found is None:
        raise NotFound
    return found


def _writes(request: ActorRequest, rule_set: RuleSet) -> bool:
    return rule_set.status == RuleSetStatus.DRAFT and holdings.may_write(request.actor, rule_set.region_id)


def _own_draft(request: ActorRequest, rule_set_id: int) -> RuleSet:
    """Return a version of a region I make rules for; whether it still is a draft the service says."""
    if not request.actor.has(*WRITERS):
        raise Forbidden
    rule_set = _found(request, rule_set_id)
    if not holdings.may_write(request.actor, rule_set.region_id):
        raise NotFound
    return rule_set


# --- what was sent ---


def _sent(request: ActorRequest, rule_set: RuleSet) -> HttpResponse:
    wish = request.POST.get("do", "save")
    if wish.startswith(("add-", "drop-")):
        data = with_rows(request.POST, wish)
        form = RuleForm(data, document=rule_set.document, begins=rule_set.effective_from)
        form.hush()
        return _page(request, rule_set, form)
    form = RuleForm(request.POST, document=rule_set.document, begins=rule_set.effective_from)
    if wish == "preview":
        return _page(request, rule_set, form, tried=_tried(request.POST, rule_set, form))
    return _save(request, rule_set, form)


def _save(request: ActorRequest, rule_set: RuleSet, form: RuleForm) -> HttpResponse:
    document = form.read()
    if not form.sound:
        form.add_faults(faults_of(document))
        return _page(request, rule_set, form, status=400)
    try:
        services.change_draft(
            rule_set_id=rule_set.pk,
            edition=request.POST.get("edition", ""),
            document=document,
            effective_from=form.terms.cleaned_data["effective_from"],
            actor=request.actor,
            at=timezone.now(),
        )
    except RuleDocumentInvalid as refusal:
        form.add_faults(refusal.faults)
        return _page(request, rule_set, form, status=refusal.status)
    except RuleSetStale as refusal:
        fresh = _found(request, rule_set.pk)
        # What stands there now is shown beside the form, so saving again is done knowingly.
        said = form.terms.cleaned_data["effective_from"]
        stale = {"refusal": refusal, "changes": list(_beside(fresh, document, said))}
        return _page(request, fresh, form, stale=stale, status=refusal.status)
    note(request, _("草稿已保存。"))
    return redirect("pages:rule", rule_set.pk)


def _beside(fresh: RuleSet, document: dict[str, Any], begins: date) -> Iterator[Change]:
    """Yield what is kept by now and what the form says instead."""
    if fresh.effective_from != begins:
        yield Change(_("从哪一天起"), fresh.effective_from.isoformat(), begins.isoformat())
    if not faults_of(document):
        yield from changes_between(fresh.document, document)


# --- what would change ---


def _tried(data: QueryDict, rule_set: RuleSet, form: RuleForm) -> dict[str, Any]:
    """Return what the preview shows: faults, or differences and points before and after."""
    held = holdings.running(rule_set.region_id, timezone.localdate())
    document = form.read()
    faults = faults_of(document)
    context: dict[str, Any] = {"rule_set": rule_set, "running": held, "made_up": MadeUpForm(data)}
    if faults or not form.sound:
        unread = sum(len(each.errors) for each in form.forms)
        return context | {"fault_count": max(len(faults), unread)}
    return (
        context
        | _compared(document, rule_set, held)
        | {"service": _made_up(context["made_up"], document, held)}
    )


def _compared(document: dict[str, Any], rule_set: RuleSet, held: RuleSet | None) -> dict[str, Any]:
    rows = try_on_recent(
        region_code=rule_set.region_id,
        draft=rules_from(document),
        running=rules_of(held) if held else None,
    )
    return {
        "changes": changes_between(held.document, document) if held else [],
        "rows": [{"trial": row, "sentence": _sentence(row.draft)} for row in rows],
        "total_before": sum(row.before or 0 for row in rows),
        "total_after": sum(row.draft.points for row in rows),
        "more": sum(row.change > 0 for row in rows),
        "less": sum(row.change < 0 for row in rows),
        "same": sum(row.change == 0 for row in rows),
    }


def _made_up(form: MadeUpForm, document: dict[str, Any], held: RuleSet | None) -> dict[str, Any] | None:
    """Return a made-up service under both rules; None where it makes no sense."""
    if not form.is_valid():
        return None

    def scored(rules: Rules) -> Result:
        given = {**form.cleaned_data, "activity": _("试算的服务")}
        return score(made_up_facts(given, rules, today=timezone.localdate()), rules)

    after = scored(rules_from(document))
    english = (get_language() or "").startswith("en")
    lines = [(line.text_en if english else line.text_zh, line.points) for line in after.lines]
    before = scored(rules_of(held)).points if held else None
    return {"before": before, "after": after.points, "sentence": _sentence(after), "lines": lines}


def _sentence(result: Result) -> str:
    english = (get_language() or "").startswith("en")
    return result.sentence_en if english else result.sentence_zh


# --- the page ---


def _page(
    request: ActorRequest,
    rule_set: RuleSet,
    form: RuleForm | None = None,
    *,
    tried: dict[str, Any] | None = None,
    stale: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    held = holdings.running(rule_set.region_id, today)
    other = held if held and held.pk != rule_set.pk else None
    context = {
        "rule_set": rule_set,
        "tone": TONES[RuleSetStatus(rule_set.status)],
        "running": held,
        "changes": changes_between(other.document, rule_set.document) if other else [],
        "compared": other,
        "terms": terms_of(rule_set.document),
        "json": pretty(rule_set.document),
        "below": holdings.own_below(rule_set.region_id),
        "history": history_of(rule_set),
        "form": form,
        "stale": stale,
        "made_up": MadeUpForm(request.POST if tried else None),
        "tried": tried,
        "writes": holdings.may_write(request.actor, rule_set.region_id),
        "own": rule_set.created_by_id == request.actor.user_id,
        "successor": successor_of(rule_set) if rule_set.status == RuleSetStatus.ACTIVE else None,
        "reason_form": RuleReasonForm(auto_id="reason_%s"),
        "too_late": rule_set.effective_from < today,
        "is_admin": request.actor.is_platform_admin,
    }
    template = "pages/manager/rule_edit.html" if form else "pages/manager/rule.html"
    return render(request, template, context, status=status)
