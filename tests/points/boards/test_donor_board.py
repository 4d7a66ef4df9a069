"""慈善捐赠榜: everybody is counted, and only those who agreed are named."""

from datetime import date

import pytest

from backend.accounts.scopes import Role
from points.boards import queries
from points.boards.donors import entries
from points.boards.periods import parse
from points.giving import services
from points.giving.choices import Publicity
from points.giving.models import Donor
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.market import DonorFactory, ProductFactory
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory, make_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_actor(Role.PLATFORM_ADMIN)


@pytest.fixture(autouse=True)
def community():
    return make_path(COMMUNITY)


def give_money(donor, fen, staff, now, *, on=date(2026, 9, 10)):
    return services.record_money(
        donor=donor,
        amount_fen=fen,
        organization=OrganizationFactory.create(),
        received_on=on,
        purpose="",
        actor=staff,
        at=now,
    )


def give_goods(donor, quantity, staff, now, *, valuation_fen=None):
    rice = ProductFactory.create()
    return services.receive_goods(
        donor=donor,
        store=rice.store,
        lines=[services.GoodsLine(rice.pk, quantity)],
        received_on=date(2026, 9, 11),
        purpose="",
        valuation_fen=valuation_fen,
        actor=staff,
        at=now,
    )


def board(now, *, region=COMMUNITY, period="all"):
    return queries.board(board="donors", region=region, period=period, at=now)


def test_nobody_is_listed_unasked_and_everybody_is_counted(staff, now):
    for name, consent in (
        ("甲商店", Publicity.HIDDEN),
        ("乙商店", Publicity.ANONYMOUS),
        ("丙商店", Publicity.NAMED),
    ):
        give_money(DonorFactory.create(name=name, consent=consent), 1_000, staff, now)

    page = board(now)

    assert sorted(entry["name"] for entry in page["entries"]) == ["丙商店", "爱心人士"]
    assert page["totals"] == {
        "donors": 3,
        "donations": 3,
        "money_fen": 3_000,
        "goods_valuation_fen": 0,
        "goods_items": 0,
    }


def test_a_masked_donor_is_masked(staff, now):
    give_money(DonorFactory.create(name="张晓明", consent=Publicity.MASKED), 1_000, staff, now)

    assert [entry["name"] for entry in board(now)["entries"]] == ["张*明"]


def test_who_shows_amounts_is_ranked_by_money_and_declared_value(staff, now):
    small = DonorFactory.create(name="小店", consent=Publicity.NAMED, show_amount=True)
    large = DonorFactory.create(name="大店", consent=Publicity.NAMED, show_amount=True)
    give_money(small, 5_000, staff, now)
    give_money(large, 2_000, staff, now)
    give_goods(large, 50, staff, now, valuation_fen=4_000)

    entries = board(now)["entries"]

    facts = [
        (entry["rank"], entry["name"], entry["money_fen"], entry["goods_valuation_fen"], entry["goods_items"])
        for entry in entries
    ]
    assert facts == [(1, "大店", 2_000, 4_000, 50), (2, "小店", 5_000, 0, 0)]


def test_equal_gifts_share_a_rank(staff, now):
    for name, fen in (("甲", 500), ("乙", 500), ("丙", 100)):
        give_money(DonorFactory.create(name=name, consent=Publicity.NAMED, show_amount=True), fen, staff, now)

    assert [(entry["rank"], entry["name"]) for entry in board(now)["entries"]] == [
        (1, "甲"),
        (1, "乙"),
        (3, "丙"),
    ]


def test_who_hides_amounts_follows_without_rank_and_without_any_figure(staff, now):
    quiet = DonorFactory.create(name="大善人", consent=Publicity.NAMED)
    loud = DonorFactory.create(name="小店", consent=Publicity.NAMED, show_amount=True)
    give_money(quiet, 9_999_999, staff, now)
    give_goods(quiet, 777, staff, now, valuation_fen=8_888)
    give_money(loud, 100, staff, now)

    entries = board(now)["entries"]

    assert [entry["name"] for entry in entries] == ["小店", "大善人"]
    assert entries[1] == {
        "rank": None,
        "name": "大善人",
        "picture": None,
        "kind": "enterprise",
        "kind_label": "企业商家",
        "money_fen": None,
        "goods_valuation_fen": None,
        "goods_items": None,
        "donations": 2,
        "last_on": "2026-09-11",
    }


def test_an_entry_never_holds_contact_credit_code_or_key(staff, now):
    donor = DonorFactory.create(
        consent=Publicity.NAMED, show_amount=True, credit_code="91350100M000100Y43", contact="13800001234"
    )
    give_money(donor, 100, staff, now)

    (entry,) = board(now)["entries"]

    told = str(entry)
    assert [secret for secret in ("91350100", "13800001234") if secret in told] == []
    assert sorted(entry) == [
        "donations",
        "goods_items",
        "goods_valuation_fen",
        "kind",
        "kind_label",
        "last_on",
        "money_fen",
        "name",
        "picture",
        "rank",
    ]


def test_a_board_is_of_a_subtree_of_regions(staff, now):
    give_money(DonorFactory.create(name="本地", consent=Publicity.NAMED), 100, staff, now)
    far = DonorFactory.create(
        name="外地", consent=Publicity.NAMED, region=RegionFactory.create(code=CHENGDU_JINJIANG)
    )
    give_money(far, 100, staff, now)

    def listed(region):
        return sorted(entry["name"] for entry in board(now, region=region)["entries"])

    assert listed("520000000000") == ["本地"]
    assert listed(COMMUNITY) == ["本地"]
    assert listed("") == ["外地", "本地"]


def test_a_board_is_of_a_period(staff, now):
    donor = DonorFactory.create(consent=Publicity.NAMED, show_amount=True)
    give_money(donor, 100, staff, now, on=date(2025, 12, 31))
    give_money(donor, 20, staff, now, on=date(2026, 1, 1))
    give_money(donor, 3, staff, now, on=date(2026, 8, 31))

    totals = {
        period: board(now, period=period)["totals"]["money_fen"]
        for period in ("all", "2025", "2026", "2026-01", "2026-08", "2026-09")
    }

    assert totals == {"all": 123, "2025": 100, "2026": 23, "2026-01": 20, "2026-08": 3, "2026-09": 0}


def test_a_page_says_what_it_is_of(now):
    page = board(now)

    assert {key: page[key] for key in ("board", "region", "period", "generated_at")} == {
        "board": "donors",
        "region": COMMUNITY,
        "period": "all",
        "generated_at": now.isoformat(),
    }
    assert page["region_label"].startswith("区划52")


def test_a_hundred_are_listed_at_most(staff, now):
    donors = Donor.objects.bulk_create(
        DonorFactory.build(
            name=f"商店{n}", consent=Publicity.NAMED, region_id=COMMUNITY, region=None, show_amount=n % 2 == 0
        )
        for n in range(104)
    )
    for donor in donors:
        give_money(donor, 100, staff, now)

    listed = entries(prefix="52", period=parse("all"))

    assert (len(listed), sum(entry["rank"] is not None for entry in listed)) == (100, 52)


@pytest.mark.parametrize("item_count", [1, 3])
def test_building_costs_the_same_queries_however_many_donors(
    staff, now, item_count, django_assert_num_queries
):
    for n in range(item_count):
        give_money(DonorFactory.create(consent=Publicity.NAMED, show_amount=n % 2 == 0), 100, staff, now)

    with django_assert_num_queries(7):
        page = board(now)

    assert len(page["entries"]) == item_count
