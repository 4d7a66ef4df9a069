"""The shelf, the pick-up code, and the counter."""

import pytest
from django.urls import reverse

from points.market.choices import RedemptionStatus
from points.market.redemption_models import Redemption
from tests.pages.scenes import browser, give_points, make_redemption, make_shop, make_volunteer

pytestmark = pytest.mark.django_db


def test_the_shelf_tells_points_stock_and_what_is_left_of_my_month() -> None:
    shop, volunteer = make_shop(quantity=3), make_volunteer()
    give_points(volunteer, 20)

    html = browser(volunteer.user).get(reverse("pages:shelf-store", args=[shop.store.pk])).content.decode()

    assert "本月还可换 2 袋" in html
    assert "少量" in html
    assert 'max="2"' in html


def test_an_empty_product_says_so_and_takes_no_number() -> None:
    shop = make_shop(quantity=1)
    make_redemption(make_volunteer(), shop)

    html = (
        browser(make_volunteer().user)
        .get(reverse("pages:shelf-store", args=[shop.store.pk]))
        .content.decode()
    )

    assert "换完" in html
    assert "quantity-" not in html


def test_reserving_leads_to_the_pick_up_code() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    give_points(volunteer, 100)

    response = browser(volunteer.user).post(
        reverse("pages:shelf-store", args=[shop.store.pk]),
        {f"quantity-{shop.products[0].pk}": "2", "expected": "40"},
        follow=True,
    )

    redemption = Redemption.objects.get()
    html = response.content.decode()
    assert redemption.points == 40
    assert f'data-code="{redemption.code}"' in html
    assert "<svg" in html


def test_a_basket_one_cannot_pay_is_refused_and_the_shelf_says_what_is_missing() -> None:
    shop, volunteer = make_shop(), make_volunteer()

    response = browser(volunteer.user).post(
        reverse("pages:shelf-store", args=[shop.store.pk]),
        {f"quantity-{shop.products[0].pk}": "1", "expected": "20"},
    )
    html = response.content.decode()

    assert response.status_code == 409
    assert 'data-code="insufficient_points"' in html
    assert "余额不足，还差 20 分" in html
    assert not Redemption.objects.exists()


@pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", ""])
def test_a_basket_of_nothing_is_refused(value: str) -> None:
    shop, volunteer = make_shop(), make_volunteer()
    give_points(volunteer, 100)

    response = browser(volunteer.user).post(
        reverse("pages:shelf-store", args=[shop.store.pk]), {f"quantity-{shop.products[0].pk}": value}
    )

    assert response.status_code == 400
    assert not Redemption.objects.exists()


def test_cancelling_gives_the_points_back() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    redemption = make_redemption(volunteer, shop)

    response = browser(volunteer.user).post(
        reverse("pages:redemption-cancel", args=[redemption.pk]), follow=True
    )

    redemption.refresh_from_db()
    assert redemption.status == RedemptionStatus.CANCELLED
    assert "20 积分已退回您的账户。" in response.content.decode()


def test_nobody_sees_or_cancels_another_ones_redemption() -> None:
    redemption = make_redemption(make_volunteer(), make_shop())
    client = browser(make_volunteer().user)

    looked = client.get(reverse("pages:redemption", args=[redemption.pk]))
    pressed = client.post(reverse("pages:redemption-cancel", args=[redemption.pk]))

    redemption.refresh_from_db()
    assert (looked.status_code, pressed.status_code) == (404, 404)
    assert redemption.status == RedemptionStatus.RESERVED


def test_the_store_list_finds_by_name() -> None:
    shop = make_shop()
    client = browser(make_volunteer().user)

    found = client.get(reverse("pages:shelf"), {"q": shop.store.name}).content.decode()
    nothing = client.get(reverse("pages:shelf"), {"q": "没有这家"}).content.decode()

    assert found.count('data-testid="store"') == 1
    assert nothing.count('data-testid="store"') == 0


# --- the counter ------------------------------------------------------------------------------------------


def test_the_clerk_sees_a_masked_name_and_what_to_hand_over() -> None:
    shop, volunteer = make_shop(), make_volunteer(name="张晓明")
    redemption = make_redemption(volunteer, shop)

    html = (
        browser(shop.clerk)
        .post(reverse("pages:counter"), {"code": f" {redemption.code.lower()} ", "step": "find"})
        .content.decode()
    )

    assert "张*明" in html
    assert "张晓明" not in html
    assert "大米0" in html
    assert "本月还可换 1 袋" in html
    redemption.refresh_from_db()
    assert redemption.status == RedemptionStatus.RESERVED


def test_confirming_hands_over_once_and_shows_it_among_the_last() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    redemption = make_redemption(volunteer, shop)
    client = browser(shop.clerk)

    done = client.post(reverse("pages:counter"), {"code": redemption.code, "step": "collect"}, follow=True)
    again = client.post(reverse("pages:counter"), {"code": redemption.code, "step": "collect"})

    assert 'data-testid="handed-over"' in done.content.decode()
    assert 'data-testid="last"' in done.content.decode()
    assert again.status_code == 409
    assert 'data-code="redemption_already_collected"' in again.content.decode()


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("", "not_recognised"),
        ("ZZZZZZZZZZ", "not_found"),
        ("张晓明", "not_recognised"),
        ("\x00", "not_recognised"),
        ("'; DROP TABLE", "not_recognised"),
        ("x" * 40, "token_malformed"),
    ],
)
def test_a_code_that_is_none_is_refused_and_kept_for_correction(code: str, refusal: str) -> None:
    shop = make_shop()

    response = browser(shop.clerk).post(reverse("pages:counter"), {"code": code, "step": "find"})

    assert response.status_code in {400, 404}
    assert f'data-code="{refusal}"' in response.content.decode()


def test_another_stores_code_is_not_found() -> None:
    redemption = make_redemption(make_volunteer(), make_shop())

    response = browser(make_shop().clerk).post(
        reverse("pages:counter"), {"code": redemption.code, "step": "find"}
    )

    assert response.status_code == 404


def test_a_settled_redemption_is_refused_before_the_goods_are_fetched() -> None:
    shop, volunteer = make_shop(), make_volunteer()
    redemption = make_redemption(volunteer, shop)
    browser(volunteer.user).post(reverse("pages:redemption-cancel", args=[redemption.pk]))

    response = browser(shop.clerk).post(reverse("pages:counter"), {"code": redemption.code, "step": "find"})

    assert response.status_code == 409
    assert 'data-code="redemption_cancelled"' in response.content.decode()
