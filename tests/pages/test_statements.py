"""What a store publishes of a week and a month: the page, its figures, and the same as a workbook."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from points.market import services as market
from points.storebook.statement import periods_of
from tests.factories.giving import Door, make_door, signed
from tests.factories.market import StoreFactory
from tests.factories.regions import make_path
from tests.factories.stockroom import taken_home
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def then() -> datetime:
    """A moment of a month that is over."""
    return timezone.now() - timedelta(days=62)


@pytest.fixture
def door(then: datetime) -> Door:
    """Eight bags were given; three people took one each, one was torn."""
    make_path()
    made = make_door(name="光明粮油店", consent="named", show_amount=True)
    batch = signed(made, at=then).donation.lines.get().batch
    for _ in range(3):
        taken_home(made.rice, 1, by=made.clerk, at=then)
    market.write_off(batch_id=batch.pk, quantity=1, reason="破损", actor=made.clerk, at=then)
    return made


def month_of(door: Door) -> str:
    """The month in which it happened, as addresses write it."""
    months = [period for period in periods_of(door.store, at=timezone.now()) if not period.is_week]
    return months[-1].text


def figures(html: str) -> list[str]:
    """What the first list of figures says."""
    total = html.split('data-testid="total"')[1].split("</dl>", maxsplit=1)[0]
    return [part.split("<small>")[0] for part in total.replace("</dt><dd>", " ").split("<dt>")[1:]]


def test_a_month_adds_up_on_the_page_and_in_the_workbook(door: Door) -> None:
    listed = browser().get(reverse("pages:statements", args=[door.store.pk])).content.decode()
    page = reverse("pages:statement", args=[door.store.pk, month_of(door)])
    html = browser().get(page).content.decode()

    assert f'href="{page}"' in listed
    assert figures(html) == ["期初 0", "捐赠入库 8", "发放 3", "报损 1", "期末 4"]
    assert ('data-testid="people">3<' in html, "兑换积分</dt><dd>30" in html) == (True, True)
    assert "发放 3，报损 1，在库 4" in html.split('data-testid="donor"')[1]
    file = browser().get(reverse("pages:statement-xlsx", args=[door.store.pk, month_of(door)]))
    goods, more = load_workbook(BytesIO(b"".join(file.streaming_content))).worksheets
    heading, rice, total = ([cell.value for cell in row] for row in goods.rows)
    assert [f"{name} {number}" for name, number in zip(heading[2:], total[2:], strict=True) if number] == [
        "捐赠入库 8",
        "发放 3",
        "报损 1",
        "期末 4",
    ]
    assert (rice[:2], total[0]) == (["大米", "袋"], "合计")
    assert [cell.value for cell in list(more.rows)[1]] == ["光明粮油店", 8, 3, 1, 4]
    assert file["Content-Type"].endswith("spreadsheetml.sheet")


def test_neither_one_or_two_people_nor_a_donor_without_amounts_is_told(
    then: datetime,
) -> None:
    make_path()
    door = make_door(name="光明粮油店", consent="named")
    signed(door, at=then)
    taken = taken_home(door.rice, 1, by=door.clerk, at=then)
    assert taken.volunteer is not None

    html = browser().get(reverse("pages:statement", args=[door.store.pk, month_of(door)])).content.decode()

    assert ('data-testid="people">少于 3<' in html, "光明粮油店" in html) == (True, False)
    assert "爱心人士" in html.split('data-testid="donor"')[1]
    assert taken.volunteer.name not in html


def test_a_period_nobody_could_ask_for_is_refused_in_words(door: Door) -> None:
    today = timezone.localdate()
    year, week, _day = today.isocalendar()
    asked = {
        "2026-13": 400,
        "2026-00": 400,
        "2026-W00": 400,
        "2026-W54": 400,
        "2025-W53": 400,
        "1999-01": 400,
        "2026-1": 400,
        "２０２６-01": 400,
        "\x00": 400,
        "<i>": 400,
        "9" * 4000: 400,
        f"{today:%Y-%m}": 404,
        f"{year}-W{week:02}": 404,
        "2099-12": 404,
    }

    for period, status in asked.items():
        for page in ("statement", "statement-xlsx"):
            answer = browser().get(reverse(f"pages:{page}", args=[door.store.pk, period]))
            said = 'data-testid="refusal"' in answer.content.decode()
            assert (answer.status_code, said) == (status, True), period[:9]
    for page in ("statements", "statement", "statement-xlsx"):
        args = [2**63, "2026-09"][: 1 if page == "statements" else 2]
        assert browser().get(reverse(f"pages:{page}", args=args)).status_code == 404


def test_a_quiet_store_says_so(door: Door) -> None:
    quiet = StoreFactory.create(region=door.store.region)

    listed = browser().get(reverse("pages:statements", args=[quiet.pk])).content.decode()
    empty = browser().get(reverse("pages:statement", args=[quiet.pk, month_of(door)])).content.decode()

    assert ("还没有报表。" in listed, 'data-testid="period"' in listed) == (True, False)
    assert ("这段时间没有商品进出。" in empty, figures(empty)) == (True, ["期初 0", "期末 0"])
