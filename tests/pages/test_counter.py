"""The desk without a script: one form, every way of agreeing, and what is put away after a refusal."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from points.market.choices import Confirmation
from points.market.models import Product
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn
from tests.factories.accounts import PASSWORD, make_staff
from tests.factories.attendance import pass_of
from tests.pages.scenes import (
    Shop,
    browser,
    give_points,
    make_redemption,
    make_return,
    make_shop,
    make_volunteer,
)
from volunteers.people.models import Volunteer, VolunteerCard
from volunteers.people.passes import card_token

pytestmark = pytest.mark.django_db

COUNTER = "/counter/"
EAN = "6901234567892"


@pytest.fixture
def shop() -> Shop:
    """A shop with three kinds of goods, the first with a barcode."""
    made = make_shop(products=3)
    Product.objects.filter(pk=made.products[0].pk).update(barcode=EAN)
    return made


@pytest.fixture
def volunteer() -> Volunteer:
    """Somebody with a hundred points."""
    made = make_volunteer()
    give_points(made, 100)
    return made


class Clerk:
    """A browser without script: what the form holds is sent again with every step."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.html = client.get(COUNTER).content.decode()
        self.status = 200

    def press(self, step: str = "scan", **typed: str) -> str:
        """Send the form with one of its buttons; return what the page says no with, or nothing."""
        held = dict(re.findall(r'name="(who|redemption|pickup|store)" value="([^"]*)"', self.html))
        lines = dict(re.findall(r'name="(line-\d+)"[^>]*value="(\d+)"', self.html))
        response = self.client.post(COUNTER, {**held, **lines, "step": step, **typed}, follow=True)
        self.html, self.status = response.content.decode(), response.status_code
        said = re.search(r'data-code="(\w+)"', self.html.partition('data-testid="demo-code"')[0])
        return said[1] if said else ""

    @property
    def state(self) -> str:
        """What the desk is waiting for."""
        return re.findall(r'data-state="(\w+)"', self.html)[0]


def at_the_counter(shop: Shop, volunteer: Volunteer, token: str | None = None) -> Clerk:
    clerk = Clerk(browser(shop.clerk))
    clerk.press(code=token or pass_of(volunteer, timezone.now()))
    clerk.press(code=EAN)
    clerk.press("open")
    return clerk


def test_person_and_goods_in_any_order_make_a_basket_that_is_agreed_to_by_code(
    shop: Shop, volunteer: Volunteer
) -> None:
    clerk = Clerk(browser(shop.clerk))
    clerk.press(code=EAN)
    clerk.press(code="大米1")
    clerk.press(code=pass_of(volunteer, timezone.now()))
    assert "40 积分" in clerk.html
    assert clerk.press("update", **{f"line-{shop.products[1].pk}": "0"}) == ""
    assert clerk.press("open") == ""
    assert (clerk.state, Redemption.objects.get().points) == ("agree", 20)
    assert clerk.press("collect") == "redemption_not_confirmed"

    clerk.press("send-code")
    code = re.findall(r'data-testid="demo-code" data-code="(\d+)"', clerk.html)[0]
    assert clerk.press("by-code", otp="1") == "code_wrong"
    assert clerk.press(otp=code) == ""  # Enter in the field presses the first button
    assert clerk.state == "ready"
    assert clerk.press("collect") == ""

    assert 'data-testid="handed-over"' in clerk.html
    assert Redemption.objects.get().confirmation == Confirmation.ONE_TIME_CODE


def test_a_second_person_signs_for_somebody_with_a_card(shop: Shop, volunteer: Volunteer) -> None:
    card = VolunteerCard.objects.create(
        volunteer=volunteer, version=1, issued_by=volunteer.user, issued_at=timezone.now()
    )
    second = make_staff(Role.STORE_CLERK, shop.store.pk)
    for user in (shop.clerk, second):
        user.set_password(PASSWORD)
        user.save()
    clerk = at_the_counter(shop, volunteer, card_token(card))

    said = [
        clerk.press("by-second", username=name or "", password=word)
        for name, word in [
            (second.username, "wrong"),
            (shop.clerk.username, PASSWORD),
            (second.username, PASSWORD),
        ]
    ]

    assert said == ["credentials_wrong", "confirmed_by_same_person", ""]
    assert clerk.press("collect") == ""
    assert Redemption.objects.get().confirmed_by == second
    assert clerk.client.get(COUNTER).wsgi_request.user == shop.clerk


