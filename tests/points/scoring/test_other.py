"""What is not service: entered by one, decided by another, limited by the month, and never hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.accounts.models import ScopeType
from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.ledger import queries as ledger
from points.ledger.models import Lot, Transfer
from points.scoring import services
from points.scoring.errors import (
    OtherAwardDecided,
    OtherAwardExists,
    OtherAwardIncomplete,
    OtherAwardNotInRules,
    OtherAwardReasonRequired,
    OtherAwardTraining,
    OwnOtherAward,
    ReferralUnknown,
    RuleSetMissing,
)
from points.scoring.other import awards_visible_to
from points.scoring.other_models import OtherAward
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.attendance import QualificationFactory
from tests.factories.ledger import SATURDAY, OtherAwardFactory, rules_in_force
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.choices import VolunteerStatus
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

RULES = {
    "lecture": {"points": 3, "monthly_limit": 7},
    "referral": {"points": 2, "monthly_limit": 10},
    "training": {"points": 5, "monthly_limit": 20},
    "donated_goods": {"points": 4, "monthly_limit": 20},
}


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture(autouse=True)
def rules():
    return rules_in_force(other_awards=RULES)


@pytest.fixture
def clerk():
    return make_actor(Role.COMMUNITY_STAFF, "5201")


@pytest.fixture
def checker():
    return make_actor(Role.COMMUNITY_STAFF, "5201")


@pytest.fixture
def now():
    return datetime(2026, 9, 20, 4, tzinfo=UTC)


@pytest.fixture
def enter(zhang, clerk, now):
    def enter_with(**changes):
        facts = {
            "volunteer_id": zhang.pk,
            "kind": "lecture",
            "quantity": 1,
            "day": SATURDAY,
            "reference": "急救讲座",
            "evidence": "签到表第 3 页",
            "actor": clerk,
            "at": now,
        }
        return services.give_other_award(**facts | changes)

    return enter_with


@pytest.fixture
def approve(checker, now):
    return lambda award: services.approve_other_award(award_id=award.pk, actor=checker, at=now)


def available(volunteer, at):
    return ledger.balance(volunteer, at=at).available


def test_what_is_entered_earns_nothing_before_somebody_else_agrees(enter, zhang, clerk, now):
    made = enter()

    assert (made.state, made.entered_by_id, made.points) == ("waiting", clerk.user_id, None)
    assert available(zhang, now) == 0
    assert AuditEntry.objects.get().action == "other_award.entered"


def test_an_approved_lecture_earns_points_and_no_hours(enter, approve, zhang, rules, now):
    made = approve(enter())

    made.refresh_from_db()
    assert (made.state, made.points, made.rule_set, made.decided_at) == ("approved", 3, rules, now)
    assert made.transfer.key == f"other_award:{made.pk}"
    assert made.transfer.sentence_zh == "参加讲座 1 次，计 3 积分。"
    assert made.transfer.created_by_id == made.decided_by_id != made.entered_by_id
    assert made.breakdown["lines"] == [{"code": "lecture", "points": 3, "zh": "参加讲座", "en": "lecture"}]
    assert Lot.objects.get().expires_at == datetime(2027, 12, 31, 16, tzinfo=UTC)
    assert available(zhang, now) == 3
    assert not ServiceRecord.objects.exists()


def test_approving_again_changes_nothing(enter, approve, zhang, now):
    made = enter()
    approve(made)

    approve(made)

    assert (available(zhang, now), Transfer.objects.count()) == (3, 1)


def test_the_month_of_the_day_has_a_limit_for_each_kind(enter, approve, zhang, now):
    lectures = [enter(day=SATURDAY - timedelta(days=week), reference=f"讲座{week}") for week in range(3)]
    august = enter(day=date(2026, 8, 31), reference="八月讲座")
    training = enter(kind="training", reference="first-aid")

    points = [approve(award).points for award in (*lectures, august, training)]

    assert points == [3, 3, 1, 3, 5]
    assert available(zhang, now) == 15


def test_over_the_limit_it_is_approved_for_nothing_and_says_so(enter, approve, zhang, now):
    approve(enter(quantity=3))

    over = approve(enter(reference="另一场"))

    assert (over.points, over.transfer, available(zhang, now)) == (0, None, 7)
    assert over.breakdown["zh"] == "参加讲座 1 次，当月以 7 分为限，计 0 积分。"


def test_another_persons_month_is_their_own(enter, approve, zhang, now):
    approve(enter(quantity=3))
    other = VolunteerFactory()

    approve(enter(volunteer_id=other.pk, quantity=3))

    assert (available(zhang, now), available(other, now)) == (7, 7)


def test_who_entered_it_does_not_decide(enter, clerk, now):
    made = enter()

    with pytest.raises(OwnOtherAward):
        services.approve_other_award(award_id=made.pk, actor=clerk, at=now)
    with pytest.raises(OwnOtherAward):
        services.reject_other_award(award_id=made.pk, actor=clerk, reason="没来", at=now)


def test_nobody_enters_or_approves_for_themselves(enter, zhang, now):
    MembershipFactory(
        user=zhang.user, role=Role.COMMUNITY_STAFF, scope_type=ScopeType.REGION, scope_id="5201"
    )
    own = actor_for(zhang.user)

    with pytest.raises(OwnOtherAward):
        enter(actor=own)
    with pytest.raises(OwnOtherAward):
        services.approve_other_award(award_id=enter().pk, actor=own, at=now)


def test_rejecting_says_why_and_leaves_room_to_enter_it_again(enter, approve, zhang, checker, now):
    made = enter()

    with pytest.raises(OtherAwardReasonRequired):
        services.reject_other_award(award_id=made.pk, actor=checker, reason=" ", at=now)
    rejected = services.reject_other_award(award_id=made.pk, actor=checker, reason="签到表上没有", at=now)
    services.reject_other_award(award_id=made.pk, actor=checker, reason="再说一次", at=now)

    assert (rejected.state, rejected.decision_reason, available(zhang, now)) == (
        "rejected",
        "签到表上没有",
        0,
    )
    with pytest.raises(OtherAwardDecided):
        approve(made)
    assert approve(enter()).points == 3


def test_what_was_approved_is_not_rejected(enter, approve, checker, now):
    made = approve(enter())

    with pytest.raises(OtherAwardDecided):
        services.reject_other_award(award_id=made.pk, actor=checker, reason="错了", at=now)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "party"),
        ("quantity", 0),
        ("quantity", 101),
        ("day", date(2026, 9, 21)),
        ("reference", "  "),
        ("evidence", ""),
    ],
)
def test_what_is_not_whole_is_refused_at_its_field(enter, field, value):
    with pytest.raises(OtherAwardIncomplete) as caught:
        enter(**{field: value})

    assert caught.value.field == field


def test_the_same_thing_is_entered_once(enter):
    enter()

    with pytest.raises(OtherAwardExists):
        enter(quantity=2)


@pytest.mark.parametrize("kind", ["referral", "donated_goods"])
def test_a_new_volunteer_and_a_donation_count_for_one_person_only(enter, kind):
    reference = VolunteerFactory().number
    enter(kind=kind, reference=reference)

    with pytest.raises(OtherAwardExists):
        enter(kind=kind, reference=reference, volunteer_id=VolunteerFactory().pk, day=date(2026, 9, 1))


def test_a_referral_names_another_active_volunteer(enter, zhang):
    pending = VolunteerFactory(status=VolunteerStatus.PENDING)

    for number in (zhang.number, pending.number, "999999999999"):
        with pytest.raises(ReferralUnknown):
            enter(kind="referral", reference=number)


def test_a_training_may_name_its_record_and_counts_once(enter, zhang):
    held = QualificationFactory(volunteer=zhang)
    enter(kind="training", reference="first-aid", qualification_id=held.pk)

    with pytest.raises(OtherAwardExists):
        enter(kind="training", reference="again", qualification_id=held.pk)


def test_a_training_record_is_the_volunteers_own_and_holds(enter, zhang, now):
    revoked = QualificationFactory(volunteer=zhang, revoked_at=now)

    for pk in (QualificationFactory().pk, revoked.pk, 2**40):
        with pytest.raises(OtherAwardTraining):
            enter(kind="training", qualification_id=pk)
    with pytest.raises(OtherAwardTraining):
        enter(qualification_id=QualificationFactory(volunteer=zhang).pk)


def test_what_the_rules_do_not_name_is_not_entered(enter, rules):
    other = rules_in_force(region_code="520102000000")
    assert "other_awards" not in other.document

    with pytest.raises(OtherAwardNotInRules):
        enter()
    with pytest.raises(RuleSetMissing):
        enter(day=date(2020, 1, 1))


def test_only_staff_of_the_region_enter_and_decide(enter, zhang, now):
    made = enter()

    for role, scope, refusal in (
        (Role.SUPERVISOR, "5201", Forbidden),
        (Role.SITE_MANAGER, 1, Forbidden),
        (Role.COMMUNITY_STAFF, "51", NotFound),
    ):
        actor = make_actor(role, scope)
        with pytest.raises(refusal):
            enter(actor=actor, reference="另一场")
        with pytest.raises(refusal):
            services.approve_other_award(award_id=made.pk, actor=actor, at=now)
        with pytest.raises(refusal):
            services.reject_other_award(award_id=made.pk, actor=actor, reason="x", at=now)


def test_everybody_sees_their_own_and_staff_those_of_their_regions(zhang):
    mine, other = OtherAwardFactory(volunteer=zhang), OtherAwardFactory()

    seen = {
        "own": set(awards_visible_to(actor_for(zhang.user))),
        "here": set(awards_visible_to(make_actor(Role.SUPERVISOR, "5201"))),
        "elsewhere": set(awards_visible_to(make_actor(Role.COMMUNITY_STAFF, "51"))),
    }

    assert seen == {"own": {mine}, "here": {mine, other}, "elsewhere": set()}
    assert OtherAward.objects.count() == 2
