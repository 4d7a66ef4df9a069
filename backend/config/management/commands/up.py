"""`manage.py up`: the whole site on this machine, in front, until Ctrl-C.

PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL name others), then everything `manage.py prepare`
does, then web, worker and beat, all under one supervisor that restarts what dies.
"""

import os
import xmlrpc.client
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backend.config import running
from backend.config.embedded import EmbeddedError
from backend.config.installation import CannotStartError


class Command(BaseCommand):
    help = "Run the whole site: servers, web, worker and clock. Ctrl-C stops it."
    requires_system_checks: list[str] = []  # `prepare` checks, once the database is there

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete this home's data first (demo only)")

    def handle(self, *args: Any, **options: Any) -> None:
        running.restore_signals()
        try:
            running.run(environ=os.environ, reset=options["reset"], say=self._say)
        except (CannotStartError, EmbeddedError) as error:
            self.stderr.write(str(error))
            raise SystemExit(1) from error
        except (OSError, xmlrpc.client.Error) as error:
            self.stderr.write(f"启动失败 / could not start: {error}")
            raise SystemExit(1) from error
        except KeyboardInterrupt:
            self._say("已停止。 Stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
