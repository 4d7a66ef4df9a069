"""The regions table."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.regions.codes import prefix_of


class Level(models.TextChoices):
    """The five levels that have codes."""

    PROVINCE = "province", _("省级")
    CITY = "city", _("地级")
    COUNTY = "county", _("县级")
    TOWNSHIP = "township", _("乡级")
    COMMUNITY = "community", _("村级")


class Region(models.Model):
    """One division. A subtree is a prefix of the code, so scoping is one indexed LIKE."""

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name="上级"
    )

    class Meta:
        verbose_name = "行政区划"
        verbose_name_plural = "行政区划"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^\d{12}$"), name="region_code_is_12_digits"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        """The digits every code below this region begins with."""
        return prefix_of(self.code)
