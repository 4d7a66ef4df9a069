"""`manage.py verify_chain`: whether the book still says what the public chain says."""

import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from points.proof import queries
from points.proof.wording import LANGUAGES, say


class Command(BaseCommand):
    """Reckon the proven days again from the database; exit status 1 and the days when they differ."""

    help = "Reckon the proven days again from the database and compare them with the chain."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to begin, and the language of the findings."""
        parser.add_argument("--since", type=date.fromisoformat, help="read transfers from this day on")
        parser.add_argument("--language", choices=LANGUAGES, default="zh")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name every finding, then say yes or no."""
        days = broken = 0
        for day, findings in queries.recheck(since=options["since"]):
            days += day is not None
            broken += bool(findings)
            for finding in findings:
                self.stderr.write(say(finding, language=options["language"]))
        self.stdout.write(f"{days} days, {broken} broken")
        if broken:
            sys.exit(1)
