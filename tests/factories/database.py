"""Going around the Python: what PostgreSQL itself says."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, models, transaction


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
