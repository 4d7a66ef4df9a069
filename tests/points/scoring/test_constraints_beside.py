"""What PostgreSQL refuses about bonuses and other awards."""

from datetime import date

import pytest
from django.db import connection

from backend.accounts.scopes import Role
from points.ledger.models import Transfer
from points.scoring.bonus_models import BonusAward
from points.scoring.other import approve_other_award
from points.scoring.other_models import OtherAward
from points.scoring.services import award_records
from tests.factories.accounts import StaffFactory, make_actor
from tests.factories.attendance import QualificationFactory
from tests.factories.database import refused_by
from tests.factories.ledger import LONG_AGO, SATURDAY, OtherAwardFactory, rules_in_force, serve
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

APPROVED = {"state": "approved", "points": 0, "decided_at": LONG_AGO}


@pytest.fixture
def bonuses(now):
    """A first service and a second month in a row."""
    rules_in_force(bonuses={"first_service": 5, "months_in_a_row": [{"months": 2, "points": 3}]})
    zhang = VolunteerFactory()
    records = [serve(60, volunteer=zhang, day=date(2026, month, 12)) for month in (8, 9)]
    award_records(record_ids=[record.pk for record in records], at=now)
    return {row.kind: row for row in BonusAward.objects.all()}


@pytest.mark.parametrize(
    ("kind", "change", "constraint"),
    [
        ("first_service", {}, "bonus_first_service_once"),
        ("months_in_a_row", {"months": 3}, "bonus_month_once"),
        ("first_service", {"month": SATURDAY}, "bonus_kind_sound"),
        ("months_in_a_row", {"month": None}, "bonus_kind_sound"),
        ("months_in_a_row", {"months": 1}, "bonus_kind_sound"),
        ("first_service", {"kind": "birthday"}, "bonus_kind_sound"),
        ("first_service", {"points": 0}, "bonus_points_positive"),
    ],
)
def test_the_database_knows_what_a_bonus_is(bonuses, kind, change, constraint):
    again = bonuses[kind]
    again.pk, again.transfer = None, Transfer.objects.filter(source_type="record")[0]
    for name, value in change.items():
        setattr(again, name, value)

    with refused_by(constraint):
        again.save(force_insert=True)


def test_a_transfer_stands_for_one_bonus(bonuses):
    row = bonuses["months_in_a_row"]
    row.pk, row.month = None, date(2026, 12, 1)

    with refused_by("bonus_transfer_once"):
        row.save(force_insert=True)


def test_what_took_a_bonus_back_has_a_time(bonuses):
    first, row = bonuses["first_service"], bonuses["months_in_a_row"]
    row.pk, row.taken_back = None, first.transfer

    with refused_by("bonus_taken_back_dated"):
        row.save(force_insert=True)


@pytest.mark.parametrize(
    "change", [{"points": 500}, {"taken_back_at": LONG_AGO, "points": 500}, {"at": LONG_AGO}]
)
def test_a_bonus_is_not_rewritten(bonuses, change):
    with refused_by("bonus_is_a_fact"):
        BonusAward.objects.update(**change)


def test_a_bonus_is_taken_back_once_and_never_removed(bonuses):
    BonusAward.objects.update(taken_back_at=LONG_AGO)

    with refused_by("bonus_is_a_fact"):
        BonusAward.objects.update(taken_back_at=None)
    with refused_by("bonus_is_a_fact"):
        BonusAward.objects.all()._raw_delete("default")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"kind": "party"}, "other_award_complete"),
        ({"quantity": 0}, "other_award_complete"),
        ({"quantity": 101}, "other_award_complete"),
        ({"reference": ""}, "other_award_complete"),
        ({"evidence": ""}, "other_award_complete"),
        ({"state": "lost"}, "other_award_state_sound"),
        ({"state": "approved"}, "other_award_state_sound"),
        ({"state": "rejected"}, "other_award_state_sound"),
        ({"decided_at": LONG_AGO}, "other_award_state_sound"),
        ({"points": 0}, "other_award_state_sound"),
    ],
)
def test_the_database_knows_what_an_other_award_is(change, constraint):
    with refused_by(constraint):
        OtherAwardFactory(**change)


