"""`manage.py rebuild_boards`: count the boards again from PostgreSQL."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from points.boards import services


class Command(BaseCommand):
    """Rebuild the hours projection and drop every cached board page."""

    help = "Rebuild the hours totals from the service records and drop cached board pages."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say how much there is."""
        rows = services.rebuild(at=timezone.now())
        self.stdout.write(f"{rows} hours totals")
