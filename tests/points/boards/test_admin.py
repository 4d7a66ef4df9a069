"""The back office of market, giving and boards: edits go through the services, the rest is read."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from backend.accounts.scopes import Role
from points.boards.admin import HonorAdmin, HoursTotalAdmin
from points.boards.models import Honor, HoursTotal
from points.giving.admin import DonationAdmin, DonorAdmin
from points.giving.models import Donor
from points.market.admin import BatchAdmin, ProductAdmin, RedemptionAdmin, StockMoveAdmin, StoreAdmin
from points.market.models import Product, StockMove, Store
from points.market.redemption_models import Redemption
from tests.factories.accounts import OrganizationFactory, make_staff
from tests.factories.market import (
    DonorFactory,
    HonorFactory,
    ProductFactory,
    StoreFactory,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.regions import COMMUNITY, RegionFactory

pytestmark = pytest.mark.django_db

EDITED = (StoreAdmin, ProductAdmin, DonorAdmin, HonorAdmin)
READ = (BatchAdmin, StockMoveAdmin, RedemptionAdmin, DonationAdmin, HoursTotalAdmin)


def office(role=Role.COMMUNITY_STAFF, scope="52"):
    user = make_staff(role, scope)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def model_of(kind):
    return next(model for model, made in admin.site._registry.items() if isinstance(made, kind))


def address(kind, page, *args: object):
    meta = model_of(kind)._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("kind", [*EDITED, *READ])
def test_every_list_opens(kind, now):
    reserve(make_redeemer(), make_product(10), at=now)
    DonorFactory.create()
    HonorFactory.create()

    assert office().get(address(kind, "changelist")).status_code == 200


@pytest.mark.parametrize("kind", EDITED)
def test_what_is_edited_can_be_added(kind):
    assert office().get(address(kind, "add")).status_code == 200


@pytest.mark.parametrize("kind", READ)
def test_what_is_read_cannot_be_added(kind):
    assert office(Role.PLATFORM_ADMIN, "").get(address(kind, "add")).status_code == 403


def test_a_redemption_is_shown_without_its_code(now):
    redemption = reserve(make_redeemer(), make_product(10), at=now)

    page = office().get(address(RedemptionAdmin, "change", redemption.pk))

    assert page.status_code == 200
    assert redemption.code not in page.content.decode()
    assert Redemption.objects.get().code == redemption.code


def test_stock_moves_are_not_changed_here(now):
    make_product(10)
    move = StockMove.objects.get()
    client = office(Role.PLATFORM_ADMIN, "")

    answer = client.post(address(StockMoveAdmin, "change", move.pk), {"quantity": 99})

    assert (answer.status_code, StockMove.objects.get().quantity) == (403, 10)


def test_a_store_and_a_product_are_made_by_the_services(now):
    client, organization = office(), OrganizationFactory.create()
    client.post(
        address(StoreAdmin, "add"),
        {
            "name": "新华路慈善超市",
            "region": COMMUNITY,
            "organization": organization.pk,
            "address": "新华路 1 号",
            "phone": "",
            "opening": "{}",
            "status": "open",
            "minimum_balance": 20,
            "redemptions_period": "month",
        },
    )
    store = Store.objects.get()
    client.post(
        address(ProductAdmin, "add"),
        {
            "store": store.pk,
            "name": "香皂",
            "unit": "块",
            "category": "wash",
            "points": 12,
            "kind": "goods",
            "limit_period": "month",
            "status": "on_shelf",
        },
    )

    assert (store.name, store.minimum_balance) == ("新华路慈善超市", 20)
    assert Product.objects.get().barcode is None


def test_a_store_elsewhere_is_refused_with_a_sentence(now):
    RegionFactory.create(code="510104000000")
    organization = OrganizationFactory.create()

    answer = office().post(
        address(StoreAdmin, "add"),
        {
            "name": "锦江慈善超市",
            "region": "510104000000",
            "organization": organization.pk,
            "address": "锦江 1 号",
            "opening": "{}",
            "status": "open",
            "minimum_balance": 20,
            "redemptions_period": "month",
        },
        follow=True,
    )

    assert "没有找到，或者不在您的管理范围内。" in answer.content.decode()
    assert Store.objects.count() == 0


def test_a_product_keeps_its_store_and_may_change_its_price():
    product, other = ProductFactory.create(), StoreFactory.create()
    body = {"name": "大米", "unit": "袋", "category": "grain_oil", "points": 15, "status": "on_shelf"}
    body |= {"limit_period": "month"}

    office().post(address(ProductAdmin, "change", product.pk), body | {"store": other.pk})

    changed = Product.objects.get()
    assert (changed.points, changed.store_id) == (15, product.store_id)


def test_a_donor_is_entered_and_asked(now):
    client = office()
    RegionFactory.create()
    body = {"name": "便民超市", "kind": "enterprise", "region": COMMUNITY, "consent": "hidden"}
    client.post(address(DonorAdmin, "add"), body)
    donor = Donor.objects.get()

    client.post(address(DonorAdmin, "change", donor.pk), body | {"consent": "masked", "show_amount": "on"})

    donor.refresh_from_db()
    assert (donor.consent, donor.show_amount) == ("masked", True)


def test_one_enters_an_honour_and_another_publishes(now):
    maker, checker = office(), office()
    RegionFactory.create()
    maker.post(
        address(HonorAdmin, "add"),
        {
            "region": COMMUNITY,
            "name": "王秀英",
            "category": "helping",
            "title": "热心邻居",
            "story": "照看老人",
            "term_start": "2026-07-01",
            "term_end": "2026-09-30",
            "consent": "on",
        },
    )
    honor = Honor.objects.get()
    chosen = {"action": "publish", "_selected_action": [honor.pk]}

    own = maker.post(address(HonorAdmin, "changelist"), chosen, follow=True)
    assert "登记人不能自己公布，请交给同事核对。" in own.content.decode()
    assert Honor.objects.get().status == "draft"

    checker.post(address(HonorAdmin, "changelist"), chosen)
    assert Honor.objects.get().status == "published"


@pytest.mark.parametrize("action", ["revoke", "withdraw_consent"])
def test_an_honour_is_taken_down(now, action):
    honor = HonorFactory.create()

    office().post(address(HonorAdmin, "changelist"), {"action": action, "_selected_action": [honor.pk]})

    honor.refresh_from_db()
    assert (honor.status, honor.consent) == {
        "revoke": ("revoked", True),
        "withdraw_consent": ("draft", False),
    }[action]


def test_what_was_entered_is_not_rewritten():
    honor = HonorFactory.create()

    office().post(address(HonorAdmin, "change", honor.pk), {"name": "别人", "title": "别的"})

    assert Honor.objects.get().name == "王秀英"


def test_the_projection_is_not_written_by_hand():
    assert HoursTotal.objects.count() == 0
    assert office(Role.PLATFORM_ADMIN, "").post(address(HoursTotalAdmin, "add"), {}).status_code == 403