def test_points_of_an_other_award_have_a_transfer():
    decided = APPROVED | {"rule_set": rules_in_force(), "decided_by": StaffFactory(), "points": 3}

    with refused_by("other_award_points_have_a_transfer"):
        OtherAwardFactory(**decided)


def test_a_transfer_stands_for_one_other_award(now):
    rules = rules_in_force(other_awards={"lecture": {"points": 3, "monthly_limit": 7}})
    checker = make_actor(Role.COMMUNITY_STAFF, "5201")
    award = approve_other_award(award_id=OtherAwardFactory().pk, actor=checker, at=now)
    decided = APPROVED | {"rule_set": rules, "decided_by": StaffFactory(), "points": 3}

    with refused_by("other_award_transfer_once"):
        OtherAwardFactory(**decided, transfer=award.transfer)


def test_who_rejects_says_why():
    with refused_by("other_award_state_sound"):
        OtherAwardFactory(state="rejected", decided_by=StaffFactory(), decided_at=LONG_AGO)


def test_a_second_person_decides():
    waiting = OtherAwardFactory()
    decided = APPROVED | {"rule_set": rules_in_force(), "decided_by": waiting.entered_by}

    with refused_by("other_award_decided_by_another"):
        OtherAward.objects.update(**decided)


def test_nobody_gives_points_to_themselves():
    zhang = VolunteerFactory()
    waiting = OtherAwardFactory(volunteer=zhang)
    decided = APPROVED | {"rule_set": rules_in_force(), "decided_by": zhang.user}

    with refused_by("other_award_not_for_oneself"):
        OtherAwardFactory(volunteer=zhang, reference="另一场", entered_by=zhang.user)
    with refused_by("other_award_not_for_oneself"):
        OtherAward.objects.filter(pk=waiting.pk).update(**decided)


def test_one_thing_is_entered_once():
    waiting = OtherAwardFactory()

    with refused_by("other_award_once"):
        OtherAwardFactory(volunteer=waiting.volunteer)


@pytest.mark.parametrize("kind", ["referral", "donated_goods"])
def test_one_donation_or_new_volunteer_counts_for_one_person(kind):
    OtherAwardFactory(kind=kind, reference="D-2026-118")

    with refused_by("other_award_reference_once"):
        OtherAwardFactory(kind=kind, reference="D-2026-118")


def test_a_training_counts_once_for_its_holder():
    held = QualificationFactory()
    mine = {"volunteer": held.volunteer, "qualification": held}
    OtherAwardFactory(kind="training", **mine)

    with refused_by("other_award_training_once"):
        OtherAwardFactory(kind="training", reference="again", **mine)
    with refused_by("other_award_qualification_by_kind"):
        OtherAwardFactory(kind="lecture", reference="again", **mine)
    with refused_by("other_award_own_training"):
        OtherAwardFactory(kind="training", qualification=held)


def test_an_other_award_is_decided_once_and_otherwise_stays(now):
    rules_in_force(other_awards={"lecture": {"points": 3, "monthly_limit": 7}})
    waiting = OtherAwardFactory()

    with refused_by("other_award_is_a_fact"):
        OtherAward.objects.update(quantity=50)
    with refused_by("other_award_is_a_fact"):
        OtherAward.objects.all()._raw_delete("default")
    approve_other_award(award_id=waiting.pk, actor=make_actor(Role.COMMUNITY_STAFF, "5201"), at=now)
    with refused_by("other_award_is_a_fact"):
        OtherAward.objects.update(state="rejected", decision_reason="错了", points=None, transfer=None)
    connection.check_constraints()
