"""`make bench`: measure the budgets of docs/operations.md on this machine.

Servers are its own and durable, web server and worker run as `manage.py up` runs them, and the clients
are another process on the same machine, so the figures are what such a machine does, client included.
`QUICK=1` takes about two minutes. Results go to the terminal and to var/bench/latest.json.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.management import call_command

from backend.config.installation import Home
from tests.benchmarks import stage

# What is measured, its budget, and whether more or less of it is better.
BUDGETS: Mapping[str, tuple[float | None, str]] = {
    "checkin_per_s": (400, "accepted check-ins per second, 16 clients"),
    "checkin_p99_ms": (120, "slowest of a hundred check-ins, ms"),
    "checkin_sql": (6, "SQL statements per accepted check-in"),
    "bare_per_s": (None, "the yardstick: authenticate, select one row, insert two"),
    "checkin_vs_bare": (0.75, "check-ins per bare request"),
    "checkin_vs_empty": (0.83, "check-ins beside a million scans (QUICK: 100,000), against few"),
    "scan_batch_rows_per_s": (None, "rows per second of a scanner's upload, 500 a request"),
    "pending_page_ms_500": (None, "the manager's page of one shift with 500 rows, ms"),
    "statement_ms_10k": (None, "the points page of somebody with 10,000 lines, ms"),
    "expire_lots_per_s": (None, "lots past their day moved away per second"),
    "award_per_s": (1000, "approved records to points per second, outbox and worker"),
    "raw_insert_per_s": (None, "the yardstick: the same rows by INSERT … SELECT, records per second"),
    "approve_to_points_p95_ms": (1000, "from the approval of one record to its points, 95 of 100, ms"),
    "recompute_per_s": (10_000, "records per second brought under new rules, one in a hundred differs"),
    "dry_run_per_s": (None, "records per second of a dry run, by the engine"),
    "redeem_per_s": (150, "redemptions per second, 64 clients, one product"),
    "redeem_oversold": (0, "units sold beyond the 50 there were"),
    "collect_double": (0, "redemptions collected more than once, 64 clerks at the same codes"),
    "fefo_10k_ms": (None, "a reservation from a product with 10,000 open deliveries, median, ms"),
    "fefo_one_ms": (None, "the yardstick: the same from a product with one, ms"),
    "board_per_s": (1500, "cached board pages per second"),
    "machine_fast_ms": (None, "the machine between these measures, at its quickest: a million squares, ms"),
    "machine_slow_ms": (None, "the same at its slowest: far apart, the run tells little"),
}
_LESS_IS_BETTER = {
    "checkin_p99_ms",
    "checkin_sql",
    "approve_to_points_p95_ms",
    "redeem_oversold",
    "collect_double",
}


def main() -> int:
    """Measure, print, write; 1 when something was sold that was not there, or handed over twice."""
    began = time.monotonic()
    results_path = Home.from_environment(os.environ).path / "bench" / "latest.json"
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    with stage.servers() as home:
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        results = _measure(home, quick=quick)
    _write(results_path, results, quick=quick)
    sys.stdout.write(_table(results) + f"\n{time.monotonic() - began:.0f} s, {results_path}\n")
    return 0 if results["redeem_oversold"] == 0 == results["collect_double"] else 1


def _measure(home: Path, *, quick: bool) -> dict[str, float]:
    # Here, not above: these modules declare and use models, so Django must be set up first.
    from tests.benchmarks import awards, books, counter, measures, presence, revisions  # noqa: PLC0415 – see above

    sizes = measures.QUICK if quick else measures.FULL
    with stage.web(home) as port:
        steps: Sequence[Callable[[], dict[str, float]]] = (
            lambda: measures.check_ins(home, port, sizes),
            lambda: measures.redemptions(home, port, sizes),
            lambda: counter.collect_double(home, port, redemptions=sizes.collected),
            counter.first_out,
            lambda: measures.boards(home, port, sizes),
            lambda: presence.uploads(home, port, batches=sizes.batches),
            lambda: presence.pending_page(home, port),
            lambda: books.statement(home, port),
            lambda: books.expiry(lots=sizes.expiring_lots),
            lambda: measures.full_table(home, port, sizes),
            # Before the awards, whose records would otherwise come under the new rules as well.
            lambda: revisions.recomputation(records=sizes.recomputed),
            lambda: awards.awards(
                home, people=sizes.awarded_people, each=sizes.awards_each, approvals=sizes.approvals
            ),
        )
        results: dict[str, float] = {}
        machine = [_squares_ms()]
        for step in steps:
            results |= step()
            machine.append(_squares_ms())
    return {**results, "machine_fast_ms": min(machine), "machine_slow_ms": max(machine)}


def _squares_ms() -> float:
    """Take the machine's pulse: virtual ones run at half their speed for seconds at a time."""
    began = time.perf_counter()
    sum(number * number for number in range(1_000_000))
    return round((time.perf_counter() - began) * 1000, 1)


def _write(path: Path, results: Mapping[str, float], *, quick: bool) -> None:
    ordered = {name: results[name] for name in BUDGETS}
    about = {"measured_at": datetime.now(UTC).isoformat(), "quick": quick, "cpus": os.cpu_count()}
    path.write_text(json.dumps({**ordered, "about": about}, indent=2) + "\n", encoding="utf-8")


def _table(results: Mapping[str, float]) -> str:
    lines = [f"{'measure':<25}{'result':>9}  {'budget':>8}  "]
    for name, (budget, meaning) in BUDGETS.items():
        value = results[name]
        sign, kept = ("", True)
        if budget is not None:
            less = name in _LESS_IS_BETTER
            sign, kept = f"{'≤' if less else '≥'} {budget:g}", value <= budget if less else value >= budget
        lines.append(f"{name:<25}{value:>9g}  {sign:>8}  {'  ' if kept else '✗ '}{meaning}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
