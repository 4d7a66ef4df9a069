"""Who lives together: kept by community staff, found by number, and open to objection."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import StaffFactory, make_actor, make_staff
from tests.factories.database import guards_of, refused_by
from tests.factories.regions import COMMUNITY, RegionFactory
from tests.factories.volunteers import VolunteerFactory, make_household
from volunteers.people import errors, households
from volunteers.people.household_models import Household, HouseholdMember, HouseholdRequest
from volunteers.people.queries import home_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Actor:
    return make_actor(Role.COMMUNITY_STAFF, "520102001")


def trail() -> list[tuple[str, str, dict[str, object]]]:
    rows = AuditEntry.objects.order_by("pk").values_list("action", "target_id", "detail")
    return [tuple(row) for row in rows]


def test_a_household_is_opened_filled_emptied_and_closed_and_all_of_it_is_in_the_trail(staff, now):
    region = RegionFactory(code=COMMUNITY)
    zhang, li = VolunteerFactory(region=region), VolunteerFactory(region=region)

    home = households.open_household(
        name=" 陈桂兰 ", contact="13800001234", region_code=COMMUNITY, actor=staff, at=now
    )
    for each in (zhang, li):
        households.add_member(household_id=home.pk, number=each.number, actor=staff, at=now)
    households.remove_member(household_id=home.pk, volunteer_id=li.pk, actor=staff, at=now)
    for _ in range(2):
        closed = households.close_household(household_id=home.pk, actor=staff, at=now)

    assert (home.name.open(), home.opened_by_id, closed.closed_at) == ("陈桂兰", staff.user_id, now)
    assert "陈桂兰" not in str(Household.objects.values_list("name", "contact").get())
    assert list(HouseholdMember.objects.values_list("left_at", flat=True)) == [now, now]
    with pytest.raises(errors.HouseholdClosed):
        households.add_member(household_id=home.pk, number=li.number, actor=staff, at=now)
    key = str(home.pk)
    assert trail() == [
        ("household.opened", key, {}),
        ("household.member_added", key, {"volunteer": zhang.pk}),
        ("household.member_added", key, {"volunteer": li.pk}),
        ("household.member_removed", key, {"volunteer": li.pk}),
        ("household.member_removed", key, {"volunteer": zhang.pk}),
        ("household.closed", key, {}),
    ]


def test_who_may_not_is_told_so_and_nothing_changes(staff, now):
    home = make_household()
    neighbour, away = VolunteerFactory(), VolunteerFactory(region__code="510104001001")
    settled = VolunteerFactory()
    make_household(settled)
    elsewhere, clerk = make_actor(Role.COMMUNITY_STAFF, "5101"), make_actor(Role.STORE_CLERK, 1)

    def add(number: str, actor: Actor = staff) -> None:
        households.add_member(household_id=home.pk, number=number, actor=actor, at=now)

    for refusal, number, actor in (
        (Forbidden, neighbour.number, clerk),
        (NotFound, neighbour.number, elsewhere),
        (errors.HouseholdVolunteerUnknown, away.number, staff),
        (errors.HouseholdVolunteerUnknown, "x", staff),
        (errors.HouseholdTaken, settled.number, staff),
    ):
        with pytest.raises(refusal):
            add(number, actor)
    for change in (
        lambda: households.open_household(name="陈", contact="", region_code=COMMUNITY, actor=clerk, at=now),
        lambda: households.close_household(household_id=home.pk, actor=clerk, at=now),
    ):
        with pytest.raises(Forbidden):
            change()
    with pytest.raises(NotFound):
        households.open_household(name="陈", contact="", region_code=COMMUNITY, actor=elsewhere, at=now)
    with pytest.raises(errors.NameInvalid):
        households.open_household(name=" ", contact="", region_code=COMMUNITY, actor=staff, at=now)
    with pytest.raises(NotFound):
        households.remove_member(household_id=home.pk, volunteer_id=neighbour.pk, actor=staff, at=now)

    assert (home.members.count(), Household.objects.count(), trail()) == (0, 2, [])


def test_staff_do_not_touch_the_household_they_live_in(now):
    user = make_staff(Role.COMMUNITY_STAFF, "520102001")
    me, wife = VolunteerFactory(user=user), VolunteerFactory()
    home, other = make_household(me, wife), make_household()
    actor = actor_for(user)

    with pytest.raises(errors.OwnHousehold):
        households.remove_member(household_id=home.pk, volunteer_id=me.pk, actor=actor, at=now)
    with pytest.raises(errors.OwnHousehold):
        households.close_household(household_id=home.pk, actor=actor, at=now)
    with pytest.raises(errors.OwnHousehold):
        households.add_member(household_id=other.pk, number=me.number, actor=actor, at=now)
    asked = households.ask_correction(volunteer=wife, reason="我们不住一起", at=now)
    with pytest.raises(errors.OwnHousehold):
        households.answer_request(request_id=asked.pk, fixed=True, answer="好", actor=actor, at=now)

    assert home.members.filter(left_at=None).count() == 2


def test_every_reading_of_a_full_value_names_its_purpose_and_is_in_the_trail(staff, now):
    home = make_household(contact="13800001234")

    told = [
        households.reveal(household_id=home.pk, field=field, reason="上门探访", actor=staff, at=now)
        for field in ("name", "contact")
    ]

    assert told == ["陈桂兰", "13800001234"]
    assert trail() == [
        ("household.revealed", str(home.pk), {"field": field, "reason": "上门探访"})
        for field in ("name", "contact")
    ]
    with pytest.raises(errors.RevealReasonRequired):
        households.reveal(household_id=home.pk, field="name", reason=" ", actor=staff, at=now)
    with pytest.raises(Forbidden):
        households.reveal(household_id=home.pk, field="number", reason="看看", actor=staff, at=now)
    assert len(trail()) == 2


def test_a_volunteer_objects_and_is_taken_out_or_told_why_not(staff, now):
    zhang, li = VolunteerFactory(), VolunteerFactory()
    make_household(zhang, li)
    asked = [households.ask_correction(volunteer=each, reason="不是我家", at=now) for each in (zhang, li)]

    with pytest.raises(errors.HouseholdRequestWaits):
        households.ask_correction(volunteer=zhang, reason="再说一次", at=now)
    with pytest.raises(errors.NoHousehold):
        households.ask_correction(volunteer=VolunteerFactory(), reason="没有家", at=now)
    with pytest.raises(errors.HouseholdReasonRequired):
        households.answer_request(request_id=asked[0].pk, fixed=True, answer=" ", actor=staff, at=now)
    households.answer_request(request_id=asked[0].pk, fixed=True, answer="已移出", actor=staff, at=now)
    households.answer_request(request_id=asked[1].pk, fixed=False, answer="户口本一致", actor=staff, at=now)
    with pytest.raises(errors.HouseholdRequestAnswered):
        households.answer_request(request_id=asked[0].pk, fixed=False, answer="错", actor=staff, at=now)

    assert (home_of(zhang), home_of(li).volunteer) == (None, li)
    assert sorted(HouseholdRequest.objects.values_list("state", "answer")) == [
        ("fixed", "已移出"),
        ("kept", "户口本一致"),
    ]


def test_what_the_database_refuses_about_households(staff, now):
    user = StaffFactory()
    me = VolunteerFactory(user=user)
    home = make_household(me)
    rows = Household.objects.filter(pk=home.pk)
    member = home.members.get()
    asked = households.ask_correction(volunteer=me, reason="不是", at=now)
    requests = HouseholdRequest.objects.filter(pk=asked.pk)

    for change in (
        lambda: rows._raw_delete("default"),
        lambda: rows.update(number="9" * 12),
        lambda: rows.update(closed_at=now),
    ):
        with refused_by("household_closes_empty"):
            change()
    for constraint, fields in (
        ("household_request_answered", {"state": "fixed"}),
        ("household_request_is_history", {"reason": "别的"}),
        (
            "household_request_state_known",
            {"state": "dream", "answer": "x", "answered_by": user, "answered_at": now},
        ),
    ):
        with refused_by(constraint):
            requests.update(**fields)
    with refused_by("household_request_open_once"):
        HouseholdRequest.objects.create(member=member, reason="x", asked_at=now)
    with refused_by("household_request_explained"):
        HouseholdRequest.objects.create(
            member=member,
            reason="",
            asked_at=now,
            state="kept",
            answer="x",
            answered_by=user,
            answered_at=now,
        )
    HouseholdMember.objects.update(left_at=now)
    with refused_by("household_not_own"):
        HouseholdMember.objects.create(household=home, volunteer=me, joined_at=now, added_by=user)
    rows.update(closed_at=now)
    with refused_by("household_closes_empty"):
        rows.update(closed_at=now + timedelta(days=1))
    with refused_by("household_takes_members"):
        HouseholdMember.objects.create(household=home, volunteer=VolunteerFactory(), joined_at=now)
    with refused_by("household_number_form"):
        make_household(number="0")
    with refused_by("household_number_once"):
        make_household(number=home.number)
    with refused_by("household_closed_after_opened"):
        make_household(closed_at=now - timedelta(days=9999))

    elsewhere = {"household_one_home", "household_left_after_joined", "household_member_is_history"}
    here = {
        "household_closes_empty", "household_closed_after_opened", "household_number_form",
        "household_number_once", "household_request_answered", "household_request_explained",
        "household_request_is_history", "household_request_open_once", "household_request_state_known",
    }  # fmt: skip
    of_two = {"household_member_joins"}  # the trigger of household_takes_members and household_not_own
    assert guards_of(Household, HouseholdMember, HouseholdRequest) == here | elsewhere | of_two
