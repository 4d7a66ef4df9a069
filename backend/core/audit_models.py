"""The audit table."""

from typing import ClassVar

from django.db import models

from backend.core.triggers import append_only


class AuditEntry(models.Model):
    """One act, or one reading of a full personal value; kept for ever."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)  # accounts lie above this layer, so no foreign key
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        indexes: ClassVar = [
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
        ]
        triggers: ClassVar = [append_only("audit_append_only")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"
