"""The rules of points: which hold where, their versions, and the moves from draft to retirement."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Invalid, NotFound, Refusal
from backend.core.masking import mask_name
from backend.pages.buttons import by_button
from backend.pages.doors import refuse, roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.rule_forms import RuleReasonForm, StartForm
from backend.pages.visitor import ActorRequest
from backend.regions.models import Region
from points.scoring import holdings, services
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.presets import PRESETS
from points.scoring.queries import READERS, WRITERS, visible_to
from points.scoring.terms import terms_of

_PRESET = "preset"
_RULE_SET = "rules"
TONES = {
    RuleSetStatus.DRAFT: "amber",
    RuleSetStatus.REVIEWED: "indigo",
    RuleSetStatus.ACTIVE: "jade",
    RuleSetStatus.RETIRED: "",
}


@dataclass(frozen=True)
class VersionRow:
    """One version in the list, and where it stands today."""

    rule_set: RuleSet
    holds: bool
    coming: bool

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return TONES[RuleSetStatus(self.rule_set.status)]


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*READERS)
def overview(request: ActorRequest) -> HttpResponse:
    """Show which rules hold in a region of mine, its versions, what is inherited; begin a new version."""
    today = timezone.localdate()
    regions = holdings.regions_of(request.actor)
    asked = request.POST.get("region") if request.method == "POST" else request.GET.get("region")
    region = _region(asked or "", regions, request)
    if region is None:
        return render(request, "pages/manager/rules.html", {"regions": regions, "region": None})
    held = holdings.holding(region.code, today)
    may_write = holdings.may_write(request.actor, region.code)
    form = StartForm(
        request.POST if request.method == "POST" else None,
        sources=_sources(held, region),
        initial={
            "region": region.code,
            "effective_from": today,
            "source": request.GET.get("from") or (_source_of(held.now) if held.now else f"{_PRESET}:default"),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _start(request, form)
        except Refusal as refusal:
            if refusal.status != Invalid.status:
                raise
            form.add_refusal(refusal)
        else:
            note(request, _("草稿已建好，改好以后请另一位同事复核。"))
            return redirect("pages:rule", made.pk)
    versions = page_of(request, holdings.versions_of(region.code, request.actor))
    context = {
        "regions": regions,
        "region": region,
        "held": held,
        "terms": terms_of(held.now.document) if held.now else [],
        "inherited": held.now is not None and held.now.region_id != region.code,
        "above": holdings.versions_above(region.code),
        "below": holdings.own_below(region.code),
        "page_obj": versions,
        "rows": [_row(each, held, today) for each in versions],
        "may_write": may_write,
        "form": form,
        "presets": PRESETS.values(),
        "today": today,
    }
    return render(request, "pages/manager/rules.html", context, status=400 if form.errors else 200)


def _region(asked: str, regions: list[Region], request: ActorRequest) -> Region | None:
    if not asked:
        return regions[0] if regions else None
    found = holdings.readable_region(request.actor, asked)
    if found is None:
        raise NotFound
    return found


def _row(rule_set: RuleSet, held: holdings.Holding, today: date) -> VersionRow:
    active = rule_set.status == RuleSetStatus.ACTIVE
    return VersionRow(rule_set, held.now == rule_set, active and rule_set.effective_from > today)


def _source_of(rule_set: RuleSet) -> str:
    return f"{_RULE_SET}:{rule_set.pk}"


def _sources(held: holdings.Holding, region: Region) -> list[tuple[str, Any]]:
    """Return what a new version can begin from: what holds, versions of here and above, the presets."""
    found = {}
    if held.now:
        found[_source_of(held.now)] = _("现在生效的：%(region)s第 %(version)s 版") % {
            "region": held.now.region.name,
            "version": held.now.version,
        }
    for each in holdings.to_begin_from(region.code):
        found.setdefault(
            _source_of(each),
            _("第 %(version)s 版（%(region)s，%(status)s）")
            % {"version": each.version, "region": each.region.name, "status": each.get_status_display()},
        )
    return [*found.items(), *((f"{_PRESET}:{key}", preset.name) for key, preset in PRESETS.items())]


def _start(request: ActorRequest, form: StartForm) -> RuleSet:
    kind, _colon, key = form.cleaned_data["source"].partition(":")
    if kind == _PRESET:
        document = PRESETS[key].document
    else:
        document = visible_to(request.actor).get(pk=int(key)).document
    return services.draft_rule_set(
        region_code=form.cleaned_data["region"],
        document=document,
        effective_from=form.cleaned_data["effective_from"],
        actor=request.actor,
        at=timezone.now(),
    )


# --- moves ---


@by_button
@roles_only(*WRITERS)
def review(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Confirm a draft somebody else wrote, as it was shown."""
    services.review_rule_set(
        rule_set_id=rule_set_id,
        edition=request.POST.get("edition", ""),
        actor=request.actor,
        at=timezone.now(),
    )
    note(request, _("已复核。启用以后才会按它计分。"))
    return redirect("pages:rule", rule_set_id)


@by_button
@roles_only(*WRITERS)
def send_back(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Send a reviewed version back to draft."""
    services.return_rule_set(
        rule_set_id=rule_set_id, reason=_reason(request), actor=request.actor, at=timezone.now()
    )
    note(request, _("已退回草稿，改好后要重新复核。"))
    return redirect("pages:rule", rule_set_id)


@by_button
@roles_only(*WRITERS)
def activate(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Put a reviewed version into force from its day on."""
    made = services.activate_rule_set(rule_set_id=rule_set_id, actor=request.actor, at=timezone.now())
    note(request, _("已启用，%(day)s 起按它计分。") % {"day": made.effective_from})
    return redirect("pages:rule", rule_set_id)


@by_button
@roles_only(*WRITERS)
def retire(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Take a version out of force; what was given stays."""
    try:
        made = services.retire_rule_set(
            rule_set_id=rule_set_id, reason=_reason(request), actor=request.actor, at=timezone.now()
        )
    except Refusal as refusal:
        if refusal.status in {NotFound.status, 403}:
            raise
        return refuse(request, refusal, back=reverse("pages:rule", args=[rule_set_id]))
    note(request, _("已停用。已给的积分不变。"))
    return redirect(f"{reverse('pages:rules')}?{urlencode({'region': made.region_id})}")


def _reason(request: ActorRequest) -> str:
    form = RuleReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def history_of(rule_set: RuleSet) -> list[dict[str, Any]]:
    """Return what was done to a version, by whom and why, in words; the oldest first."""
    words = {
        "rule_set.drafted": _("写成草稿"),
        "rule_set.changed": _("修改草稿"),
        "rule_set.reviewed": _("复核通过"),
        "rule_set.returned": _("退回草稿"),
        "rule_set.activated": _("启用"),
        "rule_set.retired": _("停用"),
    }
    return [
        {
            "at": act.at,
            "what": words.get(act.action, act.action),
            "who": mask_name(act.name) if act.name else _("平台"),
            "reason": act.reason,
        }
        for act in holdings.history_of(rule_set)
    ]
