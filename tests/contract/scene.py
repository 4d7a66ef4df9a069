"""The world with everybody at their device, and a way to see whether anything in it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.client import ClientHandler

from backend.accounts.models import User
from tests.contract.world import World

# What may change although nothing happened: sessions, counted failures.
_APART = ("django_session", "django_migrations", "axes_")
# One for all clients: each of its own would build the middleware anew for its first request.
_HANDLER = ClientHandler(enforce_csrf_checks=False)


@dataclass(frozen=True)
class Scene:
    """The world, tokens and session cookies by role, and the state before anybody acts."""

    world: World
    tokens: Mapping[str, str]
    cookies: Mapping[str, str]
    before: Mapping[str, str]

    def client(self, role: str, *, api: bool) -> Client:
        """A client of the API with a token, or of the pages with a session."""
        client = Client(raise_request_exception=False)
        client.handler = _HANDLER
        if api and role in self.tokens:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[role]}"
        elif role in self.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[role]
        return client


def session_of(user: User) -> str:
    """Sign a user in and return the cookie."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@cache
def everything() -> str:
    """One statement that reads a fingerprint of every table."""
    tables = (table for table in connection.introspection.table_names() if not table.startswith(_APART))
    return " UNION ALL ".join(
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table} t"  # noqa: S608 – our own tables
        for table in sorted(tables)
    )


def state() -> dict[str, str]:
    """Every row of every table, in short."""
    with connection.cursor() as cursor:
        cursor.execute(everything())
        return dict(cursor.fetchall())
