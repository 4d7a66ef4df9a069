"""What a relative can be, and whom points may go to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Relation(models.TextChoices):
    """Lineal relatives only: what the relative is to the volunteer (rules.md D3)."""

    PARENT = "parent", _("父母")
    CHILD = "child", _("子女")
    GRANDPARENT = "grandparent", _("祖父母")
    MATERNAL_GRANDPARENT = "maternal_grandparent", _("外祖父母")
    GRANDCHILD = "grandchild", _("孙子女")
    MATERNAL_GRANDCHILD = "maternal_grandchild", _("外孙子女")


class Recipient(models.TextChoices):
    """Whom points may be given to."""

    POOL = "pool", _("慈善积分池")
    RELATIVE = "relative", _("亲属")
