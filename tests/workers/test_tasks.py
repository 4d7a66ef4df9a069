"""The tasks, called as a worker calls them, and the clock that starts them."""

import json
from datetime import timedelta
from importlib import import_module

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import OneTimeCode
from backend.core import outbox
from backend.core.clocks import CLOCK_TOLERANCE
from backend.core.models import OutboxEvent, RememberedAnswer
from points.ledger.models import Transfer
from points.models import HoursTotal, Redemption
from points.revision.models import RevisionRun
from points.revision.services import start_recompute
from tests.factories.attendance import AttendanceFactory, OpenAttendanceFactory, ServiceRecordFactory
from tests.factories.integrity import scanned
from tests.factories.ledger import account, default_rules, give, serve
from tests.factories.market import make_product, make_redeemer, reserve
from tests.factories.volunteers import ShiftFactory, VolunteerFactory
from tests.points.revision.runs import TWELVE, award, dry_run, newer_rules, staff
from volunteers.attendance.choices import AttendanceStatus
from volunteers.integrity.models import AuditItem, Signal
from volunteers.records.ticket_models import DeadlineNotice
from workers import tasks
from workers.celery import app
from workers.schedule import BEAT_SCHEDULE

NAMES = {
    "workers.close_days",
    "workers.close_forgotten_attendances",
    "workers.drain_outbox",
    "workers.draw_ballots",
    "workers.draw_audit_sample",
    "workers.expire_points",
    "workers.go_on_with_imports",
    "workers.go_on_with_revisions",
    "workers.lapse_redemptions",
    "workers.look_for_signals",
    "workers.look_over_stock",
    "workers.note_relief_reviews",
    "workers.purge_expired",
    "workers.refresh_boards",
    "workers.remind_forgotten",
    "workers.sweep_outbox",
    "workers.verify_ledger",
    "workers.warn_of_appeals",
    "workers.warn_of_deadlines",
    "workers.warn_of_expiry",
    "workers.warn_of_questions",
}


def test_the_tasks_have_the_names_others_call_them_by():
    import_module("workers.tasks")

    assert {name for name in app.tasks if not name.startswith("celery.")} == NAMES


def test_the_clock_starts_tasks_that_exist_and_forgets_those_it_could_not_start_in_time():
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} == NAMES - {"workers.drain_outbox"}
    soonest = CLOCK_TOLERANCE.total_seconds()  # or a worker whose clock is ahead throws it away unseen
    assert all(entry["options"]["expires"] >= soonest for entry in BEAT_SCHEDULE.values())
    assert app.conf.beat_schedule == BEAT_SCHEDULE
    assert BEAT_SCHEDULE["sweep-outbox"]["schedule"] == 5


def test_a_task_is_confirmed_after_its_work_and_speaks_json_only():
    conf = app.conf

    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.task_ignore_result) == (
        True,
        True,
        True,
    )
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    assert (conf.task_ignore_result, conf.result_backend) == (True, None)


def test_no_task_is_delivered_again_while_it_runs_whatever_the_clocks_say():
    longest = max(task.time_limit or app.conf.task_time_limit for task in app.tasks.values())

    again = app.conf.broker_transport_options["visibility_timeout"]
    assert longest == app.conf.task_time_limit
    assert again > longest + CLOCK_TOLERANCE.total_seconds()


@pytest.mark.parametrize("task", [tasks.drain_outbox, tasks.sweep_outbox])
def test_a_drain_that_hangs_is_ended_long_before_any_other_task(task):
    assert task.soft_time_limit < task.time_limit < app.conf.task_soft_time_limit < app.conf.task_time_limit


def test_a_worker_takes_one_message_at_a_time_so_that_what_it_holds_is_what_it_does():
    assert app.conf.worker_prefetch_multiplier == 1


@pytest.mark.django_db
@pytest.mark.parametrize("task", [tasks.drain_outbox, tasks.sweep_outbox])
def test_a_run_that_has_had_its_time_asks_for_the_next(task, settings, monkeypatch, valkey):
    settings.OUTBOX_BATCH = 1
    monkeypatch.setattr(tasks, "_RUN_SECONDS", 0)
    default_rules()
    for hour in (1, 5):
        with transaction.atomic():
            record = serve(60, volunteer=VolunteerFactory(), hour=hour)
            outbox.emit(
                topic="record.approved",
                key=f"volunteer:{record.volunteer_id}",
                payload={"record_id": record.pk},
                at=timezone.now(),
            )
    valkey.flushdb()

    task()

    assert OutboxEvent.objects.filter(done_at=None).count() == 1
    (message,) = valkey.lrange("celery", 0, -1)
    assert json.loads(message)["headers"]["task"] == "workers.drain_outbox"


def test_the_nudge_goes_through_this_application():
    assert current_app.main == "jishan"


