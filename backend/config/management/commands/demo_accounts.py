"""Print the demo accounts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.accounts.models import User
from backend.config.demo.content import PASSWORD, PHONE_PREFIX
from backend.config.demo.people import STAFF


class Command(BaseCommand):
    """One account per role, with its page."""

    help = "Print the demo accounts"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print nothing outside demo mode or before the community is seeded."""
        if not settings.DEMO or not User.objects.filter(username=STAFF[0].username).exists():
            return
        base = settings.PUBLIC_BASE_URL
        self.stdout.write(f"演示志愿者  手机 {PHONE_PREFIX}0000，验证码显示在页面上   {base}/login/")
        for account in STAFF:
            self.stdout.write(
                f"{account.role.label}  用户名 {account.username}  密码 {PASSWORD}   {base}{account.page}"
            )
