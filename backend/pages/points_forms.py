"""The forms about points. They check shape only; what is allowed is the services' to say."""

from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.pages.forms import PageForm
from points.gifts.choices import Recipient, Relation
from points.gifts.services import MOST_AT_ONCE
from points.ledger.models import TransferKind
from points.ledger.queries import Chosen


class StatementForm(PageForm):
    """Which lines of a statement to show; what is left empty does not matter."""

    kind = forms.ChoiceField(
        label=_("类型"),
        required=False,
        choices=[("", _("全部")), *TransferKind.choices],
        widget=forms.Select(attrs={"data-testid": "kind"}),
    )
    since = forms.DateField(
        label=_("从"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "since"}),
    )
    until = forms.DateField(
        label=_("到"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "until"}),
    )

    def chosen(self) -> Chosen:
        """Return the filters that make sense; the form says which do not."""
        self.is_valid()
        read = self.cleaned_data
        return Chosen(kind=read.get("kind") or None, since=read.get("since"), until=read.get("until"))


class GiftForm(PageForm):
    """To whom, and how many points."""

    refusal_fields: ClassVar = {"to": "to", "points": "points"}

    to = forms.ChoiceField(
        label=_("赠给"), choices=Recipient.choices, widget=forms.Select(attrs={"data-testid": "to"})
    )
    points = forms.IntegerField(
        label=_("多少积分"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "gift-points"}),
    )

    def offer(self, sides: Sequence[Recipient]) -> None:
        """List only these sides; the services refuse the others whatever is sent."""
        to = self.fields["to"]
        if isinstance(to, forms.ChoiceField):
            to.choices = [(side.value, side.label) for side in sides]


class ConfirmedGiftForm(GiftForm):
    """The same, seen once more and meant; `token` makes sending it twice one gift."""

    to = forms.ChoiceField(choices=Recipient.choices, widget=forms.HiddenInput)
    points = forms.IntegerField(min_value=1, max_value=MOST_AT_ONCE, widget=forms.HiddenInput)
    token = forms.RegexField(regex=r"^[0-9a-f]{32}$", widget=forms.HiddenInput)


class RelativeForm(PageForm):
    """Who is my relative, by the number on their page."""

    number = forms.RegexField(
        label=_("亲属的志愿者编号"),
        regex=r"^[0-9]{12}$",
        help_text=_("12 位，在对方“我的”页面上。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-testid": "relative-number"}),
    )
    relation = forms.ChoiceField(
        label=_("对方是我的"),
        choices=Relation.choices,
        widget=forms.Select(attrs={"data-testid": "relation"}),
    )
