"""What managers and staff set for the door: the figures of check-in, and who is trained and insured."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core.errors import Refusal
from backend.core.masking import mask_name
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.policy_forms import FIGURES, NOTICE_SHOWN, PolicyForm, QualificationForm
from backend.pages.visitor import RULE_SETTERS, ActorRequest
from backend.regions.models import Region
from volunteers.activities.models import Activity
from volunteers.activities.queries import programmes_run_by
from volunteers.attendance.policies import platform_policy, set_policy
from volunteers.attendance.policy_models import CheckInPolicy, PolicyScope
from volunteers.people.queries import REVIEWERS, reviewable_by
from volunteers.training.models import Qualification
from volunteers.training.services import record_qualification, revoke_qualification

_MOST_SCOPES = 200
_CODE_LENGTH = 12


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*RULE_SETTERS)
def policies(request: ActorRequest) -> HttpResponse:
    """Show the rules of the door with their history, and set new ones for what I answer for."""
    scopes = _scopes(request.actor)
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        scopes=scopes,
        defaults=platform_policy(),
        initial={"effective_from": timezone.localtime(timezone.now() + NOTICE_SHOWN)},
    )
    if request.method == "POST" and form.is_valid():
        scope, _colon, scope_id = form.cleaned_data["scope"].partition(":")
        try:
            set_policy(
                scope=scope,
                scope_id=scope_id,
                figures=form.figures,
                effective_from=form.cleaned_data["effective_from"],
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已发布，到时自动生效。"))
            return redirect("pages:policies")
    named = dict(scopes)
    page = page_of(request, CheckInPolicy.objects.order_by("-effective_from", "-id"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [_row(policy, named) for policy in page],
        "now": timezone.now(),
    }
    return render(request, "pages/manager/policies.html", context, status=400 if form.errors else 200)


def _scopes(actor: Actor) -> list[tuple[str, str]]:
    """Return what this actor may set rules for: platform, regions, organizations, activities."""
    found: list[tuple[str, str]] = []
    prefixes = actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
    if actor.is_platform_admin:
        found.append((f"{PolicyScope.PLATFORM.value}:", str(PolicyScope.PLATFORM.label)))
    codes = [prefix.ljust(_CODE_LENGTH, "0") for prefix in prefixes if prefix]
    regions = Region.objects.filter(code__in=codes).order_by("code")
    found += [(f"{PolicyScope.REGION.value}:{region.code}", region.name) for region in regions]
    own = Organization.objects.filter(pk__in=actor.organizations(Role.ORGANIZATION_MANAGER)).order_by("pk")
    found += [(f"{PolicyScope.ORGANIZATION.value}:{one.pk}", one.name) for one in own]
    activities = Activity.objects.filter(programme__in=programmes_run_by(actor)).order_by("-pk")
    for activity in activities.select_related("site")[:_MOST_SCOPES]:
        label = f"{activity.name}（{activity.site.name}）"
        found.append((f"{PolicyScope.ACTIVITY.value}:{activity.pk}", label))
    return found


def _row(policy: CheckInPolicy, named: dict[str, str]) -> dict[str, Any]:
    key = f"{policy.scope}:{policy.scope_id}"
    label = PolicyScope(policy.scope).label
    return {
        "policy": policy,
        "scope": named.get(key) or f"{label} {policy.scope_id}",
        "figures": [(FIGURES.get(name, name), value) for name, value in policy.figures.items()],
    }


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*REVIEWERS)
def qualifications(request: ActorRequest) -> HttpResponse:
    """Show who is trained and insured in my regions, and record another one."""
    form = QualificationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        volunteer = reviewable_by(request.actor).filter(number=data.pop("number")).first()
        if volunteer is None:
            form.add_error("number", _("您的区域里没有这个编号的志愿者。"))
        else:
            try:
                record_qualification(
                    volunteer_id=volunteer.pk, actor=request.actor, at=timezone.now(), **data
                )
            except Refusal as refusal:
                form.add_refusal(refusal)
            else:
                note(request, _("已登记。"))
                return redirect("pages:qualifications")
    held = Qualification.objects.filter(volunteer__in=reviewable_by(request.actor))
    page = page_of(request, held.select_related("volunteer").order_by("-id"))
    rows = [{"held": one, "name": mask_name(one.volunteer.name)} for one in page]
    context = {"form": form, "page_obj": page, "rows": rows, "today": timezone.localdate()}
    return render(request, "pages/manager/qualifications.html", context, status=400 if form.errors else 200)


@by_button
@roles_only(*REVIEWERS)
def revoke(request: ActorRequest, qualification_id: int) -> HttpResponse:
    """End a qualification before its time."""
    revoke_qualification(qualification_id=qualification_id, actor=request.actor, at=timezone.now())
    note(request, _("已作废。"))
    return redirect("pages:qualifications")