@pytest.mark.django_db
@pytest.mark.parametrize("task", [tasks.drain_outbox, tasks.sweep_outbox])
def test_draining_goes_on_until_nothing_is_due(task, settings):
    settings.OUTBOX_BATCH = 2
    default_rules()
    zhang = VolunteerFactory()
    at = timezone.now()
    for hour in (1, 5, 9, 13, 17):
        with transaction.atomic():
            record = serve(60, volunteer=zhang, hour=hour)
            outbox.emit(topic="record.approved", key="test", payload={"record_id": record.pk}, at=at)

    task()

    assert OutboxEvent.objects.filter(done_at=None).count() == 0
    assert account(zhang).balance == 50


@pytest.mark.django_db
def test_points_past_their_last_day_expire():
    zhang = VolunteerFactory()
    give(zhang, 10, key="old", expires_at=timezone.now() - timedelta(days=1))
    give(zhang, 7, key="new", expires_at=timezone.now() + timedelta(days=1))

    tasks.expire_points()
    tasks.expire_points()

    assert account(zhang).balance == 7
    assert Transfer.objects.filter(kind="expire").count() == 1


@pytest.mark.django_db
def test_a_redemption_nobody_collected_lapses():
    volunteer = make_redeemer(100)
    reserve(volunteer, make_product(points=10), at=timezone.now() - timedelta(days=30))

    tasks.lapse_redemptions()

    assert Redemption.objects.get().status == "lapsed"
    assert account(volunteer).balance == 100


@pytest.mark.django_db
def test_an_attendance_nobody_ended_is_closed_as_pending():
    forgotten = OpenAttendanceFactory(shift__starts_at=timezone.now() - timedelta(days=2))

    tasks.close_forgotten_attendances()

    forgotten.refresh_from_db()
    assert (forgotten.status, forgotten.checked_out_at) == (AttendanceStatus.PENDING, None)


@pytest.mark.django_db
def test_yesterday_is_looked_at_and_nothing_but_a_signal_comes_of_it():
    yesterday = timezone.localtime().replace(hour=9, minute=0) - timedelta(days=1)
    shift = ShiftFactory(starts_at=yesterday)
    for _ in range(3):
        scanned(shift=shift, device="ab" * 32)

    tasks.look_for_signals()
    tasks.look_for_signals()

    signal = Signal.objects.get(kind="same_device")
    assert (signal.site, signal.day) == (shift.activity.site, yesterday.date())
    assert set(shift.attendances.values_list("status", flat=True)) == {AttendanceStatus.PENDING}


@pytest.mark.django_db
def test_last_week_is_drawn_once():
    record = ServiceRecordFactory(recorded_at=timezone.now() - timedelta(days=7))

    tasks.draw_audit_sample()
    tasks.draw_audit_sample()

    assert list(AuditItem.objects.values_list("record_id", flat=True)) == [record.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [10, -1], ids=["at-once", "in-two-runs"])
def test_a_recomputation_is_carried_on_until_it_is_done(monkeypatch, seconds, now):
    monkeypatch.setattr(tasks, "_RUN_SECONDS", seconds)
    default_rules()
    record = serve(150)
    award(record, at=now)
    rules = newer_rules(base=TWELVE)
    dry_run(rules, at=now)
    start_recompute(rule_set_id=rules.pk, actor=staff(), at=now)

    tasks.go_on_with_revisions()
    tasks.go_on_with_revisions()

    assert RevisionRun.objects.latest("pk").state == "done"
    assert account(record.volunteer).balance == 30


@pytest.mark.django_db
def test_the_hours_board_is_counted_anew():
    record = serve(150)

    tasks.refresh_boards()

    assert HoursTotal.objects.get(volunteer=record.volunteer, period="all").minutes == 150


@pytest.mark.django_db
def test_the_clock_reminds_of_what_waits_too_long():
    AttendanceFactory(shift=ShiftFactory(starts_at=timezone.now() - timedelta(days=60)))

    for _ in range(2):
        tasks.warn_of_deadlines()

    assert sorted(DeadlineNotice.objects.values_list("stage", flat=True)) == ["escalated", "warned"]


@pytest.mark.django_db
def test_what_nobody_needs_any_more_is_forgotten_and_nothing_else():
    now = timezone.now()
    for age, done in ((15, True), (13, True), (15, False)):
        at = now - timedelta(days=age)
        OutboxEvent.objects.create(
            topic="t", key=f"{age}{done}", payload={}, created_at=at, due_at=at, done_at=at if done else None
        )
    for hours in (49, 47):
        created_at = now - timedelta(hours=hours)
        RememberedAnswer.objects.create(
            user_id=1, key=str(hours), fingerprint="f", status=200, body="", created_at=created_at
        )
    for hours in (25, 23):
        OneTimeCode.objects.create(
            phone_index=str(hours),
            code_hash="h",
            created_at=now - timedelta(hours=hours),
            expires_at=now - timedelta(hours=hours),
            tries_left=5,
        )

    tasks.purge_expired()

    assert set(OutboxEvent.objects.values_list("key", flat=True)) == {"13True", "15False"}
    assert RememberedAnswer.objects.get().key == "47"
    assert OneTimeCode.objects.get().phone_index == "23"
