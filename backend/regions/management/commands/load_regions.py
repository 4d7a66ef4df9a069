"""Load the administrative divisions."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.regions.services import load_regions


class Command(BaseCommand):
    """Load regions.csv.gz, or refresh what it changed."""

    help = "Load the administrative divisions (42,646 rows)"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many."""
        self.stdout.write(f"{load_regions()} regions")
