"""Prepares the environment of every test: servers first, then Django, then the fixtures.

pytest-django sets Django up before any conftest when pyproject.toml names the settings. It deliberately does
not, so that the addresses of the servers (`tests/servers.py`) are in the environment before the settings are
read. Nothing in this file may import the settings before `django.setup()`.
"""

import os
from collections.abc import Iterator

import django
import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests import servers

os.environ["DJANGO_SETTINGS_MODULE"] = "backend.config.settings"
_owned = servers.claim(os.environ)
django.setup()
# A test client builds the middleware anew for its first request; listing every static file each time would be
# half of what the whole run costs. This way a file is looked for when it is asked for.
settings.WHITENOISE_AUTOREFRESH = True
# Not for the xdist workers to inherit: with it pytest-django would read the settings before this file has
# given the worker its own Valkey database, and the workers would empty each other's.
del os.environ["DJANGO_SETTINGS_MODULE"]

# How fast an example is made up says something of the machine and nothing of the code.
hypothesis.settings.register_profile(
    "jishan", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("jishan")

pytest_plugins = ["tests.fixtures"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Send everybody else home before the test database is dropped.

    A thread or process that a test has killed may leave a session behind, and PostgreSQL drops no database
    while somebody is in it.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, once per run."""
    if _owned is not None and not config.option.collectonly:
        _owned.start()


def pytest_unconfigure() -> None:
    """Stop them, also after a Ctrl-C."""
    if _owned is not None:
        _owned.stop()
