"""`/market/…`: what an app and a counter see, and what bad input gets."""

import pytest
from django.utils import timezone

from points.ledger import queries as ledger
from points.market.choices import MoveKind
from points.market.models import StockMove
from points.market.redemption_models import Redemption
from tests.factories.accounts import UserFactory
from tests.factories.market import (
    ProductFactory,
    StoreFactory,
    make_clerk,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory

pytestmark = pytest.mark.django_db

STORES, PRODUCTS, REDEMPTIONS = (
    "/api/v1/market/stores/",
    "/api/v1/market/products/",
    "/api/v1/market/redemptions/",
)


@pytest.fixture
def rice():
    return make_product(10)


@pytest.fixture
def volunteer():
    return make_redeemer(100)


def basket(product, quantity=1):
    return {"store": product.store_id, "lines": [{"product": product.pk, "quantity": quantity}]}


def nothing_moved(volunteer):
    return (
        Redemption.objects.count(),
        StockMove.objects.exclude(kind=MoveKind.RECEIVE).count(),
        ledger.balance(volunteer, at=timezone.now()).available,
    ) == (0, 0, 100)


# --- shelves ------------------------------------------------------------------------------------------------


def test_stores_are_public_and_listed_by_region(api):
    here = StoreFactory.create(opening={"mon": [["08:30", "17:30"]]})
    StoreFactory.create(region=RegionFactory.create(code=CHENGDU_JINJIANG))

    answer = api().get(STORES, {"region": "520102000000"})

    assert answer.json()["results"] == [
        {
            "id": here.pk,
            "name": here.name,
            "region": COMMUNITY,
            "region_name": "区划520102001001",
            "organization_name": here.organization.name,
            "address": "新华路 1 号",
            "phone": "",
            "opening": {"mon": [["08:30", "17:30"]]},
        }
    ]


def test_a_shelf_is_public(api, rice):
    answer = api().get(PRODUCTS, {"store": rice.store_id})

    assert answer.json()["results"] == [
        {
            "id": rice.pk,
            "store": rice.store_id,
            "kind": "goods",
            "name": "大米",
            "unit": "袋",
            "category": "grain_oil",
            "category_label": "粮油",
            "points": 10,
            "picture": "",
            "stock": "plenty",
            "stock_label": "充足",
            "person_limit": None,
            "household_limit": None,
            "limit_period": "month",
            "person_left": None,
            "household_left": None,
            "limit_sentence": "",
            "reasons": [],
            "discount": None,
            "slots": [],
        }
    ]


def test_a_volunteer_sees_what_is_left_of_their_share(api, volunteer):
    rice = make_product(10, person_limit=3)
    reserve(volunteer, rice, 1, at=timezone.now())

    (item,) = api(volunteer.user).get(PRODUCTS, {"store": rice.store_id}).json()["results"]

    assert (item["person_left"], item["limit_sentence"]) == (2, "本月还可换 2 袋（共 3）")


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("address", [STORES, PRODUCTS])
def test_public_lists_cost_one_query_however_long(api, item_count, address, django_assert_num_queries):
    for _ in range(item_count):
        make_product(10)

    with django_assert_num_queries(1):
        answer = api().get(address)

    assert len(answer.json()["results"]) == item_count


@pytest.mark.parametrize("store", ["x", "0", "-1", "1.5", str(2**63), "1\x00"])
def test_a_store_is_named_by_its_key(api, store):
    answer = api().get(PRODUCTS, {"store": store})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("region", ["x", "520", "52\x00"])
def test_a_region_is_a_code(api, region):
    assert api().get(STORES, {"region": region}).status_code == 400


# --- reserving ----------------------------------------------------------------------------------------------


def test_a_volunteer_reserves_and_gets_a_code(api, volunteer, rice):
    answer = api(volunteer.user).post(REDEMPTIONS, basket(rice, 2))

    redemption = Redemption.objects.get()
    body = answer.json()
    assert answer.status_code == 201
    assert body["code"] == redemption.code
    assert (body["status"], body["status_label"], body["points"]) == ("reserved", "待领取", 20)
    assert body["lines"] == [
        {"product": rice.pk, "name": "大米", "unit": "袋", "quantity": 2, "unit_points": 10, "slot": None}
    ]
    assert body["volunteer_name"] == "张*明"


def test_the_same_key_and_basket_reserve_once(api, volunteer, rice):
    client = api(volunteer.user)

    answers = [client.post(REDEMPTIONS, basket(rice, 2), headers={"Idempotency-Key": "k1"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Redemption.objects.count() == 1
    assert ledger.balance(volunteer, at=timezone.now()).available == 80


def test_the_same_key_with_another_basket_is_refused(api, volunteer, rice):
    client = api(volunteer.user)
    client.post(REDEMPTIONS, basket(rice, 1), headers={"Idempotency-Key": "k1"})

    answer = client.post(REDEMPTIONS, basket(rice, 2), headers={"Idempotency-Key": "k1"})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize("quantity", [0, -1, 10**9, 2**70, 1.5, "2", "x", None, True, [1], {}])
def test_a_quantity_is_a_whole_number_in_reach(api, volunteer, rice, quantity):
    answer = api(volunteer.user).post(REDEMPTIONS, basket(rice, quantity))

    body = answer.json()
    assert (answer.status_code, answer["Content-Type"], body["code"]) == (
        400,
        "application/problem+json",
        "invalid",
    )
    assert [error["pointer"] for error in body["errors"]] == ["/lines/0/quantity"]
    assert nothing_moved(volunteer)


@pytest.mark.parametrize("product", [0, -1, 2**63, 2**70, "1", None])
def test_a_product_is_named_by_its_key(api, volunteer, rice, product):
    answer = api(volunteer.user).post(
        REDEMPTIONS, {"store": rice.store_id, "lines": [{"product": product, "quantity": 1}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert nothing_moved(volunteer)


@pytest.mark.parametrize("product", [2**63 - 1, 10**15])
def test_a_product_nobody_has_is_refused(api, volunteer, rice, product):
    answer = api(volunteer.user).post(
        REDEMPTIONS, {"store": rice.store_id, "lines": [{"product": product, "quantity": 1}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "product_unavailable")
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/product"
    assert nothing_moved(volunteer)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "x",
        {"store": 1},
        {"store": 1, "lines": []},
        {"store": 1, "lines": "x"},
        {"store": 1, "lines": [1]},
    ],
)
def test_a_body_that_is_no_basket_is_refused(api, volunteer, body):
    answer = api(volunteer.user).post(REDEMPTIONS, body)

    assert answer.status_code == 400
    assert nothing_moved(volunteer)


def test_twenty_one_kinds_are_too_many(api, volunteer, rice):
    lines = [{"product": rice.pk, "quantity": 1}] * 21

    answer = api(volunteer.user).post(REDEMPTIONS, {"store": rice.store_id, "lines": lines})

    assert answer.status_code == 400
    assert nothing_moved(volunteer)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(11, "insufficient_points"), (12, "out_of_stock")],
)
def test_what_cannot_be_had_is_a_conflict_with_a_code(api, volunteer, wanted, code):
    rice = make_product(11)

    answer = api(volunteer.user).post(REDEMPTIONS, basket(rice, wanted))

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert nothing_moved(volunteer)


def test_who_is_no_volunteer_cannot_reserve(api, rice):
    answer = api(UserFactory.create()).post(REDEMPTIONS, basket(rice))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_registered")


@pytest.mark.parametrize("address", [REDEMPTIONS, f"{REDEMPTIONS}1/", f"{REDEMPTIONS}1/collect/"])
def test_nobody_redeems_without_logging_in(api, address):
    assert [api().get(address).status_code, api().post(address, {}).status_code] == [401, 401]


# --- reading ------------------------------------------------------------------------------------------------


def test_the_owner_reads_their_code_and_the_clerk_does_not(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())
    address = f"{REDEMPTIONS}{redemption.pk}/"

    codes = [api(user).get(address).json()["code"] for user in (volunteer.user, make_clerk(rice.store))]

    assert codes == [redemption.code, None]


def test_a_clerk_finds_a_redemption_by_its_code(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())
    reserve(volunteer, rice, at=timezone.now())

    answer = api(make_clerk(rice.store)).get(REDEMPTIONS, {"code": redemption.code.lower()})

    assert [row["id"] for row in answer.json()["results"]] == [redemption.pk]


def test_a_clerk_of_another_store_finds_nothing(api, volunteer, rice):
    redemption = reserve(volunteer, rice, at=timezone.now())
    elsewhere = api(make_clerk(StoreFactory.create()))

    assert elsewhere.get(REDEMPTIONS, {"code": redemption.code}).json()["results"] == []
    assert elsewhere.get(f"{REDEMPTIONS}{redemption.pk}/").status_code == 404


def test_lists_are_narrowed_by_status_and_store(api, volunteer, rice):
    first = reserve(volunteer, rice, at=timezone.now())
    client = api(volunteer.user)
    client.post(f"{REDEMPTIONS}{first.pk}/cancel/")
    second = reserve(volunteer, rice, at=timezone.now())

    found = {
        name: [row["id"] for row in client.get(REDEMPTIONS, asked).json()["results"]]
        for name, asked in {
            "all": {},
            "reserved": {"status": "reserved"},
            "here": {"store": rice.store_id},
            "elsewhere": {"store": rice.store_id + 1},
        }.items()
    }

    assert found == {
        "all": [second.pk, first.pk],
        "reserved": [second.pk],
        "here": [second.pk, first.pk],
        "elsewhere": [],
    }


@pytest.mark.parametrize("asked", [{"status": "x"}, {"code": "A" * 21}, {"code": "A\x00"}, {"store": "x"}])
def test_a_filter_that_cannot_be_is_refused(api, volunteer, asked):
    assert api(volunteer.user).get(REDEMPTIONS, asked).status_code == 400


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_list_costs_the_same_queries_however_long(
    api, volunteer, rice, item_count, django_assert_num_queries
):
    for _ in range(item_count):
        reserve(volunteer, rice, at=timezone.now())
    client = api(volunteer.user)

    with django_assert_num_queries(4):  # the user, their memberships, redemptions, lines with products
        answer = client.get(REDEMPTIONS)

    assert len(answer.json()["results"]) == item_count


def test_a_redemption_with_a_huge_key_is_not_found(api, volunteer):
    assert api(volunteer.user).get(f"{REDEMPTIONS}{10**30}/").status_code == 404


def test_reserving_stays_within_its_statements(api, volunteer, rice, django_assert_max_num_queries):
    client = api(volunteer.user)
    reserve(make_redeemer(), rice, at=timezone.now())  # opens the ledger's system accounts
    ProductFactory.create()

    with django_assert_max_num_queries(18):
        answer = client.post(REDEMPTIONS, basket(rice))

    assert answer.status_code == 201
