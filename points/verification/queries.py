"""What the last look at the books found."""

from points.verification.models import LedgerCheck


def latest() -> LedgerCheck | None:
    """Return the last look, if there was one."""
    return LedgerCheck.objects.order_by("-pk").first()


def drift() -> LedgerCheck | None:
    """Return the last look if it found something: the alarm stands until a later look finds nothing."""
    last = latest()
    return last if last is not None and not last.ok else None


def rows_wrong(check: LedgerCheck) -> int:
    """Return how many rows a look found wrong, over all its findings."""
    return sum(finding["count"] for finding in check.findings)
