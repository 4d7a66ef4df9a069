"""After a recomputation every record stands as if it had been awarded under the new rules from the start."""

from contextlib import suppress
from datetime import date

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.ledger.models import Account
from points.ledger.queries import system_balance
from points.revision.recomputing import recompute
from points.revision.scope import Scope
from points.scoring.queries import rules_of
from tests.factories.ledger import rules_in_force, serve
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import award, newer_rules, points_of
from tests.points.scoring.engine_rules import ESCORT, NIGHT, RESCUE, WEEKEND

pytestmark = pytest.mark.django_db

SCOPE = Scope("5201", date(2026, 9, 1), None)
DAYS = (date(2026, 9, 11), date(2026, 9, 12), date(2026, 10, 1))
HOURS = (7, 15, 20)


class Undone(Exception):  # noqa: N818 – no error: it takes the example's rows back
    """Ends an example."""


def _cap(low, high):
    return st.none() | st.integers(low, high)


@st.composite
def documents(draw):
    month, year = sorted(draw(st.lists(st.integers(100, 400), min_size=2, max_size=2)))
    record, day = sorted(draw(st.lists(st.integers(60, 600), min_size=2, max_size=2)))
    caps = {"record": {"minutes": record}, "day": {"minutes": day}}
    if draw(st.booleans()):
        caps |= {"month": {"points": month}, "year": {"points": year}}
    return {
        "base": {
            "points": draw(st.integers(0, 13)),
            "per_minutes": 60,
            "step_minutes": draw(st.sampled_from([15, 30, 60])),
        },
        "rates": draw(st.sampled_from([[], [ESCORT]])),
        "multipliers": draw(st.sampled_from([[], [WEEKEND], [WEEKEND, RESCUE], [NIGHT]])),
        "night": {"from": "22:00", "until": "06:00"},
        "multiplier_mode": draw(st.sampled_from(["highest", "product"])),
        "caps": draw(st.sampled_from([{}, caps])),
    } | draw(st.sampled_from([{}, {"minimum_attendance_percent": 0}]))


def _fitting(document):
    """Without hours of the night the set-based way is taken too."""
    night = document["multipliers"] == [NIGHT]
    return document if night else {name: value for name, value in document.items() if name != "night"}


services = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(DAYS),
        st.sampled_from(HOURS),
        st.integers(10, 239),
        st.sampled_from(["patients", "public"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one[:3],
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=documents(), then=documents(), served=services, late=st.integers(0, 2))
def test_the_order_and_the_way_do_not_matter(now, first, then, served, late):
    def told(*, fresh):
        with suppress(Undone), transaction.atomic():
            people = VolunteerFactory.create_batch(2)
            records = [
                serve(
                    minutes,
                    volunteer=people[who],
                    day=day,
                    hour=hour,
                    attendance__shift__activity__recipient=recipient,
                )
                for who, day, hour, minutes, recipient in served
            ]
            found.append(_points(records, fresh=fresh))
            raise Undone

    def _points(records, *, fresh):
        early, rest = records[: len(records) - late], records[len(records) - late :]
        if not fresh:
            rules_in_force(**_fitting(first))
            award(*early, at=now)
        newest = newer_rules(**_fitting(then))
        if fresh:
            rules_in_force(**_fitting(first))
            award(*early, at=now)
        award(*rest, at=now)
        if not fresh:
            volunteers = {record.volunteer_id for record in records}
            for _ in range(2):
                recompute(volunteers=volunteers, scope=SCOPE, rule_set=newest, rules=rules_of(newest), at=now)
        connection.check_constraints()
        points = points_of(records)
        balances = list(Account.objects.filter(kind="volunteer").values_list("balance", flat=True))
        assert sum(balances) == sum(points) == -system_balance("issuance")
        return points

    found: list[list[int]] = []
    told(fresh=False)
    told(fresh=True)

    assert found[0] == found[1]
