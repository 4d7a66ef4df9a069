"""The form of a rule document. It checks shape only; what a figure may be is the schema's to say.

Every control stands for one place of the document (`rule_fields`), has its unit and says what it does.
"""

from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from backend.pages.forms import PageForm
from points.scoring.rules import MINUTES_A_DAY, ExpiryPolicy, MultiplierMode, OtherKind
from points.scoring.terms import CAPS, DAY_KINDS, DIFFICULTIES, OTHER_KINDS, per_text
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.people.choices import ServiceCategory

PER_EVENT = "event"
FACTOR_DIGITS = 4  # basis points
_LONGEST_LABEL = 60


def _per_minutes() -> list[tuple[str, str]]:
    divisors = [number for number in range(1, MINUTES_A_DAY + 1) if MINUTES_A_DAY % number == 0]
    return [(str(number), per_text(number)) for number in divisors]


def _units() -> list[tuple[str, Any]]:
    return [(PER_EVENT, _("每次（不论多久）")), *_per_minutes()]


class Figure(forms.IntegerField):
    """A whole number with its unit."""

    def __init__(self, *, label: Any, unit: Any, says: Any = "", most: int = 1_000_000, **more: Any) -> None:
        """Show label, unit and what it does; empty means that it is not said."""
        super().__init__(
            label=label,
            help_text=says,
            required=False,
            widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "max": most}),
            **more,
        )
        self.unit = unit


class HushedForm(PageForm):
    """A form that can be shown again while it is being filled in, without complaints."""

    def hush(self) -> None:
        """Show what was typed and say nothing about it yet."""
        self._errors = ErrorDict()


