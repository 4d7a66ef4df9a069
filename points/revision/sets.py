"""The same reckoning for thousands of records at once, in PostgreSQL, where the rules allow it.

It covers what most records are: rules without hours of the night, products of factors or caps over months,
and days with one record. What it finds unchanged it settles; everything else goes to the engine, which has
the last word. `tests/points/revision/test_sets.py` proves both equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from backend.core.workdays import kind_of
from points.revision import wording
from points.revision.scope import Scope
from points.scoring.models import AwardKind, RuleSet
from points.scoring.queries import Day
from points.scoring.rules import (
    BASIS_POINTS,
    MINUTES_A_DAY,
    UNIT,
    Caps,
    Condition,
    MultiplierMode,
    Rate,
    Rules,
)

Sql = tuple[str, list[Any]]

# The stages of points.scoring.engine, one SELECT each; every product stays below 2^63.
_RECKONED = """
    WITH standing AS MATERIALIZED (
        SELECT record_id, volunteer_id, business_day, sum(points) AS points,
               sum(minutes_counted) AS minutes, (array_agg(rule_set_id ORDER BY id DESC))[1] AS rule_set_id,
               count(*) OVER (PARTITION BY volunteer_id, business_day) AS together
          FROM points_award
         WHERE volunteer_id = ANY(%s)
         GROUP BY record_id, volunteer_id, business_day
        HAVING NOT bool_or(kind = 'reversal')
    ), facts AS (
        SELECT standing.*, record.manual, record.minutes AS served,
               record.scheduled_minutes AS scheduled,
               {rate} AS rate, {factor} AS factor
          FROM standing
          JOIN volunteers_servicerecord AS record ON record.id = standing.record_id
         WHERE standing.rule_set_id <> %s AND {scope}
    ), paid AS (
        SELECT *, {units} AS units, {event} AS event,
               (manual AND NOT %s) OR served * 100 < scheduled * %s AS excluded,
               LEAST(served / %s * %s, %s)::bigint AS full_minutes
          FROM facts
    ), whole AS (
        SELECT *, CASE WHEN excluded OR event IS NOT NULL THEN 0 ELSE full_minutes END AS most_minutes,
               CASE WHEN excluded THEN 0 ELSE COALESCE(event, full_minutes * units) * factor / %s END AS most
          FROM paid
    ), pieces AS (
        SELECT *, LEAST(most, %s) AS worth,
               CASE WHEN most > %s THEN most_minutes * %s / most ELSE most_minutes END AS piece_minutes
          FROM whole
    ), reckoned AS (
        SELECT *, LEAST(piece_minutes, %s) AS new_minutes,
               LEAST(CASE WHEN piece_minutes > %s THEN worth * %s / piece_minutes ELSE worth END / %s, %s)
                   AS new_points
          FROM pieces
    )
"""
_SETTLE = """
    , settled AS (
        INSERT INTO points_award (record_id, kind, rule_set_id, previous_id, volunteer_id, business_day,
                                  pieces, minutes_counted, points, breakdown, at)
        SELECT record_id, %s, %s, rule_set_id, volunteer_id, business_day,
               CASE WHEN piece_minutes > 0 OR worth > 0
                    THEN jsonb_build_array(jsonb_build_array(piece_minutes, worth))
                    ELSE '[]'::jsonb END,
               new_minutes - minutes, 0, %s::jsonb, %s
          FROM reckoned
         WHERE together = 1 AND new_points = points AND business_day <= %s
    )
    SELECT DISTINCT volunteer_id, business_day FROM reckoned
     WHERE NOT (together = 1 AND new_points = points AND business_day <= %s)
"""
_ANY_AMOUNT = 2**62


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What PostgreSQL makes of a record that is alone on its day."""

    record_id: int
    points: int
    minutes_counted: int
    pieces: tuple[tuple[int, int], ...]


def fits(rules: Rules) -> bool:
    """Whether PostgreSQL can reckon with these rules."""
    simple = rules.multiplier_mode == MultiplierMode.HIGHEST or len(rules.multipliers) <= 1
    return simple and rules.night is None and not rules.caps.look_back


def settle_unchanged(
    *, volunteers: Collection[int], scope: Scope, rule_set: RuleSet, rules: Rules, at: datetime
) -> set[Day]:
    """Note under `rule_set` every record whose points stay; return the days the engine has to look at."""
    until = scope.last_day or localdate(at)
    sql, params = _reckoned(volunteers, scope, rule_set, rules, until=until)
    with connection.cursor() as cursor:
        cursor.execute(
            sql + _SETTLE,
            [
                *params,
                AwardKind.RECOMPUTE.value,
                rule_set.pk,
                wording.unchanged_breakdown(rule_set.label),
                at,
                until,
                until,
            ],
        )
        return {(volunteer_id, day) for volunteer_id, day in cursor.fetchall()}


