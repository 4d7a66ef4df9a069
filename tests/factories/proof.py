"""Days with transfers, closed and proven, and what an outsider downloads of them."""

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from points.proof import queries
from points.proof.models import DayProof
from points.proof.services import close_days
from points.proof.statement import statement
from tests.factories.ledger import capture, give, hold, release, reverse
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.models import Volunteer

NEW_YEAR = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)  # 10:00 in Guiyang
FIRST, SECOND, THIRD = (date(2026, 1, day) for day in (1, 2, 3))


def after(day: date) -> datetime:
    """Return an hour after the end of a day: it can be closed."""
    return datetime(day.year, day.month, day.day, 17, 0, tzinfo=UTC)


def three_days() -> Volunteer:
    """Let two people earn and spend on three days, the second of them quiet; prove them, return the first."""
    zhang, wang = (VolunteerFactory.create(name=name) for name in ("张晓明", "王五"))
    give(zhang, 25, key="record:1:v1", at=NEW_YEAR)
    award = give(zhang, 35, key="record:2:v1", at=NEW_YEAR + timedelta(hours=1))
    give(wang, 10, key="record:3:v1", at=NEW_YEAR + timedelta(hours=2))
    third = NEW_YEAR + timedelta(days=2)
    capture(hold(zhang, 20, key="redemption:1:hold", at=third), key="redemption:1:capture", at=third)
    release(hold(wang, 5, key="redemption:2:hold", at=third), key="redemption:2:release", at=third)
    reverse(award, key="record:2:reversed:4", at=third)
    close_days(at=after(THIRD))
    return zhang


def download(directory: Path, *volunteers: Volunteer) -> Path:
    """Write what the site publishes, and the volunteers' statements, into a directory; return the chain."""
    for proof in DayProof.objects.all():
        (directory / f"{proof.day}.tsv.gz").write_bytes(b"".join(queries.export(proof)))
    for volunteer in volunteers:
        told = statement(volunteer, year=2026)
        (directory / f"statement-{volunteer.pk}.json").write_text(json.dumps(told), "utf-8")
    chain = directory / "chain.json"
    chain.write_text(json.dumps(queries.whole_chain()), "utf-8")
    return chain


@contextmanager
def by_hand() -> Any:
    """Take every trigger off for the statements inside, as somebody with the keys of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = origin; SET CONSTRAINTS ALL DEFERRED")
