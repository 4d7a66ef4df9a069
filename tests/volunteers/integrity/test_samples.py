"""Drawing the weekly sample, and checking what was drawn."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry, OutboxEvent
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.integrity import (
    AuditItemFactory,
    SignalFactory,
)
from volunteers.integrity import services
from volunteers.integrity.choices import AuditResult
from volunteers.integrity.draws import drawn, seed_of
from volunteers.integrity.errors import (
    AuditDecided,
    AuditReasonRequired,
    OwnAudit,
)
from volunteers.integrity.models import AuditDraw, AuditItem
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 9, 15)
REASON = "监控里只有一人"


@pytest.fixture
def staff():
    return make_actor(Role.COMMUNITY_STAFF, "520102001")


@pytest.fixture
def record():
    return ServiceRecordFactory()


@pytest.fixture
def signal(record):
    """A signal whose evidence is the attendance of the record."""
    return SignalFactory(
        site=record.attendance.site, evidence={"attendances": [record.attendance_id]}, day=TUESDAY
    )


# --- drawing ---


TUESDAY_NIGHT = datetime(2026, 9, 21, 18, 50, tzinfo=UTC)  # 02:50 on Tuesday the 22nd in Guiyang


def record_at(at):
    return ServiceRecordFactory(recorded_at=at)


def test_a_weeks_records_are_drawn_by_their_tickets():
    made = [record_at(datetime(2026, 9, 16, tzinfo=UTC)) for _ in range(51)]

    draw = services.draw_sample(at=TUESDAY_NIGHT)

    assert (draw.period, draw.percent, draw.population) == ("2026-W38", 2, 51)
    assert draw.seed == seed_of(period="2026-W38", population=51)
    assert list(draw.items.values_list("record_id", flat=True)) == drawn(
        seed=draw.seed, record_ids=[record.pk for record in made], size=2
    )
    assert list(draw.items.values_list("place", flat=True)) == [1, 2]


def test_the_week_is_counted_from_monday_to_sunday_in_guiyang():
    first = record_at(datetime(2026, 9, 13, 16, 0, tzinfo=UTC))
    last = record_at(datetime(2026, 9, 20, 15, 59, tzinfo=UTC))
    record_at(datetime(2026, 9, 13, 15, 59, tzinfo=UTC))
    record_at(datetime(2026, 9, 20, 16, 0, tzinfo=UTC))

    draw = services.draw_sample(at=TUESDAY_NIGHT)

    assert draw.population == 2
    assert draw.items.get().record in (first, last)


def test_a_week_is_drawn_once():
    record_at(datetime(2026, 9, 16, tzinfo=UTC))
    first = services.draw_sample(at=TUESDAY_NIGHT)

    again = services.draw_sample(at=TUESDAY_NIGHT + timedelta(days=1))

    assert (again, AuditDraw.objects.count(), AuditItem.objects.count()) == (first, 1, 1)


def test_an_empty_week_has_an_empty_draw():
    draw = services.draw_sample(at=TUESDAY_NIGHT)

    assert (draw.population, draw.items.count()) == (0, 0)


def test_the_share_can_be_set(settings):
    settings.INTEGRITY = {"audit_percent": 50}
    for _ in range(4):
        record_at(datetime(2026, 9, 16, tzinfo=UTC))

    assert services.draw_sample(at=TUESDAY_NIGHT).items.count() == 2


# --- checking ---


@pytest.fixture
def item(record):
    return AuditItemFactory(record=record)


def decide(item, actor, at, result=AuditResult.SOUND, reason=""):
    return services.decide_item(item_id=item.pk, result=result, actor=actor, reason=reason, at=at)


def test_a_sound_record_is_said_so_and_stays(item, staff, now):
    decide(item, staff, now, reason="电话核实")

    item.refresh_from_db()
    assert (item.result, item.note, item.reviewed_by_id, item.reviewed_at) == (
        AuditResult.SOUND,
        "电话核实",
        staff.user_id,
        now,
    )
    assert ServiceRecord.objects.count() == 1
    assert AuditEntry.objects.get().action == "audit_item.sound"


def test_a_false_record_is_taken_back(item, record, staff, now):
    decide(item, staff, now, AuditResult.FRAUD, REASON)

    reversal = ServiceRecord.objects.get(kind=RecordKind.REVERSAL)
    assert (reversal.reverses, reversal.reason) == (record, REASON)
    assert OutboxEvent.objects.get().topic == "record.reversed"


def test_deciding_so_again_changes_nothing(item, staff, now):
    for hours in (0, 1):
        decide(item, staff, now + timedelta(hours=hours), AuditResult.FRAUD, REASON)

    item.refresh_from_db()
    assert (item.reviewed_at, ServiceRecord.objects.count(), AuditEntry.objects.count()) == (now, 2, 1)


def test_deciding_otherwise_afterwards_is_refused(item, staff, now):
    decide(item, staff, now)

    with pytest.raises(AuditDecided):
        decide(item, staff, now, AuditResult.FRAUD, REASON)

    assert ServiceRecord.objects.count() == 1


def test_pending_is_no_decision(item, staff, now):
    with pytest.raises(AuditDecided):
        decide(item, staff, now, AuditResult.PENDING)


def test_a_false_record_needs_a_reason(item, staff, now):
    with pytest.raises(AuditReasonRequired):
        decide(item, staff, now, AuditResult.FRAUD, "  ")


@pytest.mark.parametrize("who", ["recorded_by", "volunteer"])
def test_nobody_checks_what_they_recorded_or_served(item, record, now, who):
    user = record.recorded_by if who == "recorded_by" else record.volunteer.user
    MembershipFactory(user=user)

    with pytest.raises(OwnAudit):
        decide(item, actor_for(user), now)

    item.refresh_from_db()
    assert item.result == AuditResult.PENDING


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [(Role.SUPERVISOR, "5201", Forbidden), (Role.COMMUNITY_STAFF, "5101", NotFound)],
)
def test_who_may_not_check(item, now, role, scope, refusal):
    with pytest.raises(refusal):
        decide(item, make_actor(role, scope), now)


def test_a_record_taken_back_meanwhile_can_still_be_called_false(item, signal, record, staff, now):
    services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[record.pk], at=now)

    decide(item, staff, now, AuditResult.FRAUD, REASON)

    item.refresh_from_db()
    assert (item.result, ServiceRecord.objects.count()) == (AuditResult.FRAUD, 2)
