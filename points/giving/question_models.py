"""What donors ask about their gifts, and what they are answered (慈善法 Art 42).

A question is kept as it was asked, an answer as it was given; a second thought is another answer.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.giving import question_triggers as guards
from points.giving.models import Donation
from volunteers.records.choices import NoticeStage

TICKET_FORM = r"^[0-9A-HJKMNP-TV-Z]{16}$"
LONGEST_QUESTION = 500
LONGEST_ANSWER = 1000


class DonorQuestion(models.Model):
    """A donor asks. `ticket` is random: whoever has it reads the question and its answers.

    `due_on` is the fifth working day. `agree_public` is the donor's word, which they may take back.
    """

    ticket = models.CharField(_("编号"), max_length=16)
    donation = models.ForeignKey(
        Donation, on_delete=models.PROTECT, related_name="questions", verbose_name=_("捐赠")
    )
    text = models.CharField(_("问题"), max_length=LONGEST_QUESTION)
    agree_public = models.BooleanField(_("提问人同意公开"), default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("提问人"),
        db_index=False,  # users are not deleted, and nobody lists by it alone
    )
    asked_at = models.DateTimeField(_("提问时间"))
    due_on = models.DateField(_("最晚答复"))

    class Meta:
        verbose_name = _("捐赠人提问")
        verbose_name_plural = _("捐赠人提问")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("due_on", "id"), name="donor_question_by_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("ticket",), name="donor_question_ticket_once"),
            models.CheckConstraint(condition=Q(ticket__regex=TICKET_FORM), name="donor_question_ticket_form"),
            models.CheckConstraint(condition=~Q(text=""), name="donor_question_says_something"),
        ]
        triggers: ClassVar = [guards.question_stays()]

    def __str__(self) -> str:
        return self.ticket


class QuestionAnswer(models.Model):
    """What staff answered. It is public only if the donor agreed too."""

    question = models.ForeignKey(
        DonorQuestion, on_delete=models.PROTECT, related_name="answers", verbose_name=_("提问")
    )
    text = models.CharField(_("答复"), max_length=LONGEST_ANSWER)
    agree_public = models.BooleanField(_("答复方同意公开"), default=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("答复人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    answered_at = models.DateTimeField(_("答复时间"))

    class Meta:
        verbose_name = _("答复")
        verbose_name_plural = _("答复")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="question_answer_says_something")
        ]
        triggers: ClassVar = [append_only("question_answer_append_only"), guards.answer_by_another()]

    def __str__(self) -> str:
        return f"{self.pk}"


class QuestionNotice(models.Model):
    """A question waited so long that somebody was told: once per stage."""

    question = models.ForeignKey(
        DonorQuestion,
        on_delete=models.PROTECT,
        related_name="notices",
        verbose_name=_("提问"),
        db_index=False,  # question_notice_once begins with it
    )
    stage = models.CharField(_("阶段"), max_length=10, choices=NoticeStage.choices)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("答复时限提醒")
        verbose_name_plural = _("答复时限提醒")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("question", "stage"), name="question_notice_once"),
            models.CheckConstraint(
                condition=Q(stage__in=NoticeStage.values), name="question_notice_stage_known"
            ),
        ]
        triggers: ClassVar = [append_only("question_notice_append_only")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.stage}"
