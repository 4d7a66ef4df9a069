"""The migrations describe the models, in one line of history per app."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.architecture.sources import PACKAGES

OWN_APPS = sorted(app.label for app in apps.get_app_configs() if app.name.split(".")[0] in PACKAGES)


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_each_app_has_one_last_migration():
    loader = MigrationLoader(connection)

    forked = {
        label: len(loader.graph.leaf_nodes(label)) for label in OWN_APPS if label in loader.migrated_apps
    }

    assert {label: count for label, count in forked.items() if count != 1} == {}


def test_the_system_checks_find_nothing():
    assert run_checks() == []
