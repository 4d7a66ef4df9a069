"""Make a demo community of any size, through the services."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from backend.config.demo.community import open_today, plan_week, seed_community
from volunteers.people.models import Volunteer


class Command(BaseCommand):
    """Seed once; on later calls only make sure that there are shifts today and in the coming week."""

    help = "Make the demo community (once), or today's demo shifts (later)"

    def add_arguments(self, parser: CommandParser) -> None:
        """Size and seed."""
        parser.add_argument("--volunteers", type=int, default=settings.DEMO_VOLUNTEERS)
        parser.add_argument("--days", type=int, default=settings.DEMO_DAYS)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, or only open today's shifts when there are volunteers already.

        :raises CommandError: outside demo mode.
        """
        if not settings.DEMO:
            raise CommandError(
                "seed_demo needs demo mode (JISHAN_DEMO); it makes accounts with a public password."
            )
        if Volunteer.objects.exists():
            staff = User.objects.filter(username="staff").first()
            if staff is not None:
                open_today(actor=actor_for(staff), at=timezone.now())
                plan_week(actor=actor_for(staff), at=timezone.now())
            return
        summary = seed_community(
            volunteers=options["volunteers"],
            days=options["days"],
            seed=options["seed"],
            at=timezone.now(),
            progress=self.stdout.write,
        )
        self.stdout.write(f"演示社区已建好：{summary.volunteers} 名志愿者，{summary.days} 天的服务记录。")
