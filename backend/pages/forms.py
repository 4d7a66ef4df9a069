"""The forms people fill in. They check shape only; what is allowed is the services' to say."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal
from volunteers.people.choices import IdType, ServiceCategory, Sex


class PageForm(forms.Form):
    """A form that can take a service's refusal as the error of the field it means."""

    refusal_fields: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give every one-line control our class."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(
                field.widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)
            ):
                field.widget.attrs.setdefault("class", "input")

    def add_refusal(self, refusal: Refusal) -> None:
        """Show the refusal at its field, or above the form when it means none of them."""
        name = (refusal.field or "").strip("/").replace("/", "_").replace(".", "_")
        name = self.refusal_fields.get(name, name)
        self.add_error(name if name in self.fields else None, str(refusal))


class PhoneForm(PageForm):
    """Step one of signing in."""

    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "data-testid": "phone"}),
    )


class CodeForm(PhoneForm):
    """Step two of signing in."""

    phone = forms.CharField(max_length=20, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("验证码"),
        max_length=10,
        widget=forms.TextInput(
            attrs={
                "class": "input input--code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autofocus": True,
                "data-testid": "code",
            }
        ),
    )


class StaffForm(PageForm):
    """Username and password."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "data-testid": "username"}
        ),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "data-testid": "password"}),
    )


AVAILABLE_TIMES = [
    ("工作日上午", _("工作日上午")),
    ("工作日下午", _("工作日下午")),
    ("工作日晚上", _("工作日晚上")),
    ("周末白天", _("周末白天")),
    ("周末晚上", _("周末晚上")),
    ("节假日", _("节假日")),
]
RELATIONS = [
    ("", _("请选择")),
    ("父母", _("父母")),
    ("祖父母或外祖父母", _("祖父母或外祖父母")),
    ("其他监护人", _("其他监护人")),
]


class RegisterForm(PageForm):
    """The eight fields of Order 67 Art 5 (the phone is the account's), consents, a guardian for minors."""

    refusal_fields: ClassVar = {"region_code": "region", "consents": "privacy", "guardian": "guardian_name"}

    name = forms.CharField(
        label=_("姓名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name", "data-testid": "name"}),
    )
    id_type = forms.ChoiceField(
        label=_("证件类型"), choices=IdType.choices, widget=forms.Select(attrs={"data-testid": "id-type"})
    )
    id_number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        help_text=_("加密保存，页面上只显示头尾几位。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "data-testid": "id-number"}
        ),
    )
    sex = forms.ChoiceField(
        label=_("性别"),
        choices=[("", _("请选择")), *Sex.choices],
        required=False,
        widget=forms.Select(attrs={"data-testid": "sex"}),
    )
    birth_date = forms.DateField(
        label=_("出生日期"),
        required=False,
        widget=forms.DateInput(
            format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday", "data-testid": "birth-date"}
        ),
    )
    region = forms.CharField(
        label=_("居住区域"),
        widget=forms.HiddenInput,
        error_messages={"required": _("请选择您住的地方，至少到区县。")},
    )
    skills = forms.CharField(
        label=_("专业技能"),
        max_length=200,
        required=False,
        help_text=_("用顿号或逗号隔开，如：手语、急救、摄影。没有可以不填。"),
        widget=forms.TextInput(attrs={"data-testid": "skills"}),
    )
    service_categories = forms.MultipleChoiceField(
        label=_("愿意参加的服务"),
        choices=ServiceCategory.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"data-testid": "category"}),
        error_messages={"required": _("请至少选一类。")},
    )
    available_times = forms.MultipleChoiceField(
        label=_("可以服务的时间"),
        choices=AVAILABLE_TIMES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    guardian_name = forms.CharField(
        label=_("监护人姓名"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"data-testid": "guardian-name"}),
    )
    guardian_phone = forms.CharField(
        label=_("监护人手机号"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "data-testid": "guardian-phone"}),
    )
    guardian_relation = forms.ChoiceField(
        label=_("与您的关系"),
        choices=RELATIONS,
        required=False,
        widget=forms.Select(attrs={"data-testid": "guardian-relation"}),
    )
    guardian_consent = forms.BooleanField(
        label=_("监护人已知情，并同意本人参加志愿服务。"),
        required=False,
        widget=forms.CheckboxInput(attrs={"data-testid": "guardian-consent"}),
    )
    privacy = forms.BooleanField(
        label=_("我同意为登记和记录志愿服务处理以上个人信息。"),
        error_messages={"required": _("不同意就无法登记；您的信息不会被保存。")},
        widget=forms.CheckboxInput(attrs={"data-testid": "privacy"}),
    )
    location = forms.BooleanField(
        label=_("签到时，我点了“附上位置”才使用位置；只保存与站点的距离。"), required=False
    )
    honor_board = forms.BooleanField(label=_("可以在公开榜单上显示我的姓名，随时可以撤回。"), required=False)

    def clean_skills(self) -> list[str]:
        """Split the line at any of the separators people use."""
        text = self.cleaned_data["skills"]
        for separator in ",，;； ":
            text = text.replace(separator, "、")
        return [word.strip() for word in text.split("、") if word.strip()]


