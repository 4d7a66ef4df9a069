"""Loading the tree."""

import csv
import gzip
from pathlib import Path

from django.db import connection, transaction

from backend.regions.codes import PREFIX_LENGTHS, ancestors_of

DATA = Path(__file__).parent / "data" / "regions.csv.gz"


def load_regions(*, path: Path = DATA) -> int:
    """Load or refresh every division from a gzipped CSV (code,name,level); return how many rows it holds.

    Safe to run again: known codes get their current name, none is removed. A division whose parent is not
    in the file hangs under the nearest ancestor that is. One COPY and one INSERT, a few seconds at most.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [
            (row["code"], row["name"], row["level"])
            for row in csv.DictReader(file)
            if row["level"] in PREFIX_LENGTHS
        ]
    known = {code for code, _, _ in rows}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE incoming_region "
            "(code text, name text, level text, parent_id text) ON COMMIT DROP"
        )
        with cursor.copy("COPY incoming_region FROM STDIN") as copy:
            for code, name, level in rows:
                copy.write_row((code, name, level, _parent_in(known, code)))
        cursor.execute(
            "INSERT INTO regions_region (code, name, level, parent_id) "
            "SELECT code, name, level, parent_id FROM incoming_region ORDER BY code "
            "ON CONFLICT (code) DO UPDATE "
            "SET name = EXCLUDED.name, level = EXCLUDED.level, parent_id = EXCLUDED.parent_id"
        )
        cursor.execute("ANALYZE regions_region")  # or the first queries are planned for an empty table
    return len(rows)


def _parent_in(known: set[str], code: str) -> str | None:
    above = [ancestor for ancestor in ancestors_of(code)[:-1] if ancestor in known and ancestor != code]
    return above[-1] if above else None
