"""Pages for everybody."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from points.boards.models import HoursTotal
from points.giving.choices import Publicity
from points.giving.services import set_donor_consent
from tests.factories.regions import COMMUNITY, GUIYANG, make_path
from tests.pages.scenes import browser, make_activity, make_donation, make_shift, make_shop, make_volunteer

pytestmark = pytest.mark.django_db


def _with_hours(name: str, minutes: int) -> None:
    HoursTotal.objects.create(
        volunteer=make_volunteer(name=name), period="all", region_code=COMMUNITY, minutes=minutes
    )


def test_home_says_what_this_is_before_anybody_has_done_anything() -> None:
    html = browser().get(reverse("pages:home")).content.decode()

    assert "成为志愿者" in html
    assert "眼下没有可报名的班次" in html


def test_home_shows_the_numbers_the_next_shifts_and_the_boards() -> None:
    make_shift(starts_in=timedelta(days=1))
    make_donation(make_shop())
    _with_hours("张晓明", 150)

    html = browser().get(reverse("pages:home")).content.decode()

    assert html.count('data-testid="shift"') == 1
    assert "光明粮油店" in html
    assert "张*明" in html
    assert "<dd>2.5<small>小时</small></dd>" in html


def test_the_first_three_stand_on_a_podium() -> None:
    for place, name in enumerate(["张晓明", "王小红", "李大华", "赵小云"]):
        _with_hours(name, 600 - place * 60)

    html = browser().get(reverse("pages:boards"), {"board": "hours"}).content.decode()

    podium = html.split('data-testid="podium"')[1].split("</ol>")[0]
    rest = html.split('data-testid="entries"')[1].split("</ol>")[0]
    assert all(name in podium for name in ["张*明", "王*红", "李*华"])
    assert "赵*云" in rest


def test_a_withdrawn_consent_takes_the_name_off_the_page(
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    donation = make_donation(make_shop(), name="光明粮油店")
    client = browser()
    before = client.get(reverse("pages:boards"), {"board": "donors"}).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        set_donor_consent(donor=donation.donor, consent=Publicity.HIDDEN, actor=None, at=timezone.now())
    after = client.get(reverse("pages:boards"), {"board": "donors"}).content.decode()

    assert "光明粮油店" in before
    assert "光明粮油店" not in after


@pytest.mark.parametrize("board", ["donors", "honors", "hours"])
def test_every_board_has_its_region_and_period_written_on_it(board: str) -> None:
    make_path()
    year = str(timezone.localdate().year)

    html = (
        browser()
        .get(reverse("pages:boards"), {"board": board, "region": GUIYANG, "period": year})
        .content.decode()
    )

    scope = html.split('data-testid="scope">')[1].split("<")[0]
    assert scope.endswith(year)
    assert "区划5201" in scope


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"board": "enemies"}, 404),
        ({"region": "abc"}, 400),
        ({"region": "999999999999"}, 400),
        ({"period": "soon"}, 400),
    ],
)
def test_a_board_that_cannot_be_says_so(query: dict[str, str], status: int) -> None:
    response = browser().get(reverse("pages:boards"), query)

    assert response.status_code == status
    assert 'data-testid="refusal"' in response.content.decode()


def test_activities_can_be_narrowed_to_a_category() -> None:
    make_shift(starts_in=timedelta(days=1))
    make_shift(starts_in=timedelta(days=1), activity=make_activity(category="culture", name="图书整理"))

    html = browser().get(reverse("pages:activities"), {"category": "culture"}).content.decode()

    assert "图书整理" in html
    assert "导诊" not in html


@pytest.mark.parametrize("query", [{"category": "nonsense"}, {"page": "999"}, {"page": "x"}])
def test_an_odd_filter_shows_the_list_all_the_same(query: dict[str, str]) -> None:
    make_shift(starts_in=timedelta(days=1))

    response = browser().get(reverse("pages:activities"), query)

    assert (response.status_code, response.content.decode().count('data-testid="shift"')) == (200, 1)


def test_a_donation_tells_where_its_goods_are_and_names_its_donor_only_while_they_agree() -> None:
    donation = make_donation(make_shop(), name="光明粮油店", quantity=50)

    html = browser().get(reverse("pages:donation", args=[donation.number])).content.decode()

    assert "捐赠的 50 袋大米0已经收到" in html
    assert "光明粮油店" in html

    set_donor_consent(donor=donation.donor, consent=Publicity.HIDDEN, actor=None, at=timezone.now())
    html = browser().get(reverse("pages:donation", args=[donation.number])).content.decode()
    assert "光明粮油店" not in html


@pytest.mark.parametrize("number", ["ZZZZZZZZZZZZ", "x", "张晓明"])
def test_a_donation_nobody_made_is_not_found(number: str) -> None:
    assert browser().get(reverse("pages:donation", args=[number])).status_code == 404
