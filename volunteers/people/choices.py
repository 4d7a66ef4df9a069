"""What can be said about a volunteer, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceCategory(models.TextChoices):
    """Service categories as on the national site (rules.md C7; not an official code table)."""

    COMMUNITY = "community", _("社区服务")
    POVERTY_RELIEF = "poverty_relief", _("扶贫减贫")
    EDUCATION = "education", _("支教助学")
    HEALTH = "health", _("卫生健康")
    LEGAL = "legal", _("法律服务")
    ENVIRONMENT = "environment", _("环境保护")
    SCIENCE = "science", _("科技科普")
    CULTURE = "culture", _("文化艺术")
    PUBLIC_SAFETY = "public_safety", _("平安综治")
    CIVILITY = "civility", _("文明风尚")
    TRAFFIC = "traffic", _("交通引导")
    FIREFIGHTING = "firefighting", _("志愿消防")
    RESCUE = "rescue", _("应急救援")
    DRUG_PREVENTION = "drug_prevention", _("禁毒宣传")
    SPORTS = "sports", _("体育健身")
    TOURISM = "tourism", _("旅游服务")
    SPECIAL_CARE = "special_care", _("关爱特殊群体")
    LARGE_EVENTS = "large_events", _("大型活动")
    OVERSEAS = "overseas", _("海外志愿服务")
    TAX = "tax", _("税收服务")
    EPIDEMIC_CONTROL = "epidemic_control", _("疫情防控")
    OTHER = "other", _("其他")


class Sex(models.TextChoices):
    """As on the identity document."""

    MALE = "male", _("男")
    FEMALE = "female", _("女")


class IdType(models.TextChoices):
    """Identity documents; only the resident ID and its 18-digit relatives carry a checksum (rules.md F)."""

    RESIDENT_ID = "resident_id", _("居民身份证")
    PASSPORT = "passport", _("护照")
    HK_MACAO_PERMIT = "hk_macao_permit", _("港澳居民来往内地通行证")
    TAIWAN_PERMIT = "taiwan_permit", _("台湾居民来往大陆通行证")
    FOREIGN_RESIDENCE = "foreign_residence", _("外国人永久居留身份证")


class VolunteerStatus(models.TextChoices):
    """Where a registration stands (states.py has the moves)."""

    PENDING = "pending", _("待审核")
    ACTIVE = "active", _("已注册")
    REJECTED = "rejected", _("未通过")
    SUSPENDED = "suspended", _("已暂停")


class ConsentKind(models.TextChoices):
    """What a person may agree to, each on its own (PIPL Arts 14, 25, 28, 31)."""

    PRIVACY = "privacy", _("个人信息处理")
    LOCATION = "location", _("签到时使用位置")
    HONOR_BOARD = "honor_board", _("在公开榜单上显示姓名")
    GUARDIAN = "guardian", _("监护人同意")


class RequestState(models.TextChoices):
    """Where a volunteer's request about their household stands."""

    OPEN = "open", _("待处理")
    FIXED = "fixed", _("已更正")
    KEPT = "kept", _("核实无误")
