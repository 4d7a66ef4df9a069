"""Before and after a change of rules: try them, see what would change, bring what was awarded under them."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.scopes import Actor
from backend.core.errors import Forbidden, NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.notes import note
from backend.pages.visitor import ActorRequest
from backend.regions.codes import prefix_of
from points.revision import queries, services
from points.revision.models import RevisionRun
from points.revision.queries import CategoryRow
from points.revision.states import LIVE, STOPPED, RunKind, RunState
from points.scoring import queries as scoring
from points.scoring.models import RuleSet
from points.scoring.queries import READERS, WRITERS

_SHOWN = timedelta(days=90)  # what the form proposes as the period
_LATEST = 10
_WHOLE = 100


class TrialForm(PageForm):
    """Where, when and beside what to try rules."""

    region = forms.ChoiceField(
        label=gettext_lazy("区划"), widget=forms.Select(attrs={"data-testid": "region"})
    )
    first_day = forms.DateField(
        label=gettext_lazy("开始日期"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "first-day"}),
    )
    last_day = forms.DateField(
        label=gettext_lazy("结束日期"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "last-day"}),
    )
    compare_with = forms.ChoiceField(
        label=gettext_lazy("和什么比"),
        required=False,
        widget=forms.Select(attrs={"data-testid": "compare-with"}),
    )

    def __init__(self, *args: Any, rule_set: RuleSet, actor: Actor, **kwargs: Any) -> None:
        """Offer the actor's regions inside that of the rules, and the rules of the same place and above."""
        super().__init__(*args, **kwargs)
        regions = queries.regions_to_choose(rule_set, actor)
        others = queries.rules_to_compare(rule_set, scoring.visible_to(actor))
        self.regions = [(region.code, region.name) for region in regions]
        cast("forms.ChoiceField", self.fields["region"]).choices = self.regions
        cast("forms.ChoiceField", self.fields["compare_with"]).choices = [
            ("", _("已经发出的积分")),
            *((str(other.pk), _("规则 %(label)s") % {"label": other.label}) for other in others),
        ]


@dataclass(frozen=True)
class Bar:
    """One category with the lengths of its two bars, in percent of the longest."""

    row: CategoryRow
    before: int
    after: int


@dataclass(frozen=True)
class Share:
    """So many people, as a stretch of the bar of all of them, in percent."""

    name: str
    label: str
    people: int
    begins: int
    length: int


def _rule_set(actor: Actor, rule_set_id: int) -> RuleSet:
    """Return rules that hold where this person works.

    :raises NotFound: there are none.
    """
    rule_set = scoring.visible_to(actor).select_related("region").filter(pk=rule_set_id).first()
    own = prefix_of(rule_set.region_id) if rule_set else ""
    near = any(own.startswith(prefix) or prefix.startswith(own) for prefix in actor.regions(*READERS))
    if rule_set is None or not near:
        raise NotFound
    return rule_set


def _run(actor: Actor, run_id: int) -> RevisionRun:
    found = queries.visible_to(actor).select_related("to_rule_set", "from_rule_set", "region")
    run = found.filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*READERS)
