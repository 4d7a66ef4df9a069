"""`/points/other-awards/`."""

import pytest

from backend.accounts.scopes import Role
from points.ledger.models import Transfer
from points.scoring.other_models import OtherAward
from tests.factories.accounts import make_staff
from tests.factories.ledger import OtherAwardFactory, rules_in_force
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

AWARDS = "/api/v1/points/other-awards/"


@pytest.fixture(autouse=True)
def rules():
    return rules_in_force(other_awards={"lecture": {"points": 3, "monthly_limit": 7}})


@pytest.fixture
def staff(api):
    return api(make_staff(Role.COMMUNITY_STAFF, "5201"))


def lecture(of, **more):
    return {
        "volunteer": of.pk,
        "kind": "lecture",
        "day": "2026-09-12",
        "reference": "急救讲座",
        "evidence": "签到表第 3 页",
        **more,
    }


def test_staff_enter_an_award_and_read_it_back_masked(staff, api):
    zhang = VolunteerFactory()

    answer = staff.post(AWARDS, lecture(zhang))

    made = OtherAward.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": made.pk,
        "volunteer": {"number": zhang.number, "name": "张*明"},
        "kind": "lecture",
        "kind_label": "参加讲座",
        "quantity": 1,
        "day": "2026-09-12",
        "reference": "急救讲座",
        "evidence": "签到表第 3 页",
        "state": "waiting",
        "entered_at": answer.json()["entered_at"],
        "decided_at": None,
        "decision_reason": "",
        "points": None,
    }
    assert [found["id"] for found in staff.get(AWARDS).json()["results"]] == [made.pk]
    assert api(zhang.user).get(AWARDS).json()["results"] == [answer.json()]


def test_a_repeated_request_enters_and_approves_once(staff, api):
    checker = api(make_staff(Role.COMMUNITY_STAFF, "5201"))
    zhang = VolunteerFactory()

    entered = [
        staff.post(AWARDS, lecture(zhang), headers={"Idempotency-Key": "enter"}).status_code for _ in range(2)
    ]
    path = f"{AWARDS}{OtherAward.objects.get().pk}/approve/"
    approved = [checker.post(path, headers={"Idempotency-Key": "yes"}).json()["points"] for _ in range(2)]

    assert (entered, approved, Transfer.objects.count()) == ([201, 201], [3, 3], 1)


def test_a_rejected_one_says_why(api):
    checker = api(make_staff(Role.COMMUNITY_STAFF, "5201"))
    path = f"{AWARDS}{OtherAwardFactory().pk}/reject/"

    assert checker.post(path, {}).status_code == 400
    answer = checker.post(path, {"reason": "签到表上没有"}).json()

    assert (answer["state"], answer["decision_reason"], answer["points"]) == (
        "rejected",
        "签到表上没有",
        None,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "party"}, "invalid_choice"),
        ({"quantity": 0}, "min_value"),
        ({"day": "soon"}, "invalid"),
        ({"reference": "x" * 81}, "max_length"),
        ({"volunteer": 2**70}, "max_value"),
        ({"qualification": "x"}, "invalid"),
    ],
)
def test_bad_input_is_named(staff, change, code):
    answer = staff.post(AWARDS, lecture(VolunteerFactory(), **change))

    assert answer.status_code == 400
    assert code in answer.content.decode()
    assert not OtherAward.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"kind": "training"}, 409, "other_award_not_in_rules"),
        ({"day": "2999-01-01"}, 400, "other_award_incomplete"),
        ({"volunteer": 2**40}, 404, "not_found"),
    ],
)
def test_what_the_rules_refuse_has_its_code(staff, change, status, code):
    answer = staff.post(AWARDS, lecture(VolunteerFactory(), **change))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_list_is_narrowed_by_state_and_kind(staff):
    OtherAwardFactory()

    found = [
        len(staff.get(AWARDS, query).json()["results"])
        for query in ({"state": "approved"}, {"kind": "lecture"})
    ]

    assert found == [0, 1]
