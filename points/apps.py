"""The points app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from points.appeals import metrics as openness
from points.verification import metrics


class PointsConfig(AppConfig):
    """What service is worth."""

    name = "points"
    label = "points"
    verbose_name = _("积分与慈善超市")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the alarms of the books and of what the public is owed with Prometheus."""
        metrics.register()
        openness.register()
