"""Points for what is not service: entered by one member of staff, decided by another."""

from typing import Any, ClassVar

from django import forms
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Invalid, NotFound, Refusal
from backend.core.masking import mask_name
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.visitor import ActorRequest
from points.scoring import services
from points.scoring.other import awards_to_decide, awards_visible_to
from points.scoring.other_models import MOST_AT_ONCE, OtherAward, OtherAwardKind, OtherAwardState
from volunteers.people.queries import REVIEWERS, reviewable_by

_LONGEST_REASON = 200  # the column


class OtherAwardForm(PageForm):
    """What somebody did, which one it was, and what has been seen of it."""

    refusal_fields: ClassVar = {"volunteer": "number"}

    number = forms.CharField(
        label=gettext_lazy("志愿者编号"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-testid": "number"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("类别"),
        choices=OtherAwardKind.choices,
        widget=forms.Select(attrs={"data-testid": "kind"}),
    )
    reference = forms.CharField(
        label=gettext_lazy("是哪一项"),
        max_length=80,
        help_text=gettext_lazy(
            "讲座写名称，推荐写新志愿者的编号，培训写课程代码，捐赠写捐赠公示编号；同一项只计一次。"
        ),
        widget=forms.TextInput(attrs={"data-testid": "reference"}),
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("次数"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "quantity"}),
    )
    day = forms.DateField(
        label=gettext_lazy("日期"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "day"}),
    )
    evidence = forms.CharField(
        label=gettext_lazy("看过的凭据"),
        max_length=200,
        help_text=gettext_lazy("如“签到表第 3 页”“入库单”，不写证件号码。"),
        widget=forms.TextInput(attrs={"data-testid": "evidence"}),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*REVIEWERS)
def awards(request: ActorRequest) -> HttpResponse:
    """Show what was entered in my regions, what waits first, and enter another one."""
    form = OtherAwardForm(
        request.POST if request.method == "POST" else None, initial={"day": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        volunteer = reviewable_by(request.actor).filter(number=data.pop("number")).first()
        if volunteer is None:
            form.add_error("number", _("您的区域里没有这个编号的志愿者。"))
        else:
            try:
                services.give_other_award(
                    volunteer_id=volunteer.pk, actor=request.actor, at=timezone.now(), **data
                )
            except Refusal as refusal:
                form.add_refusal(refusal)
            else:
                note(request, _("已登记，请另一位工作人员复核，通过后积分到账。"))
                return redirect("pages:awards")
    return _page(request, form, status=400 if form.errors else 200)


@by_button
@roles_only(*REVIEWERS)
def decide(request: ActorRequest, award_id: int) -> HttpResponse:
    """Agree or disagree with what somebody else entered."""
    decision, reason = request.POST.get("decision"), request.POST.get("reason", "")[:_LONGEST_REASON]
    given: dict[str, Any] = {"award_id": award_id, "actor": request.actor, "at": timezone.now()}
    try:
        if decision == "approve":
            made = services.approve_other_award(**given)
            note(request, _("已通过，计 %(points)s 积分。") % {"points": made.points})
        elif decision == "reject":
            services.reject_other_award(**given, reason=reason)
            note(request, _("未通过，理由已记录。"))
        else:
            raise Invalid(field="decision")
    except NotFound:
        raise
    except Refusal as refusal:
        form = OtherAwardForm(initial={"day": timezone.localdate()})
        return _page(request, form, status=refusal.status, trouble=(award_id, str(refusal)))
    return redirect("pages:awards")


def _page(
    request: ActorRequest, form: OtherAwardForm, *, status: int, trouble: tuple[int, str] | None = None
) -> HttpResponse:
    seen = awards_visible_to(request.actor).filter(volunteer__in=reviewable_by(request.actor))
    # "approved" < "rejected" < "waiting": what waits comes first, the newest of each first.
    ordered = seen.select_related("volunteer").order_by("-state", "-id")
    page: Page[OtherAward] = page_of(request, ordered)
    rows = [_row(award, request, trouble) for award in page]
    to_decide = awards_to_decide(request.actor).count()
    context = {"form": form, "page_obj": page, "rows": rows, "to_decide": to_decide}
    return render(request, "pages/manager/awards.html", context, status=status)


def _row(award: OtherAward, request: ActorRequest, trouble: tuple[int, str] | None) -> dict[str, Any]:
    makers = {award.entered_by_id, award.volunteer.user_id}
    return {
        "award": award,
        "name": mask_name(award.volunteer.name),
        "waits": award.state == OtherAwardState.WAITING,
        "mine": request.actor.user_id in makers,
        "error": trouble[1] if trouble and trouble[0] == award.pk else "",
    }
