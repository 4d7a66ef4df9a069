"""A volunteer is a verified person with a random number; the ID number is sealed and never shown whole.

Order 67 Art 5 names the fields: name, sex, birth date, ID number, area of residence, contact, skills, service
categories. Contact is the account's phone (accounts.User), sealed there.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.codes import MAX_VERSION
from backend.core.crypto import SealedField
from volunteers.people.choices import (
    ConsentKind,
    IdType,
    ServiceCategory,
    Sex,
    VolunteerStatus,
)
from volunteers.people.triggers import card_is_history, consent_is_history, number_stays, status_moves

LEGAL_GUARDIAN_AGE = 14  # PIPL Art 31: under 14 a guardian's consent is the law, not a local choice


class Volunteer(models.Model):
    """A person who may serve."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="volunteer", verbose_name=_("账号")
    )
    number = models.CharField(_("志愿者编号"), max_length=12)
    name = models.CharField(_("姓名"), max_length=60)
    sex = models.CharField(_("性别"), max_length=6, choices=Sex.choices)
    birth_date = models.DateField(_("出生日期"))
    id_type = models.CharField(_("证件类型"), max_length=20, choices=IdType.choices)
    id_number = SealedField(_("证件号码"), purpose="volunteers.id_number")
    id_index = models.CharField(_("证件索引"), max_length=64, editable=False)
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="volunteers", verbose_name=_("居住区域")
    )
    skills = ArrayField(models.CharField(max_length=40), verbose_name=_("专业技能"), default=list, blank=True)
    service_categories = ArrayField(
        models.CharField(max_length=20, choices=ServiceCategory.choices),
        verbose_name=_("服务类别"),
        default=list,
        blank=True,
    )
    available_times = ArrayField(
        models.CharField(max_length=40), verbose_name=_("可服务时间"), default=list, blank=True
    )
    status = models.CharField(
        _("状态"), max_length=10, choices=VolunteerStatus.choices, default=VolunteerStatus.PENDING
    )
    registered_at = models.DateTimeField(_("登记时间"))
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("审核人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    review_reason = models.CharField(_("审核说明"), max_length=200, blank=True, default="")

    live_consents: list["Consent"]  # loaded by queries.with_details

    class Meta:
        verbose_name = _("志愿者")
        verbose_name_plural = _("志愿者")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("status", "-id"), name="volunteer_by_status")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("number",), name="volunteer_number_once"),
            models.UniqueConstraint(fields=("id_index",), name="volunteer_person_once"),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[1-9][0-9]{11}$"), name="volunteer_number_form"
            ),
            models.CheckConstraint(
                condition=Q(id_index__regex=r"^[0-9a-f]{64}$"), name="volunteer_id_index_form"
            ),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="volunteer_sex_known"),
            models.CheckConstraint(condition=Q(id_type__in=IdType.values), name="volunteer_id_type_known"),
            models.CheckConstraint(
                condition=Q(status__in=VolunteerStatus.values), name="volunteer_status_known"
            ),
            models.CheckConstraint(
                condition=Q(service_categories__contained_by=ServiceCategory.values),
                name="volunteer_categories_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=VolunteerStatus.REJECTED)
                | (Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(review_reason="")),
                name="volunteer_rejection_explained",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("user")),
                name="volunteer_not_self_reviewed",
            ),
        ]
        triggers: ClassVar = [status_moves(), number_stays()]

    def __str__(self) -> str:
        return self.number


class Guardian(models.Model):
    """Who answers for a volunteer who is not yet grown up.

    `phone_index` is the same keyed hash an account's phone has, so that kinship can be seen without a number.
    """

    volunteer = models.OneToOneField(
        Volunteer, on_delete=models.PROTECT, related_name="guardian", verbose_name=_("志愿者")
    )
    name = models.CharField(_("姓名"), max_length=60)
    phone = SealedField(_("电话"), purpose="volunteers.guardian_phone")
    phone_index = models.CharField(_("电话索引"), max_length=64, editable=False, db_index=True)
    relation = models.CharField(_("关系"), max_length=20)
    consented_at = models.DateTimeField(_("同意时间"))

    class Meta:
        verbose_name = _("监护人")
        verbose_name_plural = _("监护人")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(relation=""), name="guardian_named"),
            models.CheckConstraint(
                condition=Q(phone_index__regex=r"^[0-9a-f]{64}$"), name="guardian_phone_index_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id}"


class Consent(models.Model):
    """One agreement, given at a time and perhaps withdrawn at a later one; history is kept."""

    volunteer = models.ForeignKey(
        Volunteer, on_delete=models.PROTECT, related_name="consents", verbose_name=_("志愿者")
    )
    kind = models.CharField(_("事项"), max_length=12, choices=ConsentKind.choices)
    granted_at = models.DateTimeField(_("同意时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("同意")
        verbose_name_plural = _("同意")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("volunteer", "kind"), condition=Q(withdrawn_at__isnull=True), name="consent_live_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=ConsentKind.values), name="consent_kind_known"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("granted_at")),
                name="consent_withdrawn_after_granted",
            ),
        ]
        triggers: ClassVar = [consent_is_history()]

    def __str__(self) -> str:
        return f"{self.volunteer_id}:{self.kind}"


class VolunteerCard(models.Model):
    """A printed card that staff scan for somebody without a phone; one counts at a time, until revoked."""

    volunteer = models.ForeignKey(
        Volunteer, on_delete=models.PROTECT, related_name="cards", verbose_name=_("志愿者")
    )
    version = models.PositiveIntegerField(_("版次"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("制卡人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    issued_at = models.DateTimeField(_("制卡时间"))
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("志愿者卡")
        verbose_name_plural = _("志愿者卡")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("volunteer", "version"), name="card_version_once"),
            models.UniqueConstraint(
                fields=("volunteer",), condition=Q(revoked_at__isnull=True), name="card_live_once"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1, version__lte=MAX_VERSION), name="card_version_in_range"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("issued_at")),
                name="card_revoked_after_issued",
            ),
        ]
        triggers: ClassVar = [card_is_history()]

    def __str__(self) -> str:
        return f"{self.volunteer_id}#{self.version}"


class RegistrationPolicy(models.Model):
    """How a region registers volunteers. The longest matching region wins; without a row the defaults hold.

    The ages are local defaults (rules.md C6), except that no region can drop the guardian under 14 (PIPL).
    """

    region = models.OneToOneField(
        "regions.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("区划")
    )
    review_required = models.BooleanField(_("需要审核"), default=False)
    min_age = models.PositiveSmallIntegerField(_("最低年龄"), default=6)
    guardian_until = models.PositiveSmallIntegerField(_("需监护人同意（未满）"), default=18)
    board_min_age = models.PositiveSmallIntegerField(_("上榜最低年龄"), default=LEGAL_GUARDIAN_AGE)

    class Meta:
        verbose_name = _("登记规则")
        verbose_name_plural = _("登记规则")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(guardian_until__gte=LEGAL_GUARDIAN_AGE, guardian_until__lte=18),
                name="policy_guardian_age_lawful",
            ),
            models.CheckConstraint(condition=Q(min_age__lte=F("guardian_until")), name="policy_min_age_sane"),
            models.CheckConstraint(condition=Q(board_min_age__lte=100), name="policy_board_age_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id}"
