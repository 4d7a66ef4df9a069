"""Help without points: by named staff, with a reason and a review, and like anybody else's at the counter."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.market import services as market
from points.market.errors import OutOfStock, ProductUnavailable, StoreClosed
from points.market.models import Batch, Product, Store
from points.market.queries import products_on_shelf, redemptions_visible_to
from points.relief import errors, issuing, queries, services
from points.relief.models import ReliefCase, ReliefIssue, ReliefKeeper, ReliefNotice, ReliefPolicy
from points.relief.rules import months_told
from tests.factories.accounts import StaffFactory, make_actor, make_staff
from tests.factories.market import (
    clerk_of,
    deliver,
    make_clerk,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.regions import COMMUNITY, GUIYANG, NANMING, RegionFactory
from tests.factories.relief import REVIEW_ON, give_out, make_case, make_keeper, name_keeper
from tests.factories.volunteers import VolunteerFactory, make_household

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- who keeps the list -------------------------------------------------------------------------------------


def test_keepers_are_named_by_a_colleague_and_only_while_they_are_staff_there(now):
    RegionFactory(code=COMMUNITY)
    chief, wang = make_actor(Role.COMMUNITY_STAFF, "520102"), make_staff(Role.COMMUNITY_STAFF, "520102001")
    stranger, clerk = make_staff(Role.COMMUNITY_STAFF, "5101"), make_staff(Role.STORE_CLERK, 1)

    def name(username: str, actor=chief) -> ReliefKeeper:
        return services.name_keeper(username=username, region_code=COMMUNITY, actor=actor, at=now)

    for refusal, username, actor in (
        (Forbidden, wang.username, actor_for(clerk)),
        (NotFound, wang.username, actor_for(stranger)),
        (errors.KeeperNotStaff, stranger.username, chief),
        (errors.KeeperNotStaff, clerk.username, chief),
        (errors.KeeperNotStaff, "nobody", chief),
        (errors.KeeperNamesSelf, wang.username, actor_for(wang)),
    ):
        with pytest.raises(refusal):
            name(username, actor)
    keeper = name(wang.username)
    with pytest.raises(errors.KeeperNamed):
        name(wang.username)
    assert services.read_cases(actor=actor_for(wang), at=now) == []
    for outsider in (chief, actor_for(clerk), make_actor(Role.PLATFORM_ADMIN)):
        with pytest.raises(errors.NotReliefKeeper):
            services.read_cases(actor=outsider, at=now)

    wang.memberships.all().delete()  # left the job
    with pytest.raises(errors.NotReliefKeeper):
        services.read_cases(actor=actor_for(wang), at=now)
    for _ in range(2):
        services.end_keeper(keeper_id=keeper.pk, actor=chief, at=now)
    with pytest.raises(NotFound):
        services.end_keeper(keeper_id=keeper.pk, actor=actor_for(stranger), at=now)
    assert actions() == ["relief.keeper_named", "relief.list_read", "relief.keeper_ended"]


def test_a_case_has_a_reason_a_review_and_one_place_on_the_list(now):
    keeper, elsewhere = make_keeper(), make_keeper("510104001001")
    home = make_household(contact="13800001234")

    for refusal, changes, actor in (
        (errors.ReliefReasonRequired, {"reason": " "}, keeper),
        (errors.ReliefReviewDateInvalid, {"review_on": date(2026, 9, 15)}, keeper),
        (errors.ReliefReviewDateInvalid, {"review_on": date(2027, 9, 17)}, keeper),
        (errors.ReliefHouseholdUnknown, {}, elsewhere),
        (errors.NotReliefKeeper, {}, make_actor(Role.COMMUNITY_STAFF, "520102")),
    ):
        with pytest.raises(refusal):
            make_case(actor, home, at=now, **changes)
    case = make_case(keeper, home, at=now)
    with pytest.raises(errors.ReliefCaseExists):
        make_case(keeper, home, at=now)
    opened = services.read_case(case_id=case.pk, actor=keeper, at=now)
    with pytest.raises(NotFound):
        services.read_case(case_id=case.pk, actor=elsewhere, at=now)

    assert (opened.name, opened.contact, opened.reason) == ("陈桂兰", "13800001234", "长期透析，无收入")
    assert "透析" not in str(ReliefCase.objects.values_list("reason").get())
    services.read_cases(actor=keeper, at=now)
    rows = AuditEntry.objects.filter(action__endswith="_read").order_by("pk")
    assert list(rows.values_list("action", "actor_id", "target_id", "detail")) == [
        ("relief.case_read", keeper.user_id, str(case.pk), {}),
        ("relief.list_read", keeper.user_id, "", {"cases": [case.pk]}),
    ]


def test_a_review_moves_the_case_and_whoever_reviews_keeps_it(now):
    first, second = make_keeper(), make_keeper("520102001")
    case = make_case(first, at=now)

    paused = services.review_case(
        case_id=case.pk, status="paused", reason="住院", review_on=date(2027, 1, 5), actor=second, at=now
    )
    assert (paused.status, paused.review_on, paused.kept_by.user_id) == (
        "paused", date(2027, 1, 5), second.user_id,
    )  # fmt: skip
    with pytest.raises(errors.ReliefCaseNotActive):
        give_out(case, make_product(), keeper=first, at=now)
    with pytest.raises(errors.ReliefReviewDateInvalid):
        services.review_case(
            case_id=case.pk, status="active", reason="好转", review_on=None, actor=first, at=now
        )
    ended = services.review_case(
        case_id=case.pk, status="ended", reason="搬走", review_on=None, actor=first, at=now
    )
    assert (ended.status, ended.ended_at, ended.review_on) == ("ended", now, date(2027, 1, 5))
    with pytest.raises(errors.ReliefCaseEnded):
        services.review_case(
            case_id=case.pk, status="active", reason="又来", review_on=REVIEW_ON, actor=first, at=now
        )
    again = make_case(first, case.household, at=now)
    assert (again.status, ReliefCase.objects.count()) == ("active", 2)


def test_a_keeper_keeps_their_hands_off_their_own_household(now):
    user = make_staff(Role.COMMUNITY_STAFF, COMMUNITY)
    home = make_household(VolunteerFactory(user=user))
    name_keeper(user)
    colleague = make_keeper("520102001")

    with pytest.raises(errors.ReliefOwnHousehold):
        make_case(actor_for(user), home, at=now)
    case = make_case(colleague, home, at=now)
    with pytest.raises(errors.ReliefOwnHousehold):
        services.review_case(
            case_id=case.pk, status="active", reason="好", review_on=REVIEW_ON, actor=actor_for(user), at=now
        )
    with pytest.raises(errors.ReliefOwnHousehold):
        give_out(case, make_product(), keeper=actor_for(user), at=now)
    assert ReliefIssue.objects.count() == 0


def test_overdue_reviews_are_noted_once_and_nothing_goes_out_after_the_grace(now):
    keeper, rice = make_keeper(), make_product()
    case = make_case(keeper, review_on=date(2026, 9, 10))
    due = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)

    assert [services.note_overdue(at=now) for _ in range(2)] == [1, 0]
    assert list(ReliefNotice.objects.values_list("case_id", "review_on")) == [(case.pk, date(2026, 9, 10))]
    give_out(case, rice, keeper=keeper, at=due)
    with pytest.raises(errors.ReliefReviewOverdue):
        give_out(case, rice, keeper=keeper, at=due + timedelta(days=1))
    ReliefPolicy.objects.create(region=RegionFactory(code=NANMING), grace_days=30)
    give_out(case, rice, keeper=keeper, at=due + timedelta(days=1))


# --- what goes out ------------------------------------------------------------------------------------------


def test_a_household_gets_its_share_of_the_month_and_no_more(now):
    keeper, rice = make_keeper(), make_product(50)
    ReliefPolicy.objects.create(region=RegionFactory(code=GUIYANG), monthly_items=5)
    case = make_case(keeper)

    given = give_out(case, rice, 3, keeper=keeper, at=now)
    with pytest.raises(errors.ReliefQuotaReached) as refused:
        give_out(case, rice, 3, keeper=keeper, at=now)
    assert refused.value.data == {"most": 5, "left": 2}
    market.cancel(redemption_id=given.redemption_id, actor=keeper, at=now)
    give_out(case, rice, 5, keeper=keeper, at=now)
    give_out(case, rice, 5, keeper=keeper, at=now + timedelta(days=16))  # October

    assert (Batch.objects.get().reserved, Batch.objects.get().on_hand) == (10, 50)


def test_goods_for_need_are_collected_by_code_and_look_like_any_other_at_the_counter(now):
    rice = make_product(10, points=15)
    keeper, case_keeper = make_keeper("520102001"), make_keeper()
    case = make_case(case_keeper)
    clerk = make_clerk(rice.store)
    issue = give_out(case, rice, 2, keeper=keeper, at=datetime.now(tz=UTC) - timedelta(minutes=1))
    shown = issuing.show_code(issue_id=issue.pk, actor=keeper, at=now)
    page = Client()
    page.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    preview = page.post(reverse("pages:counter"), {"code": shown.code}).content.decode()
    done = page.post(reverse("pages:counter"), {"code": shown.code, "step": "collect"}, follow=True)

    text = done.content.decode()
    assert ("陈*兰" in preview, "陈*兰" in text) == (True, True)
    assert "30 积分" in preview  # what anybody else would pay
    assert [word for word in ("帮扶", "困难", "陈桂兰", "relief") if word in preview + text] == []
    issue.redemption.refresh_from_db()
    assert (issue.redemption.status, issue.redemption.points) == ("collected", 0)
    assert (Batch.objects.get().on_hand, Batch.objects.get().reserved) == (8, 0)


def test_who_keeps_a_store_but_not_the_list_does_not_see_who_is_in_need(now, api):
    rice = make_product()
    keeper = make_keeper()
    issue = give_out(make_case(keeper), rice, keeper=keeper, at=now)
    ordinary = reserve(make_redeemer(), rice, at=now)
    watchers = [
        make_staff(Role.ORGANIZATION_MANAGER, rice.store.organization_id),
        make_staff(Role.COMMUNITY_STAFF, "5201"),
        make_staff(Role.SUPERVISOR, "5201"),
        make_staff(Role.PLATFORM_ADMIN),
    ]

    for watcher in watchers:
        assert list(redemptions_visible_to(actor_for(watcher))) == [ordinary]
    row = api(make_clerk(rice.store)).get(f"/api/v1/market/redemptions/{issue.redemption_id}/").json()
    assert (row["points"], row["lines"][0]["unit_points"], row["code"]) == (10, 10, None)


def test_an_issue_lapses_and_what_cannot_be_given_is_refused(now):
    keeper, rice = make_keeper(), make_product(2)
    case = make_case(keeper)
    other = make_product(store=rice.store, status="off_shelf")
    far = Store.objects.create(
        name="远",
        organization=rice.store.organization,
        region=RegionFactory(code="510104001001"),
        address="x",
    )

    with pytest.raises(OutOfStock):
        give_out(case, rice, 3, keeper=keeper, at=now)
    with pytest.raises(ProductUnavailable):
        give_out(case, other, keeper=keeper, at=now)
    with pytest.raises(NotFound):
        give_out(case, make_product(store=far), keeper=keeper, at=now)
    issue = give_out(case, rice, 2, keeper=keeper, at=now)
    assert issue.redemption.reserved_until == now + timedelta(hours=72)
    assert market.lapse_due(at=now + timedelta(hours=72)) == 1
    assert [each.reserved for each in Batch.objects.filter(product=rice)] == [0]
    Store.objects.filter(pk=rice.store_id).update(status="closed")
    with pytest.raises(StoreClosed):
        give_out(case, rice, keeper=keeper, at=now)


# --- the share ----------------------------------------------------------------------------------------------


def test_what_is_kept_for_need_is_not_offered_for_points_and_need_may_use_it(now):
    rice = make_product(3)
    deliver(rice, 4)
    keeper, clerk = make_keeper(), clerk_of(rice.store)
    services.set_share(product_id=rice.pk, quantity=5, actor=clerk, at=now)
    buyer = make_redeemer(200)

    assert products_on_shelf(at=now).get(pk=rice.pk).free == 2
    with pytest.raises(OutOfStock) as refused:
        reserve(buyer, rice, 3, at=now)
    assert refused.value.data["left"] == 2
    reserve(buyer, rice, 2, at=now)
    give_out(make_case(keeper), rice, 5, keeper=keeper, at=now)
    with pytest.raises(OutOfStock):
        reserve(buyer, rice, at=now)

    assert sorted(Batch.objects.values_list("on_hand", "reserved")) == [(3, 3), (4, 4)]
    assert products_on_shelf(at=now).get(pk=rice.pk).free == 0


def test_only_who_keeps_the_store_sets_its_share(now):
    rice = make_product()
    for refusal, actor in (
        (Forbidden, make_actor(Role.SITE_MANAGER, 1)),
        (NotFound, make_actor(Role.STORE_CLERK, 999_999)),
    ):
        with pytest.raises(refusal):
            services.set_share(product_id=rice.pk, quantity=1, actor=actor, at=now)
    for quantity in (-1, 10**9):
        with pytest.raises(errors.ReliefShareInvalid):
            services.set_share(product_id=rice.pk, quantity=quantity, actor=clerk_of(rice.store), at=now)
    assert Product.objects.get().relief_reserved == 0


# --- what everybody may know --------------------------------------------------------------------------------


def test_the_public_is_told_totals_of_whole_months_and_nothing_about_fewer_than_three_families(now):
    keeper = make_keeper("5201")
    for community, families in ((COMMUNITY, 3), ("520103001001", 2)):
        RegionFactory(code=f"{community[:6]}000000")
        rice = make_product(50, store__region=RegionFactory(code=community))
        for _ in range(families):
            case = make_case(keeper, make_household(region=rice.store.region))
            issue = give_out(case, rice, 2, keeper=keeper, at=now)
            market.collect(code=issue.redemption.code, actor=clerk_of(rice.store), at=now)

    assert months_told(now) == (date(2025, 9, 1), date(2026, 8, 31))
    assert queries.totals(at=now) == []
    told = [
        (each.region, each.households, each.handovers, each.items)
        for each in queries.totals(at=now + timedelta(days=16))
    ]
    assert told == [("520102000000", 3, 3, 6), ("520103000000", None, None, None)]


def test_staff_who_are_gone_keep_nothing(now):
    user = StaffFactory(is_active=True)
    name_keeper(user)

    with pytest.raises(errors.NotReliefKeeper):
        services.terms_required(actor_for(user))