class TermsForm(HushedForm):
    """Everything of a rule document that is said once."""

    effective_from = forms.DateField(
        label=_("从哪一天起"),
        help_text=_("这一天和以后的服务按这份规则计分；启用时不能早于当天。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    base_points = Figure(
        label=_("给多少积分"), unit=_("分"), says=_("没有另定标准的服务都按这个数。"), most=1000
    )
    base_per_minutes = forms.TypedChoiceField(
        label=_("每多久"),
        help_text=_("积分按这段时间算。"),
        choices=_per_minutes,
        coerce=int,
        required=False,
    )
    base_step_minutes = Figure(
        label=_("最小计分单位"), unit=_("分钟"), says=_("只算整段，不足一段的舍去。"), most=240
    )
    multiplier_mode = forms.ChoiceField(
        label=_("几个系数都符合时"),
        help_text=_("只取最高的一个，或者把它们乘起来。"),
        choices=[
            (MultiplierMode.HIGHEST.value, _("只取最高的一个")),
            (MultiplierMode.PRODUCT.value, _("相乘")),
        ],
        required=False,
    )
    night_from = forms.RegexField(
        r"^\d{2}:\d{2}$",
        label=_("夜间从几点"),
        help_text=_("系数用到“夜间”时才要填。"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    night_until = forms.RegexField(
        r"^\d{2}:\d{2}$",
        label=_("到几点"),
        help_text=_("可以过半夜，如 22:00 到 06:00。"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    bonus_first_service = Figure(
        label=_("首次服务奖励"), unit=_("分"), says=_("每人第一次服务另给一次；空着就没有。")
    )
    minimum_attendance_percent = Figure(
        label=_("到场至少占班次的"),
        unit="%",
        says=_("不到这个比例，这次服务不计分；0 表示不要求。"),
        most=100,
    )
    excludes_manual = forms.BooleanField(
        label=_("手工补录的时长不计分"),
        help_text=_("补录的时长照样算服务时间，只是没有积分。"),
        required=False,
    )
    excludes_complaint = forms.BooleanField(
        label=_("投诉查实的服务不计分"),
        help_text=_("查实以后，那一次服务的积分为 0。"),
        required=False,
    )
    expiry_policy = forms.ChoiceField(
        label=_("积分什么时候到期"),
        help_text=_("服务时长永远不会到期，到期的只是积分。"),
        choices=[
            (ExpiryPolicy.END_OF_YEAR.value, _("年底到期")),
            (ExpiryPolicy.MONTHS.value, _("满若干个月到期")),
            (ExpiryPolicy.NEVER.value, _("不到期")),
        ],
        required=False,
    )
    expiry_years = Figure(
        label=_("选“年底到期”时：第几年"),
        unit=_("年"),
        says=_("得到积分的当年算第 1 年；填 2 就是第二年的 12 月 31 日。"),
        most=20,
    )
    expiry_months = Figure(
        label=_("选“满若干个月”时：几个月"), unit=_("个月"), says=_("至少能用这么久，到月底为止。"), most=240
    )
    may_owe = forms.BooleanField(
        label=_("已花掉的积分可以记为欠分"),
        help_text=_("记录撤销时积分已经花掉的，以后得到的先抵；不选则只收回还剩下的。"),
        required=False,
    )
    gives_to_pool = forms.BooleanField(
        label=_("可以赠与慈善积分池"),
        help_text=_("本人自愿把积分捐给社区统一使用。"),
        required=False,
    )
    relative_monthly = Figure(
        label=_("赠与亲属每月最多"), unit=_("分"), says=_("只能给一位登记的亲属；空着就不可以。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the fields of the caps and of what is not service, which are the same over and over."""
        super().__init__(*args, **kwargs)
        for name, period in CAPS.items():
            if name in {"record", "day"}:
                self._add(
                    f"caps_{name}_minutes",
                    Figure(
                        label=_("%(period)s最多计多少分钟") % {"period": period},
                        unit=_("分钟"),
                        says=_("超过的分钟不再计分，480 分钟是 8 小时；空着不限。"),
                        most=MINUTES_A_DAY,
                    ),
                )
            self._add(
                f"caps_{name}_points",
                Figure(
                    label=_("%(period)s最多得多少积分") % {"period": period},
                    unit=_("分"),
                    says=_("超过的积分不给；空着不限。"),
                ),
            )
        for kind in OtherKind:
            self._add(
                f"other_{kind.value}_points",
                Figure(label=OTHER_KINDS[kind.value], unit=_("分/次"), says=_("每次给多少；空着就不给。")),
            )
            self._add(
                f"other_{kind.value}_limit",
                Figure(label=_("每月最多"), unit=_("分"), says=_("同一个人一个月里最多得这么多。")),
            )

    def _add(self, name: str, field: forms.Field) -> None:
        field.widget.attrs["class"] = "input"
        self.fields[name] = field


class RowForm(HushedForm):
    """One of several alike: a rate, a factor, a bonus."""

    group: ClassVar[str]

    @property
    def blank(self) -> bool:
        """Whether nothing was filled in."""
        return not any(self.cleaned_data.get(name) for name in self.fields if name != "unit")


class _Conditional(RowForm):
    """A row with a name in both languages and the conditions under which it counts."""

    zh = forms.CharField(
        label=_("名称"), max_length=_LONGEST_LABEL, required=False, help_text=_("写进积分说明。")
    )
    en = forms.CharField(
        label=_("英文名称"), max_length=_LONGEST_LABEL, required=False, help_text=_("不填就用中文名称。")
    )
    categories = forms.MultipleChoiceField(
        label=_("服务类别"),
        choices=ServiceCategory.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    recipients = forms.MultipleChoiceField(
        label=_("服务对象"), choices=Recipient.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    activity_types = forms.MultipleChoiceField(
        label=_("活动类型"), choices=ActivityType.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    lists: ClassVar[tuple[str, ...]] = ("categories", "recipients", "activity_types")

    @property
    def conditions(self) -> list[tuple[forms.BoundField, int]]:
        """The lists to choose from, with how many of each are chosen."""
        return [(self[name], len(self[name].value() or ())) for name in self.lists]


class RateForm(_Conditional):
    """A rate for some kinds of service."""

    group = "rates"
    field_order = ("zh", "en", "unit", "points", "categories", "recipients", "activity_types")

    points = Figure(label=_("给多少积分"), unit=_("分"), says=_("符合条件的服务按这个数。"), most=1000)
    unit = forms.ChoiceField(
        label=_("每多久"), choices=_units, required=False, help_text=_("按次的不看时长。"), initial="60"
    )


class FactorForm(_Conditional):
    """A factor and when it applies."""

    group = "multipliers"
    field_order = ("zh", "en", "factor", "categories", "recipients", "activity_types", "days", "difficulty")
    lists = ("categories", "recipients", "activity_types", "days", "difficulty")

    factor = forms.DecimalField(
        label=_("乘以"),
        help_text=_("1.2 就是多给两成。"),
        decimal_places=FACTOR_DIGITS,
        max_digits=12,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.0001", "min": 0}),
    )
    days = forms.MultipleChoiceField(
        label=_("哪些日子"),
        choices=list(DAY_KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    difficulty = forms.TypedMultipleChoiceField(
        label=_("难度"),
        choices=[(str(grade), name) for grade, name in DIFFICULTIES.items()],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    skilled = forms.BooleanField(label=_("用到活动要求的专业技能"), required=False)
    organizer = forms.BooleanField(label=_("本人是活动的组织者"), required=False)
    night = forms.BooleanField(label=_("只算夜间的分钟"), required=False)


class MonthsForm(RowForm):
    """A bonus for the n-th month in a row."""

    group = "months"

    months = Figure(
        label=_("连续到第几个月"), unit=_("个月"), says=_("每个月都有服务，到这个月时给。"), most=120
    )
    points = Figure(label=_("奖励"), unit=_("分"), says=_("只在到达的那个月给一次。"))


class MadeUpForm(HushedForm):
    """A service that need not exist, to try rules on."""

    minutes = forms.IntegerField(
        label=_("服务多少分钟"),
        min_value=0,
        max_value=MINUTES_A_DAY,
        initial=150,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    day = forms.DateField(
        label=_("哪一天"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    starts_at = forms.TimeField(
        label=_("几点开始"), required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    category = forms.ChoiceField(
        label=_("服务类别"), choices=[("", _("不限")), *ServiceCategory.choices], required=False
    )
    recipient = forms.ChoiceField(
        label=_("服务对象"), choices=[("", _("不限")), *Recipient.choices], required=False
    )
    activity_type = forms.ChoiceField(
        label=_("活动类型"), choices=[("", _("不限")), *ActivityType.choices], required=False
    )
    difficulty = forms.TypedChoiceField(
        label=_("难度"),
        choices=[(str(grade), name) for grade, name in DIFFICULTIES.items()],
        coerce=int,
        required=False,
    )
    earlier_minutes = forms.IntegerField(
        label=_("当天此前已计多少分钟"),
        min_value=0,
        max_value=MINUTES_A_DAY,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    scheduled_minutes = forms.IntegerField(
        label=_("班次有多少分钟"),
        min_value=0,
        max_value=MINUTES_A_DAY,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    skilled = forms.BooleanField(label=_("用到专业技能"), required=False)
    organizer = forms.BooleanField(label=_("本人是组织者"), required=False)
    manual = forms.BooleanField(label=_("手工补录"), required=False)
    complaint_upheld = forms.BooleanField(label=_("投诉查实"), required=False)


class StartForm(PageForm):
    """A new version: for which region, from what, from when on."""

    region = forms.CharField(max_length=12, widget=forms.HiddenInput)
    source = forms.ChoiceField(label=_("以什么为底稿"))
    effective_from = forms.DateField(
        label=_("从哪一天起"),
        help_text=_("写好以后还能改。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, sources: list[tuple[str, Any]], **kwargs: Any) -> None:
        """Offer these documents to begin with."""
        super().__init__(*args, **kwargs)
        source = self.fields["source"]
        if isinstance(source, forms.ChoiceField):
            source.choices = sources


class RuleReasonForm(PageForm):
    """Why a version goes back or out of force."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请写明理由，会留在这个版本的经过里。")},
    )
