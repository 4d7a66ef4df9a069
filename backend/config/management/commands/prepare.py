"""`manage.py prepare`: bring a database and its static files up to date. Running it again changes nothing.

Progress goes to stderr; stdout is the summary for people (the demo accounts); `manage.py up` prints it last.
"""

import hashlib
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.regions.models import Region
from volunteers.models import Volunteer

_ONE_STARTER = 0x6A697368  # "jish": two containers starting at once take turns


class Command(BaseCommand):
    help = "Migrate, collect static files, load regions and, in a demo, the demo community."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--static-only", action="store_true", help="for an image's build: needs no database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._collect_static()
        if options["static_only"]:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_STARTER])
        if _is_behind():
            self._step("正在升级数据库 / migrating")
            call_command("migrate", interactive=False, verbosity=0)
        if not Region.objects.exists():
            self._step("正在载入行政区划 / loading regions")
            call_command("load_regions", stdout=sys.stderr)
        if settings.DEMO:
            self._demo()

    def _demo(self) -> None:
        if not Volunteer.objects.exists():
            self._step("正在布置演示社区 / seeding the demo community")
        call_command("seed_demo", stdout=sys.stderr)  # later on it only opens today's shifts
        call_command("demo_accounts", stdout=self.stdout)

    def _collect_static(self) -> None:
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        fingerprint = _static_fingerprint()
        if not stamp.exists() or stamp.read_text(encoding="ascii") != fingerprint:
            self._step("正在整理静态文件 / collecting static files")
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(fingerprint, encoding="ascii")

    def _step(self, text: str) -> None:
        self.stderr.write(text, style_func=str)  # progress, not an error: no red
        self.stderr.flush()


def _is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _static_fingerprint() -> str:
    """What the files say, not when they were written: an image's layers forget the times."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list(None):
            digest.update(name.encode())
            digest.update(hashlib.sha256(Path(storage.path(name)).read_bytes()).digest())
    return digest.hexdigest()