def dry_run(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Ask what these rules would change, and list what was asked before."""
    rule_set = _rule_set(request.actor, rule_set_id)
    today = timezone.localdate()
    form = TrialForm(
        request.POST if request.method == "POST" else None,
        rule_set=rule_set,
        actor=request.actor,
        initial={"first_day": today - _SHOWN, "last_day": today},
    )
    if request.method == "POST" and not request.actor.has(*WRITERS):
        raise Forbidden  # before the form is judged, which offers a supervisor nothing
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            run = services.start_dry_run(
                rule_set_id=rule_set.pk,
                from_rule_set_id=int(chosen["compare_with"]) if chosen["compare_with"] else None,
                region_code=chosen["region"],
                first_day=chosen["first_day"],
                last_day=chosen["last_day"],
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("pages:revision", run.pk)
    context = {
        "rule_set": rule_set,
        "form": form if form.regions else None,
        "runs": queries.runs_of(rule_set, request.actor)[:_LATEST],
    }
    return render(request, "pages/manager/rule_dry_run.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*READERS)
def recompute(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Explain what recomputing does, show the dry run it needs, and start it."""
    rule_set = _rule_set(request.actor, rule_set_id)
    if request.method == "POST":
        run = services.start_recompute(rule_set_id=rule_set.pk, actor=request.actor, at=timezone.now())
        return redirect("pages:revision", run.pk)
    own = [prefix for prefix in request.actor.regions(*WRITERS) if rule_set.region_id.startswith(prefix)]
    runs = queries.runs_of(rule_set, request.actor).filter(kind=RunKind.RECOMPUTE)
    context = {
        "rule_set": rule_set,
        "dry_run": queries.dry_run_of(rule_set),
        "may_start": bool(own),
        "runs": runs[:_LATEST],
    }
    return render(request, "pages/manager/rule_recompute.html", context)


@require_GET
@never_cache
@roles_only(*READERS)
def run(request: ActorRequest, run_id: int) -> HttpResponse:
    """Show how far a run is, and what it found; htmx asks again while it is going on."""
    found = _run(request.actor, run_id)
    may_act = any(found.region_id.startswith(prefix) for prefix in request.actor.regions(*WRITERS))
    context = {
        "run": found,
        "live": found.state in LIVE,
        "may_stop": may_act and found.state in LIVE,
        "may_resume": may_act and found.state in STOPPED,
        "is_dry": found.kind == RunKind.DRY_RUN,
        "finished": found.state == RunState.DONE,
        "difference": found.result.get("after", 0) - found.result.get("before", 0),
        "bars": _bars(queries.categories_of(found)),
        "people": _people(found),
        "largest": queries.largest_of(found),
    }
    return render(request, "pages/manager/revision.html", context)


@require_GET
@never_cache
@roles_only(*READERS)
def result(request: ActorRequest, run_id: int) -> HttpResponse:
    """Return what a dry run found as CSV that spreadsheets open in Chinese."""
    found = _run(request.actor, run_id)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="dry-run-{found.pk}.csv"'
    answer.write("\ufeff")
    sheet = csv.writer(answer)
    sheet.writerow([_("项目"), _("名称"), _("之前"), _("之后"), _("变化"), _("记录"), _("有变化的记录")])
    total = {"before": 0, "after": 0, "records": 0, "changed": 0, **found.result}
    before, after = total["before"], total["after"]
    sheet.writerow([_("合计"), "", before, after, after - before, total["records"], total["changed"]])
    for row in queries.categories_of(found):
        figures = [row.before, row.after, row.difference, row.records, row.changed]
        sheet.writerow([_("服务类别"), row.name, *figures])
    for share in _people(found):
        sheet.writerow([_("人数"), share.label, "", "", share.people, "", ""])
    for person in queries.largest_of(found):
        sheet.writerow([_("变化最大"), person.number, person.before, person.after, person.difference, "", ""])
    return answer


@by_button
@roles_only(*READERS)
def cancel(request: ActorRequest, run_id: int) -> HttpResponse:
    """Stop a run."""
    stopped = services.cancel(run_id=run_id, actor=request.actor, at=timezone.now())
    note(request, _("已停止，随时可以接着算。"))
    return redirect("pages:revision", stopped.pk)


@by_button
@roles_only(*READERS)
def resume(request: ActorRequest, run_id: int) -> HttpResponse:
    """Let a stopped run go on."""
    going = services.resume(run_id=run_id, actor=request.actor, at=timezone.now())
    note(request, _("接着上次的地方继续。"))
    return redirect("pages:revision", going.pk)


def _bars(rows: list[CategoryRow]) -> list[Bar]:
    longest = max((max(row.before, row.after) for row in rows), default=0) or 1
    return [Bar(row, row.before * _WHOLE // longest, row.after * _WHOLE // longest) for row in rows]


def _people(found: RevisionRun) -> list[Share]:
    counts = found.result.get("people", {})
    everybody = sum(counts.values()) or 1
    shares, done = [], 0
    for name, label in (("up", _("增加")), ("same", _("不变")), ("down", _("减少"))):
        begins = done * _WHOLE // everybody
        done += counts.get(name, 0)
        shares.append(Share(name, label, counts.get(name, 0), begins, done * _WHOLE // everybody - begins))
    return shares
