"""What each look at the books found."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only


class LedgerCheck(models.Model):
    """One look. `findings` lists `{check, count, examples}`, with up to ten keys of wrong rows each."""

    at = models.DateTimeField(_("时间"))
    day = models.DateField(_("业务日"))
    ok = models.BooleanField(_("一致"))
    findings = models.JSONField(_("差错"))

    class Meta:
        verbose_name = _("账目核对")
        verbose_name_plural = _("账目核对")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ok=True, findings=[]) | (Q(ok=False) & ~Q(findings=[])),
                name="ledger_check_says_what_it_found",
            ),
        ]
        triggers: ClassVar = [append_only("ledger_check_append_only")]

    def __str__(self) -> str:
        return f"{self.day}"
