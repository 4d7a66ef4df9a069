"""Full values are read for a purpose, by staff of the region, and every reading is a row."""

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import make_actor
from tests.factories.volunteers import GuardianFactory, VolunteerFactory
from volunteers.people import services
from volunteers.people.errors import RevealReasonRequired

pytestmark = pytest.mark.django_db


@pytest.fixture
def volunteer():
    made = VolunteerFactory(id_number="E87654321", user__phone="13900001234")
    GuardianFactory(volunteer=made)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("field", "value"),
    [("id_number", "E87654321"), ("phone", "13900001234"), ("guardian_phone", "13700001234")],
)
def test_staff_of_the_region_read_a_full_value_and_leave_a_trace(volunteer, field, value, now):
    actor = make_actor(Role.COMMUNITY_STAFF, "5201")

    shown = services.reveal(volunteer=volunteer, field=field, actor=actor, reason=" 核验身份 ", at=now)

    entry = AuditEntry.objects.get()
    assert shown == value
    assert (entry.actor_id, entry.action, entry.target_id) == (
        actor.user_id,
        "volunteer.revealed",
        str(volunteer.pk),
    )
    assert entry.detail == {"field": field, "reason": "核验身份"}


def test_what_is_not_there_is_empty(now):
    volunteer, actor = VolunteerFactory(), make_actor(Role.PLATFORM_ADMIN)

    shown = services.reveal(volunteer=volunteer, field="guardian_phone", actor=actor, reason="联系", at=now)

    assert shown == ""


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.SITE_MANAGER, 1, Forbidden),
    ],
)
def test_nobody_else_reads_it(volunteer, role, scope, refusal, now):
    with pytest.raises(refusal):
        services.reveal(
            volunteer=volunteer, field="id_number", actor=make_actor(role, scope), reason="看看", at=now
        )

    assert not AuditEntry.objects.exists()


def test_a_purpose_is_asked_for(volunteer, now):
    with pytest.raises(RevealReasonRequired):
        services.reveal(
            volunteer=volunteer, field="phone", actor=make_actor(Role.PLATFORM_ADMIN), reason=" ", at=now
        )

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("field", ["id_index", "password", ""])
def test_other_fields_are_never_shown(volunteer, field, now):
    with pytest.raises(Forbidden):
        services.reveal(
            volunteer=volunteer, field=field, actor=make_actor(Role.PLATFORM_ADMIN), reason="核验", at=now
        )

    assert not AuditEntry.objects.exists()
