"""`/market/…` for services, shares and prices: what the shelf says, slots, and bad input."""

from datetime import timedelta

import pytest
from django.utils import timezone

from points.market.models import Store
from points.market.redemption_models import Redemption
from points.market.slot_models import ServiceSlot
from tests.factories.market import (
    StoreFactory,
    make_clerk,
    make_product,
    make_redeemer,
    make_service,
    make_slot,
    reserve,
)
from tests.factories.volunteers import make_household

pytestmark = pytest.mark.django_db

PRODUCTS, REDEMPTIONS, SLOTS = (
    "/api/v1/market/products/",
    "/api/v1/market/redemptions/",
    "/api/v1/market/slots/",
)


def test_the_shelf_says_what_is_left_what_is_cheaper_and_which_slots_there_are(api):
    at = timezone.now()
    store = StoreFactory.create(near_expiry_days=3, near_expiry_percent=70)
    rice = make_product(
        4,
        store=store,
        person_limit=3,
        household_limit=4,
        expires_on=timezone.localdate(at) + timedelta(days=2),
    )
    volunteer = make_redeemer()
    make_household(volunteer)
    reserve(volunteer, rice, at=at)
    slot = make_slot(make_service(store=store, minimum_age=120), starts_at=at + timedelta(days=1))

    haircut, goods = api(volunteer.user).get(PRODUCTS, {"store": store.pk}).json()["results"]

    assert (goods["person_left"], goods["household_left"], goods["reasons"]) == (2, 3, [])
    assert goods["discount"] == {
        "points": 7,
        "percent": 70,
        "quantity": 3,
        "days_left": 2,
        "sentence": "临期 7 折，还有 2 天",
    }
    assert (haircut["kind"], haircut["reasons"]) == ("service", ["满 120 周岁可换"])
    assert [(each["id"], each["left"]) for each in haircut["slots"]] == [(slot.pk, 2)]


def test_a_place_is_booked_and_a_higher_sum_than_shown_is_refused(api):
    volunteer, slot = make_redeemer(), make_slot(make_service(), starts_at=timezone.now() + timedelta(days=1))
    line = {"product": slot.product_id, "quantity": 1, "slot": slot.pk}
    body = {"store": slot.product.store_id, "lines": [line]}
    client = api(volunteer.user)

    rose = client.post(REDEMPTIONS, body | {"expected_points": 9})
    booked = client.post(REDEMPTIONS, body | {"expected_points": 10})

    assert (rose.status_code, rose.json()["code"]) == (409, "price_rose")
    assert (booked.status_code, booked.json()["lines"][0]["slot"]) == (201, slot.pk)
    assert Redemption.objects.count() == 1
    wrong = [body | {"expected_points": value} for value in (-1, 1.5, True, "10", 2**31, None)]
    wrong += [body | {"lines": [line | {"slot": value}]} for value in (0, -1, 1.5, True, "1", 2**63, None)]
    wrong += [body | {"lines": [line | {"slot": 10**15}]}]
    assert [client.post(REDEMPTIONS, each).status_code for each in wrong] == [400] * len(wrong)
    assert Redemption.objects.count() == 1


def test_the_store_opens_and_changes_slots_and_rubbish_is_refused(api):
    service = make_service()
    clerk = api(make_clerk(Store.objects.get()))
    morning = timezone.now() + timedelta(days=1)
    body = {
        "product": service.pk,
        "starts_at": morning.isoformat(),
        "ends_at": (morning + timedelta(hours=2)).isoformat(),
        "capacity": 3,
    }

    opened = clerk.post(SLOTS, body)
    again = clerk.post(SLOTS, body)
    address = f"{SLOTS}{opened.json()['id']}/"
    closed = clerk.patch(address, {"closed": True, "capacity": 5})

    assert (opened.status_code, opened.json()["taken"], again.json()["code"]) == (201, 0, "slot_exists")
    assert (closed.json()["capacity"], closed.json()["closed_at"] is None) == (5, False)
    wrong = [body | {"capacity": value} for value in (0, -1, 501, 10**9, 1.5, True, "3")] + [
        body | {"starts_at": value} for value in ("", "x", "\x00", "9999-99-99T00:00", 10**9, body["ends_at"])
    ]
    assert [clerk.post(SLOTS, each).status_code for each in wrong] == [400] * len(wrong)
    assert [clerk.patch(address, each).status_code for each in ({"capacity": 0}, {"closed": "x"})] == [
        400,
        400,
    ]
    assert ServiceSlot.objects.count() == 1
