"""Honours in the back office: one person enters, another publishes; the projection is read."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backend.accounts.admin_scope import ScopedAdmin
from backend.core.errors import Refusal
from points.boards import services
from points.boards.models import Honor, HoursTotal
from points.ledger.admin import ReadOnly
from points.market.admin import ThroughServices, acting


@admin.register(Honor)
class HonorAdmin(ThroughServices):
    fields = (
        "region", "name", "birth_date", "volunteer", "category", "title", "story", "term_start", "term_end",
        "consent", "full_name",
    )  # fmt: skip
    fixed = fields
    list_display = (
        "id",
        "name",
        "title",
        "region",
        "status",
        "term_start",
        "term_end",
        "consent",
        "entered_by",
    )
    list_filter = ("status", "category")
    list_select_related = ("region", "entered_by")
    search_fields = ("name", "title")
    autocomplete_fields = ("region",)
    raw_id_fields = ("volunteer",)
    actions = ("publish", "revoke", "withdraw_consent")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 – Django's signature
        if change:
            return  # an entry is published, revoked or entered anew
        made = services.enter_honor(
            region=obj.region,
            name=obj.name,
            birth_date=obj.birth_date,
            volunteer=obj.volunteer,
            category=obj.category,
            title=obj.title,
            story=obj.story,
            term_start=obj.term_start,
            term_end=obj.term_end,
            consent=obj.consent,
            full_name=obj.full_name,
            actor=acting(request),
            at=timezone.now(),
        )
        obj.pk = made.pk

    @admin.action(description=_("公布选中的好人"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Honor]) -> None:
        self._each(request, queryset, services.publish_honor)

    @admin.action(description=_("撤下选中的好人"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Honor]) -> None:
        self._each(request, queryset, services.revoke_honor, reason=str(_("社区撤下")))

    @admin.action(description=_("本人撤回同意，立即撤下"))
    def withdraw_consent(self, request: HttpRequest, queryset: QuerySet[Honor]) -> None:
        self._each(request, queryset, services.set_honor_consent, consent=False)

    def _each(
        self, request: HttpRequest, honors: QuerySet[Honor], service: Callable[..., Honor], **given: Any
    ) -> None:
        """Run the service for each, and say which ones it refused and why."""
        actor = acting(request)
        for honor in honors:
            try:
                service(honor_id=honor.pk, actor=actor, at=timezone.now(), **given)
            except Refusal as refusal:
                self.message_user(request, f"{honor.pk}：{refusal}", messages.ERROR)
            else:
                self.message_user(request, _("%(number)s 已办理。") % {"number": honor.pk}, messages.SUCCESS)


@admin.register(HoursTotal)
class HoursTotalAdmin(ReadOnly, ScopedAdmin):
    region_path = "volunteer__region"
    list_display = ("volunteer", "period", "region_code", "minutes")
    list_filter = ("period",)
    list_select_related = ("volunteer",)
    show_full_result_count = False
