"""The pages about points: why, when, giving, and what is owed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from points.gifts.models import Gift
from points.ledger.announcing import warn_of_expiry
from points.ledger.models import Entry
from points.market.redemption_models import Redemption
from points.scoring.services import award_records
from points.verification.models import LedgerCheck
from tests.factories.accounts import make_staff
from tests.factories.gifts import gift_rules, relatives
from tests.factories.ledger import account, default_rules, give, hold, serve
from tests.factories.ledger import reverse as take_back
from tests.factories.market import make_product
from tests.factories.venues import SiteFactory
from tests.pages.scenes import browser, make_volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return make_volunteer()


def page(person, name, *args, **query):
    return browser(person.user).get(reverse(f"pages:{name}", args=args), query).content.decode()


def test_a_line_says_why_and_leads_to_its_record(zhang):
    default_rules()
    record = serve(150, volunteer=zhang)
    award_records(record_ids=[record.pk], at=timezone.now())
    entry = Entry.objects.get(account__volunteer=zhang)
    assert reverse("pages:points-why", args=[entry.pk]) in page(zhang, "points")

    html = page(zhang, "points-why", entry.pk)

    assert "为什么是 25 积分？" in html
    assert "2 小时 30 分 × 10/小时" in html
    assert 'data-testid="to-record"' in html
    assert 'data-testid="rules"' in html


def test_a_line_of_somebody_else_is_not_shown(zhang):
    give(make_volunteer(), 10, key="theirs", at=timezone.now())

    answer = browser(zhang.user).get(reverse("pages:points-why", args=[Entry.objects.last().pk]))

    assert answer.status_code == 404


def test_what_is_owed_is_said_and_nothing_can_be_redeemed(zhang):
    at = timezone.now()
    award = give(zhang, 25, key="award", at=at)
    hold(zhang, 20, key="spent", at=at)
    take_back(award, key="wrong", at=at)
    product = make_product(points=1)

    html = page(zhang, "points")
    assert 'data-testid="owed"' in html
    assert "还欠 20" in html
    assert 'data-testid="to-shelf"' not in html

    answer = browser(zhang.user).post(
        reverse("pages:shelf-store", args=[product.store_id]),
        {f"quantity-{product.pk}": "1", "expected": "1"},
    )
    assert (answer.status_code, Redemption.objects.count()) == (409, 0)

    give(zhang, 30, key="later", at=at)
    assert 'data-testid="owed"' not in page(zhang, "points")
    assert account(zhang).balance == 10
    browser(zhang.user).post(
        reverse("pages:shelf-store", args=[product.store_id]),
        {f"quantity-{product.pk}": "1", "expected": "1"},
    )
    assert Redemption.objects.count() == 1


def test_a_warning_is_shown_until_the_points_are_gone(zhang):
    at = timezone.now()
    give(zhang, 25, key="award", at=at, expires_at=at + timedelta(days=5))
    warn_of_expiry(at=at)
    assert 'data-stage="7"' in page(zhang, "points")

    hold(zhang, 25, key="spent", at=at)

    assert 'data-stage="7"' not in page(zhang, "points")


def test_lots_are_listed_with_their_last_day(zhang):
    at = timezone.now()
    give(zhang, 25, key="soon", at=at, expires_at=at + timedelta(days=5))
    give(zhang, 35, key="late", at=at, expires_at=at + timedelta(days=300))
    hold(zhang, 5, key="hold", at=at)

    html = page(zhang, "points-lots")

    assert html.count('data-testid="lot"') == 2
    assert "剩 20 / 25" in html
    assert html.count("快到期") == 1


def test_lines_are_filtered_and_a_wrong_day_is_told(zhang):
    at = timezone.now()
    give(zhang, 25, key="award", at=at)
    hold(zhang, 5, key="hold", at=at)

    assert page(zhang, "points", kind="hold").count('data-testid="entry"') == 1
    assert 'data-testid="empty"' in page(zhang, "points", until="2020-01-01")
    assert 'data-testid="error-since"' in page(zhang, "points", since="soon")


@pytest.mark.parametrize(("name", "start"), [("points-csv", b"\xef\xbb\xbf"), ("points-xlsx", b"PK")])
def test_the_statement_can_be_taken_away(zhang, name, start):
    give(zhang, 25, key="award", at=timezone.now())

    answer = browser(zhang.user).get(reverse(f"pages:{name}"))

    assert b"".join(answer.streaming_content).startswith(start)


def test_points_are_given_after_a_second_look(zhang):
    default_rules()
    give(zhang, 25, key="award", at=timezone.now())
    client, wish = browser(zhang.user), {"to": "pool", "points": "20"}

    seen = client.post(reverse("pages:points-give"), wish)
    assert 'data-testid="gift-preview"' in seen.content.decode()
    assert Gift.objects.count() == 0

    sure = {**wish, "token": seen.context["form"].initial["token"]}
    for _ in range(2):
        assert client.post(reverse("pages:points-give-confirm"), sure).status_code == 302
    assert (Gift.objects.count(), account(zhang).balance) == (1, 5)


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"to": "pool", "points": "26"}, 409),
        ({"to": "relative", "points": "1"}, 409),
        ({"to": "pool", "points": "0"}, 422),
        ({}, 422),
    ],
)
def test_a_gift_that_cannot_be_is_told_at_the_form(zhang, wish, status):
    default_rules()
    give(zhang, 25, key="award", at=timezone.now())

    for name in ("points-give", "points-give-confirm"):
        answer = browser(zhang.user).post(reverse(f"pages:{name}"), {**wish, "token": "0" * 32})
        assert answer.status_code == status
        assert 'data-testid="gift-form"' in answer.content.decode()
    assert account(zhang).balance == 25


def test_a_relative_is_declared_confirmed_given_to_and_ended(zhang):
    gift_rules()
    daughter = make_volunteer()
    give(zhang, 25, key="award", at=timezone.now())
    declare = reverse("pages:relative-declare")

    browser(zhang.user).post(declare, {"number": daughter.number, "relation": "child"})
    waiting = page(zhang, "points-give")
    assert "等对方确认" in waiting
    assert daughter.name not in waiting
    assert 'data-testid="confirm-relative"' in page(daughter, "points-give")

    row = zhang.relatives.get()
    browser(daughter.user).post(reverse("pages:relative-confirm", args=[row.pk]))
    browser(zhang.user).post(
        reverse("pages:points-give-confirm"), {"to": "relative", "points": "5", "token": "1" * 32}
    )
    assert account(daughter).balance == 5

    browser(zhang.user).post(reverse("pages:relative-end", args=[row.pk]))
    assert 'data-testid="relative-form"' in page(zhang, "points-give")


def test_a_wrong_number_is_told_at_its_field(zhang):
    gift_rules()
    relatives(zhang, make_volunteer())

    for number in ("123", "999999999999", zhang.number):
        answer = browser(zhang.user).post(
            reverse("pages:relative-declare"), {"number": number, "relation": "child"}
        )
        assert answer.status_code in {400, 422}
        assert zhang.relatives.count() == 1


@pytest.mark.parametrize(("role", "told"), [(Role.COMMUNITY_STAFF, True), (Role.SITE_MANAGER, False)])
def test_staff_see_that_the_books_do_not_agree(role, told):
    at = timezone.now()
    LedgerCheck.objects.create(
        at=at, day=at.date(), ok=False, findings=[{"check": "gifts", "count": 1, "examples": [1]}]
    )
    product = make_product()
    scope = product.store.region_id[:9] if role == Role.COMMUNITY_STAFF else _site()

    html = browser(make_staff(role, scope)).get(reverse("pages:manage")).content.decode()

    assert ('data-testid="drift"' in html) is told


def _site():
    return SiteFactory().pk
