"""`/market/redemptions/{id}/collect/` and `/cancel/`: what happens at the counter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role
from points.ledger import queries as ledger
from points.market.choices import MoveKind
from points.market.models import StockMove
from points.market.redemption_models import Redemption
from tests.factories.accounts import make_staff
from tests.factories.market import StoreFactory, make_clerk, make_product, make_redeemer, reserve

pytestmark = pytest.mark.django_db

REDEMPTIONS = "/api/v1/market/redemptions/"


@pytest.fixture
def rice():
    return make_product(10)


@pytest.fixture
def volunteer():
    return make_redeemer(100)


def test_the_clerk_hands_over(api, volunteer, rice):
    redemption = reserve(volunteer, rice, 2, at=timezone.now())

    answer = api(make_clerk(rice.store)).post(
        f"{REDEMPTIONS}{redemption.pk}/collect/", {"code": redemption.code}
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "collected")
    assert answer.json()["code"] is None


def test_a_used_code_is_refused(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())
    address = f"{REDEMPTIONS}{redemption.pk}/collect/"
    clerk = api(make_clerk(rice.store))
    clerk.post(address, {"code": redemption.code})

    answer = clerk.post(address, {"code": redemption.code})

    assert (answer.status_code, answer.json()["code"]) == (409, "redemption_already_collected")
    assert StockMove.objects.filter(kind=MoveKind.ISSUE).count() == 1


def test_a_repeated_tap_of_the_same_clerk_gets_the_same_answer(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())
    clerk = api(make_clerk(rice.store))

    answers = [
        clerk.post(
            f"{REDEMPTIONS}{redemption.pk}/collect/",
            {"code": redemption.code},
            headers={"Idempotency-Key": "tap"},
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert StockMove.objects.filter(kind=MoveKind.ISSUE).count() == 1


def test_a_lapsed_code_is_refused(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now() - timedelta(hours=25))

    answer = api(make_clerk(rice.store)).post(
        f"{REDEMPTIONS}{redemption.pk}/collect/", {"code": redemption.code}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "redemption_lapsed")


def test_another_stores_clerk_does_not_find_it(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())

    answer = api(make_clerk(StoreFactory.create())).post(
        f"{REDEMPTIONS}{redemption.pk}/collect/", {"code": redemption.code}
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("role", [Role.PLATFORM_ADMIN, Role.SUPERVISOR])
def test_who_is_no_clerk_hands_nothing_over(api, volunteer, rice, role):
    redemption = reserve(volunteer, rice, at=timezone.now())
    user = make_staff(role, "52" if role == Role.SUPERVISOR else "")

    answer = api(user).post(f"{REDEMPTIONS}{redemption.pk}/collect/", {"code": redemption.code})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"code": ""}, "invalid"),
        ({"code": "A\x00"}, "invalid"),
        ({"code": "A" * 4000}, "invalid"),
        ({"code": ["A"]}, "invalid"),
        ({"code": "ABCDEFGHJK"}, "pickup_code_wrong"),
        ({"code": "<b>"}, "pickup_code_wrong"),
        ({"code": "领取码"}, "pickup_code_wrong"),
    ],
)
def test_a_wrong_code_moves_nothing(api, volunteer, rice, body, code):
    redemption = reserve(volunteer, rice, at=timezone.now())

    answer = api(make_clerk(rice.store)).post(f"{REDEMPTIONS}{redemption.pk}/collect/", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Redemption.objects.get().status == "reserved"


def test_the_owner_cancels(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())

    answer = api(volunteer.user).post(f"{REDEMPTIONS}{redemption.pk}/cancel/")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert ledger.balance(volunteer, at=timezone.now()).available == 100


def test_a_stranger_does_not_cancel(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())

    answer = api(make_redeemer().user).post(f"{REDEMPTIONS}{redemption.pk}/cancel/")

    assert answer.status_code == 404
    assert Redemption.objects.get().status == "reserved"
