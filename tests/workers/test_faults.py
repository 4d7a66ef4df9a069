"""Accidents with real processes: after each the books balance and every record is awarded exactly once."""

import os
import signal
from collections.abc import Iterator
from copy import copy
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from backend.core import outbox
from backend.core.clocks import CLOCK_TOLERANCE
from backend.core.models import OutboxEvent
from points.ledger.models import Transfer
from points.scoring.models import Award
from tests.benchmarks import crowd
from tests.factories.events import make_event
from tests.factories.ledger import default_rules, serve
from tests.factories.volunteers import VolunteerFactory
from tests.workers import books
from tests.workers.site import Site, at_home
from workers.schedule import BEAT_SCHEDULE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

PEOPLE, RECORDS_EACH = 4, 3
SWEEP = {"task": "workers.sweep_outbox", **BEAT_SCHEDULE["sweep-outbox"]["options"]}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The servers of these tests, which nobody else uses: they are stopped and started."""
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        site.start("postgres")
        yield site
    finally:
        site.end()


@pytest.fixture
def site(servers: Site, test_database_url: str, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site with an empty database of its own, which the models of this test use."""
    if servers.database == "jishan":
        servers.copy_schema(test_database_url)
    servers.start("valkey")
    servers.new_database(f"site_{os.urandom(4).hex()}")
    with at_home(servers):
        default_rules()
        yield servers
        servers.kill()
    servers.stop("valkey")


def approve(*, nudge: bool = True) -> None:
    """Approve some days of some people's service, each in a transaction of its own."""
    for _ in range(PEOPLE):
        person = VolunteerFactory()
        for day in range(RECORDS_EACH):
            with transaction.atomic():
                record = serve(volunteer=person, day=_day(day))
                event = {"topic": "record.approved", "key": f"volunteer:{person.pk}"}
                if nudge:
                    outbox.emit(**event, payload={"record_id": record.pk}, at=timezone.now())
                else:
                    made = timezone.now()
                    make_event(
                        **event,
                        payload={"record_id": record.pk},
                        created_at=made,
                        due_at=made - CLOCK_TOLERANCE,
                    )


def everything_is_delivered() -> bool:
    return not OutboxEvent.objects.filter(done_at=None).exists()


def check_books(records: int = PEOPLE * RECORDS_EACH) -> None:
    books.check()
    assert (Award.objects.count(), Transfer.objects.count()) == (records, records)


def test_the_broker_stops_and_comes_back_empty(site, until):
    site.worker("worker")
    site.beat("beat")
    site.stop("valkey")
    approve()
    assert OutboxEvent.objects.filter(done_at=None).count() == PEOPLE * RECORDS_EACH

    site.start("valkey")
    until(everything_is_delivered, seconds=60)

    check_books()


def test_postgresql_restarts_in_the_middle_of_a_batch(site, until):
    site.worker("worker")
    other = psycopg.connect(site.database_url)
    other.execute("LOCK TABLE points_lot IN SHARE MODE")  # the worker has written entries and waits here
    approve()
    until(lambda: _waits_for(other, "points_lot"), seconds=30)
    site.stop("postgres")
    other.close()
    connection.close()
    site.start("postgres")
    assert Transfer.objects.count() == 0
    assert OutboxEvent.objects.filter(done_at=None).count() == PEOPLE * RECORDS_EACH

    site.send("workers.sweep_outbox")  # what the clock sends every five seconds
    until(everything_is_delivered, seconds=30)

    check_books()


def test_two_beats_and_two_workers_do_everything_once(site, until):
    for name in ("beat-1", "beat-2"):
        site.beat(name)
    site.workers("worker-1", "worker-2")
    approve(nudge=False)

    until(everything_is_delivered, seconds=30)
    for name in ("beat-1", "beat-2"):
        until(lambda name=name: "Sending due task sweep-outbox" in site.said(name), seconds=30)

    check_books()


@pytest.mark.parametrize("minutes", [5, -5], ids=["ahead", "behind"])
def test_a_worker_whose_clock_is_five_minutes_off_is_as_fast_as_any(minutes, site, until):
    site.worker("worker", application="tests.workers.skewed", CLOCK_OFFSET_SECONDS=str(minutes * 60))
    approve()
    until(everything_is_delivered, seconds=30)
    (off,) = {round((event.done_at - event.created_at) / timedelta(minutes=1)) for event in _events()}
    assert off == minutes

    approve(nudge=False)
    site.send(SWEEP["task"], expires=SWEEP["expires"])  # as a beat with the right clock sends it
    until(everything_is_delivered, seconds=30)

    check_books(2 * PEOPLE * RECORDS_EACH)


def test_the_same_event_a_hundred_times_is_points_once(site, until):
    person = VolunteerFactory()
    records = [serve(volunteer=person, day=_day(day)) for day in range(RECORDS_EACH)]
    events = [
        make_event(key=f"volunteer:{person.pk}", payload={"record_id": record.pk}) for record in records
    ]
    for event in events:
        event.pk = None
        OutboxEvent.objects.bulk_create([event, *(copy(event) for _ in range(98))])
    assert OutboxEvent.objects.count() == 100 * RECORDS_EACH
    site.workers("worker-1", "worker-2", OUTBOX_BATCH="7")

    for _ in range(4):
        site.send("workers.drain_outbox")
    until(everything_is_delivered, seconds=30)

    check_books(RECORDS_EACH)


def test_a_poison_event_among_a_thousand_good_ones_stops_alone(site, until):
    people = crowd.volunteers(250, prefix="P")
    good = crowd.approved_records(people[:125], each=4)
    poison = make_event(key=f"volunteer:{people[0].pk}", payload={"record_id": "poison"})
    good += crowd.approved_records(people[125:], each=4)
    site.worker("worker", OUTBOX_MAX_ATTEMPTS="2")

    site.send("workers.drain_outbox")
    until(lambda: OutboxEvent.objects.filter(done_at=None).count() == 1, seconds=30)
    check_books(good)
    OutboxEvent.objects.update(due_at=timezone.now() - timedelta(hours=1))  # its second try is due
    site.send("workers.sweep_outbox")
    until(lambda: OutboxEvent.objects.filter(dead=True).exists(), seconds=30)

    dead = OutboxEvent.objects.get(done_at=None)
    assert (dead.pk, dead.dead, dead.attempts) == (poison.pk, True, 2)
    check_books(good)


def test_a_worker_told_to_stop_finishes_its_batch(site, until):
    worker = site.worker("worker")
    with psycopg.connect(site.database_url) as other:
        other.execute("LOCK TABLE points_lot IN SHARE MODE")
        approve()
        until(lambda: _waits_for(other, "points_lot"), seconds=30)
        worker.send_signal(signal.SIGTERM)
        until(lambda: "shutdown" in site.said("worker"), seconds=30)
        assert worker.poll() is None
    assert worker.wait(30) == 0

    assert everything_is_delivered()
    check_books()


def _day(number):
    return timezone.localdate() - timedelta(days=number + 1)


def _events():
    return OutboxEvent.objects.exclude(done_at=None)


def _waits_for(other, table):
    """Whether some backend waits for a lock on the table."""
    query = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
    (count,) = other.execute(query, [table]).fetchone()
    return count == 1
