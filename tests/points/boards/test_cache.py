"""Pages in Redis: one round trip on a hit, no stale name, PostgreSQL when Redis is away."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from redis.exceptions import ConnectionError as RedisAway

from backend.accounts.scopes import Role
from backend.core import publicity
from backend.core.errors import NotFound
from backend.regions.errors import RegionUnknown
from points.boards import cache as board_cache
from points.boards import queries, services
from points.boards.cache import FRESH_SECONDS
from points.giving import services as giving
from points.giving.choices import Publicity
from points.giving.models import ConsentChange
from tests.factories.accounts import make_actor
from tests.factories.market import DonorFactory, HonorFactory, ProductFactory, clerk_of
from tests.factories.regions import COMMUNITY, make_path
from workers.handlers import HANDLERS

AWAY = "redis://127.0.0.1:1/0"  # nobody listens there


@pytest.fixture(autouse=True)
def community(db):
    return make_path(COMMUNITY)


@pytest.fixture
def staff():
    return make_actor(Role.PLATFORM_ADMIN)


@pytest.fixture
def donor(now):
    rice = ProductFactory.create()
    made = DonorFactory.create(name="便民超市", consent=Publicity.NAMED)
    giving.receive_goods(
        donor=made,
        store=rice.store,
        lines=[giving.GoodsLine(rice.pk, 5)],
        received_on=date(2026, 9, 1),
        purpose="",
        actor=clerk_of(rice.store),
        at=now,
    )
    return made


def page(now, board="donors", **which: Any):
    return queries.page_of(
        board=board, region=which.get("region", COMMUNITY), period=which.get("period", "all"), at=now
    )


def names_shown(now):
    return [entry["name"] for entry in queries.board(board="donors", region=COMMUNITY, at=now)["entries"]]


def test_a_second_look_asks_the_database_nothing(donor, now, django_assert_num_queries):
    first = page(now)

    with django_assert_num_queries(0):
        second = page(now)

    assert second == first


def test_boards_regions_and_periods_have_pages_of_their_own(donor, now):
    pages = {
        page(now).body,
        page(now, board="honors").body,
        page(now, region="520000000000").body,
        page(now, period="2026").body,
    }

    assert len(pages) == 4


def test_two_languages_have_pages_of_their_own(donor, now):
    page(now)

    with translation.override("en"):
        cache_keys = cache.get_many(
            [f"board:donors:{COMMUNITY}:all:en", f"board:donors:{COMMUNITY}:all:zh-hans"]
        )

    assert list(cache_keys) == [f"board:donors:{COMMUNITY}:all:zh-hans"]


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_name_is_gone_with_the_next_look(donor, staff, now):
    assert names_shown(now) == ["便民超市"]

    giving.set_donor_consent(donor=donor, consent=Publicity.HIDDEN, actor=staff, at=now)

    assert names_shown(now) == []


@pytest.mark.django_db(transaction=True)
def test_a_consent_that_is_rolled_back_changes_nothing(donor, staff, now):
    generation = cache.get(publicity.key("donors"))

    with transaction.atomic():
        giving.set_donor_consent(donor=donor, consent=Publicity.HIDDEN, actor=staff, at=now)
        transaction.set_rollback(True)

    assert cache.get(publicity.key("donors")) == generation
    assert names_shown(now) == ["便民超市"]


@pytest.mark.django_db(transaction=True)
def test_a_revoked_honour_is_gone_with_the_next_look(now):
    checker = make_actor(Role.COMMUNITY_STAFF, "52")
    honor = HonorFactory.create()
    services.publish_honor(honor_id=honor.pk, actor=checker, at=now)
    assert b"\xe7\x83\xad\xe5\xbf\x83\xe9\x82\xbb\xe5\xb1\x85" in page(now, board="honors").body

    services.set_honor_consent(honor_id=honor.pk, consent=False, actor=checker, at=now)

    assert queries.board(board="honors", region=COMMUNITY, at=now)["entries"] == []


def test_the_event_of_a_change_drops_the_page_too(donor, now):
    assert names_shown(now) == ["便民超市"]
    type(donor).objects.update(consent=Publicity.MASKED)
    ConsentChange.objects.create(
        donor=donor, matter="name", old=donor.consent, new=Publicity.MASKED, by="platform", at=now
    )

    HANDLERS["board.changed"]([{"board": "donors", "region": COMMUNITY}], at=now)

    assert names_shown(now) == ["便*市"]


def test_an_unknown_board_in_an_event_drops_nothing(donor, now):
    before = page(now)
    generation = cache.get(publicity.key("donors"))

    services.forget_pages(boards=["weather"])

    assert (cache.get(publicity.key("donors")), page(now)) == (generation, before)


def test_a_page_whose_building_began_before_the_change_is_not_served_after_it(donor, now):
    def build_while_consent_is_withdrawn():
        publicity.renew("donors")  # commits while the old names are still being put together
        return b"old names"

    board_cache.page(board="donors", key="k", at=now, build=build_while_consent_is_withdrawn)

    assert board_cache.page(board="donors", key="k", at=now, build=lambda: b"new names").body == b"new names"


def test_a_lost_generation_never_comes_back(donor, now):
    page(now)
    first = cache.get(publicity.key("donors"))
    cache.delete(publicity.key("donors"))

    page(now)

    assert cache.get(publicity.key("donors")) not in {None, first}


def test_an_aged_page_is_built_anew_by_one_and_served_to_the_others_meanwhile(now):
    later = now + timedelta(seconds=FRESH_SECONDS)
    board_cache.page(board="donors", key="k", at=now, build=lambda: b"first")
    seen_by_others = []

    def build_slowly():
        seen_by_others.append(
            board_cache.page(board="donors", key="k", at=later, build=lambda: b"not needed").body
        )
        return b"second"

    rebuilt = board_cache.page(board="donors", key="k", at=later, build=build_slowly)

    assert (rebuilt.body, seen_by_others) == (b"second", [b"first"])
    assert board_cache.page(board="donors", key="k", at=later, build=lambda: b"third").body == b"second"


def test_without_redis_the_board_is_read_from_postgresql(donor, now, settings):
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": AWAY}}

    assert names_shown(now) == ["便民超市"]


@pytest.mark.django_db(transaction=True)
def test_without_redis_a_consent_can_still_be_withdrawn(donor, staff, now, settings):
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": AWAY}}

    giving.set_donor_consent(donor=donor, consent=Publicity.HIDDEN, actor=staff, at=now)

    assert names_shown(now) == []


def test_without_redis_the_event_is_tried_again_later(settings):
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": AWAY}}

    with pytest.raises(RedisAway):
        services.forget_pages(boards=["donors"])


@pytest.mark.parametrize(
    "region", ["52", "5201020010010", "52010200100x", "５２０１０２００１００１", "52\x00"]
)
def test_a_region_is_twelve_digits(now, region):
    with pytest.raises(RegionUnknown):
        page(now, region=region)


def test_a_region_nobody_knows_is_refused_and_not_kept(now):
    with pytest.raises(RegionUnknown):
        page(now, region="990000000000")

    assert cache.get("board:donors:990000000000:all:zh-hans") is None


def test_there_are_three_boards(now):
    with pytest.raises(NotFound):
        page(now, board="weather")
