"""Goods that come back: one clerk enters it, another decides, and the volunteer reads what came of it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role, actor_for
from points.ledger import queries as ledger
from points.market import services as market
from points.market.choices import RedemptionStatus, ReturnDecision
from points.market.models import Batch
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn
from points.market.services import receive_batch
from tests.factories.accounts import make_staff
from tests.factories.volunteers import VolunteerFactory
from tests.pages.scenes import Shop, browser, make_redemption, make_return, make_shop, make_volunteer

pytestmark = pytest.mark.django_db
RETURNS = reverse("pages:returns")
LONG = "长" * 4000


def text(answer) -> str:
    return answer.content.decode()


def taken(shop: Shop, quantity: int = 2) -> Redemption:
    """Let a volunteer with a hundred points take rice home, twenty points a bag."""
    made = make_redemption(make_volunteer(), shop, quantity=quantity)
    return market.collect(code=made.code, actor=actor_for(shop.clerk), at=timezone.now())


def colleague_of(shop: Shop):
    return browser(make_staff(Role.STORE_CLERK, shop.store.pk))


def decide(asked: GoodsReturn) -> str:
    return reverse("pages:return-decide", args=[asked.pk])


def points_of(redemption: Redemption) -> int:
    return ledger.balance(redemption.volunteer, at=timezone.now()).available


def test_what_one_enters_another_agrees_to_and_the_volunteer_reads_it():
    shop = make_shop()
    gone, clerk, colleague = taken(shop), browser(shop.clerk), colleague_of(shop)
    phone = browser(gone.volunteer.user)

    form = text(clerk.get(RETURNS, {"redemption": gone.pk}))
    clerk.post(RETURNS, {"redemption": gone.pk, "reason": "买重了", "condition": "back_to_shelf"})
    asked = GoodsReturn.objects.get()
    own, seen = text(clerk.get(RETURNS)), text(colleague.get(RETURNS))
    alone = clerk.post(decide(asked), {"decision": "approved"})
    before = points_of(gone)
    colleague.post(decide(asked), {"decision": "approved"})
    mine = text(phone.get(reverse("pages:redemption", args=[gone.pk])))

    assert gone.volunteer.name not in form + own + seen
    assert ('data-testid="approve-return"' in own, "您自己不能同意" in own) == (False, True)
    assert ('data-testid="approve-return"' in seen, "买重了" in seen) == (True, True)
    assert (alone.status_code, before, points_of(gone)) == (403, 60, 100)
    assert ("已退货" in mine, "40 积分已退回您的账户" in mine) == (True, True)
    assert ("买重了" in mine, Batch.objects.get().on_hand) == (False, 10)


def test_what_went_out_long_before_the_last_ten_is_found_by_what_the_person_says():
    shop = make_shop()
    old, clerk = taken(shop, 1), browser(shop.clerk)
    for _one in range(9):
        taken(shop, 1)
    receive_batch(product=shop.products[0], quantity=5, expires_on=None, actor=None, at=timezone.now())
    taken(shop, 1)
    link = f'href="?redemption={old.pk}"'

    last = text(clerk.get(RETURNS))
    found = [text(clerk.get(RETURNS, {"q": said})) for said in (old.volunteer.number[-4:], old.code)]
    strange = text(clerk.get(RETURNS, {"q": "\x00" + LONG}))

    assert (last.count('data-testid="gone"'), link in last) == (10, False)
    assert [link in page for page in found] == [True, True]
    assert 'data-testid="none-gone"' in strange


def test_what_is_not_agreed_to_says_why_and_changes_nothing():
    shop = make_shop()
    gone, clerk, colleague = taken(shop), browser(shop.clerk), colleague_of(shop)
    form = {"redemption": gone.pk, "reason": "不想要了", "condition": "back_to_shelf"}
    clerk.post(RETURNS, form)
    asked = GoodsReturn.objects.get()

    twice = clerk.post(RETURNS, form)
    colleague.post(decide(asked), {"decision": "refused", "reason": "开过封 <b>"})
    told = text(clerk.get(RETURNS))
    late = colleague.post(decide(asked), {"decision": "approved"})
    brought_again = clerk.post(RETURNS, form | {"reason": "店长同意再看一次"})

    assert [twice.status_code, late.status_code, brought_again.status_code] == [409, 409, 302]
    assert "理由：开过封 &lt;b&gt;" in told
    assert (points_of(gone), Batch.objects.get().on_hand) == (60, 8)
    assert Redemption.objects.get().status == RedemptionStatus.COLLECTED
    assert "已领取" in text(browser(gone.volunteer.user).get(reverse("pages:redemption", args=[gone.pk])))


def test_a_return_without_a_reason_keeps_what_was_chosen():
    shop = make_shop()
    gone = taken(shop)

    for reason in ("", "  ", "\x00", LONG):
        answer = browser(shop.clerk).post(
            RETURNS, {"redemption": gone.pk, "reason": reason, "condition": "discard"}
        )

        page = text(answer)
        assert (answer.status_code, 'data-testid="error-reason"' in page) == (400, True)
        assert 'value="discard" checked' in page

    assert not GoodsReturn.objects.exists()


def test_a_condition_nobody_knows_is_refused_and_the_reason_stays():
    shop = make_shop()
    gone = taken(shop)

    for condition in ("", "eaten", "<b>", "\x00"):
        answer = browser(shop.clerk).post(
            RETURNS, {"redemption": gone.pk, "reason": "买重了", "condition": condition}
        )

        assert (answer.status_code, 'value="买重了"' in text(answer)) == (400, True)
        assert ('data-testid="error-condition"' in text(answer), "<b>" in text(answer)) == (True, False)

    assert not GoodsReturn.objects.exists()


def test_a_redemption_there_is_none_of_is_not_returned():
    shop = make_shop()
    taken(shop)

    for which in ("", "0", "-1", "1.5", "x", "\x00", str(10**9), "9" * 4000):
        answer = browser(shop.clerk).post(
            RETURNS, {"redemption": which, "reason": "买重了", "condition": "back_to_shelf"}
        )

        assert answer.status_code == 404

    assert not GoodsReturn.objects.exists()


def test_what_was_never_handed_over_or_is_ones_own_does_not_come_back():
    shop = make_shop()
    waiting = make_redemption(make_volunteer(), shop)
    own = make_redemption(VolunteerFactory(user=shop.clerk, region=shop.store.region), shop)
    market.collect(
        code=own.code, actor=actor_for(make_staff(Role.STORE_CLERK, shop.store.pk)), at=timezone.now()
    )
    clerk, form = browser(shop.clerk), {"reason": "买重了", "condition": "back_to_shelf"}

    answers = [clerk.post(RETURNS, form | {"redemption": each.pk}) for each in (waiting, own)]

    assert [answer.status_code for answer in answers] == [409, 403]
    assert not GoodsReturn.objects.exists()


def test_a_decision_that_is_none_stays_open_and_points_at_the_row_it_was_about():
    shop = make_shop()
    make_return(shop)
    asked = make_return(shop)

    for form, said in (
        ({"decision": "refused", "reason": ""}, True),
        ({"decision": "refused", "reason": "\x00"}, True),
        ({"decision": "refused", "reason": LONG}, True),
        ({"decision": "maybe", "reason": "买重了"}, False),
        ({"decision": "\x00"}, False),
        ({}, False),
    ):
        answer = colleague_of(shop).post(decide(asked), form)

        page = text(answer)
        assert (answer.status_code, page.count('data-testid="error-reason"')) == (400, int(said))
        row = page.split(f'data-testid="return" data-id="{asked.pk}"')[1].split("</article>")[0]
        assert ('data-testid="error-reason"' in row) == said

    assert list(GoodsReturn.objects.values_list("decision", flat=True)) == ["", ""]


def test_another_stores_staff_neither_see_nor_decide_it():
    asked, other = make_return(make_shop()), make_shop()
    stranger = browser(other.clerk)

    listed = text(stranger.get(RETURNS))
    one = stranger.get(RETURNS, {"redemption": asked.redemption_id})
    answer = stranger.post(decide(asked), {"decision": "approved"})

    assert ('data-testid="return"' in listed, 'data-testid="empty"' in listed) == (False, True)
    assert (one.status_code, answer.status_code) == (404, 404)
    assert GoodsReturn.objects.get().decision != ReturnDecision.APPROVED
