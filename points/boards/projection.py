"""The totals behind the hours board: absolute, so that computing them twice changes nothing."""

from collections.abc import Collection

from django.db import connection, transaction

# Of a contested attendance nothing counts until the objection is decided; a set, so that it is read once.
_SUM = """
    coalesce(sum(record.minutes) FILTER (WHERE record.attendance_id NOT IN
             (SELECT attendance_id FROM volunteers_objection WHERE state = 'open')), 0)
"""
# A record counts three times: for ever, in its year and in its month.
_COUNTED = """
      FROM volunteers_servicerecord AS record
     CROSS JOIN LATERAL (VALUES ('all'), (to_char(record.service_date, 'YYYY')),
                                (to_char(record.service_date, 'YYYY-MM'))) AS span(period)
"""
_OPEN_ROWS = f"""
    INSERT INTO points_hourstotal (volunteer_id, period, region_code, minutes)
    SELECT DISTINCT record.volunteer_id, span.period, record.region_id, 0 {_COUNTED}
     WHERE record.id = ANY(%(ids)s)
     ORDER BY 1, 2, 3
        ON CONFLICT (volunteer_id, period, region_code) DO NOTHING
"""
_LOCK_ROWS = """
    SELECT total.id FROM points_hourstotal AS total
     WHERE total.volunteer_id IN (SELECT volunteer_id FROM volunteers_servicerecord WHERE id = ANY(%(ids)s))
     ORDER BY total.id FOR NO KEY UPDATE
"""
_SET_ROWS = f"""
    UPDATE points_hourstotal AS total SET minutes = counted.minutes
      FROM (SELECT record.volunteer_id, span.period, record.region_id,
                   {_SUM} AS minutes {_COUNTED}
             WHERE record.volunteer_id IN
                   (SELECT volunteer_id FROM volunteers_servicerecord WHERE id = ANY(%(ids)s))
             GROUP BY 1, 2, 3) AS counted
     WHERE (total.volunteer_id, total.period, total.region_code)
         = (counted.volunteer_id, counted.period, counted.region_id)
       AND total.minutes <> counted.minutes
"""  # noqa: S608 – constant text
_EVERYTHING = f"""
    INSERT INTO points_hourstotal (volunteer_id, period, region_code, minutes)
    SELECT record.volunteer_id, span.period, record.region_id, {_SUM} {_COUNTED}
     GROUP BY 1, 2, 3
"""


def refresh(record_ids: Collection[int]) -> None:
    """Set the totals of everybody these records belong to, from all of their records; requires a transaction.

    Rows are locked before the sums are read. Without that, of two refreshes at once the one with the older
    view could write last.
    """
    ids = {"ids": sorted(record_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_ROWS, ids)
        cursor.execute(_LOCK_ROWS, ids)
        cursor.execute(_SET_ROWS, ids)


def rebuild() -> int:
    """Throw all totals away and count again; return the rows. Readers see the old ones meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE points_hourstotal IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM points_hourstotal")
        cursor.execute(_EVERYTHING)
        return int(cursor.rowcount)
