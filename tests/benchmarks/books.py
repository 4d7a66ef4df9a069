"""A long statement looked at, and a night in which very many lots expire."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from points.ledger import services as ledger
from points.ledger.models import AccountKind, Entry, TransferKind
from tests.benchmarks import crowd, stage
from volunteers.people.models import Volunteer

LINES = 10_000
_LOTS_A_BATCH = 1000
_LOOKS = 20
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def statement(home: Path, port: int) -> dict[str, float]:
    """A volunteer with ten thousand lines opens the points page."""
    (person,) = crowd.volunteers(1, prefix="S")
    at = timezone.now()
    for first in range(0, LINES, _LOTS_A_BATCH):
        _give([person] * _LOTS_A_BATCH, first=first, at=at, expires_at=at + timedelta(days=365))
    _analyze()
    browser = Client()
    browser.force_login(person.user, backend=_BACKEND)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    look = {
        "method": "GET",
        "path": "/me/points/",
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session}",
    }
    result = stage.play(home, port, {"expect": "</html>", "clients": [[look] * _LOOKS]})
    if result.matched != _LOOKS:
        raise RuntimeError(f"the page did not come: {result.statuses}, {result.unexpected[:500]}")
    return {"statement_ms_10k": round(result.percentile(0.5), 1)}


def expiry(*, lots: int) -> dict[str, float]:
    """So many lots of as many people are past their day."""
    at = timezone.now()
    people = crowd.volunteers(lots, prefix="X")
    for first in range(0, lots, _LOTS_A_BATCH):
        _give(
            people[first : first + _LOTS_A_BATCH],
            first=first,
            at=at - timedelta(days=2),
            expires_at=at - timedelta(days=1),
        )
    _analyze()
    began = time.perf_counter()
    while ledger.expire_lots(at=at):
        pass
    seconds = time.perf_counter() - began
    gone = Entry.objects.filter(account__kind=AccountKind.EXPIRED).count()
    if gone != lots:
        raise RuntimeError(f"{gone} of {lots} lots expired")
    return {"expire_lots_per_s": round(lots / seconds, 1)}


def _give(people: Sequence[Volunteer], *, first: int, at: datetime, expires_at: datetime) -> None:
    with transaction.atomic():
        accounts = ledger.lock_accounts_of({person.pk for person in people})
        issuance = ledger.system_account(AccountKind.ISSUANCE)
        postings = [
            ledger.Posting(
                key=f"bench:{person.pk}:{first + place}",
                kind=TransferKind.AWARD,
                legs=(ledger.Leg(accounts[person.pk], 10), ledger.Leg(issuance, -10)),
                sentence_zh="基准测试",
                sentence_en="benchmark",
                source_type="bench",
                source_id=first + place,
                expires_at=expires_at,
            )
            for place, person in enumerate(people)
        ]
        ledger.post_many(postings=postings, at=at, locked=accounts.values())


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE points_account, points_transfer, points_entry, points_lot")
