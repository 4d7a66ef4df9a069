"""`/giving/…`: donors with consent, donations that enter stock, and the public trace."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from backend.accounts.scopes import Role
from points.giving import services
from points.giving.models import Donation, Donor
from points.market.models import Batch
from tests.factories.accounts import OrganizationFactory, UserFactory, make_staff
from tests.factories.market import DonorFactory, ProductFactory, StoreFactory, clerk_of, make_clerk
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory

pytestmark = pytest.mark.django_db

DONORS, DONATIONS = "/api/v1/giving/donors/", "/api/v1/giving/donations/"
TODAY = "2026-01-05"


@pytest.fixture
def staff():
    return make_staff(Role.COMMUNITY_STAFF, "520102")


@pytest.fixture
def rice():
    return ProductFactory.create()


def donor_body(**fields: Any):
    return {"name": "南明便民超市", "kind": "enterprise", "region": COMMUNITY} | fields


def goods_body(rice, donor, **fields: Any):
    return {
        "kind": "goods",
        "donor": donor.pk,
        "store": rice.store_id,
        "received_on": TODAY,
        "lines": [{"product": rice.pk, "quantity": 50, "expires_on": "2099-01-01"}],
    } | fields


def money_body(organization, donor, **fields: Any):
    return {
        "kind": "money",
        "donor": donor.pk,
        "organization": organization.pk,
        "received_on": TODAY,
        "amount_fen": 100_000,
    } | fields


def test_staff_enter_a_donor_who_is_hidden(api, staff):
    RegionFactory.create()

    answer = api(staff).post(DONORS, donor_body(contact="13800001234", credit_code="91350100M000100Y43"))

    body = answer.json()
    assert answer.status_code == 201
    assert (body["consent"], body["show_amount"], body["contact"]) == ("hidden", False, "138****1234")
    assert body["credit_code"] == "91350100M000100Y43"


def test_the_same_key_enters_one_donor(api, staff):
    RegionFactory.create()

    answers = [api(staff).post(DONORS, donor_body(), headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Donor.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "长" * 4000}, "invalid"),
        ({"name": ""}, "invalid"),
        ({"name": "a\x00b"}, "invalid"),
        ({"name": "<img src=x onerror=alert(1)>"}, "donor_name_invalid"),
        ({"name": ["x"]}, "invalid"),
        ({"kind": "alien"}, "invalid"),
        ({"region": "990000000000"}, "region_unknown"),
        ({"region": "x\x00"}, "invalid"),
        ({"credit_code": "91350100M000100Y4Z"}, "credit_code_invalid"),
        ({"consent": "perhaps"}, "invalid"),
        ({"show_amount": "perhaps"}, "invalid"),
        ({"contact": "9" * 61}, "invalid"),
    ],
)
def test_a_donor_that_cannot_be_is_refused(api, staff, fields, code):
    RegionFactory.create()

    answer = api(staff).post(DONORS, donor_body(**fields))

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == code
    assert Donor.objects.count() == 0


def test_a_known_credit_code_is_a_conflict(api, staff):
    DonorFactory.create(credit_code="91350100M000100Y43")

    answer = api(staff).post(DONORS, donor_body(credit_code="91350100M000100Y43"))

    assert (answer.status_code, answer.json()["code"]) == (409, "donor_already_known")


def test_volunteers_and_strangers_see_no_donors(api):
    DonorFactory.create()

    assert [api(user).get(DONORS).status_code for user in (UserFactory.create(), None)] == [403, 401]


def test_staff_of_another_region_see_none(api):
    donor = DonorFactory.create()
    elsewhere = api(make_staff(Role.COMMUNITY_STAFF, "51"))

    assert elsewhere.get(DONORS).json()["results"] == []
    assert elsewhere.patch(f"{DONORS}{donor.pk}/", {"consent": "named"}).status_code == 404


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_list_of_donors_costs_the_same_queries_however_long(
    api, staff, item_count, django_assert_num_queries
):
    for _ in range(item_count):
        DonorFactory.create()
    client = api(staff)

    with django_assert_num_queries(3):
        answer = client.get(DONORS)

    assert len(answer.json()["results"]) == item_count


def test_consent_is_changed(api, staff):
    donor = DonorFactory.create()

    answer = api(staff).patch(f"{DONORS}{donor.pk}/", {"consent": "masked", "show_amount": True})

    assert (answer.status_code, answer.json()["consent"], answer.json()["show_amount"]) == (
        200,
        "masked",
        True,
    )


def test_a_supervisor_reads_and_changes_nothing(api):
    donor = DonorFactory.create()
    supervisor = api(make_staff(Role.SUPERVISOR, "52"))

    answer = supervisor.patch(f"{DONORS}{donor.pk}/", {"consent": "named"})

    assert len(supervisor.get(DONORS).json()["results"]) == 1
    assert (answer.status_code, Donor.objects.get().consent) == (403, "hidden")


@pytest.mark.parametrize(
    "body", [{}, {"consent": "x"}, {"consent": None}, [], {"consent": "named", "show_amount": 7}]
)
def test_a_consent_that_cannot_be_is_refused(api, staff, body):
    donor = DonorFactory.create()

    assert api(staff).patch(f"{DONORS}{donor.pk}/", body).status_code == 400
    assert Donor.objects.get().consent == "hidden"


def test_a_clerk_takes_goods_in(api, rice):
    donor = DonorFactory.create()

    answer = api(make_clerk(rice.store)).post(
        DONATIONS,
        goods_body(rice, donor, valuation_fen=250_000, official_ticket="0600-123", purpose="慈善超市"),
    )

    body = answer.json()
    batch = Batch.objects.get()
    assert answer.status_code == 201
    assert batch.on_hand == 50
    assert body["lines"] == [
        {
            "product": rice.pk,
            "name": "大米",
            "unit": "袋",
            "quantity": 50,
            "expires_on": "2099-01-01",
            "batch": batch.pk,
        }
    ]
    assert (body["donor_name"], body["organization_name"]) == (donor.name, rice.store.organization.name)
    assert (body["valuation_fen"], body["official_ticket"], body["purpose"]) == (
        250_000,
        "0600-123",
        "慈善超市",
    )


def test_the_same_key_takes_goods_in_once(api, rice):
    client, body = api(make_clerk(rice.store)), goods_body(rice, DonorFactory.create())

    answers = [client.post(DONATIONS, body, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert (Donation.objects.count(), Batch.objects.count()) == (1, 1)


def test_an_organisation_records_money(api):
    organization, donor = OrganizationFactory.create(), DonorFactory.create()

    answer = api(make_staff(Role.ORGANIZATION_MANAGER, organization.pk)).post(
        DONATIONS, money_body(organization, donor)
    )

    assert (answer.status_code, answer.json()["amount_fen"], answer.json()["lines"]) == (201, 100_000, [])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "time"}, "invalid"),
        ({"lines": []}, "invalid"),
        ({"lines": [{"product": 1, "quantity": 0}]}, "invalid"),
        ({"lines": [{"product": 1, "quantity": 1.5}]}, "invalid"),
        ({"lines": [{"product": 1, "quantity": "5"}]}, "invalid"),
        ({"lines": [{"product": 1, "quantity": 10**9}]}, "invalid"),
        ({"lines": [{"product": 10**15, "quantity": 1}]}, "donated_product_unknown"),
        ({"received_on": "2026-02-30"}, "invalid"),
        ({"received_on": "2099-01-01"}, "received_in_future"),
        ({"purpose": "<b>"}, "invalid"),
        ({"purpose": "长" * 201}, "invalid"),
        ({"purpose": "a\x00"}, "invalid"),
        ({"official_ticket": "票<"}, "invalid"),
        ({"official_ticket": "1", "ticket_code": "12a"}, "invalid"),
        ({"official_ticket": "1", "ticket_code": "1" * 21}, "invalid"),
        ({"ticket_code": "12"}, "ticket_code_invalid"),
        ({"valuation_fen": 0}, "invalid"),
        ({"valuation_fen": 2**63}, "invalid"),
    ],
)
def test_goods_that_cannot_be_are_refused_and_nothing_enters_stock(api, rice, fields, code):
    answer = api(make_clerk(rice.store)).post(DONATIONS, goods_body(rice, DonorFactory.create(), **fields))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (Donation.objects.count(), Batch.objects.count()) == (0, 0)


@pytest.mark.parametrize("key", [0, -1, 2**63, "1", None])
@pytest.mark.parametrize("field", ["donor", "store"])
def test_a_key_that_cannot_be_is_refused(api, rice, field, key):
    body = goods_body(rice, DonorFactory.create()) | {field: key}

    answer = api(make_clerk(rice.store)).post(DONATIONS, body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{field}")


def test_expired_goods_are_refused(api, rice):
    yesterday = localdate(timezone.now()) - timedelta(days=1)
    lines = [{"product": rice.pk, "quantity": 1, "expires_on": yesterday.isoformat()}]

    answer = api(make_clerk(rice.store)).post(DONATIONS, goods_body(rice, DonorFactory.create(), lines=lines))

    assert (answer.status_code, answer.json()["code"]) == (409, "goods_expired")
    assert Donation.objects.count() == 0


@pytest.mark.parametrize("amount", [0, -1, 1.5, "100", 10**13, None])
def test_an_amount_is_a_whole_number_of_fen(api, amount):
    organization = OrganizationFactory.create()
    client = api(make_staff(Role.ORGANIZATION_MANAGER, organization.pk))

    answer = client.post(DONATIONS, money_body(organization, DonorFactory.create(), amount_fen=amount))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Donation.objects.count() == 0


@pytest.mark.parametrize("missing", ["donor", "store", "organization"])
def test_what_is_out_of_reach_is_not_found(api, rice, missing):
    donor = DonorFactory.create()
    if missing == "donor":
        donor = DonorFactory.create(region=RegionFactory.create(code=CHENGDU_JINJIANG))
    body = goods_body(rice, donor)
    if missing == "store":
        body["store"] = StoreFactory.create().pk
    if missing == "organization":
        body = money_body(OrganizationFactory.create(), donor)

    answer = api(make_clerk(rice.store)).post(DONATIONS, body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Donation.objects.count() == 0


@pytest.mark.parametrize(
    "body", [{"store": 10**15}, {"kind": "money", "organization": 10**15, "amount_fen": 1}]
)
def test_a_place_nobody_knows_is_not_found(api, rice, staff, body):
    answer = api(staff).post(DONATIONS, goods_body(rice, DonorFactory.create()) | body)

    assert answer.status_code == 404


def donated(rice, count=1):
    donor = DonorFactory.create()
    return [
        services.receive_goods(
            donor=donor,
            store=rice.store,
            lines=[services.GoodsLine(rice.pk, 5)] * 2,
            received_on=date(2026, 1, 5),
            purpose="",
            actor=clerk_of(rice.store),
            at=timezone.now(),
        )
        for _ in range(count)
    ]


def test_donations_are_seen_by_their_store_body_and_region(api, rice):
    (donation,) = donated(rice)
    organization = rice.store.organization_id
    seen = {
        "clerk": make_clerk(rice.store),
        "other clerk": make_clerk(StoreFactory.create()),
        "manager": make_staff(Role.ORGANIZATION_MANAGER, organization),
        "supervisor": make_staff(Role.SUPERVISOR, "52"),
        "elsewhere": make_staff(Role.COMMUNITY_STAFF, "51"),
    }

    found = {
        name: [row["id"] for row in api(user).get(DONATIONS).json()["results"]] for name, user in seen.items()
    }

    assert found == {
        "clerk": [donation.pk],
        "other clerk": [],
        "manager": [donation.pk],
        "supervisor": [donation.pk],
        "elsewhere": [],
    }


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_list_of_donations_costs_the_same_queries_however_long(
    api, rice, staff, item_count, django_assert_num_queries
):
    donated(rice, item_count)
    client = api(staff)

    with django_assert_num_queries(5):
        answer = client.get(DONATIONS)

    assert len(answer.json()["results"]) == item_count


def test_the_trace_is_public(api, rice):
    (donation,) = donated(rice)

    answer = api().get(f"{DONATIONS}{donation.number}/trace/")

    body = answer.json()
    assert answer.status_code == 200
    assert (body["total"]["received"], body["total"]["in_stock"], body["volunteers"]) == (10, 10, 0)
    assert body["sentence"] == "捐赠的 10 袋大米已经收到，在慈善超市等人来领。"
    assert "donor" not in " ".join(body)


@pytest.mark.parametrize("number", ["x", "A" * 500, "<b>", "领取", "%00"])
def test_a_number_nobody_has_is_not_found(api, number):
    assert api().get(f"{DONATIONS}{number}/trace/").status_code == 404


def test_the_receipt_shows_who_handled_it(api, rice, staff):
    (donation,) = donated(rice)

    answer = api(staff).get(DONATIONS)

    assert answer.json()["results"][0]["handled_by_name"] == str(donation.handled_by)
