"""Users, organizations, memberships and one-time codes."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.accounts.scopes import Role, ScopeType
from backend.core.crypto import SealedField


class UserManager(BaseUserManager["User"]):
    """What `createsuperuser` needs."""

    def create_superuser(self, username: str, password: str, **extra: Any) -> "User":
        """Create a platform administrator who may use every page of the back office."""
        user = self.model(username=username, is_staff=True, is_superuser=True, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in: a volunteer by phone, staff by username and password."""

    username = models.CharField(_("用户名"), max_length=60, unique=True, null=True, blank=True)
    phone = SealedField(_("手机号"), purpose="accounts.phone", null=True, blank=True)
    phone_index = models.CharField(max_length=64, unique=True, null=True, editable=False)
    display_name = models.CharField(_("显示名"), max_length=60, blank=True)
    is_active = models.BooleanField(_("可登录"), default=True)
    is_staff = models.BooleanField(_("可进后台"), default=False)
    created_at = models.DateTimeField(_("创建时间"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(username__isnull=False) | models.Q(phone_index__isnull=False),
                name="user_has_username_or_phone",
            ),
            models.CheckConstraint(
                condition=models.Q(phone__isnull=True, phone_index__isnull=True)
                | models.Q(phone__isnull=False, phone_index__isnull=False),
                name="user_phone_has_index",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username or f"用户 {self.pk}"


class OrganizationKind(models.TextChoices):
    """Who may organise (rules.md A purpose, B actors)."""

    VOLUNTEER_ORGANIZATION = "volunteer_organization", _("志愿服务组织")
    OTHER_ORGANIZATION = "other_organization", _("提供志愿服务的其他组织")
    COMMUNITY_GROUP = "community_group", _("社区内部团体")
    PUBLIC_BODY = "public_body", _("机关、事业单位、人民团体、国有企业")
    MASS_ORGANIZATION = "mass_organization", _("群团组织")
    CHARITY = "charity", _("慈善组织")
    SOCIAL_WORK_AGENCY = "social_work_agency", _("社工服务机构")


class CompetentDepartment(models.TextChoices):
    """The ten departments of the Guiyang rules, and others (the text ends with 等)."""

    CIVIL_AFFAIRS = "civil_affairs", _("民政")
    EDUCATION = "education", _("教育")
    ECOLOGY = "ecology", _("生态环境")
    TRANSPORT = "transport", _("交通")
    AGRICULTURE = "agriculture", _("农业农村")
    CULTURE_TOURISM = "culture_tourism", _("文化和旅游")
    HEALTH = "health", _("卫生健康")
    VETERANS = "veterans", _("退役军人")
    EMERGENCY = "emergency", _("应急")
    SPORT = "sport", _("体育")
    OTHER = "other", _("其他")


class Organization(models.Model):
    """A body that runs programmes, hosts sites or keeps a store.

    A community-internal group may have no credit code (rules.md C5, MZ/T 061).
    """

    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类型"), max_length=30, choices=OrganizationKind.choices)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, null=True, blank=True)
    region = models.ForeignKey("regions.Region", models.PROTECT, verbose_name=_("所在区划"))
    competent_department = models.CharField(
        _("业务主管部门"), max_length=20, choices=CompetentDepartment.choices, blank=True
    )
    contact_name = models.CharField(_("负责人"), max_length=60, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("组织")
        verbose_name_plural = _("组织")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(credit_code__isnull=True)
                | models.Q(credit_code__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$"),
                name="organization_credit_code_shape",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A role somebody holds within one scope.

    The scope is a key, not a foreign key, because sites and stores lie above this layer.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("用户"))
    role = models.CharField(_("角色"), max_length=24, choices=Role.choices)
    scope_type = models.CharField(_("范围"), max_length=14, choices=ScopeType.choices)
    scope_id = models.CharField(_("范围编号"), max_length=20, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("授予人"), blank=True
    )
    granted_at = models.DateTimeField(_("授予时间"))

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "scope_type", "scope_id"], name="membership_once"
            ),
            # A region is named by its prefix: a full code with its zeros would reach nothing below it.
            models.CheckConstraint(
                condition=models.Q(scope_type="platform", scope_id="")
                | models.Q(
                    models.Q(scope_id__regex=r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"),
                    ~models.Q(scope_id__regex=r"^[0-9]{9}000$"),
                    scope_type="region",
                )
                | models.Q(
                    scope_type__in=["site", "store", "organization"], scope_id__regex=r"^[1-9][0-9]{0,17}$"
                ),
                name="membership_scope_named",
            ),
            models.CheckConstraint(
                condition=models.Q(role="platform_admin", scope_type="platform")
                | models.Q(role="site_manager", scope_type="site")
                | models.Q(role="store_clerk", scope_type="store")
                | models.Q(role="organization_manager", scope_type="organization")
                | models.Q(role__in=["community_staff", "supervisor"], scope_type="region"),
                name="membership_scope_fits_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.scope_type}:{self.scope_id}"


class OneTimeCode(models.Model):
    """A code sent to a phone: hashed, short-lived, few tries, used once."""

    phone_index = models.CharField(max_length=64, db_index=True)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("一次性验证码")
        verbose_name_plural = _("一次性验证码")

    def __str__(self) -> str:
        return f"{self.created_at:%H:%M:%S}"
