"""Every guard of the relief tables, reached around the Python."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from points.market.choices import Channel, MoveKind
from points.market.models import Batch, Product, StockMove
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import new_code
from points.relief.models import (
    ReliefCase,
    ReliefIssue,
    ReliefKeeper,
    ReliefNotice,
    ReliefPolicy,
    ReliefReview,
)
from tests.factories.accounts import StaffFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.market import deliver, make_product, make_redeemer, reserve
from tests.factories.regions import RegionFactory
from tests.factories.relief import REVIEW_ON, give_out, make_case, make_keeper, name_keeper
from tests.factories.volunteers import VolunteerFactory, make_household
from volunteers.people.household_models import Household

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> ReliefCase:
    return make_case(make_keeper())


def bare_redemption(household: Household, now: Any, *, quantity: int = 1) -> Redemption:
    rice = make_product()
    redemption = Redemption.objects.create(
        household=household,
        channel=Channel.RELIEF,
        points=0,
        store=rice.store,
        code=new_code(),
        created_at=now,
        reserved_until=now + timedelta(days=1),
    )
    RedemptionLine.objects.create(redemption=redemption, product=rice, quantity=quantity, unit_points=0)
    return redemption


def bare_issue(case: ReliefCase, now: Any, *, quantity: int = 1, **fields: Any) -> ReliefIssue:
    household = fields.pop("household", case.household)
    redemption = bare_redemption(household, now, quantity=quantity)
    values = {"keeper": case.kept_by, "allowed": 5, "grace_days": 14, "at": now} | fields
    return ReliefIssue.objects.create(case=case, redemption=redemption, **values)


def test_goods_without_points_go_to_the_households_of_the_list_only(case, now):
    bare_issue(case, now)
    connection.check_constraints()

    with refused_by("redemption_relief_of_list"):
        bare_redemption(case.household, now)
        connection.check_constraints()


def test_a_term_is_given_by_somebody_else_for_a_real_region_and_ended_once(now):
    user, region = StaffFactory(), RegionFactory(code="520102001001")
    term = name_keeper(user)
    values = {"user": StaffFactory(), "region": region, "named_by": user, "named_at": now}
    rows = ReliefKeeper.objects.filter(pk=term.pk)

    with refused_by("relief_keeper_once"):
        name_keeper(user)
    with refused_by("relief_keeper_named_by_another"):
        ReliefKeeper.objects.create(**values | {"user": user}, prefix="520102001001")
    for prefix in ("5201", "5", ""):
        with refused_by("relief_keeper_prefix_of_region"):
            ReliefKeeper.objects.create(**values, prefix=prefix)
    with refused_by("relief_keeper_ended_by_someone"):
        rows.update(ended_at=now)
    rows.update(ended_at=now, ended_by=user)
    for change in (lambda: rows.update(ended_at=None), lambda: rows._raw_delete("default")):
        with refused_by("relief_keeper_is_history"):
            change()


def test_a_case_is_kept_by_somebody_named_for_that_place_who_lives_elsewhere(now):
    term = make_case(make_keeper()).kept_by
    gone, away = name_keeper(StaffFactory()), name_keeper(StaffFactory(), prefix="510104")
    ReliefKeeper.objects.filter(pk=gone.pk).update(ended_at=now, ended_by=term.user)
    values = {"category": "illness", "reason": "病", "review_on": REVIEW_ON, "opened_at": now}
    home = make_household(VolunteerFactory(user=term.user))

    for keeper in (gone, away):
        with refused_by("relief_by_named_keeper"):
            ReliefCase.objects.create(household=make_household(), kept_by=keeper, **values)
    with refused_by("relief_not_for_own_household"):
        ReliefCase.objects.create(household=home, kept_by=term, **values)
    for constraint, changes in (
        ("relief_review_within_year", {"review_on": date(2028, 1, 1)}),
        ("relief_review_within_year", {"review_on": date(2026, 9, 15)}),
        ("relief_case_category_known", {"category": "poor"}),
        ("relief_case_by_reviews", {"status": "paused"}),
        ("relief_case_status_known", {"ended_at": now}),
    ):
        with refused_by(constraint):
            ReliefCase.objects.create(household=make_household(), kept_by=term, **values | changes)


def test_a_case_changes_by_reviews_and_reviews_stay(case, now):
    rows = ReliefCase.objects.filter(pk=case.pk)
    values = {"case": case, "keeper": case.kept_by, "reason": "好", "at": now}

    with refused_by("relief_case_once"):
        ReliefCase.objects.create(
            household=case.household, category="other", reason="x", review_on=REVIEW_ON,
            kept_by=case.kept_by, opened_at=now,
        )  # fmt: skip
    for change in (
        lambda: rows.update(review_on=date(2027, 1, 1)),
        lambda: rows.update(status="paused"),
        lambda: rows._raw_delete("default"),
    ):
        with refused_by("relief_case_by_reviews"):
            change()
    rows.update(reason="换了密钥")  # sealed anew
    for constraint, fields in (
        ("relief_review_status_known", {"status": "dream", "review_on": REVIEW_ON}),
        ("relief_review_names_day", {"status": "active"}),
        ("relief_review_names_day", {"status": "ended", "review_on": REVIEW_ON}),
        ("relief_review_within_year", {"status": "active", "review_on": date(2027, 10, 1)}),
        ("relief_by_named_keeper", {
            "status": "ended", "keeper": name_keeper(StaffFactory(), prefix="510104"),
        }),
    ):  # fmt: skip
        with refused_by(constraint):
            ReliefReview.objects.create(**values | fields)
    ReliefReview.objects.create(**values, status="ended")
    with refused_by("relief_review_of_open_case"):
        ReliefReview.objects.create(**values, status="active", review_on=REVIEW_ON)
    for change in (
        lambda: ReliefReview.objects.update(at=now - timedelta(days=1)),
        lambda: ReliefReview.objects.all()._raw_delete("default"),
    ):
        with refused_by("relief_review_is_history"):
            change()
    ReliefReview.objects.update(reason="换了密钥")


def test_goods_go_to_the_household_of_an_active_case_in_time_and_within_its_share(case, now):
    volunteers_own = reserve(make_redeemer(), make_product(), at=now)
    late = now + timedelta(days=120)

    with refused_by("relief_issue_of_active_case"):
        bare_issue(case, now, household=make_household())
    with refused_by("relief_issue_of_active_case"):
        ReliefIssue.objects.create(
            case=case, redemption=volunteers_own, keeper=case.kept_by, allowed=5, grace_days=0, at=now
        )
    for constraint, fields in (
        ("relief_review_not_overdue", {"at": late}),
        ("relief_by_named_keeper", {"keeper": name_keeper(StaffFactory(), prefix="510104")}),
        ("relief_issue_rules_sane", {"allowed": 1000}),
        ("relief_issue_rules_sane", {"grace_days": 91}),
        ("relief_quota_kept", {"quantity": 6}),
    ):
        with refused_by(constraint):
            bare_issue(case, now, **fields)
    bare_issue(case, now, quantity=5)
    with refused_by("relief_quota_kept"):
        bare_issue(case, now)
    with refused_by("relief_issue_append_only"):
        ReliefIssue.objects.update(allowed=9)
    ReliefReview.objects.create(
        case=case, keeper=case.kept_by, reason="x", at=now, status="paused", review_on=REVIEW_ON
    )
    with refused_by("relief_issue_of_active_case"):
        bare_issue(case, now)


def test_a_notice_is_written_once_and_a_policy_is_sane(case, now):
    ReliefNotice.objects.create(case=case, review_on=REVIEW_ON, at=now)

    with refused_by("relief_notice_once"):
        ReliefNotice.objects.create(case=case, review_on=REVIEW_ON, at=now)
    with refused_by("relief_notice_append_only"):
        ReliefNotice.objects.update(at=now)
    for fields in ({"grace_days": 91}, {"monthly_items": 0}, {"hold_hours": 0}, {"hold_hours": 241}):
        with refused_by("relief_policy_sane"):
            ReliefPolicy.objects.create(region=case.household.region, **fields)


def test_the_share_of_those_in_need_is_kept_by_the_database_over_all_batches(case, now):
    rice = make_product(3)
    second = deliver(rice, 4)
    stale = Batch.objects.create(
        store=rice.store, product=rice, received_at=now, expires_on=date(2026, 9, 14)
    )
    StockMove.objects.create(batch=stale, kind=MoveKind.RECEIVE, quantity=9, at=now)
    buyer = reserve(make_redeemer(), rice, at=now)
    Product.objects.filter(pk=rice.pk).update(relief_reserved=4)

    def take(kind: MoveKind, quantity: int, redemption: Redemption | None = None) -> None:
        StockMove.objects.create(batch=second, kind=kind, quantity=quantity, redemption=redemption, at=now)

    for kind, redemption in ((MoveKind.RESERVE, buyer), (MoveKind.SET_ASIDE, None)):
        with refused_by("stock_relief_share_kept"):
            take(kind, 3, redemption)
    take(MoveKind.RESERVE, 2, buyer)
    with refused_by("stock_relief_share_kept"):
        take(MoveKind.SET_ASIDE, 1)
    with refused_by("stock_put_back_of_set_aside"):
        take(MoveKind.PUT_BACK, 1)
    keeper = make_keeper("520102001")
    give_out(case, rice, 4, keeper=keeper, at=now)

    assert sorted(Batch.objects.values_list("on_hand", "reserved")) == [(3, 3), (4, 4), (9, 0)]


def test_every_guard_of_relief_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")
    triggers_of_tested_constraints = {"relief_case_begins", "relief_review_moves_case", "relief_issue_fits"}

    guards = guards_of(ReliefKeeper, ReliefPolicy, ReliefCase, ReliefReview, ReliefIssue, ReliefNotice)

    assert {name for name in guards - triggers_of_tested_constraints if name not in text} == set()
