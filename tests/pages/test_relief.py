"""Help without points, from each side: who names keepers, who keeps the list, the counter, the public."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.models import AuditEntry
from points.market.choices import RedemptionStatus
from points.market.models import Batch
from points.market.redemption_models import Redemption
from points.market.services import collect, receive_batch
from points.relief.models import ReliefCase, ReliefIssue, ReliefKeeper
from points.stockroom import recalling
from tests.factories.accounts import make_actor, make_staff
from tests.factories.market import ProductFactory, make_service
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, make_path, picked
from tests.factories.relief import give_out, make_case, make_keeper, name_keeper
from tests.factories.volunteers import make_household
from tests.pages.scenes import Shop, browser, give_points, make_redemption, make_shop, make_volunteer

pytestmark = pytest.mark.django_db
RELIEF, KEEPERS, SHARES = (reverse(f"pages:{name}") for name in ("relief", "relief-keepers", "relief-shares"))
RUBBISH = ["-1", "1.5", "１", "x", "\x00", "<b>", "9" * 4000]
LONG = "长" * 4000


@dataclass
class Desk:
    """A keeper of the list at their browser, and a shop of their community with ten bags of rice."""

    keeper: Actor
    page: Client
    shop: Shop

    def case(self, *, name: str = "陈桂兰", **household: object) -> ReliefCase:
        """Put a household on the list."""
        region = self.shop.store.region
        home = make_household(region=region, name=name, contact="13800001234", **household)
        soon = timezone.localdate() + timedelta(days=30)
        return make_case(self.keeper, home, review_on=soon, at=timezone.now())

    def give(self, case: ReliefCase, quantity: int = 1) -> Redemption:
        """Set rice aside, and have it collected."""
        at = timezone.now()
        made = give_out(case, self.shop.products[0], quantity, keeper=self.keeper, at=at)
        return collect(code=made.redemption.code, actor=actor_for(self.shop.clerk), at=at)


@pytest.fixture
def desk() -> Desk:
    shop = make_shop()
    user = make_staff(Role.COMMUNITY_STAFF, COMMUNITY)
    name_keeper(user, at=timezone.now() - timedelta(days=90))
    return Desk(actor_for(user), browser(user), shop)


def of(case: ReliefCase) -> str:
    return reverse("pages:relief-case", args=[case.pk])


def text(answer) -> str:
    return answer.content.decode()


def test_a_keeper_is_named_by_a_colleague_keeps_the_list_and_is_relieved_of_it():
    make_path()
    wang, chief = make_staff(Role.COMMUNITY_STAFF, COMMUNITY), make_staff(Role.COMMUNITY_STAFF, COMMUNITY[:6])
    home, form = make_household(name="陈桂兰"), {"category": "illness", "reason": "长期透析"}
    review = (timezone.localdate() + timedelta(days=60)).isoformat()

    before = browser(wang).get(RELIEF)
    browser(chief).post(KEEPERS, {"username": wang.username, **picked()})
    empty = text(browser(wang).get(RELIEF))
    browser(wang).post(RELIEF, form | {"number": home.number, "review_on": review})
    listed = text(browser(wang).get(RELIEF))
    above = browser(chief).get(RELIEF)
    browser(chief).post(reverse("pages:relief-keeper-end", args=[ReliefKeeper.objects.get().pk]))
    after = browser(wang).get(RELIEF)

    assert [before.status_code, above.status_code, after.status_code] == [403, 403, 403]
    assert "您没有被指定" in text(before)
    assert "名单上还没有家庭。" in empty
    assert ("陈*兰" in listed, home.number in listed, "陈桂兰" in listed) == (True, True, False)
    assert "陈*兰" not in text(above) + text(after)
    assert AuditEntry.objects.filter(action="relief.list_read", actor_id=wang.pk).count() == 2


def test_nobody_else_is_named_and_the_page_says_at_which_field():
    make_path()
    make_path(CHENGDU_JINJIANG)
    wang, chief = make_staff(Role.COMMUNITY_STAFF, COMMUNITY), make_staff(Role.COMMUNITY_STAFF, COMMUNITY)

    for who, where, field, said in (
        ("nobody", COMMUNITY, "username", "只能指定这个区域的社区工作人员"),
        ("self", COMMUNITY, "username", "不能指定自己"),
        ("\x00", COMMUNITY, "username", ""),
        (LONG, COMMUNITY, "username", ""),
        ("wang", CHENGDU_JINJIANG, "region", ""),
        ("wang", "999999999999", "region", ""),
    ):
        username = {"wang": wang.username, "self": chief.username}.get(who, who)

        answer = browser(chief).post(KEEPERS, {"username": username, **picked(where)})

        assert (answer.status_code, f'data-testid="error-{field}"' in text(answer)) == (400, True)
        assert (said in text(answer), f'value="{wang.username}"' in text(answer)) == (True, who == "wang")

    assert not ReliefKeeper.objects.exists()


def test_a_household_is_not_listed_by_a_wrong_form_which_keeps_what_was_typed(desk):
    home = make_household(region=desk.shop.store.region)
    soon = (timezone.localdate() + timedelta(days=9)).isoformat()
    sound = {"number": home.number, "category": "illness", "reason": "长期透析", "review_on": soon}

    for changes, field in (
        ({"number": "123456789012"}, "number"),
        ({"number": "x"}, "number"),
        ({"number": "1" * 4000}, "number"),
        ({"number": "\x00"}, "number"),
        ({"category": "<b>"}, "category"),
        ({"reason": " "}, "reason"),
        ({"reason": LONG}, "reason"),
        ({"reason": "长期\x00透析"}, "reason"),
        ({"review_on": "2026-02-30"}, "review_on"),
        ({"review_on": "2001-01-01"}, "review_on"),
        ({"review_on": "9999-12-31"}, "review_on"),
    ):
        answer = desk.page.post(RELIEF, sound | changes)

        assert (answer.status_code, f'data-testid="error-{field}"' in text(answer)) == (400, True)
        assert [
            word for name, word in sound.items() if name not in changes and word not in text(answer)
        ] == []

    assert not ReliefCase.objects.exists()


def test_goods_go_from_the_list_over_the_slip_to_the_counter_and_back_onto_the_case(desk):
    case, other = desk.case(), desk.case(name="欧阳建国")
    rice, store = desk.shop.products[0], desk.shop.store
    clerk, manager = browser(desk.shop.clerk), make_staff(Role.ORGANIZATION_MANAGER, store.organization_id)
    counter = f"{reverse('pages:counter')}?store={store.pk}"

    desk.page.post(of(case), {"do": "issue", "store": store.pk, f"quantity-{rice.pk}": "2"})
    given = ReliefIssue.objects.get()
    waiting, slip = text(desk.page.get(of(case))), reverse("pages:relief-issue", args=[given.pk])
    shown = text(desk.page.post(slip, {"do": "code"}))
    queue, above = text(clerk.get(counter)), browser(manager).post(slip, {"do": "code"})
    collect(code=given.redemption.code, actor=actor_for(desk.shop.clerk), at=timezone.now())
    done = text(desk.page.get(of(case)))

    assert "每月 10 件，本月还可发 8 件。" in waiting
    assert (given.redemption.code in shown, given.redemption.code in waiting + done) == (True, False)
    assert ("陈*兰" in queue, "陈桂兰" in queue, "帮扶" in queue) == (True, False, False)
    assert ("待领取" in waiting, "已领取" in done, 'data-testid="code"' in done) == (True, True, False)
    assert (above.status_code, given.redemption.code in text(above)) == (403, False)
    assert 'data-testid="given"' not in text(desk.page.get(of(other)))
    assert AuditEntry.objects.filter(action="relief.code_shown").count() == 1


def test_an_issue_that_is_called_off_puts_the_goods_back(desk):
    case = desk.case()
    made = give_out(case, desk.shop.products[0], 3, keeper=desk.keeper, at=timezone.now())
    here = reverse("pages:relief-issue", args=[made.pk])
    stranger = make_keeper("510104001001", at=timezone.now())

    outside = browser(User.objects.get(pk=stranger.user_id)).post(here, {"do": "cancel"})
    desk.page.post(here, {"do": "cancel"})
    page = text(desk.page.get(of(case)))

    assert outside.status_code == 404
    assert ("已取消" in page, "本月还可发 10 件" in page) == (True, True)
    assert Batch.objects.get().reserved == 0
    assert Redemption.objects.get().status == RedemptionStatus.CANCELLED


def test_rubbish_beside_a_sound_quantity_sets_nothing_aside(desk):
    case, rice = desk.case(), desk.shop.products[0]
    form = {"do": "issue", "store": desk.shop.store.pk, f"quantity-{rice.pk}": "2"}

    for typed in RUBBISH:
        answer = desk.page.post(of(case), form | {"quantity-1000000": typed})

        assert (answer.status_code, 'data-testid="error-lines"' in text(answer)) == (400, True)
        assert f'name="quantity-{rice.pk}" type="number" min="0" max="99" value="2"' in text(answer)

    assert (ReliefIssue.objects.exists(), Batch.objects.get().reserved) == (False, 0)


def test_goods_of_a_long_shelf_are_found_and_what_was_typed_before_stays(desk):
    case, rice = desk.case(), desk.shop.products[0]
    ProductFactory.create_batch(30, store=desk.shop.store, category=rice.category)
    umbrella = ProductFactory.create(store=desk.shop.store, name="雨伞", relief_reserved=1)
    receive_batch(product=umbrella, quantity=5, expires_on=None, actor=None, at=timezone.now())
    form = {"store": desk.shop.store.pk, f"quantity-{rice.pk}": "2"}

    first = text(desk.page.get(of(case)))
    found = text(desk.page.post(of(case), form | {"do": "find", "q": "雨"}))
    nothing = text(desk.page.post(of(case), form | {"do": "find", "q": "没有的"}))
    desk.page.post(of(case), form | {"do": "issue", "q": "雨", f"quantity-{umbrella.pk}": "1"})

    shown = [page.count('data-testid="quantity"') for page in (first, found, nothing)]
    assert (shown, "还有 8 种" in first) == ([24, 2, 1], True)
    assert first.index("雨伞") < first.index(rice.name)  # what is kept back for them comes first
    assert all(
        f'name="quantity-{rice.pk}" type="number" min="0" max="99" value="2"' in page
        for page in (found, nothing)
    )
    lines = Redemption.objects.get().lines.order_by("product_id").values_list("product_id", "quantity")
    assert list(lines) == [(rice.pk, 2), (umbrella.pk, 1)]


def test_a_quantity_nobody_gets_is_refused_in_words(desk):
    case, rice = desk.case(), desk.shop.products[0]

    for quantity, status in (("0", 400), ("100", 400), (str(10**9), 400), ("11", 409)):
        form = {"do": "issue", "store": desk.shop.store.pk, f"quantity-{rice.pk}": quantity}

        answer = desk.page.post(of(case), form)

        assert (answer.status_code, 'data-testid="refusal"' in text(answer)) == (status, True)
        assert f'value="{quantity}"' in text(answer)

    assert not ReliefIssue.objects.exists()


def test_a_review_pauses_and_ends_the_help(desk):
    case, later = desk.case(), (timezone.localdate() + timedelta(days=99)).isoformat()
    good = {"do": "review", "status": "paused", "reason": "住院，医院照料", "review_on": later}

    bad = [
        desk.page.post(of(case), good | change)
        for change in ({"status": "x"}, {"reason": ""}, {"reason": LONG}, {"review_on": ""})
    ]
    desk.page.post(of(case), good)
    paused = text(desk.page.get(of(case)))
    desk.page.post(of(case), good | {"status": "ended", "reason": "<b>搬走了</b>", "review_on": ""})
    ended = text(desk.page.get(of(case)))
    again = desk.page.post(of(case), good)

    assert [answer.status_code for answer in bad] == [400, 400, 400, 400]
    assert [
        f'data-testid="error-{field}"' in text(answer)
        for field, answer in zip(("status", "reason", "reason", "review_on"), bad, strict=True)
    ] == [True] * 4
    assert "住院，医院照料" in text(bad[0]), "what was typed stays"
    assert ('data-testid="issue-form"' in paused, 'data-testid="review-form"' in paused) == (False, True)
    assert ('data-testid="review-form"' in ended, "&lt;b&gt;搬走了" in ended) == (False, True)
    assert again.status_code == 400
    assert case.reviews.count() == 2


def test_services_are_nothing_to_set_aside_or_to_keep_back(desk):
    make_service(store=desk.shop.store, name="理发")
    case = desk.case()

    pages = [text(desk.page.get(of(case))), text(browser(desk.shop.clerk).get(SHARES))]

    assert ["大米0" in page for page in pages] == [True, True]
    assert ["理发" in page for page in pages] == [False, False]


def test_what_is_kept_back_is_not_on_the_volunteers_shelf_but_goes_out_to_the_list(desk):
    rice, volunteer = desk.shop.products[0], make_volunteer()
    give_points(volunteer, 100)
    shelf = reverse("pages:shelf-store", args=[desk.shop.store.pk])
    case = desk.case()

    browser(desk.shop.clerk).post(SHARES, {"product": rice.pk, "quantity": "10"})
    seen = text(browser(volunteer.user).get(shelf))
    desk.page.post(of(case), {"do": "issue", "store": desk.shop.store.pk, f"quantity-{rice.pk}": "4"})

    assert ("换完" in seen, "帮扶" in seen, "困难" in seen) == (True, False, False)
    assert Batch.objects.get().reserved == 4


def test_a_share_that_is_no_number_is_refused_at_its_field(desk):
    for typed in (*RUBBISH, "", "1000001", str(10**9)):
        answer = browser(desk.shop.clerk).post(
            SHARES, {"product": desk.shop.products[0].pk, "quantity": typed}
        )

        assert (answer.status_code, 'data-testid="error-quantity"' in text(answer)) == (400, True)
        assert "<b>" not in text(answer).split("<main", 1)[1]

    desk.shop.products[0].refresh_from_db()
    assert desk.shop.products[0].relief_reserved == 0


def test_a_share_is_found_among_many_goods(desk):
    ProductFactory.create_batch(30, store=desk.shop.store)

    found = text(desk.page.get(SHARES, {"q": desk.shop.products[0].name}))

    assert found.count('data-testid="share"') == 1


def test_the_share_of_another_store_is_not_ones_own(desk):
    answer = browser(make_shop().clerk).post(SHARES, {"product": desk.shop.products[0].pk, "quantity": "3"})

    desk.shop.products[0].refresh_from_db()
    assert (answer.status_code, desk.shop.products[0].relief_reserved) == (404, 0)


@pytest.mark.parametrize(("families", "said"), [(2, "少于 3 户"), (3, "3 户，3 次，6 件")])
def test_the_public_reads_totals_that_point_at_nobody(desk, families, said):
    then = timezone.now() - timedelta(days=40)
    rice, clerk = desk.shop.products[0], actor_for(desk.shop.clerk)
    receive_batch(product=rice, quantity=10, expires_on=None, actor=clerk, at=then)
    for _ in range(families):
        home = make_household(region=desk.shop.store.region, name="陈桂兰")
        case = make_case(desk.keeper, home, review_on=timezone.localdate() + timedelta(days=1), at=then)
        made = give_out(case, rice, 2, keeper=desk.keeper, at=then)
        collect(code=made.redemption.code, actor=clerk, at=then)

    page = text(browser().get(reverse("pages:relief-totals")))

    assert page.count('data-testid="total"') == 1
    assert said in page
    assert [
        word for word in ("陈", home.number, "6 件" if families == 2 else "少于 3 户") if word in page
    ] == []


def test_recalled_goods_of_a_family_are_told_to_the_keeper_of_the_list_and_to_no_manager(desk):
    case, other = desk.case(), desk.case(name="欧阳建国")
    family, kept = desk.give(case, 2), make_redemption(make_volunteer(), desk.shop)
    collect(code=kept.code, actor=actor_for(desk.shop.clerk), at=timezone.now())
    manager = make_staff(Role.ORGANIZATION_MANAGER, desk.shop.store.organization_id)
    recall = recalling.open_recall(
        batch_id=Batch.objects.get().pk, reason="厂家通知", actor=actor_for(manager), at=timezone.now()
    )
    here, at_desk = reverse("pages:store-recall", args=[recall.pk]), browser(manager)

    page = text(at_desk.post(here, {"step": "recipients"}))
    sheet = text(at_desk.post(here, {"step": "contacts"}))
    told = recalling.read_recipients(recall_id=recall.pk, actor=actor_for(manager), at=timezone.now())
    listed, opened = text(desk.page.get(RELIEF)), text(desk.page.get(of(case)))

    assert [row.number for row in told] == [kept.volunteer.number]
    assert kept.volunteer.number in page
    for secret in ("陈", case.household.number, "13800001234", "帮扶家庭", f"{family.pk},"):
        assert secret not in page + sheet
    assert "按帮扶发放的由帮扶名单的保管人通知" in page
    assert (listed.count('data-testid="recalled"'), "领过召回的物资" in listed) == (1, True)
    assert ('data-testid="recalled"' in opened, 'data-testid="issue-recalled"' in opened) == (True, True)
    assert 'data-testid="recalled"' not in text(desk.page.get(of(other)))
    second = make_actor(Role.ORGANIZATION_MANAGER, desk.shop.store.organization_id)
    recalling.lift_recall(recall_id=recall.pk, reason="填错了", actor=second, at=timezone.now())
    assert "recalled" not in text(desk.page.get(RELIEF)) + text(desk.page.get(of(case)))


def test_the_sentence_about_the_lists_keeper_stands_there_whoever_took_the_goods(desk):
    manager = make_actor(Role.ORGANIZATION_MANAGER, desk.shop.store.organization_id)
    recall = recalling.open_recall(
        batch_id=Batch.objects.get().pk, reason="厂家通知", actor=manager, at=timezone.now()
    )

    page = browser(User.objects.get(pk=manager.user_id)).post(
        reverse("pages:store-recall", args=[recall.pk]), {"step": "recipients"}
    )

    assert 'data-testid="relief-apart"' in text(page)
    assert 'data-testid="nobody"' in text(page)


def test_a_review_after_the_recall_ends_the_keepers_reminder(desk):
    case, later = desk.case(), (timezone.localdate() + timedelta(days=99)).isoformat()
    desk.give(case)
    recalling.open_recall(
        batch_id=Batch.objects.get().pk,
        reason="厂家通知",
        actor=actor_for(desk.shop.clerk),
        at=timezone.now(),
    )

    desk.page.post(
        of(case), {"do": "review", "status": "active", "reason": "已电话通知，停用", "review_on": later}
    )
    opened = text(desk.page.get(of(case)))

    assert 'data-testid="recalled"' not in opened + text(desk.page.get(RELIEF))
    assert 'data-testid="issue-recalled"' in opened, "which goods it was is still seen"
