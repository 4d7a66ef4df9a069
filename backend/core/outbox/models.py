"""The outbox table."""

from typing import ClassVar

from django.db import models


class OutboxEvent(models.Model):
    """One fact waiting for its effect. `done_at` is set in the transaction that makes the effect."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=80)  # the unit of serial work, e.g. `volunteer:17`
    payload = models.JSONField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dead = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = "待办事件"
        verbose_name_plural = "待办事件"
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                name="outbox_waiting",
                condition=models.Q(done_at__isnull=True, dead=False),
            ),
            models.Index(fields=["id"], name="outbox_dead", condition=models.Q(dead=True)),
            models.Index(fields=["done_at"], name="outbox_done_age"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(dead=False), name="outbox_done_or_dead"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
