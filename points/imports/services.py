"""Imports: a file comes in, a worker checks every row, a person looks, a worker takes in all or nothing.

Checking is the import itself in a transaction that is rolled back, so it finds no less than the import will.
Where a job is stands in its row; how many rows of it are behind stands in the cache, because the transaction
that does the work shows nothing until it ends.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import translation
from import_export.results import Result
from tablib import Dataset

from backend.accounts.scopes import Actor, actor_for
from backend.core import audit, outbox
from backend.core.errors import Forbidden, NotFound
from backend.regions.models import Region
from points.giving import queries as giving
from points.imports import queries
from points.imports.errors import (
    ColumnsMissing,
    ImportAlreadyOpen,
    ImportHasFaults,
    ImportMoveRefused,
    ImportTargetMissing,
)
from points.imports.models import ImportJob
from points.imports.reading import read_table
from points.imports.resources import DonorResource, GoodsResource, TableResource, in_every_language, told
from points.imports.states import LIVE, MOVES, WORKING, ImportKind, ImportState
from points.market.models import Store
from points.market.stock import require_keeper

log = structlog.get_logger(__name__)

RESOURCES: dict[str, type[TableResource]] = {
    ImportKind.GOODS: GoodsResource,
    ImportKind.DONORS: DonorResource,
}
MOST_FAULTS = 200  # enough to see what is wrong; the count is of all
PREVIEWED = 20
_TOLD_EVERY = 50  # rows between two signs of life
_PRIVATE = ("contact",)  # columns a preview does not repeat


def upload(
    *,
    kind: ImportKind | str,
    content: bytes,
    file_name: str,
    actor: Actor,
    at: datetime,
    store: Store | None = None,
    region: Region | None = None,
) -> ImportJob:
    """Take a CSV or XLSX file of goods for a store, or of donors of a community, and have it checked.

    :raises ImportTargetMissing: goods without a store, donors without a community.
    :raises Forbidden, NotFound: the actor keeps neither the store nor donors of this community.
    :raises FileUnreadable, FileTooLarge, FileEmpty, ColumnsMissing: from reading it.
    :raises ImportAlreadyOpen: the very same file is open.
    """
    kind = ImportKind(kind)
    where = _target(kind, store, region, actor)
    table = _canonical(read_table(content), RESOURCES[kind])
    job = ImportJob(
        kind=kind,
        store=store if kind == ImportKind.GOODS else None,
        region=where,
        file_name=_file_name(file_name),
        digest=hashlib.sha256(content).hexdigest(),
        content=json.dumps({"headers": table.headers, "rows": list(table)}, ensure_ascii=False),
        language=translation.get_language() or "zh-hans",
        rows=len(table),
        preview=_preview(table),
        asked_by_id=actor.user_id,
        asked_at=at,
        touched_at=at,
    )
    with transaction.atomic():
        same = ImportJob.objects.filter(
            kind=kind, store=job.store, region=where, digest=job.digest, state__in=LIVE
        )
        if same.exists():
            raise ImportAlreadyOpen
        job.save(force_insert=True)
        audit.record(actor=actor, action=f"import.{kind}", target=job, at=at, detail={"rows": job.rows})
        _wake(job, at=at)
    return job


def run(*, job_id: int, actor: Actor, at: datetime) -> ImportJob:
    """Have a checked file taken in: every row, in one transaction.

    :raises NotFound: no such import of this actor.
    :raises ImportHasFaults: a row is wrong. :raises ImportMoveRefused: it is not checked, or over.
    """
    return _moved(job_id, ImportState.IMPORTING, actor, at)


def cancel(*, job_id: int, actor: Actor, at: datetime) -> ImportJob:
    """Let an import be; its rows are forgotten.

    :raises NotFound: no such import of this actor. :raises ImportMoveRefused: it is being taken in, or over.
    """
    return _moved(job_id, ImportState.CANCELLED, actor, at)


def advance(*, at: datetime, interrupts: tuple[type[Exception], ...] = ()) -> bool:
    """Check or take in the import that waits longest; whether there was one. Safe side by side.

    A worker that is killed leaves the job as it was, and the next one begins it again.
    """
    not_its_fault: tuple[type[Exception], ...] = (OperationalError, InterfaceError, *interrupts)
    with transaction.atomic():
        waiting = ImportJob.objects.filter(state__in=WORKING).order_by("touched_at", "pk")
        job = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if job is None:
            return False
        try:
            with transaction.atomic():
                _work(job, at=at, interrupts=not_its_fault)
        except not_its_fault:
            raise
        except Exception as error:
            log.exception("import_failed", job_id=job.pk, error=type(error).__name__)
            job.refresh_from_db()
            _end(job, ImportState.FAILED, at=at)
            job.failure = type(error).__name__
            job.save()
    return True


def _work(job: ImportJob, *, at: datetime, interrupts: tuple[type[Exception], ...]) -> None:
    checking = job.state == ImportState.CHECKING
    assert job.content is not None  # noqa: S101 – the CHECK import_rows_forgotten says so
    kept = json.loads(job.content.open())
    resource = _resource(job, at=at, interrupts=interrupts)
    with translation.override(job.language):
        result = resource.import_data(
            Dataset(*kept["rows"], headers=kept["headers"]),
            dry_run=checking,
            use_transactions=True,
            rollback_on_validation_errors=True,
        )
        faults = _faults(result, resource, kept["headers"])
    if not checking and not faults:
        connection.check_constraints()  # what is asked at commit is asked here, or it would be lost
    job.made, job.known = resource.made, resource.known
    job.faulty, job.faults = len({fault["row"] for fault in faults}), faults[:MOST_FAULTS]
    if checking or faults:  # something changed since the check: nothing was written, and it says why
        job.state, job.touched_at = ImportState.CHECKED, at
    else:
        _end(job, ImportState.DONE, at=at)
    job.save()
    cache.delete(queries.progress_key(job.pk))


def _resource(job: ImportJob, *, at: datetime, interrupts: tuple[type[Exception], ...]) -> TableResource:
    def passed(rows: int) -> None:
        if rows % _TOLD_EVERY == 0:
            cache.set(queries.progress_key(job.pk), rows, timeout=3600)

    common: dict[str, Any] = {
        "actor": actor_for(job.asked_by),  # as of now: a role may have been taken away since
        "at": at,
        "passed": passed,
        "interrupts": interrupts,
    }
    if job.store is not None:
        return GoodsResource(store=job.store, **common)
    return DonorResource(region=job.region, **common)


def _faults(result: Result, resource: TableResource, headers: Sequence[str]) -> list[dict[str, Any]]:
    """Say what is wrong, by row of the file (the heading is row 1) and column."""
    found: list[tuple[int, str, str]] = []
    for number, wrong in [(each.number, each.error) for each in result.invalid_rows]:
        for column, sentences in wrong.message_dict.items():
            found += [(number + 1, column, str(sentence)) for sentence in sentences]
    for each in result.error_rows:
        found += [(each.number + 1, *told(error.error)) for error in each.errors]
    found += [(1, "", told(error.error)[1]) for error in result.base_errors]
    labels = resource.columns
    return [
        {
            "row": row,
            "column": str(labels[column]) if column in labels and column in headers else "",
            "message": sentence,
        }
        for row, column, sentence in sorted(found)
    ]


def _canonical(table: Dataset, resource: type[TableResource]) -> Dataset:
    """Name the columns by their fields, whatever language the heading is in; unknown columns are left out.

    :raises ColumnsMissing: one that every row needs is not there, or a column is there twice.
    """
    names: dict[str, str] = {}
    for key, label in resource.columns.items():
        names |= dict.fromkeys((key, *in_every_language(label)), key)
    places = [(names[heading], place) for place, heading in enumerate(table.headers) if heading in names]
    found = [key for key, _place in places]
    wrong = [key for key in resource.needed if key not in found]
    wrong += [key for key in resource.columns if found.count(key) > 1]
    if wrong:
        columns = "、".join(str(resource.columns[key]) for key in wrong)
        raise ColumnsMissing(field="file", columns=columns)
    canonical = Dataset(headers=found)
    for row in table:
        canonical.append([row[place] for _key, place in places])
    return canonical


def _preview(table: Dataset) -> list[dict[str, str]]:
    """Return the first rows as they will be shown: without what is private."""
    shown = [(name, place) for place, name in enumerate(table.headers) if name not in _PRIVATE]
    return [{name: row[place] for name, place in shown} for row in table[:PREVIEWED]]


def _target(kind: ImportKind, store: Store | None, region: Region | None, actor: Actor) -> Region:
    if kind == ImportKind.GOODS:
        if store is None:
            raise ImportTargetMissing(field="store")
        require_keeper(actor, store)
        return store.region
    if region is None:
        raise ImportTargetMissing(field="region")
    if not giving.works_in(actor, region.pk):
        if actor.has(*giving.KEEPERS):
            raise NotFound(field="region")
        raise Forbidden
    return region


def _moved(job_id: int, state: ImportState, actor: Actor, at: datetime) -> ImportJob:
    with transaction.atomic():
        mine = queries.imports_of(actor).filter(pk=job_id)
        try:
            job = mine.select_for_update(nowait=True, of=("self",), no_key=True).first()
        except DatabaseError as error:  # a worker has it
            raise ImportMoveRefused(state=ImportState.IMPORTING.label) from error
        if job is None:
            raise NotFound
        if (job.state, state) not in MOVES:
            raise ImportMoveRefused(state=job.get_state_display())
        if state == ImportState.IMPORTING and job.faulty:
            raise ImportHasFaults(faults=job.faulty)
        if state == ImportState.CANCELLED:
            _end(job, state, at=at)
        else:
            job.state, job.touched_at = state, at
            _wake(job, at=at)
        job.save()
        audit.record(actor=actor, action=f"import.{state}", target=job, at=at)
    return job


def _end(job: ImportJob, state: ImportState, *, at: datetime) -> None:
    """Finish, and forget the rows: they may hold telephone numbers."""
    job.state, job.content = state, None
    job.touched_at = job.finished_at = at


def _wake(job: ImportJob, *, at: datetime) -> None:
    outbox.emit(topic="import.due", key=f"import:{job.pk}", payload={"job_id": job.pk}, at=at)


def _file_name(name: str) -> str:
    """Return the last part of a name, without anything odd in it."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in plain if letter.isprintable() and letter not in "<>")[:100]
