"""Going around the Python: what PostgreSQL itself says."""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
import pytest
from django.db import IntegrityError, connection, models, transaction


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """Expect the statements inside to be refused by the database under this constraint's name."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert getattr(caught.value.__cause__, "diag").constraint_name == constraint  # noqa: B009 – untyped cause


def guards_of(*kinds: type[models.Model]) -> set[str]:
    """Return the names of every constraint and trigger the models declare."""
    declared = set()
    for kind in kinds:
        declared |= {constraint.name for constraint in kind._meta.constraints}
        declared |= {trigger.name for trigger in getattr(kind._meta, "triggers", [])}
    return declared


@contextmanager
def ignored(*uris: str) -> Iterator[None]:
    """Take these triggers off for this connection and a transaction, to meet the guard behind them.

    `pgtrigger.ignore` sends two statements at once, which a prepared statement cannot be.
    """
    names = ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered(*uris))
    with transaction.atomic():
        _ignore(f"{{{names}}}")
        yield
        _ignore("{}")


def waiting_here(which: str) -> int:
    """Return how many backends of this test's database wait for a lock such as `which` (SQL on pg_locks).

    Other databases of the server belong to tests beside this one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"  # noqa: S608 – a test's words
            f" WHERE datname = current_database() AND NOT granted AND {which}"
        )
        count: int = cursor.fetchone()[0]
        return count


def _ignore(names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [names])
