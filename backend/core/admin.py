"""Back-office views of the floor: audit (read-only) and the outbox with its dead letters."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin as BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from backend.core.models import AuditEntry, OutboxEvent
from backend.core.outbox.services import retry_dead


@dataclass(frozen=True)
class _Operator:
    """Who pressed the button, as the audit names them."""

    user_id: int


class ReadOnly(BaseModelAdmin[Any]):
    """Rows that nobody edits by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin):
    """Who did or read what."""

    list_display = ("at", "action", "actor_id", "target_type", "target_id")
    list_filter = ("action",)
    search_fields = ("target_type", "target_id", "action")
    date_hierarchy = "at"


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnly, ModelAdmin):
    """Events and their delivery; dead ones can be tried again."""

    list_display = ("id", "topic", "key", "created_at", "done_at", "attempts", "dead", "last_error")
    list_filter = ("dead", "topic")
    actions = ("try_again",)

    @admin.action(description=_("重新投递选中的死信"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        """Give the chosen dead events another life."""
        chosen = list(queryset.values_list("pk", flat=True))
        count = retry_dead(event_ids=chosen, actor=_Operator(request.user.pk or 0), at=timezone.now())
        self.message_user(request, _("已重新排队 %(count)s 条。") % {"count": count}, messages.SUCCESS)
