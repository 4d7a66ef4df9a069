"""Look at the books and write down what was found. Nothing is ever repaired here."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import structlog
from django.db import connection
from django.utils.timezone import localdate

from points.verification.models import LedgerCheck
from points.verification.rules import CHECKS

log = structlog.get_logger(__name__)

EXAMPLES = 10


class Finding(TypedDict):
    """A check that found rows: how many, and the keys of the first ten."""

    check: str
    count: int
    examples: list[int]


def verify_ledger(*, at: datetime) -> LedgerCheck:
    """Compare everything that must be equal, and keep the answer as a row.

    Reads only, statement by statement, and takes no lock, so nobody waits for it.
    """
    findings = [finding for name in CHECKS if (finding := _look(name)) is not None]
    check = LedgerCheck.objects.create(at=at, day=localdate(at), ok=not findings, findings=findings)
    if findings:
        log.error("ledger_drift", ledger_check=check.pk, checks=[finding["check"] for finding in findings])
    return check


def _look(name: str) -> Finding | None:
    counted = f"SELECT id, count(*) OVER () FROM ({CHECKS[name]}) AS wrong (id) LIMIT {EXAMPLES}"  # noqa: S608 – our own text
    with connection.cursor() as cursor:
        cursor.execute(counted)
        rows = cursor.fetchall()
    if not rows:
        return None
    return Finding(check=name, count=rows[0][1], examples=[pk for pk, _ in rows])