class AdjustForm(PageForm):
    """Approving with other minutes than measured; whether a reason is needed is the service's to say."""

    minutes = forms.IntegerField(label=_("计入分钟"), min_value=0, max_value=1440)
    reason = forms.CharField(label=_("理由"), max_length=200, required=False)


class ProposalForm(PageForm):
    """When I left, by the clock; the day follows from the check-in."""

    left_at = forms.TimeField(
        label=_("离开时间"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "data-testid": "left-at"}),
    )
    note = forms.CharField(
        label=_("说明"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"data-testid": "proposal-note"}),
    )


class AnswerForm(PageForm):
    """What I answer to the manager's question."""

    answer = forms.CharField(
        label=_("我的答复"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "data-testid": "answer-text"}),
    )


class CardsForm(PageForm):
    """Whose cards to issue, by volunteer number; one line each, or separated as people do."""

    numbers = forms.CharField(
        label=_("志愿者编号"),
        max_length=2000,
        help_text=_("一行一个，也可以用逗号、顿号或空格隔开。"),
        widget=forms.Textarea(attrs={"rows": 4, "inputmode": "numeric", "data-testid": "numbers"}),
    )
    renew = forms.BooleanField(
        label=_("已经有卡的也重新制卡，旧卡马上作废"),
        required=False,
        widget=forms.CheckboxInput(attrs={"data-testid": "renew"}),
    )


class ReasonForm(PageForm):
    """Saying why; the service knows whether it is enough."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input", "data-testid": "reason"}),
        error_messages={"required": _("请写明理由，负责人会看到。")},
    )


class CorrectionForm(ReasonForm):
    """Which minutes a record should hold, and why."""

    field_order = ["minutes", "reason"]

    minutes = forms.IntegerField(
        label=_("应为多少分钟"),
        min_value=0,
        max_value=1440,
        help_text=_("填 0 表示这条记录不该有。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "minutes"}),
    )


class DeskCorrectionForm(CorrectionForm):
    """The same by staff, who name the record by its number."""

    field_order = ["record", "minutes", "reason"]

    record = forms.IntegerField(
        label=_("记录编号"),
        min_value=1,
        max_value=2**63 - 1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "record"}),
    )


class ObjectionForm(PageForm):
    """What the public objects to, why, and how to be reached if they want to be."""

    record = forms.IntegerField(
        label=_("记录编号"),
        min_value=1,
        max_value=2**63 - 1,
        help_text=_("写在服务记录上的数字。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "record"}),
        error_messages={"unknown": _("没有这个编号的服务记录，请核对后再填。")},
    )
    reason = forms.CharField(
        label=_("哪里不对"),
        max_length=500,
        help_text=_("请写您看到的事实，不必写身份证号等个人信息。"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "input", "data-testid": "reason"}),
    )
    contact = forms.CharField(
        label=_("联系方式（可以不填）"),
        max_length=100,
        required=False,
        help_text=_("加密保存，只有核查的人能看，每次查看都会留痕。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-testid": "contact"}),
    )