def reckon(
    *, volunteers: Collection[int], scope: Scope, rule_set: RuleSet, rules: Rules, until: date
) -> list[Reckoned]:
    """Return what PostgreSQL makes of the records alone on their day; nothing is written."""
    sql, params = _reckoned(volunteers, scope, rule_set, rules, until=until)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql} SELECT record_id, new_points, new_minutes, piece_minutes, worth"  # noqa: S608 – our own text
            " FROM reckoned WHERE together = 1 ORDER BY record_id",
            params,
        )
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> Reckoned:
    record_id, points, minutes, piece_minutes, worth = (int(value) for value in row)
    return Reckoned(record_id, points, minutes, ((piece_minutes, worth),) if piece_minutes or worth else ())


def _reckoned(
    volunteers: Collection[int], scope: Scope, rule_set: RuleSet, rules: Rules, *, until: date
) -> Sql:
    days = (scope.first_day, until)
    rate_sql, rate_params = _rate(rules, days)
    factor_sql, factor_params = _factor(rules, days)
    scope_sql, scope_params = scope.sql()
    units_sql, event_sql = _by_rate(rules)
    caps, step = rules.caps, rules.step_minutes
    record_minutes = MINUTES_A_DAY if caps.record_minutes is None else caps.record_minutes
    record_worth = _ANY_AMOUNT if caps.record_points is None else caps.record_points * UNIT
    day_minutes = MINUTES_A_DAY if caps.day_minutes is None else caps.day_minutes
    sql = _RECKONED.format(
        rate=rate_sql, factor=factor_sql, scope=scope_sql, units=units_sql, event=event_sql
    )
    params: list[Any] = [sorted(volunteers), *rate_params, *factor_params, rule_set.pk, *scope_params]
    params += [rules.manual_earns, rules.minimum_attendance_percent, step, step, record_minutes]
    params += [BASIS_POINTS, record_worth, record_worth, _divisible(record_worth)]
    params += [day_minutes, day_minutes, day_minutes, UNIT, _points_of_a_day(caps)]
    return sql, params


def _divisible(worth: int) -> int:
    """A factor only where a cap of points cuts; without one it is never used and must not overflow."""
    return 0 if worth == _ANY_AMOUNT else worth


def _points_of_a_day(caps: Caps) -> int:
    return _ANY_AMOUNT if caps.day_points is None else caps.day_points


def _rate(rules: Rules, days: tuple[date, date]) -> Sql:
    """The place of the first rate that claims the record; the base is the last."""
    parts, params = [], []
    for place, rate in enumerate(rules.rates):
        condition, more = _fits(rate.when, days)
        parts.append(f"WHEN {condition} THEN {place}")
        params += more
    last = len(rules.rates)
    return (f"CASE {' '.join(parts)} ELSE {last} END" if parts else str(last)), params


def _by_rate(rules: Rules) -> tuple[str, str]:
    """Units for a minute, and units for the event (NULL for rates by the minute)."""
    rates: Iterable[Rate] = (*rules.rates, rules.base)
    units, events = [], []
    for place, rate in enumerate(rates):
        units.append(f"WHEN {place} THEN {rate.units_a_minute}")
        if rate.per_minutes is None:
            events.append(f"WHEN {place} THEN {rate.points * UNIT}")
    event = f"(CASE rate {' '.join(events)} END)::bigint" if events else "NULL::bigint"
    return f"(CASE rate {' '.join(units)} END)::bigint", event


def _factor(rules: Rules, days: tuple[date, date]) -> Sql:
    """The highest factor that applies, in basis points."""
    parts, params = [], []
    for item in rules.multipliers:
        condition, more = _fits(item.when, days)
        parts.append(f"CASE WHEN {condition} THEN {item.basis_points} END")
        params += more
    greatest = f"COALESCE(GREATEST({', '.join(parts)}), {BASIS_POINTS})" if parts else str(BASIS_POINTS)
    return f"({greatest})::bigint", params


def _fits(when: Condition, days: tuple[date, date]) -> Sql:
    """The condition as `Condition.fits` puts it for a record served by day."""
    parts: list[str] = []
    params: list[Any] = []
    for column, wanted in (
        ("record.category", when.categories),
        ("record.recipient", when.recipients),
        ("record.activity_type", when.activity_types),
        ("record.difficulty", when.difficulty),
    ):
        if wanted:
            parts.append(f"{column} = ANY(%s)")
            params.append(sorted(wanted))
    if when.days:
        parts.append("record.service_date = ANY(%s::date[])")
        params.append(_days_of(when.days, *days))
    for column, asked in (("record.skilled", when.skilled), ("record.organizer", when.organizer)):
        if asked:
            parts.append(column)
    if when.night:
        parts.append("FALSE")
    return " AND ".join(parts) or "TRUE", params


@lru_cache(maxsize=16)
def _days_of(kinds: frozenset[str], first: date, last: date) -> list[date]:
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in every if kind_of(day) in kinds]
