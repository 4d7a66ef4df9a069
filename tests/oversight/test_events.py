"""Dead events: seen by platform administrators only, and given another life with a name to it."""

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry, OutboxEvent
from backend.core.outbox.errors import EventNotDead
from backend.oversight import services
from tests.factories.accounts import make_actor, make_staff
from tests.factories.events import make_dead_event, make_delivered, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(api):
    return api(make_staff(Role.PLATFORM_ADMIN))


def test_dead_events_are_listed_without_whom_they_concern(admin):
    make_event()
    dead = make_dead_event(key="volunteer:4711")

    answer = admin.get("/api/v1/events/")

    (row,) = answer.json()["results"]
    assert (row["id"], row["state"], row["key_kind"]) == (dead.pk, "dead", "volunteer")
    assert (row["topic"], row["topic_label"], row["attempts"]) == ("record.approved", "服务记录计分", 10)
    assert row["error"] == "RuleSetMissing: no rules"
    assert "4711" not in answer.content.decode()


@pytest.mark.parametrize("state", ["waiting", "retrying", "done"])
def test_other_states_are_listed_when_asked_for(state, admin):
    make_dead_event()
    made = {
        "waiting": make_event(),
        "retrying": make_event(attempts=3),
        "done": make_delivered(1),
    }

    rows = admin.get("/api/v1/events/", {"state": state}).json()["results"]

    assert [(row["id"], row["state"]) for row in rows] == [(made[state].pk, state)]


def test_a_state_there_is_not_is_refused(admin):
    assert admin.get("/api/v1/events/", {"state": "lost"}).status_code == 400


def test_a_dead_event_is_queued_again_once_and_who_did_it_is_written_down(admin):
    dead = make_dead_event()
    other = make_dead_event()

    first = admin.post(f"/api/v1/events/{dead.pk}/retry/")
    second = admin.post(f"/api/v1/events/{dead.pk}/retry/")

    assert (first.status_code, first.json()["state"], first.json()["attempts"]) == (200, "waiting", 0)
    assert (second.status_code, second.json()["code"]) == (409, "event_not_dead")
    assert list(OutboxEvent.objects.filter(dead=True)) == [other]
    row = AuditEntry.objects.get(action="outbox.retried")
    assert (row.target_id, row.detail) == (str(dead.pk), {"topic": "record.approved", "attempts": 10})


def test_the_same_key_gets_the_same_answer(admin):
    dead = make_dead_event()
    header = {"HTTP_IDEMPOTENCY_KEY": "again"}

    answers = [admin.post(f"/api/v1/events/{dead.pk}/retry/", **header) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert AuditEntry.objects.filter(action="outbox.retried").count() == 1


def test_all_dead_events_are_queued_again_at_once(now):
    for _ in range(3):
        make_dead_event()
    waiting = make_event(attempts=4)

    assert services.retry_dead_events(actor=make_actor(Role.PLATFORM_ADMIN), at=now) == 3

    assert OutboxEvent.objects.filter(dead=True).count() == 0
    waiting.refresh_from_db()
    assert waiting.attempts == 4
    assert AuditEntry.objects.filter(action="outbox.retried").count() == 3


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLATFORM_ADMIN])
def test_nobody_else_may(role, now):
    dead = make_dead_event()
    scope = {Role.COMMUNITY_STAFF: "5201", Role.SUPERVISOR: "5201"}.get(role, 1)
    actor = make_actor(role, scope)

    with pytest.raises(Forbidden):
        services.retry_event(event_id=dead.pk, actor=actor, at=now)
    with pytest.raises(Forbidden):
        services.retry_dead_events(actor=actor, at=now)

    dead.refresh_from_db()
    assert (dead.dead, AuditEntry.objects.filter(action="outbox.retried").count()) == (True, 0)


def test_what_is_not_there_and_what_is_done_cannot_be_retried(now):
    actor = make_actor(Role.PLATFORM_ADMIN)

    with pytest.raises(NotFound):
        services.retry_event(event_id=1, actor=actor, at=now)
    with pytest.raises(EventNotDead):
        services.retry_event(event_id=make_delivered(1).pk, actor=actor, at=now)
