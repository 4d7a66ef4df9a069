"""Staff decide about registrations; nobody decides about their own."""

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.volunteers import VolunteerFactory
from volunteers.people import services
from volunteers.people.choices import VolunteerStatus
from volunteers.people.errors import AlreadyReviewed, OwnRegistration, ReviewReasonRequired

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting():
    return VolunteerFactory(status=VolunteerStatus.PENDING)


def test_approval_makes_the_volunteer_active_and_says_who_did(waiting, now):
    actor = make_actor(Role.COMMUNITY_STAFF, "520102")

    services.approve_registration(volunteer=waiting, actor=actor, at=now)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.reviewed_by_id, waiting.reviewed_at) == ("active", actor.user_id, now)
    assert AuditEntry.objects.get().action == "volunteer.active"


def test_rejection_keeps_the_reason_for_the_applicant(waiting, now):
    actor = make_actor(Role.PLATFORM_ADMIN)

    services.reject_registration(volunteer=waiting, actor=actor, reason=" 照片不清 ", at=now)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.review_reason) == ("rejected", "照片不清")


@pytest.mark.parametrize("decide", [services.reject_registration, services.suspend])
def test_turning_somebody_away_needs_a_reason(decide, waiting, now):
    with pytest.raises(ReviewReasonRequired):
        decide(volunteer=waiting, actor=make_actor(Role.PLATFORM_ADMIN), reason="  ", at=now)

    waiting.refresh_from_db()
    assert waiting.status == VolunteerStatus.PENDING


def test_a_suspension_ends_with_reinstatement(now):
    volunteer, actor = VolunteerFactory(), make_actor(Role.COMMUNITY_STAFF, "52")

    suspended = services.suspend(volunteer=volunteer, actor=actor, reason="泄露服务对象信息", at=now)
    reinstated = services.reinstate(volunteer=volunteer, actor=actor, reason="整改完成", at=now)

    assert (suspended.status, reinstated.status) == ("suspended", "active")


@pytest.mark.parametrize(
    ("status", "decide"),
    [
        (VolunteerStatus.ACTIVE, services.approve_registration),
        (VolunteerStatus.ACTIVE, services.reject_registration),
        (VolunteerStatus.PENDING, services.suspend),
    ],
)
def test_a_decision_that_does_not_fit_the_state_is_refused(status, decide, now):
    volunteer = VolunteerFactory(status=status)

    with pytest.raises(AlreadyReviewed):
        decide(volunteer=volunteer, actor=make_actor(Role.PLATFORM_ADMIN), reason="原因", at=now)

    volunteer.refresh_from_db()
    assert (volunteer.status, volunteer.reviewed_at) == (status, None)


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.SITE_MANAGER, 1, Forbidden),
        (Role.ORGANIZATION_MANAGER, 1, Forbidden),
    ],
)
def test_nobody_else_decides(waiting, role, scope, refusal, now):
    with pytest.raises(refusal):
        services.approve_registration(volunteer=waiting, actor=make_actor(role, scope), at=now)

    waiting.refresh_from_db()
    assert waiting.status == VolunteerStatus.PENDING


def test_staff_do_not_approve_themselves(waiting, now):
    MembershipFactory(user=waiting.user)

    with pytest.raises(OwnRegistration):
        services.approve_registration(volunteer=waiting, actor=actor_for(waiting.user), at=now)

    waiting.refresh_from_db()
    assert waiting.status == VolunteerStatus.PENDING
