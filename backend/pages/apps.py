"""The app behind the people's pages. It has no models: everything it shows belongs to a context below."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """Server-rendered pages."""

    name = "backend.pages"
    label = "pages"
    verbose_name = _("网页")
