"""Forms about what the public is owed: donors' questions, answers, appeals."""

import re
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.pages.forms import CodeForm, PageForm
from points.giving.question_models import LONGEST_ANSWER, LONGEST_QUESTION
from points.market.rules import MOST_OF_A_BATCH

_LONGEST_ITEM, _LONGEST_UNIT = 40, 10  # as the columns are
_NEED = re.compile(r"(?P<item>\S.*?)\s+(?P<needed>[0-9]{1,9})\s+(?P<unit>\S+)")


class QuestionForm(PageForm):
    """What the donor wants to know."""

    text = forms.CharField(
        label=_("您想问什么"),
        max_length=LONGEST_QUESTION,
        help_text=_("例如：还剩的米打算怎么用？请不要写身份证号等个人信息。"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "input", "data-testid": "question"}),
    )
    agree_public = forms.BooleanField(
        label=_("可以把问题和答复公开在这一页（不带姓名，随时可以撤回）"),
        required=False,
        widget=forms.CheckboxInput(attrs={"data-testid": "agree-public"}),
    )


class AskByPhoneForm(QuestionForm):
    """The same by somebody who is not signed in as the donor."""

    phone = forms.CharField(
        label=_("捐赠时登记的手机号"),
        max_length=20,
        help_text=_("我们发一个验证码，确认是捐赠人本人在问。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "data-testid": "phone"}),
    )


class AskByCodeForm(CodeForm, QuestionForm):
    """The last step: the code; the rest goes along."""

    text = forms.CharField(max_length=LONGEST_QUESTION, widget=forms.HiddenInput)
    agree_public = forms.BooleanField(required=False, widget=forms.HiddenInput)


class AnswerQuestionForm(PageForm):
    """What staff answer."""

    text = forms.CharField(
        label=_("答复"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input", "data-testid": "answer"}),
    )
    agree_public = forms.BooleanField(
        label=_("可以公开（捐赠人也同意才会公开）"), required=False, widget=forms.CheckboxInput()
    )


class NeedForm(PageForm):
    """So much of one thing is needed."""

    item = forms.CharField(
        label=_("物资"), max_length=_LONGEST_ITEM, widget=forms.TextInput(attrs={"data-testid": "item"})
    )
    unit = forms.CharField(
        label=_("单位"), max_length=_LONGEST_UNIT, widget=forms.TextInput(attrs={"data-testid": "unit"})
    )
    needed = forms.IntegerField(
        label=_("需要多少"),
        min_value=1,
        max_value=MOST_OF_A_BATCH,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "needed"}),
    )


class AppealForm(PageForm):
    """A call for goods. The lines of `needs` are “item, quantity, unit”."""

    refusal_fields: ClassVar = {"item": "needs", "unit": "needs", "needed": "needs"}

    organization = forms.ChoiceField(
        label=_("募集组织"), widget=forms.Select(attrs={"data-testid": "organization"})
    )
    title = forms.CharField(
        label=_("标题"), max_length=80, widget=forms.TextInput(attrs={"data-testid": "title"})
    )
    reason = forms.CharField(
        label=_("情况说明"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
    )
    command_order = forms.CharField(
        label=_("统一指挥文号"),
        max_length=100,
        help_text=_("突发事件的志愿服务和募集要服从统一指挥（《志愿服务条例》第二十四条）。"),
        widget=forms.TextInput(attrs={"data-testid": "command-order"}),
    )
    bring_to = forms.CharField(
        label=_("物资送到哪里"), max_length=200, widget=forms.TextInput(attrs={"data-testid": "bring-to"})
    )
    needs = forms.CharField(
        label=_("需要的物资"),
        max_length=2000,
        help_text=_("一行一种：名称 数量 单位。例如：瓶装水 500 箱"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "input", "data-testid": "need-lines"}),
    )

    def __init__(self, *args: Any, organizations: list[tuple[int, str]], **kwargs: Any) -> None:
        """Offer the organisations somebody works for."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["organization"]).choices = organizations

    def clean_needs(self) -> list[tuple[str, int, str]]:
        """Read “item quantity unit”, one a line."""
        found = []
        for line in self.cleaned_data["needs"].splitlines():
            if not line.strip():
                continue
            read = _NEED.fullmatch(line.strip())
            if read is None:
                raise forms.ValidationError(
                    _("这一行没看懂：%(line)s。请写成“名称 数量 单位”。"), params={"line": line}
                )
            if len(read["item"]) > _LONGEST_ITEM or len(read["unit"]) > _LONGEST_UNIT:
                raise forms.ValidationError(
                    _("这一行太长：%(line)s。名称最多 %(item)s 个字，单位最多 %(unit)s 个字。"),
                    params={"line": line, "item": _LONGEST_ITEM, "unit": _LONGEST_UNIT},
                )
            found.append((read["item"], int(read["needed"]), read["unit"]))
        return found


class GiftForm(PageForm):
    """So much of a donation counts for a need; below zero takes a mistake back."""

    refusal_fields: ClassVar = {"donation": "number"}

    line = forms.ChoiceField(label=_("计入哪一项"), widget=forms.Select(attrs={"data-testid": "line"}))
    number = forms.CharField(
        label=_("捐赠收据编号"), max_length=20, widget=forms.TextInput(attrs={"data-testid": "number"})
    )
    quantity = forms.IntegerField(
        label=_("数量"),
        min_value=-MOST_OF_A_BATCH,
        max_value=MOST_OF_A_BATCH,
        help_text=_("记错了就填负数，并写明原因。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "quantity"}),
    )
    reason = forms.CharField(label=_("更正原因"), max_length=200, required=False)

    def __init__(self, *args: Any, lines: list[tuple[int, str]], **kwargs: Any) -> None:
        """Offer the needs of the appeal."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["line"]).choices = lines


class ReportForm(PageForm):
    """What to say beside the figures."""

    note = forms.CharField(
        label=_("分配和使用情况"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input", "data-testid": "note"}),
    )
