"""The outbox table."""

from typing import ClassVar

from django.db import models
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast

LANES = 64  # changing it needs a migration: PostgreSQL computes the lane of a row


def lane_of(key: models.F | models.Value) -> CombinedExpression:
    """Return the lane of a key as an expression: every event of one key is in the same lane."""
    hashed = Cast(models.Func(key, function="hashtext"), models.IntegerField())
    return CombinedExpression(hashed, "&", models.Value(LANES - 1))


class OutboxEvent(models.Model):
    """One fact waiting for its effect. `done_at` is set in the transaction that makes the effect."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=80)  # the unit of serial work, e.g. `volunteer:17`
    lane = models.GeneratedField(
        expression=lane_of(models.F("key")), output_field=models.SmallIntegerField(), db_persist=True
    )
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
                fields=["lane", "due_at", "id"],
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

    @property
    def key_kind(self) -> str:
        """What the key names, without saying which one: `volunteer` of `volunteer:17`."""
        return self.key.partition(":")[0]
