"""Registers the context with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VenuesConfig(AppConfig):
    name = "venues"
    label = "venues"
    verbose_name = _("站点与场地")
    default_auto_field = "django.db.models.BigAutoField"
