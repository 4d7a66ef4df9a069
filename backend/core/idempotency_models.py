"""The table of remembered answers."""

from typing import ClassVar

from django.db import models


class RememberedAnswer(models.Model):
    """The answer given to one caller's Idempotency-Key, bound to the request it was given for."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "幂等应答"
        verbose_name_plural = "幂等应答"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_id", "key"], name="remembered_answer_unique_key")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="remembered_answer_age")]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.key[:12]}"
