"""`/boards/…`: public, cached, never a 500."""

import pytest

from points.boards import services
from tests.factories.regions import COMMUNITY, make_path

pytestmark = pytest.mark.django_db

BOARDS = [f"/api/v1/boards/{board}/" for board in ("donors", "honors", "hours")]


@pytest.fixture(autouse=True)
def community():
    return make_path(COMMUNITY)


@pytest.mark.parametrize("address", BOARDS)
def test_a_board_is_public(api, address):
    answer = api().get(address, {"region": COMMUNITY, "period": "2026"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert (answer.json()["region"], answer.json()["period"], answer.json()["entries"]) == (
        COMMUNITY,
        "2026",
        [],
    )


@pytest.mark.parametrize("address", BOARDS)
def test_everywhere_and_all_time_are_the_default(api, address):
    body = api().get(address).json()

    assert (body["region"], body["region_label"], body["period"]) == ("", "全部地区", "all")


@pytest.mark.parametrize("address", BOARDS)
def test_a_second_reader_costs_the_database_nothing(api, address, django_assert_num_queries):
    first = api().get(address)

    with django_assert_num_queries(0):
        second = api().get(address)

    assert second.content == first.content


def test_a_browser_asks_each_time_and_gets_nothing_twice(api):
    first = api().get(BOARDS[0])

    again = api().get(BOARDS[0], headers={"If-None-Match": first["ETag"]})

    assert (first["Cache-Control"], again.status_code, again.content) == ("no-cache", 304, b"")


def test_a_browser_gets_the_new_page_after_a_change(api, now):
    first = api().get(BOARDS[2])
    services.rebuild(at=now)

    again = api().get(BOARDS[2], headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 200


@pytest.mark.parametrize("address", BOARDS)
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"region": "x"}, "region_unknown"),
        ({"region": "52\x00"}, "region_unknown"),
        ({"region": "9" * 4000}, "region_unknown"),
        ({"region": "990000000000"}, "region_unknown"),
        ({"period": ""}, "period_invalid"),
        ({"period": "2026-13"}, "period_invalid"),
        ({"period": "<script>"}, "period_invalid"),
        ({"period": "2026\x00"}, "period_invalid"),
    ],
)
def test_what_is_no_region_or_period_is_refused(api, address, asked, code):
    answer = api().get(address, asked)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("address", BOARDS)
def test_a_board_is_read_only(api, address):
    assert api().post(address, {}).status_code == 405


def test_without_redis_a_board_is_still_there(api, settings):
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {**settings.CACHES, "default": away}

    assert [api().get(address).status_code for address in BOARDS] == [200, 200, 200]


def test_english_readers_get_english_labels(api):
    english = api().get(BOARDS[0], headers={"Accept-Language": "en"})
    chinese = api().get(BOARDS[0], headers={"Accept-Language": "zh-hans"})

    assert (english.status_code, chinese.json()["region_label"]) == (200, "全部地区")
