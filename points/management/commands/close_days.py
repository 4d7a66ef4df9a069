"""`manage.py close_days`: close and prove the days that are over."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from points.proof import services


class Command(BaseCommand):
    """Do now what the clock does every hour."""

    help = "Close the business days that are over and append them to the public chain."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and name the days."""
        proven = services.close_days(at=timezone.now())
        for day in proven:
            self.stdout.write(day.isoformat())
        self.stdout.write(f"{len(proven)} days proven")
