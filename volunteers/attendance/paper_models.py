"""A paper sign-in sheet: the photograph that hours entered by hand rest on (rules.md E, “Hours for sale”)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only


class PaperSheet(models.Model):
    """One photographed sheet of one shift. It never changes; its rows are attendances marked `manual`.

    The picture lives in the database, so that a backup has it whenever it has the hours; it was re-encoded
    on the way in and carries no position and nothing but the image.
    """

    shift = models.ForeignKey(
        "volunteers.Shift", on_delete=models.PROTECT, related_name="sheets", verbose_name=_("班次")
    )
    picture = models.BinaryField(_("照片（JPEG）"), editable=False)
    digest = models.CharField(_("照片指纹"), max_length=64)
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("补录人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    entered_at = models.DateTimeField(_("补录时间"))

    class Meta:
        verbose_name = _("纸质签到表")
        verbose_name_plural = _("纸质签到表")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("digest",), name="sheet_picture_once"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="sheet_digest_form"),
        ]
        triggers: ClassVar = [append_only("sheet_append_only")]

    def __str__(self) -> str:
        return f"{self.shift_id}#{self.pk}"
