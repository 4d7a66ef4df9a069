"""Money written down, rubbish for a donor's phone, a store's policy: what staff could only do elsewhere."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Role
from points.giving.models import Donation, Donor
from points.market.models import Store
from tests.factories.accounts import make_staff
from tests.factories.giving import Door, make_door, make_owner
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def door() -> Door:
    return make_door()


@pytest.fixture
def staff(door: Door) -> Client:
    return browser(make_staff(Role.COMMUNITY_STAFF, door.store.region_id))


def money(door: Door, **fields: object) -> dict[str, object]:
    return {
        "donor": door.donor.pk,
        "organization": door.store.organization_id,
        "amount": "1234.56",
        "received_on": timezone.localdate().isoformat(),
        "method": "cash",
        "official_ticket": "5200-0001",
    } | fields


def test_money_that_came_is_written_down_with_how_and_its_ticket(door: Door, staff: Client) -> None:
    page = reverse("pages:giving-money")
    assert "不收款" in staff.get(page, {"donor": door.donor.pk}).content.decode()

    answer = staff.post(page, money(door))

    gift = Donation.objects.get()
    assert answer["Location"] == reverse("pages:giving-donor", args=[door.donor.pk])
    assert (gift.kind, gift.amount_fen, gift.method, gift.official_ticket) == (
        *("money", 123_456, "cash"),
        "5200-0001",
    )
    html = staff.get(answer["Location"]).content.decode()
    assert "1,234.56 元" in html
    assert reverse("pages:receipt-sheet", args=[gift.receipt.number]) in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("amount", value) for value in ("0", "-1", "0.001", "1e12", "x", "")],
        ("received_on", "2999-01-01"),
        ("received_on", "31.2."),
        ("method", "crypto"),
        ("organization", "999999"),
        ("purpose", "<b>助老</b>"),
        ("official_ticket", "5" * 41),
        ("ticket_code", "5" * 21),
        ("ticket_code", "5200-1"),
        ("beneficiary", "x" * 101),
    ],
)
def test_money_that_cannot_be_right_is_refused_at_its_field(
    door: Door, staff: Client, field: str, value: str
) -> None:
    answer = staff.post(reverse("pages:giving-money"), money(door, **{field: value}))

    assert answer.status_code == 400
    assert f'data-testid="error-{field}"' in answer.content.decode()
    assert not Donation.objects.exists()


def test_the_same_money_is_asked_about_before_it_is_written_down_again(door: Door, staff: Client) -> None:
    page, asks = reverse("pages:giving-money"), 'data-testid="again"'
    ticket = {"ticket_code": "52010125"}
    staff.post(page, money(door, **ticket))

    doubted = staff.post(page, money(door))

    assert asks not in staff.get(page, {"donor": door.donor.pk}).content.decode()
    assert (doubted.status_code, asks in doubted.content.decode()) == (409, True)
    told = doubted.content.decode().partition(asks)[0].partition('data-testid="form-error"')[2]
    assert Donation.objects.get().number in told, "said above the box"
    used = staff.post(page, money(door, **ticket, again="on"))
    assert (used.status_code, asks in used.content.decode()) == (409, True), "the tick is not lost"
    assert 'data-testid="error-ticket_code"' in used.content.decode()
    meant = staff.post(page, money(door, again="on"))
    assert (meant.status_code, Donation.objects.count()) == (302, 2)
    first = Donation.objects.earliest("pk")
    assert "52010125 / 5200-0001" in staff.get(meant["Location"]).content.decode()
    sheet = staff.get(reverse("pages:receipt-sheet", args=[first.receipt.number])).content.decode()
    assert '<dd data-testid="ticket-code">52010125</dd>' in sheet


def test_a_clerk_is_offered_goods_and_no_money(door: Door) -> None:
    clerk = browser(User.objects.get(pk=door.clerk.user_id))

    html = clerk.get(reverse("pages:giving-donor", args=[door.donor.pk])).content.decode()

    assert 'data-testid="to-money"' not in html
    assert clerk.post(reverse("pages:giving-money"), money(door)).status_code == 403


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("reason", {"reason": ""}),
        ("reason", {"reason": "<i>"}),
        ("contact", {"contact": "1" * 61}),
        ("contact", {"contact": "<script>"}),
    ],
)
def test_a_phone_is_not_changed_without_a_reason_or_to_rubbish(
    door: Door, staff: Client, field: str, sent: dict[str, str]
) -> None:
    owner = make_owner(door.donor)
    form = {"step": "contact", "contact": "13900008888", "reason": "换了号码"} | sent

    answer = staff.post(reverse("pages:giving-donor", args=[door.donor.pk]), form)

    assert answer.status_code in {400, 422}
    assert f'data-testid="error-{field}"' in answer.content.decode()
    assert Donor.objects.get(pk=door.donor.pk).user == owner


def test_a_stores_policy_is_set_where_the_store_is_kept(door: Door) -> None:
    clerk = browser(User.objects.get(pk=door.clerk.user_id))
    page = reverse("pages:store-policy", args=[door.store.pk])
    figures = {
        "minimum_balance": "20",
        "most_redemptions": "",
        "redemptions_period": "month",
        "near_expiry_days": "30",
        "near_expiry_percent": "70",
    }

    assert clerk.post(page, figures).status_code == 302
    half = clerk.post(page, figures | {"near_expiry_percent": ""})
    wild = clerk.post(page, figures | {"minimum_balance": "-1"})

    assert (half.status_code, wild.status_code) == (400, 400)
    assert 'data-testid="error-minimum_balance"' in wild.content.decode()
    store = Store.objects.get(pk=door.store.pk)
    assert (store.minimum_balance, store.near_expiry_days, store.near_expiry_percent) == (20, 30, 70)
    assert 'value="70"' in clerk.get(page).content.decode()
