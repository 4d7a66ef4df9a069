"""The forms of the door's rules and of qualifications. They check shape only; the services do the rest."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.pages.forms import PageForm
from volunteers.attendance.policy import LIMITS, Policy
from volunteers.training.choices import QualificationKind

FIGURES = {
    "early_minutes": _("提前多少分钟可以签到"),
    "late_minutes": _("开始后多少分钟算迟到"),
    "close_after_minutes": _("结束后多少分钟仍未签退，自动转待确认"),
    "late_check_out_hours": _("结束后多少小时内还能补扫签退"),
    "offline_hours": _("离线扫码多少小时内上传有效"),
    "clock_skew_seconds": _("手机时间最多可快多少秒"),
    "code_tolerance_windows": _("屏幕码前后各容许几个 30 秒"),
    "accuracy_limit_m": _("定位误差超过多少米不作依据"),
    "accompanied_until_age": _("未满多少周岁需监护人在场"),
    "posters_allowed": _("是否接受海报码（1 接受，0 不接受）"),
    "min_presence_percent": _("在场不到班次的百分之几要写理由"),
    "daily_minutes": _("每人每天最多计多少分钟"),
    "annul_minutes": _("扫错后多少分钟内可以撤销"),
}
_LOCAL = "%Y-%m-%dT%H:%M"


class PolicyForm(PageForm):
    """Some figures for a scope, from a time on. A figure left empty falls back to the wider scope."""

    refusal_fields: ClassVar = {f"figures_{name}": name for name in FIGURES}

    scope = forms.ChoiceField(label=_("适用范围"), widget=forms.Select(attrs={"data-testid": "scope"}))
    effective_from = forms.DateTimeField(
        label=_("生效时间"),
        help_text=_("至少一分钟以后；已发布的规则不能改，只能用新规则接替。"),
        widget=forms.DateTimeInput(
            format=_LOCAL, attrs={"type": "datetime-local", "data-testid": "effective-from"}
        ),
        input_formats=[_LOCAL, "%Y-%m-%dT%H:%M:%S"],
    )
    reason = forms.CharField(
        label=_("为什么调整"),
        max_length=200,
        widget=forms.TextInput(attrs={"data-testid": "reason"}),
    )

    def __init__(self, *args: Any, scopes: list[tuple[str, str]], defaults: Policy, **kwargs: Any) -> None:
        """Offer these scopes, and a number field for every figure."""
        super().__init__(*args, **kwargs)
        scope = self.fields["scope"]
        if isinstance(scope, forms.ChoiceField):
            scope.choices = scopes
        for name, label in FIGURES.items():
            least, most = LIMITS[name]
            self.fields[name] = forms.IntegerField(
                label=label,
                min_value=least,
                max_value=most,
                required=False,
                widget=forms.NumberInput(
                    attrs={
                        "class": "input",
                        "placeholder": str(getattr(defaults, name)),
                        "data-testid": name.replace("_", "-"),
                    }
                ),
            )

    @property
    def figures(self) -> Mapping[str, int]:
        """The figures that were given."""
        given = {name: self.cleaned_data.get(name) for name in FIGURES}
        return {name: value for name, value in given.items() if value is not None}


class QualificationForm(PageForm):
    """A training passed or an insurance held, on evidence somebody has seen."""

    number = forms.CharField(
        label=_("志愿者编号"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-testid": "number"}),
    )
    kind = forms.ChoiceField(
        label=_("类别"), choices=QualificationKind.choices, widget=forms.Select(attrs={"data-testid": "kind"})
    )
    course = forms.CharField(
        label=_("课程代码"),
        max_length=40,
        required=False,
        help_text=_("与活动要求的课程代码一致；保险不用填。"),
        widget=forms.TextInput(attrs={"data-testid": "course"}),
    )
    valid_from = forms.DateField(
        label=_("起始日期"), widget=forms.DateInput(attrs={"type": "date", "data-testid": "valid-from"})
    )
    valid_until = forms.DateField(
        label=_("截止日期"),
        required=False,
        help_text=_("培训长期有效可以不填。"),
        widget=forms.DateInput(attrs={"type": "date", "data-testid": "valid-until"}),
    )
    evidence = forms.CharField(
        label=_("看过的凭据"),
        max_length=200,
        help_text=_("如“结业证编号”“保单号”，不写证件号码。"),
        widget=forms.TextInput(attrs={"data-testid": "evidence"}),
    )


NOTICE_SHOWN = timedelta(minutes=5)  # what the form proposes as the start of a policy