def test_the_volunteer_agrees_or_declines_on_their_own_phone(shop: Shop, volunteer: Volunteer) -> None:
    clerk, phone = at_the_counter(shop, volunteer), browser(volunteer.user)
    (waiting,) = Redemption.objects.all()
    assert 'data-testid="to-agree"' in phone.get(reverse("pages:me")).content.decode()
    page = reverse("pages:redemption", args=[waiting.pk])
    assert waiting.code not in phone.get(page).content.decode()
    state = reverse("pages:counter-basket", args=[waiting.pk])
    assert clerk.client.get(state).json() == {"status": "reserved", "confirmed": False}

    phone.post(reverse("pages:redemption-confirm", args=[waiting.pk]))
    assert clerk.client.get(state).json() == {"status": "reserved", "confirmed": True}
    assert (clerk.press("refresh"), clerk.state) == ("", "ready")
    phone.post(reverse("pages:redemption-cancel", args=[waiting.pk]))

    assert clerk.press("collect") == "redemption_cancelled"
    assert clerk.state == "empty"
    assert 'data-testid="to-agree"' not in phone.get(reverse("pages:me")).content.decode()


def test_a_pass_shows_what_waits_and_stands_in_for_the_code(shop: Shop, volunteer: Volunteer) -> None:
    waiting = make_redemption(volunteer, shop)
    clerk = Clerk(browser(shop.clerk))
    clerk.press(code=volunteer.number[-4:])
    assert (clerk.state, clerk.press("collect")) == ("proof", "pickup_code_wrong")

    clerk.press(code=pass_of(volunteer, timezone.now()))
    assert (clerk.state, clerk.press("collect")) == ("ready", "")
    waiting.refresh_from_db()
    assert waiting.status == "collected"


def test_what_a_clerk_types_is_offered_by_name_number_and_mask(shop: Shop) -> None:
    people = [make_volunteer(name=name) for name in ("张晓明", "李雷", "张三丰")]
    for person in people:
        make_redemption(person, shop)
    client = browser(shop.clerk)

    def offered(text: str) -> tuple[int, int]:
        html = client.get(reverse("pages:counter-suggestions"), {"code": text}).content.decode()
        assert [name for name in ("张晓明", "张三丰") if name in html] == []
        return html.count("suggest-goods"), html.count("suggest-waiting")

    asked = {
        text: offered(text) for text in ("大米", "6901", "张", "张*明", "张晓明", people[1].number[-4:], "")
    }
    assert asked == {
        "大米": (3, 0),
        "6901": (1, 0),
        "张": (0, 2),
        "张*明": (0, 1),
        "张晓明": (0, 0),
        people[1].number[-4:]: (0, 1),
        "": (0, 0),
    }


def test_a_list_for_the_device_and_what_it_holds_is_settled_here_only(
    shop: Shop, volunteer: Volunteer
) -> None:
    waiting = make_redemption(volunteer, shop)
    client, other = browser(shop.clerk), Clerk(browser(make_staff(Role.STORE_CLERK, shop.store.pk)))
    taken = client.post(reverse("pages:counter-list"), {"store": shop.store.pk}).json()

    assert (taken["size"], waiting.code in taken["text"]) == (1, False)
    other.press(code=waiting.code)
    assert other.press("collect") == "redemption_on_offline_list"
    mine = Clerk(client)
    mine.press(code=waiting.code)
    assert mine.press("collect") == ""
    assert client.post(reverse("pages:counter-list-back")).status_code == 204


def test_goods_come_back_by_two_people(shop: Shop) -> None:
    asked = make_return(shop)
    clerk = browser(shop.clerk)
    assert "approve-return" in clerk.get(reverse("pages:returns")).content.decode()

    clerk.post(reverse("pages:return-decide", args=[asked.pk]), {"decision": "approved"})
    again = clerk.post(
        reverse("pages:returns"),
        {"redemption": asked.redemption_id, "reason": "x", "condition": "discard"},
    )

    assert (GoodsReturn.objects.get().decision, again.status_code) == ("approved", 409)
    assert 'data-code="return_twice"' in again.content.decode()
