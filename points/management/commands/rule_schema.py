"""Write docs/rule-set.schema.json."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from points.scoring.schema import SCHEMA


class Command(BaseCommand):
    """Print the schema of rule documents."""

    help = "Print docs/rule-set.schema.json"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it to standard output."""
        self.stdout.write(json.dumps(SCHEMA, ensure_ascii=False, indent=2))
