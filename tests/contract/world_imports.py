"""A table of goods the clerk has uploaded and a worker has checked."""

from datetime import datetime

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from points.imports import services
from points.imports.models import ImportJob
from points.imports.states import ImportKind
from points.market.models import Store
from tests.points.imports.files import GOODS, HAT, text


def checked_import(store: Store, clerk: User, at: datetime) -> ImportJob:
    """Make an import that only its clerk sees, ready to be taken in."""
    job = services.upload(
        kind=ImportKind.GOODS,
        content=text(GOODS, HAT),
        file_name="goods.csv",
        store=store,
        actor=actor_for(clerk),
        at=at,
    )
    services.advance(at=at)
    return ImportJob.objects.get(pk=job.pk)
