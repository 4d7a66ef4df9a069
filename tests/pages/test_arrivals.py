"""The page “when will my points come?” in each of its states."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.pages.arrivals import sentence_of, span
from points.arrivals.queries import Arrival, Pending
from points.arrivals.states import Stage
from tests.factories.attendance import AttendanceFactory, ServiceRecordFactory
from tests.factories.events import make_delivered, make_event
from tests.pages.scenes import browser, make_shift, make_volunteer
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db


TROUBLE = "有服务记录计分时出了问题。很抱歉让您等，积分不会丢。"


def arrivals(*stages: Stage) -> list[Arrival]:
    now = timezone.now()
    return [Arrival(stage, 1, "图书整理", now.date(), now) for stage in stages]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Pending(), "没有等待到账的积分，都算好了。"),
        (
            Pending(arrivals(Stage.COUNTING, Stage.COUNTING), ahead=35, expected_seconds=1),
            "还有 2 条服务记录正在计分，排在前面 35 条，通常 1 秒内到账。",
        ),
        (Pending(arrivals(Stage.COUNTING)), "还有 1 条服务记录正在计分，一般几秒钟到账。"),
        (
            Pending(arrivals(Stage.COUNTING), ahead=10_000, slow=True),
            "还有 1 条服务记录正在计分，排在前面 10000+ 条。现在比平时慢，积分不会丢，恢复后自动到账。",
        ),
        (Pending(arrivals(Stage.RETRYING)), "有服务记录计分时出了问题。很抱歉让您等，积分不会丢。"),
        (
            Pending(arrivals(Stage.STUCK, Stage.APPROVAL)),
            "有服务记录计分时出了问题。很抱歉让您等，积分不会丢。",
        ),
        (
            Pending(arrivals(Stage.APPROVAL)),
            "没有正在计分的记录。下面的服务还没确认，确认后才计分。",
        ),
    ],
)
def test_one_sentence_says_when(found: Pending, sentence: str) -> None:
    assert sentence_of(found) == sentence


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 秒"), (59, "59 秒"), (60, "1 分钟"), (61, "2 分钟"), (3600, "1 小时"), (3601, "2 小时")],
)
def test_a_length_of_time_is_never_said_to_be_shorter_than_it_is(seconds: int, said: str) -> None:
    assert span(seconds) == said


def test_the_page_shows_each_piece_of_service_where_it_is() -> None:
    volunteer = make_volunteer()
    counting, retried = _record(volunteer, days=2), _record(volunteer, days=3)
    _event(counting)
    _event(retried, attempts=2, due_at=timezone.now() + timedelta(minutes=1))
    AttendanceFactory(volunteer=volunteer, shift=make_shift(starts_in=timedelta(days=-4)))
    make_delivered(0.3)

    html = browser(volunteer.user).get(reverse("pages:points-when")).content.decode()

    assert "还有 1 条服务记录正在计分" in html
    assert "最近的积分，100 笔里有 95 笔在确认后 1 秒内到账。" in html
    assert [stage for stage in Stage if f'data-stage="{stage}"' in html] == [
        Stage.APPROVAL,
        Stage.COUNTING,
        Stage.RETRYING,
    ]
    assert "很抱歉，这几条没有一次算成。系统会自动再试，您不用做什么。" in html
    assert "再试</span>" in html
    assert 'hx-trigger="every 5s"' in html


def test_nothing_waiting_is_an_answer_and_the_page_stands_still() -> None:
    html = browser(make_volunteer().user).get(reverse("pages:points-when")).content.decode()

    assert "没有等待到账的积分，都算好了。" in html
    assert 'data-testid="empty"' in html
    assert "hx-trigger" not in html


def test_a_queue_that_stands_is_told_with_its_age() -> None:
    volunteer = make_volunteer()
    _event(_record(volunteer, days=2), age=timedelta(minutes=3))

    html = browser(volunteer.user).get(reverse("pages:points-when")).content.decode()

    assert "现在比平时慢，积分不会丢，恢复后自动到账。" in html
    assert "队列里最早的一条已经等了 3 分钟。" in html


def test_a_record_that_is_no_points_yet_leads_there() -> None:
    volunteer = make_volunteer()
    _event(_record(volunteer, days=2))

    html = browser(volunteer.user).get(reverse("pages:records")).content.decode()

    assert html.count('data-testid="uncounted"') == 1
    assert f'href="{reverse("pages:points-when")}"' in html


def _record(volunteer: object, *, days: int) -> ServiceRecord:
    made: ServiceRecord = ServiceRecordFactory(
        attendance__volunteer=volunteer, attendance__shift=make_shift(starts_in=-timedelta(days=days))
    )
    return made


def _event(record: ServiceRecord, **fields: object) -> None:
    make_event(key=f"volunteer:{record.volunteer_id}", payload={"record_id": record.pk}, **fields)
