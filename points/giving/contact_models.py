"""A donor's file that has a contact goes to another phone only when two people say so (design.md §4.7)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from backend.core.masking import mask_phone
from backend.core.words import NAME_FORM
from points.giving import contact_triggers
from points.giving.choices import ContactOutcome
from points.giving.models import INDEX_FORM, Donor


class ContactRequest(models.Model):
    """One person asks for another contact of a donor, for a reason; another agrees or not, or they withdraw.

    Without `contact` the file shall keep none. Nothing of the file changes before somebody agreed.
    """

    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="contact_requests", verbose_name=_("捐赠人")
    )
    contact = SealedField(_("新的联系方式"), purpose="points.contact_request", null=True, blank=True)
    contact_index = models.CharField(_("电话索引"), max_length=64, null=True, blank=True, editable=False)
    reason = models.CharField(_("原因"), max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("申请人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    asked_at = models.DateTimeField(_("申请时间"))
    outcome = models.CharField(_("结果"), max_length=9, choices=ContactOutcome.choices, null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("决定人"),
        null=True,
        blank=True,
        db_index=False,
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("更换联系方式的申请")
        verbose_name_plural = _("更换联系方式的申请")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("donor",), condition=Q(outcome__isnull=True), name="contact_request_one_open"
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, decided_by__isnull=True, decided_at__isnull=True)
                | Q(outcome__isnull=False, decided_by__isnull=False, decided_at__isnull=False)
                & (
                    Q(outcome__in=(ContactOutcome.AGREED, ContactOutcome.REFUSED))
                    & ~Q(decided_by=F("asked_by"))
                    | Q(outcome=ContactOutcome.WITHDRAWN, decided_by=F("asked_by"))
                ),
                name="contact_request_decided_by_another",
            ),
            models.CheckConstraint(condition=Q(reason__regex=NAME_FORM), name="contact_request_explained"),
            models.CheckConstraint(
                condition=Q(contact_index__isnull=True)
                | Q(contact__isnull=False, contact_index__regex=INDEX_FORM),
                name="contact_request_index_form",
            ),
        ]
        triggers: ClassVar = [contact_triggers.request_stays()]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def masked(self) -> str:
        """The new contact as a page may show it; empty for none."""
        return mask_phone(self.contact.open()) if self.contact else ""
