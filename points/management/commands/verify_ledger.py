"""Compare everything in the books that must be equal; 1 when something is not. Repairs nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from points.verification import services


class Command(BaseCommand):
    help = "Compare everything in the books that must be equal; exits with 1 when something is not."

    def handle(self, *_args: Any, **_options: Any) -> None:
        check = services.verify_ledger(at=timezone.now())
        for finding in check.findings:
            examples = ", ".join(str(pk) for pk in finding["examples"])
            self.stderr.write(f"{finding['check']}: {finding['count']} ({examples})")
        if not check.ok:
            raise CommandError(f"the books do not agree (ledger check {check.pk})")
        self.stdout.write("the books agree")
